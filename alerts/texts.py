"""Composes text messages: of an alert the approved public text, shortened, with its number and its link (U40)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_info, gettext, pgettext

from alerts.channels.sms import Text
from alerts.choices import MessageType
from alerts.composing.segments import Size, plain_signs, shorten, size_of
from alerts.exercises import exercise_mark
from alerts.models import Alert, AlertMessage, AlertText, Delivery, Recipient
from alerts.presenting import language_shown
from alerts.tokens import reply_code_for


def compose_text(delivery: Delivery) -> Text:
    """Return the text message of one delivery, in its language."""
    message = delivery.message
    assert message is not None  # noqa: S101  only messages of alerts have telephone numbers
    alert = message.alert
    return Text(
        number=delivery.address,
        body=text_of_message(message, delivery.language, code=reply_code_for(delivery.pk)),
        attempt=delivery.attempts,
        seconds=_worth(alert, message.msg_type),
        is_exercise=alert.is_exercise,
        key=str(delivery.pk),
    )


def text_of_message(message: AlertMessage, language: str, code: str = "") -> str:
    """Return what a message of an alert says in one language, in at most `ALERTS_SMS_SEGMENTS` parts."""
    return alert_text(message.alert, message.texts, message.msg_type, language, code)


def alert_text(alert: Alert, texts: dict[str, dict[str, str]], msg_type: str, language: str, code: str = "") -> str:
    """Return the text message of approved texts (by language), cut before its ending where it is too long.

    The ending is never cut: the number of the alert, the code that confirms the receipt by a reply (U38), and the
    public page as long as there is one.
    """
    shown = language_shown(texts, language, alert.program.languages_required)
    text = texts[shown]
    with translation.override(language):
        before = [exercise_mark()] if alert.is_exercise else []
        if shown != language:
            before.append(f"[{get_language_info(shown)['name_translated']}]")
        if msg_type == MessageType.UPDATE:
            before.append(pgettext("CAP", "Update"))
        said = "\n".join([*before, text["headline"], text["description"], text["instruction"]])
        return shorten(
            plain_signs(said.strip()), plain_signs(_ending(alert, msg_type, code)), settings.ALERTS_SMS_SEGMENTS
        )


def _ending(alert: Alert, msg_type: str, code: str) -> str:
    lines = ["", gettext("Alert %(number)s") % {"number": alert.number}]
    if code:
        lines.append(gettext("Reply %(code)s to confirm receipt.") % {"code": code})
    if msg_type != MessageType.CANCEL:
        lines.append(settings.SITE_URL + reverse("public:alert-number", args=[alert.number]))
    return "\n".join(lines)


def _worth(alert: Alert, msg_type: str) -> int:
    """Return for how many seconds a message is worth bringing: until its alert ends; a Cancel as long as can be."""
    if msg_type == MessageType.CANCEL or alert.expires_at is None:
        return 24 * 3600
    return int((alert.expires_at - timezone.now()).total_seconds())


@dataclass(frozen=True)
class Preview:
    """What recipients of one language would get as a text message."""

    language: str
    language_name: str
    words_language: str  # of the words, where there are none in the recipients' own
    recipients: int
    body: str
    size: Size
    is_cut: bool


def previews(alert: Alert, words: Iterable[AlertText]) -> list[Preview]:
    """Return the text messages that activation would send, one for each language of recipients with a verified number.

    `words` are the texts that the reader is shown; a language whose recipients would get other words is left out.
    """
    rows = Recipient.objects.told_by(alert).with_verified_number().values_list("language")
    counts = rows.annotate(Count("pk")).order_by("language")
    texts = {text.language: {"headline": text.headline, "description": text.description,
                             "instruction": text.instruction} for text in words}  # fmt: skip
    every = set(alert.texts.values_list("language", flat=True)) if counts else set()
    found = []
    for language, count in counts:
        shown = language_shown(every, language, alert.program.languages_required) if every else ""
        if shown in texts:
            found.append(_preview(alert, texts, language, shown, count))
    return found


def _preview(alert: Alert, texts: dict[str, dict[str, str]], language: str, shown: str, count: int) -> Preview:
    body = alert_text(alert, {shown: texts[shown]}, MessageType.ALERT, language, code="0000")
    name = str(get_language_info(language)["name_translated"])
    last = plain_signs(texts[shown]["instruction"]).strip().splitlines()
    is_cut = bool(last) and last[-1] not in body
    return Preview(language, name, shown, count, body, size_of(body), is_cut)
