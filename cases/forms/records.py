"""Forms of what stands beside the facts: numbers in other systems, notices to other bodies."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.phones import show_phone
from cases.choices import NoticeBody, NoticeOutcome, ReferenceKind
from cases.countries import country_choices
from cases.models import ParallelNotice
from cases.models.code import code_choices

from .rows import PhoneField

ONE_NUMBER = re.compile(r"^(?=.*\d)[\w][\w ./-]{0,39}$")


class ReferenceForm(forms.Form):
    """A number in another system, and nothing of what that system answered."""

    kind = forms.ChoiceField(label=_("System"), choices=ReferenceKind.choices)
    number = forms.CharField(
        label=_("Number"), max_length=40, help_text=_("The number only, never what a query returned.")
    )

    def clean_number(self) -> str:
        """Refuse what is more than one number."""
        number = " ".join(self.cleaned_data["number"].upper().split())
        if not ONE_NUMBER.match(number):
            raise forms.ValidationError(_("Enter one number: letters, digits, spaces and - . / only."))
        return number


class NoticeForm(forms.ModelForm):
    """A notice to a body outside the alert programs."""

    country = forms.ChoiceField(label=_("Country"), required=False)
    contact_phone = PhoneField(label=_("Phone"))
    contact_fax = PhoneField(label=_("Fax"))

    class Meta:
        model = ParallelNotice
        fields = (
            "body", "country", "outcome", "withheld_for", "reference", "contact_name", "contact_phone", "contact_fax",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *country_choices()]  # type: ignore[attr-defined]
        self.fields["withheld_for"].choices = [("", "–"), *code_choices("notice_withheld", blank=False)]  # type: ignore[attr-defined]
        item = self.instance
        self.initial["contact_phone"] = show_phone(item.contact_phone, item.contact_extension)
        self.initial["contact_fax"] = show_phone(item.contact_fax)
        for name in ("contact_phone", "contact_fax"):
            self.fields[name].dialed_at_home(item)  # type: ignore[attr-defined]
        if not item._state.adding:
            for name in ("body", "country"):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """Refuse "do not notify" without its reason, or for another body than a consulate (U22)."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["contact_phone"], self.instance.contact_extension = cleaned.get("contact_phone") or ("", "")
        cleaned["contact_fax"] = (cleaned.get("contact_fax") or ("", ""))[0]
        is_consulate = cleaned.get("body") == NoticeBody.CONSULATE
        if is_consulate and not cleaned.get("country"):
            self.add_error("country", _("Choose the country of the consulate."))
        if cleaned.get("outcome") == NoticeOutcome.WITHHELD:
            if not is_consulate:
                self.add_error("outcome", _("Not to notify is a decision about consulates only."))
            elif not cleaned.get("withheld_for"):
                self.add_error("withheld_for", _("Say why the consulate is not notified."))
        else:
            cleaned["withheld_for"] = ""
        return cleaned
