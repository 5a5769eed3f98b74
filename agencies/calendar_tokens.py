"""Addresses of people's calendars: 128 bits of an HMAC over the link and its number, stored nowhere (ADR 15, 73)."""

from __future__ import annotations

import base64
import binascii
import uuid

from django.utils.crypto import constant_time_compare, salted_hmac


def token_for(link_id: uuid.UUID, serial: int) -> str:
    """Return the token of a link under its present number."""
    return _text(link_id.bytes + _proof(link_id, serial))


def link_named_by(token: str) -> uuid.UUID | None:
    """Return the id of the link that a token names, proven or not; None for what is no token."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return uuid.UUID(bytes=raw[:16]) if len(raw) == 32 else None


def is_token_of(token: str, link_id: uuid.UUID, serial: int) -> bool:
    """Say whether this is the token of the link under this number."""
    return constant_time_compare(token, token_for(link_id, serial))


def _proof(link_id: uuid.UUID, serial: int) -> bytes:
    return bytes(salted_hmac("agencies.calendar", f"{link_id}/{serial}", algorithm="sha256").digest()[:16])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
