"""Codes that verify telephone numbers: asked for in a row, sent by whoever sends text messages."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from alerts.channels import simulator
from alerts.channels.providers import open_line
from alerts.channels.sms import Text
from alerts.models import NumberProof

AT_ONCE = 20
DIGITS = 6


def code_of(proof: NumberProof) -> str:
    """Return the six digits of one proof: derived from the site's secret, so that no table holds them."""
    digest = salted_hmac("alerts.number_code", f"{proof.pk}.{proof.number}", algorithm="sha256").digest()
    return str(int.from_bytes(digest[:8]) % 10**DIGITS).zfill(DIGITS)


def is_code_of(proof: NumberProof, typed: str) -> bool:
    """Say whether this was typed from the text message, with or without spaces between."""
    return constant_time_compare(code_of(proof), "".join(typed.split()))


def simulated_code(proof: NumberProof) -> str:
    """Return the code of a text message that the simulator took, so that a rehearsal can go on; "" of every other."""
    return code_of(proof) if proof.provider == simulator.NAME else ""


def send_codes() -> int:
    """Send the codes that were asked for; return how many. One that is lost with its sender is asked for again."""
    if not NumberProof.objects.unsent().exists():
        return 0
    with transaction.atomic():
        waiting = NumberProof.objects.unsent().select_for_update(of=("self",), skip_locked=True)
        asked = list(waiting.select_related("recipient")[:AT_ONCE])
        NumberProof.objects.filter(pk__in=[item.pk for item in asked]).update(sent_at=timezone.now())
    with open_line() as line:
        outcomes = line.send_all([_text(item) for item in asked])
    for item, outcome in zip(asked, outcomes, strict=True):
        NumberProof.objects.filter(pk=item.pk).update(provider=outcome.provider, result=outcome.detail)
    return len(asked)


def _text(proof: NumberProof) -> Text:
    with translation.override(proof.language):
        body = gettext("%(code)s verifies this number for AMBER Bridge. Tell it only to whom you gave the number.")
    is_exercise = proof.recipient is not None and proof.recipient.is_exercise_only
    return Text(proof.number, body % {"code": code_of(proof)}, seconds=1800, is_exercise=is_exercise)
