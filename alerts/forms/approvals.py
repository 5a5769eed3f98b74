"""Forms of approving and of its exceptions: a reason in the officer's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import ActivationFallback


class RefuseApprovalForm(forms.Form):
    """Why an approver does not approve."""

    reason = forms.CharField(
        label=_("What must change first"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AloneForm(forms.Form):
    """Why one officer activates alone."""

    reason = forms.CharField(
        label=_("Why no one else can approve"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class _RuleField(forms.ModelChoiceField):
    """The rules of a program, also those that nobody has put into words in a language that is read here."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) or gettext("The program has not put this rule into words.")


class FallbackForm(forms.Form):
    """Which rule is used, and how those who decide otherwise were tried."""

    fallback: forms.ModelChoiceField = _RuleField(
        label=_("Rule of the program"), queryset=ActivationFallback.objects.none(), widget=forms.RadioSelect,
        empty_label=None,
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Whom you tried to reach, how and when"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, fallbacks: Sequence[ActivationFallback], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ActivationFallback.objects.filter(pk__in=[row.pk for row in fallbacks])
        self.fields["fallback"].queryset = rows  # type: ignore[attr-defined]
        if len(fallbacks) == 1:
            self.fields["fallback"].initial = fallbacks[0].pk
