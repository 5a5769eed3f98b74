"""Short secrets encrypted before they are stored: AES-256-GCM with keys from the environment.

What is stored names its key, so that keys can be changed: the first of `FACTOR_KEYS` encrypts, every one decrypts.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32  # FIPS 197, 256 bits (CJIS SC-28)
NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """What is stored was altered, belongs elsewhere, or its key is no longer among the settings."""


def keys() -> dict[str, bytes]:
    """Return the keys of `FACTOR_KEYS` (`name:base64,name:base64`) by name, the one that encrypts first.

    Refuses (ImproperlyConfigured) to go on without one, and a key that has not exactly 32 bytes.
    """
    found: dict[str, bytes] = {}
    for item in filter(None, settings.FACTOR_KEYS.split(",")):
        name, _, text = item.strip().partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        if not name or len(key) != KEY_BYTES:
            raise ImproperlyConfigured("AMBER_FACTOR_KEYS holds name:key pairs; each key is 32 bytes in base64.")
        found[name] = key
    if not found:
        raise ImproperlyConfigured("AMBER_FACTOR_KEYS is not set: the keys of second factors cannot be stored.")
    return found


def encrypt(secret: bytes, *, bound_to: str) -> str:
    """Return the secret encrypted; it decrypts only for the same `bound_to`, so that no row can lend it to another."""
    name, key = next(iter(keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret, f"{name}:{bound_to}".encode())
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, bound_to: str) -> bytes:
    """Return the secret. Refuses (CannotDecrypt) what was not encrypted for `bound_to` with one of our keys."""
    name, _, text = stored.partition(":")
    key = keys().get(name)
    if key is None:
        raise CannotDecrypt
    raw = base64.b64decode(text)
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{name}:{bound_to}".encode())
    except InvalidTag as error:
        raise CannotDecrypt from error


def is_current(stored: str) -> bool:
    """Say whether this was encrypted with the key that encrypts now."""
    return stored.partition(":")[0] == next(iter(keys()))
