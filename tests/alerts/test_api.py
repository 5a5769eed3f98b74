"""Requests, alerts, deliveries and the import of CAP through the API."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from agencies.models import AuditEvent
from alerts.choices import AlertStatus
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage, Delivery, Duty, ExtensionRequest
from cases.models import Case, Document

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "partner_amber_alert.xml"
CAP = "application/cap+xml"


def signed_in(user):
    client = APIClient()
    client.default_format = "json"
    client.force_login(user)
    return client


@pytest.fixture
def officer(california_officer):
    return signed_in(california_officer)


@pytest.fixture
def baja(baja_coordinator):
    return signed_in(baja_coordinator)


@pytest.fixture
def approver(baja_approver):
    return signed_in(baja_approver)


def url(name, *args):
    return reverse(f"api:{name}", args=args)


def ok(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json()


def test_whole_path_runs_through_the_api(officer, baja, approver, recipient):
    case = ok(officer.post(url("case-list"), {}), 201)
    ok(officer.post(url("case-children", case["id"]), {"given_names": "Zoraida", "sex": "F", "age_years": 7}), 201)
    event = ok(officer.get(url("case-detail", case["id"])))["abduction"]["id"]
    facts = {"version": 2, "happened_at": "2026-11-20T03:15:00Z", "time_zone": "America/Los_Angeles",
             "place": "San Diego", "subdivision": "US-CA"}  # fmt: skip
    ok(officer.patch(url("abduction-detail", event), facts))
    ok(officer.post(url("case-crossing-indications", case["id"]), {"toward": "MX"}), 201)
    ok(officer.post(url("case-activate", case["id"])))
    asked = ok(officer.post(url("request-list"), {"case": case["id"], "program": "mx-bcn", "note": "Urgent"}), 201)
    assert (asked["status"], asked["program"], asked["alert"]) == ("sent", "mx-bcn", None)

    assert [row["id"] for row in ok(baja.get(url("request-list")))["results"]] == [asked["id"]]
    ok(baja.post(url("request-acknowledge", asked["id"]), {"receiver_reference": "BC/77"}))
    read = ok(baja.get(url("request-detail", asked["id"])))
    assert (read["note"], read["receiver_reference"]) == ("Urgent", "BC/77")
    assert "accept" in [step["step"] for step in read["steps"]]
    alert = ok(baja.post(url("request-decision", asked["id"]), {"decision": "accept"}))["alert"]
    assert ok(officer.get(url("request-detail", asked["id"])))["alert"] is None  # a draft is the program's own

    words = ok(baja.get(url("alert-detail", alert)))
    assert [text["language"] for text in words["texts"]] == ["en", "es", "fr"]
    edit = {"content_hash": words["content_hash"], "texts": [{"language": "es", "headline": "ALERTA AMBER: niña"}]}
    edited = ok(baja.patch(url("alert-detail", alert), edit))
    assert edited["content_hash"] != words["content_hash"]
    ok(baja.post(url("alert-submit", alert)))
    seen = {"content_hash": edited["content_hash"]}
    assert approver.post(url("alert-approve", alert), seen).status_code == 409, "the typed words were not read"
    approved = ok(approver.post(url("alert-approve", alert), {**seen, "typed_words_read": True}))
    assert approved["status"] == "approved"
    assert ok(baja.post(url("alert-activate", alert)))["status"] == "active"
    assert ok(officer.get(url("request-detail", asked["id"])))["status"] == "activated"
    assert ok(officer.get(url("alert-detail", alert)))["texts"][1]["headline"] == "ALERTA AMBER: niña"

    sent = ok(baja.get(url("delivery-list"), {"alert": alert}))["results"]
    assert [(row["recipient"], row["state"], row["message_type"]) for row in sent] == [
        ("Radio Frontera", "queued", "Alert")
    ]
    assert ok(baja.get(url("delivery-detail", sent[0]["id"])))["tries"] == []
    assert ok(baja.post(url("alert-cancel", alert), {"reason": "found_safe"}))["status"] == "cancelled"
    assert AlertMessage.objects.filter(alert=alert, msg_type="Cancel").exists()
    assert AuditEvent.objects.filter(action="alert.activate", channel="api").count() == 1


# Requests


def test_request_list_keeps_free_text_and_names_out(officer, sent_request):
    ExtensionRequest.objects.filter(pk=sent_request.pk).update(note="Zoraida was seen")
    answer = officer.get(url("request-list"))
    assert "Zoraida" not in answer.content.decode()
    assert ok(officer.get(url("request-detail", sent_request.pk)))["note"] == "Zoraida was seen"


def test_request_list_narrows_by_case_and_status(officer, sent_request):
    assert ok(officer.get(url("request-list"), {"case": sent_request.case_id, "status": "sent"}))["results"]
    assert not ok(officer.get(url("request-list"), {"status": "declined"}))["results"]
    assert not ok(officer.get(url("request-list"), {"case": uuid.uuid4()}))["results"]
    assert officer.get(url("request-list"), {"case": "x"}).status_code == 400


def test_request_reads_are_recorded(baja, sent_request):
    baja.get(url("request-detail", sent_request.pk))
    event = AuditEvent.objects.get(action="extensionrequest.read")
    assert (event.case_id, event.object_ids) == (sent_request.case_id, [str(sent_request.pk)])


def test_only_the_lead_agency_asks_and_a_stranger_learns_nothing(baja, sent_request, quebec_coordinator):
    case = str(sent_request.case_id)
    quebec = signed_in(quebec_coordinator)
    answers = [
        baja.post(url("request-list"), {"case": case, "program": "us-tx"}),
        baja.post(url("request-list"), {"case": case, "program": 7, "nonsense": True}),
        quebec.post(url("request-list"), {"case": case, "program": "us-tx"}),
        quebec.post(url("request-list"), {"case": str(uuid.uuid4())}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert ExtensionRequest.objects.count() == 1


def test_decision_belongs_to_the_receiving_program(officer, sent_request):
    for body in ({"decision": "accept"}, {"decision": "maybe"}):
        assert officer.post(url("request-decision", sent_request.pk), body).status_code == 404
    sent_request.refresh_from_db()
    assert sent_request.status == "sent"


def test_decision_before_acknowledgement_answers_409_with_the_steps(baja, sent_request):
    answer = baja.post(url("request-decision", sent_request.pk), {"decision": "accept"})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "step_not_possible")
    assert [step["step"] for step in body["allowed"]] == ["acknowledge", "escalate"]
    assert all(step["label"] for step in body["allowed"])


def test_decline_needs_a_coded_reason(baja, sent_request):
    ok(baja.post(url("request-acknowledge", sent_request.pk)))
    address = url("request-decision", sent_request.pk)
    assert list(baja.post(address, {"decision": "decline"}).json()["errors"]) == ["reason"]
    assert list(baja.post(address, {"decision": "decline", "reason": "mood"}).json()["errors"]) == ["reason"]
    assert list(baja.post(address, {"decision": "accept", "reason": "criteria_age"}).json()["errors"]) == ["reason"]
    declined = ok(baja.post(address, {"decision": "decline", "reason": "criteria_age", "alternative": "advisory"}))
    assert (declined["status"], declined["decline_reason"]) == ("declined", "criteria_age")


WAYS = [("accept_changed_area", "area_words", "Norte"), ("accept_lower_level", "level", "police_only")]


@pytest.mark.parametrize("decision,needed,value", WAYS)
def test_other_ways_to_accept(baja, sent_request, decision, needed, value):
    ok(baja.post(url("request-acknowledge", sent_request.pk)))
    address = url("request-decision", sent_request.pk)
    assert [*baja.post(address, {"decision": decision}).json()["errors"]] == [needed]
    answer = ok(baja.post(address, {"decision": decision, "note": "Norte", needed: value}))
    assert answer["status"].startswith("accepted")
    assert bool(answer["alert"]) == (decision == "accept_changed_area")


def test_withdrawing_discards_the_draft_that_the_asker_cannot_see(officer, draft_alert):
    assert ok(officer.post(url("request-withdraw", draft_alert.request_id)))["status"] == "withdrawn"
    draft_alert.refresh_from_db()
    assert draft_alert.status == AlertStatus.DISCARDED


def test_acceptance_under_a_key_makes_one_alert(baja, sent_request):
    ok(baja.post(url("request-acknowledge", sent_request.pk)))
    key, address = {"Idempotency-Key": "same"}, url("request-decision", sent_request.pk)
    first = baja.post(address, {"decision": "accept"}, headers=key)
    again = baja.post(address, {"decision": "accept"}, headers=key)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Alert.objects.count() == 1


# Alerts


def test_draft_is_its_programs_own(officer, baja, draft_alert):
    assert officer.get(url("alert-detail", draft_alert.pk)).status_code == 404
    assert ok(officer.get(url("alert-list")))["results"] == []
    assert [row["id"] for row in ok(baja.get(url("alert-list")))["results"]] == [str(draft_alert.pk)]


def test_alert_list_holds_no_words(baja, draft_alert):
    assert "Zoraida" not in baja.get(url("alert-list")).content.decode()
    assert "Zoraida" in baja.get(url("alert-detail", draft_alert.pk)).content.decode()


def test_author_cannot_approve_and_the_hash_must_be_the_present_one(baja, approver, draft_alert):
    ok(baja.post(url("alert-submit", draft_alert.pk)))
    seen = {"content_hash": content_hash(draft_alert)}
    assert baja.post(url("alert-approve", draft_alert.pk), seen).status_code == 409
    assert approver.post(url("alert-approve", draft_alert.pk), {"content_hash": "0" * 64}).status_code == 409
    assert approver.post(url("alert-approve", draft_alert.pk), {}).status_code == 400
    draft_alert.refresh_from_db()
    assert draft_alert.status == AlertStatus.SUBMITTED
    assert ok(approver.post(url("alert-approve", draft_alert.pk), seen))["status"] == "approved"


def test_activation_out_of_turn_answers_409_with_the_steps(baja, draft_alert):
    answer = baja.post(url("alert-activate", draft_alert.pk))
    assert answer.status_code == 409
    assert [step["step"] for step in answer.json()["allowed"]] == ["submit", "discard"]


def test_activation_under_a_key_sends_once(baja, approved_alert, recipient):
    key = {"Idempotency-Key": "go"}
    first = baja.post(url("alert-activate", approved_alert.pk), headers=key)
    again = baja.post(url("alert-activate", approved_alert.pk), headers=key)
    assert ok(first) == ok(again)
    assert Delivery.objects.filter(message__alert=approved_alert).count() == 1


def test_other_agencies_read_an_active_alert_and_act_on_nothing(officer, active_alert):
    ok(officer.get(url("alert-detail", active_alert.pk)))
    for name in ("submit", "approve", "activate", "cancel"):
        assert officer.post(url(f"alert-{name}", active_alert.pk), {"nonsense": 1}).status_code == 404
    assert officer.patch(url("alert-detail", active_alert.pk), {"nonsense": 1}).status_code == 404


def test_lead_agency_starts_the_alert_of_its_own_program(officer, baja, active_case):
    body = {"case": str(active_case.pk), "program": "us-ca"}
    assert baja.post(url("alert-list"), body).status_code == 404
    assert officer.post(url("alert-list"), {**body, "program": "mx-bcn"}).status_code == 404
    started = ok(officer.post(url("alert-list"), body), 201)
    assert (started["status"], started["program"], started["request"]) == ("draft", "us-ca", None)


def test_starting_an_alert_tells_a_stranger_nothing_about_a_case(active_case, quebec_coordinator):
    quebec = signed_in(quebec_coordinator)
    answers = [
        quebec.post(url("alert-list"), {"case": str(key), "program": 7, "nonsense": True})
        for key in (active_case.pk, uuid.uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


# Deliveries


def test_deliveries_show_no_address_and_are_the_programs_own(officer, baja, active_alert, california_legal):
    answer = baja.get(url("delivery-list"))
    row = ok(answer)["results"][0]
    assert "redaccion@" not in answer.content.decode()
    assert (row["alert"], row["recipient"], row["language"]) == (str(active_alert.pk), "Radio Frontera", "es")
    assert ok(officer.get(url("delivery-list"), {"alert": active_alert.pk}))["results"] == []
    assert officer.get(url("delivery-detail", row["id"])).status_code == 404
    notice = Delivery.objects.filter(notice__isnull=False).first()
    assert baja.get(url("delivery-detail", notice.pk)).status_code == 404


def test_delivery_list_narrows_by_state(baja, active_alert):
    assert ok(baja.get(url("delivery-list"), {"state": "queued"}))["results"]
    assert not ok(baja.get(url("delivery-list"), {"state": "sent"}))["results"]
    assert baja.get(url("delivery-list"), {"state": "lost"}).status_code == 400


# Import of CAP


def test_cap_import_opens_a_draft_case_and_keeps_the_bytes(officer):
    raw = SAMPLE.read_bytes()
    case = ok(officer.generic("POST", url("case-import"), raw, content_type=CAP), 201)
    assert case["status"] == "intake"
    assert bytes(Document.objects.get(case=case["id"]).content) == raw
    again = officer.generic("POST", url("case-import"), raw, content_type=CAP)
    assert (again.status_code, again.json()["code"]) == (409, "refused")


def test_cap_import_under_a_key_is_repeated_with_its_first_answer(officer):
    raw, key = SAMPLE.read_bytes(), {"Idempotency-Key": "cap-1"}
    first = officer.generic("POST", url("case-import"), raw, content_type=CAP, headers=key)
    again = officer.generic("POST", url("case-import"), raw, content_type=CAP, headers=key)
    assert ok(first, 201) == ok(again, 201)
    assert again["Idempotency-Replayed"] == "true"
    other = officer.generic("POST", url("case-import"), raw + b" ", content_type=CAP, headers=key)
    assert other.json()["code"] == "key_reused"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "cap_empty"),
        (b"<alert", 400, "cap_truncated"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', 400, "cap_doctype"),
        (b"<html/>", 400, "cap_not_cap"),
        (b"<" + b"x" * 5_000_001, 413, "cap_too_large"),
    ],
)
def test_bad_cap_is_refused_with_nothing_stored(officer, raw, status, code):
    answer = officer.generic("POST", url("case-import"), raw, content_type=CAP)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert not Case.objects.exists()


def test_cap_import_takes_only_cap_and_only_for_an_own_agency(officer, california_legal):
    raw = SAMPLE.read_bytes()
    assert officer.generic("POST", url("case-import"), raw, content_type="text/xml").status_code == 415
    foreign = officer.generic("POST", url("case-import") + "?agency=mx-bcn-amber", raw, content_type=CAP)
    assert list(foreign.json()["errors"]) == ["agency"]
    assert signed_in(california_legal).generic("POST", url("case-import"), b"", content_type=CAP).status_code == 404
    assert not Case.objects.exists()


# The same 404 for everything that is not there for this person

ROUTES = [
    ("get", "request-detail", "request"), ("get", "request-looks", "request"),
    ("post", "request-acknowledge", "request"),
    ("patch", "request-detail", "request"), ("post", "request-send", "request"),
    ("post", "request-decision", "request"), ("post", "request-withdraw", "request"), ("get", "alert-detail", "alert"),
    ("patch", "alert-detail", "alert"), ("post", "alert-submit", "alert"), ("post", "alert-approve", "alert"),
    ("post", "alert-activate", "alert"), ("post", "alert-cancel", "alert"), ("post", "alert-open-case", "alert"),
    ("post", "alert-confirmation", "alert"), ("get", "alert-audience", "alert"), ("post", "alert-audience", "alert"),
    ("post", "alert-send-again", "alert"),
    ("post", "delivery-send-again", "delivery"),
    ("get", "delivery-detail", "delivery"), ("get", "duty-detail", "duty"), ("post", "duty-discharge", "duty"),
]  # fmt: skip


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(request, active_alert, method, name, kind, who):
    client = signed_in(request.getfixturevalue(who))
    duty = {"case": active_alert.case, "program": active_alert.program, "due_at": active_alert.created_at}
    row = {
        "request": active_alert.request, "alert": active_alert,
        "delivery": Delivery.objects.get(message__alert=active_alert),
        "duty": Duty.objects.create(kind="cancel_alert", alert=active_alert, **duty),
    }[kind]  # fmt: skip
    answers = [
        getattr(client, method)(url(name, key), {"nonsense": 1} if method != "get" else None)
        for key in (row.pk, uuid.uuid4(), "no-uuid")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
