"""Correcting and renewing what is recorded of an alert in a program's own system; nothing is written over (U8, U12)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import User
from agencies.program_agencies import agencies_of, agencies_with_a_program
from agencies.refusals import ActRefused
from alerts import permissions, terms, workflow
from alerts.choices import DutyKind, DutyOutcome, DutyStatus, NoticeKind, RequestStatus
from alerts.models import Duty, ExtensionRequest, OutsideActivation, OutsideChange
from alerts.models.outside import OUTSIDE_FIELDS
from alerts.services import notices, pending
from alerts.services.outside import Informant, OutsideAlert, check_alert, check_side, keep_answer, values_of
from cases.access import working_on
from cases.workflow import note

# What a correction may change. The end of the term is changed by a renewal, within the program's limits.
CORRECTABLE = tuple(name for name in OUTSIDE_FIELDS if name != "expires_at")
RUNS = (RequestStatus.ACTIVATED_OUTSIDE, RequestStatus.CANCELLATION_ASKED)


def lock(request: ExtensionRequest) -> OutsideActivation:
    """Lock the request and return what is recorded of its alert now. Refuses one that does not run outside."""
    request.refresh_from_db(from_queryset=ExtensionRequest.objects.select_for_update(of=("self",), no_key=True))
    activation = OutsideActivation.objects.filter(request=request).select_related("criteria").first()
    if activation is None or request.status not in RUNS:
        raise ActRefused(
            _(
                "No alert of this request is running outside the portal. An alert that has ended "
                "can no longer be changed."
            )
        )
    return activation


@transaction.atomic
def correct(
    *, request: ExtensionRequest, by: User, alert: OutsideAlert, reason: str, seen_version: int,
    informant: Informant | None = None,
) -> OutsideActivation:  # fmt: skip
    """Record the alert as it is, and keep the earlier version with its author and time.

    `reason` is a code of the list outside_correction; the expiry of `alert` does not count. The asking side and the
    programs on the case are told by reference. Refuses everybody but the side that may record, an alert that has
    ended, one without number, area or channel, a version other than the newest, and a correction of nothing.
    """
    _check_side(request, by, informant)
    activation = lock(request)
    alert = replace(alert, expires_at=activation.expires_at)
    check_alert(alert)
    values = {name: value for name, value in values_of(alert).items() if name in CORRECTABLE}
    if not alert.area_language and alert.area == activation.area:  # nobody says it anew of words that stay
        values["area_language"] = activation.area_language
    changed = sorted(name for name, value in values.items() if _differs(getattr(activation, name), value))
    if not changed:
        raise ActRefused(_("Nothing on record would change."))
    if not reason:
        raise ActRefused(_("A correction needs a reason."))
    _replace(activation, by, seen_version, values, correction=reason)
    if "starts_at" in changed:
        request.activated_at = activation.starts_at
        request.save(update_fields=["activated_at"])
    _tell(request, by, "correct_outside", NoticeKind.OUTSIDE_CORRECTED, {"fields": changed, "reason": reason})
    if informant is not None:
        keep_answer(request, by, "correct_outside", informant)
    return activation


@transaction.atomic
def renew(
    *, request: ExtensionRequest, by: User, expires_at: datetime, reason: str, seen_version: int,
    informant: Informant | None = None, renewed_at: datetime | None = None,
) -> OutsideActivation:  # fmt: skip
    """Record a new end of the term, within the limits of the program's rules, as for alerts in the portal (U12).

    `reason` is a code of the list renewal_reason. The moment that counts is that of the answer, where the asking side
    records it, else `renewed_at`, when the program renewed in its own system, else now. The open question of the term
    is answered with it. Refuses everybody but the side that may record, an alert that has ended or has no end, what
    the rules forbid, and a version other than the newest.
    """
    _check_side(request, by, informant)
    activation = lock(request)
    if activation.expires_at is None:
        raise ActRefused(_("This alert runs until it is canceled; it has no end to renew."))
    if renewed_at is not None and not activation.starts_at <= renewed_at <= timezone.now():
        raise ActRefused(_("A renewal must be between the start of the alert and now."))
    terms.check_renewed_end(
        rules_for_outside(activation), activated_at=activation.starts_at, expires_at=activation.expires_at,
        at=informant.answered_at if informant else renewed_at or timezone.now(), end=expires_at, reason=reason,
    )  # fmt: skip
    if expires_at <= timezone.now():
        raise ActRefused(_("This end has passed already."))
    _replace(activation, by, seen_version, {"expires_at": expires_at}, renewal=reason)
    for duty in Duty.objects.filter(request=request, kind=DutyKind.DECIDE_TERM, status=DutyStatus.OPEN):
        if permissions.can_discharge(by, duty):
            pending.discharge(duty, by=by, outcome=DutyOutcome.DONE)
        else:  # the asking side wrote down the answer of a program without people
            workflow.apply(duty, "supersede", by=None)
    _tell(request, by, "renew_outside", NoticeKind.OUTSIDE_RENEWED, {"reason": reason})
    if informant is not None:
        keep_answer(request, by, "renew_outside", informant)
    return activation


def rules_for_outside(activation: OutsideActivation) -> terms.TermRules:
    """Return the durations that count for it: those in force when it was recorded, else its program's."""
    if activation.criteria is not None:
        return terms.rules_from(activation.criteria)
    return terms.rules_of(activation.request.program)


def why_not_renewable(activation: OutsideActivation) -> ActRefused | None:
    """Return the refusal that every renewal meets, None if one may be recorded: it may have been made hours ago."""
    if activation.expires_at is None:
        return ActRefused(_("This alert runs until it is canceled; it has no end to renew."))
    return terms.why_not_renewable(
        rules_for_outside(activation), activated_at=activation.starts_at, expires_at=activation.expires_at,
        at=activation.starts_at,
    )  # fmt: skip


def _check_side(request: ExtensionRequest, by: User, informant: Informant | None) -> None:
    check_side(request, by, informant, is_reported=not permissions.can_answer(by, request))


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, list):
        return set(before) != set(after)
    return bool(before != after)


def _replace(
    activation: OutsideActivation, by: User, seen_version: int, values: dict[str, Any], **why: str
) -> None:  # fmt: skip
    """Keep the version that is there as an earlier one, and write the new values with their author and time."""
    if seen_version != activation.version:
        raise ActRefused(
            _("A colleague changed what is recorded meanwhile. Load the page again; nothing of it was written over.")
        )
    OutsideChange.objects.create(
        request=activation.request, version=activation.version, recorded_at=activation.recorded_at,
        recorded_by_id=activation.recorded_by_id, **{name: getattr(activation, name) for name in OUTSIDE_FIELDS}, **why,
    )  # fmt: skip
    for name, value in values.items():
        setattr(activation, name, value)
    activation.version, activation.recorded_at, activation.recorded_by = activation.version + 1, timezone.now(), by
    activation.save()


def _tell(request: ExtensionRequest, by: User, step: str, kind: str, detail: dict[str, Any]) -> None:
    """Leave audit and timeline entries; tell the asking side and the other programs on the case, by reference."""
    audit.record(f"request.{step}", by=by, objects=[request], case_id=request.case_id, detail=detail)
    note(request.case, f"request.{step}", by=by, agency=_acting(request, by), subject=request, detail=detail)
    notices.notify(
        kind, case=request.case, agency=request.requesting_agency, capability=Capability.SEND_REQUESTS, request=request
    )
    if others := _other_programs(request):
        notices.notify_agencies(kind, case=request.case, agency_ids=others)


def _acting(request: ExtensionRequest, by: User) -> Any:
    if permissions.can_answer(by, request):
        return workflow.acting_agency(request.program, request.case, by)
    return request.requesting_agency


def _other_programs(request: ExtensionRequest) -> Collection[int]:
    told = {request.requesting_agency_id} | agencies_of(request.program).running
    rows = agencies_with_a_program().filter(pk__in=working_on(request.case) - told)
    return list(rows.values_list("pk", flat=True))
