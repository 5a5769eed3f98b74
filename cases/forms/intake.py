"""The intake: everything essential of a case on one page, in the order in which a caller tells it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language

from agencies.choices import Capability
from agencies.models import Agency, User
from cases.choices import TIME_ZONES
from cases.services.merging import Typed

from . import coded_rows
from .acts import OpenCaseForm
from .blank_choices import say_blank_choices
from .coded_rows import CLOTHING, MARKS, keep_rows
from .conflicts import typed_values
from .facts import AbductionForm, ChildForm, CrossingForm, SuspectForm, VehicleForm
from .short_select import shorten

GARMENTS_AT_INTAKE = MARKS_OF_CHILD = 2
MARKS_OF_SUSPECT = 1
# Fields that hold several values.
MANY = {"dangers", "medical", "cautions"}


class Grouped(forms.BaseForm):
    """A section of the page: `first` are the fields of the first minutes, the others stand folded below them."""

    first: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False  # whatever is not known yet can follow
        shorten(self)
        say_blank_choices(self)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """Return the fields that every caller is asked for, in their order."""
        return [self[name] for name in self.first if name in self.fields]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """Return the other fields, long lists of checkboxes last."""
        rest = [field for field in self.visible_fields() if field.name not in self.first]
        return sorted(rest, key=lambda field: field.name in MANY)

    @property
    def is_more_open(self) -> bool:
        """Unfold what holds a value or an error."""
        return any(field.errors or field.value() for field in self.more_fields)

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the fields that say something; proposals count once anything else was said."""
        cleaned, blank = self.cleaned_data, self._meta.model()  # type: ignore[attr-defined]
        told = [
            name for name in self._meta.fields  # type: ignore[attr-defined]
            if cleaned.get(name) not in (None, "", []) and cleaned[name] != getattr(blank, name)
        ]  # fmt: skip
        listed = [
            rows.column for rows in coded_rows.ALL if any(cleaned.get(first) for first, _second in rows.names(self))
        ]
        return [*told, *listed] if listed or set(told) - set(self.proposed) else []


class IntakeEventForm(Grouped, AbductionForm):
    """When, where, how, and the danger; the proposed zone gives way to that of a known place."""

    class Meta(AbductionForm.Meta):
        fields: Any = (
            "happened_at", "time_zone", "kind", "place", "subdivision", "how_taken", "category_at_intake", "force",
            "weapon", "threats", "circumstances", "circumstances_language", "dangers",
        )  # fmt: skip

    first = ("happened_at", "time_zone", "kind", "place", "subdivision", "how_taken", "category_at_intake")
    proposed = ("time_zone", "subdivision", "circumstances_language")
    zone_is_assumed = False  # the agency's own zone stayed, for the place is not in the table

    def clean(self) -> dict[str, Any]:
        """Take the zone of the place where it is known and nobody chose another than the proposed one (U25)."""
        known = self.zone_of_the_place(self.cleaned_data)
        is_proposed = "time_zone" not in self.changed_data
        if known and is_proposed:
            self.cleaned_data["time_zone"] = known
        self.zone_is_assumed = bool(is_proposed and not known and self.cleaned_data.get(self.moment))
        return super().clean()


class IntakeChildForm(Grouped, ChildForm):
    """The child as first described."""

    class Meta(ChildForm.Meta):
        fields: Any = (
            "given_names", "first_surname", "second_surname", "sex", "age_years", "height_cm", "hair", "also_known_as",
            "birth_date", "weight_kg", "eyes", "skin", "medical",
        )  # fmt: skip

    first = ("given_names", "first_surname", "second_surname", "sex", "age_years", "height_cm", "hair", "garment_1",
             "color_1", "garment_2", "color_2")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_rows(self, CLOTHING, GARMENTS_AT_INTAKE)
        keep_rows(self, MARKS, MARKS_OF_CHILD)


class IntakeSuspectForm(Grouped, SuspectForm):
    """Who may have taken the child."""

    class Meta(SuspectForm.Meta):
        fields: Any = (
            "given_names", "first_surname", "second_surname", "relationship", "sex", "age_years", "also_known_as",
            "height_cm", "weight_kg", "hair", "eyes", "skin", "cautions",
        )  # fmt: skip

    first = ("given_names", "first_surname", "second_surname", "relationship", "sex", "age_years")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_rows(self, CLOTHING, 0)
        keep_rows(self, MARKS, MARKS_OF_SUSPECT)


class IntakeVehicleForm(Grouped, VehicleForm):
    """The vehicle."""

    class Meta(VehicleForm.Meta):
        fields: Any = ("plate", "plate_issuer", "make", "model", "year", "color", "style", "is_plate_partial")

    first = ("plate", "plate_issuer", "make", "model", "year", "color")


class IntakeCrossingForm(Grouped, CrossingForm):
    """A sign that a border is near."""

    first = ("toward", "toward_subdivision", "evidence")


class DraftKeyForm(forms.Form):
    """Which draft the page belongs to, and the version that it began with."""

    draft = forms.UUIDField(widget=forms.HiddenInput)
    draft_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def clean_draft_version(self) -> int:
        """A page that was never saved begins at nothing."""
        return self.cleaned_data.get("draft_version") or 0


class IntakeForms:
    """The forms of the page, validated and saved together. `typed` is what a browser or a draft holds."""

    def __init__(self, user: User, typed: MultiValueDict[str, str] | None = None, draft: Typed | None = None) -> None:
        kept = {} if draft is None else draft
        self.opening = OpenCaseForm(typed, user=user, capability=Capability.EDIT_CASES, initial=_initial(kept, ""))
        shapes: dict[str, Any] = {
            "child": IntakeChildForm, "event": IntakeEventForm, "suspect": IntakeSuspectForm,
            "vehicle": IntakeVehicleForm, "crossing": IntakeCrossingForm,
        }  # fmt: skip
        made = {
            prefix: shape(
                typed, prefix=prefix,
                initial=_initial(kept, f"{prefix}-") if draft is not None else self._proposed(prefix),
            )
            for prefix, shape in shapes.items()
        }  # fmt: skip
        self.child, self.event, self.suspect = made["child"], made["event"], made["suspect"]
        self.vehicle, self.crossing = made["vehicle"], made["crossing"]
        if typed is None and draft is None:
            self.child.fields[self.child.first[0]].widget.attrs["autofocus"] = True
        self.all = (self.opening, self.child, self.event, self.suspect, self.vehicle, self.crossing)

    def _proposed(self, prefix: str) -> dict[str, Any]:
        agency = self.opening.only_agency
        if prefix != "event" or agency is None:
            return {}
        language = {"circumstances_language": (get_language() or "en")[:2]}
        return language | propose_place(agency)

    def is_valid(self) -> bool:
        """Validate every form, so that the page shows all errors at once."""
        return all([form.is_valid() for form in self.all])

    @property
    def has_errors(self) -> bool:
        """Say whether anything that was typed is wrong."""
        return any(form.errors for form in self.all)

    def items(self) -> list[tuple[models.Model, list[str]]]:
        """Return the rows that hold anything, with the names of their filled fields."""
        rows = (self.event, self.child, self.suspect, self.vehicle, self.crossing)
        return [(form.save(commit=False), form.changed_names) for form in rows if form.changed_names]

    def names(self) -> set[str]:
        """Return the names of every field of the page, as a browser sends them."""
        return {field.html_name for form in self.all for field in form}

    def content(self, typed: MultiValueDict[str, str]) -> Typed:
        """Return what was typed into the fields of this page, nothing else."""
        return typed_values(typed, self.names())


def propose_place(agency: Agency) -> dict[str, Any]:
    """Return the subdivision and zone that are most likely for a case of this agency; the officer sees and changes."""
    proposed: dict[str, Any] = {"subdivision": agency.subdivision_id} if agency.subdivision_id else {}
    return proposed | ({"time_zone": agency.time_zone} if agency.time_zone in TIME_ZONES else {})


def _initial(content: Typed, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in content.items():
        if name.startswith(prefix):
            key = name.removeprefix(prefix)
            found[key] = values if key in MANY else values[0]
    return found
