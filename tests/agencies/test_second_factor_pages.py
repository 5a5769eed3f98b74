"""Setting up, replacing and removing one's second factor, and staff who reset that of others (ADR 70)."""

from __future__ import annotations

import re
from base64 import b32decode
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from agencies import ciphers, one_time_codes, second_factor
from agencies.models import AuditEvent, RecoveryCode, SecondFactor, User
from agencies.refusals import NotPermitted
from agencies.services import grant_membership
from tests.agencies.admin_pages import address
from tests.agencies.authenticator import PASSWORD, Clock, Phone, enrolled

pytestmark = pytest.mark.django_db
ENROL, CODES, STATE = "/account/factor/enrol/", "/account/factor/codes/", "/account/factor/"
NEW_CODES, REMOVE = "/account/factor/codes/new/", "/account/factor/remove/"
WORDS = {"en": "recovery codes", "es": "códigos de recuperación", "fr": "codes de récupération"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands = Clock()
    monkeypatch.setattr("time.time", stands)
    return stands


def by_password(user: Any) -> Client:
    client = Client()
    client.post("/login/", {"username": user.email, "password": PASSWORD})
    return client


def by_code(user: Any, phone: Phone) -> Client:
    client = by_password(user)
    client.post("/login/code/", {"code": phone.code()})
    phone.clock.move(60)
    assert client.get(STATE).status_code == 200
    return client


def scanned(client: Client, clock: Clock) -> Phone:
    """Return a phone into which the key on the page was typed."""
    found = re.search(r"data-key>([A-Z2-7 ]+)<", client.get(ENROL).text)
    assert found is not None
    return Phone(b32decode(found[1].replace(" ", "")), clock, [])


def shown_codes(client: Client) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code></li>", client.get(CODES).text)


def events(action: str) -> Any:
    return AuditEvent.objects.filter(action=action)


def test_person_sets_an_app_up_and_sees_the_codes_once(baja_coordinator: Any, clock: Clock) -> None:
    client, elsewhere = by_password(baja_coordinator), by_password(baja_coordinator)
    phone = scanned(client, clock)
    assert scanned(client, clock).seed == phone.seed, "a reload shows the same key"
    assert SecondFactor.objects.count() == 0
    form = {"password": PASSWORD, "code": phone.code(), "nonce": "n-1", "next": "/cases/"}
    assert client.post(ENROL, form).url == CODES
    codes = shown_codes(client)
    assert len(set(codes)) == 10
    assert shown_codes(client) == codes
    assert client.post(CODES).url == "/cases/"
    assert client.get(CODES).url == STATE
    assert client.post(CODES).url == STATE
    assert elsewhere.get(STATE).status_code == 302, "a session begun without it ends"
    baja_coordinator.refresh_from_db()
    assert second_factor.seed_of(baja_coordinator.second_factor) == phone.seed
    assert events("user.factor_enrolled").get().object_ids == [str(baja_coordinator.pk)]
    assert scanned(client, clock).seed != phone.seed, "the key is not shown again"
    other = by_password(baja_coordinator)
    assert other.post("/login/code/", {"code": phone.code()}).status_code == 422, "the first code was used"
    assert other.post("/login/code/", {"recovery_code": codes[0]}).url == "/desk/"


def test_codes_are_shown_for_ten_minutes_at_most(baja_coordinator: Any, clock: Clock) -> None:
    client = by_password(baja_coordinator)
    client.post(ENROL, {"password": PASSWORD, "code": scanned(client, clock).code(), "nonce": "n-1"})
    clock.move(601)
    assert client.get(CODES).url == STATE
    clock.move(-300)
    assert client.get(CODES).url == STATE


def test_neither_key_nor_codes_stand_readable_in_the_session(baja_coordinator: Any, clock: Clock) -> None:
    client = by_password(baja_coordinator)
    phone = scanned(client, clock)
    before = str(dict(client.session.items()))
    client.post(ENROL, {"password": PASSWORD, "code": phone.code(), "nonce": "n-1"})
    kept = before + str(dict(client.session.items()))
    for secret in (one_time_codes.key_to_type(phone.seed).replace(" ", ""), phone.seed.hex(), *shown_codes(client)):
        assert secret not in kept


def test_form_sent_twice_sets_up_once(baja_coordinator: Any, clock: Clock) -> None:
    client = by_password(baja_coordinator)
    form = {"password": PASSWORD, "code": scanned(client, clock).code(), "nonce": "n-1"}
    assert client.post(ENROL, form).url == CODES
    codes = shown_codes(client)
    assert client.post(ENROL, form).url == CODES
    assert shown_codes(client) == codes
    assert SecondFactor.objects.count() == 1


def test_wrong_password_or_code_sets_nothing_up(baja_coordinator: Any, clock: Clock) -> None:
    client = by_password(baja_coordinator)
    phone = scanned(client, clock)
    for form in ({"password": "wrong", "code": phone.code()}, {"password": PASSWORD, "code": phone.wrong()},
                 {"password": PASSWORD, "code": ""}, {"password": "", "code": phone.code()}):  # fmt: skip
        answer = client.post(ENROL, {**form, "nonce": "n-1"})
        assert answer.status_code == 422
        assert phone.code() not in answer.text or form["code"] == phone.code()
    assert SecondFactor.objects.count() == 0
    assert events("session.refused").count() == 1
    assert scanned(client, clock).seed == phone.seed


def test_replacing_needs_password_and_a_code_of_the_former_app(baja_coordinator: Any, clock: Clock) -> None:
    former = enrolled(baja_coordinator, clock)
    client = by_code(baja_coordinator, former)
    phone = scanned(client, clock)
    good = {"password": PASSWORD, "present_code": former.code(), "code": phone.code(), "nonce": "n-1"}
    for change in ({"password": "wrong"}, {"present_code": former.wrong()}, {"present_code": ""},
                   {"present_code": phone.code()}, {"code": former.code()}):  # fmt: skip
        assert client.post(ENROL, {**good, **change}).status_code == 422, change
    assert events("session.code_refused").count() == 2
    assert client.post(ENROL, good).url == CODES
    assert client.get(STATE).status_code == 200, "this session goes on"
    assert SecondFactor.objects.count() == 1
    assert RecoveryCode.objects.count() == 10
    assert events("user.factor_replaced").count() == 1
    clock.move(60)
    AccessAttempt.objects.all().delete()
    other = by_password(baja_coordinator)
    assert other.post("/login/code/", {"code": former.code()}).status_code == 422
    assert other.post("/login/code/", {"recovery_code": former.recovery_codes[0]}).status_code == 422
    assert other.post("/login/code/", {"code": phone.code()}).url == "/desk/"


@pytest.mark.parametrize("page", [REMOVE, NEW_CODES])
def test_removing_and_new_codes_need_the_same_proof(baja_coordinator: Any, clock: Clock, page: str) -> None:
    phone = enrolled(baja_coordinator, clock)
    client = by_code(baja_coordinator, phone)
    before = set(RecoveryCode.objects.values_list("hashed", flat=True))
    good = {"password": PASSWORD, "present_code": phone.code(), "nonce": "n-1"}
    for change in ({"password": "wrong"}, {"present_code": phone.wrong()}, {"present_code": ""}):
        assert client.post(page, {**good, **change}).status_code == 422
    assert set(RecoveryCode.objects.values_list("hashed", flat=True)) == before
    answer = client.post(page, good)
    baja_coordinator.refresh_from_db()
    if page == REMOVE:
        assert answer.url == STATE
        assert (baja_coordinator.second_factor_id, SecondFactor.objects.count()) == (None, 0)
        assert events("user.factor_removed").get().actor_id == baja_coordinator.pk
        assert client.get("/desk/").status_code == 200
        assert by_password(baja_coordinator).get("/desk/").status_code == 200
    else:
        assert answer.url == CODES
        codes = shown_codes(client)
        assert RecoveryCode.objects.count() == 10
        assert events("user.recovery_codes_renewed").count() == 1
        other = by_password(baja_coordinator)
        assert other.post("/login/code/", {"recovery_code": phone.recovery_codes[1]}).status_code == 422
        assert other.post("/login/code/", {"recovery_code": codes[1]}).url == "/desk/"
    assert client.post(page, good).url == answer.url, "sent twice it is done once"


def test_recovery_code_proves_it_too(baja_coordinator: Any, clock: Clock) -> None:
    phone = enrolled(baja_coordinator, clock)
    client = by_code(baja_coordinator, phone)
    form = {"password": PASSWORD, "present_code": phone.recovery_codes[5], "nonce": "n-1"}
    assert client.post(REMOVE, form).url == STATE


def test_wrong_codes_on_these_pages_lock_the_login(baja_coordinator: Any, clock: Clock) -> None:
    phone = enrolled(baja_coordinator, clock)
    client = by_code(baja_coordinator, phone)
    form = {"password": PASSWORD, "present_code": phone.wrong(), "nonce": "n-1"}
    assert [client.post(REMOVE, form).status_code for _try in range(5)] == [422] * 4 + [429]
    assert client.post(REMOVE, {**form, "present_code": phone.code()}).status_code in (422, 429)
    assert SecondFactor.objects.count() == 1


def test_pages_without_a_factor_lead_to_the_state(baja_coordinator: Any) -> None:
    client = by_password(baja_coordinator)
    for page in (REMOVE, NEW_CODES):
        assert client.get(page).url == STATE
        assert client.post(page, {"nonce": "n-1"}).url == STATE


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_state_says_what_there_is(make_user: Any, clock: Clock, language: str) -> None:
    person = make_user("una@baja.example", "mx-bcn-amber", "coordinator", language)
    assert ENROL in by_password(person).get(STATE).text
    phone = enrolled(person, clock)
    client = by_code(person, phone)
    text = client.get(STATE).text
    assert WORDS[language] in text.lower() and "<dd>10</dd>" in text
    for code in phone.recovery_codes[:8]:
        assert second_factor._use_recovery_code(SecondFactor.objects.get(), code)
    text = client.get(STATE).text
    assert "<dd>2</dd>" in text and 'data-tone="warning"' in text
    assert STATE in client.get("/desk/").text


def test_every_change_is_told_by_mail_without_a_secret(baja_coordinator: Any, clock: Clock,
                                                       django_capture_on_commit_callbacks: Any) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        phone = enrolled(baja_coordinator, clock)
        second = enrolled(baja_coordinator, clock)
        codes = second_factor.renew_recovery_codes(user=baja_coordinator)
        second_factor.remove(user=baja_coordinator)
        enrolled(baja_coordinator, clock)
        second_factor.reset(user=baja_coordinator, by=None)
    assert len({message.body for message in mail.outbox}) == 5
    assert len(mail.outbox) == 6
    for message in mail.outbox:
        assert message.to == [baja_coordinator.email]
        assert "su cuenta" in message.body
        for secret in (*phone.recovery_codes, *second.recovery_codes, *codes, phone.seed.hex()):
            assert secret not in message.body


# --- reset by staff --------------------------------------------------------------------------------------------------


def reset_page(person: Any) -> str:
    return reverse("admin:agencies_user_factor_reset", args=[person.pk])


def test_staff_reset_a_lost_phone(california_staff: Any, california_officer: Any, clock: Clock) -> None:
    phone = enrolled(california_officer, clock)
    officer, staff = by_code(california_officer, phone), by_password(california_staff)
    assert reset_page(california_officer) in staff.get(address(User, "change", california_officer.pk)).text
    page = staff.get(reset_page(california_officer))
    assert page.status_code == 200
    california_officer.refresh_from_db()
    assert california_officer.second_factor_id is not None, "looking resets nothing"
    for _twice in range(2):
        assert staff.post(reset_page(california_officer), {"nonce": "n-1"}).status_code == 302
    california_officer.refresh_from_db()
    assert california_officer.second_factor_id is None
    event = events("user.factor_reset").get()
    assert (event.actor_id, event.object_ids) == (california_staff.pk, [str(california_officer.pk)])
    assert officer.get("/desk/").status_code == 302, "a session in the lost phone ends"
    assert by_password(california_officer).get("/desk/").status_code == 200
    assert staff.post(reset_page(california_officer), {"nonce": "n-2"}).status_code == 409


def test_nobody_resets_their_own_or_a_foreign_one(
    california_staff: Any, california_officer: Any, baja_coordinator: Any, superuser: Any, clock: Clock
) -> None:
    from agencies.models import Agency

    grant_membership(user=california_officer, agency=Agency.objects.get(code="us-tx-dps"), role="duty_officer", by=None)
    grant_membership(user=superuser, agency=Agency.objects.get(code="us-ca-chp"), role="coordinator", by=None)
    for person in (california_officer, baja_coordinator, superuser):
        enrolled(person, clock)
    staff = by_code(california_staff, enrolled(california_staff, clock))
    for person in (california_staff, california_officer, baja_coordinator, superuser):
        assert staff.get(reset_page(person)).status_code == 404
        assert staff.post(reset_page(person), {"nonce": "n-1"}).status_code == 404
        with pytest.raises(NotPermitted):
            second_factor.reset(user=person, by=california_staff)
    assert SecondFactor.objects.count() == 4
    officer = by_code(california_officer, enrolled(california_officer, clock))
    assert officer.get(reset_page(baja_coordinator)).status_code == 404


def test_list_says_who_has_one_and_filters(california_staff: Any, california_officer: Any, clock: Clock) -> None:
    enrolled(california_officer, clock)
    staff, page = by_password(california_staff), address(User, "changelist")

    def listed(**query: str) -> set[Any]:
        return {person.pk for person in staff.get(page, query).context["cl"].result_list}

    assert listed(has_factor="yes") == {california_officer.pk}
    assert listed(has_factor="no") == {california_staff.pk}
    assert listed() == {california_officer.pk, california_staff.pk}
    assert 'data-state="yes"' in staff.get(page, {"has_factor": "yes"}).text.partition("field-has_factor")[2][:80]


def test_operator_resets_by_command(superuser: Any, clock: Clock) -> None:
    with pytest.raises(CommandError):
        call_command("reset_second_factor", superuser.email)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@bridge.example")
    enrolled(superuser, clock)
    call_command("reset_second_factor", superuser.email.upper())
    superuser.refresh_from_db()
    assert superuser.second_factor_id is None
    assert events("user.factor_reset").get().actor_id is None


# --- keys at rest ----------------------------------------------------------------------------------------------------


def test_key_of_one_row_is_of_no_use_in_another(baja_coordinator: Any, baja_approver: Any, clock: Clock) -> None:
    enrolled(baja_coordinator, clock)
    enrolled(baja_approver, clock)
    mine, theirs = baja_coordinator.second_factor, baja_approver.second_factor
    theirs.seed = mine.seed
    with pytest.raises(ciphers.CannotDecrypt):
        second_factor.seed_of(theirs)
    mine.seed = mine.seed[:-6] + ("AAAAA=" if mine.seed[-6:] != "AAAAA=" else "BBBBB=")
    with pytest.raises(ciphers.CannotDecrypt):
        second_factor.seed_of(mine)


def test_new_key_takes_over_at_the_next_sign_in(baja_coordinator: Any, clock: Clock, settings: Any) -> None:
    phone = enrolled(baja_coordinator, clock)
    former = settings.FACTOR_KEYS
    settings.FACTOR_KEYS = f"second:{'A' * 43}=,{former}"
    by_code(baja_coordinator, phone)
    factor = SecondFactor.objects.get()
    assert factor.seed.startswith("second:")
    settings.FACTOR_KEYS = f"second:{'A' * 43}="
    assert second_factor.seed_of(factor) == phone.seed
    settings.FACTOR_KEYS = former
    with pytest.raises(ciphers.CannotDecrypt):
        second_factor.seed_of(factor)


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the last six of the eight digits given there for SHA-1."""
    seed = b"12345678901234567890"
    for moment, digits in ((59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"),
                           (20000000000, "65353130")):  # fmt: skip
        assert one_time_codes.code_at(seed, moment) == digits[2:]
