"""Authority to publish: per item and jurisdiction, who gave it, on which basis, until when (U28, domain §6)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country
from agencies.models import AlertProgram
from cases.choices import PublicItem

from .case import Case
from .code import CodeField
from .part import PartedQuerySet
from .scoped import CaseScoped, CaseScopedQuerySet

# Which of the three foreign keys names what an item is about.
SUBJECTS = {
    PublicItem.CHILD_NAME: "child",
    PublicItem.PHOTO: "photo",
    PublicItem.SUSPECT_NAME: "person",
    PublicItem.SUSPECT_DETAILS: "person",
}


class PublicationAuthorityQuerySet(CaseScopedQuerySet):
    """Authorities by time and jurisdiction."""

    def visible_to(self, user: Any) -> PublicationAuthorityQuerySet:
        """Return the authorities on visible cases, without those for what is police-only to this person."""
        found = super().visible_to(user)
        for name in ("photo", "person"):
            rows = PartedQuerySet(apps.get_model("cases", name)).visible_to(user)
            found = found.filter(Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__in": rows}))
        return found  # type: ignore[return-value]

    def valid(self, at: datetime | None = None) -> PublicationAuthorityQuerySet:
        """Return those that hold at a moment (now): neither taken back nor over."""
        moment = at or timezone.now()
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=moment), revoked_at__isnull=True)

    def for_program(self, program: AlertProgram) -> PublicationAuthorityQuerySet:
        """Return those given to this program or to every program of its country."""
        return self.filter(Q(program=program) | Q(country=program.country))


class PublicationAuthority(CaseScoped):
    """One item of a case may be published by one program, or by the programs of one country."""

    case = models.ForeignKey(
        "cases.Case", models.CASCADE, related_name="publication_authorities", verbose_name=_("case")
    )
    item = models.CharField(_("what may be published"), max_length=20, choices=PublicItem.choices)
    child = models.ForeignKey(
        "cases.Child", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("child")
    )
    person = models.ForeignKey(
        "cases.Person", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    photo = models.ForeignKey(
        "cases.Photo", models.CASCADE, null=True, blank=True, related_name="authorities", verbose_name=_("photo")
    )
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("alert program"),
    )  # fmt: skip
    country = models.CharField(_("programs of the country"), max_length=2, choices=Country.choices, blank=True)
    basis = CodeField(_("legal basis of publication"), list_name="publication_basis")
    authorizer = CodeField(_("authorized by"), list_name="publication_authorizer")
    authorizer_name = models.CharField(_("name and position"), max_length=160, blank=True)
    document = models.ForeignKey(
        "cases.Document", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed document")
    )
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    recorded_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )

    objects = PublicationAuthorityQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("authority to publish")
        verbose_name_plural = _("authorities to publish")
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["case", "item"], name="publication_of_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(program__isnull=False, country="") | Q(program__isnull=True) & ~Q(country=""),
                name="authority_names_one_jurisdiction",
            ),
            models.CheckConstraint(
                condition=Q(item="child_name", child__isnull=False, person__isnull=True, photo__isnull=True)
                | Q(item="photo", child__isnull=True, person__isnull=True, photo__isnull=False)
                | Q(
                    item__in=("suspect_name", "suspect_details"),
                    child__isnull=True, person__isnull=False, photo__isnull=True,
                ),
                name="authority_names_its_item",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="authority_revoked_at_and_by",
            ),
        ]  # fmt: skip

    @property
    def subject_id(self) -> uuid.UUID:
        """Return the id of the child, person or photo."""
        found: uuid.UUID = getattr(self, f"{SUBJECTS[PublicItem(self.item)]}_id")
        return found

    @property
    def is_valid(self) -> bool:
        """Say whether it holds now."""
        return self.revoked_at is None and (self.valid_until is None or self.valid_until > timezone.now())


@dataclass(frozen=True)
class Granted:
    """What one program may publish of one case now, and until when (None: without an end)."""

    until: dict[tuple[str, uuid.UUID], datetime | None] = field(default_factory=dict)

    def covers(self, item: str, subject_id: uuid.UUID | None) -> bool:
        """Say whether an authority for this item holds now."""
        return subject_id is not None and (str(item), subject_id) in self.until

    def ends(self, item: str, subject_id: uuid.UUID) -> datetime | None:
        """Return when the last authority for this item ends."""
        return self.until.get((str(item), subject_id))


def granted_to(program: AlertProgram, case: Case) -> Granted:
    """Return what the program may publish of the case at this moment; one query."""
    rows = PublicationAuthority.objects.valid().for_program(program).filter(case=case)  # type: ignore[attr-defined]
    return Granted(_latest_ends(rows))


def _latest_ends(rows: Iterable[PublicationAuthority]) -> dict[tuple[str, uuid.UUID], datetime | None]:
    found: dict[tuple[str, uuid.UUID], datetime | None] = {}
    for row in rows:
        key = (str(row.item), row.subject_id)
        known = found.get(key, row.valid_until)
        found[key] = None if known is None or row.valid_until is None else max(known, row.valid_until)
    return found
