"""Sharing a case by hand: with whom, to do what, why and until when; and taking it back at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, audit, scope
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import forget_agencies, working_on
from cases.choices import GRANTED, SHARED_BY_HAND, AccessLevel, EventAction
from cases.models import Case, CaseAccess, PartRelease
from cases.models.part import forget_rights
from cases.services.files import share_case
from cases.services.parts import end_releases, give_parts

MOST_HOURS = 90 * 24  # a share ends by itself; whoever still needs it is given it again
SHARED_LEVELS = (AccessLevel.LOOK, AccessLevel.CONTRIBUTE, AccessLevel.MANAGE)


def levels_offered(user: User, case: Case) -> tuple[str, ...]:
    """Return what this person may give: only the lead agency lets another one share the case on."""
    return SHARED_LEVELS if permissions.can_lead_case(user, case) else SHARED_LEVELS[:2]


def possible_partners(case: Case) -> QuerySet[Agency]:
    """Return the agencies with which the case may be shared: all but those on it by a part of their own."""
    on_it = CaseAccess.objects.valid().filter(case=case).exclude(purpose__in=GRANTED)
    return Agency.objects.active().exclude(pk__in=on_it.values("agency")).order_by("country", "name")


def shares_of(case: Case) -> list[CaseAccess]:
    """Return every agency that is or was on the case, with who put it there, the running ones first."""
    rows = CaseAccess.objects.filter(case=case).select_related("agency", "granted_by", "granted_for")
    return sorted(rows, key=lambda share: (not share.is_valid, share.granted_at, share.pk))


@transaction.atomic
def share_by_hand(
    *, case: Case, by: User, agency: Agency, level: str, purpose: str, hours: int,
    parts: Collection[str] = (),
) -> CaseAccess:  # fmt: skip
    """Share a case with another agency for some hours, at most 90 days; a share that it has is replaced.

    Everybody there who may read cases reads this one as it is; what they may do besides says `level`. Police-only parts
    go along only where `parts` names them, and only the lead agency names any. Refuses
    everybody but the lead agency and those that manage the case, a level or a purpose that is not theirs to give, and
    an agency that is on the case by a part of its own.
    """
    if not permissions.can_share(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    if level not in levels_offered(by, case):
        raise ActRefused(_("Your agency cannot give this level."))
    if purpose not in SHARED_BY_HAND or not 1 <= hours <= MOST_HOURS:
        raise ActRefused(_("Say why, and for how long: at most 90 days."))
    if not possible_partners(case).filter(pk=agency.pk).exists():
        raise ActRefused(_("This agency is on the case already by a part of its own."))
    held = CaseAccess.objects.select_for_update(of=("self",)).filter(case=case, agency=agency).first()
    if held is not None and held.is_valid and not permissions.can_end_share(by, held):
        raise ActRefused(_("Another agency granted this share; only that agency or the lead agency changes it."))
    if held is not None:  # what was narrower or ended counts no more
        held.level, held.purpose, held.until = level, purpose, timezone.now()
        held.save(update_fields=["level", "purpose", "until"])
    share = share_case(
        case=case, agency=agency, by=by, level=level, purpose=purpose, granted_for=_granting(by, case),
        until=timezone.now() + timedelta(hours=hours),
    )  # fmt: skip
    if parts:
        give_parts(case=case, by=by, agency=agency, keys=parts)
    return share


@contextmanager
def as_they_will_see(*, case: Case, by: User, agency: Agency, **values: Any) -> Iterator[User]:
    """Share a case for the time of a block that acts for the other agency, and take everything back afterwards.

    Yields somebody who only reads cases for that agency: what is drawn for them comes from the same gateway as later.
    Refuses what `share_by_hand` refuses, and a sealed case.
    """
    if case.is_sealed:
        raise ActRefused(_("Only named people see a sealed case; there is nothing to preview."))
    with transaction.atomic():
        share_by_hand(case=case, by=by, agency=agency, **values)
        newcomer = _as_newcomer(case, agency)
        # For the rows, too, the other agency asks: parts that are police-only to it are not even read.
        with scope.acting_for([newcomer.pk]):
            yield _reader(newcomer, by)
        transaction.set_rollback(True)
    forget_agencies(case)


def _as_newcomer(case: Case, agency: Agency) -> Agency:
    """Put somebody exactly like an agency in its place on a case, who has never been there; all is rolled back later.

    What the agency keeps to itself from an earlier part in the case (opinions, drafts, entries of its own) is none of
    the previewer's business, and none of what a share shows.
    """
    newcomer = Agency.objects.get(pk=agency.pk)
    newcomer.pk, newcomer.code, newcomer._state.adding = None, f"preview-{uuid.uuid4().hex[:12]}", True
    newcomer.save()
    CaseAccess.objects.filter(case=case, agency=agency).update(agency=newcomer)
    PartRelease.objects.current().filter(case=case, agency=agency).update(agency=newcomer)  # type: ignore[attr-defined]
    forget_rights()
    forget_agencies(case)
    return newcomer


def _reader(agency: Agency, like: User) -> User:
    """Return somebody who only reads cases for an agency: no row of the database, in the asker's language and zone."""
    reader = User(email="", full_name=str(agency), language=like.language, time_zone=like.time_zone)
    reader._capabilities_now = {str(Capability.VIEW_CASES): frozenset({agency.pk})}  # type: ignore[attr-defined]
    return reader


@transaction.atomic
def end_share(*, share: CaseAccess, by: User) -> None:
    """Withdraw a share at once: from the next request on the agency does not find the case any more.

    Refuses whoever may not, and an agency that is on the case by a part of its own: its sight ends with that part.
    """
    if not permissions.can_share(by, share.case):
        raise NotPermitted
    share.refresh_from_db(from_queryset=CaseAccess.objects.select_for_update(of=("self",)).select_related("case"))
    if share.purpose not in GRANTED:
        raise ActRefused(_("This agency is on the case by a part of its own; its sight ends with that part."))
    if not permissions.can_end_share(by, share):
        raise ActRefused(_("Another agency granted this share; only that agency or the lead agency changes it."))
    if not share.is_valid:
        raise ActRefused(_("This share has ended already."))
    share.until = timezone.now()
    share.save(update_fields=["until"])
    workflow.note(share.case, EventAction.SHARE_ENDED, by=by, agency=_granting(by, share.case), subject=share)
    audit.record(
        "case.share_ended", by=by, objects=[share], case_id=share.case_id, field_names=["until"],
        detail={"agency": share.agency_id},
    )  # fmt: skip
    end_releases(case=share.case, agency=share.agency, by=by)
    forget_agencies(share.case)


def _granting(by: User, case: Case) -> Agency:
    """Return for which of their agencies somebody shares: the lead agency before any other."""
    ids = access.agency_ids(by, Capability.EDIT_CASES) & working_on(case, AccessLevel.OWN, AccessLevel.MANAGE)
    return Agency.objects.get(pk=case.lead_agency_id if case.lead_agency_id in ids else min(ids))
