"""One's own number for text messages: typed as it is dialed, then shown by the code that came to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.phones import EXAMPLES, MOST_TYPED, read_phone, show_phone


class OwnNumberForm(forms.Form):
    """The number; an empty one takes it away."""

    number = forms.CharField(
        label=_("Number for text messages"), max_length=MOST_TYPED, required=False,
        help_text=_("Include + and the country code. Leave it empty to stop text messages."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "placeholder": EXAMPLES["US"]}),
    )  # fmt: skip

    def __init__(self, *args: Any, number: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"number": show_phone(number)}

    def clean_number(self) -> str:
        """Return the number as E.164. Refuses an extension: text messages have none."""
        try:
            number, extension = read_phone(self.cleaned_data["number"])
        except ValueError as error:
            raise forms.ValidationError(error.args[0]) from error
        if extension:
            raise forms.ValidationError(_("A number for text messages has no extension."))
        return number


class CodeForm(forms.Form):
    """The code from the text message."""

    code = forms.CharField(
        label=_("Code from the text message"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
