"""Who opened what of a case, read from the audit trail: names and codes, never what was shown."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agencies import access
from agencies.audit import SharedFor
from agencies.choices import AuditPurpose, Capability
from agencies.keyset import PAGE_SIZE, key_of, read_key
from agencies.models import Agency, AuditEvent, User
from cases.access import agencies_on
from cases.choices import AccessLevel, AccessPurpose
from cases.models import Case, CaseAccess

PRINTED = "_printed"
HISTORY_READ = "case_history.read"


@dataclass(frozen=True)
class Access:
    """One look: who, for which agencies, when, at what, through which door and for what purpose."""

    event_id: uuid.UUID
    at: datetime
    person: str
    agencies: str
    what: str
    channel: str
    purpose: str


@dataclass(frozen=True)
class AccessPage:
    """Some looks, newest first, and the key of the next page, empty on the last."""

    rows: list[Access]
    after: str


def shared_for(agency_ids: Iterable[int], case_ids: list[uuid.UUID]) -> SharedFor:
    """Return for what purpose agencies meet these cases: of each case that they do not lead the share, and why.

    One query for any number of cases. Who is on a case by several agencies meets it by the share that came first.
    """
    rows = CaseAccess.objects.valid().filter(case__in=case_ids, agency_id__in=agency_ids)  # type: ignore[attr-defined]
    shares: dict[str, list[object]] = {}
    led: set[str] = set()
    for share, case_id, level, purpose in rows.order_by("pk").values_list("pk", "case", "level", "purpose"):
        if level == AccessLevel.OWN:
            led.add(str(case_id))
        shares.setdefault(str(case_id), [share, str(purpose)])
    shares = {key: share for key, share in shares.items() if key not in led}
    purposes = {str(purpose) for _share, purpose in shares.values()}
    return SharedFor(AuditPurpose.SEVERAL if len(purposes) > 1 else "".join(purposes), shares)


def accesses_of(case: Case, *, reader: User, after: str = "") -> AccessPage:
    """Return one page of what was shown of a case, in a constant number of queries.

    The lead agency sees everybody, any other agency its own people. Refused attempts showed nothing and are left out.
    Refuses a malformed key with ValueError.
    """
    events = AuditEvent.objects.reads().of_case(case.pk)
    mine = access.agency_ids(reader, Capability.READ_AUDIT) & agencies_on(case)
    if case.lead_agency_id not in mine:
        events = events.filter(agency_ids__overlap=sorted(mine))
    if after:
        moment, event_id = read_key(after)
        events = events.filter(Q(at__lt=moment) | Q(at=moment, pk__lt=event_id))
    found = in_words(events.order_by("-at", "-pk")[: PAGE_SIZE + 1], case)
    shown = found[:PAGE_SIZE]
    following = key_of(shown[-1].at, shown[-1].event_id) if len(found) > PAGE_SIZE else ""
    return AccessPage(shown, following)


def looks_of(case: Case, *, agency_ids: Iterable[int], since: datetime, limit: int) -> list[Access]:
    """Return the newest looks at a case by the people of some agencies since a moment (U35)."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.reads().of_case(case.pk)
    events = events.filter(agency_ids__overlap=sorted(agency_ids), at__gte=since)
    return in_words(events.order_by("-at", "-pk")[:limit], case)


def in_words(events: QuerySet[AuditEvent], case: Case) -> list[Access]:
    """Return what events say, with names: two queries for any number of events, one more where an agency that was
    never on the case reads about it."""
    name = User.objects.filter(pk=OuterRef("actor_id")).values("full_name")[:1]
    found = list(events.annotate(person_name=Subquery(name)))
    shares = {share.agency_id: share for share in CaseAccess.objects.filter(case=case).select_related("agency")}
    agencies = {key: share.agency for key, share in shares.items()}
    agencies |= Agency.objects.in_bulk(
        list({key for event in found for key in _concerned(event, shares)} - set(shares))
    )
    return [_in_words(event, case.pk, agencies, shares) for event in found]


def _concerned(event: AuditEvent, shares: dict[int, CaseAccess]) -> list[int]:
    """Return for which agencies a person looked: those that were on the case, else all of theirs."""
    return [key for key in event.agency_ids if key in shares] or event.agency_ids


def _purpose(event: AuditEvent, case_id: uuid.UUID) -> str:
    """Return the purpose that the event holds for this case: the one given, or that of the share it points to."""
    share = event.detail.get("shares", {}).get(str(case_id))
    if share and event.purpose in (*AccessPurpose.values, AuditPurpose.SEVERAL):
        return str(AccessPurpose(share[1]).label)
    return "" if event.purpose == AuditPurpose.SEVERAL else str(event.get_purpose_display())


def _in_words(event: Any, case_id: uuid.UUID, agencies: dict[int, Agency], shares: dict[int, CaseAccess]) -> Access:
    concerned = _concerned(event, shares)
    purposes = {shares[key].get_purpose_display() for key in concerned if key in shares}
    return Access(
        event_id=event.pk,
        at=event.at,
        person=event.person_name or "",
        agencies=", ".join(str(agencies[key]) for key in concerned if key in agencies),
        what=what_was_shown(event),
        channel=event.get_channel_display(),
        purpose=_purpose(event, case_id) or ", ".join(sorted(map(str, purposes))),
    )


def what_was_shown(event: AuditEvent) -> str:
    """Return in words what an answer was about."""
    try:
        kind = capfirst(str(apps.get_model(event.object_type)._meta.verbose_name))
    except (LookupError, ValueError):  # a kind that the portal no longer has
        kind = event.object_type
    if event.action.endswith(PRINTED):
        return _("Sheet: %(kind)s") % {"kind": kind}
    if event.action == HISTORY_READ:
        return _("History of the fields")
    if event.case_id is None:
        return _("List: %(kind)s") % {"kind": kind}
    return kind


def events_about(case_id: uuid.UUID, child_id: uuid.UUID) -> QuerySet[AuditEvent]:
    """Return every event about a case of a child, oldest first: reads, changes, sheets, and refused attempts."""
    ids = [str(case_id), str(child_id)]
    refused = Q(action="request.refused") & (Q(detail__ids__contains=ids[:1]) | Q(detail__ids__contains=ids[1:]))
    return AuditEvent.objects.filter(Q(case_ids__contains=[case_id]) | refused).order_by("at", "pk")
