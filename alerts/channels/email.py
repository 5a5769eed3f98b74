"""E-mail: one connection for a whole chunk, opened again when a server drops it."""

from __future__ import annotations

import re
import smtplib
import socket
import time
from contextlib import suppress
from email.errors import MessageError
from email.utils import parseaddr
from functools import lru_cache
from types import TracebackType
from typing import Self

from django.core.mail import EmailMultiAlternatives, get_connection

from .outcome import ACCEPTED, Outcome, never, try_again
from .ready_mail import ReadyMail
from .refusing import refuse_exercise

PERMANENT_FROM = 500  # RFC 5321 §4.2.1: 5yz is a permanent refusal
CLOSING = 421  # RFC 5321 §3.8: the server closes the connection after it, whatever it was asked
GO_ON = 354
TAKES_RECIPIENT = (250, 251)
BEGINS_WITH_A_PERIOD = re.compile(rb"(?m)^\.")


class Line:
    """A connection to the mail server, used for one mail after the other; closed at the end of its `with`."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self.since: float | None = None  # the monotonic moment at which the mail on it was begun; read by other threads

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._drop()

    def send(self, mail: EmailMultiAlternatives) -> Outcome:
        """Send one mail and return its outcome; see `_try`. Raises ExerciseRefused for one of an exercise."""
        refuse_exercise(is_exercise=getattr(mail, "is_exercise", False), address=mail.to[0] if mail.to else "")
        self.since = time.monotonic()
        try:
            return self._try(mail)
        finally:
            self.since = None

    def cut(self) -> None:
        """Break the line off from another thread; the mail on it ends uncertain, and the next one opens a new line."""
        line = getattr(self._backend, "connection", None) or getattr(self._backend, "_partial_connection", None)
        if isinstance(line, smtplib.SMTP) and line.sock is not None:
            with suppress(OSError):
                line.sock.shutdown(socket.SHUT_RDWR)

    def _try(self, mail: EmailMultiAlternatives) -> Outcome:
        """Send one mail and return its outcome.

        A refused address or text fails for good on 5yz and is tried again on 4yz; a refused connection, sender or
        sign-in is a fault of ours or of the server and is tried again, like a broken line. The next mail then goes
        over a new connection. A line that breaks after it was open leaves it uncertain whether the mail arrived.
        """
        is_open = False
        try:
            self._backend.open()  # before Django does: it closes after one mail what it has opened itself
            is_open = True
            taken = self._hand_over(mail)
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

    def _hand_over(self, mail: EmailMultiAlternatives) -> bool:
        """Hand over the mail's own bytes where it has them and the line takes them, else let Django encode it."""
        line = getattr(self._backend, "connection", None)
        if not isinstance(mail, ReadyMail) or mail.ready is None or not isinstance(line, smtplib.SMTP):
            return bool(self._backend.send_messages([mail]))
        sender, (address,) = _address_in(mail.from_email), mail.to
        line.ehlo_or_helo_if_needed()
        if line.has_extn("pipelining"):
            _pipeline(line, sender, address, mail.ready)
        else:
            line.sendmail(sender, [address], mail.ready)
        return True

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


@lru_cache(maxsize=8)
def _address_in(sender: str) -> str:
    return parseaddr(sender)[1]


def _pipeline(line: smtplib.SMTP, sender: str, address: str, content: bytes) -> None:
    """Send one mail in two steps where smtplib takes four: a server far away is waited for half as often.

    Raises what `smtplib.SMTP.sendmail` raises. A text follows only when sender and recipient were taken; where the
    server wants one all the same, it gets an empty one, which it refuses (RFC 2920 §3.1).
    """
    size = f" size={len(content)}" if line.has_extn("size") else ""
    line.send(f"mail FROM:<{sender}>{size}\r\nrcpt TO:<{address}>\r\ndata\r\n".encode("ascii"))
    of_sender = line.getreply()
    if of_sender[0] == CLOSING:
        raise smtplib.SMTPSenderRefused(*of_sender, sender)
    of_recipient = line.getreply()
    if of_recipient[0] == CLOSING:
        raise smtplib.SMTPRecipientsRefused({address: of_recipient})
    answer = line.getreply()
    is_taken = of_sender[0] == 250 and of_recipient[0] in TAKES_RECIPIENT
    if answer[0] == GO_ON:
        line.send((_on_the_line(content) if is_taken else b"") + b".\r\n")
        answer = line.getreply()
    if of_sender[0] != 250:
        raise smtplib.SMTPSenderRefused(*of_sender, sender)
    if not is_taken:
        line.rset()
        raise smtplib.SMTPRecipientsRefused({address: of_recipient})
    if answer[0] != 250:
        raise smtplib.SMTPDataError(*answer)


def _on_the_line(content: bytes) -> bytes:
    """Return the text with its periods doubled (RFC 5321 §4.5.2) and its last line ended."""
    quoted = BEGINS_WITH_A_PERIOD.sub(b"..", content) if b"\n." in content or content[:1] == b"." else content
    return quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n"
