"""The form that narrows the deliveries of an alert."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, Language
from alerts.choices import Channel
from alerts.delivery_rows import Shown


class DeliveryFilter(forms.Form):
    """What is shown; nothing chosen shows everything. `whose` comes from a link, not from a field."""

    show = forms.ChoiceField(label=_("Show"), choices=[("", _("All")), *Shown.choices], required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", _("All")), *Channel.choices], required=False)
    country = forms.ChoiceField(label=_("Country"), choices=[("", _("All")), *Country.choices], required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("", _("All")), *Language.choices], required=False)
    whose = forms.CharField(max_length=130, required=False, widget=forms.HiddenInput)
