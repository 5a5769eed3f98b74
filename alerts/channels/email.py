"""E-mail: one connection for a whole chunk, opened again when a server drops it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Iterator

from django.core.mail import EmailMultiAlternatives, get_connection

from .outcome import ACCEPTED, Outcome, never, try_again

PERMANENT_FROM = 500  # RFC 5321 §4.2.1: 5yz is a permanent refusal
LINE_BROKEN = (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError, OSError)


def send(mails: Iterable[EmailMultiAlternatives]) -> Iterator[Outcome]:
    """Send mails one by one over a reused connection; yield each one's outcome as soon as it is known.

    A refused address fails for good on 5yz and is tried again on 4yz; a broken line is tried again.
    """
    connection = get_connection()
    try:
        for mail in mails:
            mail.connection = connection
            yield _send_one(mail, connection)
    finally:
        connection.close()


def _send_one(mail: EmailMultiAlternatives, connection: object) -> Outcome:
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = max((answer[0] for answer in error.recipients.values()), default=PERMANENT_FROM)
        return never(f"SMTP {code}") if code >= PERMANENT_FROM else try_again(f"SMTP {code}")
    except smtplib.SMTPResponseException as error:
        connection.close()  # type: ignore[attr-defined]
        is_final = error.smtp_code >= PERMANENT_FROM and isinstance(error, smtplib.SMTPDataError)
        return never(f"SMTP {error.smtp_code}") if is_final else try_again(f"SMTP {error.smtp_code}")
    except LINE_BROKEN as error:
        connection.close()  # type: ignore[attr-defined]
        return try_again(type(error).__name__)
    return ACCEPTED
