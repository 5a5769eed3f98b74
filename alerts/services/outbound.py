"""Who receives a request abroad, and who is told of it: the rows of the programs on both sides (U5, ADR 69)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import Agency, AlertProgram, ProgramRoute
from agencies.refusals import ActRefused
from agencies.routing import deciding_rows, told_rows, ways_in
from alerts.choices import ENDED_REQUESTS, NATIONAL_DECISION, NoticeKind, RequestStatus
from alerts.models import ExtensionRequest
from alerts.services import notices
from cases.models import Case, CaseEvent
from cases.workflow import note

TOLD = "request.hub_told"
NOT_TOLD = "request.hub_not_told"


def arrival(case: Case, program: AlertProgram) -> tuple[AlertProgram, AlertProgram | None]:
    """Return at which program a request from this case arrives when this one is asked, and whom it was meant for.

    A request from another country arrives where the inbound row of the asked program says; inside a country it
    arrives at the program itself, and the second value is None.
    """
    if program.country == case.lead_agency.country:
        return program, None
    receiver = ways_in().of(program).program
    return receiver, program if receiver.pk != program.pk else None


def programs_of(agency: Agency) -> list[AlertProgram]:
    """Return the programs that an agency runs."""
    return list(AlertProgram.objects.run_by([agency.pk]).filter(is_active=True))


def check_kind(kind: str, program: AlertProgram, agency: Agency) -> None:
    """Refuse to hand the decision on level and requests abroad to anybody but who decides by the sender's rows."""
    if kind != NATIONAL_DECISION:
        return
    if program.pk not in {row.to_program_id for row in deciding_rows(programs_of(agency))}:
        raise ActRefused(_("By the rows of your program, this program does not decide on level and requests abroad."))


def to_be_told(agency: Agency, programs: Iterable[AlertProgram]) -> list[ProgramRoute]:
    """Return the outbound rows that a request to one of these programs sets off: who decides abroad, and which hubs.

    Who decides on foreign requests is told only of those; a hub of whatever leaves the own lines.
    """
    own = programs_of(agency)
    is_abroad = any(program.country != agency.country for program in programs)
    return [*(deciding_rows(own) if is_abroad else ()), *told_rows(own)]


def tell_hubs(request: ExtensionRequest) -> None:
    """Tell by reference, once for a case, whoever the rows of the sender's program name; in the sender's transaction.

    The timeline says of each whether anybody there was told: of a sealed case only its named readers hear (ADR 65).

    Nobody is put on the case by it. Who has a request of the same case, or works on it already, needs no telling.
    """
    case = request.case
    asked = case.requests.exclude(status__in=(*ENDED_REQUESTS, RequestStatus.DRAFT)).values_list("program", flat=True)
    told = CaseEvent.objects.filter(case=case, kind=TOLD).values_list("detail__program", flat=True)
    known = {*told, *AlertProgram.objects.filter(pk__in=asked).values_list("code", flat=True)}
    for row in to_be_told(request.requesting_agency, [request.program]):
        hub = row.to_program
        if hub.code in known:
            continue
        kind = NoticeKind.DECIDER_TOLD if row.kind == "decides" else NoticeKind.HUB_TOLD
        notice = notices.notify_program(
            kind, case=case, program=hub, capability=Capability.ANSWER_REQUESTS, request=request, hub=hub
        )  # fmt: skip
        # Behind a seal, and where the hub has nobody in the portal, nobody hears: the next request tries again.
        done = TOLD if notice.deliveries.exists() else NOT_TOLD
        note(
            case, done, by=request.sent_by, agency=request.requesting_agency, subject=request,
            detail={"program": hub.code, "names": {name: getattr(hub, f"name_{name}") for name in ("en", "es", "fr")}},
        )  # fmt: skip
        audit.record(done, by=request.sent_by, objects=[request], case_id=case.pk, detail={"program": hub.pk})
