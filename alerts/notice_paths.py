"""Where a notice leads in the portal."""

from __future__ import annotations

from django.urls import reverse

from alerts.choices import NoticeKind
from alerts.models import Notice


def path_of(notice: Notice) -> str:
    """Return the path of the page that a notice about a case is about."""
    if notice.text_review is not None:
        return notice.text_review.url
    if notice.handover is not None:
        return notice.handover.url
    if notice.kind == NoticeKind.APPROVAL_WANTED:
        return reverse("alerts:alert-approval", args=[notice.alert_id])
    if notice.request_id:
        return reverse("alerts:request-detail", args=[notice.request_id])
    if notice.alert_id:
        return reverse("alerts:alert-detail", args=[notice.alert_id])
    return reverse("cases:case-detail", args=[notice.case_id])
