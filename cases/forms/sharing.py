"""Forms about who sees a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, User
from cases.choices import SHARED_BY_HAND, AccessLevel, AccessPurpose
from cases.services.parts import Part


class WhyForm(forms.Form):
    """About whom is asked."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose"))  # type: ignore[arg-type]

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


PERIODS = [
    (24, _("24 hours")), (72, _("72 hours")), (168, _("7 days")), (720, _("30 days")), (2160, _("90 days")),
]  # fmt: skip
LEVELS = {
    AccessLevel.LOOK: _("Read: they read the case and change nothing."),
    AccessLevel.CONTRIBUTE: _("Contribute: they also add sightings, numbers and notices, and propose corrections."),
    AccessLevel.MANAGE: _("Contribute and share on: they also share the case with further agencies."),
}


class ShareForm(forms.Form):
    """With whom, to do what, why, for how long. `partners` are the agencies that may be chosen."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), empty_label=_("Choose"),  # type: ignore[arg-type]
        help_text=_("Everybody there who may read cases then reads the released parts of this one."),
    )  # fmt: skip
    level = forms.ChoiceField(label=_("What they may do"), widget=forms.RadioSelect, initial=AccessLevel.LOOK)
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[(value, AccessPurpose(value).label) for value in SHARED_BY_HAND]
    )
    hours = forms.TypedChoiceField(label=_("Ends after"), choices=PERIODS, coerce=int, initial=72)

    parts = forms.MultipleChoiceField(
        label=_("Police-only parts that go along"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for an agency whose own law keeps them with the police. Unchecked parts stay with "
                    "you."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, partners: QuerySet[Agency], levels: Iterable[str], parts: Iterable[Part] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = partners  # type: ignore[attr-defined]
        self.fields["parts"].choices = [(part.key, str(part)) for part in parts]  # type: ignore[attr-defined]
        if not self.fields["parts"].choices:  # type: ignore[attr-defined]
            del self.fields["parts"]
        self.fields["level"].choices = [(level, LEVELS[AccessLevel(level)]) for level in levels]  # type: ignore[attr-defined]
