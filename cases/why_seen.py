"""Why a person sees a case, or which link is missing: the chain that the gateway walks, one link after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import AgencyGroupPermission, Membership, User
from cases.models import Case, CaseAccess, CaseReader
from cases.permissions import agencies_explained_by


@dataclass(frozen=True)
class Chain:
    """One membership of the person, and how far it leads toward the case."""

    membership: Membership
    share: CaseAccess | None
    missing: list[Any] = field(default_factory=list)

    @property
    def leads_to_case(self) -> bool:
        """Say whether this membership alone lets the person read the case."""
        return not self.missing


@dataclass(frozen=True)
class Explanation:
    """Whether one person sees one case now, and every chain that leads there or breaks off."""

    person: User
    sees: bool
    chains: list[Chain]


def people_to_ask_about(reader: User, case: Case) -> QuerySet[User]:
    """Return the people about whom the reader may ask: of their own agencies and of every agency ever on the case."""
    return User.objects.filter(memberships__agency_id__in=_agencies(reader, case)).distinct().order_by("full_name")


def explain(person: User, case: Case, *, reader: User) -> Explanation:
    """Return why this person sees the case. Memberships in agencies that are none of the reader's business stay out."""
    shares = {share.agency_id: share for share in _shares(case)}
    memberships = list(
        Membership.objects.filter(user=person, agency_id__in=_agencies(reader, case))
        .select_related("agency")
        .order_by("agency", "valid_from")
    )
    readers = _roles_that_read({membership.agency_id for membership in memberships})
    chains = [
        Chain(
            membership,
            shares.get(membership.agency_id),
            _missing(person, membership, readers, shares) + _not_named(person, case),
        )
        for membership in memberships
    ]
    sees = Case.objects.visible_to(person).filter(pk=case.pk).exists()  # type: ignore[attr-defined]
    return Explanation(person, sees, chains)


def _shares(case: Case) -> QuerySet[CaseAccess]:
    return CaseAccess.objects.filter(case=case).select_related("agency", "granted_by")


def _agencies(reader: User, case: Case) -> set[int]:
    return set(agencies_explained_by(reader)) | set(_shares(case).values_list("agency_id", flat=True))


def _roles_that_read(agency_ids: set[int]) -> set[tuple[int, str]]:
    """Return which role of which agency holds the right to read cases, as guardian's rows say."""
    rows = AgencyGroupPermission.objects.filter(
        Q(content_object_id__in=agency_ids), permission__codename=Capability.VIEW_CASES
    )
    return set(rows.values_list("content_object_id", "group__rolegroup__role"))


def _missing(
    person: User, membership: Membership, readers: set[tuple[int, str]], shares: dict[int, CaseAccess]
) -> list[Any]:
    now, share = timezone.now(), shares.get(membership.agency_id)
    links = (
        (person.is_active, _("The account is switched off.")),
        (membership.agency.is_active, _("The agency no longer works in the portal.")),
        (membership.valid_from <= now, _("The membership has not begun.")),
        (membership.valid_until is None or membership.valid_until > now, _("The membership has ended.")),
        ((membership.agency_id, membership.role) in readers, _("This role does not read cases.")),
        (share is not None, _("The agency is not on this case.")),
        (share is None or share.until is None or share.until > now, _("The agency's access to the case has ended.")),
    )
    return [words for holds, words in links if not holds]


def _not_named(person: User, case: Case) -> list[Any]:
    is_named = not case.is_sealed or CaseReader.objects.current().filter(case=case, user=person).exists()
    return [] if is_named else [_("The case is sealed, and this person is not named as a reader.")]
