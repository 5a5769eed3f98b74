"""Telephone numbers for text messages: used only after a code that was sent to them has come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import account_mails, audit, permissions
from agencies.choices import Capability
from agencies.models import User
from agencies.models.agency import VERIFIED_FOR
from agencies.refusals import ActRefused, NotPermitted
from alerts import tasks
from alerts.models import Delivery, NumberProof, Recipient
from alerts.number_codes import is_code_of

WRONG_CODE = _("This is not the code that was sent last, or it is too old. Ask for a new one.")
NUMBER_STALE = _(
    "Your number for text messages was last verified more than a month ago. It goes on being used. Please verify it"
    " again: open the page below, save the number, and enter the code that comes to it. A reply with the code of one of"
    " our text messages counts as well."
)
MOST_REMINDED = 5
TRIED_AGAIN_AFTER = timedelta(minutes=10)
CODES_PER_HOUR = 3  # each costs money and wakes somebody


@transaction.atomic
def ask_code(*, recipient: Recipient, by: User) -> None:
    """Ask for a code to be sent to a recipient's number; whoever sends text messages sends it within seconds.

    Refuses people who do not keep the program's recipients, a recipient without a number or with one that was verified
    within a month, and a fourth code within an hour.
    """
    _refuse_others(recipient, by)
    if not recipient.sms_number or not recipient.is_active:
        raise ActRefused(_("This recipient has no number for text messages in use."))
    if recipient.has_verified_number and not recipient.is_number_stale:
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

    The same number asks for another code as long as it was not verified within a month. Refuses a fourth code within an
    hour.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if person.sms_number != number:
        person.sms_number = user.sms_number = number
        person.save(update_fields=["sms_number"])
        audit.record("user.number_changed", by=user, objects=[user], field_names=["sms_number"])
    if number and (not person.has_verified_number or person.is_number_stale):
        _ask(NumberProof.objects.filter(user=person),
             NumberProof(user=person, number=number, language=person.language))  # fmt: skip


def prove_own_number(*, user: User, code: str) -> bool:
    """Verify a person's own number by the code that came to it; return whether it was right. Each try counts."""
    is_right = _prove(NumberProof.objects.filter(user=user), user, code)
    if is_right:
        audit.record("user.number_verified", by=user, objects=[user])
    return is_right


def seen_in_use(row: Delivery) -> None:
    """Note that somebody answered from the number to which this was sent: it is as good as a code that came back.

    It must be the number in use still; the owner's other number is not verified by it.
    """
    for model, key in ((Recipient, row.recipient_id), (User, row.user_id)):
        if key is not None:
            rows: QuerySet[Any] = model._base_manager.filter(**{"pk": key})
            rows.filter(sms_number=row.address, sms_verified_number=row.address).update(sms_verified_at=timezone.now())


def remind_people() -> int:
    """Mail people whose number for text messages was not verified within a month, once a month (U42).

    Some in each round; return how many were reminded. The number goes on being used meanwhile: it may still ring,
    and a request in the night must not depend on a mail that somebody left for later.
    """
    since = timezone.now() - VERIFIED_FOR
    due = User.objects.filter(is_active=True, sms_number=F("sms_verified_number")).exclude(sms_number="")
    due = due.exclude(sms_verified_at__gt=since).exclude(sms_reminded_at__gt=since)
    reminded = 0
    for person in due.order_by("pk")[:MOST_REMINDED]:
        fresh = due.filter(pk=person.pk)
        if fresh.update(sms_reminded_at=timezone.now()):  # of two relays one
            if not account_mails.remind(person, NUMBER_STALE, reverse("alerts:own-number")):
                User.objects.filter(pk=person.pk).update(sms_reminded_at=since + TRIED_AGAIN_AFTER)
                break  # a server that does not answer is not asked again in this round
            reminded += 1
    return reminded


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
        now = timezone.now()
        rows.filter(pk=owner.pk, sms_number=proof.number).update(sms_verified_number=proof.number, sms_verified_at=now)
        owner.sms_verified_number, owner.sms_verified_at = proof.number, now
    return is_right


def _refuse_others(recipient: Recipient, by: User) -> None:
    if not permissions.may(by, Capability.MANAGE_REFERENCE_DATA, recipient.program.agency_id):
        raise NotPermitted
