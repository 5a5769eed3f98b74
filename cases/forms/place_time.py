"""A moment as an officer types it: the clock of the place, and the place's zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from cases.models.place import zone_of
from cases.zones import name_zones


class PlaceTimeField(forms.Field):
    """Local date and time without a zone; the form joins it with the zone of the place."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {"invalid": _("Enter date and time as 2026-11-23 17:40.")}

    def to_python(self, value: Any) -> datetime | None:
        """Return a naive datetime. Refuses anything else than year-month-day hour:minute."""
        if not value:
            return None
        try:
            parsed = parse_datetime(str(value).strip())
        except ValueError:
            parsed = None
        if parsed is None or parsed.tzinfo is not None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed


def join_zone(local: datetime, zone: str) -> datetime:
    """Return the instant of a place's clock. Refuses an hour that the change to daylight saving time skips."""
    instant = local.replace(tzinfo=ZoneInfo(zone))
    if instant.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise forms.ValidationError(_("This hour does not exist in this zone: clocks were set forward."))
    return instant


class PlaceTimeForm(forms.ModelForm):
    """Base of forms with one moment. Subclasses name the model's fields in `moment` and `zone`."""

    moment = "happened_at"
    zone = "time_zone"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.zone].required = False
        name_zones(self)
        self.fields[self.zone].help_text = _("If left empty, the place's time zone is used.")
        stored, zone = getattr(self.instance, self.moment), getattr(self.instance, self.zone)
        if stored and zone:
            self.initial[self.moment] = stored.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        """Join clock and zone; a time without a zone, or one that has not come yet, is refused beside its field."""
        cleaned = super().clean() or {}
        local, zone = cleaned.get(self.moment), cleaned.get(self.zone)
        if local is None or self.moment in self.errors:
            return cleaned
        if not zone:
            zone = cleaned[self.zone] = self.zone_of_the_place(cleaned)
        if not zone:
            self.add_error(self.zone, _("Choose the time zone of the place."))
            return cleaned
        try:
            instant = join_zone(local, zone)
        except forms.ValidationError as error:
            self.add_error(self.moment, error)
            return cleaned
        if instant > timezone.now():
            self.add_error(self.moment, _("This moment is in the future."))
        cleaned[self.moment] = instant
        return cleaned

    def zone_of_the_place(self, cleaned: dict[str, Any]) -> str:
        """Return the zone that the table knows for the place that was typed, never that of its state (U25)."""
        subdivision = cleaned.get("subdivision")
        return zone_of(
            subdivision.pk if subdivision else "",
            place=cleaned.get("place") or "",
            municipality=cleaned.get("municipality") or str(getattr(self.instance, "municipality", "")),
        )

    @property
    def changed_names(self) -> list[str]:
        """Return the names of the changed fields: a zone taken from the place too, and the clock that it moves."""
        names = list(self.changed_data)
        taken = self.cleaned_data.get(self.zone, "") if hasattr(self, "cleaned_data") else ""
        if taken and taken != self.initial.get(self.zone, "") and self.zone not in names:
            names.append(self.zone)
        if self.zone in names and self.moment not in names and self.cleaned_data.get(self.moment):
            names.append(self.moment)
        return names
