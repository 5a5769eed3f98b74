"""CAP's one way of writing a moment: YYYY-MM-DDThh:mm:ss±hh:mm (CAP 1.2, section 3.3.2)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_ANY_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_CAP_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)


def format_datetime(aware: datetime) -> str:
    """Return the moment in CAP's form with its own offset; UTC is written -00:00, fractions of a second are cut.

    Refuses (ValueError) a datetime without a zone and an offset that is not a whole number of minutes.
    """
    offset = aware.utcoffset()
    if offset is None:
        raise ValueError("CAP needs a datetime with a time zone.")
    if offset % timedelta(minutes=1):
        raise ValueError("CAP needs an offset of whole minutes.")
    sign = "+" if offset > timedelta(0) else "-"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{aware.replace(tzinfo=None, microsecond=0).isoformat()}{sign}{hours:02}:{minutes:02}"


def parse_datetime(text: str) -> datetime | None:
    """Return the moment written in `text` (also with fraction or Z, as CAP 1.1 allows), or None if it is not one."""
    if not _ANY_FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_cap_datetime(text: str) -> bool:
    """Return whether `text` is a real moment in exactly the form that CAP 1.2 asks for."""
    return bool(_CAP_FORM.fullmatch(text)) and not text.endswith("+00:00") and parse_datetime(text) is not None
