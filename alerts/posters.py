"""Posters: one printable page about one public alert, as PDF.

The page is set by Typst from ``poster.typ``. Everything a person wrote reaches Typst as data, so that no text of a
case is ever read as markup. What a poster must bear stands in requirements U29 and U46: call 911 and do not
approach, the tip number and one that works from abroad, the alert number, "as of" and "valid until" with their
zone, "check before sharing" beside the code, and EXERCISE / SIMULACRO / EXERCICE on an exercise.
"""

from __future__ import annotations

import io
import json
import threading
from base64 import b64encode
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import segno
import typst
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from PIL import Image

LAYOUT = Path(__file__).with_name("poster.typ")
LABELS = {
    "call_911": _("Call 911 if you see them. Do not approach."),
    "tip_phone": _("Program tip line"),
    "abroad_phone": _("From abroad"),
    "alert_number": _("Alert number to quote"),
    "as_of": _("As of"),
    "valid_until": _("Valid until"),
    "check_before_sharing": _("Check before sharing"),
    "full_text": _("Full text: scan the code."),
    "photo": _("Photo released with this alert"),
}

# A compiler keeps its fonts and its parsed layout, which makes the second poster several times faster than the
# first; it is not written for two callers at once.
_compiling = threading.Lock()


@dataclass(frozen=True)
class PosterContent:
    """What one poster shows, already approved, worded and formatted for one language.

    ``language`` is ``en``, ``es`` or ``fr``, ``country`` an ISO 3166-1 code; times are text with their zone;
    ``photo_jpeg`` holds a re-encoded JPEG or None; ``labels`` carries every key of ``LABELS``, translated.
    """

    language: str
    country: str
    is_exercise: bool
    event: str
    headline: str
    paragraphs: tuple[str, ...]
    instruction: str
    photo_jpeg: bytes | None
    program_name: str
    alert_number: str
    tip_phone_display: str
    abroad_phone_display: str
    as_of: str
    valid_until: str
    page_url: str
    labels: dict[str, str] = field(default_factory=dict)


def poster_labels(language: str) -> dict[str, str]:
    """Return the poster's fixed words in ``language`` (``en``, ``es`` or ``fr``)."""
    with translation.override(language):
        return {key: str(words) for key, words in LABELS.items()}


def render_poster(content: PosterContent) -> bytes:
    """Return the poster as PDF of exactly one letter page (Mexico's carta is the same size).

    Text shrinks step by step until it fits; what would be smaller than 8 points gives way to "full text: scan the
    code". The PDF's title is the alert number and nothing in its metadata names anybody.
    Refuses (ValueError) labels that are missing and a photo that is not a JPEG.
    """
    missing = LABELS.keys() - content.labels.keys()
    if missing:
        raise ValueError(f"The poster lacks its words for: {', '.join(sorted(missing))}.")
    inputs = {"content": _as_json(content), "qr": _qr_svg(content.page_url)}
    if content.photo_jpeg is not None:
        inputs["photo"] = photo_svg(content.photo_jpeg)
    return compile_page(LAYOUT, inputs)


def compile_page(layout: Path, inputs: dict[str, str]) -> bytes:
    """Return the PDF that a layout makes of its inputs; one at a time, and never one that was set with a warning."""
    with _compiling:
        pdf, warnings = _compiler(layout).compile_with_warnings(format="pdf", sys_inputs=inputs)
    # Without its typeface Typst warns and leaves every word out: a silent empty page.
    if warnings or not isinstance(pdf, bytes):
        raise RuntimeError(f"The page was not set as designed: {'; '.join(map(str, warnings))}")
    return pdf


def typeface_folder() -> str:
    """Return the folder of the one typeface that every page of ours is set in."""
    (typeface,) = entry_points(group="fonts_ttf", name="sourcesansttf")
    return str(Path(typeface.load()["SourceSansPro"]).parent)


@cache
def _compiler(layout: Path) -> typst.Compiler:
    return typst.Compiler(
        input=str(layout),
        root=str(layout.parent),
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[typeface_folder()]
        ),
        ignore_system_fonts=True,
    )


def _as_json(content: PosterContent) -> str:
    values = asdict(content)
    del values["photo_jpeg"]
    return json.dumps(values, ensure_ascii=False)


def _qr_svg(address: str) -> str:
    """Return the code of ``address`` as SVG; level Q (25 %) survives a photocopier's speckles."""
    picture = io.BytesIO()
    segno.make(address, error="q", micro=False).save(picture, kind="svg", border=4, xmldecl=False)
    return picture.getvalue().decode()


def photo_svg(jpeg: bytes) -> str:
    """Return the photo wrapped as SVG, because Typst's inputs carry text only and a child's photo touches no disk."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            width, height = image.size
    except OSError as error:
        raise ValueError("The poster's photo is not a JPEG.") from error
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{b64encode(jpeg).decode()}"/></svg>'
    )
