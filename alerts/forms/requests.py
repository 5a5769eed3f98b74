"""Forms of requests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, AlertProgram
from agencies.uploads import AtMost
from cases.models import Case
from cases.models.code import code_choices

DECISIONS = [("accept", _("Accept")), ("decline", _("Decline"))]


class ImportCapForm(forms.Form):
    """A partner's CAP alert."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(label=_("Agency"), queryset=Agency.objects.none())
    file = forms.FileField(
        label=_("CAP file"),
        validators=[AtMost(settings.ALERTS_CAP_MAX_BYTES)],
        help_text=_("An XML file in the Common Alerting Protocol, at most 5 MB. It is kept byte for byte."),
        widget=forms.FileInput(attrs={"accept": ".xml,.cap,application/cap+xml,application/xml,text/xml"}),
    )

    def __init__(self, *args: Any, agency_ids: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = Agency.objects.filter(pk__in=agency_ids)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        if len(agency_ids) == 1:
            self.fields["agency"].initial = agencies.first()
            self.fields["agency"].widget = forms.HiddenInput()


class SendRequestForm(forms.Form):
    """Which program is asked, for what."""

    program: forms.ModelChoiceField[AlertProgram] = forms.ModelChoiceField(
        label=_("Receiving program"), queryset=AlertProgram.objects.none()
    )
    kind = forms.ChoiceField(label=_("What is asked for"), choices=lambda: code_choices("request_kind", blank=False))
    note = forms.CharField(
        label=_("Note to the program"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in your language; the coded facts reach the program in its own."),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = AlertProgram.objects.filter(is_active=True).exclude(agency_id=case.lead_agency_id)
        self.fields["program"].queryset = programs.order_by("country", "code")  # type: ignore[attr-defined]
        # In full and with its country: a code can be mistaken at night (U21).
        self.fields["program"].label_from_instance = (  # type: ignore[attr-defined]
            lambda program: f"{program.name} ({program.get_country_display()})"
        )


class AcknowledgeForm(forms.Form):
    """The receiver's own number for the request."""

    receiver_reference = forms.CharField(label=_("Your own folio or file number"), max_length=60, required=False)


class DecisionForm(forms.Form):
    """The receiving program's decision."""

    decision = forms.ChoiceField(label=_("Decision"), choices=DECISIONS, widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Reason, if you decline"),
        choices=lambda: code_choices("decline_reason", blank_label=_("No reason chosen")),
        required=False,
    )
    alternative = forms.ChoiceField(
        label=_("Alternative you offer"),
        choices=lambda: code_choices("alternative", blank_label=_("No alternative")),
        required=False,
    )
    note = forms.CharField(
        label=_("Note to the requesting agency"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a decline beside its field."""
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "decline" and not cleaned.get("reason"):
            self.add_error("reason", _("A decline needs a reason."))
        return cleaned
