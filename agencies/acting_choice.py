"""For which of their agencies somebody acts: chosen once in a session, or said with a request of the API (U36)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from agencies import access
from agencies.models import Agency, User

KEPT_AS = "acts_for"
HEADER = "X-Acting-Agency"


def chosen_agency_ids(request: HttpRequest) -> frozenset[int]:
    """Return the agency that this person acts for in this request; none while one of several has to be chosen.

    Who holds roles in one agency only acts for that one. A choice counts as long as the person holds a role there:
    when it ends nothing is chosen, and nobody acts for another agency without having said so.
    """
    held = access.all_agency_ids(request.user)
    code = request.headers.get(HEADER) if request.path_info.startswith("/api/") else None
    if code is not None:
        named = Agency.objects.filter(pk__in=held, code=code.replace("\0", ""))
        return frozenset(named.values_list("pk", flat=True))
    return held if len(held) < 2 else held & {request.session.get(KEPT_AS)}


def choose(request: HttpRequest, agency_id: int) -> None:
    """Keep the choice for this session."""
    request.session[KEPT_AS] = agency_id


def time_zone_of(user: User | AnonymousUser) -> str:
    """Return the zone whose clock this person reads (U25): their own, else that of the agency they act for, else UTC.

    UTC is what an account has before anybody chose a zone for it. Who acts for agencies in several zones gets UTC too.
    """
    own = user.time_zone if user.is_authenticated else settings.TIME_ZONE
    if own != settings.TIME_ZONE:
        return own
    acting = access.acting_agency_ids(user)  # reads the zones of the person's agencies with their rights
    known: dict[int, str] = getattr(user, "_zones_now", {})
    zones = {zone for agency, zone in known.items() if agency in acting}
    return zones.pop() if len(zones) == 1 else own
