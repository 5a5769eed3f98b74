"""What the asking side needs at the telephone when nobody acknowledges: numbers, and words the other side understands.

The script is written in the receiver's language, not the caller's; it says the number of the request and nothing of the
case (U39, U40).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from agencies.choices import LANGUAGE_TAGS
from agencies.models import Agency
from agencies.phones import show_phone
from agencies.routing import desks_of, national_hub
from alerts.models import ExtensionRequest


@dataclass(frozen=True)
class Script:
    """What to say, in one language."""

    language: str
    words: str

    @property
    def tag(self) -> str:
        """Return what a screen reader calls the language (BCP 47)."""
        return LANGUAGE_TAGS[self.language]

    @property
    def language_name(self) -> str:
        """Return the name of the language, in the reader's own."""
        name = str(get_language_info(self.language)["name_translated"])
        return name if (get_language() or "en").startswith("en") else name.lower()


@dataclass(frozen=True)
class CallSheet:
    """Whom to call, the desk first and the hub last, and what to say."""

    desks: list[Agency]
    script: Script


def call_sheet(request: ExtensionRequest) -> CallSheet:
    """Return the numbers of the program's desks and of its country's hub, and the script of one request."""
    desks = desks_of(request.program)
    hub = national_hub(request.program.country)
    more = [hub.agency] if hub is not None and hub.agency_id not in {desk.pk for desk in desks} else []
    return CallSheet([*desks, *more], script_of(request, desks[0]))


def script_of(request: ExtensionRequest, desk: Agency) -> Script:
    """Return the script in the first working language of the desk, with times in the program's zone."""
    language = (desk.languages or request.program.languages_required or ["en"])[0]
    caller = request.requesting_agency
    with translation.override(language), timezone.override(request.program.time_zone):
        at = timezone.localtime(request.sent_at or timezone.now())
        words = _(
            "Good day. I am calling for %(agency)s. At %(time)s, your time, we sent your program request %(number)s in AMBER Bridge, and nobody has acknowledged it yet. A child may be on the way to your territory. Please open the request now, or tell me who can."  # noqa: E501
        ) % {"agency": caller, "time": date_format(at, "TIME_FORMAT"), "number": request.number}
        if caller.desk_phone:
            number = show_phone(caller.desk_phone, caller.desk_extension, desk.country)
            words += " " + _("You can call us back at %(phone)s.") % {"phone": number}
    return Script(language, words)
