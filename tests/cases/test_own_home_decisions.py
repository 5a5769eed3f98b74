"""Where police lead the case, the home program records its own decision; nothing is passed over silently (U4, U7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import ActivatingBody, Agency, AlertProgram, CriteriaVersion, Subdivision
from agencies.refusals import ActRefused, NotPermitted
from agencies.services import ensure_role_groups
from alerts.desk_items import what_needs
from alerts.models import Delivery
from alerts.services import requests
from cases.models import Case, CaseAccess, HomeDecision
from cases.services.home_decisions import decide_at_home, home_programs, programs_to_decide
from cases.services.sharing import share_by_hand
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


def agency_of(code: str) -> Agency:
    """Return a new police agency of California that runs no program."""
    agency = Agency.objects.create(
        code=code, name=code, kind="police", country="US", time_zone="America/Los_Angeles",
        subdivision=Subdivision.objects.get(code="US-CA"),
    )  # fmt: skip
    ensure_role_groups(agency)
    return agency


@pytest.fixture
def police(make_user: Any) -> Any:
    """An officer of the police of San Diego, an agency without a program."""
    return make_user("paula.police@sdpd.example", agency_of("us-ca-sdpd").code, "coordinator")


@pytest.fixture
def police_case(active_case: Case, police: Any) -> Case:
    """A case in California that the police lead, and on which California's program helps."""
    agency = Agency.objects.get(code="us-ca-sdpd")
    Case.objects.filter(pk=active_case.pk).update(lead_agency=agency)
    CaseAccess.objects.filter(case=active_case).update(agency=agency)
    case = Case.objects.get(pk=active_case.pk)
    share(case, police, Agency.objects.get(code="us-ca-chp"), "contribute")
    return Case.objects.get(pk=case.pk)


def share(case: Case, by: Any, agency: Agency, level: str) -> None:
    share_by_hand(case=case, by=by, agency=agency, level=level, purpose="assist", hours=24)


def home(case: Case) -> AlertProgram:
    return home_programs(case).get()


def decide(case: Case, by: Any, outcome: str = "prealert", **more: Any) -> HomeDecision:
    return decide_at_home(case=Case.objects.get(pk=case.pk), program=home(case), by=by, outcome=outcome, **more)


def waits_for(user: Any) -> list[str]:
    return [item.reference for item in what_needs(user) if item.kind == "home_decision"]


def told(kind: str) -> set[str]:
    return set(Delivery.objects.filter(notice__kind=kind).values_list("user__email", flat=True))


def test_program_decides_itself_and_both_decisions_stay(
    police_case: Case, police: Any, california_officer: Any, california_coordinator: Any
):
    first = decide(police_case, police)
    assert (first.is_own, first.decided_by) == (False, police)
    assert told("home_waiting") >= {california_officer.email}
    own = decide(
        police_case, california_officer, "not_activated", reason="criteria_danger", alternative="advisory"
    )  # fmt: skip
    assert (own.is_own, own.decided_by, own.program.code) == (True, california_officer, "us-ca")
    assert list(police_case.home_decisions.all()) == [own, first], "the program's supersedes, nothing is gone"
    events = police_case.events.filter(kind="home_decision").order_by("at")
    assert list(events.values_list("agency__code", "detail__outcome")) == [
        ("us-ca-sdpd", "prealert"), ("us-ca-chp", "not_activated"),
    ]  # fmt: skip
    assert police.email in told("home_decided") and california_officer.email not in told("home_decided")


def test_after_it_the_police_record_nothing_for_the_program(police_case: Case, police: Any, california_officer: Any):
    decide(police_case, california_officer)
    with pytest.raises(ActRefused) as refusal:
        decide(police_case, police, "activated")
    assert "only the program itself" in str(refusal.value.message)
    assert programs_to_decide(police, police_case) == []
    assert decide(police_case, california_officer, "activated").is_own, "the program changes its own"


def test_decision_over_one_that_was_not_read_is_refused(
    police_case: Case, police: Any, california_officer: Any, california_coordinator: Any
):
    first = decide(police_case, police, seen="")
    with pytest.raises(ActRefused):
        decide(police_case, california_officer, seen="")
    own = decide(police_case, california_officer, seen=str(first.pk))
    with pytest.raises(ActRefused):
        decide(police_case, california_coordinator, "activated", seen=str(first.pk))
    assert police_case.home_decisions.first() == own


@pytest.mark.parametrize(
    "who", ["california_legal", "california_staff", "baja_coordinator", "quebec_coordinator", "superuser"]
)
def test_other_roles_and_other_programs_do_not(who: str, police_case: Case, police: Any, request: Any):
    person = request.getfixturevalue(who)
    share(police_case, police, Agency.objects.get(code="mx-bcn-amber"), "contribute")
    case = Case.objects.get(pk=police_case.pk)
    assert programs_to_decide(person, case) == []
    with pytest.raises(NotPermitted):
        decide(case, person)
    with pytest.raises(NotPermitted):
        decide_at_home(case=case, program=AlertProgram.objects.get(code="mx-bcn"), by=person, outcome="prealert")
    assert waits_for(person) == []


def test_who_only_looks_or_is_off_the_case_does_not(police_case: Case, police: Any, california_officer: Any):
    assert waits_for(california_officer) == [police_case.reference]
    share(police_case, police, Agency.objects.get(code="us-ca-chp"), "look")
    assert waits_for(california_officer) == []
    with pytest.raises(NotPermitted):
        decide(police_case, california_officer)
    CaseAccess.objects.filter(case=police_case, agency__code="us-ca-chp").delete()
    with pytest.raises(NotPermitted):
        decide(police_case, california_officer)


def test_deciding_bodies_are_those_of_the_version_that_rules(
    police_case: Case, police: Any, california_officer: Any, make_user: Any
):
    """Once the version names another body, that body decides and the program's own agency does not (U7)."""
    body = agency_of("us-ca-doj")
    officer = make_user("dora.doj@doj.example", body.code, "duty_officer")
    share(police_case, police, body, "contribute")
    with pytest.raises(NotPermitted):
        decide(police_case, officer)
    version = CriteriaVersion.ruling_for(home(police_case))
    ActivatingBody.objects.filter(criteria=version).delete()
    ActivatingBody.objects.create(criteria=version, agency=body)
    assert (waits_for(officer), waits_for(california_officer)) == ([police_case.reference], [])
    with pytest.raises(NotPermitted):
        decide(police_case, california_officer)
    assert decide(police_case, officer).is_own


def test_item_rests_on_the_desk_until_the_program_has_decided(police_case: Case, police: Any, california_officer: Any):
    decide(police_case, police)
    assert waits_for(california_officer) == [police_case.reference], "what the police wrote down does not answer it"
    assert waits_for(police) == []
    decide(police_case, california_officer)
    assert waits_for(california_officer) == []


def test_case_of_a_program_itself_waits_for_nobody(active_case: Case, california_officer: Any):
    assert waits_for(california_officer) == []
    assert decide(active_case, california_officer).is_own
    assert told("home_waiting") == set() == told("home_decided")


def test_page_records_once_and_shows_both(client: Client, police_case: Case, police: Any, california_officer: Any):
    first = decide(police_case, police)
    client = signed_in(california_officer)
    page = reverse("cases:case-detail", args=[police_case.pk])
    shown = client.get(page).text
    assert "Recorded by the lead agency" in shown and f'value="{first.pk}"' in shown
    address = reverse("cases:home-decision", args=[police_case.pk])
    form = {"home-program": home(police_case).pk, "home-outcome": "not_activated", "home-seen": str(first.pk),
            "nonce": "n-home"}  # fmt: skip
    assert client.post(address, form).status_code == 422
    form |= {"home-reason": "criteria_danger", "home-alternative": "advisory"}
    for _again in range(2):
        assert client.post(address, form).status_code == 302
    assert police_case.home_decisions.count() == 2
    shown = client.get(page).text
    assert "Recorded by the program itself" in shown and "Earlier decisions" in shown
    of_police = signed_in(police).get(page).text
    assert "only the program itself changes it" in of_police and address not in of_police
    late = form | {"nonce": "n-late", "home-outcome": "activated"}
    assert client.post(address, late).status_code == 409, "made on a page that showed an older decision"


def test_api_decides_for_the_program_and_passes_over_nothing(
    police_case: Case, police: Any, california_officer: Any, quebec_coordinator: Any
):
    first = decide(police_case, police)
    address = f"/api/v1/cases/{police_case.pk}/"

    def post(person: Any, body: dict[str, Any]) -> Any:
        return signed_in(person).post(
            address + "home-decision/", json.dumps({"program": "us-ca", **body}), content_type="application/json"
        )

    assert post(quebec_coordinator, {"outcome": "prealert"}).status_code == 404
    assert post(california_officer, {"outcome": "prealert", "seen": ""}).status_code == 409
    made = post(california_officer, {"outcome": "prealert", "seen": str(first.pk)})
    assert (made.status_code, made.json()["is_own"]) == (201, True)
    assert post(police, {"outcome": "activated"}).status_code == 409
    read = signed_in(police).get(address + "law/").json()["home_decisions"]
    assert [row["is_own"] for row in read] == [True, False]


def test_asked_program_reads_the_programs_own_decision_on_the_request(
    police_case: Case, police: Any, california_officer: Any, baja_coordinator: Any
):
    asked = requests.send_request(case=police_case, program=AlertProgram.objects.get(code="mx-bcn"), by=police)
    decide(police_case, police, "activated")
    decide(police_case, california_officer, "not_activated", reason="criteria_danger", alternative="advisory")
    page = signed_in(baja_coordinator).get(reverse("alerts:request-detail", args=[asked.pk])).text
    assert "No activada" in page and "Registrada por el propio programa" in page
    assert baja_coordinator.email in told("home_decided")
