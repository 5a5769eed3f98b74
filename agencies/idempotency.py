"""An act that is submitted twice happens once; the repeat gets the first answer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from agencies.models import SubmittedAct, User
from agencies.refusals import ActRefused

MAX_KEY_LENGTH = 80


def new_nonce() -> str:
    """Return a nonce for one rendering of one form: 128 random bits."""
    return secrets.token_urlsafe(16)


def first_result(*, user: User, action: str, key: str) -> dict[str, Any] | None:
    """Return the result of the first submission under this key, or None."""
    row = SubmittedAct.objects.filter(user=user, action=action, key=key).first() if key.isprintable() and key else None
    return row.result if row else None


def once(
    *, user: User, action: str, key: str, perform: Callable[[], dict[str, Any]], payload: str = ""
) -> tuple[dict[str, Any], bool]:
    """Perform an act unless this person submitted it before under this key; return its result and whether it is new.

    The key's row is inserted first, so that of two simultaneous submissions one waits for the other's
    transaction. An act that raises leaves no row behind and may be tried again. Refuses an empty or over-long
    key, and a key that was used with another payload.
    """
    if not key or len(key) > MAX_KEY_LENGTH or not key.isprintable():
        raise ActRefused(_("This form has no valid key. Load the page again."))
    fingerprint = hashlib.sha256(payload.encode()).hexdigest() if payload else ""
    try:
        with transaction.atomic():
            row = SubmittedAct.objects.create(user=user, action=action, key=key, fingerprint=fingerprint)
            result = perform()
            row.result = result
            row.save(update_fields=["result"])
        return result, True
    except IntegrityError as error:
        if "one_result_per_submitted_act" not in str(error):
            raise
    first = SubmittedAct.objects.get(user=user, action=action, key=key)
    if first.fingerprint != fingerprint:
        raise ActRefused(_("This key was already used for a different act."))
    return first.result or {}, False
