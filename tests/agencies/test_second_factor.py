"""The second factor at sign-in: asked for after the password, used once, counted, and nothing before it (ADR 70)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django.urls import reverse

from agencies.models import AuditEvent, RecoveryCode
from tests.agencies.authenticator import PASSWORD, Clock, Phone, enrolled

pytestmark = pytest.mark.django_db
DESK = "/desk/"
CODE_PAGE = "/login/code/"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands = Clock()
    monkeypatch.setattr("time.time", stands)
    return stands


@pytest.fixture
def phone(baja_coordinator: Any, clock: Clock) -> Phone:
    return enrolled(baja_coordinator, clock)


def give_password(client: Client, user: Any, password: str = PASSWORD, **extra: str) -> Any:
    return client.post(reverse("agencies:login"), {"username": user.email, "password": password, **extra})


def give_code(client: Client, code: str = "", **extra: str) -> Any:
    return client.post(CODE_PAGE, {"code": code, **extra})


def is_signed_in(client: Client) -> bool:
    return client.get("/session/renew/").status_code == 200


def events(action: str) -> Any:
    return AuditEvent.objects.filter(action=action)


def test_code_follows_the_password_and_opens_the_portal(client, baja_coordinator, phone):
    answer = give_password(client, baja_coordinator)
    assert answer.url == CODE_PAGE
    assert client.get(CODE_PAGE).status_code == 200
    assert not is_signed_in(client)
    assert not events("session.started").exists()
    assert give_code(client, phone.code()).url == DESK
    assert is_signed_in(client)
    assert events("session.started").get().detail == {"factor": "app"}
    assert events("session.code_used").get().actor_id == baja_coordinator.pk


def test_whoever_has_none_signs_in_as_before(client, baja_coordinator, california_officer, phone):
    assert give_password(client, california_officer).url == DESK
    assert events("session.started").get().detail == {"factor": "none"}


def test_nobody_comes_to_the_code_without_the_password(client, baja_coordinator, phone):
    assert client.get(CODE_PAGE).url == "/login/"
    assert give_code(client, phone.code()).url == "/login/"
    give_password(client, baja_coordinator, "wrong")
    assert give_code(client, phone.code()).url == "/login/"
    assert not is_signed_in(client)


def test_password_is_forgotten_after_five_minutes(client, baja_coordinator, phone, clock):
    give_password(client, baja_coordinator)
    clock.move(5 * 60)
    assert client.get(CODE_PAGE).status_code == 200
    clock.move(1)
    assert give_code(client, phone.code()).url == "/login/"
    assert not is_signed_in(client)
    clock.move(-60)
    assert client.get(CODE_PAGE).url == "/login/"


def test_password_that_changed_meanwhile_is_no_half_way(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    baja_coordinator.set_password("another horse another staple")
    baja_coordinator.save()
    assert give_code(client, phone.code()).url == "/login/"


def test_suspended_person_stops_half_way(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    baja_coordinator.is_active = False
    baja_coordinator.save()
    assert give_code(client, phone.code()).url == "/login/"


def test_code_works_once(client, baja_coordinator, phone, clock):
    give_password(client, baja_coordinator)
    code = phone.code()
    assert give_code(client, code).url == DESK
    other = Client()
    give_password(other, baja_coordinator)
    assert give_code(other, code).status_code == 422
    assert give_code(other, phone.code(-1)).status_code == 422
    assert not is_signed_in(other)
    clock.move(30)
    assert give_code(other, phone.code()).url == DESK


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_of_one_step_beside_is_right(client, baja_coordinator, phone, clock, steps, is_right):
    clock.move(300)
    give_password(client, baja_coordinator)
    assert (give_code(client, phone.code(steps)).status_code == 302) is is_right


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "１２３４５６", "", " "])
def test_what_is_no_code_is_refused(client, baja_coordinator, phone, typed):
    give_password(client, baja_coordinator)
    assert give_code(client, typed).status_code == 422


def test_code_may_be_typed_with_a_space(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    code = phone.code()
    assert give_code(client, f" {code[:3]} {code[3:]} ").url == DESK


def test_fifth_wrong_code_locks_until_somebody_releases(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    for _try in range(4):
        assert give_code(client, phone.wrong()).status_code == 422
    assert give_code(client, phone.wrong()).status_code == 429
    assert give_code(client, phone.code()).url == "/login/"
    assert give_password(client, baja_coordinator).status_code == 429
    assert events("session.code_refused").count() == 4
    refused = events("session.code_refused").first()
    assert (refused.outcome, refused.object_ids) == ("denied", [str(baja_coordinator.pk)])
    assert events("session.locked").first().object_ids == [str(baja_coordinator.pk)]
    AccessAttempt.objects.all().delete()
    give_password(client, baja_coordinator)
    assert give_code(client, phone.code()).url == DESK


def test_right_code_is_wrong_while_the_login_is_locked(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    elsewhere = Client()
    for _try in range(5):
        give_password(elsewhere, baja_coordinator, "wrong")
    assert give_code(client, phone.code()).status_code == 429
    assert not is_signed_in(client)


def test_password_given_again_does_not_wipe_out_wrong_codes(client, baja_coordinator, phone):
    for _try in range(4):
        give_password(client, baja_coordinator)
        give_code(client, phone.wrong())
    give_password(client, baja_coordinator)
    assert give_code(client, phone.wrong()).status_code == 429


def test_count_is_one_however_the_address_is_written(client, baja_coordinator):
    for name in ("blanca.coord@baja.example", "Blanca.Coord@baja.example", "BLANCA.COORD@BAJA.EXAMPLE") * 2:
        answer = client.post(reverse("agencies:login"), {"username": name, "password": "wrong"})
    assert answer.status_code == 429


def test_no_code_is_kept_of_a_failed_try(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    give_code(client, phone.wrong(), recovery_code="7-ABCD-EFGH-JKMN")
    kept = str(list(AccessAttempt.objects.values_list("post_data", "get_data")))
    assert "****" in kept
    assert phone.wrong() not in kept and "ABCD" not in kept


def test_recovery_code_works_once_and_is_told_by_mail(
    client, baja_coordinator, phone, django_capture_on_commit_callbacks
):
    code = phone.recovery_codes[3]
    give_password(client, baja_coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        assert give_code(client, recovery_code=code.lower().replace("-", " ")).url == DESK
    (sent,) = mail.outbox
    assert sent.to == [baja_coordinator.email]
    assert "códigos de recuperación" in sent.body
    for secret in (*phone.recovery_codes, code.replace("-", "")):
        assert secret not in sent.body + sent.subject
    assert events("session.recovery_code_used").get().detail == {"left": 9}
    assert events("session.started").get().detail == {"factor": "recovery_code"}
    other = Client()
    give_password(other, baja_coordinator)
    assert give_code(other, recovery_code=code).status_code == 422
    assert give_code(other, recovery_code=phone.recovery_codes[4]).url == DESK


def test_with_both_the_code_of_the_app_is_looked_at_alone(client, baja_coordinator, phone):
    give_password(client, baja_coordinator)
    answer = give_code(client, phone.wrong(), recovery_code=phone.recovery_codes[3])
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"code"}
    assert not is_signed_in(client)
    assert not RecoveryCode.objects.exclude(used_at=None).exists()
    assert give_code(client, recovery_code=phone.recovery_codes[3]).url == DESK


def test_recovery_code_of_somebody_else_is_wrong(client, baja_coordinator, baja_approver, phone, clock):
    other = enrolled(baja_approver, clock)
    give_password(client, baja_coordinator)
    assert give_code(client, recovery_code=other.recovery_codes[0]).status_code == 422
    assert give_code(client, other.code()).status_code == 422


def test_mail_server_that_is_away_stops_nobody(
    client, baja_coordinator, phone, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    give_password(client, baja_coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        assert give_code(client, recovery_code=phone.recovery_codes[0]).url == DESK
    assert is_signed_in(client)


def test_only_hashes_and_an_encrypted_key_are_stored(baja_coordinator, phone):
    from base64 import b32encode, b64encode

    factor = baja_coordinator.second_factor
    for form in (phone.seed.hex(), b32encode(phone.seed).decode(), b64encode(phone.seed).decode()):
        assert form not in factor.seed
    hashes = " ".join(RecoveryCode.objects.values_list("hashed", flat=True))
    assert RecoveryCode.objects.count() == 10
    for code in phone.recovery_codes:
        assert code[2:] not in hashes and code[2:].replace("-", "") not in hashes


def test_link_of_an_approval_leads_to_the_page_that_approves(
    client, draft_alert, baja_coordinator, baja_approver, clock
):
    """The mail's link asks for password and code, and nothing more is asked when the approver presses (U9)."""
    from alerts.gathering import content_hash
    from alerts.services import drafts

    drafts.submit(alert=draft_alert, by=baja_coordinator)
    phone = enrolled(baja_approver, clock)
    wanted = reverse("alerts:alert-approval", args=[draft_alert.pk])
    login = client.get(wanted).url
    assert login == f"/login/?next={wanted}"
    assert f'name="next" value="{wanted}"' in client.get(login).text
    give_password(client, baja_approver, next=wanted)
    assert wanted not in client.get(CODE_PAGE).text
    assert client.get(wanted).url == login
    assert give_code(client, phone.code(), next="https://evil.example/").url == wanted
    page = client.get(wanted)
    assert page.status_code == 200
    form = {
        "nonce": "n-1", "content_hash": content_hash(draft_alert), "languages_shown": "1",
        "languages": re.findall(r'name="languages" value="(..)"', page.text),
    }  # fmt: skip
    answer = client.post(reverse("alerts:alert-step", args=[draft_alert.pk, "approve"]), form)
    assert answer.status_code == 302, answer.text
    draft_alert.refresh_from_db()
    assert draft_alert.status == "approved"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_host_by_the_second_step(client, baja_coordinator, phone, target):
    give_password(client, baja_coordinator, next=target)
    assert give_code(client, phone.code()).url == DESK


def test_session_gets_another_id_at_each_step(client, baja_coordinator, phone):
    client.get("/login/")
    give_password(client, baja_coordinator)
    half = client.session.session_key
    give_code(client, phone.code())
    assert client.session.session_key != half
    stranger = Client()
    stranger.cookies["sessionid"] = half
    assert not is_signed_in(stranger)


def test_session_of_before_ends_when_a_factor_is_set_up(client, baja_coordinator, clock):
    give_password(client, baja_coordinator)
    assert is_signed_in(client)
    enrolled(baja_coordinator, clock)
    assert not is_signed_in(client)
    assert events("session.lapsed").get().actor_id == baja_coordinator.pk


def test_session_of_a_former_factor_ends(client, baja_coordinator, phone, clock):
    give_password(client, baja_coordinator)
    give_code(client, phone.code())
    clock.move(60)
    enrolled(baja_coordinator, clock)
    assert not is_signed_in(client)
