"""One alert in one language from its coded facts, and the neutral text of an alert that has ended.

Nothing is translated here: each language builds its own sentences (`english.py`, `spanish.py`, `french.py`) from
phrases that were reviewed as a whole, which is why a composed text needs no translator (U10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from alerts.composing import english, french, spanish
from alerts.composing.composed_text import HEADLINE_LIMIT, SHORT_LIMIT, ComposedText, first_that_fits
from alerts.composing.facts import AlertFacts, ProgramFacts
from alerts.composing.gsm import to_basic_alphabet
from alerts.composing.lexicon import Lexicon
from alerts.composing.openings import LEADS, PARTLY_WITHDRAWN, Disregard, correction
from alerts.composing.voice import Voice

__all__ = ["LANGUAGES", "ComposedText", "compose", "compose_ended"]

Language = Literal["en", "es", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "es", "fr")
ReasonFamily = Literal["cancelled", "expired"]

VOICES: dict[str, type[Voice]] = {"en": english.English, "es": spanish.Spanish, "fr": french.French}
ENDINGS: dict[str, Callable[..., ComposedText]] = {"en": english.ended, "es": spanish.ended, "fr": french.ended}


def compose(
    facts: AlertFacts,
    language: Language,
    lexicon: Lexicon,
    *,
    disregard: Disregard | None = None,
    is_partly_withdrawn: bool = False,
) -> ComposedText:
    """Return the alert's text in `language`.

    With `disregard` it opens as the correction of an earlier text (U20); `is_partly_withdrawn` asks at its head to
    delete what was shared before (U18).

    The headline has at most 160 characters, `short` at most 90 of the basic GSM alphabet and no child's name. Codes
    that the lexicon does not know are left unsaid and can be read afterwards from `lexicon.gaps`. Refuses (KeyError) a
    language other than en, es, fr.
    """
    voice = VOICES[language](facts, lexicon)
    lead = "" if disregard is None else f"{LEADS[language]}{voice.colon} "
    opening = "" if disregard is None else f"{lead}{correction(language, disregard)}\n"
    if is_partly_withdrawn:
        opening += f"{PARTLY_WITHDRAWN[language]}\n"
    return ComposedText(
        language=language,
        event=voice.event,
        headline=first_that_fits(_opened(voice.headlines(), lead), HEADLINE_LIMIT),
        description=opening + voice.description(),
        instruction=voice.instruction(),
        short=first_that_fits(map(to_basic_alphabet, _opened(voice.shorts(), lead)), SHORT_LIMIT),
    )


def _opened(texts: Iterator[str], lead: str) -> Iterator[str]:
    for text in texts:
        yield lead + text


def compose_ended(
    language: Language, program: ProgramFacts, alert_number: str, reason_family: ReasonFamily
) -> ComposedText:
    """Return the text for an alert that is over, the same for every reason and without a trace of the child (U13, U17).

    "cancelled" asks to delete posts and pictures; "expired" says that the search continues and gives the program's
    number. Refuses (ValueError) any other reason family.
    """
    if reason_family not in {"cancelled", "expired"}:
        raise ValueError(f"unknown reason family: {reason_family}")
    has_expired = reason_family == "expired"
    end = ENDINGS[language]
    text = end(program, alert_number, has_expired=has_expired)
    headline = first_that_fits((text.headline, end(program, "", has_expired=has_expired).headline), HEADLINE_LIMIT)
    return replace(text, headline=headline, short=to_basic_alphabet(text.short))
