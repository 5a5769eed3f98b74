"""What the sheets about a request say, in one language: coded facts by their labels, free words with their mark."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from agencies.choices import Language
from agencies.models import Agency, AlertProgram, CriteriaVersion, User
from agencies.phones import show_phone
from agencies.program_agencies import agencies_of
from alerts.models import ExtensionRequest
from alerts.presenting import moment
from alerts.sheet_facts import (
    crossing_words,
    custody_rows,
    leg_row,
    link_rows,
    mark_of,
    place_rows,
    plates_words,
    reference_rows,
    taking_rows,
    vehicle_colors,
    vehicle_words,
)
from alerts.sheets import Section, SheetContent
from cases.criteria.rules import questions_of
from cases.models import AssessmentAnswer, Case
from cases.models.code import code_label
from cases.models.part import as_read_by
from cases.templatetags.codes import clothing, labels, marks
from cases.templatetags.countries import country_list
from cases.templatetags.measures import height, weight

MOST_PHOTOS = 4
BLANK = "_" * 24
ORDINARY, TEXAS = "request", "texas"
# The form of 37 TAC §9.22 is one layout; what it asks and the case does not hold stays to be written by hand.
LAYOUT_OF_PROGRAM = {"us-tx": TEXAS}


def layouts_of(program: AlertProgram) -> tuple[str, ...]:
    """Return the layouts of the request sheet that this program knows."""
    own = LAYOUT_OF_PROGRAM.get(program.code)
    return (ORDINARY, own) if own else (ORDINARY,)


def language_of(program: AlertProgram) -> str:
    """Return the language of a program's sheet: the first that it requires, else that of its desk."""
    return str(next(iter([*program.languages_required, *program.agency.languages]), Language.EN))


def request_sheet(
    item: ExtensionRequest, language: str, by: User, layout: str = ORDINARY, readers: Collection[int] = ()
) -> SheetContent:
    """Return the request with the facts of its case that were released, for print and fax.

    Police-only parts are told to the agencies that are the `readers`, by default those that run the asked program.
    """
    with translation.override(language):
        first = _texas(item) if layout == TEXAS else _asked(item)
        readers = readers or agencies_of(item.program).running
        pictures = item.case.photos.order_by(F("child").asc(nulls_last=True), "added_at")
        photos = as_read_by(pictures.defer("jpeg"), readers)[:MOST_PHOTOS]
        return SheetContent(
            **_frame(item, language, by),
            title=_("AMBER Alert request form") if layout == TEXAS else _("Request to an alert program"),
            sections=(first, *_facts(item.case, readers), *_words(item, readers)),
            signature_title=_("Received and answered by"),
            signature=(_("Name"), _("Signature"), _("Position"), _("Date, time and zone"), _("Folio"), _("Decision")),
            photos_title=_("Photos"),
            photos=tuple(bytes(photo.jpeg) for photo in photos),
        )


def acknowledgement(item: ExtensionRequest, language: str, by: User) -> SheetContent:
    """Return the acuse de recibo: officer, position, own folio and time with zone; nothing about the child."""
    with translation.override(language):
        answer = next((row for row in item.outside_answers.all() if row.answered_at == item.acknowledged_at), None)
        who = [(_("Officer"), str(item.acknowledged_by)), (_("Position"), item.acknowledged_position)]
        if answer is not None:
            who = [
                (_("Officer"), answer.name), (_("Position"), answer.position),
                (_("How the answer was received"), code_label("answer_channel", answer.channel)),
                (_("Recorded by the requester"), str(answer.recorded_by)),
            ]  # fmt: skip
        received = [
            (_("Receiving program"), str(item.program)), *who, (_("Folio"), item.receiver_reference),
            (_("Acknowledged"), _both_zones(item.acknowledged_at, item)),
        ]  # fmt: skip
        asked = [
            (_("Request"), item.number), (_("Requesting agency"), str(item.requesting_agency)),
            (_("What is requested"), code_label("request_kind", item.kind)),
            (_("Sent"), _both_zones(item.sent_at, item)),
        ]  # fmt: skip
        return SheetContent(
            **_frame(item, language, by),
            title=_("Acknowledgment of receipt"),
            sections=(Section(_("Request"), _said(asked)), Section(_("Receipt"), _said(received))),
            signature_title=_("Receipt confirmed by"),
            signature=(_("Name"), _("Signature"), _("Date, time and zone"), _("Folio")),
        )


def _frame(item: ExtensionRequest, language: str, by: User) -> dict[str, Any]:
    """Return what stands on every page: reference, number to call back, who printed it and when."""
    agency = item.requesting_agency
    phone, fax = _desk_numbers(agency, item.program)
    printed_at = moment(timezone.now(), by.time_zone)
    return {
        "language": language,
        "is_exercise": item.case.is_exercise,
        "reference": item.number,
        "call_back": " · ".join(
            filter(None, [f"{_('Call-back number')} {phone}".strip(), fax and f"{_('Fax')} {fax}"])
        ),
        "printed": _("Printed by %(person)s, %(time)s") % {"person": by.full_name, "time": printed_at},
    }


def _desk_numbers(agency: Agency, program: AlertProgram) -> tuple[str, str]:
    """Return telephone and fax of a desk as the program's country reads them, empty where they are not known."""
    phone = show_phone(agency.desk_phone, agency.desk_extension, program.country) if agency.desk_phone else ""
    return phone, show_phone(agency.desk_fax, reader=program.country)


def _asked(item: ExtensionRequest) -> Section:
    receiver = _desk_numbers(item.program.agency, item.program)
    rows = [
        (_("From"), str(item.requesting_agency)), (_("To"), str(item.program)),
        (_("Telephone of the program"), receiver[0]), (_("Fax of the program"), receiver[1]),
        (_("What is requested"), code_label("request_kind", item.kind)), (_("Case"), item.case.reference),
        (_("Sent"), _both_zones(item.sent_at, item)), (_("Alert"), _alert_in_force(item)), *_decided_at_home(item),
    ]  # fmt: skip
    return Section(_("Request"), _said(rows))


def _alert_in_force(item: ExtensionRequest) -> str:
    """Return the number of the alert that came of a request, with the exception by which it began (U7, U9)."""
    alert = getattr(item, "alert", None)
    if alert is None or alert.activated_at is None:
        return ""
    return f"{alert.number} – {alert.get_exception_display()}" if alert.exception else str(alert.number)


def _decided_at_home(item: ExtensionRequest) -> list[tuple[str, str]]:
    """Return the home program's own decision with reason and alternative: criteria not met is not silence (U4)."""
    decision = item.case.home_decisions.select_related("program").first()
    if decision is None:
        return [(_("Decision of the home program"), _("not recorded yet"))]
    return [
        (_("Decision of the home program"), f"{decision.program}: {decision.get_outcome_display()}"),
        (_("Reason"), code_label("decline_reason", decision.reason)),
        (_("Alternative"), code_label("alternative", decision.alternative)),
        (_("Decided"), _both_zones(decision.decided_at, item)),
    ]


def _texas(item: ExtensionRequest) -> Section:
    """Return the fields of 37 TAC §9.22 (domain §4.1): flags, agency, officer, criteria with their two branches."""
    agency, boxes = item.requesting_agency, f"[  ] {_('yes')}   [  ] {_('no')}"
    phone, fax = _desk_numbers(agency, item.program)
    update = "[  ]" if item.link != "again" else "[X]"
    rows = [
        (_("Kind of form"), f"{'[X]' if update == '[  ]' else '[  ]'} {_('initial')}   {update} {_('update')}"),
        (_("Date of the request"), _both_zones(item.sent_at or item.created_at, item)),
        (_("Reporting agency"), f"{agency} – {item.case.reference}"),
        (_("Phone"), phone or BLANK), (_("Fax"), fax or BLANK),
        (_("Investigating officer"), str(item.sent_by or BLANK)), (_("Title"), BLANK), (_("Mobile phone"), BLANK),
        (_("Phone for the media"), BLANK),
        *((title, answer or boxes) for title, answer in _criteria(item)),
        (_("Term"), _("Valid for 24 hours")),
    ]  # fmt: skip
    return Section(_("Request"), _said(rows))


def _criteria(item: ExtensionRequest) -> Iterator[tuple[str, str]]:
    """Yield the questions of the program that was asked, each with the answer that was given to it, if any."""
    version = CriteriaVersion.in_force_for(item.program)
    if version is None:
        return
    given = AssessmentAnswer.objects.filter(
        assessment__case=item.case, assessment__criteria=version, assessment__agency=item.requesting_agency
    )
    answers = {row.question: row.get_answer_display() for row in given.order_by("answered_at")}
    for question in questions_of(version):
        yield question.title, answers.get(question.code, "")


def _facts(case: Case, readers: Collection[int]) -> Iterator[Section]:
    """Yield what happened, children, people, vehicles and ways, as far as they are known and released."""
    [event] = as_read_by([case.abduction], readers)
    crossings = as_read_by(case.crossingindications.select_related("toward_subdivision"), readers)
    yield Section(_("What happened"), _said([
        (event.get_kind_display(), moment(event.happened_at, event.time_zone or "UTC") if event.happened_at else ""),
        *place_rows(event), *taking_rows(event), (_("Reasons for danger"), labels(event.dangers, "danger")),
        *((_("Indication of crossing"), crossing_words(row)) for row in crossings),
    ]))  # fmt: skip
    names: dict[Any, str] = {}
    for child in as_read_by(case.children.select_related("custody_subdivision"), readers):
        names[child.pk] = child.name or _("Child")
        yield Section(_titled(_("Child"), child.name), (*_described(child), *_said(custody_rows(child))))
    for person in as_read_by(case.people.filter(cleared_at__isnull=True), readers):
        names[person.pk] = person.known_as or person.get_role_display()
        relation = [(_("Relationship to the child"), code_label("relationship", person.relationship)),
                    (_("Cautions"), labels(person.cautions, "caution"))]  # fmt: skip
        title = _titled(person.get_role_display(), person.known_as)
        yield Section(title, (*_said(relation), *_described(person)))
    for vehicle in as_read_by(case.vehicles.prefetch_related("plates__issuer"), readers):
        names[vehicle.pk] = vehicle_words(vehicle)
        yield Section(_("Vehicle"), _said([
            (_("Make"), vehicle.make), (_("Model"), vehicle.model), (_("Year"), str(vehicle.year or "")),
            (_("Color"), vehicle_colors(vehicle)),
            (_("Body style"), code_label("vehicle_style", vehicle.style)),
            *((_("License plate"), words) for words in plates_words(vehicle)),
        ]))  # fmt: skip
    yield from _ways_and_numbers(case, names, readers)


def _ways_and_numbers(case: Case, names: dict[Any, str], readers: Collection[int]) -> Iterator[Section]:
    """Yield how they travel, who is with whom, and the numbers of the case in other systems, where any is known."""
    ways = as_read_by(case.legs.select_related("from_subdivision", "to_subdivision"), readers)
    legs = [(leg, leg_row(leg)) for leg in ways]
    numbers = reference_rows(as_read_by(case.references.all(), readers))
    names |= {leg.pk: " ".join(filter(None, [mode, leg.carrier, leg.route])) for leg, (mode, _said_of) in legs}
    links = link_rows(case.links.all(), names)  # of rows that are left out nothing is said
    for title, rows in (
        (_("Travel"), [row for _leg, row in legs]), (_("Who is with whom"), links),
        (_("Numbers in other systems"), numbers),
    ):  # fmt: skip
        if rows:
            yield Section(title, _said(rows))


def _titled(label: Any, name: str) -> str:
    return f"{_('%(label)s:') % {'label': label}} {name}" if name else str(label)


def _described(item: Any) -> tuple[tuple[str, str], ...]:
    born = formats.date_format(item.birth_date, "DATE_FORMAT") if item.birth_date else ""
    age = item.age_now()
    return _said([
        (_("Also known as"), item.also_known_as), (_("Name as on the document"), item.name_on_document),
        (_("Nationalities"), country_list(getattr(item, "nationalities", []))),
        (_("Languages spoken"), labels(getattr(item, "languages_spoken", []), "spoken_language")),
        (_("Sex"), item.get_sex_display()), (_("Date of birth"), born),
        (_("Age"), "" if age is None else str(age)), (_("Height"), height(item.height_cm) if item.height_cm else ""),
        (_("Weight"), weight(item.weight_kg) if item.weight_kg else ""), (_("Hair"), code_label("hair", item.hair)),
        (_("Eyes"), code_label("eyes", item.eyes)), (_("Skin"), code_label("skin", item.skin)),
        (_("Clothing"), clothing(item.clothing)), (_("Distinguishing marks"), marks(item.marks)),
        (_("Medical needs"), labels(getattr(item, "medical", []), "caution")),
    ])  # fmt: skip


def _words(item: ExtensionRequest, readers: Collection[int]) -> Iterator[Section]:
    """Yield free words as they were written, marked where they are in another language."""
    [event] = as_read_by([item.case.abduction], readers)
    written = [(item.note, item.note_language), (event.circumstances, event.circumstances_language)]
    words = tuple((mark_of(language), text) for text, language in written if text)
    if words:
        yield Section(_("Notes"), words=words)


def _both_zones(at: datetime | None, item: ExtensionRequest) -> str:
    """Return a moment in the time of the program, and of the requesting agency where that differs."""
    if at is None:
        return ""
    there = moment(at, item.program.time_zone)
    here = moment(at, item.requesting_agency.time_zone)
    return there if here == there else f"{there} – {here}"


def _said(rows: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((_("%(label)s:") % {"label": label}, str(value)) for label, value in rows if str(value).strip())
