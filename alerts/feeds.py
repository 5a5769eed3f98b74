"""Atom feeds of live alerts: an entry disappears with its alert (interop §5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree
from lxml.builder import ElementMaker

from agencies.choices import LANGUAGE_TAGS
from alerts.presenting import PresentedAlert

ATOM = "http://www.w3.org/2005/Atom"
MIME_TYPE = "application/atom+xml"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_A = ElementMaker(namespace=ATOM, nsmap={None: ATOM})


def feed_xml(alerts: Iterable[PresentedAlert], *, language: str, self_url: str, changed_at: datetime | None) -> bytes:
    """Return the feed in one language; `changed_at` is when an alert last came or went (RFC 4287 §4.2.15)."""
    feed = _A.feed(
        _A.id(settings.SITE_URL + self_url),
        _A.title(_("AMBER Alerts")),
        _A.updated((changed_at or timezone.now()).isoformat(timespec="seconds")),
        _A.link(rel="self", href=settings.SITE_URL + self_url, type=MIME_TYPE),
        _A.author(_A.name("AMBER Bridge")),
    )
    feed.set(XML_LANG, LANGUAGE_TAGS[language])
    for alert in alerts:
        feed.append(_entry(alert))
    return etree.tostring(feed, encoding="UTF-8", xml_declaration=True)


def _entry(alert: PresentedAlert) -> etree._Element:
    entry = _A.entry(
        _A.id(settings.SITE_URL + alert.url),
        _A.title(alert.text.headline if alert.text else alert.number),
        _A.updated(alert.sent_at.isoformat(timespec="seconds")),
        _A.summary(alert.text.description if alert.text else ""),
        _A.author(_A.name(alert.program_name)),
        _A.link(rel="alternate", href=settings.SITE_URL + alert.url, type="text/html"),
        _A.link(rel="related", href=settings.SITE_URL + alert.cap_url, type="application/cap+xml"),
    )
    if alert.other_language:
        for name in ("title", "summary"):
            entry.find(f"{{{ATOM}}}{name}").set(XML_LANG, LANGUAGE_TAGS[alert.other_language])
    return entry
