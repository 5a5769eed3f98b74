"""Prepares public alerts for pages, feeds and posters, from the projection alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone, translation

from agencies.choices import Language
from agencies.phones import show_phone
from alerts.models import PublicAlert, PublicAlertText
from alerts.posters import PosterContent, poster_labels


@dataclass(frozen=True)
class PresentedAlert:
    """What a public template shows of one live alert in one language."""

    number: str
    public_id: str
    program_name: str
    country: str
    is_exercise: bool
    sent_at: datetime
    expires_at: datetime
    time_zone: str
    tip_phone: str
    tip_phone_display: str
    abroad_phone: str
    text: PublicAlertText | None
    other_language: str  # the text's, where it is not approved in the page's
    photo_url: str
    poster_url: str
    cap_url: str
    url: str
    language_links: list[tuple[str, str, str]] = field(default_factory=list)


def language_shown(texts: Collection[str], wanted: str, required: Iterable[str] = ()) -> str:
    """Return the language in which an alert is shown to a reader of `wanted`: only approved words are among `texts`.

    Without the reader's own, the first of the program's required languages is shown, else any.
    """
    return next(language for language in (wanted, *required, *sorted(texts)) if language in texts)


def present(public: PublicAlert, language: str) -> PresentedAlert:
    """Return one live alert for a template; its texts and photos are expected to be prefetched."""
    texts = {text.language: text for text in public.texts.all()}
    photos = list(public.photos.all())
    program = public.program
    shown = language_shown(texts, language, program.languages_required) if texts else language
    return PresentedAlert(
        number=public.number,
        public_id=public.public_id,
        program_name=getattr(program, f"name_{language}"),
        country=public.country,
        is_exercise=public.is_exercise,
        sent_at=public.sent_at,
        expires_at=public.expires_at,
        time_zone=public.time_zone,
        tip_phone=program.tip_phone,
        tip_phone_display=program.tip_phone_display,
        abroad_phone=program.abroad_phone,
        text=texts.get(shown),
        other_language=shown if shown != language else "",
        photo_url=reverse("public:alert-photo", args=[photos[0].public_id]) if photos else "",
        poster_url=reverse("public:alert-poster", args=[language, public.public_id]),
        cap_url=reverse("public:alert-cap", args=[public.public_id]),
        url=reverse("public:alert-detail", args=[language, public.public_id]),
        language_links=language_links("public:alert-detail", public.public_id),
    )


def present_all(publics: Iterable[PublicAlert], language: str) -> list[PresentedAlert]:
    """Return several live alerts for a template."""
    return [present(public, language) for public in publics]


def language_links(name: str, *args: str) -> list[tuple[str, str, str]]:
    """Return the same page's address in each language: (code, name, address)."""
    return [(code, str(label), reverse(name, args=[code, *args])) for code, label in Language.choices]


def moment(at: datetime, zone: str) -> str:
    """Return a moment in a place's time with the zone's name, in the active language's format."""
    local = timezone.localtime(at, ZoneInfo(zone))
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({local:%Z})"


def poster_content(public: PublicAlert, language: str) -> PosterContent:
    """Return what the poster of a live alert shows in one language."""
    shown = present(public, language)
    if shown.other_language:  # a poster is one page in one language
        language = shown.other_language
        shown = present(public, language)
    photos = list(public.photos.all())
    assert shown.text is not None  # noqa: S101  a live alert has words
    with translation.override(language):
        return PosterContent(
            language=language,
            country=public.country,
            is_exercise=public.is_exercise,
            event=shown.text.event,
            headline=shown.text.headline,
            paragraphs=tuple(line for line in shown.text.description.splitlines() if line.strip()),
            instruction=shown.text.instruction,
            photo_jpeg=bytes(photos[0].jpeg) if photos else None,
            program_name=shown.program_name,
            alert_number=public.number,
            tip_phone_display=shown.tip_phone_display,
            abroad_phone_display=show_phone(shown.abroad_phone),
            as_of=moment(public.sent_at, public.time_zone),
            valid_until=moment(public.expires_at, public.time_zone),
            page_url=settings.SITE_URL + reverse("public:alert-number", args=[public.number]),
            labels=poster_labels(language),
        )
