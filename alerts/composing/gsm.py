"""Text for cell broadcast and text messages: the basic GSM 7-bit alphabet (3GPP TS 23.038, 6.2.1).

á í ó ú, ê, î, ô, û and ç are not in it, é è ù ñ ü ¿ ¡ are; a text with one sign outside the alphabet is sent as
UCS-2 and holds less than half.
"""

from __future__ import annotations

import unicodedata

BASIC_ALPHABET = frozenset(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
REPLACEMENTS = {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "œ": "oe", "Œ": "OE"}


def to_basic_alphabet(text: str) -> str:
    """Return `text` in the basic alphabet: accents it lacks are dropped, signs it cannot say are left out."""
    said = (_in_alphabet(REPLACEMENTS.get(sign, sign)) for sign in unicodedata.normalize("NFC", text))
    return " ".join("".join(said).split())


def _in_alphabet(sign: str) -> str:
    if all(letter in BASIC_ALPHABET for letter in sign):
        return sign
    return "".join(letter for letter in unicodedata.normalize("NFKD", sign) if letter in BASIC_ALPHABET)
