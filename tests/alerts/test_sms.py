"""Text messages: accepted, tried again or refused; by the second provider where the first one fails."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.channels import providers, simulator, sms, twilio
from alerts.channels.sms import Text
from tests.sms_provider import SITE, send, sms_provider

RECEIPTS = "/sms/first/receipts/"


@pytest.fixture(autouse=True)
def _awake(settings: Any) -> None:
    """Let no provider rest from the test before, and none take long."""
    settings.ALERTS_SMS_SECONDS, settings.SITE_URL = 1, SITE
    sms.breaker.forget()


def account(provider: Any, name: str = "first", **fields: str) -> twilio.Twilio:
    """Return one account of a provider."""
    return twilio.Twilio(**provider.account(name, **fields), receipts_url=f"{SITE}/sms/{name}/receipts/")


def text(number: str = "+16565550100", body: str = "Alerta", **fields: Any) -> Text:
    """Return a small text message."""
    return Text(number, body, **fields)


# The request and what an answer means


def test_message_is_handed_over_as_the_interface_wants_it() -> None:
    with sms_provider() as provider:
        (outcome,) = send([text(body="Alerta: niña", seconds=900)], [account(provider)])
    assert (outcome.state, outcome.provider, outcome.provider_key) == ("sent", "first", "SM1")
    assert provider.asked == [("/2010-04-01/Accounts/AC1/Messages.json", "Basic QUMxOnRva2VuIG9mIGZpcnN0")]
    assert provider.taken == [{
        "To": "+16565550100", "From": "+15005550006", "Body": "Alerta: niña", "ValidityPeriod": "900",
        "StatusCallback": f"{SITE}/sms/first/receipts/",
    }]  # fmt: skip


def test_messaging_service_sends_by_its_id_and_no_message_outlives_the_longest_queue() -> None:
    with sms_provider() as provider:
        send([text(seconds=10**6), text(seconds=-5)], [account(provider, sender="MG7")])
    assert {taken["MessagingServiceSid"] for taken in provider.taken} == {"MG7"}
    assert {taken["ValidityPeriod"] for taken in provider.taken} == {"14400", "1"}


@pytest.mark.parametrize(
    ("answer", "state", "is_uncertain"),
    [
        (201, "sent", False),
        ((400, {"code": 21211}), "failed", False),
        ((400, {"code": 21610}), "failed", False),
        ((400, {"code": 21408}), "retry", False),  # a fault of the account: operations put it right
        ((401, {"code": 20003}), "retry", False),
        ((429, {"code": 20429}), "retry", False),
        ((503, {}), "retry", True),
        ((302, {}), "retry", False),
        ((200, {"sid": ""}), "retry", True),  # nobody could tell its receipts
    ],
)
def test_answers_of_the_interface(answer: Any, state: str, is_uncertain: bool) -> None:
    with sms_provider(answer) as provider:
        (outcome,) = send([text()], [account(provider)])
    assert (outcome.state, outcome.is_uncertain) == (state, is_uncertain)


def test_provider_that_hangs_is_given_up_and_may_have_taken_the_message() -> None:
    with sms_provider(seconds=3) as provider:
        (outcome,) = send([text()], [account(provider)])
    assert (outcome.state, outcome.is_uncertain) == ("retry", True)


def test_token_stands_in_no_text_form() -> None:
    with sms_provider() as provider:
        assert "token of first" not in repr(account(provider))


# The second provider


def test_second_provider_is_tried_when_the_first_one_fails() -> None:
    with sms_provider((401, {"code": 20003})) as first, sms_provider() as second:
        (outcome,) = send([text()], [account(first), account(second, "second")])
    assert (outcome.state, outcome.provider, outcome.is_uncertain) == ("sent", "second", False)


def test_second_provider_after_one_that_hangs_says_that_it_may_come_twice() -> None:
    with sms_provider(seconds=3) as first, sms_provider() as second:
        (outcome,) = send([text()], [account(first), account(second, "second")])
    assert (outcome.provider, outcome.is_uncertain) == ("second", True)


def test_number_that_is_refused_is_not_tried_elsewhere() -> None:
    with sms_provider((400, {"code": 21614})) as first, sms_provider() as second:
        (outcome,) = send([text()], [account(first), account(second, "second")])
    assert outcome.state == "failed"
    assert second.taken == []


def test_provider_that_failed_twice_rests_while_there_is_another_one() -> None:
    with sms_provider((500, {})) as first, sms_provider() as second:
        both = [account(first), account(second, "second")]
        for _message in range(4):
            (outcome,) = send([text()], both)
            assert outcome.provider == "second"
        assert len(first.taken) == 2
        send([text()], both[:1])
        assert len(first.taken) == 3, "the last hope of a message is asked, rested or not"


def test_both_fail_and_it_is_tried_again() -> None:
    with sms_provider((500, {})) as first, sms_provider((429, {})) as second:
        (outcome,) = send([text()], [account(first), account(second, "second")])
    assert (outcome.state, outcome.is_uncertain) == ("retry", True)


def test_without_any_provider_a_message_fails_in_plain_sight() -> None:
    (outcome,) = send([text()], [])
    assert (outcome.state, outcome.detail) == ("failed", "no provider of text messages is set up")


# The simulator


@pytest.mark.parametrize(
    ("number", "attempt", "state", "receipt"),
    [
        ("+16565550100", 1, "sent", "delivered"),
        ("+16565550190", 1, "sent", ""),
        ("+16565550191", 1, "sent", "undelivered"),
        ("+16565550192", 9, "retry", ""),
        ("+16565550193", 1, "failed", ""),
        ("+16565550194", 1, "retry", ""),
        ("+16565550194", 2, "sent", "delivered"),
    ],
)
def test_simulator_does_what_the_number_says(number: str, attempt: int, state: str, receipt: str) -> None:
    (outcome,) = send([text(number, attempt=attempt)], [simulator.Simulator()])
    assert (outcome.state, simulator.receipt_of(outcome)) == (state, receipt)


def test_exercise_goes_to_the_simulator_and_to_no_provider() -> None:
    with sms_provider() as provider:
        (outcome,) = send([text(is_exercise=True)], [account(provider)])
    assert outcome.provider == "simulator"
    assert provider.taken == []


def test_accounts_of_the_settings_are_the_providers(settings: Any) -> None:
    assert [provider.name for provider in providers.providers()] == ["simulator"]
    settings.ALERTS_SMS_SIMULATED = False
    assert providers.providers() == []
    with sms_provider() as provider:
        settings.ALERTS_SMS_ACCOUNTS = (provider.account(), provider.account("second"))
        assert [item.name for item in providers.providers()] == ["first", "second"]
        assert providers.accounts()[1].receipts_url == f"{SITE}/sms/second/receipts/"
