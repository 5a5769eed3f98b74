"""What programs do outside the portal: activations in their own systems, answers by telephone, fax or mail (U8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.models import CriteriaVersion, User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import ACTIVATE, NoteKind, RequestStatus
from alerts.models import ExtensionRequest, OutsideActivation, OutsideAnswer
from alerts.models.outside import OUTSIDE_FIELDS
from alerts.services import cancellations, coverage, lower_levels, notices
from alerts.services.ended_sights import end_sight
from alerts.services.requests import check_decision
from alerts.services.writing import keep_note, written_language

DECISIONS = ("accept", "accept_changed_area", "accept_lower_level", "decline")
# What may have been answered on the telephone, by where the request stands.
ANSWERS: dict[str, tuple[str, ...]] = {
    RequestStatus.SENT: ("acknowledge", *DECISIONS),
    **dict.fromkeys(workflow.DECIDABLE, DECISIONS),
    **dict.fromkeys(workflow.RUNNING, ("cancel",)),
    **dict.fromkeys(workflow.ACCEPTED, ("end_notice",)),
    RequestStatus.CANCELLATION_ASKED: ("cancel", "refuse_cancellation_outside"),
    RequestStatus.CANCELLED: ("confirm_cancellation",),
}


@dataclass(frozen=True)
class OutsideAlert:
    """An alert in a program's own system: its number, where, on which channels, from when to when, its words."""

    number: str
    area: str
    channels: Sequence[str]
    starts_at: datetime
    time_zone: str
    expires_at: datetime | None = None
    text: str = ""
    text_language: str = ""
    area_language: str = ""
    link: str = ""


@dataclass(frozen=True)
class Informant:
    """Who gave the answer, in which position, when, and how it came."""

    name: str
    position: str
    answered_at: datetime
    channel: str


def answers_possible(request: ExtensionRequest) -> tuple[str, ...]:
    """Return the steps that an answer from outside may be about now; a lesser kind is accepted as asked or declined."""
    steps = ANSWERS.get(request.status, ())
    return steps if request.kind == ACTIVATE else tuple(step for step in steps if not step.startswith("accept_"))


@transaction.atomic
def record_activation(
    *, request: ExtensionRequest, by: User, alert: OutsideAlert, informant: Informant | None = None
) -> OutsideActivation:
    """Record that the program alerts in its own system: no CAP message is issued and nothing becomes public here.

    The program's own officer records it once the request is accepted; a draft of an alert in the portal is
    discarded with it. For a program without people the asking side records what it was told, and by whom; that the
    request was received and accepted is then said by the activation itself.
    Refuses everybody else, an alert without number, area or channel, and one that ends before it starts.
    """
    is_reported = not permissions.can_answer(by, request)
    check_side(request, by, informant, is_reported=is_reported)
    check_alert(alert)
    if informant is not None:
        _receive(request, by, informant)
        if request.status in workflow.DECIDABLE:
            workflow.apply(request, "accept", by=by, decided_at=informant.answered_at, decided_by=by)
    workflow.apply(request, "activate_outside", by=by, activated_at=alert.starts_at)
    lower_levels.stand_down(request)
    made = OutsideActivation.objects.create(
        request=request, criteria=CriteriaVersion.ruling_for(request.program), recorded_by=by, **values_of(alert)
    )
    audit.record("request.outside_activation", by=by, objects=[made], case_id=request.case_id)
    coverage.activated_outside(request, by=by)
    if informant is not None:
        keep_answer(request, by, "activate_outside", informant)
    notices.tell_the_asker(request)
    return made


@transaction.atomic
def record_answer(
    *, request: ExtensionRequest, by: User, step: str, informant: Informant, reason: str = "", alternative: str = "",
    level: str = "", area_words: str = "", receiver_reference: str = "", note: str = "",
) -> None:  # fmt: skip
    """Write down what a program without people in the portal answered by telephone, fax or mail.

    Refuses everybody but the asking side, every program that has an officer who could answer in the portal, an
    answer that the state of the request does not allow, and one that is in the future or before the request.
    `reason` is a code: of the decline, or of the refusal to cancel.
    """
    check_side(request, by, informant, is_reported=True)
    if step not in answers_possible(request):
        raise ActRefused(_("This answer does not fit the current status of the request."))
    if step in DECISIONS:
        check_decision(request, step, reason=reason, level=level, area=(), area_words=area_words)
        _receive(request, by, informant, receiver_reference)
        _decide(request, by, step, informant, reason=reason, alternative=alternative, level=level, words=area_words)
    elif step == "acknowledge":
        _receive(request, by, informant, receiver_reference)
        notices.tell_the_asker(request)
    else:
        _end(request, by, step, reason)
    keep_note(request=request, by=by, kind=NoteKind.OUTSIDE, text=note)
    keep_answer(request, by, step, informant)


def check_side(request: ExtensionRequest, by: User, informant: Informant | None, *, is_reported: bool) -> None:
    """Only the program itself answers in the portal; only for one without people does the asker write it down."""
    if is_reported and not permissions.can_record_answer(by, request):
        raise NotPermitted
    if not is_reported and informant is not None:
        raise ActRefused(_("This program answers in the portal; nobody records its answers for it."))
    if is_reported and (informant is None or not informant.name.strip() or not informant.position.strip()):
        raise ActRefused(_("Say who answered, in which position."))
    if informant is not None and request.sent_at is not None:
        if informant.answered_at > timezone.now():
            raise ActRefused(_("This moment is in the future."))
        if informant.answered_at < request.sent_at.replace(second=0, microsecond=0):  # clocks are typed in minutes
            raise ActRefused(_("The answer cannot be earlier than the request."))


def values_of(alert: OutsideAlert) -> dict[str, Any]:
    """Return what is recorded of an alert, by field; words without a language are in that of their author's pages."""
    values = {name: getattr(alert, name) for name in OUTSIDE_FIELDS}
    language = alert.text and (alert.text_language or written_language(alert.text))
    area_language = alert.area_language or written_language(alert.area)
    return values | {"channels": list(alert.channels), "text_language": language, "area_language": area_language}


def check_alert(alert: OutsideAlert) -> None:
    """Refuse an alert without number, area, channel or words, one that has not started, and one of no length."""
    if not alert.number.strip() or not alert.area.strip() or not alert.channels:
        raise ActRefused(_("An activation needs its number, its area and a channel."))
    if not alert.text.strip() and not alert.link:
        raise ActRefused(_("Give the text of the alert or a link to it."))
    if alert.starts_at > timezone.now():
        raise ActRefused(_("An activation is recorded once it has started."))
    if alert.expires_at is not None and alert.expires_at <= alert.starts_at:
        raise ActRefused(_("The alert must end after it starts."))


def _receive(request: ExtensionRequest, by: User, informant: Informant, receiver_reference: str = "") -> None:
    """Whoever answers has received the request."""
    if request.status == RequestStatus.SENT:
        workflow.apply(
            request, "acknowledge", by=by, acknowledged_at=informant.answered_at, acknowledged_by=by,
            acknowledged_position="", receiver_reference=receiver_reference,
        )  # fmt: skip


def _decide(
    request: ExtensionRequest, by: User, step: str, informant: Informant, *, reason: str, alternative: str, level: str,
    words: str,
) -> None:  # fmt: skip
    """Record the decision as it was told; under which criteria it was taken is not known here."""
    is_decline, is_area = step == "decline", step == "accept_changed_area"
    codes: dict[str, Any] = {"reason": reason} if is_decline else {"level": level} if level else {}
    workflow.apply(
        request, step, by=by, detail=codes or None, decided_at=informant.answered_at, decided_by=by,
        decline_reason=reason if is_decline else "", alternative=alternative,
        area_words=words if is_area else "", area_language=written_language(words) if is_area else "",
    )  # fmt: skip
    if step == "accept_lower_level":
        lower_levels.put_in_force(request=request, by=by, level=level)
    elif step == "accept" and request.kind in lower_levels.KINDS_BELOW_AN_ALERT:
        lower_levels.put_in_force(request=request, by=by, level=request.kind)
    elif is_decline:
        end_sight(request, by=by)
    notices.tell_the_asker(request)


def _end(request: ExtensionRequest, by: User, step: str, reason: str) -> None:
    if step == "cancel":
        cancellations.agree(request=request, by=by, is_reported=True)
    elif step == "refuse_cancellation_outside":
        cancellations.refuse(request=request, by=by, reason=reason, is_reported=True)
    elif step == "end_notice":
        lower_levels.end_accepted(request=request, by=by, is_reported=True)
    else:
        cancellations.confirm(request=request, by=by, is_reported=True)


def keep_answer(request: ExtensionRequest, by: User, step: str, informant: Informant) -> None:
    """Keep who said it, in which position, when and how, and who wrote it down."""
    made = OutsideAnswer.objects.create(
        request=request, step=step, channel=informant.channel, name=informant.name, position=informant.position,
        answered_at=informant.answered_at, recorded_by=by,
    )  # fmt: skip
    audit.record("request.outside_answer", by=by, objects=[made], case_id=request.case_id, detail={"step": step})
