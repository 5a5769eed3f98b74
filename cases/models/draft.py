"""Drafts of intakes: what an agency has typed before a case exists, kept so that any colleague can go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.identifiers import uuid7

if TYPE_CHECKING:
    from agencies.models import User

MOST_LISTED = 20


class CaseDraftQuerySet(models.QuerySet["CaseDraft"]):
    """Drafts; they belong to an agency, not to a person (U31)."""

    def visible_to(self, user: User) -> CaseDraftQuerySet:
        """Return the drafts that are still drafts, of the agencies for which this person may open cases."""
        ids = access.agency_ids(user, Capability.EDIT_CASES)
        return self.filter(agency_id__in=ids, case__isnull=True) if ids else self.none()

    def newest(self, user: User) -> list[CaseDraft]:
        """Return the drafts that a list shows, the last saved first, with who saved them and for whom."""
        return list(self.visible_to(user).select_related("agency", "saved_by")[:MOST_LISTED])


class CaseDraft(models.Model):
    """An intake that is not a case yet: the form's fields as typed, by name, each with its list of values.

    Once it is opened as a case the row stays, empty, so that a late save of an open page finds out.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    content = models.JSONField(_("content"), default=dict)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    created_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("begun by"))
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    saved_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("saved by"))
    authors = models.ManyToManyField("agencies.User", related_name="+", verbose_name=_("authors"))
    case = models.OneToOneField(
        "cases.Case", models.CASCADE, null=True, blank=True, related_name="draft", verbose_name=_("opened as")
    )

    objects = CaseDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a case")
        verbose_name_plural = _("drafts of cases")
        ordering = ["-saved_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["agency", "-saved_at"], name="case_draft_of_agency", condition=models.Q(case__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def first(self, name: str) -> str:
        """Return the first value typed into a field, or an empty string."""
        values: list[Any] = self.content.get(name) or [""]
        return str(values[0])

    @property
    def about(self) -> str:
        """Return by what a colleague recognises the draft: the child's name, else the place."""
        names = (self.first(f"child-{part}") for part in ("given_names", "first_surname", "second_surname"))
        return " ".join(filter(None, names)) or self.first("event-place")

    @property
    def is_exercise(self) -> bool:
        """Say whether the draft is marked as an exercise so far."""
        return bool(self.first("is_exercise"))


class CaseDraftVersion(models.Model):
    """One saved version, so that two people's changes can be told apart field by field."""

    draft = models.ForeignKey(CaseDraft, models.CASCADE, related_name="versions", verbose_name=_("draft"))
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("content"), default=dict)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    saved_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("saved by"))

    class Meta:
        verbose_name = _("version of a draft")
        verbose_name_plural = _("versions of drafts")
        ordering = ["number"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="one_row_per_draft_version")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.number}"
