"""Replies to text messages: the code in one acknowledges the message that carried it (U38)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext

from agencies import audit
from alerts import delivery
from alerts.choices import Channel
from alerts.models import Delivery, ProviderReceipt
from alerts.tokens import reply_code_for

VALID_FOR = timedelta(days=7)
CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
RECEIVED = "received"
VIA = "text"  # a code of "answer_channel"


def take_reply(*, provider: str, fields: Mapping[str, str]) -> str:
    """Acknowledge the message whose code a reply holds; the caller has found the call to be signed.

    Only the number that got a message can reply with its code; the words beside the code are kept as name and position.
    Returns the answer in the recipient's language, "" for a number that got nothing of us lately: it is not answered.
    A repeat gets the same answer.
    """
    number, body, key = (fields.get(name, "") for name in ("From", "Body", "MessageSid"))
    ProviderReceipt.objects.keep([
        ProviderReceipt(provider=provider, provider_key=key[:80], report=RECEIVED, content=dict(fields),
                        taken_in_at=timezone.now())
    ])  # fmt: skip
    got = (
        Delivery.objects.filter(channel=Channel.SMS, address=number, attempts__gt=0, message__isnull=False)
        .filter(created_at__gt=timezone.now() - VALID_FOR)
        .select_related("message__alert").defer("message__xml", "message__texts")
        .order_by("-created_at", "-id")
    )  # fmt: skip
    rows = list(got) if number else []
    if not rows:
        return ""
    said = CODE.search(body)
    found = next((row for row in rows if said and reply_code_for(row.pk) == said[0]), None)
    with translation.override((found or rows[0]).language):
        if found is None or said is None:
            return gettext("We do not know this code. Reply with the four digits of the message that you confirm.")
        _acknowledge(found, " ".join((body[: said.start()] + " " + body[said.end() :]).split()))
        alert = found.message.alert.number if found.message else ""
        return gettext("Thank you. You have confirmed the receipt for alert %(number)s.") % {"number": alert}


def _acknowledge(row: Delivery, name: str) -> None:
    assert row.message is not None  # noqa: S101  only messages of alerts carry a code
    if delivery.acknowledge(row, name=name, via=VIA):
        audit.record(
            "delivery.acknowledged", by=None, objects=[row], case_id=row.message.alert.case_id, detail={"via": VIA}
        )
