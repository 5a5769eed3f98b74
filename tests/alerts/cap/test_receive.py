"""Taking in partners' messages: liberal in what can be understood, exact in what identifies a message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree

from alerts.cap import codes
from alerts.cap.receive import CapRefused, parse, receive
from alerts.cap.xml import to_xml
from tests.alerts.cap.messages import (
    CAP,
    OFFICIAL,
    PARTNER_SAMPLE,
    add_before,
    amber_message,
    assert_clear,
    edited,
    remove,
    set_text,
)


def warning_codes(raw: bytes) -> list[str]:
    return [warning.code for warning in receive(raw).warnings]


def test_partner_sample_is_understood():
    received = receive(PARTNER_SAMPLE.read_bytes())
    message = received.message
    assert received.warnings == ()
    assert message.reference == (
        "alerts@harborcounty-sheriff.example", "PSH-2026-0417-AMBER-1", "2026-04-17T20:48:00-07:00",
    )  # fmt: skip
    assert [info.language for info in message.infos] == ["en-US", "es-US"]
    assert all(info.event_codes == (("SAME", "CAE"),) for info in message.infos)
    assert all(info.areas[0].geocodes == (("SAME", "006037"),) for info in message.infos)
    assert "red shorts" in message.infos[0].description
    assert "cortocircuitos rojos" in message.infos[1].description
    assert message.sent.utcoffset() == timedelta(hours=-7)


SAMPLES = {
    "Oasis_AmberAlert.xml": (2, []),
    "Oasis_EarthquakeReport.xml": (1, []),
    "Oasis_HomelandAlert.xml": (1, []),
    "Oasis_ThunderstormWarning.xml": (1, []),
    "SMN_Mexico_TropicalCyclone.xml": (1, []),
    "NAAD_WindWarning_signed.xml": (2, ["signature-not-verified", "signature-not-verified"]),
    "amber.atom": "not-cap",
    "hostile_entities.cap": "doctype",
    "environment_canada_x509_cert.pem": "not-xml",
    "naads_x509_cert.pem": "not-xml",
}


@pytest.fixture
def official_samples():
    if not (OFFICIAL / "samples").exists():
        pytest.skip("The official samples are not beside this repository (../shared/cap/samples).")
    return OFFICIAL / "samples"


@pytest.mark.parametrize("name", SAMPLES)
def test_official_sample_is_read_or_refused_as_expected(official_samples, name):
    raw = (official_samples / name).read_bytes()
    if isinstance(SAMPLES[name], str):
        with pytest.raises(CapRefused) as refused:
            receive(raw)
        assert refused.value.code == SAMPLES[name]
        return
    infos, expected = SAMPLES[name]
    received = receive(raw)
    assert len(received.message.infos) == infos
    assert [warning.code for warning in received.warnings] == expected
    assert received.raw == raw


def test_every_official_sample_has_an_expectation(official_samples):
    assert {path.name for path in official_samples.iterdir()} == set(SAMPLES)


def test_mexicos_message_keeps_its_words_and_its_wrapped_polygon(official_samples):
    message = parse((official_samples / "SMN_Mexico_TropicalCyclone.xml").read_bytes())
    info = message.infos[0]
    assert info.language == "es-419"
    assert (info.urgency, info.severity, info.certainty) == ("Unknown",) * 3
    assert dict(info.parameters)["semáforo"] == "red"
    assert message.codes == ("08",)
    assert len(info.areas[0].polygons[0]) == 29
    assert info.areas[0].polygons[0][0] == info.areas[0].polygons[0][-1] == (18.889628180617784, -91.53354417288199)
    assert message.sent_text == "2018-10-20T07:15:00-05:00"


def test_canadas_message_keeps_its_references(official_samples):
    message = parse((official_samples / "NAAD_WindWarning_signed.xml").read_bytes())
    assert len(message.references) == 3
    assert message.references[0].sent == "2019-01-08T19:55:40-00:00"
    assert (message.restriction, message.addresses, message.incidents) == ("", (), ())


@pytest.mark.parametrize("language", ["es-419", "es", "fr", "en-CA"])
def test_languages_are_kept_as_they_come(language):
    raw = edited(set_text("info/language", language))
    assert {info.language for info in parse(raw).infos} == {language}
    assert warning_codes(raw) == []


@pytest.mark.parametrize("edit", [remove("info/language"), set_text("info/language", "")])
def test_absent_language_means_us_english(edit):
    assert {info.language for info in parse(edited(edit)).infos} == {"en-US"}


def test_value_of_cap_1_0_is_read_as_likely():
    raw = edited(set_text("info/certainty", "Very Likely"))
    assert {info.certainty for info in parse(raw).infos} == {"Likely"}
    assert warning_codes(raw) == ["unknown-value"] * 3


def test_values_outside_cap_become_unknown_or_other():
    def edit(alert):
        set_text("info/severity", "Catastrophic")(alert)
        set_text("info/category", "Kidnapping")(alert)
        set_text("info/responseType", "Call")(alert)

    info = parse(edited(edit)).infos[0]
    assert (info.severity, info.categories, info.response_types) == ("Unknown", ("Other",), ())


def test_dates_in_other_forms_are_read_and_kept_as_transmitted():
    raw = edited(set_text("sent", "2026-05-05T03:30:00.250Z"))
    message = parse(raw)
    assert message.sent_text == "2026-05-05T03:30:00.250Z"
    assert message.reference.sent == "2026-05-05T03:30:00.250Z"
    assert warning_codes(raw) == ["date-form"]
    unreadable = edited(set_text("info/expires", "tomorrow"))
    assert {info.expires for info in parse(unreadable).infos} == {None}
    assert warning_codes(unreadable) == ["date-unreadable"] * 3


def test_cap_1_1_is_read_with_a_warning():
    def edit(alert):
        remove("info/resource/mimeType")(alert)

    raw = edited(edit).replace(codes.CAP_NAMESPACE.encode(), codes.CAP_1_1_NAMESPACE.encode())
    received = receive(raw)
    assert received.version == "1.1"
    assert [warning.code for warning in received.warnings] == ["old-version"]
    assert received.message.infos[0].resources[0].mime_type == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_honest_messages_may_come_in_any_unicode_encoding(encoding):
    text = to_xml(amber_message()).decode().replace("encoding='UTF-8'", f"encoding='{encoding.split('-sig')[0]}'")
    raw = text.encode(encoding)
    assert parse(raw) == amber_message()
    assert receive(raw).raw == raw


def test_latin_1_is_read_by_its_declaration():
    text = to_xml(amber_message()).decode().replace("UTF-8", "ISO-8859-1").replace("’", "'")
    assert parse(text.encode("iso-8859-1")).infos[1].event == "Sustracción de menor"


def test_other_prefixes_and_comments_between_elements_are_harmless():
    text = to_xml(amber_message()).decode()
    text = (
        text.replace("<", "<cap:").replace("<cap:/", "</cap:").replace("<cap:?", "<?").replace("xmlns=", "xmlns:cap=")
    )
    text = text.replace("<cap:status>", "<!-- how real --><cap:status>")
    assert parse(text.encode()) == amber_message()


@pytest.mark.parametrize(
    ("code", "edit"),
    [
        ("unknown-element", add_before("info", "x", "y")),
        ("name-characters", set_text("identifier", "two words")),
        ("reference-unreadable", add_before("incidents", "references", "a,b")),
        ("references-missing", set_text("msgType", "Cancel")),
        ("shape-unreadable", set_text("info/area/polygon", "north of the river")),
        ("size-unreadable", set_text("info/resource/size", "47 kB")),
        ("signature-misplaced", lambda alert: etree.SubElement(
            alert.find(f"{CAP}info"), f"{{{codes.XMLDSIG_NAMESPACE}}}Signature")),
    ],
)  # fmt: skip
def test_what_a_person_may_want_to_know_is_a_warning(code, edit):
    warnings = receive(edited(edit)).warnings
    assert {warning.code for warning in warnings} == {code}
    for warning in warnings:
        assert_clear(warning.message)
        assert warning.where.startswith("/alert")
