"""Tables for spreadsheets: CSV in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection); also behind spaces.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads the accents of UTF-8 wrongly


def safe_cell(value: object) -> str:
    """Return a value as text that a spreadsheet shows and never computes: an apostrophe stands before a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV (RFC 4180), every cell safe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_answer(rows: Iterable[Iterable[object]], name: str) -> HttpResponse:
    """Return a download of rows. `name` is ours and holds nothing personal."""
    response = HttpResponse(BYTE_ORDER_MARK + csv_text(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
