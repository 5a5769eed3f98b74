"""Cases end with a coded result, are reopened for a reason, and a death is told to nobody before the family knows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AuditEvent, Subdivision
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from cases import workflow
from cases.models import Abduction, Case, CaseEvent, Child, Closure, Person, Photo, PublicationAuthority, Recovery
from cases.services.closures import close_case, inform_family, reopen
from cases.services.recoveries import confirm_identity, report_located
from tests.authorities import authorize_everything

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"
ANSWERS = {"alert_effect": "public_tip", "category": "FAM"}


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


def found(child: Child, *officers: Any, condition: str = "unharmed") -> Recovery:
    """Let Baja California hold the child and the officers confirm."""
    recovery = report_located(
        child=child, by=officers[0], located_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition=condition,
        holding_agency=Agency.objects.get(code=BAJA),
    )  # fmt: skip
    for officer in officers:
        confirm_identity(recovery=recovery, by=officer, method="document")
    return recovery


@pytest.fixture
def recovered_case(sent_request: Any, baja_coordinator: Any, california_officer: Any) -> Case:
    """A case whose child was recovered in Baja California."""
    found(sent_request.case.children.get(), baja_coordinator, california_officer)
    return Case.objects.get(pk=sent_request.case_id)


@pytest.fixture
def third_agency(recovered_case: Any, quebec_coordinator: Any, california_officer: Any) -> Any:
    """Québec's coordinator, on the case too, neither leading it nor holding the child."""
    from cases.services.files import share_case

    share_case(
        case=recovered_case, agency=Agency.objects.get(code="ca-qc-sq"), by=california_officer, level="look",
        purpose="request",
    )  # fmt: skip
    return quebec_coordinator


def test_case_closes_with_result_category_and_effect(recovered_case, california_officer):
    Abduction.objects.filter(case=recovered_case).update(category_at_intake="NFA")
    close_case(case=recovered_case, by=california_officer, reason="found_safe", **ANSWERS)
    closure = Closure.objects.get()
    event = Abduction.objects.get(case=recovered_case)
    assert (recovered_case.status, closure.reason, closure.alert_effect) == ("closed", "found_safe", "public_tip")
    assert (event.category_at_intake, event.category_at_closure) == ("NFA", "FAM")


@pytest.mark.parametrize("reason", ["found_safe", "found_deceased", "returned_alone"])
def test_found_needs_every_child_recovered(reason, active_case, california_officer):
    with pytest.raises(TransitionConflict):
        close_case(case=active_case, by=california_officer, reason=reason, **ANSWERS)
    assert not Closure.objects.exists()


@pytest.mark.parametrize("reason", ["hoax", "unfounded"])
@pytest.mark.parametrize("status", ["intake", "active", "located", "recovered"])
def test_hoax_and_unfounded_need_no_recovery(reason, status, active_case, california_officer):
    Case.objects.filter(pk=active_case.pk).update(status=status)
    close_case(case=active_case, by=california_officer, reason=reason, **ANSWERS)
    active_case.refresh_from_db()
    assert active_case.status == reason


def test_hoax_clears_the_suspect_and_the_authority_to_show_them(active_case, california_officer):
    suspect = active_case.people.get()
    reporter = Person.objects.create(case=active_case, role="reporter")
    Photo.objects.create(
        case=active_case, person=suspect, jpeg=b"x", width=1, height=1, sha256="0" * 64, added_by=california_officer
    )
    authorize_everything(active_case, california_officer)
    assert suspect.photos.get().may_be_published
    close_case(case=active_case, by=california_officer, reason="hoax", **ANSWERS)
    suspect.refresh_from_db()
    reporter.refresh_from_db()
    assert suspect.cleared_at is not None
    assert reporter.cleared_at is None
    assert not suspect.photos.get().may_be_published
    assert not PublicationAuthority.objects.valid().filter(person=suspect).exists()
    assert CaseEvent.objects.filter(kind="people_cleared").count() == 1
    page = signed_in(california_officer).get(reverse("cases:case-detail", args=[active_case.pk])).text
    assert "Cleared" in page


@pytest.mark.parametrize("missing", ["reason", "alert_effect", "category"])
def test_form_without_an_answer_comes_back(missing, recovered_case, california_officer):
    answers = {
        "close-reason": "found_safe",
        "close-alert_effect": "no_alert",
        "close-category": "FAM",
        "nonce": "n" * 22,
    }
    del answers[f"close-{missing}"]
    address = reverse("cases:case-close", args=[recovered_case.pk])
    response = signed_in(california_officer).post(address, answers)
    assert response.status_code == 422
    assert not Closure.objects.exists()
    recovered_case.refresh_from_db()
    assert recovered_case.status == "recovered"


def test_only_the_lead_agency_closes(recovered_case, baja_coordinator):
    with pytest.raises(NotPermitted):
        close_case(case=recovered_case, by=baja_coordinator, reason="found_safe", **ANSWERS)


# A death


def everything_shown(client: Client, case: Case) -> str:
    """Return what a person reads of a case on its page and through the API."""
    pages = [reverse("cases:case-detail", args=[case.pk]), f"/api/v1/cases/{case.pk}/", "/api/v1/cases/", "/desk/"]
    return " ".join(client.get(page).text for page in pages)


WORDS_OF_DEATH = ("deceased", "Deceased", "sans vie", "Décès", "Sin vida", "sin vida")


def test_death_is_shown_to_no_other_agency_until_the_family_knows(
    sent_request, baja_coordinator, california_officer, quebec_coordinator
):
    from cases.services.files import share_case

    case = sent_request.case
    share_case(
        case=case, agency=Agency.objects.get(code="ca-qc-sq"), by=california_officer, level="look", purpose="request"
    )
    report_located(
        child=case.children.get(), by=baja_coordinator, located_at=timezone.now(), time_zone="America/Tijuana",
        place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"), condition="deceased",
        holding_agency=Agency.objects.get(code=BAJA),
    )  # fmt: skip
    recovery = Recovery.objects.get()
    outside, lead = signed_in(quebec_coordinator), signed_in(california_officer)
    form = {word for word in WORDS_OF_DEATH if f">{word}<" in outside.get(f"/cases/{case.pk}/").text}
    assert form == set()
    assert "Deceased" in lead.get(f"/cases/{case.pk}/").text
    for officer in (baja_coordinator, california_officer):
        confirm_identity(recovery=recovery, by=officer, method="dna")
    case = Case.objects.get(pk=case.pk)
    close_case(case=case, by=california_officer, reason="found_deceased", **ANSWERS)
    read = everything_shown(outside, case)
    assert [word for word in WORDS_OF_DEATH if word in read] == []
    assert "found_deceased" not in str(list(CaseEvent.objects.values_list("detail", flat=True)))
    assert "found_deceased" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))
    assert "Found deceased" in everything_shown(lead, case)
    inform_family(case=case, by=california_officer)
    assert "sans vie" in everything_shown(outside, case)


def test_family_informed_is_said_by_lead_or_holder_only(
    recovered_case, third_agency, california_officer, california_staff
):
    close_case(case=recovered_case, by=california_officer, reason="found_deceased", **ANSWERS)
    for person in (third_agency, california_staff):
        with pytest.raises(NotPermitted):
            inform_family(case=recovered_case, by=person)
    address = reverse("cases:family-informed", args=[recovered_case.pk])
    assert address not in signed_in(third_agency).get(f"/cases/{recovered_case.pk}/").text
    assert signed_in(third_agency).post(address, {"nonce": "n" * 22}).status_code == 404
    assert signed_in(california_officer).post(address, {"nonce": "n" * 22}).status_code == 302
    recovered_case.refresh_from_db()
    assert recovered_case.family_informed_by == california_officer
    with pytest.raises(ActRefused):
        inform_family(case=recovered_case, by=california_officer)


def test_cancel_for_a_death_is_told_as_found_until_the_family_knows(active_alert, baja_coordinator, california_officer):
    from alerts.services.issuing import cancel

    cancel(alert=active_alert, by=baja_coordinator, reason="found_deceased")
    assert active_alert.end_reason == "found"
    assert CaseEvent.objects.get(kind="alert.cancel").detail == {"reason": "found"}


def test_family_informed_without_a_death_is_refused(recovered_case, california_officer):
    with pytest.raises(ActRefused):
        inform_family(case=recovered_case, by=california_officer)


def test_another_death_is_hidden_anew(recovered_case, california_officer, baja_coordinator):
    close_case(case=recovered_case, by=california_officer, reason="found_deceased", is_family_informed=True, **ANSWERS)
    assert recovered_case.family_informed_at is not None
    child = recovered_case.children.get()
    reopen(case=recovered_case, by=california_officer, children=[child], reason="not_child_dna")
    recovered_case.refresh_from_db()
    assert recovered_case.family_informed_at is None


# Reopening


@pytest.mark.parametrize("is_closed", [False, True])
def test_wrong_recovery_is_reopened_with_a_reason(is_closed, recovered_case, california_officer, baja_coordinator):
    if is_closed:
        close_case(case=recovered_case, by=california_officer, reason="found_safe", **ANSWERS)
    child = recovered_case.children.get()
    reopen(case=recovered_case, by=california_officer, children=[child], reason="not_child_dna")
    child.refresh_from_db()
    assert (recovered_case.status, child.status) == ("active", "missing")
    recovery = Recovery.objects.get()
    assert (recovery.end_reason, recovery.ended_by, recovery.is_pending) == ("not_child_dna", california_officer, False)
    assert recovery.confirmed_at is not None, "what was confirmed stays on record"
    assert [closure.reopened_by for closure in Closure.objects.all()] == ([california_officer] if is_closed else [])
    event = CaseEvent.objects.get(kind="case.reopen")
    assert event.detail == {"reason": "not_child_dna"}
    found(child, baja_coordinator, california_officer)
    recovered_case.refresh_from_db()
    assert recovered_case.status == "recovered"


def test_hoax_that_was_none_is_reopened_and_its_suspect_counts_again(active_case, california_officer):
    close_case(case=active_case, by=california_officer, reason="hoax", **ANSWERS)
    reopen(case=active_case, by=california_officer, children=[], reason="new_facts")
    assert active_case.status == "active"
    assert active_case.people.get().cleared_at is None


def test_reopening_without_a_missing_child_is_refused(recovered_case, california_officer):
    with pytest.raises(ActRefused):
        reopen(case=recovered_case, by=california_officer, children=[], reason="not_child_dna")
    recovered_case.refresh_from_db()
    assert recovered_case.status == "recovered"


def test_only_the_lead_agency_reopens(recovered_case, baja_coordinator):
    with pytest.raises(NotPermitted):
        reopen(
            case=recovered_case, by=baja_coordinator, children=list(recovered_case.children.all()), reason="new_facts"
        )


def test_child_of_another_case_is_not_reopened(recovered_case, california_officer):
    from cases.services.files import open_case

    other = Child.objects.create(case=open_case(by=california_officer, agency=recovered_case.lead_agency))
    with pytest.raises(NotPermitted):
        reopen(case=recovered_case, by=california_officer, children=[other], reason="new_facts")


def test_step_alone_leaves_no_contradiction(recovered_case, california_officer):
    workflow.apply(recovered_case, "reopen", by=california_officer)
    assert recovered_case.status == "active"
    assert recovered_case.children.get().status == "missing"


def test_one_of_two_is_missing_again_while_the_case_goes_on(sent_request, california_officer, baja_coordinator):
    case = sent_request.case
    Child.objects.create(case=case)
    first, _second = case.children.all()
    found(first, baja_coordinator, california_officer)
    reopen(case=case, by=california_officer, children=[first], reason="not_child_guardian")
    case.refresh_from_db()
    assert (case.status, list(case.children.values_list("status", flat=True))) == ("active", ["missing", "missing"])


def test_page_closes_and_reopens(recovered_case, california_officer):
    client, page = signed_in(california_officer), reverse("cases:case-detail", args=[recovered_case.pk])
    assert reverse("cases:case-close", args=[recovered_case.pk]) in client.get(page).text
    answers = {
        "close-reason": "found_safe",
        "close-alert_effect": "no_alert",
        "close-category": "FAM",
        "nonce": "c" * 22,
    }
    assert client.post(reverse("cases:case-close", args=[recovered_case.pk]), answers).status_code == 302
    address = reverse("cases:case-reopen", args=[recovered_case.pk])
    assert address in client.get(page).text
    again = {"reopen-reason": "not_child_dna", "nonce": "r" * 22}
    assert client.post(address, again).status_code == 422, "nobody chosen"
    again["reopen-children"] = str(recovered_case.children.get().pk)
    assert client.post(address, again).status_code == 302
    recovered_case.refresh_from_db()
    assert recovered_case.status == "active"
