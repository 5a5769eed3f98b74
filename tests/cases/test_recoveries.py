"""Children are found, mistaken for others, and found again: case, child and report never contradict each other."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, Subdivision
from agencies.refusals import ActRefused, NotPermitted
from cases import workflow
from cases.models import Case, CaseEvent, Child, Recovery
from cases.services.facts import record_facts
from cases.services.recoveries import confirm_identity, reject_identity, report_located
from cases.services.sharing import share_by_hand

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"


def located(child: Child, by: Any, holding: str = BAJA, condition: str = "unharmed") -> Recovery:
    """Report the child located, held by this agency."""
    return report_located(
        child=child, by=by, located_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition=condition,
        holding_agency=Agency.objects.get(code=holding),
    )  # fmt: skip


def confirmed(recovery: Recovery, *officers: Any) -> bool:
    """Let officers confirm identity; return what the last word led to."""
    return [confirm_identity(recovery=recovery, by=officer, method="document") for officer in officers][-1]


def status_of(case: Case) -> tuple[str, list[str]]:
    """Return the status of the case and of its children."""
    return Case.objects.get(pk=case.pk).status, list(case.children.values_list("status", flat=True))


# The search resumed


@pytest.mark.parametrize("way", ["case", "child", "rejected"])
def test_child_can_be_found_and_recovered_after_a_mistake(way, sent_request, california_officer, baja_coordinator):
    case = sent_request.case
    child = case.children.get()
    first = located(child, baja_coordinator)
    confirm_identity(recovery=first, by=baja_coordinator, method="document")
    if way == "case":
        workflow.apply(Case.objects.get(pk=case.pk), "resume_search", by=california_officer)
    elif way == "child":
        workflow.apply(Child.objects.get(pk=child.pk), "resume_search", by=california_officer)
    else:
        reject_identity(recovery=first, by=baja_coordinator, reason="not_child_dna")
    assert status_of(case) == ("active", ["missing"])
    first.refresh_from_db()
    assert first.ended_at is not None
    assert not first.is_pending
    assert first.end_reason == ("not_child_dna" if way == "rejected" else "reported_by_mistake")
    second = located(Child.objects.get(pk=child.pk), baja_coordinator)
    assert status_of(case) == ("located", ["located"])
    assert confirmed(second, baja_coordinator, california_officer)
    assert status_of(case) == ("recovered", ["recovered"])


def test_api_resumes_the_search_of_children_too(sent_request, california_officer, baja_coordinator):
    case = sent_request.case
    located(case.children.get(), baja_coordinator)
    client = Client()
    client.force_login(california_officer)
    answer = client.post(f"/api/v1/cases/{case.pk}/resume-search/", content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert status_of(case) == ("active", ["missing"])


def test_word_on_a_report_taken_back_counts_for_nothing(sent_request, california_officer, baja_coordinator):
    child = sent_request.case.children.get()
    first = located(child, baja_coordinator)
    confirm_identity(recovery=first, by=baja_coordinator, method="document")
    reject_identity(recovery=first, by=california_officer, reason="reported_by_mistake")
    with pytest.raises(ActRefused):
        confirm_identity(recovery=first, by=california_officer, method="document")
    with pytest.raises(ActRefused):
        reject_identity(recovery=first, by=california_officer, reason="reported_by_mistake")
    second = located(Child.objects.get(pk=child.pk), baja_coordinator)
    assert confirmed(second, california_officer) is False, "the word on the first report counts no more"


def test_one_of_two_located_children_missed_again_leaves_the_other_located(
    sent_request, california_officer, baja_coordinator
):
    case = sent_request.case
    Child.objects.create(case=case)
    first, second = case.children.all()
    located(first, california_officer)
    other = located(second, california_officer)
    assert status_of(case) == ("located", ["located", "located"])
    reject_identity(recovery=other, by=baja_coordinator, reason="not_child_guardian")
    assert status_of(case) == ("active", ["located", "missing"])


def test_child_added_to_a_located_case_is_searched_for(sent_request, california_officer, baja_coordinator):
    case = sent_request.case
    located(case.children.get(), baja_coordinator)
    record_facts(case=case, by=california_officer, items=[(Child(case=case, sex="M"), ["sex"])])
    assert status_of(case) == ("active", ["located", "missing"])


# Found before the case was active


def test_child_located_during_intake_is_recovered_after_activation(
    intake_case, california_officer, california_coordinator
):
    recovery = located(intake_case.children.get(), california_officer, "us-ca-chp")
    assert status_of(intake_case) == ("located", ["located"])
    assert confirmed(recovery, california_officer, california_coordinator)
    assert status_of(intake_case) == ("recovered", ["recovered"])


def test_recovery_of_a_child_found_before_activation_leads_on(intake_case, california_officer, california_coordinator):
    """A case that an earlier version left in intake with a located child."""
    recovery = located(intake_case.children.get(), california_officer, "us-ca-chp")
    Case.objects.filter(pk=intake_case.pk).update(status="intake")
    workflow.apply(Case.objects.get(pk=intake_case.pk), "activate", by=california_officer)
    assert status_of(intake_case) == ("active", ["located"])
    assert confirmed(recovery, california_officer, california_coordinator)
    assert status_of(intake_case) == ("recovered", ["recovered"])


def test_nothing_is_reported_on_an_ended_case(active_case, california_officer):
    Case.objects.filter(pk=active_case.pk).update(status="closed")
    with pytest.raises(ActRefused):
        located(active_case.children.get(), california_officer, "us-ca-chp")
    assert not Recovery.objects.exists()


# Who says that this is the child, or is not


@pytest.mark.parametrize("level", ["contribute", "manage"])
def test_agency_with_a_share_by_hand_confirms_no_identity(
    level: str, sent_request: Any, california_officer: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    """It adds to the case and works on it, but has no part of its own in it (ADR 7)."""
    recovery = located(sent_request.case.children.get(), baja_coordinator)
    share_by_hand(
        case=sent_request.case, by=california_officer, agency=Agency.objects.get(code="ca-qc-sq"), level=level,
        purpose="assist", hours=24,
    )  # fmt: skip
    recovery = Recovery.objects.get(pk=recovery.pk)
    with pytest.raises(NotPermitted):
        confirm_identity(recovery=recovery, by=quebec_coordinator, method="document")
    assert not recovery.confirmations.exists()


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser", "california_legal", "california_staff"])
def test_those_without_the_right_reject_nothing(who, request, sent_request, baja_coordinator):
    recovery = located(sent_request.case.children.get(), baja_coordinator)
    with pytest.raises(NotPermitted):
        reject_identity(recovery=recovery, by=request.getfixturevalue(who), reason="not_child_dna")
    recovery.refresh_from_db()
    assert recovery.is_pending


def test_asked_agency_that_does_not_hold_the_child_does_not_reject(sent_request, california_officer, baja_coordinator):
    recovery = located(sent_request.case.children.get(), california_officer, "us-ca-chp")
    with pytest.raises(NotPermitted):
        reject_identity(recovery=recovery, by=baja_coordinator, reason="not_child_dna")


def test_page_of_the_holding_agency_takes_the_report_back(sent_request, baja_coordinator):
    case = sent_request.case
    recovery = located(case.children.get(), baja_coordinator)
    client = Client()
    client.force_login(baja_coordinator)
    page = reverse("cases:case-detail", args=[case.pk])
    address = reverse("cases:identity-reject", args=[case.pk, recovery.pk])
    assert address in client.get(page).text
    returned = client.post(address, {"nonce": "n" * 22, "reject-reason": ""})
    assert returned.status_code == 422
    assert status_of(case) == ("located", ["located"])
    assert client.post(address, {"nonce": "n" * 22, "reject-reason": "not_child_dna"}).status_code == 302
    assert status_of(case) == ("active", ["missing"])
    assert address not in client.get(page).text
    event = CaseEvent.objects.get(kind="child.reject_identity")
    assert (event.agency.code, event.detail) == (BAJA, {"reason": "not_child_dna"})


def test_page_shows_every_child_that_waits_for_confirmation(sent_request, california_officer, baja_coordinator):
    case = sent_request.case
    Child.objects.create(case=case, given_names="Second")
    found = [located(child, california_officer) for child in case.children.all()]
    client = Client()
    client.force_login(baja_coordinator)
    text = client.get(reverse("cases:case-detail", args=[case.pk])).text
    for recovery in found:
        assert reverse("cases:identity-confirm", args=[case.pk, recovery.pk]) in text


# The same through the API


def as_partner(person: Any) -> Any:
    """Return a client of the API in which this person has signed in."""
    from rest_framework.test import APIClient

    client = APIClient()
    client.default_format = "json"
    client.force_login(person)
    return client


def test_api_reports_confirms_and_recovers(sent_request, baja_coordinator, california_officer, quebec_coordinator):
    case = sent_request.case
    body = {
        "child": str(case.children.get().pk), "located_at": "2026-11-22T10:00:00-08:00",
        "time_zone": "America/Tijuana", "place": "Tijuana", "subdivision": "MX-BCN", "condition": "deceased",
        "holding_agency": BAJA,
    }  # fmt: skip
    baja, california = as_partner(baja_coordinator), as_partner(california_officer)
    address = f"/api/v1/cases/{case.pk}/located/"
    assert as_partner(quebec_coordinator).post(address, body).status_code == 404
    refused = baja.post(address, {**body, "holding_agency": "ca-qc-sq"})
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"holding_agency"})
    other = baja.post(address, {**body, "child": str(case.pk)})
    assert (other.status_code, set(other.json()["errors"])) == (400, {"child"})
    made = baja.post(address, body)
    assert (made.status_code, made.json()["condition"], made.json()["confirmations"]) == (201, "deceased", 0)
    recovery = f"/api/v1/recoveries/{made.json()['id']}/"
    assert baja.post(f"{recovery}confirm/", {"method": "dna"}).json()["confirmed_at"] is None
    assert california.post(f"{recovery}confirm/", {"method": "fingerprint"}).json()["confirmed_at"] is not None
    assert status_of(case) == ("recovered", ["recovered"])
    assert california.get(f"/api/v1/cases/{case.pk}/").json()["recoveries"][0]["condition"] == "deceased"


def test_api_takes_the_report_back_and_hides_a_death(sent_request, baja_coordinator, california_officer):
    case = sent_request.case
    recovery = located(case.children.get(), california_officer, "us-ca-chp", condition="deceased")
    reader = as_partner(baja_coordinator)  # neither leads the case nor holds the child
    address = f"/api/v1/recoveries/{recovery.pk}/"
    assert reader.get(address).json()["condition"] == "unknown"
    assert "deceased" not in reader.get(f"/api/v1/cases/{case.pk}/").content.decode()
    assert reader.post(f"{address}reject/", {"reason": "not_child_dna"}).status_code == 404
    california = as_partner(california_officer)
    assert set(california.post(f"{address}reject/", {}).json()["errors"]) == {"reason"}
    assert california.post(f"{address}reject/", {"reason": "not_child_dna"}).json()["end_reason"] == "not_child_dna"
    assert status_of(case) == ("active", ["missing"])
