"""CAP's polygons and circles: points in WGS 84 as `latitude,longitude` in degrees, radius in kilometers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal

Point = tuple[float, float]
Polygon = tuple[Point, ...]
Circle = tuple[float, float, float]

# float() alone would also take "nan", "1_0" and digits of other scripts.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def parse_number(text: str) -> float | None:
    """Return the plain decimal number in `text`, or None."""
    return float(text) if len(text) <= 40 and _NUMBER.fullmatch(text) else None


def parse_point(text: str) -> Point | None:
    """Return (latitude, longitude) in degrees from `lat,lon`, or None."""
    numbers = [parse_number(part) for part in text.split(",")]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]


def parse_polygon(text: str) -> Polygon | None:
    """Return the points of a polygon, or None if one of them cannot be read. Line breaks between points are allowed."""
    points = [parse_point(pair) for pair in text.split()]
    return None if None in points else tuple(point for point in points if point is not None)


def parse_circle(text: str) -> Circle | None:
    """Return (latitude, longitude, radius in km) from `lat,lon radius`, or None."""
    parts = text.split()
    point = parse_point(parts[0]) if len(parts) == 2 else None
    radius = parse_number(parts[1]) if len(parts) == 2 else None
    return None if point is None or radius is None else (*point, radius)


def in_range(point: Point) -> bool:
    """Return whether the point is on the globe: latitude within ±90°, longitude within ±180°."""
    return abs(point[0]) <= 90 and abs(point[1]) <= 180


def format_number(value: float | Decimal) -> str:
    """Return the number as plain decimals, never as 1e-05. Refuses (ValueError) infinity and not-a-number."""
    if not math.isfinite(value):
        raise ValueError("A coordinate must be a finite number.")
    return format(Decimal(str(value)), "f")


def format_polygon(points: Iterable[Point]) -> str:
    """Return CAP's text of a polygon: points separated by spaces."""
    return " ".join(f"{format_number(lat)},{format_number(lon)}" for lat, lon in points)


def format_circle(circle: Circle) -> str:
    """Return CAP's text of a circle."""
    lat, lon, radius = circle
    return f"{format_number(lat)},{format_number(lon)} {format_number(radius)}"
