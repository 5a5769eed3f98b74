"""Writes a CapMessage as CAP 1.2: exact element order, UTF-8, not indented (white space would break signatures)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.builder import ElementMaker

from .codes import CAP_NAMESPACE
from .dates import format_datetime
from .geometry import format_circle, format_number, format_polygon
from .message import CapArea, CapInfo, CapMessage, CapResource, NamedValue

__all__ = ["clean_text", "format_datetime", "to_element", "to_xml"]

_CAP = ElementMaker(namespace=CAP_NAMESPACE, nsmap={None: CAP_NAMESPACE})
# Everything outside the Char production of XML 1.0 (section 2.2); a pasted vertical tab is the usual culprit.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """Return the text without characters that XML forbids, with \\n as line end, and without outer white space."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def to_xml(message: CapMessage) -> bytes:
    """Return the message as bytes of CAP 1.2 with an XML declaration. Refuses (ValueError) datetimes without a zone."""
    return etree.tostring(to_element(message), encoding="UTF-8", xml_declaration=True)


def to_element(message: CapMessage) -> etree._Element:
    """Return the message as an element, for whoever signs it before it becomes bytes."""
    return _CAP.alert(*_alert_children(message))


def _alert_children(message: CapMessage) -> Iterator[etree._Element]:
    yield _element("identifier", message.identifier)
    yield _element("sender", message.sender)
    yield _element("sent", message.sent_as_transmitted)
    yield _element("status", message.status)
    yield _element("msgType", message.msg_type)
    yield from _optional("source", message.source)
    yield _element("scope", message.scope)
    yield from _optional("restriction", message.restriction)
    yield from _optional("addresses", _spaced(message.addresses))
    for code in message.codes:
        yield from _optional("code", code)
    yield from _optional("note", message.note)
    yield from _optional("references", " ".join(",".join(reference) for reference in message.references))
    yield from _optional("incidents", _spaced(message.incidents))
    for info in message.infos:
        yield _CAP.info(*_info_children(info))


def _info_children(info: CapInfo) -> Iterator[etree._Element]:
    yield _element("language", info.language)
    for category in info.categories:
        yield _element("category", category)
    yield _element("event", info.event)
    for response_type in info.response_types:
        yield _element("responseType", response_type)
    yield _element("urgency", info.urgency)
    yield _element("severity", info.severity)
    yield _element("certainty", info.certainty)
    yield from _optional("audience", info.audience)
    yield from _named_values("eventCode", info.event_codes)
    for name, moment in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        if moment is not None:
            yield _element(name, format_datetime(moment))
    yield from _optional("senderName", info.sender_name)
    yield from _optional("headline", info.headline)
    yield from _optional("description", info.description)
    yield from _optional("instruction", info.instruction)
    yield from _optional("web", info.web)
    yield from _optional("contact", info.contact)
    yield from _named_values("parameter", info.parameters)
    for resource in info.resources:
        yield _CAP.resource(*_resource_children(resource))
    for area in info.areas:
        yield _CAP.area(*_area_children(area))


def _resource_children(resource: CapResource) -> Iterator[etree._Element]:
    yield _element("resourceDesc", resource.description)
    yield _element("mimeType", resource.mime_type)
    if resource.size is not None:
        yield _element("size", str(resource.size))
    yield from _optional("uri", resource.uri)
    yield from _optional("derefUri", resource.deref_uri)
    yield from _optional("digest", resource.digest)


def _area_children(area: CapArea) -> Iterator[etree._Element]:
    yield _element("areaDesc", area.description)
    for polygon in area.polygons:
        yield _element("polygon", format_polygon(polygon))
    for circle in area.circles:
        yield _element("circle", format_circle(circle))
    yield from _named_values("geocode", area.geocodes)
    for name, height in (("altitude", area.altitude), ("ceiling", area.ceiling)):
        if height is not None:
            yield _element(name, format_number(height))


def _element(name: str, text: str) -> etree._Element:
    return _CAP(name, clean_text(text))


def _optional(name: str, text: str) -> Iterator[etree._Element]:
    if clean_text(text):
        yield _element(name, text)


def _named_values(name: str, pairs: Iterable[NamedValue]) -> Iterator[etree._Element]:
    for value_name, value in pairs:
        yield _CAP(name, _element("valueName", value_name), _element("value", value))


def _spaced(values: Iterable[str]) -> str:
    """Return CAP's list of values: separated by spaces, a value that holds one in double quotes (section 3.2.1)."""
    return " ".join(_quoted(value) for value in values)


def _quoted(value: str) -> str:
    if '"' in value:
        raise ValueError("CAP has no way to write a double quote inside an address or incident.")
    return f'"{value}"' if re.search(r"\s", value) else value
