"""What a change of the facts means for programs: they acknowledge it, and their active alerts get an Update (U20)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions
from alerts.choices import AlertStatus, DutyKind, DutyStatus, NoticeKind, RequestStatus
from alerts.differences import is_changed
from alerts.models import Alert, Duty, ExtensionRequest
from alerts.publication import allowed_by
from alerts.services import notices, pending, preparing
from alerts.services.facts_read import keep_read
from alerts.snapshots import present_facts, take_snapshot
from cases.models import Case, Photo
from cases.services.facts import ChangeUnsaid

ACKNOWLEDGE_WITHIN = timedelta(minutes=15)
# Facts that no program decides or publishes by: free text in one language, and how the case is counted.
IMMATERIAL = {
    "abduction.circumstances", "abduction.circumstances_language", "abduction.category_at_intake",
    "abduction.category_at_closure", "abduction.place_kind", "child.languages_spoken", "travelleg.places_language",
}  # fmt: skip
NEW_PHOTO = {"photo.child", "photo.person"}
# Who has received the request has read the facts; before that, the change is simply part of what will be read.
RECEIVED = (
    RequestStatus.ACKNOWLEDGED, RequestStatus.INFORMATION_ASKED, RequestStatus.ANSWERED, RequestStatus.ACCEPTED,
    RequestStatus.ACCEPTED_CHANGED_AREA, RequestStatus.ACCEPTED_LOWER_LEVEL, RequestStatus.ACTIVATED,
    RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED,
)  # fmt: skip


def is_followed(case: Case) -> bool:
    """Say whether any program has published facts of the case or decides by them, so that errors must be taken back."""
    return case.alerts.filter(status=AlertStatus.ACTIVE).exists() or case.requests.filter(status__in=RECEIVED).exists()


def facts_changed(case: Case, *, field_names: list[str], is_correction: bool, unsaid: Collection[str] = ()) -> None:
    """Leave every receiving program its duties and prepared Update, inside the transaction of the change.

    Refuses, which undoes the change, while a material field among `unsaid` may be a correction or not (U20).
    """
    material = [name for name in field_names if name not in IMMATERIAL]
    if not material:
        return
    if set(unsaid) - IMMATERIAL and is_followed(case):
        raise ChangeUnsaid(_("Say whether this corrects an error or is new information."))
    has_new_photo = bool(NEW_PHOTO & set(material))
    alerts = case.alerts.select_for_update(of=("self",)).select_related("program__agency", "case", "photo")
    for alert in alerts.filter(status=AlertStatus.ACTIVE):
        photo = _newest_photo(alert) if has_new_photo else None
        preparing.follow_facts(alert, is_correction=is_correction, photo=photo)
    for request in case.requests.select_related("program__agency").filter(status__in=RECEIVED):
        _ask_to_acknowledge(request, material, is_correction)


@transaction.atomic
def acknowledge_change(*, duty: Duty, by: User, seen_version: int | None = None) -> None:
    """Record that the program has read the changed facts, in the version that its page showed.

    Refuses a duty of another kind or one that is closed, and facts that changed again meanwhile.
    """
    if not permissions.can_discharge(by, duty):
        raise NotPermitted
    if duty.kind != DutyKind.ACKNOWLEDGE_CHANGE:
        raise ActRefused(DutyKind(duty.kind).label)
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=duty.case_id)
    if seen_version is not None and seen_version != case.facts_version:
        raise ActRefused(_("The facts changed again while you were reading. Load the page again."))
    pending.discharge(duty, by=by)
    if duty.request is not None:
        keep_read(duty.request)


def stale_since_wording(alert: Alert) -> bool:
    """Say whether the facts of a draft have changed since its words were composed."""
    return bool(alert.facts) and is_changed(alert.facts, take_snapshot(present_facts(alert), alert.case, alert.photo))


def _ask_to_acknowledge(request: ExtensionRequest, fields: list[str], is_correction: bool) -> None:
    earlier = request.duties.filter(kind=DutyKind.ACKNOWLEDGE_CHANGE, status=DutyStatus.OPEN).first()
    known = earlier.detail if earlier else {}
    pending.leave_duty(
        DutyKind.ACKNOWLEDGE_CHANGE,
        within=ACKNOWLEDGE_WITHIN,
        request=request,
        detail={
            "fields": sorted({*known.get("fields", []), *fields}),
            "correction": is_correction or known.get("correction", False),
        },
    )
    notices.notify_program(
        NoticeKind.FACTS_CHANGED,
        case=request.case,
        program=request.program,
        capability=Capability.ANSWER_REQUESTS,
        request=request,
    )


def _newest_photo(alert: Alert) -> Photo | None:
    """Return the newest photo of a child that the alert's program may publish."""
    allowed = allowed_by(alert)
    photos = alert.case.photos.released().filter(child__isnull=False).order_by("-added_at", "-id")
    return next((photo for photo in photos if allowed.shows(photo)), None)
