"""What every template knows."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from agencies import access
from agencies.choices import LANGUAGE_TAGS
from agencies.models import Agency


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return the page's language tag, whether this is a demo, and for whom the person acts or could."""
    user = getattr(request, "user", None)

    def choices() -> list[Agency]:
        if user is None or not user.is_authenticated:
            return []
        acting = access.acting_agency_ids(user)
        agencies = list(Agency.objects.filter(pk__in=access.all_agency_ids(user)))
        for agency in agencies:
            agency.is_acting = agency.pk in acting  # type: ignore[attr-defined]
        return agencies

    listed = SimpleLazyObject(choices)
    return {
        "html_lang": LANGUAGE_TAGS[(get_language() or "en")[:2]],
        "is_demo": settings.IS_DEMO,
        "acting_choices": listed,
        "acting_agency": SimpleLazyObject(lambda: ", ".join(str(agency) for agency in listed if agency.is_acting)),
        "public_site": settings.SITE_URL,
        **_session_end(request),
    }


def _session_end(request: HttpRequest) -> dict[str, Any]:
    """Return when the session ends, on pages that may still be open 15 minutes before; nothing on any other (U36)."""
    user, session = getattr(request, "user", None), getattr(request, "session", None)
    if user is None or session is None or not user.is_authenticated or "started_at" not in session:
        return {}
    left = session["started_at"] + settings.SESSION_ABSOLUTE_SECONDS - time.time()
    if left > settings.SESSION_WARNING_SECONDS + settings.SESSION_IDLE_SECONDS:
        return {}
    return {
        "session_ends_at": timezone.now() + timedelta(seconds=left),
        "session_is_ending": left <= settings.SESSION_WARNING_SECONDS,
    }
