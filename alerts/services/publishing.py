"""Recording an authority from the page of an alert: a draft that nobody has edited then tells what it may tell."""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction

from agencies.models import User
from agencies.refusals import NotPermitted
from alerts import permissions
from alerts.choices import AlertStatus, TextSource
from alerts.models import Alert
from alerts.services import drafts
from cases.models import Document
from cases.services.publication import record_authority


@transaction.atomic
def record_for_alert(
    *,
    alert: Alert,
    by: User,
    items: list[tuple[str, models.Model]],
    basis: str,
    authorizer: str,
    authorizer_name: str = "",
    document: Document | None = None,
    valid_until: datetime | None = None,
) -> None:
    """Record for the alert's program what it may publish, and let an untouched draft tell it.

    An edited draft keeps its words: its officers compose anew or edit when they want the name in. Refuses everybody
    but the program's own officers, and what `record_authority` refuses.
    """
    if not permissions.can_compose(by, alert):
        raise NotPermitted
    record_authority(
        case=alert.case, by=by, items=items, programs=[alert.program], basis=basis, authorizer=authorizer,
        authorizer_name=authorizer_name, document=document, valid_until=valid_until,
    )  # fmt: skip
    alert.refresh_from_db(from_queryset=Alert.objects.select_for_update(of=("self",)))
    if alert.status != AlertStatus.DRAFT or alert.texts.exclude(source=TextSource.COMPOSED).exists():
        return
    if alert.photo is None and (photo := drafts.photo_for(alert.program, alert.case)):
        alert.photo = photo
        alert.save(update_fields=["photo"])
    drafts.write_from_facts(alert=alert, by=by)
