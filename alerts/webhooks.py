"""Composes webhooks: the approved public text and the CAP message, signed as Standard Webhooks does.

A receiver checks `webhook-signature` (version 1: base64 of HMAC-SHA256 over `id.timestamp.body`) with the secret
that its program's staff gave it, and drops an id that it has seen.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid

from django.conf import settings
from django.urls import reverse

from agencies.identifiers import uuid7
from alerts.channels.webhook import Post
from alerts.models import AlertMessage, Delivery, Recipient
from alerts.tokens import salted_digest, token_for

SECRET_PREFIX = "whsec_"  # noqa: S105  how receivers' libraries recognize a secret
USER_AGENT = "AMBER-Bridge-Webhook/1"


def secret_of(recipient: Recipient) -> str:
    """Return the secret shared with a recipient's system; it is derived, not stored, and a new key makes a new one."""
    return SECRET_PREFIX + base64.b64encode(_key(recipient)).decode()


class PostComposer:
    """Makes the requests of one chunk. What is said is put together once per message and language."""

    def __init__(self) -> None:
        self._said: dict[tuple[object, str], tuple[bytes, bytes]] = {}

    def compose(self, delivery: Delivery) -> Post:
        """Return the signed request of one delivery. A retry has the same id, so that a receiver can drop a repeat."""
        message, recipient = delivery.message, delivery.recipient
        assert message is not None and recipient is not None  # noqa: S101  the constraint on the table says so
        key = (delivery.message_id, delivery.language)
        if key not in self._said:
            self._said[key] = _around_token(payload(delivery.language, message))
        before, after = self._said[key]
        return _signed(
            recipient, delivery.address, str(delivery.pk), token_for(delivery.pk).encode().join((before, after)),
            is_exercise=message.alert.is_exercise,
        )  # fmt: skip


def _around_token(said: dict[str, object]) -> tuple[bytes, bytes]:
    """Return what stands before and after the recipient's own token."""
    mark = uuid.uuid4().hex  # no text holds it
    said |= {"acknowledge_url": settings.SITE_URL + reverse("alerts:delivery-acknowledge", args=[mark])}
    before, after = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode().split(mark.encode())
    return before, after


def _signed(recipient: Recipient, address: str, number: str, body: bytes, *, is_exercise: bool = False) -> Post:
    moment = str(int(time.time()))
    signed = hmac.digest(_key(recipient), f"{number}.{moment}.".encode() + body, "sha256")
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", USER_AGENT),
        ("webhook-id", number),
        ("webhook-timestamp", moment),
        ("webhook-signature", f"v1,{base64.b64encode(signed).decode()}"),
    )
    return Post(address, body, headers, is_exercise)


def compose_test(recipient: Recipient) -> Post:
    """Return a signed request that says nothing but that it is a test; its id is a new one each time."""
    content = {"type": "amber.test", "program": recipient.program.code, "language": recipient.language}
    return _signed(recipient, recipient.webhook_url, str(uuid7()), json.dumps(content, separators=(",", ":")).encode())


def payload(language: str, message: AlertMessage) -> dict[str, object]:
    """Return what every receiver's system gets in this language: what an e-mail says, and the CAP message itself."""
    alert = message.alert
    text = message.texts.get(language) or next(iter(message.texts.values()))
    return {
        "type": f"amber.{message.msg_type.lower()}",
        "is_exercise": alert.is_exercise,
        "alert_number": alert.number,
        "program": alert.program.code,
        "sent": message.sent,
        "expires": alert.expires_at.isoformat() if alert.expires_at and message.msg_type != "Cancel" else None,
        "language": language,
        "text": {name: text[name] for name in ("event", "headline", "description", "instruction")},
        "public_url": settings.SITE_URL + reverse("public:alert-number", args=[alert.number]),
        "cap": bytes(message.xml).decode(),
    }


def _key(recipient: Recipient) -> bytes:
    return salted_digest("alerts.webhook", f"{recipient.pk}.{recipient.webhook_key}")
