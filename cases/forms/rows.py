"""Rows of facts on pages of their own: a further child, person or vehicle, whole."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from agencies.phones import MOST_TYPED, read_phone, show_phone
from cases.countries import country_choices
from cases.models import Child, Person, Vehicle
from cases.models.code import code_choices

from .facts import DATE_INPUT, UNITS, ChildForm, SuspectForm, VehicleForm
from .units import YearField

MOST = 3  # nationalities and languages that a row offers


# Whole sentences: each language joins a country in another way.
AS_DIALED = {
    "US": _("As it is dialed in the United States, or with + and the code of the country: +52 656 555 0199."),
    "MX": _("As it is dialed in Mexico, or with + and the code of the country: +1 915 555 0199."),
    "CA": _("As it is dialed in Canada, or with + and the code of the country: +1 915 555 0199."),
}


class PhoneField(forms.CharField):
    """A telephone number, perhaps with an extension; cleaned into E.164 and extension.

    Without + it is read as it is dialed at the lead agency of the case of `row`, which the form sets.
    """

    row: Any = None

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Include + and the country code, for example +52 656 555 0199."))
        super().__init__(widget=forms.TextInput(attrs={"type": "tel"}), max_length=MOST_TYPED, required=False, **kwargs)

    def dialed_at_home(self, row: Any) -> None:
        """Read numbers without + as they are dialed in the country of the lead agency of a row's case, and say so.

        The case is asked for only when it is needed: a list of proposals makes a form for each of its rows.
        """
        self.row, without_case = row, self.help_text
        self.help_text = lazy(lambda: str(AS_DIALED.get(self.country, without_case)), str)()

    @property
    def country(self) -> str:
        """Return where numbers are dialed without +, or nothing where no case is known yet."""
        return "" if self.row is None or self.row.case_id is None else self.row.case.lead_agency.country

    def clean(self, value: Any) -> Any:
        """Return number and extension. Refuses what is no number, or has no country code where no country is known."""
        try:
            return self._read(super().clean(value) or "")
        except ValueError as error:
            raise forms.ValidationError(str(error.args[0]), code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare numbers, not how they are written."""
        try:
            return self._read(str(data or "")) != self._read(str(initial or ""))
        except ValueError:
            return True

    def _read(self, typed: str) -> tuple[str, str]:
        return read_phone(typed, "" if not typed or typed.startswith("+") else self.country)


class ChildRowForm(ChildForm):
    """A child, with citizenships of any country and the languages it speaks (U22)."""

    class Meta(ChildForm.Meta):
        model = Child
        fields = (*ChildForm.Meta.fields, "name_on_document")  # type: ignore[assignment]
        widgets = {"birth_date": DATE_INPUT}
        field_classes = UNITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        child: Any = self.instance
        for name, label, kept, choices in (
            ("nationality", _("Nationality %(number)s"), child.nationalities, country_choices),
            ("language", _("Language spoken %(number)s"), child.languages_spoken, _language_choices),
        ):
            for row in range(1, MOST + 1):
                self.fields[f"{name}_{row}"] = forms.ChoiceField(
                    label=label % {"number": row}, required=False, choices=[("", _("Not known")), *choices()],
                    initial=kept[row - 1] if row <= len(kept) else "",
                )  # fmt: skip

    def save(self, commit: bool = True) -> Any:
        """Fill the lists; the service writes the row itself."""
        item: Any = super().save(commit=False)
        item.nationalities = self._chosen("nationality")
        item.languages_spoken = self._chosen("language")
        return item

    def _chosen(self, name: str) -> list[str]:
        values = (self.cleaned_data.get(f"{name}_{row}", "") for row in range(1, MOST + 1))
        return list(dict.fromkeys(value for value in values if value))

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the model's changed fields."""
        names = super().changed_names
        of_the_model = [name for name in names if not name.startswith(("nationality_", "language_"))]
        for prefix, column in (("nationality_", "nationalities"), ("language_", "languages_spoken")):
            of_the_model += [column] if any(name.startswith(prefix) for name in names) else []
        return of_the_model


class PersonRowForm(SuspectForm):
    """Somebody else, who may be known by an alias, an online handle or a telephone number alone (U3)."""

    phone = PhoneField(label=_("Phone"))

    class Meta(SuspectForm.Meta):
        model = Person
        fields = (  # type: ignore[assignment]
            *SuspectForm.Meta.fields, "name_on_document", "online_handle", "online_platform", "phone",
        )  # fmt: skip
        widgets = {"birth_date": DATE_INPUT}
        field_classes = UNITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["phone"] = show_phone(self.instance.phone, self.instance.phone_extension)
        self.fields["phone"].dialed_at_home(self.instance)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for anything that tells this person from another."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.extension: str
        cleaned["phone"], self.extension = cleaned.get("phone") or ("", "")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Keep the extension beside the number."""
        item = super().save(commit=False)
        item.phone_extension = self.extension  # type: ignore[attr-defined]
        return item

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the model's changed fields."""
        names = super().changed_names
        return [*names, "phone_extension"] if "phone" in names else names


class VehicleRowForm(VehicleForm):
    """A vehicle. Its plates are rows of their own once it is recorded."""

    class Meta(VehicleForm.Meta):
        model = Vehicle
        fields = (*VehicleForm.Meta.fields, "has_no_plates")  # type: ignore[assignment]
        field_classes = {"year": YearField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for name in ("plate", "plate_issuer", "is_plate_partial"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Refuse a vehicle with a plate that carries none."""
        cleaned: dict[str, Any] = super().clean() or {}
        has_plate = cleaned.get("plate") or self.instance.plates.current().exists()
        if cleaned.get("has_no_plates") and has_plate:
            self.add_error("has_no_plates", _("A plate is recorded. Replace it or leave this unmarked."))
        return cleaned


def _language_choices() -> list[tuple[str, str]]:
    return code_choices("spoken_language", blank=False)
