"""What a seal means for programs: none may be left with an act that nobody named could do (ADR 65)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability
from agencies.models import AlertProgram
from agencies.program_agencies import agencies_of
from agencies.refusals import ActRefused
from alerts.choices import DutyKind
from alerts.permissions import DISCHARGED_WITH, has_people
from alerts.services.handed_over import has_work, open_work
from cases.access import working_on
from cases.models import Case, CaseSeal
from cases.models.seal import readers_of


@dataclass(frozen=True)
class Need:
    """Something open of a program, and who could do it: a capability in one of these agencies, but not `never`."""

    capability: str
    agency_ids: frozenset[int]
    is_review: bool = False
    never: uuid.UUID | None = None


def programs_with_work(case: Case) -> list[AlertProgram]:
    """Return the programs with an alert, an open duty or a request in a case. Those without people are left out."""
    rows = AlertProgram.objects.filter(has_work(case)).distinct().order_by("country", "code")
    return [row for row in rows if has_people(row)]


def refuse_orphans(seal: CaseSeal) -> None:
    """Refuse a seal, or the removal of a reader, that leaves something open that nobody who is named could do.

    A reader counts with the right that the act itself asks for: to answer requests, to compose alerts, or to review an
    activation by a single officer, which that officer does not review.
    """
    case = Case.objects.get(pk=seal.case_id)
    for program in programs_with_work(case):
        for need in _needs(case, program):
            if not lacks_reader(case, need.capability, need.agency_ids & working_on(case), never=need.never):
                continue
            raise ActRefused(
                _("An activation by a single officer waits for its review. Name a supervisor of %(program)s other than that officer.")  # noqa: E501
                % {"program": program}
                if need.is_review
                else _("%(program)s has an alert, a duty or a request in this case. Name at least one person of it who may act on it.")  # noqa: E501
                % {"program": program}
            )  # fmt: skip


def _needs(case: Case, program: AlertProgram) -> Iterator[Need]:
    """Yield what of this program is open in a case."""
    parts, work = agencies_of(program), open_work(case)
    if work.requests.filter(program=program).exists():
        yield Need(Capability.ANSWER_REQUESTS, parts.desks)
    if work.alerts.filter(program=program).exists():
        yield Need(Capability.COMPOSE_ALERTS, parts.running)
    for duty in work.duties.filter(program=program).select_related("alert"):
        is_review = duty.kind == DutyKind.REVIEW_SINGLE_OFFICER
        yield Need(
            DISCHARGED_WITH.get(duty.kind, Capability.COMPOSE_ALERTS), parts.running, is_review,
            duty.alert.exception_by_id if is_review and duty.alert else None,
        )  # fmt: skip


def lacks_reader(case: Case, capability: str, agency_ids: frozenset[int], *, never: uuid.UUID | None = None) -> bool:
    """Say whether a case is sealed and no reader of it, but for `never`, has this right in one of these agencies."""
    named = readers_of(case.pk)
    if named is None:
        return False
    held = access.agency_ids_of(named - {never}, capability)
    return not frozenset().union(*held.values()) & agency_ids


def is_unread(case: Case, program: AlertProgram) -> bool:
    """Say whether a case is sealed and nobody of a program with people is named who could word its alert."""
    return has_people(program) and lacks_reader(case, Capability.COMPOSE_ALERTS, agencies_of(program).running)


def refuse_unread(case: Case, program: AlertProgram) -> None:
    """Refuse to ask a program in a sealed case before somebody of it is named: nobody there would find the request."""
    if has_people(program) and lacks_reader(case, Capability.ANSWER_REQUESTS, agencies_of(program).desks):
        raise ActRefused(
            _("This case is sealed. First name somebody of %(program)s who answers requests.") % {"program": program}
        )
