"""The judges of CAP messages can say no, and the fixture that asks them is always on."""

from __future__ import annotations

import pytest

from alerts.models import AlertMessage
from tests.cap_oracles import STANDARD, objections


@pytest.mark.django_db
def test_judges_accept_what_was_issued(active_alert):
    xml = bytes(AlertMessage.objects.get().xml)
    assert objections(xml) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "old, new, judge",
    [
        (b"<msgType>Alert</msgType>", b"<msgType>Alarm</msgType>", "capvalidator"),
        (b"<value>CAE</value>", b"<value>TOR</value>", "project-event-code"),
        (b"<language>fr-CA</language>", b"<language>fr-FR</language>", "project-languages"),
    ],
)
def test_judges_refuse_a_broken_message(active_alert, old, new, judge):
    xml = bytes(AlertMessage.objects.get().xml)
    broken = xml.replace(old, new)
    assert broken != xml
    assert any(judge in objection for objection in objections(broken))


@pytest.mark.django_db
def test_standard_schema_refuses_a_broken_message(active_alert):
    if not STANDARD.exists():
        pytest.skip(f"absent: {STANDARD.name} of the shared folder")
    broken = bytes(AlertMessage.objects.get().xml).replace(b"<msgType>Alert", b"<msgType>Alarm")
    assert any("CAP-v1.2.xsd" in objection for objection in objections(broken))


def test_fixture_is_always_on(request):
    assert "_judge_every_cap_message" in request.fixturenames
