"""The form that records an authority to publish, for several items and jurisdictions at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country
from agencies.models import AlertProgram
from agencies.uploads import AtMost
from cases.models import Case, Child, Person, Photo
from cases.models.code import code_choices
from cases.services.publication import public_items

Item = tuple[str, Child | Person | Photo]


class AuthorityForm(forms.Form):
    """Which items, for which jurisdictions, on which basis, by whom, until when."""

    items = forms.MultipleChoiceField(label=_("May be published"), widget=forms.CheckboxSelectMultiple)
    jurisdictions = forms.MultipleChoiceField(
        label=_("By the programs of"), widget=forms.CheckboxSelectMultiple, choices=Country.choices
    )
    basis = forms.ChoiceField(
        label=_("Legal basis of publication"), choices=lambda: code_choices("publication_basis", blank=False)
    )
    authorizer = forms.ChoiceField(
        label=_("Authorized by"), choices=lambda: code_choices("publication_authorizer", blank=False)
    )
    authorizer_name = forms.CharField(label=_("Name and position of who signed"), max_length=160, required=False)
    valid_until = forms.DateTimeField(
        label=_("Valid until"), required=False, help_text=_("Empty: no end date. In your time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    document = forms.FileField(
        label=_("Signed document"), required=False, validators=[AtMost(settings.CASES_PHOTO_MAX_BYTES)],
        help_text=_("PDF or picture, at most 10 MB. Kept inside the agencies on the case."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, program: AlertProgram | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: dict[str, Item] = {f"{item}:{subject.pk}": (item, subject) for item, subject in public_items(case)}
        choices = [(key, item_label(item, subject)) for key, (item, subject) in self.rows.items()]
        self.fields["items"].choices = choices  # type: ignore[attr-defined]
        if program is not None:  # an asked program records for itself
            del self.fields["jurisdictions"]
        else:
            self.fields["jurisdictions"].initial = [case.origin_country]

    def given(self) -> dict[str, Any]:
        """Return basis, who authorized, and until when, as the services take them."""
        return {name: self.cleaned_data[name] for name in ("basis", "authorizer", "authorizer_name", "valid_until")}

    def chosen(self) -> list[Item]:
        """Return the items that were ticked."""
        return [self.rows[key] for key in self.cleaned_data["items"]]


def item_label(item: str, subject: Child | Person | Photo) -> str:
    """Return an item in the reader's words; officers on the case see the name anyway."""
    labels = {
        "child_name": _("Name of the child: %(who)s"),
        "photo": _("Photo: %(who)s"),
        "suspect_name": _("Name of the suspect: %(who)s"),
        "suspect_details": _("Description of the suspect: %(who)s"),
    }
    return str(labels[str(item)]) % {"who": _who(subject)}


def _who(subject: Child | Person | Photo) -> str:
    shown = (subject.child or subject.person) if isinstance(subject, Photo) else subject
    name = (shown.name or shown.also_known_as) if shown else ""
    size = f"{subject.width}\u00a0×\u00a0{subject.height}\u00a0px" if isinstance(subject, Photo) else ""
    return ", ".join(part for part in (name or "–", size) if part)
