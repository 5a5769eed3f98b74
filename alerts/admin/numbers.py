"""A recipient's number for text messages in the administration: read as it is dialed, verified by a code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.phones import EXAMPLES, MOST_TYPED, read_phone, show_phone
from alerts.choices import Channel
from alerts.models import NumberProof, Recipient
from alerts.number_codes import simulated_code

ADDRESS_OF = {Channel.EMAIL: "email", Channel.WEBHOOK: "webhook_url", Channel.SMS: "sms_number"}


class RecipientForm(forms.ModelForm):
    """A recipient; the number is typed as people write it, and a code beside it where one was sent."""

    sms_number = forms.CharField(
        label=_("Number for text messages"), max_length=MOST_TYPED, required=False,
        help_text=_("Used once a code sent to it was entered."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "placeholder": EXAMPLES["MX"]}),
    )  # fmt: skip
    sms_code = forms.CharField(
        label=_("Code from the text message"), max_length=12, required=False,
        help_text=_("Ask for it in the list of recipients, and have it read out to you."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    chosen_channels = forms.MultipleChoiceField(
        label=_("Chosen channels"), choices=Channel.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every channel with an address."),
    )  # fmt: skip

    class Meta:
        model = Recipient
        fields = ("sms_number",)  # the admin's fieldsets choose all of them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["sms_number"] = show_phone(self.instance.sms_number)

    def clean(self) -> dict[str, Any]:
        """Refuse a desk that another program keeps."""
        values = super().clean() or self.cleaned_data
        desk, program = values.get("desk"), values.get("program") or getattr(self.instance, "program", None)
        if desk is not None and program is not None and desk.program_id != program.pk:
            self.add_error("desk", _("This desk is kept by another program."))
        if (chosen := values.get("chosen_channels")) and not any(
            values.get(ADDRESS_OF.get(item, "")) for item in chosen
        ):
            self.add_error("chosen_channels", _("Choose a channel for which there is an address."))
        return values

    def clean_sms_number(self) -> str:
        """Return the number as E.164. Refuses an extension: text messages have none."""
        program = self.cleaned_data.get("program") or (self.instance.program if self.instance.pk else None)
        try:
            number, extension = read_phone(self.cleaned_data["sms_number"], program.country if program else "")
        except ValueError as error:
            raise forms.ValidationError(error.args[0]) from error
        if extension:
            raise forms.ValidationError(_("A number for text messages has no extension."))
        return number


def standing_of(recipient: Recipient) -> str:
    """Return in words whether the number is in use, and what became of the last code."""
    if not recipient.sms_number:
        return ""
    if recipient.has_verified_number and not recipient.is_number_stale:
        return gettext("Verified: text messages are sent to it.")
    proof = NumberProof.objects.open().filter(recipient=recipient, number=recipient.sms_number).first()
    if proof is None and recipient.has_verified_number:
        return gettext("Not verified for more than a month: text messages still go to it. Ask for a new code.")
    if proof is None:
        return gettext("Not verified: nothing is sent to it. Ask for a code in the list of recipients.")
    return _standing_of(proof)


def _standing_of(proof: NumberProof) -> str:
    if proof.sent_at is None:
        return gettext("A code was asked for. Load this page again in some seconds.")
    if code := simulated_code(proof):
        return gettext("Simulated, no telephone rings. The code is %(code)s.") % {"code": code}
    if proof.provider:
        return gettext("A code was sent. It holds for half an hour.")
    return gettext("The code could not be sent: %(detail)s") % {"detail": proof.result or "–"}
