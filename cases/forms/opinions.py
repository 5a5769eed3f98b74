"""Forms of legal reviews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from cases.choices import ReleaseScope
from cases.models.code import code_choices

DEADLINES = [
    ("0.5", _("In 30 minutes")), ("1", _("In 1 hour")), ("2", _("In 2 hours")), ("4", _("In 4 hours")),
    ("24", _("In 24 hours")), ("72", _("In 72 hours")),
]  # fmt: skip


class DeadlineForm(forms.Form):
    """Until when the opinion is needed."""

    hours = forms.TypedChoiceField(label=_("Deadline"), choices=DEADLINES, coerce=float, initial="1")


class AskOpinionForm(DeadlineForm):
    """Which question, until when."""

    question = forms.ChoiceField(
        label=_("Question to the legal advisor"), choices=lambda: code_choices("legal_question", blank=False)
    )
    field_order = ("question", "hours")


class OpinionForm(forms.Form):
    """A legal advisor's opinion."""

    opinion = forms.ChoiceField(label=_("Opinion"), choices=lambda: code_choices("opinion", blank=False))
    conclusion = forms.CharField(
        label=_("Conditions and conclusion"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000,
        required=False, help_text=_("Released with the conclusion."),
    )  # fmt: skip
    grounds = forms.CharField(
        label=_("Grounds"), widget=forms.Textarea(attrs={"rows": 5}), max_length=8000,
        help_text=_("Visible in your agency only until you release it."),
    )  # fmt: skip
    notes = forms.CharField(
        label=_("Notes"), widget=forms.Textarea(attrs={"rows": 2}), max_length=8000, required=False,
        help_text=_("Released only with the whole opinion."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for the conditions beside their field."""
        cleaned = super().clean() or {}
        if cleaned.get("opinion") == "with_conditions" and not cleaned.get("conclusion"):
            self.add_error("conclusion", _("Name the conditions."))
        return cleaned


class ReleaseForm(forms.Form):
    """To which agency an opinion is shown, and how much of it. `others` are the agencies it may be shown to."""

    agency = forms.ChoiceField(label=_("Release to"))
    scope = forms.ChoiceField(label=_("How much"), choices=ReleaseScope.choices, initial=ReleaseScope.CONCLUSION)

    def __init__(self, *args: Any, others: Iterable[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(agency.pk): agency for agency in others}
        field: Any = self.fields["agency"]
        field.choices = [(key, agency.name) for key, agency in self.others.items()]

    def clean_agency(self) -> Agency:
        """Return the agency itself."""
        return self.others[self.cleaned_data["agency"]]
