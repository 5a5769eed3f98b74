"""CAP 1.2's rules in prose about an info (section 3.2.2) and about texts and times anywhere in the message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree

from .codes import DEFAULT_LANGUAGE
from .dates import parse_datetime
from .nodes import child, children, text, text_of
from .violation import Violation, broken

HEADLINE_LIMIT = 160

_TEXTS = frozenset({
    "source", "restriction", "note", "event", "audience", "senderName", "headline", "description", "instruction",
    "contact", "areaDesc", "resourceDesc", "value",
})  # fmt: skip
_HTML = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MOMENTS = frozenset({"sent", "effective", "onset", "expires"})
_DOTTED_ACRONYM = re.compile(r"(?:[A-Za-z]\.){2,}[A-Za-z]?")
_ACRONYMS = frozenset({"SAME", "FIPS", "FIPS6", "UGC", "ZIP", "VTEC", "WEA", "HSAS", "EAS-ORG", "EAS-STN-ID"})


def text_violations(alert: etree._Element) -> Iterator[Violation]:
    """Yield texts with HTML, value names that are not written as the standard asks, and UTC written as +00:00."""
    for element in alert.iter(f"{{{etree.QName(alert).namespace}}}*"):
        name, value = etree.QName(element).localname, text_of(element)
        if name in _TEXTS and _HTML.search(value):
            yield broken("html-in-text", _("The text holds HTML tags or entities."), element)
        elif name in _MOMENTS and value.endswith("+00:00"):
            yield broken("utc-offset", _("UTC must be written as -00:00."), element)
        elif name == "valueName" and _is_misspelled_acronym(value):
            yield broken("value-name-acronym", _("Acronyms are written in capitals without periods."), element)


def info_violations(info: etree._Element, sent: str) -> Iterator[Violation]:
    """Yield what is wrong with one info, apart from its areas and resources. `sent` is the message's own."""
    headline = child(info, "headline")
    if len(text_of(headline)) > HEADLINE_LIMIT:
        message = format_lazy(_("The headline is longer than {limit} characters."), limit=HEADLINE_LIMIT)
        yield broken("headline-length", message, headline)
    web = child(info, "web")
    if web is not None and not is_absolute_uri(text_of(web)):
        yield broken("web-relative", _("A full web address is needed."), web)
    yield from _order_of_times(info, sent)


def _order_of_times(info: etree._Element, sent: str) -> Iterator[Violation]:
    expires = parse_datetime(text(info, "expires"))
    if expires is None:
        return
    moment = parse_datetime(sent)
    if moment is not None and expires <= moment:
        yield broken("expires-before-sent", _("The message expires before it is sent."), child(info, "expires"))
    for name, rule in (("effective", "effective-after-expires"), ("onset", "onset-after-expires")):
        moment = parse_datetime(text(info, name))
        if moment is not None and moment > expires:
            yield broken(rule, _("This time is after the time of expiry."), child(info, name))


def language_violations(alert: etree._Element) -> Iterator[Violation]:
    """Yield infos that repeat another one, and headlines that are the same in two languages (not translated)."""
    contents: set[tuple] = set()
    headlines: dict[str, str] = {}
    for info in children(alert, "info"):
        language = text(info, "language") or DEFAULT_LANGUAGE
        places = tuple(text(area, "areaDesc") for area in children(info, "area"))
        content = (language.casefold(), text(info, "event"), text(info, "effective"), text(info, "onset"), places)
        if content in contents:
            yield broken("info-repeated", _("Two infos tell the same event and area in the same language."), info)
        contents.add(content)
        headline = " ".join(text(info, "headline").casefold().split())
        spoken = language.split("-")[0].casefold()
        if headline and headlines.setdefault(headline, spoken) != spoken:
            message = _("The headline is the same in two languages, so one of them is not translated.")
            yield broken("headline-untranslated", message, child(info, "headline"))


def is_absolute_uri(value: str) -> bool:
    """Return whether the address has a scheme, and with http and https a host."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if not parts.scheme or re.search(r"\s", value):
        return False
    return bool(parts.netloc) if parts.scheme in ("http", "https", "ftp") else bool(parts.netloc or parts.path)


def _is_misspelled_acronym(name: str) -> bool:
    return bool(_DOTTED_ACRONYM.fullmatch(name)) or (name.upper() in _ACRONYMS and name != name.upper())
