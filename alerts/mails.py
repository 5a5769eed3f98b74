"""Renders mails: alerts with the approved public text, notices with references only (U40)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_info

from alerts.call_sheets import call_sheet
from alerts.channels.ready_mail import TOKEN_MARK, ReadyBytes, ReadyMail
from alerts.choices import DeskWarningKind, LastRole, NoticeKind
from alerts.exercises import is_of_exercise
from alerts.models import Delivery, Notice, RoleEnding, ShiftNote
from alerts.notice_paths import path_of
from alerts.presenting import language_shown, moment
from alerts.tokens import token_for

BETWEEN_LANGUAGES = "\n" + "=" * 40 + "\n\n"
MOST_GAPS = 20
# A mail of ours is no answer to a person, and no auto-responder should answer it (RFC 3834 §5).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class MailComposer:
    """Makes the mails of one chunk. Texts are rendered, and encoded, once per message and language."""

    def __init__(self) -> None:
        self._rendered: dict[tuple[object, ...], tuple[str, str, ReadyBytes]] = {}

    def compose(self, delivery: Delivery) -> ReadyMail:
        """Return the mail of one delivery, in its language. The same delivery keeps its Message-ID and its token."""
        languages = languages_of(delivery)
        key = (delivery.message_id, delivery.notice_id, languages, delivery.user_id)
        if key not in self._rendered:
            subject, body = _in_languages(delivery, languages)
            self._rendered[key] = subject, body, ReadyBytes(
                partial(_mail, subject, body, ", ".join(languages)), marked=body.count(TOKEN_MARK)
            )  # fmt: skip
        subject, body, ready = self._rendered[key]
        token = token_for(delivery.id) if delivery.message_id else TOKEN_MARK
        number = f"{delivery.id}@amber-bridge"
        mail = _mail(subject, body.replace(TOKEN_MARK, token), ", ".join(languages), delivery.address, number)
        mail.is_exercise = is_of_exercise(delivery)
        mail.ready = ready.personal(delivery.address, number, token)
        return mail


def _mail(subject: str, body: str, language: str, address: str, number: str) -> ReadyMail:
    headers = {**HEADERS, "Message-ID": f"<{number}>", "Content-Language": language}
    return ReadyMail(subject=subject, body=body, to=[address], headers=headers)


def languages_of(delivery: Delivery) -> tuple[str, ...]:
    """Return the languages of one mail in their order: two for a shared desk that works in two (U40)."""
    second = delivery.recipient.second_language if delivery.recipient is not None else ""
    return tuple(filter(None, (delivery.language, second)))


def _in_languages(delivery: Delivery, languages: tuple[str, ...]) -> tuple[str, str]:
    """Return the subject in the first language, and the body in each of them, one below the other."""
    pairs = [_render(delivery, language) for language in languages]
    return pairs[0][0], BETWEEN_LANGUAGES.join(body for _subject, body in pairs)


def _render(delivery: Delivery, language: str) -> tuple[str, str]:
    zone = delivery.user.time_zone if delivery.user else _program_zone(delivery)
    with translation.override(language), timezone.override(zone):
        if delivery.message_id:
            return _pair("alerts/mail/alert", _alert_context(delivery, language))
        if delivery.notice is not None and delivery.notice.role_ending is not None:
            return _pair("alerts/mail/role_ending", _ending_context(delivery, delivery.notice.role_ending, zone))
        if delivery.notice is not None and delivery.notice.shift is not None:
            return _pair("alerts/mail/shift", _shift_context(delivery.notice, delivery.notice.shift))
        if delivery.notice is not None and delivery.notice.desk_warning is not None:
            return _pair("alerts/mail/desk_warning", _warning_context(delivery, delivery.notice))
        return _pair("alerts/mail/notice", _notice_context(delivery))


def _pair(name: str, context: dict[str, object]) -> tuple[str, str]:
    # No line break of any kind may reach a header; a no-break space is part of French and stays.
    lines = (line.strip() for line in render_to_string(f"{name}_subject.txt", context).splitlines())
    return " ".join(line for line in lines if line), render_to_string(f"{name}_body.txt", context)


def _program_zone(delivery: Delivery) -> str:
    assert delivery.message is not None  # noqa: S101  the constraint on the table says so
    return delivery.message.alert.program.time_zone


def _alert_context(delivery: Delivery, wanted: str) -> dict[str, object]:
    message = delivery.message
    assert message is not None  # noqa: S101  the constraint on the table says so
    alert = message.alert
    language = language_shown(message.texts, wanted, alert.program.languages_required)
    path = reverse("alerts:delivery-acknowledge", args=[TOKEN_MARK])
    return {
        "message": message,
        "alert": alert,
        "program": alert.program,
        "text": message.texts[language],
        "text_language": "" if language == wanted else get_language_info(language)["name_translated"],
        "is_exercise": alert.is_exercise,
        "link": settings.SITE_URL + path.replace("%40token%40", TOKEN_MARK),
        "public_url": settings.SITE_URL + reverse("public:alert-number", args=[alert.number]),
    }


def _notice_context(delivery: Delivery) -> dict[str, object]:
    notice = delivery.notice
    assert notice is not None and notice.case is not None  # noqa: S101  the constraints on the tables say so
    review = notice.text_review
    return {
        "notice": notice,
        "case": notice.case,
        "handover": notice.handover,
        "request": notice.request,
        "alert": notice.alert,
        "is_exercise": notice.case.is_exercise,
        "link": settings.SITE_URL + path_of(notice),
        "kinds": NoticeKind,
        "call": call_sheet(notice.request) if notice.kind == NoticeKind.CALL_PROGRAM and notice.request else None,
        "review_language": get_language_info(review.language)["name_translated"] if review is not None else "",
    }


def _shift_context(notice: Notice, shift: ShiftNote) -> dict[str, object]:
    """Return what is said of a handoff between shifts: the desk, the hour on its clock, the link (U40)."""
    return {
        "notice": notice, "kinds": NoticeKind, "desk": shift.agency, "link": settings.SITE_URL + shift.url,
        "at": moment(shift.ends_at, shift.agency.time_zone),
    }  # fmt: skip


def _warning_context(delivery: Delivery, notice: Notice) -> dict[str, object]:
    """Return what is said of a desk: hours that nobody covers, on its clock, or which numbers are wrong or old."""
    warning = notice.desk_warning
    assert warning is not None  # noqa: S101  the caller looked
    desk = warning.agency
    shown = [
        (moment(datetime.fromisoformat(begins), desk.time_zone), moment(datetime.fromisoformat(ends), desk.time_zone))
        for begins, ends, _hours in warning.gaps[:MOST_GAPS]
    ]
    is_staff = delivery.user is not None and delivery.user.is_staff
    path = reverse("alerts:desk")
    if warning.kind == DeskWarningKind.GAP:
        path = reverse("agencies:roster")
    elif is_staff and warning.kind == DeskWarningKind.STALE:
        path = reverse("admin:alerts_recipient_changelist")
    elif is_staff:
        path = reverse("admin:agencies_agency_change", args=[desk.pk])
    return {
        "notice": notice, "kinds": NoticeKind, "desk": desk, "link": settings.SITE_URL + path, "gaps": shown,
        "more": len(warning.gaps) - len(shown),
    }  # fmt: skip


def _ending_context(delivery: Delivery, ending: RoleEnding, zone: str) -> dict[str, object]:
    """Return what is said of a role that ends. Administrators name the next person in the administration (U36)."""
    is_staff = delivery.user is not None and delivery.user.is_staff
    path = reverse("admin:agencies_membership_changelist") if is_staff else reverse("alerts:desk")
    return {
        "ending": ending, "roles": LastRole, "at": moment(ending.ends_at, zone), "link": settings.SITE_URL + path,
        "is_exercise": ending.case is not None and ending.case.is_exercise,
    }  # fmt: skip
