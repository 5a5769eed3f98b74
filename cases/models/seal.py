"""Sealed cases: a case that only named people see, whatever their agency and their role (ADR 65)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .case import Case
from .code import CodeField

if TYPE_CHECKING:
    from agencies.models import User


class CaseSealQuerySet(models.QuerySet["CaseSeal"]):
    """Seals by time."""

    def current(self) -> CaseSealQuerySet:
        """Return the seals that hold now."""
        return self.filter(lifted_at__isnull=True)


class CaseSeal(models.Model):
    """One sealing of a case, from the act to the lifting."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="seals", verbose_name=_("case"))
    reason = CodeField(_("reason"), list_name="seal_reason", blank=False)
    sealed_at = models.DateTimeField(_("when it was sealed"), default=timezone.now)
    sealed_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("sealed by"))
    lifted_at = models.DateTimeField(_("seal lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("seal lifted by")
    )
    lift_reason = CodeField(_("reason of the lifting"), list_name="unseal_reason")

    objects = CaseSealQuerySet.as_manager()

    class Meta:
        verbose_name = _("seal of a case")
        verbose_name_plural = _("seals of cases")
        ordering = ["-sealed_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(lifted_at__isnull=True), name="one_seal_per_case"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason=""),
                name="seal_lifting_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} – {self._meta.verbose_name}"


class CaseReaderQuerySet(models.QuerySet["CaseReader"]):
    """Readers by time."""

    def current(self) -> CaseReaderQuerySet:
        """Return those who are named now."""
        return self.filter(ended_at__isnull=True)


class CaseReader(models.Model):
    """One person named as a reader of a sealed case. It widens nothing: their agency must be on the case as well."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="readers", verbose_name=_("case"))
    user = models.ForeignKey(
        "agencies.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("reader")
    )  # fmt: skip
    named_at = models.DateTimeField(_("named"), default=timezone.now)
    # Nobody: an operator of the portal, where no reader could lift the seal any more.
    named_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("named by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    objects = CaseReaderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader of a sealed case")
        verbose_name_plural = _("readers of sealed cases")
        ordering = ["named_at", "pk"]
        default_permissions = ("view",)
        constraints = [
            # Also the index that the policies look into.
            models.UniqueConstraint(
                fields=["case", "user"], condition=Q(ended_at__isnull=True), name="one_reader_per_case_and_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} – {self._meta.verbose_name}"


def open_to(user: User, case: str = "case") -> Q:
    """Return the condition for rows of cases that are not sealed, or that name this person. `case` is the path."""
    readers = CaseReader.objects.current().filter(case=OuterRef(case), user=user.pk)
    return ~Exists(CaseSeal.objects.current().filter(case=OuterRef(case))) | Exists(readers)  # type: ignore[return-value]


def unsealed() -> Q:
    """Return the condition for cases that nobody has sealed."""
    return Q(~Exists(CaseSeal.objects.current().filter(case=OuterRef("pk"))))


def readers_of(case_id: uuid.UUID) -> frozenset[uuid.UUID] | None:
    """Return the ids of the readers of a sealed case, or None where it is not sealed."""
    return readers_of_sealed([case_id]).get(case_id)


def readers_of_sealed(case_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return the ids of the readers of those of these cases that are sealed: one query, and one more if any is."""
    sealed = list(CaseSeal.objects.current().filter(case__in=list(case_ids)).values_list("case_id", flat=True))
    if not sealed:
        return {}
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for case_id, user_id in CaseReader.objects.current().filter(case__in=sealed).values_list("case_id", "user_id"):
        found[case_id].add(user_id)
    return {case_id: frozenset(found[case_id]) for case_id in sealed}
