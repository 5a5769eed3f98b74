"""CAP 1.2's rules in prose about areas (section 3.2.4) and resources (section 3.2.3)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from lxml import etree

from .geometry import in_range, parse_circle, parse_number, parse_polygon
from .info_rules import is_absolute_uri
from .nodes import child, children, text, text_of
from .violation import Violation, broken

_SHA1_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{40}")
_SHA1_BYTES = 20
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*(\s*;\s*[^\s;]+)*", re.ASCII)


def area_violations(area: etree._Element) -> Iterator[Violation]:
    """Yield what is wrong with the shapes and heights of one area."""
    for polygon in children(area, "polygon"):
        yield from _polygon(polygon)
    for circle in children(area, "circle"):
        yield from _circle(circle)
    yield from _heights(area)


def _polygon(polygon: etree._Element) -> Iterator[Violation]:
    points = parse_polygon(text_of(polygon))
    if points is None:
        yield broken("polygon-form", _("A polygon is latitude,longitude pairs with spaces between."), polygon)
        return
    if len(points) < 4 or len(set(points)) < 3:
        yield broken(
            "polygon-pairs", _("A polygon needs at least four points: three corners and the first again."), polygon
        )
    if points and points[0] != points[-1]:
        yield broken("polygon-open", _("A polygon must end where it begins."), polygon)
    if not all(in_range(point) for point in points):
        yield broken("coordinates-range", _("A point is outside the globe."), polygon)


def _circle(circle: etree._Element) -> Iterator[Violation]:
    values = parse_circle(text_of(circle))
    if values is None or values[2] < 0:
        yield broken("circle-form", _("A circle is written as latitude,longitude and a radius in kilometers."), circle)
    elif not in_range(values[:2]):
        yield broken("coordinates-range", _("A point is outside the globe."), circle)


def _heights(area: etree._Element) -> Iterator[Violation]:
    ceiling = child(area, "ceiling")
    if ceiling is None:
        return
    if child(area, "altitude") is None:
        yield broken("ceiling-without-altitude", _("A ceiling needs an altitude to begin from."), ceiling)
        return
    low, high = parse_number(text(area, "altitude")), parse_number(text_of(ceiling))
    if low is not None and high is not None and high < low:
        yield broken("ceiling-below-altitude", _("The ceiling is below the altitude."), ceiling)


def resource_violations(resource: etree._Element) -> Iterator[Violation]:
    """Yield what is wrong with one attached file's description."""
    media_type, digest = child(resource, "mimeType"), child(resource, "digest")
    if media_type is not None and not _MEDIA_TYPE.fullmatch(text_of(media_type)):
        yield broken("mime-type-form", _("A media type such as image/jpeg is needed."), media_type)
    if digest is not None and not is_sha1(text_of(digest)):
        yield broken("digest-form", _("The digest must be SHA-1, as 40 hexadecimal digits."), digest)
    uri, embedded = child(resource, "uri"), child(resource, "derefUri")
    if uri is not None and embedded is None and not is_absolute_uri(text_of(uri)):
        yield broken("uri-relative", _("Without the file's content a full web address is needed."), uri)
    if embedded is not None and _decoded(text_of(embedded)) is None:
        yield broken("deref-uri-base64", _("The file's content must be in base64."), embedded)


def is_sha1(digest: str) -> bool:
    """Return whether `digest` is a SHA-1 value: 40 hexadecimal digits or base64 (CAP 1.2 names no encoding)."""
    content = _decoded(digest)
    return bool(_SHA1_HEXADECIMAL.fullmatch(digest)) or (content is not None and len(content) == _SHA1_BYTES)


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode("".join(value.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None
