"""Confirmations of a Cancel: which recipients are missing, and what an officer writes down for them (U16, U38)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions
from alerts.choices import DeliveryState, MessageType
from alerts.models import Alert, Delivery, Recipient


def unconfirmed(alert: Alert) -> QuerySet[Delivery]:
    """Return the Cancels of recipients who have not confirmed by any channel; one that was never due is none."""
    cancels = Delivery.objects.filter(message__alert=alert, message__msg_type=MessageType.CANCEL)
    confirmed = cancels.filter(acknowledged_at__isnull=False).values("recipient")
    return cancels.exclude(state=DeliveryState.SUPPRESSED).exclude(recipient__in=confirmed)


@transaction.atomic
def record_confirmation(*, alert: Alert, by: User, recipient: Recipient, name: str, via: str) -> None:
    """Write down that a recipient said by telephone, fax or otherwise that everything was taken down.

    `name` is the name and position of whoever said it, `via` a code of "answer_channel". Refuses a recipient who got
    no Cancel of this alert or has confirmed it already.
    """
    if not permissions.can_record_confirmation(by, alert):
        raise NotPermitted
    row = unconfirmed(alert).filter(recipient=recipient).order_by("created_at", "pk").first()
    if row is None or not delivery.acknowledge(row, name=name, via=via, by=by):
        raise ActRefused(_("This recipient has confirmed already, or got no Cancel of this alert."))
    audit.record("delivery.acknowledged", by=by, objects=[row], case_id=alert.case_id, detail={"via": via})


def refuse_while_unconfirmed(alert: Alert) -> None:
    """Refuse to call the end confirmed while a recipient of the Cancel is missing (U16)."""
    missing = unconfirmed(alert).values("recipient").distinct().count()
    if missing:
        raise ActRefused(
            _(
                "Recipients who have not confirmed the Cancel: %(count)s. Call them and record what they say, then"
                " confirm the end."
            )
            % {"count": missing}
        )
