"""Opening and sharing cases."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.permissions import may
from agencies.refusals import ActRefused, NotPermitted
from cases import workflow
from cases.access import forget_agencies
from cases.choices import GRANTED, AccessLevel, AccessPurpose, EventAction
from cases.models import Abduction, Case, CaseAccess

from .parts import end_releases


def next_number(series: str, year: int) -> int:
    """Return the next number of a series; the row's lock makes simultaneous callers wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_casenumber (series, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (series, year) DO UPDATE SET last = cases_casenumber.last + 1 RETURNING last",
            [series, year],
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def open_case(
    *,
    by: User,
    agency: Agency,
    is_exercise: bool = False,
    agency_reference: str = "",
    opened_at: datetime | None = None,
) -> Case:
    """Open a case in intake, led by this agency. `opened_at` is given only when history is taken over.

    Refuses a person who may not edit cases for the agency.
    """
    if not may(by, Capability.EDIT_CASES, agency):
        raise NotPermitted
    opened_at = opened_at or timezone.now()
    series = agency.subdivision_id or agency.country
    case = Case.objects.create(
        reference=f"{series}-{opened_at.year}-{next_number(series, opened_at.year):05d}",
        agency_reference=agency_reference,
        origin_country=agency.country,
        origin=agency.subdivision,
        lead_agency=agency,
        is_exercise=is_exercise,
        opened_at=opened_at,
        opened_by=by,
        facts_changed_at=opened_at,
    )
    # First of all: the database takes rows of a case only from agencies that are on it.
    CaseAccess.objects.create(
        case=case,
        agency=agency,
        level=AccessLevel.OWN,
        purpose=AccessPurpose.LEAD,
        opened_at=opened_at,
        granted_by=by,
    )
    Abduction.objects.create(case=case)
    workflow.note(case, EventAction.OPENED, by=by, agency=agency, subject=case)
    audit.record("case.opened", by=by, objects=[case], case_id=case.pk)
    return case


@transaction.atomic
def share_case(
    *, case: Case, agency: Agency, by: User, level: str, purpose: str, until: datetime | None = None,
    granted_for: Agency | None = None,
) -> CaseAccess:  # fmt: skip
    """Put an agency on a case, until a moment or until ended. An agency already there keeps what it has, or gets more.

    Advice comes below every other purpose: who works on the case goes on working when asked for advice, and who only
    gave advice may work on it once asked to. The right to share is checked by the act that shares.
    """
    if not agency.is_active:
        raise ActRefused(_("This agency no longer works in the portal."))
    access, made = CaseAccess.objects.get_or_create(
        case=case,
        agency=agency,
        defaults={
            "level": level, "purpose": purpose, "until": until, "opened_at": case.opened_at, "granted_by": by,
            "granted_for": granted_for,
        },
    )  # fmt: skip
    if not made:
        if not access.is_valid:  # what was given to it ended with its sight, and is given anew or not at all
            end_releases(case=case, agency=agency, by=by)
        _widen(access, level=level, purpose=purpose, until=until)
        if access.purpose == purpose:
            access.granted_by, access.granted_for, access.granted_at = by, granted_for, timezone.now()
            access.save(update_fields=["granted_by", "granted_for", "granted_at"])
    workflow.note(case, EventAction.SHARED, by=by, agency=agency, subject=access)
    audit.record("case.shared", by=by, objects=[access], case_id=case.pk, detail={"agency": agency.pk, "level": level})
    forget_agencies(case)
    return access


def _widen(access: CaseAccess, *, level: str, purpose: str, until: datetime | None) -> None:
    is_valid = access.until is None or access.until > timezone.now()
    if purpose == AccessPurpose.LEGAL:
        if is_valid and access.until is None:
            return
        if is_valid and access.until is not None and until is not None:
            until = max(access.until, until)
        access.until = until
        if not is_valid:
            access.level, access.purpose = level, purpose
    else:
        access.until = until
        if access.purpose in (AccessPurpose.LEGAL, *GRANTED) or not is_valid:
            access.level, access.purpose = _stronger(access, level, is_valid=is_valid), purpose
    access.save(update_fields=["level", "purpose", "until"])


def _stronger(access: CaseAccess, level: str, *, is_valid: bool) -> str:
    """Return the level after an agency is asked for an alert: it loses nothing that a share gave it."""
    keeps = is_valid and level == AccessLevel.LOOK and access.purpose in GRANTED
    return access.level if keeps else level
