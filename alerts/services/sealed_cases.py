"""What a seal means for programs: none may be left with an act that nobody named could do (ADR 65)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import AlertProgram
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused
from alerts.permissions import has_people
from alerts.services.handed_over import has_work
from cases.access import working_on
from cases.models import Case, CaseSeal
from cases.models.seal import readers_of


@dataclass(frozen=True)
class ProgramWithWork:
    """A program that has something to do in a case; `has_reader` says whether somebody of it is named."""

    program: AlertProgram
    has_reader: bool


def programs_with_work(case: Case) -> list[ProgramWithWork]:
    """Return the programs with an alert, an open duty or a request in a case. Those without people are left out."""
    named = readers_of(case.pk) or frozenset()
    held = frozenset().union(*access.agency_ids_of(named, Capability.VIEW_CASES).values()) & working_on(case)
    rows = AlertProgram.objects.filter(has_work(case)).distinct().order_by("country", "code")
    return [ProgramWithWork(row, bool(agencies_of(row).running & held)) for row in rows if has_people(row)]


def refuse_orphans(seal: CaseSeal) -> None:
    """Refuse a seal, or the removal of a reader, that leaves a program with work and nobody who is named."""
    case = Case.objects.get(pk=seal.case_id)
    for row in programs_with_work(case):
        if not row.has_reader:
            raise ActRefused(
                _("%(program)s has an alert, a duty or a request in this case. Name at least one person of it.")
                % {"program": row.program}
            )  # fmt: skip


def refuse_unread(case: Case, program: AlertProgram) -> None:
    """Refuse to ask a program in a sealed case before somebody of it is named: nobody there would find the request."""
    named = readers_of(case.pk)
    if named is None or not has_people(program):
        return
    held = frozenset().union(*access.agency_ids_of(named, Capability.ANSWER_REQUESTS).values())
    if not held & agencies_of(program).desks:
        raise ActRefused(
            _("This case is sealed. First name somebody of %(program)s who answers requests.") % {"program": program}
        )
