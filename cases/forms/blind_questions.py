"""The form of a blind question to another agency."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from cases.choices import BlindSubject
from cases.models.code import code_choices


class BlindQuestionForm(forms.Form):
    """Whom, why, and about which child or plate."""

    agency: forms.ModelChoiceField[Agency] = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), empty_label=_("Choose"),  # type: ignore[arg-type]
        help_text=_("It sees that you asked, when and why, and its desk may call you."),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("blind_reason", blank_label=_("Choose a reason"))
    )
    subject = forms.ChoiceField(
        label=_("About"), choices=BlindSubject.choices, widget=forms.RadioSelect, initial=BlindSubject.CHILD
    )
    names = forms.CharField(
        label=_("Given name and surnames of the child"), required=False, max_length=200,
        help_text=_("Accents, case and order do not matter."), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    plate = forms.CharField(
        label=_("License plate"), required=False, max_length=15,
        help_text=_("The whole plate; spaces and hyphens do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    is_exercise = forms.BooleanField(label=_("Exercise: look among exercise cases only"), required=False)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen kind needs."""
        values = super().clean() or {}
        needed = ("plate",) if values.get("subject") == BlindSubject.PLATE else ("names", "birth_date")
        for name in needed:
            if not values.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        born = values.get("birth_date")
        if born and born > timezone.localdate():
            self.add_error("birth_date", _("This date is in the future."))
        return values
