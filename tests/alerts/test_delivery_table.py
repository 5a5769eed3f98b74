"""The table of deliveries: whole on the page, and as a fragment that answers 304 while nothing has changed."""

from __future__ import annotations

from html import escape
from typing import Any

import pytest
from django.urls import reverse

from agencies.models import AuditEvent
from alerts import delivery
from alerts.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(active_alert: Any) -> str:
    """Return the fragment's address."""
    return reverse("alerts:alert-deliveries", args=[active_alert.pk])


@pytest.fixture
def officer(client: Any, baja_coordinator: Any) -> Any:
    """Sign a coordinator of the issuing program in."""
    client.force_login(baja_coordinator)
    return client


def test_fragment_changes_with_every_outcome_and_acknowledgement(
    officer: Any, address: str, active_alert: Any, mailoutbox: Any
) -> None:
    first = officer.get(address)
    assert first.status_code == 200
    assert "<html" not in first.text
    same = officer.get(address, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])

    while delivery.send_due():
        pass
    sent = officer.get(address, headers={"If-None-Match": first["ETag"]})
    assert sent.status_code == 200
    assert sent["ETag"] != first["ETag"]

    row = Delivery.objects.filter(message__alert=active_alert).first()
    delivery.acknowledge(row, name="Radio Norte, redacción")
    acknowledged = officer.get(address, headers={"If-None-Match": sent["ETag"]})
    assert acknowledged.status_code == 200
    assert "Radio Norte, redacción" in acknowledged.text


def test_fragment_in_another_language_is_another_one(officer: Any, address: str) -> None:
    spanish = officer.get(address, headers={"Accept-Language": "es"})
    officer.post(reverse("agencies:set-language"), {"language": "fr"})
    french = officer.get(address, headers={"If-None-Match": spanish["ETag"]})
    assert french.status_code == 200
    assert "Destinataire" in french.text


def test_every_look_is_recorded_the_unchanged_one_too(officer: Any, address: str, active_alert: Any) -> None:
    before = AuditEvent.objects.filter(action="alert.read").count()
    tag = officer.get(address)["ETag"]
    officer.get(address, headers={"If-None-Match": tag})
    events = AuditEvent.objects.filter(action="alert.read")
    assert events.count() == before + 2
    assert events.first().object_ids == [str(active_alert.pk)]


def test_other_side_of_the_case_learns_nothing_of_the_recipients(
    client: Any, address: str, california_officer: Any, quebec_coordinator: Any
) -> None:
    client.force_login(california_officer)  # sees the alert, but not whom the program tells
    seen = client.get(address)
    client.force_login(quebec_coordinator)
    unseen = client.get(address)
    assert (seen.status_code, unseen.status_code) == (404, 404)


def test_page_shows_the_table_and_asks_for_the_fragment(officer: Any, address: str, active_alert: Any) -> None:
    page = officer.get(reverse("alerts:alert-detail", args=[active_alert.pk]))
    assert f'data-live="{address}"' in page.text
    fragment = officer.get(address)
    assert f'data-live-tag="{escape(fragment["ETag"])}"' in page.text
