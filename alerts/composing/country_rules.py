"""What the country of the issuing program changes in a text, as a table.

Race is said nowhere: it is no part of the facts (`facts.py`), for it may not stand in Mexican or Canadian public text
and misleads elsewhere. Complexion (tez) is a field of the Mexican ficha only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CountryRules:
    """One row of the table."""

    imperial_first: bool
    says_complexion: bool
    emergency_number: str


RULES = {
    "US": CountryRules(imperial_first=True, says_complexion=False, emergency_number="911"),
    "MX": CountryRules(imperial_first=False, says_complexion=True, emergency_number="911"),
    "CA": CountryRules(imperial_first=False, says_complexion=False, emergency_number="911"),
}


def rules_for(country: str) -> CountryRules:
    """Return the row of an ISO 3166-1 country; a country without a row is given Canada's."""
    return RULES.get(country, RULES["CA"])
