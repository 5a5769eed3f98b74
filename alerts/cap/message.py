"""A CAP 1.2 message as Python sees it, in CAP's own words.

Free text stays out of the `repr`, because it may hold a child's name and reprs end up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .codes import DEFAULT_LANGUAGE
from .dates import format_datetime, parse_datetime
from .geometry import Circle, Polygon

NamedValue = tuple[str, str]


class CapReference(NamedTuple):
    """What names a message for ever: sender, identifier, and `sent` byte for byte as its sender transmitted it."""

    sender: str
    identifier: str
    sent: str


@dataclass(frozen=True, kw_only=True)
class CapArea:
    """Where an info applies: polygons of (lat, lon), circles (lat, lon, km), heights in feet above sea level."""

    description: str
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[NamedValue, ...] = ()
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, kw_only=True)
class CapResource:
    """A file that goes with an info. `size` in bytes, `deref_uri` in base64, `digest` SHA-1 in hexadecimal."""

    description: str = field(repr=False)
    mime_type: str
    size: int | None = None
    uri: str = field(default="", repr=False)
    deref_uri: str = field(default="", repr=False)
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class CapInfo:
    """What is said, in one language."""

    language: str = DEFAULT_LANGUAGE
    categories: tuple[str, ...]
    event: str
    response_types: tuple[str, ...] = ()
    urgency: str
    severity: str
    certainty: str
    audience: str = ""
    event_codes: tuple[NamedValue, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    instruction: str = field(default="", repr=False)
    web: str = ""
    contact: str = field(default="", repr=False)
    parameters: tuple[NamedValue, ...] = field(default=(), repr=False)
    resources: tuple[CapResource, ...] = field(default=(), repr=False)
    areas: tuple[CapArea, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CapMessage:
    """One CAP message. `sent` is a moment; `sent_text` its text as a partner transmitted it, empty in our own."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    source: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = field(default="", repr=False)
    references: tuple[CapReference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[CapInfo, ...] = field(default=(), repr=False)
    sent_text: str = field(default="", compare=False)

    @property
    def sent_as_transmitted(self) -> str:
        """The text of `sent`: the partner's own if it still says the same moment, otherwise in CAP's form."""
        return self.sent_text if parse_datetime(self.sent_text) == self.sent else format_datetime(self.sent)

    @property
    def reference(self) -> CapReference:
        """The triple with which later messages must refer to this one (CAP 1.2, section 3.2.1, references)."""
        return CapReference(self.sender, self.identifier, self.sent_as_transmitted)
