"""E-mail: one connection for a whole chunk, opened again when a server drops it."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.errors import MessageError
from types import TracebackType
from typing import Self

from django.core.mail import EmailMultiAlternatives, get_connection

from .outcome import ACCEPTED, Outcome, never, try_again

PERMANENT_FROM = 500  # RFC 5321 §4.2.1: 5yz is a permanent refusal
CLOSING = 421  # RFC 5321 §3.8: the server closes the connection after it, whatever it was asked


class Line:
    """A connection to the mail server, used for one mail after the other; closed at the end of its `with`."""

    def __init__(self) -> None:
        self._backend = get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._drop()

    def send(self, mail: EmailMultiAlternatives) -> Outcome:
        """Send one mail and return its outcome.

        A refused address or text fails for good on 5yz and is tried again on 4yz; a refused connection, sender or
        sign-in is a fault of ours or of the server and is tried again, like a broken line. The next mail then goes
        over a new connection. A line that breaks after it was open leaves it uncertain whether the mail arrived.
        """
        is_open = False
        try:
            self._backend.open()  # before Django does: it closes after one mail what it has opened itself
            is_open = True
            taken = self._backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as refusal:
            return self._refused(refusal)
        except smtplib.SMTPResponseException as refusal:
            self._drop()
            return _outcome(refusal.smtp_code, is_about_mail=isinstance(refusal, smtplib.SMTPDataError))
        except OSError as fault:
            self._drop()
            return try_again(type(fault).__name__, is_uncertain=is_open)
        except (ValueError, MessageError) as fault:  # an address or a header that is none
            return never(type(fault).__name__)
        return ACCEPTED if taken else never("no address")

    def _refused(self, refusal: smtplib.SMTPRecipientsRefused) -> Outcome:
        code = max((answer[0] for answer in refusal.recipients.values()), default=PERMANENT_FROM)
        if code == CLOSING:
            self._drop()
        return _outcome(code, is_about_mail=True)

    def _drop(self) -> None:
        with suppress(OSError):  # what cannot be closed politely is closed all the same
            self._backend.close()


def _outcome(code: int, *, is_about_mail: bool) -> Outcome:
    return never(f"SMTP {code}") if is_about_mail and code >= PERMANENT_FROM else try_again(f"SMTP {code}")
