"""Mails to a person about their own account: what changed, never a secret and nothing to click into an act."""

from __future__ import annotations

import logging
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import User

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
log = logging.getLogger(__name__)

ENROLLED = _("An authenticator app was set up as the second factor of your account.")
REPLACED = _("The authenticator app of your account was replaced; sessions begun with the former one have ended.")
REMOVED = _("The second factor of your account was removed, with your password and a code.")
RESET = _("An administrator took the second factor of your account away, because you reported it lost.")
CODES_RENEWED = _("New recovery codes were made for your account; the former ones no longer work.")
RECOVERY_CODE_USED = _("Somebody signed in to your account with your password and one of your recovery codes.")


def tell(person: User, what: Promise) -> None:
    """Mail this person, in their language, what happened to their account, once the transaction has been kept.

    A mail server that is away stops nobody from signing in: the failure is logged without the address.
    """
    transaction.on_commit(partial(_send, person, what), robust=True)


def remind(person: User, what: Promise, path: str) -> bool:
    """Mail this person, in their language, what waits for them, with the page to open; return whether it was sent."""
    with translation.override(person.language):
        subject = gettext("AMBER Bridge: something of yours to look at")
        text = f"{what}\n\n{settings.SITE_URL}{path}\n"
    return _post(person, subject, text)


def _send(person: User, what: Promise) -> None:
    with translation.override(person.language):
        subject = gettext("AMBER Bridge: your sign-in")
        warning = gettext("If this was not you, tell the administrators of your agency at once.")
        text = f"{what}\n\n{warning}\n\n{settings.SITE_URL}\n"
    _post(person, subject, text)


def _post(person: User, subject: str, text: str) -> bool:
    try:
        EmailMessage(subject, text, to=[person.email], headers=HEADERS).send()
    except (OSError, SMTPException) as error:
        log.warning("A mail about an account was not sent: %s", type(error).__name__)
        return False
    return True
