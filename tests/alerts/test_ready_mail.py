"""A mail that is encoded once for a language goes out byte for byte as Django would encode it for each recipient."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.utils.crypto import salted_hmac

from alerts import mails
from alerts.channels.ready_mail import TOKEN_MARK
from alerts.models import Alert, AlertMessage, Delivery
from alerts.tokens import salted_digest, token_for

TEXTS = {
    "in Spanish": ("Alerta AMBER: niña de 9 años", f"Señas: cabello café.\n.\n..dos\n\nConfirme: /a/{TOKEN_MARK}/\n"),
    "in French": ("Alerte\u00a0: enfant enlevé", f"Québec\u00a0: « vue à 17\u00a0h\u00a040 »\n/a/{TOKEN_MARK}/"),
    "plain": ("AMBER Alert", f"Seen at the bridge.\r\nConfirm /a/{TOKEN_MARK}/\r\n"),
    "a long subject": ("Señas " * 60, f"{TOKEN_MARK}"),
}


def row(address: str = "desk@newsroom.example") -> Delivery:
    """Return a delivery of a message."""
    message = AlertMessage(pk=uuid.uuid4(), alert=Alert())
    return Delivery(pk=uuid.uuid4(), message=message, address=address, language="es")


def composed(monkeypatch: pytest.MonkeyPatch, text: tuple[str, str], *rows: Delivery) -> list[Any]:
    """Compose one message for these rows, as one chunk."""
    for later in rows[1:]:
        later.message = rows[0].message
    monkeypatch.setattr(mails, "_render", lambda _delivery, _language: text)
    composer = mails.MailComposer()
    return [composer.compose(item) for item in rows]


def by_django(mail: Any) -> bytes:
    """Return what Django sends, but for the second at which it was encoded."""
    return without_date(mail.message().as_bytes(linesep="\r\n"))


def without_date(content: bytes) -> bytes:
    return re.sub(rb"(?m)^Date: .*$", b"Date:", content)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_ready_bytes_are_those_of_django(monkeypatch, text):
    rows = [row("desk1@newsroom.example"), row("ana.lopez+alertas@fiscalia.example")]
    for item, mail in zip(rows, composed(monkeypatch, text, *rows), strict=True):
        assert mail.ready is not None
        assert without_date(mail.ready) == by_django(mail)
        assert token_for(item.pk).encode() in mail.ready and TOKEN_MARK.encode() not in mail.ready


@pytest.mark.parametrize(
    "address",
    ["Ana <ana@x.example>", "josé@x.example", "a@x.example\nBcc: thief@x.example", '"a b"@x.example', "", "a@ñandú.mx"],
)
def test_address_that_is_not_plain_is_left_to_django(monkeypatch, address):
    (mail,) = composed(monkeypatch, TEXTS["plain"], row(address))
    assert mail.ready is None


def test_text_with_a_line_too_long_for_the_line_is_left_to_django(monkeypatch):
    (mail,) = composed(monkeypatch, ("Alerta", "ñ" * 990 + TOKEN_MARK + "\n"), row())
    assert mail.ready is None or without_date(mail.ready) == by_django(mail)
    assert token_for(uuid.UUID(mail.extra_headers["Message-ID"][1:37])) in mail.body


def test_text_that_holds_the_mark_of_an_address_is_left_to_django(monkeypatch):
    from alerts.channels.ready_mail import ADDRESS_MARK

    (mail,) = composed(monkeypatch, ("Alerta", f"{ADDRESS_MARK} {TOKEN_MARK}"), row())
    assert mail.ready is None


def test_salted_digest_is_that_of_django(settings):
    for salt, value in (("alerts.acknowledgement", "4f"), ("alerts.webhook", "7.3 ñ")):
        assert salted_digest(salt, value) == salted_hmac(salt, value, algorithm="sha256").digest()
    before = salted_digest("alerts.webhook", "1")
    settings.SECRET_KEY = "another secret of fifty characters, at the very least."
    assert salted_digest("alerts.webhook", "1") != before
