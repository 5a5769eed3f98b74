"""Telephone numbers for text messages: used only after a code that was sent to them has come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit, permissions
from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import tasks
from alerts.models import NumberProof, Recipient
from alerts.number_codes import is_code_of

WRONG_CODE = _("This is not the code that was sent last, or it is too old. Ask for a new one.")
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
    _ask(NumberProof.objects.filter(recipient=recipient),
         NumberProof(recipient=recipient, number=recipient.sms_number, language=recipient.language))  # fmt: skip


def enter_code(*, recipient: Recipient, code: str, by: User) -> None:
    """Verify a recipient's number by the code that its desk has read out.

    Refuses as `ask_code` does; a wrong code, one that is half an hour old, one that was tried five times, and one that
    was sent to a number which is not the recipient's any more.
    """
    _refuse_others(recipient, by)
    if not _prove(NumberProof.objects.filter(recipient=recipient), recipient, code):
        raise ActRefused(WRONG_CODE)


@transaction.atomic
def keep_own_number(*, user: User, number: str) -> None:
    """Keep the number (E.164) to which a person's urgent notices go, and ask for a code to it; "" takes it away.

    The same number asks for another code as long as it is not verified. Refuses a fourth code within an hour.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if person.sms_number != number:
        person.sms_number = user.sms_number = number
        person.save(update_fields=["sms_number"])
        audit.record("user.number_changed", by=user, objects=[user], field_names=["sms_number"])
    if number and not person.has_verified_number:
        _ask(NumberProof.objects.filter(user=person),
             NumberProof(user=person, number=number, language=person.language))  # fmt: skip


def prove_own_number(*, user: User, code: str) -> bool:
    """Verify a person's own number by the code that came to it; return whether it was right. Each try counts."""
    is_right = _prove(NumberProof.objects.filter(user=user), user, code)
    if is_right:
        audit.record("user.number_verified", by=user, objects=[user])
    return is_right


def _ask(former: QuerySet[NumberProof], proof: NumberProof) -> None:
    if former.filter(asked_at__gt=timezone.now() - timedelta(hours=1)).count() >= CODES_PER_HOUR:
        raise ActRefused(_("Three codes were sent within an hour. Wait before you ask for another one."))
    proof.save(force_insert=True)
    tasks.wake(tasks.text)


@transaction.atomic
def _prove(proofs: QuerySet[NumberProof], owner: Recipient | User, code: str) -> bool:
    """Return whether this was the last code to the owner's present number; that number is verified then."""
    still_open: QuerySet[NumberProof] = proofs.open()  # type: ignore[attr-defined]
    proof = still_open.select_for_update(of=("self",)).filter(number=owner.sms_number).first()
    if proof is None:
        return False
    is_right = is_code_of(proof, code)
    NumberProof.objects.filter(pk=proof.pk).update(tries=F("tries") + 1, proven_at=timezone.now() if is_right else None)
    if is_right:
        rows: QuerySet[Any] = owner._meta.model._base_manager.all()
        rows.filter(pk=owner.pk, sms_number=proof.number).update(sms_verified_number=proof.number)
        owner.sms_verified_number = proof.number
    return is_right


def _refuse_others(recipient: Recipient, by: User) -> None:
    if not permissions.may(by, Capability.MANAGE_REFERENCE_DATA, recipient.program.agency_id):
        raise NotPermitted
