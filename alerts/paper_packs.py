"""What a desk keeps on paper for the hour in which the portal is away: directory, blank sheet, phone scripts (U42).

One PDF in the reader's language; the scripts stand in all three, because the other side picks up the telephone.
Set by Typst as sheets are: black on white, dated, with nothing of any case.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from agencies.choices import Country, Language
from agencies.models import Agency, AlertProgram, ProgramDesk, User
from agencies.phones import show_phone
from alerts.posters import compile_page
from alerts.presenting import moment
from alerts.sheets import RESTRICTED

LAYOUT = Path(__file__).with_name("paper_pack.typ")
SCRIPTS = (
    (gettext_lazy("To ask for an alert"), gettext_lazy("Good day. I am calling for __________. AMBER Bridge cannot be reached from here. A child may be on the way to your territory, and we ask your program for an alert. The request sheet follows by fax. Our reference is __________. Please tell me your name, your position and your own reference.")),  # noqa: E501
    (gettext_lazy("To acknowledge a request"), gettext_lazy("Good day. I am __________ of __________. We have received your request __________. Our reference is __________, and you reach me at __________. We will tell you our decision by telephone.")),  # noqa: E501
    (gettext_lazy("To end an alert"), gettext_lazy("Good day. I am calling for __________. The search for which we sent you request __________ has ended. Please cancel your alert, and tell me when nothing of it is public any more.")),  # noqa: E501
)  # fmt: skip


@dataclass(frozen=True)
class CountryDesks:
    """The desks of one country: program, telephone, fax, e-mail, and when the desk verified them."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class FormPart:
    """One part of the blank sheet: what is to be written, by its labels."""

    title: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class PhoneScript:
    """What to say on one occasion: language in words, text, language tag."""

    title: str
    said: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PackContent:
    """The whole pack, worded for one language."""

    language: str
    title: str
    dated: str
    printed: str
    restricted: tuple[str, ...]
    directory_title: str
    directory_note: str
    columns: tuple[str, ...]
    directory: tuple[CountryDesks, ...]
    form_title: str
    form: tuple[FormPart, ...]
    scripts_title: str
    scripts: tuple[PhoneScript, ...]


def paper_pack(language: str, by: User) -> PackContent:
    """Return the pack in one language, dated in the reader's own time. Two queries; nothing of any case."""
    with translation.override(language), timezone.override(by.time_zone):
        now = timezone.localtime()
        return PackContent(
            language=language,
            title=_("AMBER Bridge: paper pack"),
            dated=formats.date_format(now, "DATE_FORMAT"),
            printed=_("Printed by %(person)s, %(time)s") % {"person": by, "time": moment(now, by.time_zone)},
            restricted=RESTRICTED,
            directory_title=_("Duty directory"),
            directory_note=_("Numbers change. What the desk has not verified lately says so; print the pack again every month."),  # noqa: E501
            columns=(_("Program"), _("Telephone"), _("Fax"), _("E-mail"), _("Last verified")),
            directory=_directory(),
            form_title=_("Request to an alert program"),
            form=_blank_form(),
            scripts_title=_("Phone scripts"),
            scripts=tuple(PhoneScript(str(title), _in_all_languages(words)) for title, words in SCRIPTS),
        )  # fmt: skip


def render_pack(content: PackContent) -> bytes:
    """Return the pack as PDF on letter paper. Its metadata name nobody."""
    return compile_page(LAYOUT, {"content": json.dumps(asdict(content), ensure_ascii=False)})


def _directory() -> tuple[CountryDesks, ...]:
    desks: dict[int, list[Agency]] = defaultdict(list)
    for row in ProgramDesk.objects.filter(agency__is_active=True).select_related("agency").order_by("position", "pk"):
        desks[row.program_id].append(row.agency)
    of_country: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    programs = AlertProgram.objects.filter(is_active=True).select_related("agency")
    for program in sorted(programs, key=lambda item: str(item).casefold()):
        for desk in desks.get(program.pk) or [program.agency]:
            of_country[program.country].append(_row(program, desk))
    return tuple(CountryDesks(str(Country(code).label), tuple(rows)) for code, rows in sorted(of_country.items()))


def _row(program: AlertProgram, desk: Agency) -> tuple[str, ...]:
    name = str(program) if desk.pk == program.agency_id else f"{program}\n{desk}"
    verified = pgettext("numbers", "never")
    if desk.desk_wrong_at is not None:
        verified = str(desk.get_desk_standing_display())
    elif desk.desk_verified_at is not None:
        verified = formats.date_format(timezone.localtime(desk.desk_verified_at), "DATE_FORMAT")
    return (
        name,
        show_phone(desk.desk_phone, desk.desk_extension) if desk.desk_phone else "–",
        show_phone(desk.desk_fax) if desk.desk_fax else "–",
        desk.desk_email or "–",
        verified,
    )


def _blank_form() -> tuple[FormPart, ...]:
    return (
        FormPart(_("Request"), (
            _("Requesting agency"), _("Officer"), _("Position"), _("Call-back number"), _("Fax"), _("E-mail"),
            _("Receiving program"), _("Date, time and zone"),
        )),
        FormPart(_("Child"), (
            _("Name"), _("Date of birth"), _("Sex"), _("Height"), _("Weight"), _("Hair"), _("Eyes"), _("Marks"),
            _("Clothing"), _("Languages"),
        )),
        FormPart(_("Event"), (
            _("Where"), _("When, with the zone"), _("What happened"), _("Danger"), _("Toward"), _("Seen last at"),
        )),
        FormPart(_("Suspect"), (
            _("Name"), _("Date of birth"), _("Sex"), _("Height"), _("Weight"), _("Clothing"),
            _("Relationship to the child"),
        )),
        FormPart(_("Vehicle"), (_("Make and model"), _("Color"), _("Plate"), _("Issued by"))),
        FormPart(_("Received and answered by"), (
            _("Name"), _("Position"), _("Date, time and zone"), _("Folio"), _("Decision"), _("Signature"),
        )),
    )  # fmt: skip


def _in_all_languages(words: object) -> tuple[tuple[str, str, str], ...]:
    said = {}
    for language in Language.values:
        with translation.override(language):
            said[language] = str(words)
    return tuple((str(Language(language).label), text, language) for language, text in said.items())
