"""Forms of sealed cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from cases.models.code import code_choices
from cases.services.seals import reader_named


class SealForm(forms.Form):
    """Why, and who goes on seeing the case. `people` are those who see it now."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("seal_reason", blank_label=_("Choose a reason"))
    )
    readers: forms.ModelMultipleChoiceField[User] = forms.ModelMultipleChoiceField(
        label=_("Who keeps access"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("You always keep access."),
    )  # fmt: skip
    is_meant = forms.BooleanField(label=_("Everyone else loses access immediately, including in my own agency."))

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["readers"]
        field.queryset = people.prefetch_related("memberships__agency")
        field.label_from_instance = _with_agencies


def _with_agencies(person: User) -> str:
    names = sorted({str(held.agency) for held in person.memberships.all()})
    return f"{person.full_name} – {', '.join(names)}"


class ReaderForm(forms.Form):
    """One reader more, also of an agency that is not on the case yet."""

    email = forms.EmailField(label=_("E-mail address of the person"), max_length=254)

    def clean_email(self) -> User:
        """Turn the address into the person. Refuses one that belongs to nobody who reads cases."""
        found = reader_named(self.cleaned_data["email"])
        if found is None:
            raise forms.ValidationError(_("Nobody with this address reads cases in the portal."))
        return found


class UnsealForm(forms.Form):
    """Why the seal is lifted."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=lambda: code_choices("unseal_reason", blank_label=_("Choose a reason"))
    )
