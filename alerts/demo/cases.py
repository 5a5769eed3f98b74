"""The demo's detailed cases: a draft, two waiting requests, a legal opinion, an exercise, and cases that ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import translation

from agencies.models import AlertProgram
from alerts.services import requests
from cases import workflow
from cases.models import Case, CrossingIndication, Recovery, Vehicle
from cases.services.facts import record_facts
from cases.services.home_decisions import decide_at_home
from cases.services.opinions import record_opinion
from cases.services.recoveries import confirm_identity, report_located

from . import corridors
from .desks import Desk, open_desks
from .opening import add_portrait, filled, open_with
from .stories import (
    DRAFT,
    EXERCISE,
    FLIGHT_TO_TIJUANA,
    LOCATED,
    RECOVERED,
    RED_SHORTS_GIRL,
    UNFOUNDED,
    Story,
)

OLD_CASE = corridors.key_of("US-MX", 74)  # the newest of the 75, led by California
NOTE_FR = (
    "Vol vers Tijuana ce soir, billet au nom de l'enfant. Nous demandons le déclenchement d'une alerte en "
    "Basse-Californie. (Exemple fictif)"
)
NOTE_EN = (
    "Case open since 2016. A camera saw the child's companion cross toward Tijuana this morning; we ask for an alert "
    "in Baja California. (Invented example)"
)
GROUNDS_ES = (
    "Ejemplo ficticio. La descripción basta para difundir la alerta; la fotografía solo debe publicarse con la "
    "autorización registrada."
)
CONDITIONS_ES = "Ejemplo ficticio. Sin fotografía mientras falte la autorización registrada."
GROUNDS_EN = "Invented example. The custody order covers the request; confirm it before the photo is shared abroad."


def open_cases(base: datetime) -> None:
    """Open all of them, dated from `base`, each through the services and by the people whose act it is."""
    desks = open_desks(*corridors.PLACES)
    _tell(DRAFT, "DEMO-DRAFT", desks, base, hours=1, is_active=False)
    _ask_from_quebec(desks, base)
    _ask_in_an_old_case(desks, base)
    _hold_an_exercise(desks, base)
    _locate_a_child(desks, base)
    _recover_a_child(desks, base)
    unfounded = _tell(UNFOUNDED, "DEMO-UNFOUNDED", desks, base, hours=24 * 12)
    workflow.apply(unfounded, "close_as_unfounded", by=desks[UNFOUNDED.agency].recorder)


def _tell(
    story: Story, key: str, desks: dict[str, Desk], base: datetime, *, hours: int, is_active: bool = True,
    is_exercise: bool = False,
) -> Case:  # fmt: skip
    """Open a story's case so many hours before the base; the child was last seen three hours earlier."""
    opened_at = base - timedelta(hours=hours)
    return open_with(
        story.facts,
        desk=desks[story.agency],
        key=key,
        opened_at=opened_at,
        happened_at=opened_at - timedelta(hours=3),
        is_active=is_active,
        is_exercise=is_exercise,
    )


def _ask_from_quebec(desks: dict[str, Desk], base: datetime) -> None:
    """Québec asks Baja California, whose legal advisor gives an opinion; the request waits."""
    story, asking, asked = FLIGHT_TO_TIJUANA, desks[FLIGHT_TO_TIJUANA.agency], desks["mx-bcn-amber"]
    case = _tell(story, "DEMO-REQUEST-QC", desks, base, hours=2)
    add_portrait(case, by=asking.recorder, basis=story.basis, colors=story.colors)
    decide_at_home(
        case=case, program=_program("ca-qc"), by=asking.recorder, outcome="not_activated", reason="no_local_nexus",
        alternative="border_lookout",
    )  # fmt: skip
    with translation.override("fr"):
        requests.send_request(case=case, program=_program("mx-bcn"), by=asking.recorder, note=NOTE_FR)
    with translation.override("es"):
        record_opinion(
            case=case, by=asked.advisor, opinion="with_conditions", conclusion=CONDITIONS_ES, grounds=GROUNDS_ES
        )


def _ask_in_an_old_case(desks: dict[str, Desk], base: datetime) -> None:
    """One of the 75 moves again: a new sign, a photo, an opinion, and a request that waits at Baja California."""
    asking = desks["us-ca-chp"]
    case = Case.objects.get(agency_reference=OLD_CASE)
    crossing = {
        "toward": "MX", "toward_subdivision_id": "MX-BCN", "evidence": "camera", "confidence": "likely",
        "crossing_point": "otay_mesa", "observed_at": base - timedelta(hours=4), "time_zone": "America/Los_Angeles",
    }  # fmt: skip
    vehicle = {
        "make": "Dodge", "model": "Grand Caravan", "year": 2015, "color": "GLD", "style": "VN", "plate": "DEMO-7",
        "is_plate_partial": True, "plate_issuer_id": "US-CA",
    }  # fmt: skip
    rows = [filled(CrossingIndication(), crossing), filled(Vehicle(), vehicle)]
    record_facts(case=case, by=asking.recorder, items=rows)
    add_portrait(case, by=asking.recorder, basis="court_order", colors=RED_SHORTS_GIRL.colors)
    with translation.override("en"):
        record_opinion(case=case, by=asking.advisor, opinion="in_favor", grounds=GROUNDS_EN)
        requests.send_request(case=case, program=_program("mx-bcn"), by=asking.recorder, note=NOTE_EN)


def _hold_an_exercise(desks: dict[str, Desk], base: datetime) -> None:
    """Texas and Chihuahua practice: the request is acknowledged."""
    case = _tell(EXERCISE, "DEMO-EXERCISE", desks, base, hours=5, is_exercise=True)
    request = requests.send_request(case=case, program=_program("mx-chh"), by=desks["us-tx-dps"].recorder)
    requests.acknowledge(request=request, by=desks["mx-chh-amber"].recorder, receiver_reference="SIMULACRO-DEMO-1")


def _locate_a_child(desks: dict[str, Desk], base: datetime) -> Recovery:
    """A child is located in Chihuahua; identity is still to be confirmed."""
    case = _tell(LOCATED, "DEMO-LOCATED", desks, base, hours=30)
    return _report(case, desks[LOCATED.agency], base - timedelta(hours=1), "America/Ciudad_Juarez")


def _recover_a_child(desks: dict[str, Desk], base: datetime) -> None:
    """A child is located in Ontario, two officers confirm identity, the case is closed."""
    desk = desks[RECOVERED.agency]
    case = _tell(RECOVERED, "DEMO-RECOVERED", desks, base, hours=24 * 9)
    recovery = _report(case, desk, base - timedelta(days=8), "America/Toronto")
    for officer in desk.pair():
        confirm_identity(recovery=recovery, by=officer, method="guardian_in_person")
    case.refresh_from_db()
    workflow.apply(case, "close", by=desk.recorder, agency=desk.agency)


def _report(case: Case, desk: Desk, located_at: datetime, time_zone: str) -> Recovery:
    event = case.abduction
    assert event.subdivision is not None  # noqa: S101  the stories name it
    return report_located(
        child=case.children.get(),
        by=desk.recorder,
        located_at=located_at,
        time_zone=time_zone,
        place=event.place,
        subdivision=event.subdivision,
        condition="unharmed",
        holding_agency=desk.agency,
    )


def _program(code: str) -> AlertProgram:
    return AlertProgram.objects.select_related("agency").get(code=code)
