"""Every row of docs/leak-catalog.md names tests that exist, or says why the path cannot occur here."""

from __future__ import annotations

import ast
import re

from tests.portal import ROOT

CATALOG = ROOT / "docs" / "leak-catalog.md"
NAMED = re.compile(r"`((?:tests|docs)/[\w./-]+)(?:::(\w+))?`")


def rows() -> list[tuple[str, str]]:
    """Return path and answer of every row."""
    lines = [line for line in CATALOG.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(path, here) for path, here in cells if path != "path"]


def test_every_row_has_a_test_or_a_sentence() -> None:
    assert len(rows()) > 85
    assert len({path for path, _here in rows()}) == len(rows())
    bare = [path for path, here in rows() if not NAMED.search(here) and len(here.split()) < 5]
    assert bare == []


def test_every_test_that_is_named_exists() -> None:
    missing, named = [], 0
    for file, function in NAMED.findall(CATALOG.read_text()):
        named += 1
        path = ROOT / file
        if not path.exists():
            missing.append(file)
        elif function:
            known = {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
            if function not in known:
                missing.append(f"{file}::{function}")
    assert missing == []
    assert named > 90
