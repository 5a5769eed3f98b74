"""What providers call back: kept raw, then taken in, at once or by the relay where it came before our own row."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from alerts import delivery
from alerts.models import Delivery, ProviderReceipt

AT_ONCE = 200
# Twilio's words for what became of a message; every other one ("queued", "sending", "sent") says that it is on its way.
ARRIVED = frozenset({"delivered", "read"})
LOST = frozenset({"undelivered", "failed", "canceled"})


def keep_receipt(*, provider: str, fields: Mapping[str, str], delivery_key: str = "") -> None:
    """Keep what an account called back, which the caller has found to be signed, and take it in.

    `delivery_key` is the number of our row as the address that was called has it. A repeat changes nothing. What names
    no message or no status is dropped: there is nothing to tell by it.
    """
    key, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    if not key or not status:
        return
    says_nothing_new = status not in ARRIVED | LOST
    receipt = ProviderReceipt(
        provider=provider, provider_key=key[:80], report=status[:20], error_code=fields.get("ErrorCode", "")[:20],
        content=dict(fields), delivery_key=_number(delivery_key),
        taken_in_at=timezone.now() if says_nothing_new else None,
    )  # fmt: skip
    ProviderReceipt.objects.keep([receipt])
    take_in_waiting(provider_key=key[:80])


@transaction.atomic
def take_in_waiting(*, provider_key: str = "") -> int:
    """Take in receipts that wait, of one message or of all; return how many. Two at once do not take the same.

    One whose message is not written as sent yet waits on, unless it tells that the message has arrived; it does not
    hold up those behind it.
    """
    known = Delivery.objects.filter(provider=OuterRef("provider"), provider_key=OuterRef("provider_key"))
    has_arrived = Q(report__in=ARRIVED) & Exists(Delivery.objects.filter(pk=OuterRef("delivery_key")))
    rows = ProviderReceipt.objects.waiting().filter(Exists(known) | has_arrived)
    rows = rows.select_for_update(of=("self",), skip_locked=True)
    if provider_key:
        rows = rows.filter(provider_key=provider_key)
    done = []
    for receipt in rows[:AT_ONCE]:
        _take_in(receipt)
        done.append(receipt.pk)
    ProviderReceipt.objects.filter(pk__in=done).update(taken_in_at=timezone.now())
    return len(done)


def _take_in(receipt: ProviderReceipt) -> None:
    has_arrived = receipt.report in ARRIVED
    lost = f"{receipt.provider}: {receipt.report} {receipt.error_code}".rstrip()
    said = {"provider": receipt.provider, "provider_key": receipt.provider_key}
    is_known = delivery.take_receipt(**said, has_arrived=has_arrived, detail="" if has_arrived else lost)
    if has_arrived and not is_known and receipt.delivery_key:
        delivery.take_arrival(**said, delivery_id=receipt.delivery_key, address=receipt.content.get("To", ""))


def _number(said: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said)
    except ValueError:
        return None
