"""What is still open about an active alert or a request to a program: its duties by kind, and the prepared Update."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies.models import User
from alerts import workflow
from alerts.choices import DutyOutcome, DutyStatus
from alerts.models import Alert, Duty, ExtensionRequest
from alerts.services import duties


def leave_duty(
    kind: str,
    *,
    within: timedelta,
    alert: Alert | None = None,
    request: ExtensionRequest | None = None,
    detail: dict[str, Any] | None = None,
) -> Duty:
    """Leave a program something to do, about its alert or a request to it.

    A duty of the kind that is open already keeps its clock and takes over the new detail.
    """
    subject = alert or request
    assert subject is not None  # noqa: S101  callers name one of them
    duty, is_new = duties.leave(
        kind, program=subject.program, case=subject.case, within=within, alert=alert,
        request=None if alert else request, detail=detail,
    )  # fmt: skip
    if not is_new and detail is not None:
        duty.detail = detail
        duty.save(update_fields=["detail"])
    return duty


def discharge(duty: Duty, *, by: User, outcome: str = DutyOutcome.DONE) -> None:
    """Close a duty as done or refused by an officer."""
    workflow.apply(duty, "discharge", by=by, discharged_at=timezone.now(), discharged_by=by, outcome=outcome)


def close_duties(alert: Alert, kind: str, *, by: User | None, outcome: str = DutyOutcome.DONE) -> None:
    """Close the alert's open duties of one kind: discharged by an officer, superseded by the portal."""
    for duty in alert.duties.filter(kind=kind, status=DutyStatus.OPEN):
        if by is None:
            workflow.apply(duty, "supersede", by=None)
        else:
            discharge(duty, by=by, outcome=outcome)


def supersede_updates(alert: Alert) -> None:
    """Put a prepared Update aside, because a newer one takes its place or the alert has ended."""
    for update in alert.updates.open():  # type: ignore[attr-defined]
        workflow.apply(update, "supersede", by=None)


def supersede_reviews(alert: Alert, languages: Iterable[str] | None = None) -> None:
    """Put reviews of replaced words aside, in these languages or in all; whoever read them sees them no more."""
    rows = alert.text_reviews.open()  # type: ignore[attr-defined]
    for review in rows if languages is None else rows.filter(language__in=list(languages)):
        workflow.apply(review, "supersede", by=None)
