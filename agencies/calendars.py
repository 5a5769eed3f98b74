"""A person's shifts as an iCalendar file (RFC 5545): which desk, from when until when, nothing of any case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from agencies.on_duty import Stretch

MOST_OCTETS = 75  # of a line, RFC 5545 §3.1


def calendar_of(stretches: Iterable[Stretch], address: str) -> str:
    """Return the file, in the language that is active; `address` is the page of the roster.

    Every part of a shift is an event of its own; its UID stays the same from one fetch to the next.
    """
    name = _("AMBER duty")
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//AMBER Bridge//Duty roster//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    for stretch in stretches:
        lines += _event(stretch, address)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(stretch: Stretch, address: str) -> list[str]:
    changed = stretch.override.created_at if stretch.override else stretch.shift.created_at
    summary = _("Duty: %(agency)s") % {"agency": stretch.shift.agency}
    return [
        "BEGIN:VEVENT",
        f"UID:{stretch.shift.pk}.{int(stretch.starts_at.timestamp())}@amber-bridge",
        f"DTSTAMP:{_instant(changed)}", f"DTSTART:{_instant(stretch.starts_at)}", f"DTEND:{_instant(stretch.ends_at)}",
        f"SUMMARY:{_escaped(summary)}", f"URL:{address}", "CLASS:PRIVATE", "TRANSP:OPAQUE",
        "END:VEVENT",
    ]  # fmt: skip


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(words: str) -> str:
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"), ("\r", "")):
        words = words.replace(sign, written)
    return words


def _folded(line: str) -> str:
    """Break a line after at most 75 octets, never inside a character."""
    parts, length = [""], 0
    for sign in line:
        size = len(sign.encode())
        if length + size > MOST_OCTETS:
            parts.append(" ")
            length = 1
        parts[-1] += sign
        length += size
    return "\r\n".join(parts)
