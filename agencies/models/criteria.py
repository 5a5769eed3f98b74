"""Activation criteria: versioned rows with a source, never code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import AbductionTest, ParentalPolicy, PublicField, RunawayPolicy

if TYPE_CHECKING:
    from .alert_program import AlertProgram

BRANCHES_HELP = _(
    "Rows of a question (a code of the list of further questions), the question it hangs on, and the answer or the"
    " oldest age that opens it."
)


def check_branches(rows: object) -> None:
    """Refuse rows of further questions that could not be asked: a branch hangs on one question and has one opener."""
    if not isinstance(rows, list):
        raise ValidationError(_("Further questions are a list of rows."))
    for row in rows:
        opener = {"answer", "max_age"} & row.keys() if isinstance(row, dict) else set()
        if len(opener) != 1 or row.keys() != {"question", "after"} | opener:
            raise ValidationError(_("Each further question names a question, what it hangs on, and one opener."))
        if not isinstance(row.get("max_age", 0), int) or row.get("answer", "yes") not in ("yes", "no"):
            raise ValidationError(_("A further question is opened by the answer yes or no, or by an age in years."))


class CriteriaVersionQuerySet(models.QuerySet["CriteriaVersion"]):
    """Versions by time."""

    def in_force(self) -> CriteriaVersionQuerySet:
        """Return the versions that apply today."""
        today = timezone.localdate()
        return self.filter(Q(effective_to__isnull=True) | Q(effective_to__gte=today), effective_from__lte=today)

    def ruling(self) -> CriteriaVersionQuerySet:
        """Return one version per program: the newest in force, else the last that was.

        Where staff let a version lapse without a successor, its bodies and terms go on: a program must not lose
        its approvers at midnight.
        """
        today = timezone.localdate()
        is_over = models.Case(models.When(effective_to__lt=today, then=1), default=0)
        first = CriteriaVersionQuerySet(self.model).filter(program=OuterRef("program"), effective_from__lte=today)
        return self.filter(pk=Subquery(first.order_by(is_over, "-version").values("pk")[:1]))


def usual_public_fields() -> list[str]:
    """Return what programs usually tell in public; a name or a picture still needs its own authority (U28)."""
    return [PublicField.SUSPECT_NAME, PublicField.SUSPECT_PHOTO, PublicField.MEDICAL]


class CriteriaVersion(models.Model):
    """What one program requires before it activates (domain §1.3), from a day, with its source.

    The machine shows these rows beside the facts; an officer decides. An empty number means that no such rule
    was found, not that there is none.
    """

    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="criteria", verbose_name=_("alert program")
    )
    version = models.PositiveIntegerField(_("version"))
    effective_from = models.DateField(_("effective from"))
    effective_to = models.DateField(_("effective until"), null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(_("oldest age covered, in years"), default=17)
    vulnerable_adult_allowed = models.BooleanField(_("covers vulnerable adults"), default=False)
    abduction_test = models.CharField(_("abduction test"), max_length=20, choices=AbductionTest.choices)
    danger_test = models.TextField(_("danger test"))
    info_test = models.JSONField(_("information test"), default=dict)
    branches = models.JSONField(
        _("further questions"), default=list, blank=True, validators=[check_branches], help_text=BRANCHES_HELP
    )
    db_entry_required = models.CharField(_("police database entry required"), max_length=20, blank=True)
    parental_policy = models.CharField(_("taken by a parent"), max_length=24, choices=ParentalPolicy.choices)
    runaway_policy = models.CharField(_("runaways"), max_length=20, choices=RunawayPolicy.choices)
    max_hours_since_event = models.PositiveSmallIntegerField(_("latest hour after the event"), null=True, blank=True)
    min_duration_hours = models.PositiveSmallIntegerField(_("shortest duration, hours"), null=True, blank=True)
    max_duration_hours = models.PositiveSmallIntegerField(_("longest duration, hours"), null=True, blank=True)
    is_renewable = models.BooleanField(_("can be renewed"), default=True)
    max_total_hours = models.PositiveSmallIntegerField(
        _("longest duration with every renewal, hours"), null=True, blank=True
    )
    renewal_deadline_hours = models.PositiveSmallIntegerField(
        _("last moment to ask for renewal, hours before expiry"), null=True, blank=True
    )
    single_officer_after_minutes = models.PositiveSmallIntegerField(
        _("minutes without a second officer before one may activate alone"), null=True, blank=True
    )
    is_legal_review_required = models.BooleanField(_("legal opinion required before activation"), default=False)
    after_expiry_public = models.BooleanField(
        _("name and photo stay public after expiry while the child is missing"), default=False
    )
    public_fields = ArrayField(
        models.CharField(max_length=20, choices=PublicField.choices),
        verbose_name=_("what public text may carry"),
        default=usual_public_fields,
        blank=True,
    )
    levels = ArrayField(models.CharField(max_length=20), verbose_name=_("levels"), default=list, blank=True)
    activating_bodies = models.TextField(_("who activates"))
    fallback_alert_types = ArrayField(
        models.CharField(max_length=20), verbose_name=_("other kinds of alert"), default=list, blank=True
    )
    message_limits = models.JSONField(_("message limits, characters"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=240)
    source_url = models.URLField(_("address of the source"), blank=True)
    verified_by = models.CharField(_("verified by"), max_length=160, blank=True)
    verified_at = models.DateField(_("verified on"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    objects = CriteriaVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("criteria version")
        verbose_name_plural = _("criteria versions")
        ordering = ["program", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["program", "version"], name="one_criteria_version_number"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="criteria_end_after_start",
            ),
            models.CheckConstraint(
                condition=Q(verified_by="", verified_at__isnull=True)
                | (~Q(verified_by="") & Q(verified_at__isnull=False)),
                name="criteria_verified_by_and_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} – {self.version}"

    @classmethod
    def in_force_for(cls, program: AlertProgram) -> CriteriaVersion | None:
        """Return the newest version of a program's criteria that applies today, if there is one."""
        return CriteriaVersionQuerySet(cls).in_force().filter(program=program).order_by("-version").first()

    @classmethod
    def ruling_for(cls, program: AlertProgram) -> CriteriaVersion | None:
        """Return the version whose bodies and terms count now: in force, else the last that was."""
        return CriteriaVersionQuerySet(cls).ruling().filter(program=program).first()

    @property
    def is_verified(self) -> bool:
        """Say whether the program itself confirmed these rules."""
        return self.verified_at is not None
