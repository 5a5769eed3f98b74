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

SIGHTS = [
    (0, _("they have answered")), (24, _("24 hours after their answer")), (72, _("72 hours after their answer")),
    (168, _("7 days after their answer")),
]  # fmt: skip


class DeadlineForm(forms.Form):
    """Until when the opinion is needed."""

    hours = forms.TypedChoiceField(label=_("Deadline"), choices=DEADLINES, coerce=float, initial="1")


# Each of the two ways to ask has a question of its own that would read wrongly the other way.
OF_OUR_LAW, OF_YOUR_LAW = "may_activate", "may_activate_yours"


def questions_without(code: str) -> list[tuple[str, str]]:
    """Return the coded questions but for one."""
    return [(value, label) for value, label in code_choices("legal_question", blank=False) if value != code]


class AskOpinionForm(DeadlineForm):
    """Which question, until when."""

    question = forms.ChoiceField(
        label=_("Question to the legal advisor"), choices=lambda: questions_without(OF_YOUR_LAW)
    )
    field_order = ("question", "hours")


class AskElsewhereForm(DeadlineForm):
    """Which agency's advisors, which question, until when, and for how long they may read on afterwards.

    `advisors` are the agencies that may be asked.
    """

    agency = forms.ChoiceField(
        label=_("Agency whose legal advisors are asked"),
        help_text=_(
            "Everybody there who may read cases then reads this one as it stands: facts, people, photos, documents and"
            " timeline. They change nothing. Opinions and drafts of your agency stay inside it."
        ),
    )
    question = forms.ChoiceField(
        label=_("Question to the legal advisor"), choices=lambda: questions_without(OF_OUR_LAW)
    )
    sight_hours = forms.TypedChoiceField(
        label=_("They read the case until"), choices=SIGHTS, coerce=int, initial=0,
        help_text=_("Without an answer their access ends three days after the deadline."),
    )  # fmt: skip
    field_order = ("agency", "question", "hours", "sight_hours")

    def __init__(self, *args: Any, advisors: Iterable[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.advisors = {str(agency.pk): agency for agency in advisors}
        field: Any = self.fields["agency"]
        field.choices = [
            (key, f"{agency.name} ({agency.get_country_display()})") for key, agency in self.advisors.items()
        ]

    def clean_agency(self) -> Agency:
        """Return the agency itself."""
        return self.advisors[self.cleaned_data["agency"]]


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

    def __init__(self, *args: Any, is_asked_elsewhere: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_asked_elsewhere = is_asked_elsewhere
        if is_asked_elsewhere:
            self.fields["conclusion"].help_text = _(
                "Released with the conclusion. Where more facts are needed, name them here: the agency that asked sees"
                " these words at once, and nothing else until you release it."
            )

    def clean(self) -> dict[str, Any]:
        """Ask for the conditions, or for the facts that another agency is to find, beside their field."""
        cleaned = super().clean() or {}
        if self.is_asked_elsewhere and cleaned.get("opinion") == "more_facts" and not cleaned.get("conclusion"):
            self.add_error("conclusion", _("Name the facts that are missing."))
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
