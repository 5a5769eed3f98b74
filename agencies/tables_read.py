"""Tables that somebody made in a spreadsheet, read with care: bounded, in one encoding, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agencies.spreadsheets import BYTE_ORDER_MARK, FORMULA

MOST_BYTES = 256 * 1024
MOST_ROWS = 500
MOST_SIGNS = 500  # of one cell


class TableRefused(Exception):
    """The file is no table that can be read; `message` says why, in the reader's language."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class TableRow:
    """One line of a table: its number in the file, its cells by column, and what is wrong with their form."""

    line: int
    cells: dict[str, str]
    fault: str = ""


def text_of(content: bytes) -> str:
    """Return a file as text. Refuses what is too large or not UTF-8: names would be kept with wrong letters."""
    if len(content) > MOST_BYTES:
        raise TableRefused(_("The file is larger than %(size)s KB.") % {"size": MOST_BYTES // 1024})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableRefused(_("The file is not in UTF-8. Save it as “CSV UTF-8” and choose it again.")) from error
    if "\0" in text:
        raise TableRefused(_("The file is no CSV file."))
    return text


def one_kind_of_line_ends(text: str) -> str:
    """Return the text with a line feed at the end of each line, whatever stood there."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_table(text: str, *, columns: Iterable[str], required: Iterable[str]) -> list[TableRow]:
    """Return the rows of a CSV table that begins with the names of its columns; commas or semicolons part them.

    Empty lines are left out. A row with a formula or with more cells than columns has a `fault`. Refuses a table
    with other columns, without rows, or with more than 500.
    """
    text = one_kind_of_line_ends(text.removeprefix(BYTE_ORDER_MARK))
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",",
                        strict=True)  # fmt: skip
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_columns(names, set(columns), list(required))
        rows: list[TableRow] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == MOST_ROWS:
                raise TableRefused(_("The file has more than %(count)s rows.") % {"count": MOST_ROWS})
            rows.append(_row(reader.line_num, names, cells))
    except csv.Error as error:
        raise TableRefused(_("Line %(line)s of the file cannot be read.") % {"line": reader.line_num}) from error
    if not rows:
        raise TableRefused(_("The file has no rows."))
    return rows


def _check_columns(names: list[str], known: set[str], required: list[str]) -> None:
    missing = [name for name in required if name not in names]
    if missing:
        raise TableRefused(_("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    other = sorted({name[:40] for name in names if name not in known or names.count(name) > 1})
    if other:
        raise TableRefused(
            _("These columns are unknown or stand there twice: %(names)s.") % {"names": ", ".join(other)}
        )


def _row(line: int, names: list[str], cells: list[str]) -> TableRow:
    found = dict(zip(names, (cell.strip() for cell in cells), strict=False))
    values = {name: found.get(name, "") for name in names}
    fault = ""
    if len(cells) > len(names):
        fault = _("The row has more cells than there are columns.")
    elif any(cell.startswith(FORMULA) for cell in values.values()):
        fault = _("A cell begins like a formula of a spreadsheet.")
    elif any(len(cell) > MOST_SIGNS or not cell.isprintable() for cell in values.values()):
        fault = _("A cell is too long or holds signs that cannot be shown.")
    return TableRow(line, values, fault)
