"""The form in which an officer writes down what was promised by telephone (U41)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, User
from cases.choices import OPEN_CASE_STATUSES
from cases.models import Case

MOST_CASES = 200


class PromiseForm(forms.Form):
    """What was promised, about which open case, until when by the desk's own clock."""

    words = forms.CharField(
        label=_("Commitment, and to whom"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Name the case below rather than a person: then only colleagues who see the case read it."),
    )  # fmt: skip
    case: forms.ModelChoiceField[Case] = forms.ModelChoiceField(
        label=_("Case"), queryset=Case.objects.none(), required=False, empty_label=_("About no case")  # type: ignore[arg-type]
    )  # fmt: skip
    due = forms.DateTimeField(
        label=_("Until when, on the desk's clock"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(agency.time_zone)
        seen = Case.objects.visible_to(user).filter(status__in=OPEN_CASE_STATUSES)  # type: ignore[attr-defined]
        newest = seen.order_by("-opened_at").values("pk")[:MOST_CASES]
        self.fields["case"].queryset = seen.filter(pk__in=list(newest.values_list("pk", flat=True)))  # type: ignore[attr-defined]

    def clean_due(self) -> datetime | None:
        """Return the instant at which the desk's clock shows what was typed."""
        typed: datetime | None = self.cleaned_data["due"]
        return typed.replace(tzinfo=self.zone) if typed else None
