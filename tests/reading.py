"""What a person reads on a page: numbers are kept on one line by an element around them, which nobody sees."""

from __future__ import annotations

import re

UNBROKEN = re.compile(r'<span class="nowrap">(.*?)</span>')


def as_read(page: str) -> str:
    """Return a page without the elements that keep a number together, so that a sentence with one is found whole."""
    return UNBROKEN.sub(r"\1", page)
