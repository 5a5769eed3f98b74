"""Judges a CAP message before it leaves: our schema, the standard's rules in prose, and the house's own rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path
from threading import Lock

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree

from . import codes
from .alert_rules import alert_violations
from .area_rules import area_violations, resource_violations
from .house_rules import house_rule_violations
from .info_rules import info_violations, language_violations, text_violations
from .nodes import children, text, where
from .safety import CapRefused, open_tree
from .violation import Violation

__all__ = ["Violation", "house_violations", "violations"]

_SCHEMA_FILE = Path(__file__).with_name("cap-1.2.xsd")
# Nobody reads more, and finding the place of each of 100,000 would take minutes.
MOST_TOLD = 100
# A schema object keeps the errors of its last run, so two threads must not use it at once.
_schema_lock = Lock()


def violations(xml: bytes) -> list[Violation]:
    """Return every rule of CAP 1.2 that the message breaks; an empty list means that it may be sent.

    Bytes that are not safely readable as XML give one violation with the code of the refusal.
    """
    try:
        alert = open_tree(xml)
    except CapRefused as refused:
        return [Violation(refused.code, refused.message, "/")]
    rules = [_schema_violations(alert)]
    if alert.tag == f"{{{codes.CAP_NAMESPACE}}}alert":
        rules.append(_prose_violations(alert))
    return list(islice(chain(*rules), MOST_TOLD))


def house_violations(xml: bytes, languages: Collection[str] = tuple(codes.LANGUAGES.values())) -> list[Violation]:
    """Return the house's own rules that the message breaks, in addition to `violations`.

    `languages` are the ones that the message must carry; a rendition for one channel may pass fewer or others.
    """
    try:
        alert = open_tree(xml)
    except CapRefused as refused:
        return [Violation(refused.code, refused.message, "/")]
    return list(islice(house_rule_violations(alert, languages), MOST_TOLD))


def _schema_violations(alert: etree._Element) -> Iterator[Violation]:
    with _schema_lock:
        _schema().validate(alert)
        errors = list(islice(_schema().error_log, MOST_TOLD))
    for error in errors:
        place = _place(alert, error.path)
        message = format_lazy(
            _("“{element}” is incomplete, in the wrong place, or holds a value that CAP 1.2 does not know."),
            element=place.rsplit("/", 1)[-1],
        )
        yield Violation("schema", message, place, detail=error.message)


def _prose_violations(alert: etree._Element) -> Iterator[Violation]:
    yield from alert_violations(alert)
    yield from text_violations(alert)
    yield from language_violations(alert)
    for info in children(alert, "info"):
        yield from info_violations(info, text(alert, "sent"))
        for resource in children(info, "resource"):
            yield from resource_violations(resource)
        for area in children(info, "area"):
            yield from area_violations(area)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMA_FILE))


def _place(alert: etree._Element, path: str | None) -> str:
    # libxml2 writes names with the message's own prefixes, which XPath would want to be told.
    unprefixed = re.sub(r"/[\w.-]+:([\w.-]+)", r"/*[local-name()='\1']", path or "")
    found = alert.getroottree().xpath(unprefixed) if unprefixed else []
    return where(found[0]) if found else "/"
