"""What arrived at the sink, held against what the rows say."""

from __future__ import annotations

from collections import Counter
from typing import Any

from alerts.models import Delivery
from tests.portal import Portal

PROMISE_SECONDS = 30  # from activation to every mail, without Redis
UNSENT = ("queued", "claimed", "retry")


def arrivals(portal: Portal, alert: Any) -> Counter[str]:
    """Return how many mails arrived per delivery of this alert, by the delivery's id."""
    ids = {str(pk) for pk in Delivery.objects.filter(message__alert=alert).values_list("pk", flat=True)}
    seen = (mail["Message-ID"].strip("<>").partition("@")[0] for mail in portal.mails())
    return Counter(found for found in seen if found in ids)


def states(alert: Any, msg_type: str = "Alert") -> Counter[str]:
    """Return how many deliveries of this alert are in each state."""
    return Counter(
        Delivery.objects.filter(message__alert=alert, message__msg_type=msg_type).values_list("state", flat=True)
    )


def is_settled(alert: Any) -> bool:
    """Say whether nothing of this alert waits or is being sent."""
    return not Delivery.objects.filter(message__alert=alert, state__in=UNSENT).exists()


def attempts(alert: Any) -> dict[str, int]:
    """Return how often each delivery of this alert was claimed."""
    return {str(pk): count for pk, count in Delivery.objects.filter(message__alert=alert).values_list("pk", "attempts")}


def assert_each_in_its_language(portal: Portal, alert: Any, languages: dict[str, str]) -> None:
    """Fail unless every address got the alert's approved words in its language, and in no other."""
    headlines = {text.language: text.headline for text in alert.texts.all()}
    assert len(set(headlines.values())) == len(headlines), "headlines must differ, or this proves nothing"
    told = {}
    for mail in portal.mails():
        if (address := str(mail["To"])) in languages:
            told.setdefault(address, set()).add((str(mail["Content-Language"]), str(mail["Subject"]).strip()))
    expected = {address: {(language, headlines[language])} for address, language in languages.items()}
    wrong = {address: told.get(address) for address, words in expected.items() if told.get(address) != words}
    assert not wrong, f"{len(wrong)} of {len(expected)}, for instance {next(iter(wrong.items()))}"


def kinds_in_order(portal: Portal, alert: Any) -> dict[str, list[str]]:
    """Return, per address, which messages of this alert arrived, in the order of their arrival."""
    kinds = {
        str(pk): kind
        for pk, kind in Delivery.objects.filter(message__alert=alert).values_list("pk", "message__msg_type")
    }
    order: dict[str, list[str]] = {}
    for mail in portal.mails():
        if kind := kinds.get(mail["Message-ID"].strip("<>").partition("@")[0]):
            order.setdefault(str(mail["To"]), []).append(kind)
    return order
