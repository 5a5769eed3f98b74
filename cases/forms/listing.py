"""The filters of the list of cases."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.choices import Country
from agencies.models import Agency
from cases.choices import CaseStatus
from cases.models.case_search import LEAST_LETTERS, MOST_LETTERS, CaseFilter, is_searchable
from cases.models.code import code_choices

ALL = [("", pgettext_lazy("filter", "All"))]
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CaseFilterForm(forms.Form):
    """What a reader narrows the list by; what no page offers is an address that does not exist."""

    q = forms.CharField(
        label=_("Reference, file number, name or plate"), required=False, max_length=MOST_LETTERS,
        help_text=_("Parts are enough; accents do not matter."), widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[*ALL, *CaseStatus.choices])
    exercise = forms.ChoiceField(
        label=_("Exercise"), required=False,
        choices=[*ALL, ("no", _("Real cases")), ("yes", _("Exercises"))],
    )  # fmt: skip
    category = forms.ChoiceField(
        label=_("Category"), required=False,
        choices=lambda: code_choices("case_category", blank_label=pgettext_lazy("filter", "All")),
    )  # fmt: skip
    origin = forms.ChoiceField(label=_("From"), required=False, choices=[*ALL, *Country.choices])
    toward = forms.ChoiceField(label=_("Toward"), required=False, choices=[*ALL, *Country.choices])
    lead: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(
        label=_("Lead agency"), required=False, queryset=Agency.objects.none(),
        empty_label=pgettext_lazy("filter", "All"),  # type: ignore[arg-type]
    )  # fmt: skip
    opened_from = forms.DateField(label=_("Opened from"), required=False, widget=DATE)
    opened_until = forms.DateField(label=_("Opened until"), required=False, widget=DATE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = Agency.objects.order_by("country", "name")  # type: ignore[attr-defined]

    @property
    def is_foreign(self) -> bool:
        """Say whether the address holds a choice that no page offers."""
        return any(error.code == "invalid_choice" for errors in self.errors.as_data().values() for error in errors)

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """Return the filters that stand folded below the search."""
        return [field for field in self if field.name not in ("q", "status")]

    @property
    def is_more_open(self) -> bool:
        """Unfold what is used or wrong."""
        return any(field.errors or self.data.get(field.name) for field in self.more_fields)

    def clean_q(self) -> str:
        """Refuse what is too short to be found by."""
        words: str = self.cleaned_data.get("q", "")
        if words.strip() and not is_searchable(words):
            raise forms.ValidationError(
                _("Type at least %(count)s letters or digits."), params={"count": LEAST_LETTERS}
            )
        return words

    def chosen(self) -> CaseFilter:
        """Return the filter; days are those of the reader's own calendar."""
        told = self.cleaned_data
        lead: Agency | None = told.get("lead")
        until: date | None = told.get("opened_until")
        return CaseFilter(
            statuses=(told["status"],) if told.get("status") else (),
            exercise={"yes": True, "no": False}.get(told.get("exercise", "")),
            origin=told.get("origin", ""),
            destination=told.get("toward", ""),
            category=told.get("category", ""),
            lead_agency=lead.pk if lead else None,
            opened_from=start_of(told.get("opened_from")),
            opened_before=start_of(until + timedelta(days=1) if until else None),
            words=told.get("q", ""),
        )


def start_of(day: date | None) -> datetime | None:
    """Return the first moment of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
