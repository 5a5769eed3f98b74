"""The coded facts of a case: event, child, suspect, vehicle, crossing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Subdivision
from cases.countries import country_choices
from cases.models import Abduction, Child, CrossingIndication, Person, Vehicle
from cases.models.code import code_choices
from cases.models.person import Described

from . import coded_rows
from .blank_choices import say_blank_choices
from .place_time import PlaceTimeField, PlaceTimeForm
from .units import HeightField, WeightField, YearField

OLDEST_CAR = 1900
NAMES = ("given_names", "first_surname", "second_surname", "also_known_as")
CUSTODY = ("custody", "custody_holder", "custody_country", "custody_subdivision")
LOOKS = ("height_cm", "weight_kg", "hair", "eyes", "skin")


def subdivisions() -> models.QuerySet[Subdivision]:
    """Return the subdivisions of the three countries, by country and name."""
    return Subdivision.objects.order_by("country", "name")


class AbductionForm(PlaceTimeForm):
    """When, where and how."""

    happened_at = PlaceTimeField(label=_("Date and time at the place"), required=False)

    class Meta:
        model = Abduction
        fields = (
            "kind", "happened_at", "time_zone", "place", "subdivision", "place_kind", "how_taken", "force", "weapon",
            "threats", "dangers", "circumstances", "circumstances_language", "category_at_intake",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subdivision"].queryset = subdivisions()  # type: ignore[attr-defined]
        self.fields["circumstances"].widget.attrs["rows"] = 4
        if self.instance.category_at_intake:  # frozen once recorded (domain §5.1)
            self.fields["category_at_intake"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Ask for the language of free text, so that a reader of another language is told."""
        cleaned = super().clean()
        if cleaned.get("circumstances") and not cleaned.get("circumstances_language"):
            self.add_error("circumstances_language", _("Say in which language the circumstances are written."))
        return cleaned


class DescribedForm(forms.ModelForm):
    """Names and description of a person, with rows of clothing and of marks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rows in coded_rows.ALL:
            rows.add_to(self)

    @property
    def clothing_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rows of clothing, garment beside color."""
        return coded_rows.CLOTHING.bound(self)

    @property
    def mark_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rows of distinguishing marks, kind beside place on the body."""
        return coded_rows.MARKS.bound(self)

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Return the other visible fields."""
        return [field for field in self.visible_fields() if not field.name.startswith(coded_rows.PREFIXES)]

    def clean(self) -> dict[str, Any]:
        """Refuse a place on the body without the mark that is there."""
        cleaned: dict[str, Any] = super().clean() or {}
        for kind, location in coded_rows.MARKS.names(self):
            if cleaned.get(location) and not cleaned.get(kind) and kind not in self.errors:
                self.add_error(kind, _("Choose the mark that is at this place."))
        return cleaned

    def clean_birth_date(self) -> Any:
        """Refuse a birth that has not happened."""
        born = self.cleaned_data.get("birth_date")
        if born and born > timezone.localdate():
            raise forms.ValidationError(_("This date is in the future."))
        return born

    def clean_height_cm(self) -> int | None:
        """Refuse heights no person has, which are mostly inches or meters."""
        return self._between("height_cm", 20, 250, _("Enter the height in centimeters, from 20 to 250."))

    def clean_weight_kg(self) -> int | None:
        """Refuse weights no person has."""
        return self._between("weight_kg", 1, 300, _("Enter the weight in kilograms, from 1 to 300."))

    def _between(self, name: str, least: int, most: int, message: object) -> int | None:
        value: int | None = self.cleaned_data.get(name)
        if value is not None and not least <= value <= most:
            raise forms.ValidationError(str(message))
        return value

    def save(self, commit: bool = True) -> Described:
        """Fill clothing and marks; the service writes the row itself."""
        item: Described = super().save(commit=False)
        for rows in coded_rows.ALL:
            setattr(item, rows.column, rows.chosen(self))
        return item

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the model's changed fields."""
        return coded_rows.columns_of(self.changed_data)


UNITS = {"height_cm": HeightField, "weight_kg": WeightField}
DATE_INPUT = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def medical_choices() -> list[tuple[str, str]]:
    """Return the medical values of NCIC's list CMC, which begin at 50 (domain §4.2), and those that staff added."""
    return [item for item in code_choices("caution", blank=False) if not item[0].isdigit() or item[0] >= "50"]


class ChildForm(DescribedForm):
    """The child."""

    class Meta:
        model = Child
        fields = (*NAMES, "sex", "birth_date", "age_years", *LOOKS, "medical", *CUSTODY)
        widgets = {"birth_date": DATE_INPUT}
        field_classes = UNITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "medical" in self.fields:
            self.fields["medical"].choices = medical_choices  # type: ignore[attr-defined]
        if "custody" in self.fields:
            self.fields["custody_subdivision"].queryset = subdivisions()  # type: ignore[attr-defined]
            self.fields["custody_country"] = forms.ChoiceField(
                label=_("Country of the court"), required=False,
                choices=lambda: [("", gettext("Not known")), *country_choices()],
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Take the country of the court from its state, entity or province; refuse another one."""
        cleaned = super().clean()
        court, country = cleaned.get("custody_subdivision"), cleaned.get("custody_country")
        if court and country and court.country != country:
            self.add_error("custody_country", _("The court that was chosen is in another country."))
        elif court:
            self.instance.custody_country = cleaned["custody_country"] = court.country
        return cleaned

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields; the country of the court follows its state, entity or province."""
        names = super().changed_names
        return (
            [*names, "custody_country"] if "custody_subdivision" in names and "custody_country" not in names else names
        )

    def clean_age_years(self) -> int | None:
        """Programs cover people under 18; a few also vulnerable adults (domain §1.1)."""
        return self._between("age_years", 0, 120, _("Enter the age in whole years."))


class SuspectForm(DescribedForm):
    """The person who may have taken the child."""

    class Meta:
        model = Person
        fields = (*NAMES, "role", "relationship", "sex", "birth_date", "age_years", *LOOKS, "cautions")
        widgets = {"birth_date": DATE_INPUT}
        field_classes = UNITS


class VehicleForm(forms.ModelForm):
    """The vehicle."""

    class Meta:
        model = Vehicle
        fields = (
            "make", "model", "year", "color", "second_color", "style", "plate", "plate_issuer", "is_plate_partial",
        )  # fmt: skip
        field_classes = {"year": YearField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plate_issuer"].queryset = subdivisions()  # type: ignore[attr-defined]

    def clean_year(self) -> int | None:
        """Refuse what is no year: in a Mexican record *modelo* is the year (domain §4.5)."""
        year: int | None = self.cleaned_data.get("year")
        if year is not None and not OLDEST_CAR <= year <= timezone.localdate().year + 1:
            raise forms.ValidationError(_("Enter the model year with four digits."))
        return year

    def clean_plate(self) -> str:
        """Keep the plate as printed, in capitals, without outer spaces."""
        plate: str = self.cleaned_data.get("plate", "")
        return " ".join(plate.upper().split())

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields."""
        return list(self.changed_data)


class CrossingForm(PlaceTimeForm):
    """A sign that a border is near."""

    moment = "observed_at"
    observed_at = PlaceTimeField(label=_("Observed, date and time at the place"), required=False)

    class Meta:
        model = CrossingIndication
        fields = (
            "toward", "toward_subdivision", "evidence", "crossing_point", "confidence", "observed_at", "time_zone",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["toward_subdivision"].queryset = subdivisions()  # type: ignore[attr-defined]
        if not self.instance.toward:
            self.fields["toward"].required = False

    def clean(self) -> dict[str, Any]:
        """Ask for the country once anything else is filled in."""
        cleaned = super().clean()
        if self.changed_data and not cleaned.get("toward"):
            self.add_error("toward", _("Choose the country."))
        return cleaned


class FactsForms:
    """The five forms of one page, validated and saved together."""

    def __init__(self, case: Any, data: Any = None) -> None:
        blank_child, blank_suspect = Child(case=case), Person(case=case)
        blank_vehicle, blank_crossing = Vehicle(case=case), CrossingIndication(case=case)
        self.abduction = AbductionForm(data, instance=case.abduction, prefix="event")
        self.child = ChildForm(data, instance=case.children.first() or blank_child, prefix="child")
        self.suspect = SuspectForm(data, instance=case.people.first() or blank_suspect, prefix="suspect")
        self.vehicle = VehicleForm(data, instance=case.vehicles.first() or blank_vehicle, prefix="vehicle")
        self.crossing = CrossingForm(
            data, instance=case.crossingindications.first() or blank_crossing, prefix="crossing"
        )
        self.all = (self.abduction, self.child, self.suspect, self.vehicle, self.crossing)
        for form in self.all:
            say_blank_choices(form)

    def is_valid(self) -> bool:
        """Validate every form, so that the page shows all errors at once."""
        return all([form.is_valid() for form in self.all])

    @property
    def has_errors(self) -> bool:
        """Say whether anything that was typed is wrong."""
        return any(form.errors for form in self.all)

    def items(self) -> list[tuple[models.Model, list[str]]]:
        """Return the rows with the names of their changed fields, for the service."""
        return [(form.save(commit=False), form.changed_names) for form in self.all]
