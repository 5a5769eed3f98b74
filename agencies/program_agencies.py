"""Which agencies take part in a program, and how: receiving, running, activating, drafting (U6, U7)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.models import ActivatingBody, Agency, AlertProgram, CriteriaVersion, ProgramDesk


@dataclass(frozen=True)
class ProgramAgencies:
    """The ids of the agencies of one program by their part.

    `desks` receive requests; `bodies` approve and activate; `running` are both and the program's own agency;
    `drafting` may word and submit: the running ones, and the police and prosecutors of the territory.
    """

    desks: frozenset[int]
    bodies: frozenset[int]
    running: frozenset[int]
    local: frozenset[int]

    @property
    def deciding(self) -> frozenset[int]:
        """Return who decides on the program's alerts: its activating bodies, else everybody who runs it."""
        return self.bodies or self.running

    @property
    def drafting(self) -> frozenset[int]:
        """Return who may word and submit."""
        return self.running | self.local


def agencies_of(program: AlertProgram) -> ProgramAgencies:
    """Return the agencies of a program now, read once per program object: a page asks many predicates about it."""
    kept: ProgramAgencies | None = getattr(program, "_agencies_of", None)
    if kept is None:
        active = Agency.objects.active()
        desks = frozenset(
            ProgramDesk.objects.filter(program=program, agency__in=active).values_list("agency_id", flat=True)
        ) or {program.agency_id}
        bodies = frozenset(
            ActivatingBody.objects.filter(
                criteria__in=CriteriaVersion.objects.ruling().filter(program=program), agency__in=active
            ).values_list("agency_id", flat=True)
        )
        local = frozenset(
            Agency.objects.local().filter(subdivision=program.subdivision_id).values_list("pk", flat=True)
            if program.subdivision_id
            else ()
        )
        kept = ProgramAgencies(frozenset(desks), bodies, frozenset({program.agency_id, *desks, *bodies}), local)
        program._agencies_of = kept  # type: ignore[attr-defined]
    return kept


def forget(program: AlertProgram) -> None:
    """Ask anew after staff changed the rows."""
    program.__dict__.pop("_agencies_of", None)


def agencies_with_a_program(of: Q | None = None) -> QuerySet[Agency]:
    """Return the active agencies that take part in running any active program: as its own, as desk or as body.

    `of` narrows the programs, for instance to those of one country.
    """
    programs = AlertProgram.objects.filter(of or Q(), is_active=True)
    own = Exists(programs.filter(agency=OuterRef("pk")))
    desks = Exists(ProgramDesk.objects.filter(program__in=programs, agency=OuterRef("pk")))
    ruling = CriteriaVersion.objects.ruling().filter(program__in=programs)
    bodies = Exists(ActivatingBody.objects.filter(criteria__in=ruling, agency=OuterRef("pk")))
    return Agency.objects.active().filter(own | desks | bodies)
