"""Composes the text messages of notices: number, corridor, kind, deadline, call-back number, link, no name (U40)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from agencies.models import Agency
from agencies.phones import show_phone
from alerts.channels.sms import Text
from alerts.choices import ANSWERED_BY_REPLY, DutyStatus, NoticeKind
from alerts.composing.segments import plain_signs
from alerts.exercises import exercise_mark
from alerts.models import Delivery, Notice
from alerts.notice_paths import path_of
from alerts.tokens import reply_code_for

# Kinds that the asking side gets: it calls the program, everybody else calls whoever asks.
TO_THE_ASKING_SIDE = (NoticeKind.CALL_PROGRAM, NoticeKind.TERM_UNANSWERED)
WORTH_SECONDS = 3600


def compose_notice_text(delivery: Delivery) -> Text:
    """Return the text message of one notice, in the language and the time of its reader."""
    notice, user = delivery.notice, delivery.user
    assert notice is not None and user is not None and notice.case is not None  # noqa: S101  only cases are texted about
    with translation.override(delivery.language), timezone.override(user.time_zone):
        said = [_subject(notice), _corridor(notice), _deadline(notice), _call_back(notice)]
        lines = [*said, _code(delivery, notice), _link(notice)]
    body = plain_signs("\n".join(line for line in lines if line))
    return Text(delivery.address, body, delivery.attempts, WORTH_SECONDS, notice.case.is_exercise, key=str(delivery.pk))


def _subject(notice: Notice) -> str:
    assert notice.case is not None  # noqa: S101  as above
    number = (notice.request and notice.request.number) or (notice.alert and notice.alert.number)
    exercise = f"{exercise_mark()}\n" if notice.case.is_exercise else ""
    return f"{exercise}{notice.get_kind_display()}: {number or notice.case.reference}"


def _corridor(notice: Notice) -> str:
    request = notice.request
    return f"{request.requesting_agency} > {request.program}" if request else ""


def _deadline(notice: Notice) -> str:
    at = deadline_of(notice)
    if at is None:
        return ""
    local = timezone.localtime(at)
    shown = date_format(local, "SHORT_DATETIME_FORMAT")
    return gettext("By %(moment)s (%(zone)s)") % {"moment": shown, "zone": f"{local:%Z}"}


def deadline_of(notice: Notice) -> datetime | None:
    """Return until when something is expected: a request's next rung, a duty of the program, an alert's term."""
    if notice.request is not None and notice.kind in (NoticeKind.REQUEST_RECEIVED, NoticeKind.UNACKNOWLEDGED):
        rung = notice.request.rungs.filter(climbed_at__isnull=True).order_by("due_at").first()
        return rung.due_at if rung else None
    if notice.alert is None:
        return None
    if notice.kind == NoticeKind.TERM_ENDING:
        return notice.alert.expires_at
    duties = notice.alert.duties.filter(status=DutyStatus.OPEN, program=notice.alert.program_id)
    duty = duties.order_by("due_at").first()
    return duty.due_at if duty else None


def _call_back(notice: Notice) -> str:
    desk = _desk(notice)
    if not desk.desk_phone:
        return ""
    return gettext("Call %(phone)s") % {"phone": show_phone(desk.desk_phone, desk.desk_extension)}


def _desk(notice: Notice) -> Agency:
    request = notice.request
    if request is not None:
        return request.program.agency if notice.kind in TO_THE_ASKING_SIDE else request.requesting_agency
    assert notice.case is not None  # noqa: S101  as above
    return notice.case.lead_agency


def _code(delivery: Delivery, notice: Notice) -> str:
    if notice.kind not in ANSWERED_BY_REPLY or notice.hub is not None:
        return ""
    return gettext("Reply %(code)s to acknowledge.") % {"code": reply_code_for(delivery.pk)}


def _link(notice: Notice) -> str:
    return "" if notice.hub is not None else settings.SITE_URL + path_of(notice)
