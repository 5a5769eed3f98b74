"""Forms of reviews of words: asking for one, and recording it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from alerts.forms.headlines import HeadlineField
from alerts.models import Alert, TextReview


class AskReviewForm(forms.Form):
    """Which words to put beside those that are offered."""

    source_language = forms.ChoiceField(label=_("Language to put beside these words"))

    def __init__(self, data: Any = None, *, alert: Alert, language: str, others: Iterable[str]) -> None:
        super().__init__(data, prefix=f"review-{language}")
        others = list(others)
        self.fields["source_language"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in Language.choices if code in others
        ]
        required = [code for code in alert.program.languages_required if code in others]
        self.fields["source_language"].initial = next(iter(required or others), None)


class ReviewForm(forms.Form):
    """The words as the reviewer leaves them, and what they remark to the program."""

    headline = HeadlineField()
    description = forms.CharField(label=_("Description"), max_length=2000, widget=forms.Textarea(attrs={"rows": 9}))
    instruction = forms.CharField(label=_("Instruction"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    note = forms.CharField(
        label=_("Note to the program"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    typed_words_read = forms.BooleanField(
        label=_("I have read every word, also those that were typed by hand. They say nothing that is not authorized."),
        help_text=_(
            "Needed for words that were typed or that you correct. The portal finds names; what is said in other words "
            "only you can see."
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
