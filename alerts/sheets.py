"""Sheets about one request for fax and photocopier: the request itself, and the acknowledgment of its receipt (U44).

Set by Typst from `sheet.typ` as posters are: black on white, no greys, the reference and "page n/m" on every page.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from alerts.posters import compile_page, photo_svg

LAYOUT = Path(__file__).with_name("sheet.typ")
# For officers of all three countries, whatever the language of the sheet.
RESTRICTED = ("LAW ENFORCEMENT ONLY", "USO EXCLUSIVO DE AUTORIDADES", "RÉSERVÉ AUX FORCES DE L'ORDRE")


@dataclass(frozen=True)
class Section:
    """One part: rows of a label and what stands there, then free words with the mark of their language."""

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SheetContent:
    """What one sheet shows, already worded and formatted for one language; `photos` are JPEG and fill a second page."""

    language: str
    is_exercise: bool
    title: str
    reference: str
    call_back: str
    printed: str
    sections: tuple[Section, ...]
    signature_title: str
    signature: tuple[str, ...]
    photos_title: str = ""
    photos: tuple[bytes, ...] = field(default=(), repr=False)


def render_sheet(content: SheetContent) -> bytes:
    """Return the sheet as PDF on letter paper. Its metadata name nobody; the title is the reference."""
    values = asdict(content)
    photos = values.pop("photos")
    values |= {"restricted": RESTRICTED, "photo_count": len(photos)}
    inputs = {"content": json.dumps(values, ensure_ascii=False)}
    inputs |= {f"photo{number}": photo_svg(photo) for number, photo in enumerate(photos)}
    return compile_page(LAYOUT, inputs)
