"""The home program's own decision, and the case that lives for months without an alert (U4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AlertProgram
from agencies.refusals import ActRefused, NotPermitted
from alerts.gathering import content_hash
from alerts.models import Alert, PublicAlert
from alerts.services import drafts, issuing, requests
from alerts.statistics import corridors
from cases.models import Case, CaseAccess, CaseEvent, HomeDecision
from cases.services.home_decisions import decide_at_home, home_programs
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


def home(case: Case) -> AlertProgram:
    """Return the case's home program."""
    return home_programs(case).get()


def test_home_program_is_the_lead_agencys_else_that_of_the_origin(active_case):
    assert home(active_case).code == "us-ca"
    active_case.lead_agency = Agency.objects.exclude(programs__isnull=False).first() or Agency.objects.create(
        code="us-ca-sdpd", name="San Diego Police", kind="police", country="US", time_zone="America/Los_Angeles"
    )
    assert home(active_case).code == "us-ca"


def test_not_activated_needs_reason_and_alternative(active_case, california_officer):
    program = home(active_case)
    for reason, alternative in (("", ""), ("criteria_danger", ""), ("", "advisory")):
        with pytest.raises(ActRefused):
            decide_at_home(
                case=active_case, program=program, by=california_officer, outcome="not_activated", reason=reason,
                alternative=alternative,
            )  # fmt: skip
    assert not HomeDecision.objects.exists()
    made = decide_at_home(
        case=active_case, program=program, by=california_officer, outcome="not_activated",
        reason="criteria_danger", alternative="advisory",
    )  # fmt: skip
    assert (made.decided_by, made.facts_version, made.criteria.program) == (california_officer, 2, program)
    assert made.assessment.is_frozen
    event = CaseEvent.objects.get(kind="home_decision")
    assert event.detail == {"outcome": "not_activated", "reason": "criteria_danger", "alternative": "advisory"}


@pytest.mark.parametrize("who", ["california_legal", "california_staff", "baja_coordinator", "quebec_coordinator"])
def test_only_officers_of_the_lead_agency_record_it(who, sent_request, request):
    case = sent_request.case
    with pytest.raises(NotPermitted):
        decide_at_home(case=case, program=home(case), by=request.getfixturevalue(who), outcome="prealert")


def test_foreign_program_is_not_the_home_program(active_case, california_officer):
    with pytest.raises(ActRefused):
        decide_at_home(
            case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer, outcome="prealert"
        )


def test_request_is_sent_though_home_criteria_are_not_met_and_shows_the_decision(
    active_case, california_officer, baja_coordinator
):
    decide_at_home(
        case=active_case, program=home(active_case), by=california_officer, outcome="not_activated",
        reason="criteria_danger", alternative="advisory",
    )  # fmt: skip
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer
    )
    page = signed_in(baja_coordinator).get(reverse("alerts:request-detail", args=[asked.pk])).text
    for words in ("No activada", "No se cumplen los criterios: riesgo", california_officer.full_name):
        assert words in page, words


def test_activation_of_the_home_alert_sets_the_decision_by_itself(
    active_case, california_officer, california_coordinator, make_user
):
    decide_at_home(case=active_case, program=home(active_case), by=california_officer, outcome="prealert")
    alert = drafts.start_alert(program=home(active_case), case=active_case, by=california_officer)
    drafts.submit(alert=alert, by=california_officer)
    drafts.approve(alert=alert, by=california_coordinator, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=california_officer)
    newest = active_case.home_decisions.first()
    assert (newest.outcome, newest.is_automatic, newest.decided_by) == ("activated", True, california_officer)
    assert [item.outcome for item in active_case.home_decisions.all()] == ["activated", "prealert"]


def test_activation_of_a_foreign_alert_is_no_home_decision(active_alert):
    assert not active_alert.case.home_decisions.exists()


def test_case_lives_for_months_without_an_alert(active_case, california_officer, baja_coordinator):
    """Complete in lists and counts, and nothing that could be published."""
    decide_at_home(
        case=active_case, program=home(active_case), by=california_officer, outcome="not_activated",
        reason="criteria_danger", alternative="search_notice",
    )  # fmt: skip
    requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer, kind="information"
    )
    long_ago = timezone.now() - timedelta(days=200)
    Case.objects.filter(pk=active_case.pk).update(opened_at=long_ago)
    CaseAccess.objects.filter(case=active_case).update(opened_at=long_ago)
    issuing.expire_due()
    active_case.refresh_from_db()
    assert active_case.status == "active"
    for officer in (california_officer, baja_coordinator):
        listed = CaseAccess.page(officer, statuses=("active",))
        assert [case.pk for case in listed.cases] == [active_case.pk]
        assert listed.count == 1
        assert active_case.reference in signed_in(officer).get("/desk/").text
    assert _yours(california_officer) == 1
    assert not Alert.objects.exists()
    assert not PublicAlert.objects.exists()
    public = Client()
    for language in ("en", "es", "fr"):
        page = public.get(f"/{language}/alerts/").text
        assert active_case.reference not in page
        assert "Zoraida" not in page


def _yours(user: Any) -> int:
    rows = [row for row in corridors(user) if (row.origin, row.destination) == ("US", "MX")]
    return int(rows[0].yours)
