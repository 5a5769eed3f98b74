"""The form that discharges a duty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.choices import DutyOutcome
from cases.models.code import code_choices


class DischargeForm(forms.Form):
    """Done, or refused with a coded reason."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=DutyOutcome.choices, widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Reason of a refusal"),
        choices=lambda: code_choices("duty_refusal", blank_label=_("No refusal")),
        required=False,
    )

    def __init__(self, *args: Any, outcomes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (value, label) for value, label in DutyOutcome.choices if value in outcomes
        ]
        self.fields["outcome"].initial = outcomes[0] if len(outcomes) == 1 else None
        if DutyOutcome.REFUSED not in outcomes:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """Refuse a refusal without a reason, and a reason for what was done."""
        values = super().clean() or {}
        if values.get("outcome") == DutyOutcome.REFUSED and not values.get("reason"):
            self.add_error("reason", _("A refusal needs a reason."))
        if values.get("outcome") == DutyOutcome.DONE and values.get("reason"):
            self.add_error("reason", _("Only a refusal has a reason."))
        return values
