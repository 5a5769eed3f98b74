"""The area of an active alert changes by an Update of two people, within the program's own territory (U7, U20)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree, html

from agencies.refusals import ActRefused, NotPermitted
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage
from alerts.services import area_changes, drafts, issuing, updates
from alerts.services.updates import update_hash
from cases.models import Vehicle
from cases.services.facts import record_facts
from tests.alerts.test_api import ok, signed_in, url
from tests.alerts.test_territory import accepted, places

pytestmark = pytest.mark.django_db
CAP = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}


@pytest.fixture
def officers(make_user: Any) -> tuple[Any, Any]:
    """Two coordinators of the national coordination of Mexico, who read all three languages."""
    one, two = (make_user(f"{name}.coord@fgr.example", "mx-fgr-amber", "coordinator", "es") for name in ("ana", "luz"))
    return one, two


@pytest.fixture
def running(active_case: Any, california_officer: Any, officers: tuple[Any, Any]) -> Alert:
    """The national alert, active in Baja California alone."""
    one, two = officers
    alert = accepted(active_case, california_officer, one)
    drafts.edit_alert(alert=alert, by=one, texts={}, duration_hours=24, photo=None, areas=["MX-BCN"])
    drafts.submit(alert=alert, by=one)
    drafts.approve(alert=alert, by=two, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=one)
    return Alert.objects.select_related("program__agency", "case").get(pk=alert.pk)


def areas_of(message: AlertMessage) -> set[str]:
    """Return the places that the first info of a message names."""
    root = etree.fromstring(bytes(message.xml))
    return set(root.xpath("(//cap:info)[1]//cap:areaDesc/text()", namespaces=CAP))


def test_new_area_goes_out_when_a_second_officer_issues_it(running: Alert, officers: tuple[Any, Any]) -> None:
    one, two = officers
    said = {language: text for language, text in running.messages.get().texts.items()}
    update = area_changes.ask_area(alert=running, by=one, areas=["MX-BCN", "MX-SON"])
    assert (update.kind, update.status, places(running)) == ("area", "submitted", ["MX-BCN"])
    with pytest.raises(ActRefused):
        updates.issue(update=update, by=one, seen_hash=update_hash(update))
    message = updates.issue(update=update, by=two, seen_hash=update_hash(update))
    assert places(running) == ["MX-BCN", "MX-SON"]
    assert areas_of(message) == {"Baja California", "Sonora"}
    assert message.texts == said
    assert message.references == running.messages.get(msg_type="Alert").reference


def test_another_area_than_the_one_read_is_not_issued(running: Alert, officers: tuple[Any, Any]) -> None:
    one, two = officers
    update = area_changes.ask_area(alert=running, by=one, areas=["MX-BCN", "MX-SON"])
    seen = update_hash(update)
    update.areas = ["MX-BCN", "MX-CHP"]
    update.save(update_fields=["areas"])
    with pytest.raises(ActRefused):
        updates.issue(update=update, by=two, seen_hash=seen)
    assert places(running) == ["MX-BCN"]


@pytest.mark.parametrize("areas", [[], ["MX-BCN"], ["MX-BCN", "US-AZ"], ["MX-XXX"]])
def test_no_place_the_same_places_and_places_abroad_are_refused(
    areas: list[str], running: Alert, officers: tuple[Any, Any]
) -> None:
    with pytest.raises(ActRefused):
        area_changes.ask_area(alert=running, by=officers[0], areas=areas)
    assert not running.updates.exists()  # type: ignore[attr-defined]


def test_another_programs_officer_changes_nothing(running: Alert, baja_coordinator: Any) -> None:
    with pytest.raises(NotPermitted):
        area_changes.ask_area(alert=running, by=baja_coordinator, areas=["MX-SON"])


def test_ended_alert_keeps_its_area(running: Alert, officers: tuple[Any, Any]) -> None:
    issuing.cancel(alert=running, by=officers[0], reason="suspect_caught")
    with pytest.raises(ActRefused):
        area_changes.ask_area(alert=running, by=officers[0], areas=["MX-SON"])


def test_changed_facts_and_the_area_go_out_together(
    running: Alert, officers: tuple[Any, Any], active_case: Any, california_officer: Any
) -> None:
    one, two = officers
    area_changes.ask_area(alert=running, by=one, areas=["MX-BCN", "MX-SON"])
    vehicle = Vehicle.objects.get(case=active_case)
    vehicle.plate = "8ABC456"
    record_facts(case=active_case, by=california_officer, items=[(vehicle, ["plate"])])
    update = running.updates.open().get()  # type: ignore[attr-defined]
    assert (update.kind, update.status, update.areas) == ("change", "prepared", ["MX-BCN", "MX-SON"])
    updates.submit(update=update, by=one)
    message = updates.issue(update=update, by=two, seen_hash=update_hash(update))
    assert areas_of(message) == {"Baja California", "Sonora"}
    assert "8ABC456" in message.texts["en"]["description"]


def test_page_asks_and_shows_what_is_added_and_left_out(
    running: Alert, officers: tuple[Any, Any], client: Client
) -> None:
    client.force_login(officers[0])
    page = client.get(reverse("alerts:alert-detail", args=[running.pk]))
    ticked = html.fromstring(page.content).xpath("//input[@name='area-areas'][@checked]/@value")
    assert ticked == ["MX-BCN"]
    address = reverse("alerts:alert-area", args=[running.pk])
    wrong = client.post(address, {"nonce": "a", "area-areas": ["US-CA"]})
    assert wrong.status_code == 422
    client.post(address, {"nonce": "b", "area-areas": ["MX-SON"]})
    update = running.updates.get()  # type: ignore[attr-defined]
    shown = client.get(update.url, headers={"accept-language": "en"})
    assert shown.context["areas"] == {
        "covered": ["Sonora"], "added": ["Sonora"], "left_out": ["Baja California"],
    }  # fmt: skip


def test_area_by_api(running: Alert, officers: tuple[Any, Any]) -> None:
    client = signed_in(officers[0])
    refused = client.post(url("alert-area", running.pk), {"areas": ["US-CA"]})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["areas"])
    update = ok(client.post(url("alert-area", running.pk), {"areas": ["MX-SON", "MX-BCN"]}), 201)
    assert (update["kind"], update["status"], update["areas"]) == ("area", "submitted", ["MX-BCN", "MX-SON"])
