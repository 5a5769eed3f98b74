"""Sealing a case, so that only named people see it, whatever their agency and role; and lifting the seal (ADR 65)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, audit
from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from cases import permissions, workflow
from cases.access import agencies_on
from cases.choices import EventAction, HandoverStatus
from cases.models import Case, CaseAccess, CaseHandover, CaseReader, CaseSeal


def possible_readers(case: Case) -> QuerySet[User]:
    """Return the people who read cases in the agencies on the case now: whoever is not named loses it."""
    held = access.memberships_with(Capability.VIEW_CASES, agencies_on(case))
    return User.objects.filter(pk__in=held.values("user")).order_by("full_name")


def reader_named(email: str) -> User | None:
    """Return the person with this address who reads cases in any agency, or None."""
    found = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    return found if found is not None and access.agency_ids_of([found.pk], Capability.VIEW_CASES) else None


def readers_now(case: Case) -> list[CaseReader]:
    """Return the readers who are named now, in the order in which they were named."""
    return list(CaseReader.objects.current().filter(case=case).select_related("user", "named_by"))


@transaction.atomic
def seal_case(*, case: Case, by: User, reason: str, readers: Iterable[User]) -> CaseSeal:
    """Seal a case; from the next request on only the named readers and who sealed it find it, in every agency.

    Refuses everybody but the lead agency's coordinators, a case that is sealed or offered to another agency, and, by
    the signal, a program that would be left with an act that nobody named could do.
    """
    if not permissions.can_seal(by, case):
        raise NotPermitted
    # The whole row: an agency that comes on the case at this moment waits, and then finds it sealed.
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",)))
    if case.is_sealed:
        raise ActRefused(_("This case is sealed already."))
    if not reason:
        raise ActRefused(_("Choose a reason."))
    if CaseHandover.objects.filter(case=case, status=HandoverStatus.OFFERED).exists():
        raise ActRefused(_("This case is offered to another agency. Withdraw the offer first."))
    # The readers first: the policies ask for them as soon as the case is sealed.
    named = {reader.pk: reader for reader in (by, *readers)}
    CaseReader.objects.bulk_create([CaseReader(case=case, user=reader, named_by=by) for reader in named.values()])
    seal = CaseSeal.objects.create(case=case, reason=reason, sealed_by=by)
    CaseAccess.objects.filter(case=case).update(is_sealed=True)
    workflow.note(case, EventAction.SEALED, by=by, agency=case.lead_agency, subject=seal)
    audit.record(
        "case.sealed", by=by, objects=[case], case_id=case.pk,
        detail={"reason": reason, "readers": [str(key) for key in named]},
    )  # fmt: skip
    workflow.announce(seal, "seal", by=by)
    return seal


@transaction.atomic
def unseal_case(*, case: Case, by: User, reason: str) -> None:
    """Lift the seal: the agencies on the case find it again. Refuses whoever may not, and a case that is not sealed."""
    seal = _sealed(case, by)
    if not reason:
        raise ActRefused(_("Choose a reason."))
    now = timezone.now()
    seal.lifted_at, seal.lifted_by, seal.lift_reason = now, by, reason
    CaseAccess.objects.filter(case=case).update(is_sealed=False)
    seal.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    CaseReader.objects.current().filter(case=case).update(ended_at=now, ended_by=by)
    workflow.note(case, EventAction.UNSEALED, by=by, agency=case.lead_agency, subject=seal)
    audit.record("case.unsealed", by=by, objects=[case], case_id=case.pk, detail={"reason": reason})


@transaction.atomic
def name_reader(*, case: Case, by: User, reader: User) -> CaseReader:
    """Name one person more. Refuses whoever may not, and somebody who is named already or reads cases nowhere."""
    seal = _sealed(case, by)
    if not access.agency_ids_of([reader.pk], Capability.VIEW_CASES):
        raise ActRefused(_("This person reads cases in no agency."))
    if CaseReader.objects.current().filter(case=case, user=reader).exists():
        raise ActRefused(_("This person is named already."))
    named = CaseReader.objects.create(case=case, user=reader, named_by=by)
    workflow.note(case, EventAction.READER_NAMED, by=by, agency=case.lead_agency, subject=named)
    audit.record("case.reader_named", by=by, objects=[named], case_id=case.pk, detail={"reader": str(reader.pk)})
    workflow.announce(seal, "reader_named", by=by)
    return named


@transaction.atomic
def remove_reader(*, reader: CaseReader, by: User) -> None:
    """Take one person off the list. Refuses whoever may not, and the last one who could lift the seal again."""
    case = reader.case
    seal = _sealed(case, by)
    reader.refresh_from_db(from_queryset=CaseReader.objects.select_for_update(of=("self",)).select_related("case"))
    if reader.ended_at is not None:
        raise ActRefused(_("This person is no longer named."))
    others = CaseReader.objects.current().filter(case=case).exclude(pk=reader.pk).values_list("user_id", flat=True)
    able = access.agency_ids_of(others, Capability.SEAL_CASES)
    if not any(case.lead_agency_id in held for held in able.values()):
        raise ActRefused(_("The last reader who can lift the seal stays: otherwise no one could find the case again."))
    reader.ended_at, reader.ended_by = timezone.now(), by
    reader.save(update_fields=["ended_at", "ended_by"])
    workflow.note(case, EventAction.READER_REMOVED, by=by, agency=case.lead_agency, subject=reader)
    audit.record(
        "case.reader_removed", by=by, objects=[reader], case_id=case.pk, detail={"reader": str(reader.user_id)}
    )  # fmt: skip
    workflow.announce(seal, "reader_removed", by=by)


def _sealed(case: Case, by: User) -> CaseSeal:
    """Return the seal that holds, under the lock of the case. Refuses whoever may not lift it."""
    if not permissions.can_seal(by, case):
        raise NotPermitted
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",), no_key=True))
    seal = CaseSeal.objects.current().filter(case=case).first()
    if seal is None:
        raise ActRefused(_("This case is not sealed."))
    return seal
