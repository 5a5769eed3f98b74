"""Acknowledgement tokens: 128 bits, derived, so that a retry sends the same one; only the hash is stored."""

from __future__ import annotations

import base64
import hashlib
import uuid

from django.utils.crypto import salted_hmac


def token_for(delivery_id: uuid.UUID) -> str:
    """Return the token of one delivery: 128 bits of an HMAC under the site's secret."""
    digest = salted_hmac("alerts.acknowledgement", str(delivery_id), algorithm="sha256").digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """Return what the database holds in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
