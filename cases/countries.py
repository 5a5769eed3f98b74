"""Countries of the whole world by name: a child may be a citizen of a country outside the portal (U22)."""

from __future__ import annotations

import unicodedata
from functools import cache

from babel import Locale
from django.utils.translation import get_language

# Offered first, as most children in cross-border cases are citizens of one of them.
FIRST_COUNTRIES = ("US", "MX", "CA")
FORMER_OR_NONE = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


@cache
def _territories(language: str) -> dict[str, str]:
    names = Locale.parse(locale_of(language)).territories
    return {
        code: str(name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in FORMER_OR_NONE
    }


def country_name(code: str) -> str:
    """Return the country's name in the reader's language; the code itself where nobody knows it."""
    return _territories(get_language() or "en").get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Return every country by name in the reader's language, the three of the portal first."""
    names = _territories(get_language() or "en")
    rest = sorted((item for item in names.items() if item[0] not in FIRST_COUNTRIES), key=_by_name)
    return [*((code, names[code]) for code in FIRST_COUNTRIES), *rest]


def is_country(code: str) -> bool:
    """Say whether this is the code of a country (ISO 3166-1)."""
    return code in _territories("en")


def _by_name(item: tuple[str, str]) -> str:
    plain = unicodedata.normalize("NFKD", item[1].casefold())  # Égypte beside Espagne
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def locale_of(language: str) -> str:
    """Return the locale of a language as the portal writes it: of Mexico, of Canada, of the United States."""
    return {"es": "es_MX", "fr": "fr_CA"}.get(language[:2], "en_US")
