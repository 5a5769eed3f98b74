"""Forms of reviews of words: asking for one, and recording it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, Language
from agencies.models import AlertProgram
from alerts.forms.headlines import HeadlineField
from alerts.models import Alert, TextReview


class AskReviewForm(forms.Form):
    """Which words to put beside those that are offered, and who is asked; `programs` are those that may be chosen."""

    source_language = forms.ChoiceField(label=_("Language to put beside these words"))
    countries = forms.MultipleChoiceField(
        label=_("Ask only these countries"), choices=Country.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Nothing chosen here and below: everybody who can."),
    )  # fmt: skip
    programs = forms.MultipleChoiceField(
        label=_("Ask only these programs"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Programs in which somebody reads this language."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, alert: Alert, language: str, others: Iterable[str], programs: Iterable[AlertProgram]
    ) -> None:
        super().__init__(data, prefix=f"review-{language}")
        named: Any = self.fields["programs"]
        named.choices = [(program.code, f"{program} ({program.get_country_display()})") for program in programs]
        if not named.choices:
            del self.fields["programs"]
        others = list(others)
        self.fields["source_language"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in Language.choices if code in others
        ]
        required = [code for code in alert.program.languages_required if code in others]
        self.fields["source_language"].initial = next(iter(required or others), None)

    def asked(self) -> dict[str, Any]:
        """Return what the service takes."""
        names = ("source_language", "countries", "programs")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class ReviewForm(forms.Form):
    """The words as the reviewer leaves them, and what they remark to the program."""

    headline = HeadlineField()
    description = forms.CharField(label=_("Description"), max_length=2000, widget=forms.Textarea(attrs={"rows": 9}))
    instruction = forms.CharField(label=_("Instruction"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    note = forms.CharField(
        label=_("Note to the program"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    typed_words_read = forms.BooleanField(
        label=_("I have read every word, including those typed by hand. Nothing in them is unauthorized."),
        help_text=_(
            "Needed for words that were typed or that you correct. The portal finds names; only you can catch"
            " a name said in other words."
        ),
        required=False,
    )

    def __init__(self, data: Any = None, *, review: TextReview) -> None:
        super().__init__(data, prefix="words", initial=review.words)
        for name in review.words:
            self.fields[name].widget.attrs["lang"] = review.language

    def outcome(self) -> dict[str, Any]:
        """Return words and note with line ends as \\n, and whether every typed word was read."""
        values = {**self.cleaned_data}
        is_read = values.pop("typed_words_read")
        values = {name: value.replace("\r\n", "\n") for name, value in values.items()}
        return {"note": values.pop("note"), "words": values, "typed_words_read": is_read}
