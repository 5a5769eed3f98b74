"""Sending again what failed for good: one delivery, or all of an alert, by the program's own people (ADR 79)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery, permissions, tasks, workflow
from alerts.choices import AlertStatus, DeliveryState
from alerts.models import Alert, Delivery
from cases.workflow import note

OVER = _("The alert is over. Nothing of it is sent again.")
NOT_IN_USE = _("The recipient has no address in use by this channel. Staff mend it in the administration.")
OVERTAKEN = _("A later message of the alert has gone there by the same channel; this one would come after it.")


@dataclass(frozen=True)
class Failed:
    """What failed of an alert: ids of what can be sent again, and how many cannot because of their address or order."""

    ready: list[uuid.UUID]
    without_address: int
    overtaken: int

    @property
    def total(self) -> int:
        """Return how many deliveries of the alert have failed."""
        return len(self.ready) + self.without_address + self.overtaken


def is_running(alert: Alert) -> bool:
    """Say whether an alert is in force now: nothing of one that is over is sent again."""
    return alert.status == AlertStatus.ACTIVE and alert.expires_at is not None and alert.expires_at > timezone.now()


def failed_of(alert: Alert, user: User) -> Failed:
    """Return what failed of an alert, in one query however much it is."""
    rows = _with_order(Delivery.objects.visible_to(user).filter(message__alert=alert))  # type: ignore[attr-defined]
    found = list(rows.filter(state=DeliveryState.FAILED))
    usable = [row for row in found if _address_of(row, alert)]
    ready = [row.pk for row in usable if not row.is_overtaken]  # type: ignore[attr-defined]
    return Failed(ready, len(found) - len(usable), len(usable) - len(ready))


def why_not(row: Delivery) -> object:
    """Return why a delivery is not sent again, "" where it can be; whose act it is, `can_send_again` says.

    Nothing of an alert that is over; nothing that was suppressed, was taken or is on its way; nobody without an address
    in use; and nothing that a later message of the same alert has overtaken there: nobody reads an Alert after its
    Update.
    """
    if not is_running(_alert_of(row)):
        return OVER
    if row.state == DeliveryState.SUPPRESSED:
        return _("This delivery was stopped on purpose and is not sent again.")
    if row.state != DeliveryState.FAILED:
        return _("This delivery has not failed: it was taken or is on its way.")
    if not _address_of(row, _alert_of(row)):
        return NOT_IN_USE
    return OVERTAKEN if _with_order(Delivery.objects.filter(pk=row.pk)).get().is_overtaken else ""  # type: ignore[attr-defined]


@transaction.atomic
def send_one_again(*, row: Delivery, by: User) -> None:
    """Queue one failed delivery once more, to the address that its recipient has now.

    Its tries stay, the next one counts on. Refuses people who do not send for the program, and for the reasons of
    `why_not`.
    """
    alert = _locked_alert(_alert_of(row), by)
    held = Delivery.objects.select_for_update(of=("self",)).select_related("recipient", "message").get(pk=row.pk)
    assert held.message is not None  # noqa: S101  the deliveries of alerts carry messages
    held.message.alert = alert
    if refusal := why_not(held):
        raise ActRefused(refusal)
    _queue([held], alert, by)


@transaction.atomic
def send_failed_again(*, alert: Alert, by: User) -> int:
    """Queue every failed delivery of an alert that can be sent once more; return how many.

    Refuses as `send_one_again` does, and when nothing is left that could be sent.
    """
    alert = _locked_alert(alert, by)
    of_alert = Delivery.objects.filter(message__in=alert.messages.all(), state=DeliveryState.FAILED)
    found = list(_with_order(of_alert.select_for_update(of=("self",)).order_by("pk")))
    rows = [row for row in found if _address_of(row, alert) and not row.is_overtaken]  # type: ignore[attr-defined]
    if not rows:
        raise ActRefused(_("No delivery of this alert has failed and can be sent again."))
    _queue(rows, alert, by)
    return len(rows)


def _locked_alert(alert: Alert, by: User) -> Alert:
    """Return the alert under its lock, so that none is sent again while somebody ends it."""
    if not permissions.can_send_again(by, alert):
        raise NotPermitted
    locked = Alert.objects.select_for_update(of=("self",)).select_related("program__agency", "case").get(pk=alert.pk)
    if not is_running(locked):
        raise ActRefused(OVER)
    return locked


def _queue(rows: Iterable[Delivery], alert: Alert, by: User) -> None:
    listed = list(rows)
    for row in listed:  # of a provider's earlier try nothing is waited for any more
        if row.message is not None:
            row.message.alert = alert
        row.sent_again_at, row.sent_again_by, row.provider_key = timezone.now(), by, ""
    Delivery.objects.bulk_update(listed, ["address", "provider_key", "sent_again_at", "sent_again_by"], batch_size=500)
    delivery.send_again(Delivery.objects.filter(pk__in=[row.pk for row in listed]), address=F("address"))
    audit.record("delivery.sent_again", by=by, objects=listed, case_id=alert.case_id)
    agency = workflow.acting_agency(alert.program, alert.case, by)
    # Whom a program tells is its own affair, and so is what did not reach them.
    note(alert.case, "alert.sent_again", by=by, agency=agency, subject=alert, only_for=agency,
         detail={"deliveries": len(listed)})  # fmt: skip
    tasks.wake(tasks.deliver)


def _with_order(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Add whether a later message has gone, or is going, to the same recipient by the same channel (`is_overtaken`)."""
    later = Delivery.objects.filter(
        Q(message__created_at__gt=OuterRef("message__created_at"))
        | Q(message__created_at=OuterRef("message__created_at"), message__gt=OuterRef("message")),
        message__alert=OuterRef("message__alert"), recipient=OuterRef("recipient"), channel=OuterRef("channel"),
    ).exclude(state__in=(DeliveryState.FAILED, DeliveryState.SUPPRESSED))  # fmt: skip
    rows = rows.select_related("recipient", "message").defer("message__xml", "message__texts", "message__facts")
    return rows.annotate(is_overtaken=Exists(later))


def _address_of(row: Delivery, alert: Alert) -> str:
    """Return where a recipient is reached by the channel of a delivery now, "" where nowhere; keep it on the row.

    What is of an exercise keeps the address that it was made with.
    """
    recipient = row.recipient
    if recipient is None or not recipient.is_active or recipient.is_exercise_only != alert.is_exercise:
        return ""
    now = dict(recipient.addresses).get(row.channel, "")
    row.address = now if now and not alert.is_exercise else row.address
    return now


def _alert_of(row: Delivery) -> Alert:
    assert row.message is not None  # noqa: S101  callers look among the deliveries of alerts
    return row.message.alert
