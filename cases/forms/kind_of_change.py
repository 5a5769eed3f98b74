"""Whether a change of facts corrects an error or adds what is newly known (U20)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

CORRECTION, NEW = "correction", "new"


class KindOfChangeForm(forms.Form):
    """Asked where programs follow the facts; the service refuses a change that needs the answer and has none."""

    kind = forms.ChoiceField(
        label=_("What kind of change is this?"),
        choices=((CORRECTION, _("Correction of an error")), (NEW, _("New information"))),
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "Programs follow these facts. After a correction the public text says what to disregard; new information "
            "is added to it."
        ),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="change")

    @property
    def is_correction(self) -> bool | None:
        """Return what was chosen; None for no answer."""
        chosen = self.cleaned_data.get("kind") if self.is_valid() else ""
        return chosen == CORRECTION if chosen else None

    def refuse(self, message: object) -> None:
        """Show why the answer is needed, beside the question."""
        self.is_valid()
        self.add_error("kind", forms.ValidationError(str(message)))
