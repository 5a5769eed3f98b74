"""Takes in a CAP message from a partner: within a second it is understood or refused, and nothing is ever fetched.

Who sent it is not known here: signatures are verified elsewhere, over the bytes kept in `ReceivedMessage.raw`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree

from . import codes
from .message import CapMessage
from .nodes import children, text_of
from .reading import CapWarning, MessageReader
from .safety import CapRefused, open_tree

__all__ = ["CapRefused", "CapWarning", "ReceivedMessage", "parse", "receive"]

MAX_INFOS = 50
MAX_AREAS = 500
MAX_VERTICES = 20_000
MAX_LIST_CHARACTERS = 100_000

_VERSIONS = {codes.CAP_NAMESPACE: "1.2", codes.CAP_1_1_NAMESPACE: "1.1"}
_SIGNATURE = f"{{{codes.XMLDSIG_NAMESPACE}}}Signature"


@dataclass(frozen=True, kw_only=True)
class ReceivedMessage:
    """A partner's message: understood, with the bytes as they came, the CAP version, and what to know about it."""

    message: CapMessage
    raw: bytes = field(repr=False)
    version: str
    warnings: tuple[CapWarning, ...] = ()


def parse(xml_bytes: bytes) -> CapMessage:
    """Return the message in the bytes, under the same conditions as `receive`, without the warnings."""
    return receive(xml_bytes).message


def receive(raw: bytes) -> ReceivedMessage:
    """Return the message in a partner's bytes with its warnings. Refuses (CapRefused) what is hostile, broken,
    too large, not CAP 1.2 or 1.1, or without the elements that CAP requires.
    """
    alert = open_tree(raw)
    version = _version(alert)
    _refuse_excess(alert)
    reader = MessageReader(version)
    message = reader.read(alert)
    _warn_of_version(reader, alert)
    _warn_of_signatures(reader, alert)
    _warn_of_unknown_elements(reader, alert)
    return ReceivedMessage(message=message, raw=raw, version=version, warnings=tuple(reader.warnings))


def _version(alert: etree._Element) -> str:
    name = etree.QName(alert)
    if name.localname != "alert":
        raise CapRefused("not-cap", _("The message is XML, but not a CAP alert."))
    if name.namespace not in _VERSIONS:
        raise CapRefused("wrong-namespace", _("The message is not CAP 1.2."))
    return _VERSIONS[name.namespace]


def _refuse_excess(alert: etree._Element) -> None:
    namespace = etree.QName(alert).namespace
    if sum(1 for _alert in alert.iter("{*}alert")) > 1:
        raise CapRefused("nested-alert", _("The message holds a second alert inside the first."))
    vertices = sum(
        len(text_of(shape).split()) for shape in alert.iter(f"{{{namespace}}}polygon", f"{{{namespace}}}circle")
    )
    counts = (
        ("too-many-infos", _("The message has more than {limit} infos."), len(children(alert, "info")), MAX_INFOS),
        (
            "too-many-areas",
            _("The message has more than {limit} areas."),
            sum(1 for _area in alert.iter(f"{{{namespace}}}area")),
            MAX_AREAS,
        ),
        ("too-many-vertices", _("The shapes have more than {limit} points."), vertices, MAX_VERTICES),
    )
    for name in ("references", "addresses", "incidents"):
        if any(len(text_of(element)) > MAX_LIST_CHARACTERS for element in children(alert, name)):
            raise CapRefused("list-too-long", format_lazy(_("“{element}” is too long."), element=f"/alert/{name}"))
    for code, message, count, limit in counts:
        if count > limit:
            raise CapRefused(code, format_lazy(message, limit=limit))


def _warn_of_version(reader: MessageReader, alert: etree._Element) -> None:
    if reader.version != "1.2":
        reader.warn("old-version", _("This is CAP 1.1. It was read, but it cannot be answered or passed on."), alert)


def _warn_of_signatures(reader: MessageReader, alert: etree._Element) -> None:
    for signature in alert.iter(_SIGNATURE):
        if signature.getparent() is alert:
            reader.warn("signature-not-verified", _("There is a signature; it has not been verified yet."), signature)
        else:
            reader.warn("signature-misplaced", _("A signature stands where it proves nothing."), signature)


def _warn_of_unknown_elements(reader: MessageReader, alert: etree._Element) -> None:
    """Name what was left unread: other namespaces, and elements that CAP does not have in that place."""
    told: set[str] = set()
    for container in alert.iter(*(f"{{{etree.QName(alert).namespace}}}{name}" for name in codes.CHILDREN)):
        known = codes.CHILDREN[etree.QName(container).localname]
        for element in container.iterchildren("*"):
            name = etree.QName(element)
            belongs = name.namespace == etree.QName(alert).namespace and name.localname in known
            if not belongs and element.tag not in told and element.tag != _SIGNATURE:
                told.add(element.tag)
                reader.warn("unknown-element", _("This element is not part of CAP and was not read."), element)
