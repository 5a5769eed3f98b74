"""What the receiving side sees after a request has ended: nothing of the case, but its decision and the sheet (U35)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from agencies.models import Agency, AlertProgram, Subdivision
from alerts.models import Alert, CoveredAlert, ExtensionRequest, KeptRequest
from alerts.services import drafts, request_endings, requests
from alerts.services.asking import withdraw_all
from alerts.services.handing_on import hand_on
from cases import workflow
from cases.models import Case, CaseAccess, CaseEvent

pytestmark = pytest.mark.django_db
HOURS = 72
ROUTES = [("get", "kept-request-detail", "kept")]


def sight(case: Any, agency: str = "mx-bcn-amber") -> Any:
    """Return until when an agency reads a case."""
    return CaseAccess.objects.get(case=case, agency__code=agency).until


def hours_left(case: Any) -> float:
    """Return for how many hours more Baja California reads the case, to a tenth."""
    return round((sight(case) - timezone.now()).total_seconds() / 3600, 1)


def sees(user: Any, case: Any) -> bool:
    """Ask the gateway as a new request would."""
    return Case.objects.visible_to(type(user).objects.get(pk=user.pk)).filter(pk=case.pk).exists()


@pytest.fixture
def declined(sent_request: Any, baja_coordinator: Any) -> Any:
    """The request, declined."""
    requests.acknowledge(request=sent_request, by=baja_coordinator, receiver_reference="BC/9")
    requests.decide(
        request=sent_request, by=baja_coordinator, decision="decline", reason="criteria_not_met", note="No procede."
    )
    return sent_request


def test_decline_dates_the_end_by_the_askers_period(declined: Any, baja_coordinator: Any) -> None:
    assert hours_left(declined.case) == HOURS
    assert sees(baja_coordinator, declined.case)
    assert CaseEvent.objects.filter(case=declined.case, kind="sight_dated").count() == 1


def test_period_is_the_sharing_agencys_own(sent_request: Any, baja_coordinator: Any) -> None:
    Agency.objects.filter(pk=sent_request.requesting_agency_id).update(sight_hours=5)
    Agency.objects.filter(code="mx-bcn-amber").update(sight_hours=500)
    request = ExtensionRequest.objects.get(pk=sent_request.pk)
    requests.acknowledge(request=request, by=baja_coordinator)
    requests.decide(request=request, by=baja_coordinator, decision="decline", reason="criteria_not_met")
    assert hours_left(request.case) == 5


def test_withdrawal_dates_the_end_and_error_ends_it_at_once(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    requests.withdraw(request=sent_request, by=california_officer, reason="sent_in_error")
    assert not sees(baja_coordinator, sent_request.case)
    kept = KeptRequest.objects.get()
    assert (kept.ended_as, kept.sheet, kept.withdrawal_reason) == ("withdrawn", None, "sent_in_error")


def test_withdrawal_for_another_reason_leaves_the_period(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    requests.withdraw(request=sent_request, by=california_officer, reason="child_found")
    assert hours_left(sent_request.case) == HOURS
    assert sees(baja_coordinator, sent_request.case)
    assert KeptRequest.objects.get().sheet["reference"] == sent_request.number


def test_all_withdrawn_in_error_end_at_once(sent_request: Any, california_officer: Any, baja_coordinator: Any) -> None:
    withdraw_all(case=sent_request.case, by=california_officer, reason="sent_in_error")
    assert not sees(baja_coordinator, sent_request.case)


def test_end_of_the_case_dates_what_lapsed(sent_request: Any, california_officer: Any) -> None:
    workflow.apply(sent_request.case, "close_as_hoax", by=california_officer)
    sent_request.refresh_from_db()
    assert sent_request.status == "lapsed"
    assert hours_left(sent_request.case) == HOURS


def test_program_with_an_alert_of_its_own_goes_on_reading(active_alert: Any) -> None:
    Alert.objects.filter(pk=active_alert.pk).update(status="expired")
    request_endings.alert_expired(active_alert.request)
    assert sight(active_alert.case) is None
    assert not KeptRequest.objects.exists()


def test_another_open_request_to_the_same_desk_keeps_the_sight(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    other = AlertProgram.objects.create(
        code="mx-bcn-2", name="Segundo", agency=sent_request.program.agency, country="MX", time_zone="America/Tijuana",
        number_prefix="BC2", cap_sender="bc2.example",
    )  # fmt: skip
    requests.send_request(case=sent_request.case, program=other, by=california_officer)
    requests.withdraw(request=sent_request, by=california_officer, reason="sent_in_error")
    assert sight(sent_request.case) is None
    assert sees(baja_coordinator, sent_request.case)


def test_holder_of_the_child_goes_on_reading(sent_request: Any, california_officer: Any, baja_coordinator: Any) -> None:
    from cases.services.recoveries import report_located

    report_located(
        child=sent_request.case.children.get(), by=baja_coordinator, located_at=timezone.now(),
        time_zone="America/Tijuana", place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"),
        condition="unharmed",
        holding_agency=Agency.objects.get(code="mx-bcn-amber"),
    )  # fmt: skip
    sent_request.refresh_from_db()
    requests.withdraw(request=sent_request, by=california_officer, reason="sent_in_error")
    assert sight(sent_request.case) is None


def test_asking_again_opens_the_sight_again(declined: Any, california_officer: Any, baja_coordinator: Any) -> None:
    CaseAccess.objects.filter(case=declined.case, agency__code="mx-bcn-amber").update(until=timezone.now())
    assert not sees(baja_coordinator, declined.case)
    requests.send_request(case=declined.case, program=declined.program, by=california_officer, follows=declined)
    assert sees(baja_coordinator, declined.case)
    assert sight(declined.case) is None


def test_draft_that_was_never_sent_dates_nothing(active_case: Any, california_officer: Any) -> None:
    draft = requests.save_draft(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer
    )
    requests.withdraw(request=draft, by=california_officer)
    assert not KeptRequest.objects.exists()


# Handed on to another program


@pytest.fixture
def fgr(make_user: Any) -> Any:
    """A coordinator of the national coordination of Mexico; Spanish."""
    return make_user("fidel.coord@fgr.example", "mx-fgr-amber", "coordinator", "es")


def handed(request: Any, by: Any, code: str = "mx-fgr", note: str = "") -> Any:
    """Hand a request on; return the one that stands there."""
    row = ExtensionRequest.objects.get(pk=request.pk)
    return hand_on(request=row, by=by, program=AlertProgram.objects.get(code=code), note=note)


def test_handing_on_dates_the_end_by_the_askers_period(sent_request: Any, baja_coordinator: Any, fgr: Any) -> None:
    Agency.objects.filter(pk=sent_request.requesting_agency_id).update(sight_hours=5)
    there = handed(sent_request, baja_coordinator, note="Salió del estado.")
    assert hours_left(sent_request.case) == 5
    assert sight(sent_request.case, "mx-fgr-amber") is None
    assert sees(baja_coordinator, sent_request.case)
    kept = KeptRequest.objects.get()
    assert (kept.agency.code, kept.ended_as, kept.handed_on_to) == ("mx-bcn-amber", "escalated", there.program)
    assert (kept.decided_by, kept.decision_note) == (baja_coordinator, "Salió del estado.")
    assert kept.sheet["reference"] == sent_request.number


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Handed on to:"), ("es", "Turnada a:"), ("fr", "Transmise à\u00a0:")]
)
def test_program_that_handed_on_keeps_its_decision_and_the_sheet(
    sent_request: Any, baja_coordinator: Any, fgr: Any, language: str, words: str
) -> None:
    there = handed(sent_request, baja_coordinator, note="Salió del estado.")
    CaseAccess.objects.filter(case=sent_request.case, agency__code="mx-bcn-amber").update(until=timezone.now())
    baja_coordinator.language = language
    baja_coordinator.save(update_fields=["language"])
    client = Client()
    client.force_login(baja_coordinator)
    assert client.get(reverse("cases:case-detail", args=[sent_request.case_id])).status_code == 404
    address = reverse("alerts:request-kept", args=[KeptRequest.objects.get().pk])
    assert client.get(reverse("alerts:request-detail", args=[sent_request.pk])).headers["Location"] == address
    page = client.get(address).text
    with translation.override(language):
        named = escape(f"{words} {there.program}")
    assert named in page and "Salió del estado." in page and "Zoraida Quimby" in page
    assert client.get(f"/api/v1/kept-requests/{KeptRequest.objects.get().pk}/").json()["handed_on_to"] == "mx-fgr"


def test_page_says_before_the_handing_on_when_the_sight_ends(sent_request: Any, baja_coordinator: Any) -> None:
    client = Client()
    client.force_login(baja_coordinator)
    assert "72 horas después" in client.get(reverse("alerts:request-detail", args=[sent_request.pk])).text


def test_program_with_another_open_request_goes_on_reading(
    sent_request: Any, california_officer: Any, baja_coordinator: Any, fgr: Any
) -> None:
    other = AlertProgram.objects.create(
        code="mx-bcn-2", name="Segundo", agency=sent_request.program.agency, country="MX", time_zone="America/Tijuana",
        number_prefix="BC2", cap_sender="bc2.example",
    )  # fmt: skip
    second = requests.send_request(case=sent_request.case, program=other, by=california_officer)
    handed(sent_request, baja_coordinator)
    assert sight(sent_request.case) is None
    assert not KeptRequest.objects.exists()
    requests.withdraw(request=second, by=california_officer, reason="child_found")
    assert hours_left(sent_request.case) == HOURS


def test_national_coordination_that_covers_an_alert_goes_on_reading(
    sent_request: Any, baja_coordinator: Any, fgr: Any
) -> None:
    there = handed(sent_request, baja_coordinator)
    national = drafts.start_alert(program=there.program, case=there.case, by=fgr)
    Alert.objects.filter(pk=national.pk).update(
        status="active", activated_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=12)
    )
    CoveredAlert.objects.create(national=national, request=sent_request)
    handed(there, fgr, "mx-bcn")
    assert sight(there.case, "mx-fgr-amber") is None
    assert sees(fgr, there.case)


def test_handing_back_opens_the_sight_of_the_one_and_dates_that_of_the_other(
    sent_request: Any, baja_coordinator: Any, fgr: Any
) -> None:
    there = handed(sent_request, baja_coordinator)
    assert hours_left(sent_request.case) == HOURS
    handed(there, fgr, "mx-bcn")
    assert sight(sent_request.case) is None
    assert sees(baja_coordinator, sent_request.case)
    assert sight(sent_request.case, "mx-fgr-amber") is not None
    assert KeptRequest.objects.filter(agency__code="mx-fgr-amber", handed_on_to__code="mx-bcn").exists()


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_receiver_keeps_decision_and_sheet_and_nothing_else(
    declined: Any, baja_coordinator: Any, quebec_coordinator: Any, language: str
) -> None:
    baja_coordinator.language = language
    baja_coordinator.save(update_fields=["language"])
    CaseAccess.objects.filter(case=declined.case, agency__code="mx-bcn-amber").update(until=timezone.now())
    client = Client()
    client.force_login(baja_coordinator)
    kept = KeptRequest.objects.get()
    address = reverse("alerts:request-kept", args=[kept.pk])
    assert client.get(reverse("cases:case-detail", args=[declined.case_id])).status_code == 404
    led = client.get(reverse("alerts:request-detail", args=[declined.pk]))
    assert (led.status_code, led.headers["Location"]) == (302, address)
    page = client.get(address)
    for words in ("BC/9", "No procede.", "Zoraida Quimby", "7XYZ123"):
        assert words in page.text
    assert address in client.get(reverse("alerts:request-kept-list")).text
    pdf = client.get(reverse("alerts:request-kept-sheet", args=[kept.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert client.get(f"/api/v1/kept-requests/{kept.pk}/").json()["sheet"]["reference"] == declined.number
    assert [row["id"] for row in client.get("/api/v1/kept-requests/").json()["results"]] == [str(kept.pk)]
    client.force_login(quebec_coordinator)
    for name in ("request-kept", "request-kept-sheet"):
        assert client.get(reverse(f"alerts:{name}", args=[kept.pk])).status_code == 404
    assert declined.number not in client.get(reverse("alerts:request-kept-list")).text
    assert client.get(reverse("alerts:request-detail", args=[declined.pk])).status_code == 404


def test_kept_sheet_does_not_follow_the_case(declined: Any, california_officer: Any) -> None:
    child = declined.case.children.get()
    type(child).objects.filter(pk=child.pk).update(given_names="Changed")
    rows = str(KeptRequest.objects.get().sheet)
    assert "Zoraida" in rows
    assert "Changed" not in rows


def test_page_of_the_request_says_until_when_the_program_reads(declined: Any, california_officer: Any) -> None:
    client = Client()
    client.force_login(california_officer)
    page = client.get(reverse("alerts:request-detail", args=[declined.pk]))
    assert [row.until for row in page.context["sights"]] == [sight(declined.case)]
    assert timedelta(hours=71) < sight(declined.case) - timezone.now()


@pytest.mark.parametrize("who", ["quebec_coordinator", "california_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(
    request: pytest.FixtureRequest, declined: Any, method: str, name: str, kind: str, who: str
) -> None:
    client = Client()
    client.force_login(request.getfixturevalue(who))
    row = {"kept": KeptRequest.objects.get(request=declined)}[kind]
    answers = [getattr(client, method)(reverse(f"api:{name}", args=[key])) for key in (row.pk, uuid.uuid4(), "no-uuid")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
