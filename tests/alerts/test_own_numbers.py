"""A person's own number: verified by themselves, and urgent notices go to it, with references only (U39, U40)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agencies import scope
from agencies.models import AuditEvent, User
from alerts import delivery, number_codes
from alerts.channels import sms
from alerts.choices import Channel, NoticeKind
from alerts.composing.segments import plain_signs
from alerts.models import Delivery, Notice, NumberProof
from alerts.notice_texts import compose_notice_text
from alerts.number_codes import code_of
from alerts.services import requests
from alerts.tokens import reply_code_for
from tests.sms_provider import SITE, call_back, sms_provider

pytestmark = pytest.mark.django_db
PAGE, CODE = "/account/texts/", "/account/texts/code/"
NONCES = iter(range(10**6))


def visitor(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


def post(client: Client, address: str, **form: str) -> Any:
    """Send a form once."""
    return client.post(address, {**form, "nonce": f"nonce-{next(NONCES)}"})


def with_number(person: Any, number: str = "+526565550100") -> Any:
    """Give a person a number that they have verified."""
    User.objects.filter(pk=person.pk).update(sms_number=number, sms_verified_number=number)
    person.refresh_from_db()
    return person


def test_person_keeps_a_number_and_verifies_it(california_officer: Any) -> None:
    client = visitor(california_officer)
    assert post(client, PAGE, number="+1 915 555 0100").status_code == 302
    proof = NumberProof.objects.get(user=california_officer)
    assert (proof.number, User.objects.get(pk=california_officer.pk).has_verified_number) == ("+19155550100", False)
    number_codes.send_codes()
    assert code_of(proof) in client.get(PAGE).text, "the simulator's code is shown, no telephone rings"
    wrong = str((int(code_of(proof)) + 1) % 10**6).zfill(6)
    assert post(client, CODE, code=wrong).status_code == 422
    proof.refresh_from_db()
    assert proof.tries == 1, "a wrong try counts"
    assert post(client, CODE, code=code_of(proof)).status_code == 302
    assert User.objects.get(pk=california_officer.pk).has_verified_number
    actions = AuditEvent.objects.filter(actor_id=california_officer.pk).values_list("action", flat=True)
    assert {"user.number_changed", "user.number_verified"} <= set(actions)


def test_code_of_a_real_message_is_not_shown(california_officer: Any) -> None:
    client = visitor(california_officer)
    post(client, PAGE, number="+1 915 555 0100")
    NumberProof.objects.update(provider="first")
    assert code_of(NumberProof.objects.get()) not in client.get(PAGE).text


def test_another_number_is_not_verified_and_an_empty_one_ends_it(california_officer: Any) -> None:
    client = visitor(with_number(california_officer))
    post(client, PAGE, number="+1 915 555 0101")
    assert not User.objects.get(pk=california_officer.pk).has_verified_number
    post(client, PAGE, number="")
    assert User.objects.get(pk=california_officer.pk).sms_number == ""
    assert NumberProof.objects.count() == 1, "nothing is sent to no number"


@pytest.mark.parametrize("typed", ["656 555 0100", "12", "+1 915 555 0100 ext. 4"])
def test_what_is_no_number_comes_back(california_officer: Any, typed: str) -> None:
    answer = post(visitor(california_officer), PAGE, number=typed)
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text


def test_code_of_somebody_else_verifies_nothing(california_officer: Any, baja_coordinator: Any) -> None:
    post(visitor(california_officer), PAGE, number="+1 915 555 0100")
    other = visitor(baja_coordinator)
    assert post(other, CODE, code=code_of(NumberProof.objects.get())).status_code == 422
    assert not User.objects.exclude(sms_verified_number="").exists()


def test_fourth_code_within_an_hour_is_refused(california_officer: Any) -> None:
    client = visitor(california_officer)
    for _time in range(3):
        assert post(client, PAGE, number="+1 915 555 0100").status_code == 302
    assert post(client, PAGE, number="+1 915 555 0100").status_code == 409


# What goes to it


def test_urgent_notice_goes_by_mail_and_as_a_text_message(active_case: Any, baja_coordinator: Any) -> None:
    person = with_number(baja_coordinator)
    for kind in (NoticeKind.RECOVERY, NoticeKind.TEXT_REVIEWED):
        notice = Notice.objects.create(kind=kind, case=active_case)
        assert delivery.queue_notice(notice, [person]) == 1, "people are counted, not rows"
    rows = Delivery.objects.filter(user=person, notice__kind__in=(NoticeKind.RECOVERY, NoticeKind.TEXT_REVIEWED))
    assert sorted(rows.values_list("notice__kind", "channel", "address")) == [
        ("recovery", "email", person.email), ("recovery", "sms", "+526565550100"),
        ("text_reviewed", "email", person.email),
    ]  # fmt: skip


def test_number_that_is_not_verified_gets_nothing(active_case: Any, baja_coordinator: Any) -> None:
    User.objects.filter(pk=baja_coordinator.pk).update(sms_number="+526565550100")
    baja_coordinator.refresh_from_db()
    delivery.queue_notice(Notice.objects.create(kind=NoticeKind.RECOVERY, case=active_case), [baja_coordinator])
    assert not Delivery.objects.filter(channel=Channel.SMS).exists()


def test_notice_says_number_corridor_deadline_and_link_and_nobodys_name(
    sent_request: Any, baja_coordinator: Any
) -> None:
    person = with_number(baja_coordinator)
    notice = Notice.objects.create(kind=NoticeKind.UNACKNOWLEDGED, case=sent_request.case, request=sent_request)
    delivery.queue_notice(notice, [person])
    row = Delivery.objects.get(notice=notice, channel=Channel.SMS)
    said = compose_notice_text(row).body
    lines = said.split("\n")
    assert lines[0] == f"Solicitud aún sin acuse de recibo: {sent_request.number}"
    with translation.override("es"):
        assert lines[1] == plain_signs(f"{sent_request.requesting_agency} > {sent_request.program}")
    assert lines[2].startswith("Antes de") and lines[2].endswith(")")
    assert lines[-1] == project_settings.SITE_URL + reverse("alerts:request-detail", args=[sent_request.pk])
    for child in sent_request.case.children.all():
        assert child.given_names not in said and child.first_surname not in said


def test_notice_to_somebody_who_lost_the_right_is_suppressed(active_case: Any, california_officer: Any) -> None:
    person = with_number(california_officer, "+19155550100")
    delivery.queue_notice(Notice.objects.create(kind=NoticeKind.RECOVERY, case=active_case), [person])
    User.objects.filter(pk=person.pk).update(is_active=False)
    delivery.send_due(channel=Channel.SMS)
    assert Delivery.objects.get(channel=Channel.SMS).state == "suppressed"


# A request is acknowledged by a reply (U38)


@pytest.fixture
def texted(sent_request: Any, baja_coordinator: Any, settings: Any) -> Delivery:
    """Give the text message that told an officer of a request, sent by an account."""
    person = with_number(baja_coordinator)
    Delivery.objects.update(state="sent")
    delivery.queue_notice(
        Notice.objects.create(kind=NoticeKind.UNACKNOWLEDGED, case=sent_request.case, request=sent_request), [person]
    )
    settings.SITE_URL, settings.ALERTS_SMS_SIMULATED = SITE, False
    sms.breaker.forget()
    with sms_provider() as provider:
        settings.ALERTS_SMS_ACCOUNTS = (provider.account(),)
        assert delivery.send_due(channel=Channel.SMS) == 1
    row = Delivery.objects.get(channel=Channel.SMS)
    assert f"responda {reply_code_for(row.pk)}" in provider.taken[0]["Body"]
    return row


def reply(row: Delivery, number: str = "+526565550100") -> str:
    """Reply with the message's code; return what is sent back."""
    fields = {"MessageSid": "SM9", "From": number, "To": "+15005550006", "Body": reply_code_for(row.pk)}
    with scope.acting_for([]):
        answer = call_back(Client(), "/sms/first/replies/", "token of first", fields)
    assert answer.status_code == 200
    found = re.search("<Message>(.*)</Message>", answer.text)
    return found[1] if found else ""


def test_reply_acknowledges_the_request_as_the_officer(texted: Delivery, baja_coordinator: Any) -> None:
    request = texted.notice.request
    first = reply(texted)
    assert request.number in first and first.startswith("Gracias")
    request.refresh_from_db()
    assert (request.status, request.acknowledged_by, request.taken_by) == ("acknowledged", *[baja_coordinator] * 2)
    assert reply(texted) == first
    assert AuditEvent.objects.filter(action="delivery.acknowledged").count() == 1


def test_reply_of_another_number_or_of_one_given_up_does_nothing(texted: Delivery, baja_coordinator: Any) -> None:
    assert reply(texted, "+526565550101") == ""
    User.objects.filter(pk=baja_coordinator.pk).update(sms_number="+526565550199")
    assert "Ingrese" in reply(texted)
    assert type(texted.notice.request).objects.get().status == "sent"


def test_reply_of_somebody_who_lost_the_right_does_nothing(texted: Delivery, baja_coordinator: Any) -> None:
    baja_coordinator.memberships.all().delete()
    assert "Ingrese" in reply(texted)
    assert type(texted.notice.request).objects.get().status == "sent"


def test_request_that_a_colleague_acknowledged_says_so(texted: Delivery, baja_approver: Any) -> None:
    requests.acknowledge(request=texted.notice.request, by=baja_approver)
    assert "ya no requiere acuse" in reply(texted)
