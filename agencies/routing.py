"""Where a request goes: the desk of every state, entity and province, and the hubs above them (U5, U6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agencies.choices import RouteKind
from agencies.models import Agency, AlertProgram, ProgramDesk, ProgramRoute, Subdivision


@dataclass(frozen=True)
class Receiving:
    """Who receives what is asked of one subdivision; `is_hub` when it has no program of its own."""

    program: AlertProgram
    desks: tuple[Agency, ...]
    is_hub: bool


def receiving_desks(subdivision: Subdivision) -> Receiving:
    """Return the program of a subdivision with its desks, else the national hub of its country.

    Refuses with `AlertProgram.DoesNotExist` a country whose hub staff have switched off.
    """
    programs = AlertProgram.objects.select_related("agency").filter(is_active=True)
    own = programs.filter(subdivision=subdivision).first()
    program = own or programs.get(is_hub=True, country=subdivision.country)
    return Receiving(program, tuple(desks_of(program)), own is None)


def all_receiving_desks() -> dict[str, Receiving]:
    """Return the same for every subdivision by its code, in three queries."""
    programs = list(AlertProgram.objects.select_related("agency").filter(is_active=True))
    desks: dict[int, list[Agency]] = {}
    for row in ProgramDesk.objects.select_related("agency").filter(agency__is_active=True):
        desks.setdefault(row.program_id, []).append(row.agency)
    own = {program.subdivision_id: program for program in programs if program.subdivision_id}
    hubs = {program.country: program for program in programs if program.is_hub}
    found = {}
    for code, country in Subdivision.objects.order_by("code").values_list("code", "country"):
        program = own.get(code) or hubs[country]
        found[code] = Receiving(program, tuple(desks.get(program.pk) or [program.agency]), code not in own)
    return found


def desks_of(program: AlertProgram) -> list[Agency]:
    """Return the agencies that receive a program's requests, the first one first; its own agency if none is named."""
    rows = ProgramDesk.objects.filter(program=program, agency__is_active=True).select_related("agency")
    return [row.agency for row in rows.order_by("position", "pk")] or [program.agency]


def national_hub(country: str) -> AlertProgram | None:
    """Return the hub of a country."""
    return AlertProgram.objects.filter(is_active=True, is_hub=True, country=country).select_related("agency").first()


def routes_of(program: AlertProgram, kind: str) -> list[ProgramRoute]:
    """Return who has this part for a program, in order, each row with its source and whether it is verified."""
    rows = ProgramRoute.objects.filter(program=program, kind=kind, to_program__is_active=True)
    return list(rows.select_related("to_program__agency").order_by("position", "pk"))


def first_receiver(program: AlertProgram) -> AlertProgram:
    """Return the program that receives a request from elsewhere first; the program itself where no row says more."""
    return ways_in().of(program).program


def deciding_hub(program: AlertProgram) -> AlertProgram | None:
    """Return who decides level and foreign request once the child has left the territory, if it is somebody else.

    In Mexico the National Coordination (FGR) for every entity's coordination (domain §1.1).
    """
    rows = deciding_rows([program])
    return rows[0].to_program if rows else None


def deciding_rows(programs: Iterable[AlertProgram]) -> list[ProgramRoute]:
    """Return the rows by which another program decides on level and foreign request for one of these (domain §1.1)."""
    return _outbound(programs, RouteKind.DECIDES)


def told_rows(programs: Iterable[AlertProgram]) -> list[ProgramRoute]:
    """Return the rows by which a hub is told when one of these asks for an alert beyond its lines (domain §2.2)."""
    return _outbound(programs, RouteKind.IS_TOLD)


def _outbound(programs: Iterable[AlertProgram], kind: str) -> list[ProgramRoute]:
    rows = ProgramRoute.objects.filter(program__in=list(programs), kind=kind, to_program__is_active=True)
    ordered = rows.select_related("program", "to_program__agency").order_by("position", "pk")
    first: dict[int, ProgramRoute] = {}
    for row in ordered:
        if row.to_program_id != row.program_id:
            first.setdefault(row.to_program_id, row)
    return list(first.values())


@dataclass(frozen=True)
class WayIn:
    """Who receives a request from abroad to a program first, and to whom it may go on from there.

    `is_verified` is None where no row stands behind it: the program then receives its own requests.
    """

    program: AlertProgram
    then: tuple[AlertProgram, ...] = ()
    is_verified: bool | None = None


@dataclass(frozen=True)
class WaysIn:
    """The inbound rows of all programs, read at once."""

    rows: dict[int, list[ProgramRoute]]

    def of(self, program: AlertProgram) -> WayIn:
        """Return the way in to one program."""
        rows = self.rows.get(program.pk, [])
        if not rows:
            return WayIn(program)
        first = rows[0]
        receiver = program if first.to_program_id == program.pk else first.to_program
        return WayIn(receiver, tuple(row.to_program for row in rows[1:]), first.is_verified)


def ways_in() -> WaysIn:
    """Return the inbound rows of every program in one query; rows of programs that are switched off do not count."""
    rows: dict[int, list[ProgramRoute]] = {}
    found = ProgramRoute.objects.filter(kind=RouteKind.RECEIVES, to_program__is_active=True)
    for row in found.select_related("to_program__agency").order_by("position", "pk"):
        rows.setdefault(row.program_id, []).append(row)
    return WaysIn(rows)


@dataclass(frozen=True)
class Handing:
    """A program to which another may hand a request on; `is_up` when that one decides from there on.

    `is_verified` says whether the program concerned confirmed the row; None where no row stands behind it, because
    a hub passes to every program of its country.
    """

    program: AlertProgram
    is_up: bool
    is_verified: bool | None


def handed_on_to(program: AlertProgram) -> list[Handing]:
    """Return to which programs a request may be handed on, each once (U5), in three queries.

    Up to who decides once the child has left the territory; along the inbound route, in both directions; and from a
    national hub to the programs of its country.
    """
    own = ProgramRoute.objects.filter(program=program, kind__in=(RouteKind.DECIDES, RouteKind.RECEIVES))
    rows = own.filter(to_program__is_active=True).select_related("to_program__agency")
    ranked = sorted(rows, key=lambda row: (row.kind != RouteKind.DECIDES, row.position, row.pk))
    found = [Handing(row.to_program, row.kind == RouteKind.DECIDES, row.is_verified) for row in ranked]
    others = ProgramRoute.objects.filter(to_program=program, kind=RouteKind.RECEIVES, program__is_active=True)
    back = others.select_related("program__agency").order_by("program__country", "program__code")
    found += [Handing(row.program, False, row.is_verified) for row in back]
    if program.is_hub:
        below = AlertProgram.objects.filter(is_active=True, country=program.country).select_related("agency")
        found += [Handing(item, False, None) for item in below.order_by("country", "code")]
    first: dict[int, Handing] = {}
    for item in found:
        if item.program.pk != program.pk:
            first.setdefault(item.program.pk, item)
    return list(first.values())
