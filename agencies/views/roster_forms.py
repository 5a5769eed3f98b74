"""Forms of the roster: hours are typed on the desk's own clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.choices import OverrideKind
from agencies.duty_roster import MOST_REPEATS
from agencies.models import RosterShift, User

NO_SUCH_TIME = _("This time does not exist on that day: the clocks go forward.")


def time_input() -> forms.TimeInput:
    """Return the widget for an hour of the day."""
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ShiftForm(forms.Form):
    """Who is on duty on which day from when until when, and how often again."""

    person: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose")  # type: ignore[arg-type]
    )  # fmt: skip
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    starts = forms.TimeField(label=pgettext_lazy("hour", "From"), widget=time_input())
    ends = forms.TimeField(
        label=pgettext_lazy("hour", "Until"), widget=time_input(),
        help_text=_("The same hour or an earlier one means the next day."),
    )  # fmt: skip
    repeat = forms.ChoiceField(
        label=_("Repeat"), required=False,
        choices=[("", _("Once")), ("daily", _("Every day")), ("weekly", _("Every week"))],
    )  # fmt: skip
    times = forms.IntegerField(
        label=_("How many times in all"), required=False, min_value=1, max_value=MOST_REPEATS, initial=1
    )

    def __init__(self, *args: Any, people: QuerySet[User], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn day and hours into instants; refuse an hour that the day does not have."""
        values = super().clean() or {}
        day, starts, ends = values.get("day"), values.get("starts"), values.get("ends")
        if day and starts is not None and ends is not None:
            last = day + timedelta(days=1) if ends <= starts else day
            values["starts_at"] = self._instant("starts", day, starts)
            values["ends_at"] = self._instant("ends", last, ends)
            if values["ends_at"] and values["ends_at"] <= timezone.now():
                self.add_error("day", _("These hours are over."))
        values["times"] = values.get("times") or 1
        return values

    def _instant(self, name: str, day: date, hour: time) -> datetime | None:
        local = datetime.combine(day, hour, tzinfo=self.zone)
        if not exists(local):
            self.add_error(name, NO_SUCH_TIME)
            return None
        return local


class OverrideForm(forms.Form):
    """What is different in a shift: why, from when until when, who stands in."""

    kind = forms.ChoiceField(label=_("What changes"), choices=OverrideKind.choices, widget=forms.RadioSelect)
    starts = forms.TimeField(label=pgettext_lazy("hour", "From"), widget=time_input())
    ends = forms.TimeField(label=pgettext_lazy("hour", "Until"), widget=time_input())
    replacement: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("On duty instead"), queryset=User.objects.none(), required=False,
        empty_label=_("Nobody"),  # type: ignore[arg-type]
    )  # fmt: skip

    def __init__(self, *args: Any, shift: RosterShift, people: QuerySet[User], **kwargs: Any) -> None:
        self.shift, self.zone = shift, ZoneInfo(shift.agency.time_zone)
        hours = {name: moment.astimezone(self.zone).time() for name, moment in
                 (("starts", shift.starts_at), ("ends", shift.ends_at))}  # fmt: skip
        super().__init__(*args, **kwargs, initial={**hours, "kind": OverrideKind.SWAP})  # type: ignore[misc]
        self.fields["replacement"].queryset = people.exclude(pk=shift.person_id)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Find the hours inside the shift; refuse those outside it, and a swap with nobody."""
        values = super().clean() or {}
        if values.get("kind") == OverrideKind.SWAP and not values.get("replacement"):
            self.add_error("replacement", _("Say who takes the shift over."))
        starts, ends = values.get("starts"), values.get("ends")
        if starts is not None and ends is not None:
            begin = self._next(self.shift.starts_at, starts)
            finish = self._next(begin + timedelta(minutes=1), ends)
            for name, moment in (("starts", begin), ("ends", finish)):
                if moment > self.shift.ends_at or (name == "starts" and moment == self.shift.ends_at):
                    self.add_error(name, _("The hours must lie inside the shift."))
                    break
            values["starts_at"], values["ends_at"] = begin, finish
        return values

    def _next(self, since: datetime, hour: time) -> datetime:
        """Return the first instant from `since` on at which the desk's clock shows this hour."""
        local = since.astimezone(self.zone)
        found = datetime.combine(local.date(), hour, tzinfo=self.zone)
        return found if found >= since else datetime.combine(local.date() + timedelta(days=1), hour, tzinfo=self.zone)


def exists(local: datetime) -> bool:
    """Say whether the clock of the zone ever shows this: in spring one hour is left out."""
    zone = local.tzinfo
    there_and_back = datetime.fromtimestamp(local.timestamp(), tz=zone)
    return there_and_back.replace(tzinfo=None) == local.replace(tzinfo=None)
