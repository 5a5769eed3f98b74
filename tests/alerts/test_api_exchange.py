"""Questions, charge, notices, cancellations and what happens outside the portal, through the API."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram
from alerts.models import Alert, CoveredAlert, ExtensionRequest, OutsideActivation
from alerts.services import requests
from tests.alerts.test_api import ok, signed_in, url

pytestmark = pytest.mark.django_db
ROUTES = [
    ("get", "request-exchange"), ("post", "request-questions"), ("post", "request-answers"),
    ("post", "request-charge"), ("post", "request-hand-on"), ("post", "request-raise-level"), ("post", "request-end"),
    ("post", "request-cancellation"), ("post", "request-agreement"), ("post", "request-refusal"),
    ("post", "request-confirmation"), ("post", "request-outside-activation"), ("post", "request-outside-answers"),
    ("post", "request-outside-correction"), ("post", "request-outside-renewal"),
]  # fmt: skip


@pytest.fixture
def officer(california_officer):
    return signed_in(california_officer)


@pytest.fixture
def baja(baja_coordinator):
    return signed_in(baja_coordinator)


@pytest.fixture
def asked(sent_request, baja):
    ok(baja.post(url("request-acknowledge", sent_request.pk), {}))
    return sent_request


@pytest.fixture
def silent(active_case, california_officer):
    """A request to a program of which nobody works in the portal."""
    return requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="us-nm"), by=california_officer
    )


def outside_alert(**more):
    return {
        "number": "BC-9", "area": "Tijuana", "channels": ["broadcast"], "starts_at": timezone.now().isoformat(),
        "time_zone": "America/Tijuana", "link": "https://alerta.example/9", **more,
    }  # fmt: skip


def informant(**more):
    return {
        "name": "Sgt. Noor",
        "position": "Watch",
        "answered_at": timezone.now().isoformat(),
        "channel": "fax",
        **more,
    }


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(request, sent_request, method, name, who):
    client = signed_in(request.getfixturevalue(who))
    answers = [
        getattr(client, method)(url(name, key), {"nonsense": 1} if method == "post" else None)
        for key in (sent_request.pk, uuid.uuid4(), "no-uuid")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(("method", "name"), ROUTES[1:])
def test_each_act_belongs_to_one_side(sent_request, officer, baja, method, name):
    """The other side, which reads the request, gets a 404 before its body is looked at."""
    of_the_asker = name in ("request-answers", "request-cancellation", "request-outside-answers")
    other = baja if of_the_asker else officer
    assert other.post(url(name, sent_request.pk), {"nonsense": 1}).status_code == 404


def test_questions_and_answers(asked, officer, baja):
    body = {"questions": ["confirm_plate"], "text": "¿Qué color?"}
    assert ok(baja.post(url("request-questions", asked.pk), body))["status"] == "information_asked"
    assert baja.post(url("request-questions", asked.pk), {"questions": ["x"]}).status_code == 400
    assert officer.post(url("request-answers", asked.pk), {"answers": {"confirm_plate": "x"}}).status_code == 400
    answers = {"answers": {"confirm_plate": "confirmed"}, "text": "Blue."}
    assert ok(officer.post(url("request-answers", asked.pk), answers))["status"] == "answered"
    (found,) = ok(officer.get(url("request-exchange", asked.pk)))["rounds"]
    assert (found["questions"], found["answers"], found["answer_text"]) == (
        ["confirm_plate"], {"confirm_plate": "confirmed"}, "Blue.",
    )  # fmt: skip
    assert "¿Qué color?" not in officer.get(url("request-list")).content.decode()


def test_charge_and_handing_on(asked, baja, baja_coordinator):
    ok(baja.post(url("request-charge", asked.pk), {}))
    asked.refresh_from_db()
    assert asked.taken_by == baja_coordinator
    assert baja.post(url("request-hand-on", asked.pk), {"program": "ca-qc"}).status_code == 409
    assert ok(baja.post(url("request-hand-on", asked.pk), {"program": "mx-fgr", "note": "Ya"}))["status"] == "escalated"
    assert ExtensionRequest.objects.get(program__code="mx-fgr").status == "sent"


def test_notice_is_put_in_force_raised_and_the_alert_discarded(asked, officer, baja):
    body = {"decision": "accept_lower_level", "level": "prealert"}
    ok(baja.post(url("request-decision", asked.pk), body))
    assert ok(officer.get(url("request-exchange", asked.pk)))["lower_notice"]["level"] == "prealert"
    assert ok(baja.post(url("request-raise-level", asked.pk), {}))["status"] == "accepted"
    assert Alert.objects.get(request=asked).status == "draft"
    assert ok(baja.post(url("request-end", asked.pk), {}))["status"] == "cancelled"


def test_cancellation_is_asked_refused_and_agreed(active_alert, officer, baja):
    key = active_alert.request_id
    assert officer.post(url("request-cancellation", key), {}).status_code == 400
    assert ok(officer.post(url("request-cancellation", key), {"reason": "hoax"}))["status"] == "cancellation_asked"
    refusal = {"reason": "still_missing", "note": "No"}
    assert ok(baja.post(url("request-refusal", key), refusal))["status"] == "activated"
    ok(officer.post(url("request-cancellation", key), {"reason": "hoax"}))
    assert ok(baja.post(url("request-agreement", key), {}))["status"] == "cancelled"
    assert ok(baja.post(url("request-confirmation", key), {}))["status"] == "confirmed"
    assert [note["text"] for note in ok(baja.get(url("request-exchange", key)))["notes"]] == ["No"]


def test_own_activation_outside_the_portal(asked, officer, baja):
    ok(baja.post(url("request-decision", asked.pk), {"decision": "accept"}))
    assert baja.post(url("request-outside-activation", asked.pk), outside_alert(channels=[])).status_code == 400
    made = ok(baja.post(url("request-outside-activation", asked.pk), outside_alert()))
    assert made["status"] == "activated_outside"
    read = ok(officer.get(url("request-exchange", asked.pk)))
    assert (read["outside_activation"]["number"], read["outside_answers"]) == ("BC-9", [])


def test_answers_from_outside_are_recorded_by_the_asking_side(silent, officer):
    body = {"step": "acknowledge", "informant": informant(), "receiver_reference": "NM/7"}
    assert officer.post(url("request-outside-answers", silent.pk), {"step": "acknowledge"}).status_code == 400
    assert ok(officer.post(url("request-outside-answers", silent.pk), body))["status"] == "acknowledged"
    told = outside_alert(time_zone="America/Denver", informant=informant())
    assert ok(officer.post(url("request-outside-activation", silent.pk), told))["status"] == "activated_outside"
    answers = ok(officer.get(url("request-exchange", silent.pk)))["outside_answers"]
    assert [(row["step"], row["name"]) for row in answers] == [
        ("acknowledge", "Sgt. Noor"), ("activate_outside", "Sgt. Noor"),
    ]  # fmt: skip


def test_answer_of_a_program_with_people_is_not_recorded_for_it(sent_request, officer):
    body = {"step": "acknowledge", "informant": informant()}
    assert officer.post(url("request-outside-answers", sent_request.pk), body).status_code == 404


def test_act_with_one_key_happens_once(asked, baja):
    address, body = url("request-questions", asked.pk), {"questions": ["confirm_plate"]}
    first = baja.post(address, body, headers={"Idempotency-Key": "k"})
    again = baja.post(address, body, headers={"Idempotency-Key": "k"})
    assert first.json() == again.json() and asked.rounds.count() == 1


def test_covered_alerts_are_named_to_whoever_sees_both(active_alert, baja, quebec_coordinator, california_staff):
    national = Alert.objects.create(
        number="FGR-1", case=active_alert.case, program=AlertProgram.objects.get(code="mx-bcs"),
        created_by=active_alert.created_by,
    )  # fmt: skip
    CoveredAlert.objects.create(national=active_alert, alert=national)
    read = ok(baja.get(url("alert-detail", active_alert.pk)))
    assert (read["covers"], read["covered_by"]) == ([], []), "a draft of another program is not named"
    now = timezone.now()
    Alert.objects.filter(pk=national.pk).update(status="active", activated_at=now, expires_at=now + timedelta(hours=1))
    read = ok(baja.get(url("alert-detail", active_alert.pk)))
    assert [row["alert"] for row in read["covers"]] == [str(national.pk)]


def test_staff_read_the_exchange_on_the_page_of_the_request(client, asked, baja, baja_staff, california_staff):
    ok(baja.post(url("request-questions", asked.pk), {"text": "¿Placa completa?"}))
    OutsideActivation.objects.create(
        request=asked, number="BC-9", area="Tijuana", starts_at=timezone.now(), time_zone="America/Tijuana",
        channels=["broadcast"], recorded_by=baja_staff,
    )  # fmt: skip
    address = reverse("admin:alerts_extensionrequest_change", args=[asked.pk])
    for reader in (baja_staff, california_staff):
        client.force_login(reader)
        text = client.get(address).text
        assert "¿Placa completa?" in text and "BC-9" in text
        assert 'name="rounds-0-text"' not in text, "nothing is written here"
