"""The home program's own decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import AlertProgram, User
from cases.choices import HomeOutcome
from cases.models import Case
from cases.models.code import code_choices
from cases.services.home_decisions import home_programs, programs_to_decide


class HomeDecisionForm(forms.Form):
    """What the home program decided; "not activated" needs a reason and an alternative."""

    program: forms.ModelChoiceField[AlertProgram] = forms.ModelChoiceField(
        label=_("Home program"), queryset=AlertProgram.objects.none()
    )
    outcome = forms.ChoiceField(
        label=_("Decision"), choices=[("", _("Choose")), *HomeOutcome.choices],
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason"), required=False,
        choices=lambda: code_choices("decline_reason", blank_label=_("No reason chosen")),
    )  # fmt: skip
    alternative = forms.ChoiceField(
        label=_("Alternative"), required=False,
        choices=lambda: code_choices("alternative", blank_label=_("No alternative chosen")),
    )  # fmt: skip

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, case: Case, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = programs_to_decide(user, case)
        latest = case.home_decisions.first()
        self.fields["seen"].initial = str(latest.pk) if latest else ""
        field: Any = self.fields["program"]
        field.queryset = home_programs(case).filter(pk__in=[program.pk for program in programs])
        if len(programs) == 1:
            field.initial, field.widget = programs[0], forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Ask beside their fields for what "not activated" needs."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == HomeOutcome.NOT_ACTIVATED:
            for name in ("reason", "alternative"):
                if not cleaned.get(name):
                    self.add_error(name, _("“Not activated” needs a reason and an alternative."))
        return cleaned
