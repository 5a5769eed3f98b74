"""Reads a CAP element into a CapMessage: strict about what identifies a message, liberal about what it says.

Partners differ (es-419, empty elements, polygons wrapped over lines, values of CAP 1.0): what can be understood is
taken and noted as a warning; what would leave in doubt who says what is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree

from . import codes
from .dates import is_cap_datetime, parse_datetime
from .geometry import parse_circle, parse_number, parse_polygon
from .message import CapArea, CapInfo, CapMessage, CapReference, CapResource, NamedValue
from .nodes import child, children, list_values, named_values, text, text_of, where
from .safety import CapRefused

Shape = TypeVar("Shape")

# A person reads no more, and finding the place of each of 100,000 would take minutes.
MOST_WARNINGS = 30


@dataclass(frozen=True)
class CapWarning:
    """Something that was understood, but that a person may want to know. `where` is a path such as /alert/info[2]."""

    code: str
    message: Promise | str
    where: str


class MessageReader:
    """Reads one message and collects the warnings met on the way."""

    def __init__(self, version: str) -> None:
        """`version` is "1.1" or "1.2": a resource needs its media type only since 1.2."""
        self.version = version
        self.warnings: list[CapWarning] = []

    def read(self, alert: etree._Element) -> CapMessage:
        """Return the message. Refuses (CapRefused) missing or doubled elements, and a `sent` that is no moment."""
        sent_text = self._required(alert, "sent")
        message = CapMessage(
            identifier=self._name(alert, "identifier"),
            sender=self._name(alert, "sender"),
            sent=self._sent(alert, sent_text),
            sent_text=sent_text,
            status=self._one_of(alert, "status", codes.STATUSES),
            msg_type=self._one_of(alert, "msgType", codes.MSG_TYPES),
            source=self._single(alert, "source"),
            scope=self._one_of(alert, "scope", codes.SCOPES),
            restriction=self._single(alert, "restriction"),
            addresses=list_values(self._single(alert, "addresses")),
            codes=tuple(text_of(code) for code in children(alert, "code") if text_of(code)),
            note=self._single(alert, "note"),
            references=self._references(alert),
            incidents=list_values(self._single(alert, "incidents")),
            infos=tuple(self._info(info) for info in children(alert, "info")),
        )
        if message.msg_type in codes.MSG_TYPES_WITH_REFERENCES and not message.references:
            self.warn("references-missing", _("The message does not say which earlier messages it is about."), alert)
        return message

    def warn(self, code: str, message: Promise | str, element: etree._Element) -> None:
        """Note a warning at an element, as long as there are not too many already."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(CapWarning(code, message, where(element)))

    def _info(self, info: etree._Element) -> CapInfo:
        self._required(info, "category")
        return CapInfo(
            language=self._single(info, "language") or codes.DEFAULT_LANGUAGE,
            categories=self._known(info, "category", codes.CATEGORIES, instead="Other"),
            event=self._required(info, "event"),
            response_types=self._known(info, "responseType", codes.RESPONSE_TYPES),
            urgency=self._level(info, "urgency", codes.URGENCIES),
            severity=self._level(info, "severity", codes.SEVERITIES),
            certainty=self._level(info, "certainty", codes.CERTAINTIES),
            audience=self._single(info, "audience"),
            event_codes=self._pairs(info, "eventCode"),
            effective=self._moment(info, "effective"),
            onset=self._moment(info, "onset"),
            expires=self._moment(info, "expires"),
            sender_name=self._single(info, "senderName"),
            headline=self._single(info, "headline"),
            description=self._single(info, "description"),
            instruction=self._single(info, "instruction"),
            web=self._single(info, "web"),
            contact=self._single(info, "contact"),
            parameters=self._pairs(info, "parameter"),
            resources=tuple(self._resource(resource) for resource in children(info, "resource")),
            areas=tuple(self._area(area) for area in children(info, "area")),
        )

    def _resource(self, resource: etree._Element) -> CapResource:
        size = self._single(resource, "size")
        if size and not re.fullmatch(r"\d{1,15}", size, re.ASCII):
            self.warn("size-unreadable", _("The size of the file cannot be read."), resource)
            size = ""
        read_media_type = self._single if self.version == "1.1" else self._required
        return CapResource(
            description=self._required(resource, "resourceDesc"),
            mime_type=read_media_type(resource, "mimeType"),
            size=int(size) if size else None,
            uri=self._single(resource, "uri"),
            deref_uri=self._single(resource, "derefUri"),
            digest=self._single(resource, "digest"),
        )

    def _area(self, area: etree._Element) -> CapArea:
        return CapArea(
            description=self._required(area, "areaDesc"),
            polygons=self._shapes(area, "polygon", parse_polygon),
            circles=self._shapes(area, "circle", parse_circle),
            geocodes=self._pairs(area, "geocode"),
            altitude=parse_number(self._single(area, "altitude")),
            ceiling=parse_number(self._single(area, "ceiling")),
        )

    def _single(self, parent: etree._Element, name: str) -> str:
        found = children(parent, name)
        if len(found) > 1:
            message = format_lazy(_("“{element}” is there more than once."), element=where(found[1]))
            raise CapRefused("repeated-element", message)
        return text_of(found[0]) if found else ""

    def _required(self, parent: etree._Element, name: str) -> str:
        value = text(parent, name) if name == "category" else self._single(parent, name)
        if not value:
            message = format_lazy(_("“{element}” is missing or empty."), element=f"{where(parent)}/{name}")
            raise CapRefused("missing-element", message)
        return value

    def _name(self, alert: etree._Element, name: str) -> str:
        value = self._required(alert, name)
        if codes.FORBIDDEN_IN_NAMES.search(value):
            self.warn("name-characters", _("It holds a space, comma, < or &: references may fail."), child(alert, name))
        return value

    def _one_of(self, alert: etree._Element, name: str, allowed: tuple[str, ...]) -> str:
        value = self._required(alert, name)
        if value not in allowed:
            message = format_lazy(_("“{element}” holds a value that CAP does not know."), element=f"/alert/{name}")
            raise CapRefused("unknown-value", message)
        return value

    def _sent(self, alert: etree._Element, sent_text: str) -> datetime:
        sent = parse_datetime(sent_text)
        if sent is None:
            raise CapRefused("bad-sent", _("The time sent is not a date and time with an offset from UTC."))
        if not is_cap_datetime(sent_text):
            self._warn_of_date_form(child(alert, "sent"))
        return sent

    def _moment(self, info: etree._Element, name: str) -> datetime | None:
        value = self._single(info, name)
        moment = parse_datetime(value)
        if value and moment is None:
            self.warn("date-unreadable", _("This time cannot be read and was left out."), child(info, name))
        elif value and not is_cap_datetime(value):
            self._warn_of_date_form(child(info, name))
        return moment

    def _warn_of_date_form(self, element: etree._Element) -> None:
        self.warn("date-form", _("The time is not written in the form of CAP 1.2."), element)

    def _references(self, alert: etree._Element) -> tuple[CapReference, ...]:
        triples = [triple.split(",") for triple in self._single(alert, "references").split()]
        readable = [CapReference(*triple) for triple in triples if len(triple) == 3 and all(triple)]
        if len(readable) < len(triples):
            self.warn(
                "reference-unreadable", _("A reference cannot be read and was left out."), child(alert, "references")
            )
        return tuple(readable)

    def _known(self, info: etree._Element, name: str, allowed: tuple[str, ...], instead: str = "") -> tuple[str, ...]:
        values = []
        for element in children(info, name):
            value = text_of(element)
            if value and value not in allowed:
                self._warn_of_value(element)
                value = instead
            if value and value not in values:
                values.append(value)
        return tuple(values)

    def _level(self, info: etree._Element, name: str, allowed: tuple[str, ...]) -> str:
        value = self._required(info, name)
        if value in allowed:
            return value
        self._warn_of_value(child(info, name))
        # CAP 1.0 knew "Very Likely"; the standard asks to read it as Likely (CAP 1.2, section 3.2.2, certainty).
        return "Likely" if (name, value) == ("certainty", "Very Likely") else "Unknown"

    def _warn_of_value(self, element: etree._Element) -> None:
        self.warn("unknown-value", _("The value is not one of CAP 1.2; the nearest that is was taken."), element)

    def _pairs(self, parent: etree._Element, name: str) -> tuple[NamedValue, ...]:
        for pair in children(parent, name):
            self._required(pair, "valueName")
            self._single(pair, "value")
            if child(pair, "value") is None:
                message = format_lazy(_("“{element}” is missing or empty."), element=f"{where(pair)}/value")
                raise CapRefused("missing-element", message)
        return named_values(parent, name)

    def _shapes(self, area: etree._Element, name: str, parse: Callable[[str], Shape | None]) -> tuple[Shape, ...]:
        shapes = []
        for element in children(area, name):
            shape = parse(text_of(element))
            if shape:
                shapes.append(shape)
            else:
                self.warn("shape-unreadable", _("A shape cannot be read and was left out."), element)
        return tuple(shapes)
