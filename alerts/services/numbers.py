"""Telephone numbers for text messages: used only after a code that was sent to them has come back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import permissions
from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import tasks
from alerts.models import NumberProof, Recipient
from alerts.number_codes import is_code_of

CODES_PER_HOUR = 3  # each costs money and wakes somebody


@transaction.atomic
def ask_code(*, recipient: Recipient, by: User) -> None:
    """Ask for a code to be sent to a recipient's number; whoever sends text messages sends it within seconds.

    Refuses people who do not keep the program's recipients, a recipient without a number or with a verified one, and a
    fourth code within an hour.
    """
    _refuse_others(recipient, by)
    if not recipient.sms_number or not recipient.is_active:
        raise ActRefused(_("This recipient has no number for text messages in use."))
    if recipient.has_verified_number:
        raise ActRefused(_("This number is verified already."))
    Recipient.objects.select_for_update().get(pk=recipient.pk)
    recent = NumberProof.objects.filter(recipient=recipient, asked_at__gt=timezone.now() - timedelta(hours=1))
    if recent.count() >= CODES_PER_HOUR:
        raise ActRefused(_("Three codes were sent within an hour. Wait before you ask for another one."))
    NumberProof.objects.create(recipient=recipient, number=recipient.sms_number, language=recipient.language)
    tasks.wake(tasks.text)


def enter_code(*, recipient: Recipient, code: str, by: User) -> None:
    """Verify a recipient's number by the code that its desk has read out.

    Refuses as `ask_code` does; a wrong code, one that is half an hour old, one that was tried five times, and one that
    was sent to a number which is not the recipient's any more.
    """
    _refuse_others(recipient, by)
    with transaction.atomic():  # a wrong try stays counted, whatever the refusal rolls back
        proof = (
            NumberProof.objects.open().select_for_update(of=("self",))
            .filter(recipient=recipient, number=recipient.sms_number).first()
        )  # fmt: skip
        is_right = proof is not None and is_code_of(proof, code)
        if proof is not None:
            proven_at = timezone.now() if is_right else None
            NumberProof.objects.filter(pk=proof.pk).update(tries=F("tries") + 1, proven_at=proven_at)
        if is_right:
            rows = Recipient.objects.filter(pk=recipient.pk, sms_number=recipient.sms_number)
            rows.update(sms_verified_number=recipient.sms_number)
            recipient.sms_verified_number = recipient.sms_number
    if not is_right:
        raise ActRefused(_("This is not the code that was sent last, or it is too old. Ask for a new one."))


def _refuse_others(recipient: Recipient, by: User) -> None:
    if not permissions.may(by, Capability.MANAGE_REFERENCE_DATA, recipient.program.agency_id):
        raise NotPermitted
