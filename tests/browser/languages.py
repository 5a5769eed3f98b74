"""Every word on a page is in the reader's language or marked with its own (U11).

What may stand unmarked on a Spanish page is taken from what the portal says in Spanish: its catalog and its coded
labels. Marks that are no words in any language (references, plates, addresses, zones) are set aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import polib
from babel import Locale

from tests.portal import ROOT

DATA = [
    *(ROOT / "agencies" / "data").glob("*.json"),
    *(ROOT / "cases" / "data").glob("*.json"),
]  # fmt: skip
# E-mail addresses; references and plates (letters with digits); zones (UTC−6, CST); codes of subdivisions (MX-CHH).
MARKS = re.compile(r"\S+@\S+|\b(?=\S*\d)\S+|\bUTC\b|\b[CEMP][SD]?T\b|\b[A-Z]{2}(?:-[A-Z]{2,4})+\b|https?://\S+")
TEXTS = """
() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const tell = (element, text) => {
    if (text && text.trim()) found.push([element.closest("[lang]").lang.slice(0, 2), text.trim()]);
  };
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest("script, style, template")) tell(node.parentElement, node.data);
    } else {
      for (const name of ["alt", "title", "aria-label", "placeholder"]) tell(node, node.getAttribute(name));
    }
  }
  return found;
}
"""


def words_of(text: str) -> set[str]:
    """Return the words of a text in lower case, without marks that belong to no language."""
    return {word.lower() for word in re.findall(r"[^\W\d_]+", MARKS.sub(" ", text))}


@cache
def spanish_words() -> frozenset[str]:
    """Return every word that the portal itself says in Spanish."""
    found: set[str] = set()
    for entry in polib.pofile(ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            found |= words_of(text)
    for path in DATA:
        for text in _spanish_of(json.loads(path.read_text(encoding="utf-8"))):
            found |= words_of(text)
    locale = Locale("es", "MX")
    for names in (locale.territories, locale.languages, locale.months["format"]["wide"], locale.days["format"]["wide"]):
        for text in names.values():
            found |= words_of(text)
    return frozenset(found)


def _spanish_of(value: Any, *, is_spanish: bool = False) -> Iterator[str]:
    """Give the strings of a data file that are Spanish by their key."""
    if isinstance(value, str):
        if is_spanish:
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _spanish_of(inner, is_spanish=is_spanish or key == "es" or key.endswith("_es"))
    elif isinstance(value, list):
        for inner in value:
            yield from _spanish_of(inner, is_spanish=is_spanish)


def unmarked_words(page: Any, names: Iterable[str]) -> dict[str, str]:
    """Return the words that stand unmarked on a Spanish page and are not Spanish, each with the text it is in.

    `names` are proper names: of people, places, makes. They are nobody's language.
    """
    allowed = spanish_words() | {word for name in names for word in words_of(name)}
    return {
        word: text
        for language, text in page.evaluate(TEXTS)
        if language == "es"
        for word in sorted(words_of(text) - allowed)
    }


def assert_every_language_is_named(page: Any, names: Iterable[str]) -> None:
    """Refuse a Spanish page that shows a word of another language without saying so, also in its labels for readers."""
    assert page.locator("html").get_attribute("lang").startswith("es")
    assert unmarked_words(page, names) == {}
