"""AMBER Bridge's own rules for its messages, beyond CAP 1.2; their codes begin with `project-`.

Repeating every value that is not free text verbatim in all languages is a rule of Canada's profile (CAP-CP 0.4), and
IPAWS asks the same for category and event code; the house keeps it for everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from lxml import etree

from . import codes
from .nodes import children, named_values, text, text_of
from .violation import Violation, broken

_REPEATED = ("category", "responseType", "urgency", "severity", "certainty", "effective", "onset", "expires")


def house_rule_violations(alert: etree._Element, languages: Collection[str]) -> Iterator[Violation]:
    """Yield which of the house's rules the message breaks; `languages` are those it must carry, once each."""
    infos = children(alert, "info")
    if text(alert, "status") == "Exercise" and not text(alert, "note"):
        yield broken("project-exercise-note", _("An exercise must name itself in the note."), alert)
    if text(alert, "msgType") in ("Ack", "Error"):
        return
    yield from _languages(alert, infos, languages)
    for info in infos:
        yield from _one_info(info, text(alert, "msgType"))
        yield from _same_as_first(info, infos[0])


def _languages(alert: etree._Element, infos: list[etree._Element], languages: Collection[str]) -> Iterator[Violation]:
    found = Counter(text(info, "language") or codes.DEFAULT_LANGUAGE for info in infos)
    if found != Counter(languages):
        message = format_lazy(
            _("The message must carry each of these languages once, and no other: {languages}."),
            languages=", ".join(languages),
        )
        yield broken("project-languages", message, alert)


def _one_info(info: etree._Element, msg_type: str) -> Iterator[Violation]:
    same_codes = [value for name, value in named_values(info, "eventCode") if name == codes.SAME]
    if same_codes != [codes.SAME_CHILD_ABDUCTION]:
        yield broken("project-event-code", _("Exactly one SAME event code is needed: CAE, child abduction."), info)
    responses = [text_of(response) for response in children(info, "responseType")]
    if msg_type == "Cancel" and "AllClear" not in responses:
        yield broken("project-cancel-all-clear", _("A cancellation must tell the public that all is clear."), info)
    if not children(info, "area"):
        yield broken("project-area", _("An area is needed."), info)
    for area in children(info, "area"):
        if not children(area, "geocode"):
            yield broken("project-area-geocode", _("Each area needs at least one code of a place."), area)


def _same_as_first(info: etree._Element, first: etree._Element) -> Iterator[Violation]:
    own, model = _values_to_repeat(info), _values_to_repeat(first)
    for name in own:
        if own[name] != model[name]:
            message = format_lazy(_("“{element}” must be the same in every language."), element=name)
            yield broken("project-verbatim", message, info)


def _values_to_repeat(info: etree._Element) -> dict[str, tuple]:
    values: dict[str, tuple] = {name: tuple(text_of(item) for item in children(info, name)) for name in _REPEATED}
    values["eventCode"] = named_values(info, "eventCode")
    areas = children(info, "area")
    values["geocode"] = tuple(named_values(area, "geocode") for area in areas)
    for shape in ("polygon", "circle"):
        values[shape] = tuple(tuple(text_of(item) for item in children(area, shape)) for area in areas)
    return values
