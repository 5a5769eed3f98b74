"""Records below an AMBER Alert: put in force by accepting, raised in one act, ended (U1)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.models import Alert, ExtensionRequest, LowerNotice
from alerts.services import drafts, duties
from cases.workflow import note

# Asking for an alert may be accepted at one of these levels; every other kind of request is its own level.
LEVELS_OF_AN_ALERT = ("advisory", "prealert", "police_only")
KINDS_BELOW_AN_ALERT = ("police_only", "secondary_distribution", "border_lookout", "information")


def put_in_force(*, request: ExtensionRequest, by: User, level: str) -> LowerNotice:
    """Record what the program put in force below an alert; the caller has decided and holds the transaction."""
    made = LowerNotice.objects.create(request=request, level=level, recorded_by=by)
    is_reported = not permissions.can_answer(by, request)  # told by telephone: the asking side writes it down (U8)
    agency = request.requesting_agency if is_reported else request.program.agency
    note(request.case, "request.lower_notice", by=by, agency=agency, subject=request, detail={"level": level})
    audit.record("request.lower_notice", by=by, objects=[made], case_id=request.case_id, detail={"level": level})
    return made


@transaction.atomic
def raise_to_alert(*, request: ExtensionRequest, by: User) -> Alert:
    """Make the program's alert from the facts as they are now; the notice stays as a record. Nothing is typed again.

    Refuses everybody but the receiving program, and a request without a notice in force.
    """
    if not permissions.can_answer(by, request):
        raise NotPermitted
    request.refresh_from_db(from_queryset=ExtensionRequest.objects.select_for_update(of=("self",)))
    notice = LowerNotice.objects.select_for_update().filter(request=request).first()
    if notice is None or not notice.is_in_force:
        raise ActRefused(_("No notice below an alert is in force."))
    workflow.apply(request, "raise_level", by=by)
    notice.raised_at, notice.raised_by = timezone.now(), by
    notice.save(update_fields=["raised_at", "raised_by"])
    return drafts.start_alert(program=request.program, case=request.case, by=by, request=request)


@transaction.atomic
def end_accepted(*, request: ExtensionRequest, by: User, is_reported: bool = False) -> None:
    """End what was accepted and is not active: the notice, or the draft of an alert.

    What was in force leaves the duty to confirm that it was taken down everywhere (domain §2.3 step 14).
    `is_reported`: the asking side writes down what a program without people answered (U8).
    """
    speaks = permissions.can_record_answer if is_reported else permissions.can_answer
    if not speaks(by, request):
        raise NotPermitted
    was_in_force = workflow.has_notice_in_force(request)
    workflow.apply(request, "end_notice", by=by, cancelled_at=timezone.now())
    stand_down(request)
    duties.notice_ended(request, by=by, was_in_force=was_in_force)


def stand_down(request: ExtensionRequest) -> None:
    """End a notice and discard an alert that was never active; the caller took the step."""
    LowerNotice.objects.filter(request=request, ended_at__isnull=True).update(ended_at=timezone.now())
    alert = Alert.objects.filter(request=request).first()
    if alert is not None and alert.status in ("draft", "submitted", "approved"):
        workflow.apply(alert, "discard", by=None)
