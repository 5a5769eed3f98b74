"""What was typed wrong comes back beside its error in the reader's language; a step too late says what is possible."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from lxml import html

from agencies.models import Agency
from alerts import workflow as alerts_workflow
from alerts.forms.alerts import AlertForms
from alerts.gathering import content_hash
from alerts.models import Alert, ExtensionRequest, PublicAlert
from alerts.services import requests
from cases import workflow as cases_workflow
from cases.models import Case
from tests.project.conftest import facts_form
from tests.project.returned_forms import NONCE, TAGS, assert_error_beside, signed_in, stored

pytestmark = pytest.mark.django_db


# Wrong fields


WRONG_FACTS = [
    {"event-happened_at": "yesterday at noon"},
    {"event-happened_at": "2026-11-20T03:15", "event-time_zone": ""},
    {"event-happened_at": "2199-01-01T00:00"},
    {"event-happened_at": "2026-03-08T02:30"},  # skipped by the change to daylight saving time
    {"child-height_cm": "999"}, {"child-height_cm": "five feet"}, {"child-weight_kg": "-3"},
    {"child-age_years": "150"}, {"child-birth_date": "2199-01-01"}, {"child-given_names": "N" * 81},
    {"suspect-weight_kg": "4000"}, {"vehicle-year": "19"}, {"vehicle-plate": "P" * 16},
    {"event-circumstances": "Vista en la carretera", "event-circumstances_language": ""},
]  # fmt: skip
BESIDE = {1: ("event-time_zone", None), 13: ("event-circumstances_language", None)}


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize("number", range(len(WRONG_FACTS)))
def test_wrong_fact_comes_back_as_typed_with_its_error(
    number: int, language: str, intake_case: Case, california_officer: Any
) -> None:
    wrong = WRONG_FACTS[number]
    client = signed_in(california_officer, language)
    form = {**facts_form(intake_case), **wrong, "event-place": "A place just typed", "nonce": NONCE}
    response = client.post(reverse("cases:case-facts", args=[intake_case.pk]), form)
    assert response.status_code == 422
    assert response.headers["Content-Language"] == language
    page = html.fromstring(response.text)
    assert page.get("lang") == TAGS[language]
    name, typed = BESIDE.get(number, next(iter(wrong.items())))
    assert_error_beside(page, name, typed)
    assert page.xpath('//*[@name="event-place"]')[0].get("value") == "A place just typed"
    for key, value in wrong.items():
        field = page.xpath(f'//*[@name="{key}"]')[0]
        assert field.tag == "select" or value in (field.get("value", ""), field.text_content().strip())
    version = Case.objects.get(pk=intake_case.pk).facts_version
    assert version == intake_case.facts_version
    intake_case.abduction.refresh_from_db()
    assert intake_case.abduction.place == "San Diego"


def test_every_wrong_fact_is_told_at_once(intake_case: Case, california_officer: Any) -> None:
    wrong = {"child-height_cm": "999", "suspect-weight_kg": "4000", "vehicle-year": "19", "event-happened_at": "x"}
    form = {**facts_form(intake_case), **wrong, "nonce": NONCE}
    response = signed_in(california_officer, "es").post(reverse("cases:case-facts", args=[intake_case.pk]), form)
    page = html.fromstring(response.text)
    for name, typed in wrong.items():
        assert_error_beside(page, name, typed)
    assert len(page.xpath('//*[@aria-invalid="true"]')) == len(wrong)


def test_untouched_facts_are_accepted(intake_case: Case, california_officer: Any) -> None:
    """Without this the wrong fields could be refused for another reason."""
    form = {**facts_form(intake_case), "nonce": NONCE}
    response = signed_in(california_officer).post(reverse("cases:case-facts", args=[intake_case.pk]), form)
    assert response.status_code == 302


def test_codes_that_no_list_knows_are_refused(intake_case: Case, california_officer: Any) -> None:
    form = {**facts_form(intake_case), "child-hair": "PURPLE'; --", "vehicle-color": "<script>", "nonce": NONCE}
    response = signed_in(california_officer).post(reverse("cases:case-facts", args=[intake_case.pk]), form)
    assert response.status_code == 422
    assert "<script>'" not in response.text
    page = html.fromstring(response.text)
    assert_error_beside(page, "child-hair", None)
    assert_error_beside(page, "vehicle-color", None)


def test_save_over_a_newer_version_changes_nothing(intake_case: Case, california_officer: Any) -> None:
    form = {**facts_form(intake_case), "event-place": "Chula Vista", "nonce": NONCE}
    Case.objects.filter(pk=intake_case.pk).update(facts_version=intake_case.facts_version + 1)
    response = signed_in(california_officer).post(reverse("cases:case-facts", args=[intake_case.pk]), form)
    assert response.status_code == 409
    intake_case.abduction.refresh_from_db()
    assert intake_case.abduction.place == "San Diego"


@pytest.mark.parametrize("language", ["es", "fr"])
def test_decline_without_a_reason_comes_back_with_the_note(
    language: str, sent_request: ExtensionRequest, baja_coordinator: Any
) -> None:
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    response = signed_in(baja_coordinator, language).post(
        reverse("alerts:request-decide", args=[sent_request.pk]),
        {"decision-decision": "decline", "decision-note": "No cumple el criterio", "nonce": NONCE},
    )
    assert response.status_code == 422
    page = html.fromstring(response.text)
    assert page.get("lang") == TAGS[language]
    assert_error_beside(page, "decision-reason", None)
    assert page.xpath('//*[@name="decision-note"]')[0].text_content().strip() == "No cumple el criterio"
    sent_request.refresh_from_db()
    assert sent_request.status == "acknowledged"


def test_folio_that_is_too_long_is_not_dropped_in_silence(
    sent_request: ExtensionRequest, baja_coordinator: Any
) -> None:
    folio = "F" * 61
    response = signed_in(baja_coordinator).post(
        reverse("alerts:request-acknowledge", args=[sent_request.pk]),
        {"acknowledge-receiver_reference": folio, "nonce": NONCE},
    )
    assert response.status_code == 422
    assert_error_beside(html.fromstring(response.text), "acknowledge-receiver_reference", folio)
    sent_request.refresh_from_db()
    assert sent_request.status == "sent"


@pytest.mark.parametrize("reason", [None, "", "no_such_reason"])
def test_cancel_without_a_known_reason_cancels_nothing(
    reason: str | None, active_alert: Alert, baja_coordinator: Any
) -> None:
    form = {"nonce": NONCE} | ({} if reason is None else {"cancel-reason": reason})
    response = signed_in(baja_coordinator).post(reverse("alerts:alert-step", args=[active_alert.pk, "cancel"]), form)
    assert response.status_code in (409, 422)
    active_alert.refresh_from_db()
    assert active_alert.status == "active"
    assert PublicAlert.objects.get().is_live


def test_term_outside_the_programs_limits_comes_back(approved_alert: Alert, baja_coordinator: Any) -> None:
    forms = AlertForms(approved_alert)
    form = {field.html_name: field.value() for part in (forms.settings, *forms.texts) for field in part
            if field.value() is not None}  # fmt: skip
    form |= {"settings-duration_hours": "1000", "es-headline": "Recién escrito", "nonce": NONCE,
             "content_hash": content_hash(approved_alert)}  # fmt: skip
    response = signed_in(baja_coordinator).post(reverse("alerts:alert-edit", args=[approved_alert.pk]), form)
    assert response.status_code == 422
    page = html.fromstring(response.text)
    assert_error_beside(page, "settings-duration_hours", "1000")
    assert page.xpath('//textarea[@name="es-headline"]')[0].text.strip() == "Recién escrito"
    assert Alert.objects.get(pk=approved_alert.pk).status == "approved"


# Steps that the present state does not allow


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize(
    ("status", "step"),
    [("active", "activate"), ("recovered", "activate"), ("hoax", "activate"), ("merged", "activate"),
     ("closed", "close"), ("hoax", "close")],
)  # fmt: skip
def test_illegal_step_of_a_case_says_what_is_possible_now(
    status: str, step: str, language: str, intake_case: Case, california_officer: Any
) -> None:
    Case.objects.filter(pk=intake_case.pk).update(status=status)
    client = signed_in(california_officer, language)
    if step == "close":
        answers = {"close-reason": "hoax", "close-alert_effect": "no_alert", "close-category": "FAM", "nonce": NONCE}
        response = client.post(reverse("cases:case-close", args=[intake_case.pk]), answers)
    else:
        response = client.post(reverse("cases:case-step", args=[intake_case.pk, step]), {"nonce": NONCE})
    assert response.status_code == 409
    page = html.fromstring(response.text)
    assert page.get("lang") == TAGS[language]
    intake_case.refresh_from_db()
    assert intake_case.status == status
    with translation.override(language):
        expected = {str(item.label) for item in cases_workflow.CASE.available(intake_case, california_officer)}
    assert {item.text_content().strip() for item in page.xpath("//main//li")} >= expected
    assert bool(expected) == (status != "merged")


@pytest.mark.parametrize(
    ("fixture", "step", "possible"),
    [
        ("draft_alert", "activate", {"submit", "discard"}), ("draft_alert", "cancel", {"submit", "discard"}),
        ("approved_alert", "submit", {"activate", "revise", "discard"}), ("active_alert", "submit", {"cancel"}),
        ("active_alert", "discard", {"cancel"}),
    ],
)  # fmt: skip
def test_illegal_step_of_an_alert_says_what_is_possible_now(
    fixture: str, step: str, possible: set[str], request: pytest.FixtureRequest, baja_coordinator: Any
) -> None:
    alert = request.getfixturevalue(fixture)
    before = Alert.objects.get(pk=alert.pk).status
    address = reverse("alerts:alert-step", args=[alert.pk, step])
    response = signed_in(baja_coordinator, "en").post(address, {"nonce": NONCE, "cancel-reason": "found_safe"})
    assert response.status_code == 409
    labels = {str(alerts_workflow.ALERT.by_name[name].label) for name in possible}
    shown = {item.text_content().strip() for item in html.fromstring(response.text).xpath("//main//li")}
    assert labels <= shown
    assert not shown & ({str(item.label) for item in alerts_workflow.ALERT.steps} - labels)
    assert Alert.objects.get(pk=alert.pk).status == before


def test_illegal_step_by_the_api_names_the_possible_ones(intake_case: Case, california_officer: Any) -> None:
    response = signed_in(california_officer).post(
        f"/api/v1/cases/{intake_case.pk}/close/",
        '{"reason": "found_safe", "alert_effect": "no_alert", "category": "FAM"}',
        content_type="application/json",
    )
    assert response.status_code == 409
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert {item["step"] for item in response.json()["allowed"]} == {
        "activate", "report_located", "close_as_unfounded", "close_as_hoax",
    }  # fmt: skip


# Bodies and addresses of the API and of lists


@pytest.mark.parametrize(
    "body", ["{", "[]", '"x"', "null", "1", "[" * 100_000, '{"agency": {"a": 1}}', '{"agency": "\\u0000"}',
             '{"unknown": 1}', '{"is_exercise": "perhaps"}', '{"agency_reference": "' + "x" * 61 + '"}'],
    ids=range(11),
)  # fmt: skip
def test_bad_body_of_the_api_is_a_problem_and_no_fault(body: str, california_officer: Any) -> None:
    response = signed_in(california_officer).post("/api/v1/cases/", body, content_type="application/json")
    assert response.status_code in (400, 415)
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize(
    "address",
    ["/cases/?after=x", "/cases/?after=1e999_0", "/cases/?after=nan_00", "/cases/?status=%00", "/cases/?status=open",
     "/desk/requests/?after=x_y", "/desk/requests/?after=1e30_0", "/desk/alerts/?after=-1e300_0", "/a/%00",
     "/a/?number=%00", "/acknowledge/%00/", "/alerts/%00/cap.xml", "/alerts/photos/%00.jpg", "/cases/?after=%00",
     "/desk/alerts/?after=nan_00000000000000000000000000000000", "/cases/?after=inf_00000000000000000000000000000000",
     "/desk/cases/01a20ac6-d808-711a-bdd2-6bdf9a6fb510/alerts/x/", "/login/?next=//evil.example/", "/login/?next=%00",
     "/cases/?after=99999999999999_00000000000000000000000000000000"],
)  # fmt: skip
def test_hostile_address_is_not_found_and_no_fault(address: str, california_officer: Any) -> None:
    for client in (signed_in(california_officer), Client(raise_request_exception=False)):
        response = client.get(address)
        assert response.status_code < 500, address
        assert "evil.example" not in response.headers.get("Location", "")


def test_null_characters_in_forms_are_no_fault(california_officer: Any) -> None:
    client = Client(raise_request_exception=False)
    assert client.post("/login/", {"username": "a\x00b", "password": "c\x00d"}).status_code < 500
    form = {"agency": Agency.objects.get(code="us-ca-chp").pk, "agency_reference": "a\x00b", "nonce": "n\x00"}
    assert signed_in(california_officer).post(reverse("cases:case-open"), form).status_code < 500
    form |= {"agency_reference": "a"}
    assert signed_in(california_officer).post(reverse("cases:case-open"), form).status_code == 409
    assert stored() == (0, 0, 0)
