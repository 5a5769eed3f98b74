"""The area of an active alert, changed by an Update that a second officer issues (U7, U20)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions
from alerts.choices import AlertStatus, UpdateKind
from alerts.models import Alert, AlertUpdate
from alerts.services import preparing, updates
from alerts.territory import check_area


@transaction.atomic
def ask_area(*, alert: Alert, by: User, areas: Collection[str]) -> AlertUpdate:
    """Prepare an Update by which the alert covers these subdivisions, in the place of any that is open.

    With nothing else in it, it is submitted at once; changed facts are to be read before. Until it is issued the
    alert covers what it covered. Refuses an area without a place, places outside the program's own territory
    (design §3.1), the area that the alert has already, and an alert that is not active.
    """
    alert = Alert.objects.select_for_update(of=("self",)).select_related("program__agency", "case").get(pk=alert.pk)
    if not permissions.can_compose(by, alert):
        raise NotPermitted
    if alert.status != AlertStatus.ACTIVE:
        raise ActRefused(_("Only the area of an active alert is changed by an update."))
    check_area(alert.program, areas)
    if set(areas) == set(alert.areas.values_list("subdivision_id", flat=True)):
        raise ActRefused(_("The alert covers exactly these places already."))
    update = preparing.prepare(alert=alert, kind=UpdateKind.AREA, by=by, areas=areas)
    if update.kind == UpdateKind.AREA:
        updates.submit(update=update, by=by)
    return update
