"""Forms of how they move: travel legs, links, plates, sightings, the place in detail."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from cases.choices import PlateReplacement
from cases.countries import country_choices
from cases.models import Abduction, Case, Link, Plate, Sighting, TravelLeg
from cases.models.place import zone_of
from cases.zones import name_zones

from .facts import DATE_INPUT, subdivisions
from .place_time import PlaceTimeField, PlaceTimeForm, join_zone

POSTAL_CODES = {
    "US": re.compile(r"^\d{5}(-\d{4})?$"),
    "MX": re.compile(r"^\d{5}$"),
    "CA": re.compile(r"^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d$"),
}
PLACE_PARTS = (
    "neighborhood",
    "municipality",
    "road",
    "kilometer",
    "cross_street",
    "postal_code",
    "latitude",
    "longitude",
)


def read_postal_code(typed: str) -> str:
    """Return a postal code as its country writes it, "" for none. Refuses with ValueError what is none of them."""
    code = " ".join(typed.upper().split())
    if re.match(r"^[A-Z]\d[A-Z]\d[A-Z]\d$", code):
        code = f"{code[:3]} {code[3:]}"
    if code and not any(pattern.match(code) for pattern in POSTAL_CODES.values()):
        raise ValueError(_("Enter a postal code such as 79901, 32000 or H2Y 1C6."))
    return code


class PlaceParts(forms.ModelForm):
    """What forms with a place share: postal codes of the three countries, both coordinates or none."""

    def clean_postal_code(self) -> str:
        """Keep a postal code as its country writes it. Refuses what is one in none of the three."""
        try:
            return read_postal_code(self.cleaned_data.get("postal_code", ""))
        except ValueError as error:
            raise forms.ValidationError(str(error.args[0])) from error

    def clean_coordinates(self, cleaned: dict[str, Any]) -> None:
        """Refuse one coordinate without the other."""
        given = {name for name in ("latitude", "longitude") if cleaned.get(name) is not None}
        for name in {"latitude", "longitude"} - given if given else ():
            if name not in self.errors:
                self.add_error(name, _("Enter both coordinates."))


class PlaceForm(PlaceParts):
    """The place of the event in detail."""

    class Meta:
        model = Abduction
        fields = PLACE_PARTS

    def clean(self) -> dict[str, Any]:
        """Check what belongs together."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.clean_coordinates(cleaned)
        return cleaned

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields."""
        return list(self.changed_data)


class SightingForm(PlaceTimeForm, PlaceParts):
    """What was seen, where, when, and where they were heading."""

    moment = "seen_at"
    seen_at = PlaceTimeField(label=_("Seen, date and time at the place"))

    class Meta:
        model = Sighting
        fields = (
            "evidence", "seen_at", "time_zone", "place", "subdivision", *PLACE_PARTS, "toward", "toward_subdivision",
            "crossing_point", "confidence",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("subdivision", "toward_subdivision"):
            self.fields[name].queryset = subdivisions()  # type: ignore[attr-defined]
        self.fields["place"].help_text = ""

    def clean(self) -> dict[str, Any]:
        """Ask for a place of any kind; coordinates alone are one."""
        cleaned = super().clean()
        self.clean_coordinates(cleaned)
        given = [cleaned.get(name) for name in ("place", "subdivision", "crossing_point", *PLACE_PARTS)]
        if not any(value not in (None, "") for value in given):
            self.add_error("place", _("Say where: a place, a road, a border crossing or coordinates."))
        return cleaned


class TwoMoments(forms.ModelForm):
    """Base of forms with two moments, each with a zone; `moments` names the pairs of columns."""

    moments: tuple[tuple[str, str], tuple[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_zones(self)
        for moment, zone in self.moments:
            stored, name = getattr(self.instance, moment), getattr(self.instance, zone)
            if stored and name:
                self.initial[moment] = stored.astimezone(ZoneInfo(name)).replace(tzinfo=None)

    def join(self, cleaned: dict[str, Any], moment: str, zone: str, proposed: str = "") -> None:
        """Join a clock with its zone, in place; without a zone the error stands beside it."""
        local = cleaned.get(moment)
        if not isinstance(local, datetime) or moment in self.errors:
            return
        if not cleaned.get(zone):
            cleaned[zone] = proposed
        cleaned[moment] = None  # a clock without its zone is no moment, and nothing may compare it with one
        if not cleaned[zone]:
            if zone not in self.errors:
                self.add_error(zone, _("Choose the time zone of the place."))
            return
        try:
            cleaned[moment] = join_zone(local, cleaned[zone])
        except forms.ValidationError as error:
            self.add_error(moment, error)

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields: a zone taken from the place too, and the clock that it moves."""
        told = self.cleaned_data
        taken = [zone for _moment, zone in self.moments if told.get(zone) != self.initial.get(zone, "")]
        names = list(dict.fromkeys([*self.changed_data, *taken]))
        return names + [name for name, zone in self.moments if zone in names and name not in names and told.get(name)]


class LegForm(TwoMoments):
    """One part of a journey."""

    moments = (("departs_at", "departure_zone"), ("arrives_at", "arrival_zone"))
    departs_at = PlaceTimeField(label=_("Expected departure, time there"), required=False)
    arrives_at = PlaceTimeField(label=_("Expected arrival, time there"), required=False)

    class Meta:
        model = TravelLeg
        fields = (
            "mode", "carrier", "route", "ticket", "from_place", "from_subdivision", "departs_at", "departure_zone",
            "to_place", "to_subdivision", "arrives_at", "arrival_zone", "places_language", "confidence",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_subdivision", "to_subdivision"):
            self.fields[name].queryset = subdivisions()  # type: ignore[attr-defined]
        for name in ("departure_zone", "arrival_zone"):
            self.fields[name].help_text = _("If left empty, the place's time zone is used.")
        words: Any = self.fields["places_language"]
        words.choices = [("", _("Names alone, the same in every language")), *Language.choices]
        words.help_text = _("Agencies that work in another language see the places marked as untranslated.")
        self.language_before = self.instance.places_language
        if not (self.instance.from_place or self.instance.to_place):
            self.initial["places_language"] = (get_language() or "en")[:2]

    def clean(self) -> dict[str, Any]:
        """Join both clocks with their zones. Refuses an arrival before the departure.

        Without a place there are no words that have a language.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        if not (cleaned.get("from_place") or cleaned.get("to_place")):
            cleaned["places_language"] = ""
        for (moment, zone), end in zip(self.moments, ("from", "to"), strict=True):
            subdivision = cleaned.get(f"{end}_subdivision")
            proposed = zone_of(subdivision.pk if subdivision else "", place=cleaned.get(f"{end}_place") or "")
            self.join(cleaned, moment, zone, proposed)
        start, end_at = cleaned.get("departs_at"), cleaned.get("arrives_at")
        if not self.errors and start and end_at and end_at <= start:
            self.add_error("arrives_at", _("The arrival is before the departure."))
        return cleaned

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields; the language that was proposed on the page is one, once it counts."""
        names = [name for name in super().changed_names if name != "places_language"]
        is_said = self.cleaned_data.get("places_language") != self.language_before
        return [*names, "places_language"] if is_said else names


class LinkForm(TwoMoments):
    """Who is with whom, in what, since when."""

    moments = (("since", "time_zone"), ("until", "time_zone"))
    since = PlaceTimeField(label=_("Since, time at the place"), required=False)
    until = PlaceTimeField(label=_("Until, time at the place"), required=False)

    class Meta:
        model = Link
        fields = ("child", "person", "vehicle", "leg", "since", "until", "time_zone", "confidence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        case: Case = self.instance.case
        for name, rows in (
            ("child", case.children.all()), ("person", case.people.all()),
            ("vehicle", case.vehicles.all()), ("leg", case.legs.all()),
        ):  # fmt: skip
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = row_label  # type: ignore[attr-defined]
            self.fields[name].empty_label = "–"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for two ends, somebody and what they are in or whom they are with."""
        cleaned: dict[str, Any] = super().clean() or {}
        child, person = cleaned.get("child"), cleaned.get("person")
        if not (child or person):
            self.add_error("child", _("Choose a child or a person."))
        elif not (cleaned.get("vehicle") or cleaned.get("leg") or (child and person)):
            self.add_error("vehicle", _("Choose the vehicle or the travel leg, or with whom the child is."))
        for moment, zone in self.moments:
            self.join(cleaned, moment, zone)
        since, until = cleaned.get("since"), cleaned.get("until")
        if not self.errors and since and until and until <= since:
            self.add_error("until", _("The end is before the beginning."))
        return cleaned


class PlateForm(forms.ModelForm):
    """One plate."""

    issuing_country = forms.ChoiceField(label=_("Issued in"), required=False)

    class Meta:
        model = Plate
        fields = ("number", "issuer", "issuing_country", "kind", "is_partial", "valid_from", "valid_until")
        widgets = {"valid_from": DATE_INPUT, "valid_until": DATE_INPUT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].queryset = subdivisions()  # type: ignore[attr-defined]
        self.fields["issuing_country"].choices = [("", _("Same place as the issuer")), *country_choices()]  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        """Keep the plate as printed, in capitals; any sign that people use for an unknown character becomes ?."""
        number: str = self.cleaned_data.get("number", "")
        return " ".join(re.sub(r"[*_¿]", "?", number.upper()).split())

    def clean(self) -> dict[str, Any]:
        """Refuse an issuer of another country than the one named, and an end before the beginning."""
        cleaned: dict[str, Any] = super().clean() or {}
        issuer, country = cleaned.get("issuer"), cleaned.get("issuing_country")
        if issuer and country and issuer.country != country:
            self.add_error("issuing_country", _("The issuer that was chosen is in another country."))
        start, end = cleaned.get("valid_from"), cleaned.get("valid_until")
        if start and end and end < start:
            self.add_error("valid_until", _("The end is before the beginning."))
        return cleaned


class ReplacePlateForm(PlateForm):
    """A plate in the place of another."""

    because = forms.ChoiceField(
        label=_("Why it is replaced"), choices=PlateReplacement.choices, widget=forms.RadioSelect
    )
    on = forms.DateField(
        label=_("Changed on"), required=False, widget=DATE_INPUT, help_text=_("For a change only; today if empty.")
    )
    field_order = ("because", "on", "number")

    def clean_on(self) -> Any:
        """Refuse a day that has not come."""
        on = self.cleaned_data.get("on")
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("This date is in the future."))
        return on


def row_label(row: Any) -> str:
    """Return what a page calls a row of facts: a name, a make and plate, a means of travel."""
    name = getattr(row, "known_as", "") or getattr(row, "name", "")
    if isinstance(row, TravelLeg):
        name = " ".join(part for part in (str(row.get_mode_display()), row.carrier, row.route) if part)
    elif not name and hasattr(row, "make"):
        name = " ".join(part for part in (row.make, row.model, row.plate) if part)
    return name or str(row)
