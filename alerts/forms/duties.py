"""The forms that discharge a duty and record a recipient's confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.choices import DutyOutcome, MessageType
from alerts.models import Alert, Recipient
from alerts.services.confirmations import awaited, spoken_of
from cases.models.code import code_choices


class ConfirmationForm(forms.Form):
    """Which recipient of a Cancel confirmed it, or of a running alert received it, who said so, and how (U38)."""

    recipient = forms.ModelChoiceField(
        label=_("Recipient"), queryset=Recipient.objects.none(), empty_label=_("Choose the recipient")
    )
    name = forms.CharField(label=_("Name and position of the person who confirmed"), max_length=120)
    via = forms.ChoiceField(
        label=_("How the answer was received"),
        choices=lambda: code_choices("answer_channel", blank_label=_("Choose how")),
    )
    takes_charge = forms.BooleanField(label=_("They take charge: their service acts on it now"), required=False)

    def __init__(self, *args: Any, alert: Alert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = Recipient.objects.filter(pk__in=awaited(alert).values("recipient")).order_by("name")
        self.fields["recipient"].queryset = missing  # type: ignore[attr-defined]
        message = spoken_of(alert)
        if message is None or message.msg_type == MessageType.CANCEL:
            del self.fields["takes_charge"]


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
        if len(outcomes) == 1:  # nothing to choose: the button says it
            self.fields["outcome"].widget = forms.HiddenInput()
            self.fields["outcome"].initial = outcomes[0]
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
