"""Canadian French formats: decimal comma, narrow spaces, 17 h 40 (U27); a no-break space holds a time together.

The first of a month is "1er" (Office québécois de la langue française). Django's letter for the ending of a number,
"S", knows the English ones alone, and no other format of ours asks for it: here it learns the French one.
"""

from django.utils.dateformat import DateFormat
from django.utils.translation import get_language

DATE_FORMAT = "jS\u00a0F Y"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = "jS\u00a0F Y, G\u00a0\\h\u00a0i"
SHORT_DATE_FORMAT = "jS\u00a0M Y"
SHORT_DATETIME_FORMAT = "jS\u00a0M Y, G\u00a0\\h\u00a0i"
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\u202f"
NUMBER_GROUPING = 3

_english_ending = DateFormat.S


def _ending(self: DateFormat) -> str:
    if not (get_language() or "").startswith("fr"):
        return str(_english_ending(self))
    return "er" if self.j() == 1 else ""


DateFormat.S = _ending  # type: ignore[method-assign]
