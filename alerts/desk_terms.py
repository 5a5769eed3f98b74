"""The rows of the desk about alerts whose term ends soon, in the portal and outside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability as C
from agencies.models import AlertProgram, User
from alerts.choices import AlertStatus, RequestStatus

from .desk_rows import MOST_OF_ONE_KIND, DeskItem, alerts_of, item_of_alert, requests_of

EXPIRES_SOON = timedelta(hours=2)


def expiring(user: User) -> Iterable[DeskItem]:
    """Alerts whose term ends within two hours."""
    rows = alerts_of(user, C.COMPOSE_ALERTS, AlertStatus.ACTIVE)
    for alert in rows.filter(expires_at__lte=timezone.now() + EXPIRES_SOON).order_by("expires_at")[:MOST_OF_ONE_KIND]:
        yield item_of_alert("expiring", alert, _("Look at the term"), alert.activated_at, due_at=alert.expires_at)


def expiring_outside(user: User) -> Iterable[DeskItem]:
    """Alerts in a program's own system whose recorded term ends within two hours, after every renewal (U8)."""
    rows = requests_of(user, (RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED)).filter(
        program__in=AlertProgram.objects.run_by(access.agency_ids(user, C.ANSWER_REQUESTS)),
        outside_activation__expires_at__lte=timezone.now() + EXPIRES_SOON,
    )
    for item in rows.select_related("outside_activation").order_by("outside_activation__expires_at")[:MOST_OF_ONE_KIND]:
        yield DeskItem(
            item,
            "expiring_outside", item.get_status_display(), item.number, str(item.program),
            reverse("alerts:request-detail", args=[item.pk]), _("Look at the term"), since=item.activated_at,
            due_at=item.outside_activation.expires_at, is_exercise=item.case.is_exercise,
        )  # fmt: skip
