"""The local time of an event and the name of its zone in three languages.

A zone is named by its abbreviation together with its offset, for abbreviations repeat around the world (CST is Chicago
and Shanghai). Standard and summer time are told apart: in July the center of Mexico is not on Chicago's time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_REGIONS = {
    # letter, standard offset in hours: Spanish, French
    ("N", -3.5): ("de Terranova", "de Terre-Neuve"),
    ("A", -4): ("del Atlántico", "de l'Atlantique"),
    ("E", -5): ("del este", "de l'Est"),
    ("C", -6): ("del centro", "du Centre"),
    ("M", -7): ("de la montaña", "des Rocheuses"),
    ("P", -8): ("del Pacífico", "du Pacifique"),
    ("AK", -9): ("de Alaska", "de l'Alaska"),
    ("H", -10): ("de Hawái", "d'Hawaï"),
}


def _zone_names() -> dict[tuple[str, float], dict[str, str]]:
    names: dict[tuple[str, float], dict[str, str]] = {}
    for (letters, offset), (spanish, french) in _REGIONS.items():
        standard, summer = f"{letters}ST", f"{letters}DT"
        names[standard, offset] = {
            "en": standard, "es": f"hora estándar {spanish}", "fr": f"heure normale {french}",
        }  # fmt: skip
        names[summer, offset + 1] = {
            "en": summer, "es": f"hora de verano {spanish}", "fr": f"heure avancée {french}",
        }  # fmt: skip
    return names


ZONE_NAMES = _zone_names()


def local_time(moment: datetime, time_zone: str) -> datetime:
    """Return `moment` (aware; a naive one is read as UTC) in the IANA zone; an unknown zone is answered in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(ZoneInfo(time_zone))
    except (KeyError, ValueError, OSError):
        return aware.astimezone(UTC)


def zone_name(local: datetime, language: str) -> str:
    """Return the zone's name: "PST", "hora estándar del Pacífico", else an offset such as "UTC+5:30"."""
    offset = local.utcoffset() or timedelta()
    named = ZONE_NAMES.get((local.tzname() or "", offset / timedelta(hours=1)))
    return named[language] if named else _offset_name(offset)


def _offset_name(offset: timedelta) -> str:
    minutes = round(offset / timedelta(minutes=1))
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"
