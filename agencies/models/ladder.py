"""After how many minutes a request that nobody acknowledges reaches whom: rows of a program (U39, ADR 74)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.choices import SEED_MINUTES, LadderStep

MOST_MINUTES = 1440
STEPS_WAITED_FOR = [(step.value, step.label) for step in LadderStep if step in SEED_MINUTES]


class ProgramLadder(models.Model):
    """One step of a program's ladder, and after how many minutes from the sending it is taken."""

    program = models.ForeignKey(
        "agencies.AlertProgram", models.CASCADE, related_name="ladder", verbose_name=_("alert program")
    )
    step = models.CharField(_("step"), max_length=12, choices=STEPS_WAITED_FOR)
    minutes = models.PositiveSmallIntegerField(
        _("minutes after the sending"), validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )

    class Meta:
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation of an unacknowledged request")
        ordering = ["program", "minutes", "pk"]
        default_permissions = ("add", "change", "delete", "view")
        constraints = [models.UniqueConstraint(fields=["program", "step"], name="one_ladder_row_per_step")]

    def __str__(self) -> str:
        return f"{self.program} – {self.get_step_display()}"
