"""The house's own rules for its messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.cap.message import CapReference
from alerts.cap.validate import house_violations, violations
from alerts.cap.xml import to_xml
from tests.alerts.cap.messages import PARTNER_SAMPLE, TEXTS, amber_area, amber_info, amber_message, assert_clear

EARLIER = CapReference("tx@amber-bridge.example", "US-TX-2026-00042-0", "2026-05-04T21:00:00-06:00")


def infos(**changes):
    return tuple(amber_info(language, **changes) for language in TEXTS)


def last_info_with(**changes):
    return amber_message(infos=(amber_info("en-US"), amber_info("es-MX"), amber_info("fr-CA", **changes)))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("project-languages", amber_message(infos=infos()[:2])),
        ("project-languages", amber_message(infos=(*infos(), amber_info("fr-CA", event="Again")))),
        ("project-languages", amber_message(infos=())),
        ("project-event-code", amber_message(infos=infos(event_codes=(("SAME", "MEP"),)))),
        ("project-event-code", amber_message(infos=infos(event_codes=(("profile:CAP-CP:Event:0.4", "amber"),)))),
        ("project-event-code", amber_message(infos=infos(event_codes=(("SAME", "CAE"), ("SAME", "MEP"))))),
        ("project-area", amber_message(infos=infos(areas=()))),
        ("project-area-geocode", amber_message(infos=infos(areas=(replace(amber_area(), geocodes=()),)))),
        ("project-cancel-all-clear", amber_message(msg_type="Cancel", references=(EARLIER,))),
        ("project-exercise-note", amber_message(status="Exercise", note="")),
        ("project-verbatim", last_info_with(categories=("Safety", "Rescue"))),
        ("project-verbatim", last_info_with(response_types=())),
        ("project-verbatim", last_info_with(urgency="Expected")),
        ("project-verbatim", last_info_with(severity="Extreme")),
        ("project-verbatim", last_info_with(certainty="Observed")),
        ("project-verbatim", last_info_with(expires=None)),
        ("project-verbatim", last_info_with(event_codes=(("SAME", "CAE"),))),
        ("project-verbatim", last_info_with(areas=(replace(amber_area(), geocodes=(("SAME", "048141"),)),))),
        ("project-verbatim", last_info_with(areas=(replace(amber_area(), circles=()),))),
    ],
)
def test_house_rule_is_found_in_a_message_that_cap_allows(rule, message):
    xml = to_xml(message)
    assert violations(xml) == []
    found = house_violations(xml)
    assert {violation.rule for violation in found} == {rule}
    for violation in found:
        assert_clear(violation.message)


def test_cancel_without_infos_is_refused_although_cap_allows_it():
    xml = to_xml(amber_message(msg_type="Cancel", references=(EARLIER,), infos=()))
    assert violations(xml) == []
    assert [violation.rule for violation in house_violations(xml)] == ["project-languages"]


def test_cancel_that_says_all_clear_in_every_language_passes():
    message = amber_message(msg_type="Cancel", references=(EARLIER,), infos=infos(response_types=("AllClear",)))
    assert house_violations(to_xml(message)) == []


@pytest.mark.parametrize("msg_type", ["Ack", "Error"])
def test_answers_need_no_infos(msg_type):
    message = amber_message(msg_type=msg_type, references=(EARLIER,), infos=())
    assert house_violations(to_xml(message)) == []


def test_a_rendition_may_carry_other_languages():
    xml = PARTNER_SAMPLE.read_bytes()
    assert [violation.rule for violation in house_violations(xml)] == ["project-languages"]
    assert house_violations(xml, languages=("en-US", "es-US")) == []


def test_unreadable_bytes_are_a_violation():
    assert [violation.rule for violation in house_violations(b"hello")] == ["not-xml"]
