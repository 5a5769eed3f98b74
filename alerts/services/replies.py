"""Replies to text messages: the code in one acknowledges the message, or the request, that carried it (U38)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from agencies import audit
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.choices import ANSWERED_BY_REPLY, Channel
from alerts.models import Delivery, ProviderReceipt
from alerts.services import numbers, requests
from alerts.tokens import reply_code_for

VALID_FOR = timedelta(days=7)
CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
RECEIVED = "received"
VIA = "text"  # a code of "answer_channel"


def take_reply(*, provider: str, fields: Mapping[str, str]) -> str:
    """Acknowledge the message whose code a reply holds; the caller has found the call to be signed.

    Only the number that got a message can reply with its code; the words beside the code are kept as name and position.
    Returns the answer in the recipient's language, "" for a number that got nothing of us lately: it is not answered.
    A repeat gets the same answer.
    """
    number, body, key = (fields.get(name, "") for name in ("From", "Body", "MessageSid"))
    ProviderReceipt.objects.keep([
        ProviderReceipt(provider=provider, provider_key=key[:80], report=RECEIVED, content=dict(fields),
                        taken_in_at=timezone.now())
    ])  # fmt: skip
    rows = _sent_to(number) if number else []
    if not rows:
        return ""
    said = CODE.search(body)
    found = next((row for row in rows if said and reply_code_for(row.pk) == said[0]), None)
    with translation.override((found or rows[0]).language):
        if found is None or said is None:
            return gettext("We do not know this code. Reply with the four digits of the message that you confirm.")
        numbers.seen_in_use(found)
        if found.message is None:
            return _acknowledge_request(found)
        _acknowledge(found, " ".join((body[: said.start()] + " " + body[said.end() :]).split()))
        number = found.message.alert.number
        return gettext("Thank you. You have confirmed the receipt for alert %(number)s.") % {"number": number}


def _sent_to(number: str) -> list[Delivery]:
    """Return what carried a code to this number within a week, the newest first."""
    asks = Q(message__isnull=False) | Q(notice__kind__in=ANSWERED_BY_REPLY, notice__hub__isnull=True)
    rows = Delivery.objects.filter(asks, channel=Channel.SMS, address=number, attempts__gt=0)
    rows = rows.filter(created_at__gt=timezone.now() - VALID_FOR).order_by("-created_at", "-id")
    rows = rows.select_related("message__alert", "notice__request__program", "notice__request__case", "user")
    return list(rows.defer("message__xml", "message__texts"))


def _acknowledge(row: Delivery, name: str = "") -> None:
    if delivery.acknowledge(row, name=name, via=VIA):
        audit.record("delivery.acknowledged", by=None, objects=[row], case_id=_case_of(row), detail={"via": VIA})


def _case_of(row: Delivery) -> uuid.UUID | None:
    if row.message is not None:
        return row.message.alert.case_id
    return row.notice.case_id if row.notice else None


def _acknowledge_request(row: Delivery) -> str:
    """Acknowledge a request as the officer whose verified number replied, by the right they have in the portal."""
    assert row.notice is not None and row.notice.request is not None and row.user is not None  # noqa: S101  `_sent_to`
    request, officer = row.notice.request, row.user
    said = {"number": request.number}
    if row.acknowledged_at is None:
        if not officer.has_verified_number or officer.sms_number != row.address:
            return gettext("Request %(number)s cannot be acknowledged from this number. Sign in to the portal.") % said
        try:
            requests.acknowledge(request=request, by=officer)
        except NotPermitted:
            return gettext("You cannot acknowledge request %(number)s by reply. Sign in to the portal.") % said
        except ActRefused:
            return gettext("Request %(number)s is no longer awaiting acknowledgment. Sign in to the portal.") % said
        _acknowledge(row)
    return gettext("Thank you. You have acknowledged request %(number)s and taken charge of it.") % said
