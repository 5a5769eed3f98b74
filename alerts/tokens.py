"""Acknowledgement tokens: 128 bits, derived, so that a retry sends the same one; only the hash is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from functools import lru_cache

from django.conf import settings


def token_for(delivery_id: uuid.UUID) -> str:
    """Return the token of one delivery: 128 bits of an HMAC under the site's secret."""
    digest = salted_digest("alerts.acknowledgement", str(delivery_id))[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def reply_code_for(delivery_id: uuid.UUID) -> str:
    """Return the four digits that acknowledge a text message by reply; they count only from the number that got it."""
    digest = salted_digest("alerts.reply", str(delivery_id))
    return str(int.from_bytes(digest[:8]) % 10_000).zfill(4)


def hash_of(token: str) -> str:
    """Return what the database holds in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def salted_digest(salt: str, value: str) -> bytes:
    """Return what `django.utils.crypto.salted_hmac` gives by SHA-256, in one call: a fan-out asks for it three times
    for each row, and making an object for each takes as long as the sending itself.
    """
    return hmac.digest(_key(salt, settings.SECRET_KEY), value.encode(), "sha256")


@lru_cache(maxsize=8)
def _key(salt: str, secret: str) -> bytes:
    return hashlib.sha256((salt + secret).encode()).digest()
