"""What recipients say of a message: who of a Cancel is missing, and what an officer writes down (U16, U38)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions
from alerts.choices import DeliveryState, MessageType
from alerts.models import Alert, AlertMessage, Delivery, Recipient


def unconfirmed(alert: Alert) -> QuerySet[Delivery]:
    """Return the Cancels of recipients who have not confirmed by any channel; one that was never due is none."""
    cancels = Delivery.objects.filter(message__alert=alert, message__msg_type=MessageType.CANCEL)
    confirmed = cancels.filter(acknowledged_at__isnull=False).values("recipient")
    return cancels.exclude(state=DeliveryState.SUPPRESSED).exclude(recipient__in=confirmed)


def awaited(alert: Alert) -> QuerySet[Delivery]:
    """Return what recipients have said nothing of: the Cancel of an alert that has ended, else its last message."""
    message = spoken_of(alert)
    if message is None:
        return Delivery.objects.none()
    if message.msg_type == MessageType.CANCEL:
        return unconfirmed(alert)
    rows = Delivery.objects.filter(message=message)
    said = rows.filter(acknowledged_at__isnull=False).values("recipient")
    return rows.exclude(state=DeliveryState.SUPPRESSED).exclude(recipient__in=said)


def spoken_of(alert: Alert) -> AlertMessage | None:
    """Return the message of which recipients are asked now: the Cancel, else the last one; None before the first."""
    messages = alert.messages.defer("xml", "texts", "references")
    cancel = messages.filter(msg_type=MessageType.CANCEL).first()
    return cancel or messages.order_by("-created_at", "-pk").first()


@transaction.atomic
def record_confirmation(
    *, alert: Alert, by: User, recipient: Recipient, name: str, via: str, takes_charge: bool = False
) -> None:
    """Write down what a recipient said by telephone, fax or otherwise: of a Cancel that everything was taken down, of
    a message of a running alert that it was received, or with `takes_charge` that their service acts on it.

    `name` is the name and position of whoever said it, `via` a code of "answer_channel". Refuses a recipient who got
    no such message of this alert or has said so already.
    """
    if not permissions.can_record_confirmation(by, alert):
        raise NotPermitted
    rows = awaited(alert).filter(recipient=recipient).select_related("message")
    row = rows.order_by("created_at", "pk").first()
    if row is None or not delivery.acknowledge(row, name=name, via=via, by=by):
        raise ActRefused(_("This recipient has confirmed already, or got no such message of this alert."))
    audit.record("delivery.acknowledged", by=by, objects=[row], case_id=alert.case_id, detail={"via": via})
    if takes_charge and delivery.take_charge(row, name=name):
        audit.record("delivery.charge_taken", by=by, objects=[row], case_id=alert.case_id, detail={"via": via})


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
