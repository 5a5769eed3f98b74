"""Updates and withdrawals through the API: the same rules as on the pages (U18, U20)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import AuditEvent
from alerts.models import Alert, AlertMessage, PublicAlert, Redaction
from cases.models import Vehicle
from cases.services.facts import record_facts
from tests.alerts.test_api import ok, signed_in, url

pytestmark = pytest.mark.django_db

ROUTES = [
    ("post", "alert-area", "alert"), ("post", "alert-renewal", "alert"), ("post", "alert-withdrawal", "alert"),
    ("post", "alert-restoration", "alert"),
    ("get", "update-detail", "update"), ("patch", "update-detail", "update"), ("post", "update-submit", "update"),
    ("post", "update-revise", "update"), ("post", "update-issue", "update"), ("post", "update-refuse", "update"),
    ("get", "redaction-detail", "redaction"),
]  # fmt: skip


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(
    method: str, name: str, kind: str, who: str, update: Any, active_alert: Any, request: pytest.FixtureRequest
) -> None:
    client = signed_in(request.getfixturevalue(who))
    redaction = Redaction.objects.create(alert=active_alert, kind="photo", reason="error")
    row = {"alert": active_alert, "update": update, "redaction": redaction}[kind]
    unknown = [10**9, 10**40, "x"] if kind == "redaction" else [uuid.uuid4(), "no-uuid"]
    answers = [getattr(client, method)(url(name, key), {"nonsense": 1}) for key in (row.pk, *unknown)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.fixture
def update(active_alert: Any, active_case: Any, california_officer: Any) -> Any:
    """The Update prepared after California recorded another plate."""
    vehicle = Vehicle.objects.get(case=active_case)
    vehicle.plate = "8ABC456"
    record_facts(case=active_case, by=california_officer, items=[(vehicle, ["plate"])])
    return active_alert.updates.open().get()


def test_update_goes_from_words_to_issue(update, active_alert, baja_coordinator, baja_approver):
    baja, approver = signed_in(baja_coordinator), signed_in(baja_approver)
    shown = ok(baja.get(url("update-detail", update.pk)))
    assert {text["language"] for text in shown["texts"]} == {"en", "es", "fr"}
    assert [(row["before"], row["after"]) for row in shown["differences"]] == [("7XYZ123 (US-CA)", "8ABC456 (US-CA)")]
    assert {step["step"] for step in shown["steps"]} == {"submit", "refuse"}
    body = {"content_hash": shown["content_hash"], "texts": [{"language": "es", "headline": "Alerta: otra placa"}]}
    saved = ok(baja.patch(url("update-detail", update.pk), body))
    stale = baja.patch(url("update-detail", update.pk), {**body, "texts": [{"language": "es", "headline": "Otra"}]})
    assert (stale.json()["code"], stale.json()["conflicts"]) == (
        "edit_conflict", {"es.headline": {"mine": "Otra", "theirs": "Alerta: otra placa"}},
    )  # fmt: skip
    assert "texts" not in saved
    ok(baja.post(url("update-submit", update.pk), {}))
    assert baja.post(url("update-issue", update.pk), {"content_hash": saved["content_hash"]}).status_code == 409
    assert approver.post(url("update-issue", update.pk), {"content_hash": "0" * 64}).status_code == 409
    seen = {"content_hash": saved["content_hash"]}
    assert approver.post(url("update-issue", update.pk), seen).status_code == 409, "the typed words were not read"
    issued = ok(approver.post(url("update-issue", update.pk), {**seen, "typed_words_read": True}))
    message = AlertMessage.objects.get(msg_type="Update")
    assert (issued["status"], issued["message"]) == ("issued", message.identifier)
    assert PublicAlert.objects.get().texts.get(language="es").headline == "Alerta: otra placa"
    assert AuditEvent.objects.filter(action="alertupdate.read", actor_id=baja_coordinator.pk).exists()


def test_update_is_revised_and_refused_with_a_reason(update, baja_coordinator, baja_approver):
    baja, approver = signed_in(baja_coordinator), signed_in(baja_approver)
    ok(baja.post(url("update-submit", update.pk), {}))
    assert ok(baja.post(url("update-revise", update.pk), {}))["status"] == "prepared"
    assert approver.post(url("update-refuse", update.pk), {}).status_code == 400
    refused = ok(approver.post(url("update-refuse", update.pk), {"reason": "not_confirmed"}))
    assert (refused["status"], refused["refusal_reason"]) == ("refused", "not_confirmed")
    assert approver.post(url("update-refuse", update.pk), {"reason": "not_confirmed"}).status_code == 409


def test_bad_words_are_refused_by_field(update, baja_coordinator):
    baja = signed_in(baja_coordinator)
    seen = ok(baja.get(url("update-detail", update.pk)))["content_hash"]
    for texts in ([{"language": "de"}], [{"language": "es", "headline": "x" * 161}], [{"language": "es", "x": "y"}],
                  [{"language": "es"}, {"language": "es"}]):  # fmt: skip
        answer = baja.patch(url("update-detail", update.pk), {"content_hash": seen, "texts": texts})
        assert answer.status_code == 400, texts
        assert list(answer.json()["errors"]) == ["texts"]


def test_list_narrows_and_shows_no_words(update, active_alert, baja_coordinator, california_coordinator):
    baja = signed_in(baja_coordinator)
    answer = baja.get(url("update-list"), {"alert": active_alert.pk, "status": "prepared"})
    assert [row["id"] for row in ok(answer)["results"]] == [str(update.pk)]
    assert "8ABC456" not in answer.content.decode()
    assert ok(baja.get(url("update-list"), {"status": "issued"}))["results"] == []
    assert ok(signed_in(california_coordinator).get(url("update-list")))["results"] == []


def test_asking_side_reads_neither_updates_nor_withdrawals(update, active_alert, california_coordinator):
    redaction = Redaction.objects.create(alert=active_alert, kind="photo", reason="error")
    client = signed_in(california_coordinator)
    for method, name, key in (
        ("get", "update-detail", update.pk), ("post", "update-submit", update.pk), ("post", "update-issue", update.pk),
        ("get", "redaction-detail", redaction.pk), ("post", "alert-withdrawal", active_alert.pk),
        ("post", "alert-restoration", active_alert.pk), ("post", "alert-renewal", active_alert.pk),
        ("post", "alert-area", active_alert.pk),
    ):  # fmt: skip
        assert getattr(client, method)(url(name, key), {}).status_code == 404, name


def test_approver_withdraws_and_two_officers_put_back(active_alert, baja_coordinator, baja_approver):
    baja, approver = signed_in(baja_coordinator), signed_in(baja_approver)
    person = active_alert.case.people.get()
    body = {"kind": "person_name", "person": str(person.pk), "reason": "wrong_person"}
    assert approver.post(url("alert-withdrawal", active_alert.pk), {**body, "reason": "x"}).status_code == 400
    assert approver.post(url("alert-withdrawal", active_alert.pk), {**body, "kind": "child"}).status_code == 400
    stranger = {**body, "person": str(active_alert.pk)}
    assert list(approver.post(url("alert-withdrawal", active_alert.pk), stranger).json()["errors"]) == ["person"]
    ok(approver.post(url("alert-withdrawal", active_alert.pk), body))
    assert "Waldemar" not in PublicAlert.objects.get().texts.get(language="en").description
    (row,) = ok(baja.get(url("redaction-list"), {"alert": active_alert.pk}))["results"]
    assert (row["kind"], row["person"], row["by"]) == ("person_name", str(person.pk), baja_approver.full_name)
    assert ok(baja.get(url("redaction-detail", row["id"])))["lifted_at"] is None
    update = ok(baja.post(url("alert-restoration", active_alert.pk), {"redactions": [row["id"]]}), 201)
    assert update["kind"] == "restoration"
    ok(baja.post(url("update-submit", update["id"]), {}))
    ok(approver.post(url("update-issue", update["id"]), {"content_hash": update["content_hash"]}))
    assert ok(baja.get(url("redaction-detail", row["id"])))["lifted_by"] == baja_approver.full_name


def test_officer_without_the_right_withdraws_nothing(active_alert, make_user):
    officer = make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    body = {"kind": "whole", "reason": "error"}
    assert signed_in(officer).post(url("alert-withdrawal", active_alert.pk), body).status_code == 404
    assert PublicAlert.objects.get().is_live


def test_renewal_by_api_follows_the_programs_rules(active_alert, baja_coordinator):
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now() + timedelta(hours=3))
    baja = signed_in(baja_coordinator)
    address = url("alert-renewal", active_alert.pk)
    assert list(baja.post(address, {"hours": 24}).json()["errors"]) == ["reason"]
    assert baja.post(address, {"hours": 10_000, "reason": "new_area"}).status_code == 409
    update = ok(baja.post(address, {"hours": 24, "reason": "new_area"}), 201)
    assert (update["kind"], update["status"], update["hours"]) == ("renewal", "submitted", 24)


def test_act_under_a_key_happens_once(update, baja_coordinator):
    baja = signed_in(baja_coordinator)
    headers = {"Idempotency-Key": "submit-1"}
    first = baja.post(url("update-submit", update.pk), {}, headers=headers)
    again = baja.post(url("update-submit", update.pk), {}, headers=headers)
    assert ok(first) == ok(again)
    assert again["Idempotency-Replayed"] == "true"
