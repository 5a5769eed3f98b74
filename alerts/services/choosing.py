"""Which programs an officer may ask about a case: each in full, with its time, languages, desk and limits (U21, U6)."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from agencies.choices import Capability, Country
from agencies.geography import read_geography
from agencies.models import Agency, AlertProgram, CriteriaVersion, ProgramRoute, Subdivision
from agencies.on_duty import programs_on_duty
from agencies.program_agencies import agencies_of
from agencies.routing import WayIn, ways_in
from alerts import permissions
from alerts.choices import ENDED_REQUESTS
from alerts.models import ExtensionRequest
from alerts.services.outbound import to_be_told
from alerts.services.reading import languages_read
from alerts.services.sealed_cases import lacks_reader
from alerts.territory import heading
from cases.criteria.known import time_limit
from cases.models import Case
from cases.models.seal import readers_of


@dataclass(frozen=True)
class CutOff:
    """Until when a program's own rule lets it act after the event; `until` is None while the event has no time."""

    hours: int
    until: datetime | None

    @property
    def is_past(self) -> bool:
        """Say whether that moment is over."""
        return self.until is not None and self.until <= timezone.now()


@dataclass(frozen=True)
class Choice:
    """One program as the page of sending shows it."""

    program: AlertProgram
    languages: frozenset[str]
    has_people: bool
    is_on_duty: bool
    cut_off: CutOff | None
    open_request: ExtensionRequest | None
    way_in: WayIn | None = None

    @property
    def goes_elsewhere(self) -> bool:
        """Say whether another program receives what is asked of this one."""
        return self.way_in is not None and self.way_in.program != self.program


@dataclass(frozen=True)
class WithoutProgram:
    """Places of one country that have no program of their own, and the hub that receives for them (U6)."""

    hub: AlertProgram
    places: list[Subdivision]


@dataclass(frozen=True)
class Group:
    """A shortcut: programs that belong together, the places of theirs, and the places for which a hub stands."""

    code: str
    title: str
    choices: list[Choice]
    places: list[Subdivision]
    without_program: list[WithoutProgram]

    @property
    def programs(self) -> str:
        """Return the codes of what can still be asked, for the page's own script."""
        return " ".join(choice.program.code for choice in self.choices if choice.open_request is None)


@dataclass(frozen=True)
class CountryChoices:
    """The programs of one country that no group has named, and the places that its hub stands for."""

    name: str
    choices: list[Choice]
    without_program: list[WithoutProgram]
    is_open: bool


class Selection:
    """Everything the page of sending offers for a case, in a constant number of queries. Nothing is preselected."""

    def __init__(self, case: Case, chosen: Collection[str] = (), *, asker: Agency | None = None) -> None:
        self.case = case
        self.asker = asker or case.lead_agency
        self.chosen = chosen
        self.geography = read_geography()
        own = AlertProgram.objects.run_by([case.lead_agency_id, self.asker.pk]).values("pk")
        programs = AlertProgram.objects.filter(is_active=True).select_related("agency")
        self._everywhere = list(programs.order_by("country", "code"))
        self._own = set(own.values_list("pk", flat=True))
        self.choices = self._choices([item for item in self._everywhere if item.pk not in self._own])

    def _choices(self, programs: list[AlertProgram]) -> dict[int, Choice]:
        permissions.read_people_of(programs)
        languages, duty = languages_read(programs), programs_on_duty(programs)
        limits = self._limits()
        waiting = self.case.requests.exclude(status__in=ENDED_REQUESTS).order_by("created_at")
        asked = {item.asked_for_id or item.program_id: item for item in waiting}
        ways, home = ways_in(), self.case.lead_agency.country
        return {
            item.pk: Choice(
                item, languages[item.pk], permissions.has_people(item), duty[item.pk], limits.get(item.pk),
                asked.get(item.pk), ways.of(item) if item.country != home else None,
            )
            for item in sorted(programs, key=lambda item: (item.country, _plain(item.name)))
        }  # fmt: skip

    @cached_property
    def told(self) -> list[ProgramRoute]:
        """Return the rows by which others hear of what is sent from here: who decides abroad, and the hubs (U5)."""
        rows = to_be_told(self.asker, self._everywhere)
        permissions.read_people_of([row.to_program for row in rows])
        return rows

    @cached_property
    def unheard(self) -> set[int]:
        """Return the ids of those programs of which nobody hears it, because the case is sealed (ADR 65)."""
        if readers_of(self.case.pk) is None:
            return set()
        return {
            row.to_program_id for row in self.told
            if lacks_reader(self.case, Capability.ANSWER_REQUESTS, agencies_of(row.to_program).running)
        }  # fmt: skip

    def _limits(self) -> dict[int, CutOff]:
        versions = CriteriaVersion.objects.ruling().filter(max_hours_since_event__isnull=False)
        return {
            version.program_id: CutOff(version.max_hours_since_event or 0, time_limit(self.case, version))
            for version in versions
        }

    @cached_property
    def groups(self) -> list[Group]:
        """Return the shortcuts that mean something for this case, the nearest to it first."""
        found = [self._group(code, title, places) for code, title, places in self._named_places()]
        hubs = [choice for choice in self.choices.values() if choice.program.is_hub]
        found.append(Group("hubs", _("National hubs"), hubs, [], []))
        return [group for group in found if group.choices]

    def _named_places(self) -> list[tuple[str, str, list[str]]]:
        geography, named = self.geography, self.geography.places
        origin = self.case.abduction.subdivision_id or self.case.lead_agency.subdivision_id or ""
        destinations, countries = heading(self.case)
        destinations -= {origin}
        home = named[origin].country if origin else self.case.lead_agency.country
        on_the_way = {code for goal in destinations for code in geography.between(origin, goal)} if origin else set()
        rows = [("destination", _("Toward: %(places)s") % {"places": self._names(destinations)}, sorted(destinations))]
        for country in sorted(countries - {home}):
            title = _("Border: %(country)s") % {"country": Country(country).label}
            rows.append((f"border-{country.lower()}", title, geography.along_the_border(country, home)))
        rows.append(("between", _("In between"), sorted(on_the_way - destinations)))
        if origin:
            title = _("Neighbors: %(place)s") % {"place": named[origin].name}
            rows.append(("neighbors", title, geography.beside(origin)))
        return rows

    def _names(self, codes: set[str]) -> str:
        return ", ".join(sorted((self.geography.places[code].name for code in codes), key=_plain))

    def _group(self, code: str, title: str, places: list[str]) -> Group:
        found: dict[int, Choice] = {}
        own: list[Subdivision] = []
        lacking: list[Subdivision] = []
        for place in (self.geography.places[name] for name in places):
            program = self._receiver(place)
            if program is not None and program.pk in self.choices:
                found.setdefault(program.pk, self.choices[program.pk])
                (own if program.subdivision_id == place.code else lacking).append(place)
        return Group(code, title, list(found.values()), _by_name(own), self._without_program(lacking))

    def _without_program(self, places: list[Subdivision]) -> list[WithoutProgram]:
        hubs = self._receivers[1]
        found = [(hub, _by_name([item for item in places if item.country == code])) for code, hub in hubs.items()]
        return [WithoutProgram(hub, inside) for hub, inside in found if inside]

    @cached_property
    def _receivers(self) -> tuple[dict[str, AlertProgram], dict[str, AlertProgram]]:
        own = {item.subdivision_id: item for item in self._everywhere if item.subdivision_id}
        return own, {item.country: item for item in self._everywhere if item.is_hub}

    def _receiver(self, place: Subdivision) -> AlertProgram | None:
        """Return the program of a place, else the hub of its country (U6)."""
        own, hubs = self._receivers
        return own.get(place.code) or hubs.get(place.country)

    @cached_property
    def suggested(self) -> list[Choice]:
        """Return the programs of the groups, each once, in the order of the groups."""
        found: dict[int, Choice] = {}
        for group in self.groups:
            for choice in group.choices:
                found.setdefault(choice.program.pk, choice)
        return list(found.values())

    @cached_property
    def countries(self) -> list[CountryChoices]:
        """Return the other programs by country, and which places have none and go to the hub."""
        shown = {choice.program.pk for choice in self.suggested}
        lacking = [item for item in self.geography.places.values() if item.code not in self._receivers[0]]
        found = []
        for code, name in Country.choices:
            choices = [item for pk, item in self.choices.items() if item.program.country == code and pk not in shown]
            without = self._without_program([item for item in lacking if item.country == code])
            is_open = any(item.program.code in self.chosen for item in choices)
            found.append(CountryChoices(str(name), choices, without, is_open))
        return found


def _by_name(places: list[Subdivision]) -> list[Subdivision]:
    return sorted(places, key=lambda place: _plain(place.name))


def _plain(name: Any) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", str(name).casefold()) if sign.isalnum())
