"""Words for codes: dictionary labels and the grammar a language needs to build sentences with them.

A lexicon is made from plain rows, so that composing knows neither models nor files. The grammar of a row holds one
entry per language, and flags that are the same in all:

* adjectives: {"adjective": "red"} in English, four forms [m. sing., f. sing., m. plur., f. plur.] in Spanish and
  French;
* nouns: {"noun", "gender": m|f, "number": s|p (English also u: uncountable)}, "tail" for what follows the adjective
  ("sudadera *roja* con capucha");
* whole phrases under a name of their own ("clause", "phrase", "indefinite" …), as text, list or forms by sex (m, f, u);
* flags: "silent" (never said in public), "kind" of a caution, "pattern" of a color, "part" of a garment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en", "es", "fr")

Row = tuple[str, str, str, str, str, Mapping[str, Any] | None]


@dataclass(frozen=True)
class Noun:
    """A noun as composing needs it; English nouns have no gender."""

    text: str
    gender: str = "m"
    number: str = "s"
    tail: str = ""
    plain: str = ""  # what is said of a part whose color is not known


@dataclass(frozen=True)
class _Entry:
    labels: dict[str, str]
    grammar: Mapping[str, Any]


class Lexicon:
    """Looks up codes; what it cannot find is left unsaid and noted in `gaps`, never shown raw and never an error."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._entries = {
            (list_name, code): _Entry({"en": en or "", "es": es or "", "fr": fr or ""}, grammar or {})
            for list_name, code, en, es, fr, grammar in rows
        }
        self.gaps: set[tuple[str, str]] = set()

    def label(self, list_name: str, code: str, language: str) -> str:
        """Return the dictionary label, "" when there is none in that language."""
        entry = self._entry(list_name, code)
        label = entry.labels.get(language, "") if entry else ""
        if entry and not label:
            self.gaps.add((list_name, code))
        return label

    def is_said(self, list_name: str, code: str) -> bool:
        """Return whether the code is known and may stand in a public text."""
        entry = self._entry(list_name, code)
        return entry is not None and not entry.grammar.get("silent")

    def flag(self, list_name: str, code: str, name: str) -> Any:
        """Return a flag of the code that holds in every language, None when it has none."""
        entry = self._entry(list_name, code)
        return entry.grammar.get(name) if entry else None

    def grammar(self, list_name: str, code: str, language: str) -> Mapping[str, Any]:
        """Return the grammar of the code in one language; empty when unknown or never said in public."""
        if not self.is_said(list_name, code):
            return {}
        found = self._entries[list_name, code].grammar.get(language)
        return found if isinstance(found, Mapping) else {}

    def adjective(self, list_name: str, code: str, language: str, gender: str = "m", number: str = "s") -> str:
        """Return the form of the adjective for a noun of that gender (m, f) and number (s, p)."""
        forms = self.grammar(list_name, code, language).get("adjective")
        if isinstance(forms, str) and forms:
            return forms
        if isinstance(forms, list) and len(forms) == 4:
            return str(forms[(gender == "f") + 2 * (number == "p")])
        return self._bare_label(list_name, code, language)

    def noun(self, list_name: str, code: str, language: str) -> Noun | None:
        """Return the noun, None when the code is unknown or silent; a row without grammar is said as a masculine."""
        found = self.grammar(list_name, code, language)
        if found.get("noun"):
            return noun_from(found)
        text = self._bare_label(list_name, code, language)
        return Noun(text) if text else None

    def phrase(self, list_name: str, code: str, language: str, name: str) -> Any:
        """Return the named phrase of the code, None when it has none."""
        return self.grammar(list_name, code, language).get(name)

    def _bare_label(self, list_name: str, code: str, language: str) -> str:
        """The label as a word in a sentence: what a row that staff added without grammar can offer."""
        if not self.is_said(list_name, code) or self.grammar(list_name, code, language).get("phrase"):
            return ""
        self.gaps.add((list_name, code))
        label = self.label(list_name, code, language)
        return label[:1].lower() + label[1:]

    def _entry(self, list_name: str, code: str) -> _Entry | None:
        if not code:
            return None
        entry = self._entries.get((list_name, code))
        if entry is None:
            self.gaps.add((list_name, code))
        return entry


def noun_from(grammar: Mapping[str, Any]) -> Noun:
    """Return the noun that a grammar entry describes."""
    return Noun(
        text=str(grammar.get("noun", "")),
        gender=str(grammar.get("gender", "m")),
        number=str(grammar.get("number", "s")),
        tail=str(grammar.get("tail", "")),
        plain=str(grammar.get("plain", "")),
    )
