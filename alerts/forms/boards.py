"""Which alerts the board of an agency is over."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PERIODS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year"))]
KINDS = [("", _("Alerts")), ("exercises", _("Exercises"))]


class BoardFilter(forms.Form):
    """Period and kind; nothing chosen is the last thirty days of alerts."""

    days = forms.ChoiceField(label=_("Activated within"), choices=PERIODS, required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("filter", "Which"), choices=KINDS, required=False)
