"""Writing CAP: the exact form of what leaves the house."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import capvalidator
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from alerts.cap.message import CapReference
from alerts.cap.receive import parse, receive
from alerts.cap.validate import house_violations, violations
from alerts.cap.xml import clean_text, format_datetime, to_xml
from tests.alerts.cap.messages import CAP, SENT, amber_area, amber_info, amber_message, official_schema


def full_update():
    return amber_message(
        msg_type="Update",
        references=(
            CapReference("tx@amber-bridge.example", "US-TX-2026-00042-0", "2026-05-04T21:00:00-06:00"),
            CapReference("mx@fgr.example", "AA-7", "2026-05-04T20:00:00-07:00"),
        ),
    )


@pytest.mark.parametrize("message", [amber_message(), full_update()], ids=["alert", "update"])
def test_built_message_survives_validation_and_reception(message):
    xml = to_xml(message)
    assert violations(xml) == []
    assert house_violations(xml) == []
    received = receive(xml)
    assert received.message == message
    assert received.raw == xml
    assert received.warnings == ()
    assert received.message.sent_text == "2026-05-04T21:30:00-06:00"
    assert [info.expires.utcoffset() for info in received.message.infos] == [timedelta(hours=-6)] * 3


@pytest.mark.parametrize("message", [amber_message(), full_update()], ids=["alert", "update"])
def test_built_message_is_valid_for_others(message):
    xml = to_xml(message)
    assert capvalidator.validate_cap_message(xml, strict=False).passed
    official_schema().assertValid(etree.fromstring(xml))


def test_built_message_is_declared_utf8_without_indentation():
    xml = to_xml(amber_message())
    assert xml.startswith(
        b"<?xml version='1.0' encoding='UTF-8'?>\n<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">"
    )
    assert "niña".encode() in xml
    for element in etree.fromstring(xml).iter():
        assert len(element) == 0 or element.text is None
        assert element.tail is None


def test_empty_optional_elements_are_left_out():
    message = amber_message(note="", source=" ", codes=(), incidents=(), infos=(amber_info(headline="", web=""),))
    names = {etree.QName(element).localname for element in etree.fromstring(to_xml(message)).iter()}
    assert not names & {"note", "source", "code", "incidents", "headline", "web", "restriction", "addresses"}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 999999, tzinfo=ZoneInfo("America/Toronto")), "2026-01-02T03:04:05-05:00"),
        (datetime(2026, 7, 2, 3, 4, 5, tzinfo=ZoneInfo("America/Chihuahua")), "2026-07-02T03:04:05-06:00"),
        (datetime(2026, 7, 2, 3, 4, 5, tzinfo=ZoneInfo("America/Ciudad_Juarez")), "2026-07-02T03:04:05-06:00"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("America/Ciudad_Juarez")), "2026-01-02T03:04:05-07:00"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("America/St_Johns")), "2026-01-02T03:04:05-03:30"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Asia/Kolkata")), "2026-01-02T03:04:05+05:30"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05-00:00"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Europe/London")), "2026-01-02T03:04:05-00:00"),
    ],
)
def test_format_datetime_keeps_the_offset_in_caps_form(moment, text):
    assert format_datetime(moment) == text


def test_the_repeated_hour_in_autumn_keeps_its_two_offsets():
    first = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    assert format_datetime(first) == "2026-11-01T01:30:00-04:00"
    assert format_datetime(first.replace(fold=1)) == "2026-11-01T01:30:00-05:00"


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 2), datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-6, minutes=-36, seconds=-36)))],
)
def test_format_datetime_refuses_what_cap_cannot_say(moment):
    with pytest.raises(ValueError, match="CAP needs"):
        format_datetime(moment)


@pytest.mark.parametrize("field", ["effective", "onset", "expires"])
def test_to_xml_refuses_naive_datetimes(field):
    with pytest.raises(ValueError, match="time zone"):
        to_xml(amber_message(infos=(amber_info(**{field: datetime(2026, 5, 5)}),)))
    with pytest.raises(ValueError, match="time zone"):
        to_xml(amber_message(sent=datetime(2026, 5, 5)))


def test_characters_that_xml_forbids_are_removed():
    text = "\x00red\x0b shorts\x1f\ufffe\ud800 & <b>\r\nblue\rcollar\U0001f6a8"
    assert clean_text(text) == "red shorts & <b>\nblue\ncollar\U0001f6a8"
    xml = to_xml(amber_message(infos=(amber_info(description=text),)))
    assert parse(xml).infos[0].description == clean_text(text)


@given(st.text(), st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
def test_any_text_comes_back_as_cleaned(text, name):
    message = amber_message(infos=(amber_info(description=text, parameters=((name, text),)),))
    info = parse(to_xml(message)).infos[0]
    assert info.description == clean_text(text)
    assert info.parameters == ((clean_text(name), clean_text(text)),)


@given(
    st.floats(min_value=-90, max_value=90),
    st.floats(min_value=-180, max_value=180),
    st.floats(min_value=0, max_value=20000),
)
def test_coordinates_come_back_exactly_and_never_with_exponents(lat, lon, radius):
    area = amber_area()
    polygon = ((lat, lon), (1e-05, 2.0), (3.0, 4.0), (lat, lon))
    xml = to_xml(amber_message(infos=(amber_info(areas=(type(area)(description="x", polygons=(polygon,)),)),)))
    element = etree.fromstring(xml).find(f".//{CAP}polygon")
    assert "e" not in element.text
    assert "0.00001,2.0" in element.text
    # Numbers longer than a reader takes (40 characters) only occur for values far below a millimeter.
    if abs(lat) > 1e-9 and abs(lon) > 1e-9:
        assert parse(xml).infos[0].areas[0].polygons == (polygon,)


def test_infinite_coordinates_are_refused():
    area = type(amber_area())(description="x", circles=((float("nan"), 0.0, 1.0),))
    with pytest.raises(ValueError, match="finite"):
        to_xml(amber_message(infos=(amber_info(areas=(area,)),)))


def test_values_with_spaces_are_quoted():
    xml = to_xml(amber_message(scope="Private", addresses=("a@b.example", "Duty Desk 4"), incidents=("one two",)))
    alert = etree.fromstring(xml)
    assert alert.findtext(f"{CAP}addresses") == 'a@b.example "Duty Desk 4"'
    assert parse(xml).addresses == ("a@b.example", "Duty Desk 4")
    assert parse(xml).incidents == ("one two",)
    with pytest.raises(ValueError, match="double quote"):
        to_xml(amber_message(incidents=('the "red" one',)))


def test_a_partners_sent_is_repeated_byte_for_byte_in_references():
    xml = to_xml(amber_message()).replace(b"<sent>2026-05-04T21:30:00-06:00", b"<sent>2026-05-05T03:30:00+00:00")
    partner = parse(xml)
    assert partner.sent == SENT
    assert partner.reference == ("tx@amber-bridge.example", "US-TX-2026-00042-1", "2026-05-05T03:30:00+00:00")
    answer = to_xml(amber_message(identifier="ack-1", msg_type="Ack", references=(partner.reference,), infos=()))
    assert b"US-TX-2026-00042-1,2026-05-05T03:30:00+00:00</references>" in answer
    assert violations(answer) == []


def test_repr_shows_no_text_about_people():
    message = amber_message()
    for thing in (message, message.infos[0], receive(to_xml(message))):
        assert "sweatshirt" not in repr(thing)
        assert "girl" not in repr(thing)
