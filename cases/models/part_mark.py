"""Who marked a part of a case as police-only or released, when and why; and who was given a police-only part."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import PartGroup, PartReason

from .scoped import CaseScoped, CaseScopedQuerySet


class OfAPart(CaseScoped):
    """Names a part: the kind and id of its row, and the group."""

    subject_type = models.CharField(_("kind of object"), max_length=40)
    subject_id = models.UUIDField(_("object"))
    group = models.CharField(_("part"), max_length=10, choices=PartGroup.choices)
    reason = models.CharField(_("reason"), max_length=14, choices=PartReason.choices)

    class Meta(CaseScoped.Meta):
        abstract = True


class PartMark(OfAPart):
    """One decision about one part. A later one replaces it; the row's `part_marks` repeats the one that counts."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="part_decisions", verbose_name=_("case"))
    is_police_only = models.BooleanField(_("police only"))
    marked_at = models.DateTimeField(_("marked"), default=timezone.now)
    marked_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("marked by"))
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = CaseScopedQuerySet.as_manager()  # type: ignore[misc]

    class Meta(OfAPart.Meta):
        verbose_name = _("mark of a part")
        verbose_name_plural = _("marks of parts")
        ordering = ["marked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "group"], condition=Q(replaced_at__isnull=True), name="one_mark_per_part"
            )
        ]


class PartReleaseQuerySet(CaseScopedQuerySet):
    """Releases by whether they still count."""

    def current(self) -> PartReleaseQuerySet:
        """Return those that nobody has taken back; that the agency still reads the case is another question."""
        return self.filter(ended_at__isnull=True)


class PartRelease(OfAPart):
    """One police-only part that one agency may read, under its own law, while it is on the case."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="part_releases", verbose_name=_("case"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    given_at = models.DateTimeField(_("handed over"), default=timezone.now)
    given_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("handed over by"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )

    objects = PartReleaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta(OfAPart.Meta):
        verbose_name = _("part given to an agency")
        verbose_name_plural = _("parts given to agencies")
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "subject_id", "group"], condition=Q(ended_at__isnull=True),
                name="one_release_per_agency_and_part",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["case", "agency"], name="part_release_of_case")]
