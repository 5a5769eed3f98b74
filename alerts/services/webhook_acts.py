"""What staff of a program do with a recipient's webhook: test it, and send again what is in force."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import permissions
from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, tasks
from alerts.choices import AlertStatus, Channel, MessageType
from alerts.models import Delivery, Recipient

CANCELS_OF = timedelta(hours=24)  # a Cancel is in force for as long (CAP expires)


@transaction.atomic
def ask_test(*, recipient: Recipient, by: User) -> None:
    """Ask for a test post to a recipient's webhook; whoever sends webhooks sends it within seconds.

    Refuses people who do not keep the program's recipients, and a recipient without an active webhook.
    """
    _refuse_without_webhook(recipient, by)
    Recipient.objects.filter(pk=recipient.pk).update(test_asked_at=timezone.now(), tested_at=None, test_result="")
    tasks.wake(tasks.post)


@transaction.atomic
def replay(*, recipient: Recipient, by: User) -> int:
    """Send again, in their order, what this webhook got of alerts in force and of Cancels of the last day.

    Each keeps its id, so that a receiver drops what it has. Returns how many; refuses as `ask_test` does.
    """
    _refuse_without_webhook(recipient, by)
    in_force = Q(message__alert__status=AlertStatus.ACTIVE, message__alert__expires_at__gt=timezone.now())
    fresh = Q(message__msg_type=MessageType.CANCEL, message__created_at__gt=timezone.now() - CANCELS_OF)
    rows = Delivery.objects.filter(in_force | fresh, recipient=recipient, channel=Channel.WEBHOOK)
    count = delivery.send_again(rows, address=recipient.webhook_url)
    if count:
        tasks.wake(tasks.post)
    return count


def _refuse_without_webhook(recipient: Recipient, by: User) -> None:
    if not permissions.may(by, Capability.MANAGE_REFERENCE_DATA, recipient.program.agency_id):
        raise NotPermitted
    if not recipient.webhook_url or not recipient.is_active:
        raise ActRefused(_("This recipient has no webhook in use."))
