"""Mails that are encoded once for everybody who reads them in one language; address, number and token are put in.

Encoding one mail takes several times as long as handing it to a server. What goes out is byte for byte what Django
makes of the same mail (tests/alerts/test_ready_mail.py); a mail that cannot be made so is encoded by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives
from django.utils.functional import cached_property

TOKEN_MARK = "@token@"  # noqa: S105  replaced per recipient after one rendering per language
ADDRESS_MARK = "address.of.one.recipient@amber-bridge.invalid"
NUMBER_MARK = "number.of.one.delivery@amber-bridge.invalid"
# Others are quoted or encoded in a header, or refused there.
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+=-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")


class ReadyMail(EmailMultiAlternatives):
    """A mail that may carry its own bytes, as they go over the line; None where Django has to encode it."""

    ready: bytes | None = None
    is_exercise = False  # a real line refuses it then


class ReadyBytes:
    """The bytes of one mail with marks in place of what differs between its recipients.

    `make` returns the mail for an address and a number; `marked` is how often its body holds the token's mark.
    """

    def __init__(self, make: Callable[[str, str], EmailMultiAlternatives], *, marked: int) -> None:
        self._make = make
        self._marked = marked

    def personal(self, address: str, number: str, token: str) -> bytes | None:
        """Return the bytes for one recipient; None where address or text do not allow it."""
        if self._encoded is None or not PLAIN_ADDRESS.fullmatch(address):
            return None
        own = self._encoded.replace(ADDRESS_MARK.encode(), address.encode(), 1)
        return own.replace(NUMBER_MARK.encode(), number.encode(), 1).replace(TOKEN_MARK.encode(), token.encode())

    @cached_property
    def _encoded(self) -> bytes | None:
        mail = self._make(ADDRESS_MARK, NUMBER_MARK).message()
        found = mail.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own
        # Long lines are broken, and then a mark may be too: such a text is encoded for each recipient by itself.
        counts = [found.count(mark.encode()) for mark in (ADDRESS_MARK, NUMBER_MARK, TOKEN_MARK)]
        return found if counts == [1, 1, self._marked] else None
