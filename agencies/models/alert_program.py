"""Alert programs: who activates where, and under which published rules."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, Language

from .activation import ActivatingBody
from .agency import Agency
from .criteria import CriteriaVersion
from .desk import ProgramDesk


class AlertProgramQuerySet(models.QuerySet["AlertProgram"]):
    """Programs by the agencies that work in them; only subqueries, so that no program comes twice."""

    def run_by(self, agency_ids: Iterable[int]) -> AlertProgramQuerySet:
        """Return the programs whose own agency, receiving desk or activating body is one of these."""
        return self.filter(_run_by(list(agency_ids)))

    def decided_by(self, agency_ids: Iterable[int]) -> AlertProgramQuerySet:
        """Return the programs on whose alerts one of these agencies decides (U7).

        Those are the activating bodies of the version that rules; where it names none, whoever runs the program.
        """
        ids, bodies = list(agency_ids), _ruling_bodies()
        return self.filter(Exists(bodies.filter(agency__in=ids)) | ~Exists(bodies) & _run_by(ids))

    def drafted_by(self, agency_ids: Iterable[int]) -> AlertProgramQuerySet:
        """Return the programs for which one of these agencies may draft and submit (U7).

        Those are the agencies that run it, and the police services and prosecutors of its territory.
        """
        ids = list(agency_ids)
        local = Agency.objects.local().filter(pk__in=ids, subdivision=OuterRef("subdivision"))
        return self.filter(_run_by(ids) | Exists(local))


def _run_by(ids: list[int]) -> Q:
    desks = ProgramDesk.objects.filter(program=OuterRef("pk"), agency__in=ids)
    return Q(agency__in=ids) | Exists(desks) | Exists(_ruling_bodies().filter(agency__in=ids))


def _ruling_bodies() -> models.QuerySet[ActivatingBody]:
    ruling = CriteriaVersion.objects.ruling().filter(program=OuterRef("criteria__program"), pk=OuterRef("criteria"))
    return ActivatingBody.objects.filter(Exists(ruling), criteria__program=OuterRef("pk"))


class AlertProgram(models.Model):
    """One program that activates its own alerts under its own law, or a national hub that passes requests on."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="programs", verbose_name=_("agency"))
    name = models.CharField(_("name"), max_length=160)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    subdivision = models.ForeignKey(
        "agencies.Subdivision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programs",
        verbose_name=_("state, entity or province"),
        help_text=_("Empty for a national program."),
    )
    time_zone = models.CharField(_("time zone"), max_length=40)
    number_prefix = models.SlugField(_("prefix of alert numbers"), max_length=12, unique=True)
    cap_sender = models.CharField(_("CAP sender"), max_length=120, unique=True)
    tip_phone = models.CharField(_("tip line"), max_length=20)
    tip_phone_display = models.CharField(_("tip line as shown"), max_length=40)
    abroad_phone = models.CharField(_("tip line from abroad"), max_length=20)
    languages_required = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages required for activation"),
        default=list,
    )
    cancel_on_recovery = models.BooleanField(
        _("standing authority to cancel on recovery"),
        default=False,
        help_text=_("When identity is confirmed, the portal cancels in the program's own name."),
    )
    single_officer_activation = models.BooleanField(_("single-officer activation allowed"), default=False)
    is_hub = models.BooleanField(
        _("national hub"),
        default=False,
        help_text=_("Receives what is asked of a place that has no program of its own."),
    )
    escalation_label = models.CharField(
        _("words for handing a decision up to this program"),
        max_length=120,
        blank=True,
        help_text=_("What the button says by which another program escalates to this one."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = AlertProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert program")
        verbose_name_plural = _("alert programs")
        ordering = ["country", "code"]
        constraints = [
            # A request must have one place to go to.
            models.UniqueConstraint(
                fields=["subdivision"], condition=Q(is_active=True), name="one_active_program_per_subdivision"
            ),
            models.UniqueConstraint(
                fields=["country"], condition=Q(is_active=True, is_hub=True), name="one_active_hub_per_country"
            ),
        ]

    def __str__(self) -> str:
        return self.name
