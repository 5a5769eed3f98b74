"""Builds the canonical CAP 1.2 message of an alert: one info per language, one rendition for all readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from agencies.models import Subdivision
from alerts.choices import MessageType

from . import codes
from .message import CapArea, CapInfo, CapMessage, CapReference

WHOLE_STATE = "0{fips}000"  # SAME PSSCCC: part 0 of a county 000 is the whole state


def build_message(
    *,
    msg_type: str,
    identifier: str,
    sender: str,
    sent: datetime,
    expires: datetime,
    is_exercise: bool,
    incident: str,
    references: Iterable[CapReference],
    sender_names: Mapping[str, str],
    texts: Mapping[str, Mapping[str, str]],
    areas: Iterable[Subdivision],
    web: Mapping[str, str],
) -> CapMessage:
    """Return the message of one program's alert.

    `sent` and `expires` are aware and keep the program's local offset (CAP 1.2 §3.3.2). `texts`, `sender_names`
    and `web` go by our language codes; each text has event, headline, description and instruction.
    """
    listed = list(areas)
    is_cancel = msg_type == MessageType.CANCEL
    infos = tuple(
        CapInfo(
            language=codes.LANGUAGES[language],
            categories=("Rescue", "Safety"),
            event=text["event"],
            response_types=("AllClear",) if is_cancel else ("Monitor",),
            urgency="Past" if is_cancel else "Immediate",
            severity="Minor" if is_cancel else "Severe",
            certainty="Observed" if is_cancel else "Likely",
            event_codes=codes.AMBER_EVENT_CODES,
            expires=expires,
            sender_name=sender_names[language],
            headline=text["headline"],
            description=text["description"],
            instruction=text["instruction"],
            web=web.get(language, ""),
            areas=tuple(_area(subdivision, language) for subdivision in listed),
        )
        for language, text in texts.items()
    )
    return CapMessage(
        identifier=identifier,
        sender=sender,
        sent=sent,
        status="Exercise" if is_exercise else "Actual",
        msg_type=msg_type,
        scope="Public",
        note="EXERCISE / SIMULACRO / EXERCICE" if is_exercise else "",
        references=tuple(references),
        incidents=(incident,),
        infos=infos,
    )


def geocodes(subdivision: Subdivision) -> tuple[tuple[str, str], ...]:
    """Return the codes by which each country's systems know a subdivision (interop §2–§4)."""
    found = [(codes.ISO_SUBDIVISION, subdivision.code)]
    if subdivision.fips:
        found.append((codes.SAME, WHOLE_STATE.format(fips=subdivision.fips)))
    if subdivision.sgc:
        found.append((codes.CAP_CP_LOCATION, subdivision.sgc))
    if subdivision.inegi:
        found.append((codes.INEGI_AREA, subdivision.inegi))
    return tuple(found)


def _area(subdivision: Subdivision, language: str) -> CapArea:
    polygons = tuple(tuple((point[0], point[1]) for point in ring) for ring in subdivision.outline)
    return CapArea(
        description=getattr(subdivision, f"name_{language}"), polygons=polygons, geocodes=geocodes(subdivision)
    )
