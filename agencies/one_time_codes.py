"""Codes of authenticator apps (TOTP, RFC 6238) and recovery codes: the arithmetic, without any row.

SHA-1, six digits and 30 seconds, because every authenticator app knows these and many know nothing else.
"""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

ISSUER = "AMBER Bridge"
SEED_BYTES = 20  # RFC 4226, 4: at least 128 bits, 160 recommended
DIGITS = 6
STEP_SECONDS = 30
DRIFT_STEPS = 1  # RFC 6238, 5.2: a phone's clock may be off, a code is typed for some seconds
RECOVERY_CODES = 10
# No letter that reads as a digit or as another letter: a recovery code is read off paper at night.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY_LETTERS = 12  # 58 bits: guessing is counted, and what is stored is a slow hash (ASVS 6.5.2)


def new_seed() -> bytes:
    """Return the secret that an authenticator app and the portal will share."""
    return secrets.token_bytes(SEED_BYTES)


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  as an HMAC; RFC 6238 names it


def code_at(seed: bytes, moment: float) -> str:
    """Return the code that an authenticator app shows at this moment (seconds of the Unix clock)."""
    return _totp(seed).generate(moment).decode()


def step_of(seed: bytes, code: str, *, moment: float, after: int = -1) -> int | None:
    """Return which 30-second step this code belongs to, None for a wrong one.

    Looks at the present step and one on each side. A step up to `after` counts no more: a code works once.
    """
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    now = int(moment // STEP_SECONDS)
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        expected = _totp(seed).generate(step * STEP_SECONDS)
        if constant_time.bytes_eq(expected, digits.encode()) and step > after:
            return step
    return None


def address_for_app(seed: bytes, account: str) -> str:
    """Return the `otpauth://` address that an authenticator app reads from the QR code."""
    return _totp(seed).get_provisioning_uri(account, ISSUER)


def key_to_type(seed: bytes) -> str:
    """Return the secret as an app takes it by hand: base32 in groups of four."""
    text = base64.b32encode(seed).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def new_recovery_codes() -> list[str]:
    """Return ten recovery codes. The digit before the letters says which of the ten it is."""
    return [f"{number}-{_letters()}-{_letters()}-{_letters()}" for number in range(RECOVERY_CODES)]


def _letters() -> str:
    return "".join(secrets.choice(ALPHABET) for _letter in range(RECOVERY_LETTERS // 3))


def read_recovery_code(typed: str) -> tuple[int, str] | None:
    """Return the number of a recovery code and its letters, however it was spaced; None for what cannot be one."""
    text = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(text) != 1 + RECOVERY_LETTERS or text[0] not in "0123456789" or not set(text[1:]) <= set(ALPHABET):
        return None
    return int(text[0]), text[1:]
