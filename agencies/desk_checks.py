"""Asking each desk once a month whether its numbers and addresses are right (U42).

The link goes to the desk's own address. Whoever opens it may say that the numbers are right or that something is
wrong, and nothing else; what is wrong is mended by staff.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import uuid
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import DeskAnswer, Language
from agencies.models import Agency, DeskCheck
from agencies.refusals import ActRefused

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
logger = logging.getLogger(__name__)
ASKED_EVERY = timedelta(days=28)  # answered within days, numbers are then never older than a month
LINK_LASTS = timedelta(days=28)
TRIED_AGAIN_AFTER = timedelta(minutes=10)
MOST_ANSWERS = 5


def ask_due() -> int:
    """Mail the link to desks that were not asked within four weeks, a few in each round; return how many mails left.

    A mail that the server refuses is tried again ten minutes later; the row is claimed before and marked after, so
    that two relays do not mail at the same time, and a mail may arrive twice, never not at all.
    """
    most = settings.DESK_CHECKS_PER_ROUND
    if not most:
        return 0
    _make_rows(most)
    now, mailed = timezone.now(), 0
    unsent = DeskCheck.objects.filter(mailed_at__isnull=True, agency__is_active=True).exclude(agency__desk_email="")
    for pk in list(unsent.filter(next_try_at__lte=now).values_list("pk", flat=True)[:most]):
        row = unsent.filter(pk=pk, next_try_at__lte=now)
        if row.update(next_try_at=now + TRIED_AGAIN_AFTER):
            if not _mail(DeskCheck.objects.select_related("agency").get(pk=pk)):
                break  # a server that does not answer is not asked again in this round: alerts wait behind it
            mailed += 1
    return mailed


@transaction.atomic
def _make_rows(most: int) -> None:
    lately = DeskCheck.objects.filter(agency=OuterRef("pk"), asked_at__gt=timezone.now() - ASKED_EVERY)
    desks = Agency.objects.active().exclude(desk_email="").filter(~Exists(lately))
    for agency in desks.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk")[:most]:
        check = DeskCheck(agency=agency)
        check.token_hash = hash_of(token_for(check.pk))
        check.save()


def _mail(check: DeskCheck) -> bool:
    agency = check.agency
    languages = agency.languages or [Language.EN]
    link = settings.SITE_URL + reverse("agencies:desk-check", args=[token_for(check.pk)])
    bodies = []
    for language in languages:  # a desk that works in two languages reads both, its own first (U40)
        with translation.override(language):
            bodies.append(render_to_string("agencies/mail/desk_check.txt", {"agency": agency, "link": link}).strip())
            if language == languages[0]:
                subject = str(_("AMBER Bridge: are the numbers of your desk right?"))
    try:
        EmailMessage(subject, "\n\n* * *\n\n".join(bodies) + "\n", to=[agency.desk_email], headers=HEADERS).send()
    except (OSError, SMTPException) as error:
        logger.warning("desk check %s was not mailed: %s", check.pk, type(error).__name__)
        return False
    DeskCheck.objects.filter(pk=check.pk).update(mailed_at=timezone.now())
    return True


def token_for(check_id: uuid.UUID) -> str:
    """Return the token of one link: 128 bits of an HMAC under the site's secret."""
    digest = salted_hmac("agencies.desk_check", str(check_id), algorithm="sha256").digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """Return what the database holds in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_of(token: str) -> DeskCheck | None:
    """Return the check that a link belongs to; None for one that never was, that is over, or of an inactive agency."""
    rows = DeskCheck.objects.select_related("agency").filter(
        token_hash=hash_of(token), asked_at__gt=timezone.now() - LINK_LASTS, agency__is_active=True
    )
    return rows.first()


@transaction.atomic
def answer(*, check: DeskCheck, answer: str) -> DeskCheck:
    """Keep what the desk says of its numbers; the last answer counts. Refuses a sixth one from the same link."""
    check = DeskCheck.objects.select_for_update(of=("self",), no_key=True).select_related("agency").get(pk=check.pk)
    if check.answer == answer:
        return check
    if check.times_answered >= MOST_ANSWERS:
        raise ActRefused(_("This link was answered too often. Please call the administrators of your agency."))
    now = timezone.now()
    check.answer, check.answered_at = DeskAnswer(answer), now
    check.save(update_fields=["answer", "answered_at"])
    DeskCheck.objects.filter(pk=check.pk).update(times_answered=F("times_answered") + 1)
    is_right = answer == DeskAnswer.RIGHT
    values = {"desk_verified_at": now, "desk_wrong_at": None} if is_right else {"desk_wrong_at": now}
    Agency.objects.filter(pk=check.agency_id).update(**values)
    audit.record("desk.verified" if is_right else "desk.called_wrong", by=None, objects=[check.agency])
    return check


def numbers_changed(agency: Agency) -> None:
    """Note that staff changed how a desk is reached: nobody has verified it so, and what was wrong may be mended."""
    agency.desk_verified_at = agency.desk_wrong_at = None
    agency.save(update_fields=["desk_verified_at", "desk_wrong_at"])
