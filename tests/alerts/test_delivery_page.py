"""Every delivery of an alert: by country, agency and recipient with its tries; narrowed, page by page, as a table."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.choices import Language
from agencies.models import Agency, AuditEvent
from alerts import delivery, delivery_rows
from alerts.models import Alert, Delivery, DeliveryAttempt, Recipient, RecipientDesk

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(active_alert: Any) -> dict[str, Delivery]:
    """Deliveries of one message in three countries, by the recipient's name; the first one's has no desk."""
    alone = Delivery.objects.select_related("recipient").get(message__alert=active_alert)
    Recipient.objects.filter(pk=alone.recipient_id).update(name="alone")
    program, message = active_alert.program, active_alert.messages.get()
    chp = RecipientDesk.objects.create(program=program, agency=Agency.objects.get(code="us-ca-chp"), name="Dispatch")
    radio = RecipientDesk.objects.create(program=program, organization="Radio Frontera", name="Newsroom")
    north = RecipientDesk.objects.create(program=program, organization="Radio Nord", country="CA")

    def add(name: str, desk: Any, language: str, **fields: Any) -> Delivery:
        person = Recipient.objects.create(
            program=program, name=name, kind="media", email=f"{name}@told.example", language=language, desk=desk
        )
        return Delivery.objects.create(
            message=message, recipient=person, address=person.email, language=language, **fields
        )

    rows = {
        "post": add("post", chp, "en", state="failed", error="550 no such user", attempts=1),
        "radio": add("radio", radio, "es", state="sent", sent_at=timezone.now(), attempts=1),
        "weekly": add("weekly", radio, "es", state="sent", acknowledged_at=timezone.now(), acknowledged_name="R. Ríos"),
        "nord": add("nord", north, "fr", state="suppressed"),
        "alone": alone,
    }
    rows["radio-sms"] = Delivery.objects.create(
        message=message, recipient=rows["weekly"].recipient, channel="sms", address="+526565550100", language="es",
        state="sent",
    )  # fmt: skip
    DeliveryAttempt.objects.create(delivery=rows["post"], number=1, outcome="failed", detail="550 no such user")
    return rows


@pytest.fixture
def officer(client: Any, baja_coordinator: Any) -> Any:
    """Sign a coordinator of the issuing program in, in English."""
    baja_coordinator.language = Language.EN
    baja_coordinator.save()
    client.force_login(baja_coordinator)
    return client


def names_on(page: Any) -> list[str]:
    """Return the recipients of a page's rows, in their order."""
    return re.findall(r'data-label="Recipient"><div>(\w+)', page.text)


def test_by_country_agency_and_recipient_with_the_tries(officer: Any, active_alert: Any, told: Any) -> None:
    page = officer.get(reverse("alerts:alert-told", args=[active_alert.pk]))
    assert names_on(page) == ["nord", "alone", "radio", "weekly", "weekly", "post"]
    heads = re.findall(r'scope="rowgroup" colspan="4"><div>([^<]+)<', page.text)
    assert heads == [
        "Canada · Radio Nord", "Mexico · No desk recorded", "Mexico · Radio Frontera",
        f"United States · {Agency.objects.get(code='us-ca-chp').name_en}",
    ]  # fmt: skip
    assert "550 no such user" in page.text
    assert "1 try" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("show=failed", ["post"]),
        ("show=unacknowledged", ["alone", "radio", "post"]),  # by text message one of two, and that is enough
        ("channel=sms", ["weekly"]),
        ("country=CA", ["nord"]),
        ("country=MX&language=es&show=unacknowledged", ["alone", "radio"]),
        ("language=en", ["post"]),
        ("whose=oRadio%20Frontera", ["radio", "weekly", "weekly"]),
    ],
)
def test_filters(query: str, expected: list[str], officer: Any, active_alert: Any, told: Any) -> None:
    page = officer.get(reverse("alerts:alert-told", args=[active_alert.pk]) + f"?{query}")
    assert names_on(page) == expected
    table = officer.get(reverse("alerts:alert-told-file", args=[active_alert.pk]) + f"?{query}")
    assert [row[3] for row in csv.reader(io.StringIO(table.text[1:]))][1:] == expected


@pytest.mark.parametrize("query", ["show=x", "country=BR", "after=x", "after=0198a5f3-0000-7000-8000-000000000000"])
def test_an_address_that_no_page_gave_does_not_exist(query: str, officer: Any, active_alert: Any, told: Any) -> None:
    assert officer.get(reverse("alerts:alert-told", args=[active_alert.pk]) + f"?{query}").status_code == 404


def test_nothing_that_matches_is_said_and_nothing_sent_yet(officer: Any, active_alert: Any, told: Any) -> None:
    page = officer.get(reverse("alerts:alert-told", args=[active_alert.pk]) + "?channel=webhook")
    assert "No delivery matches" in page.text
    draft = Alert.objects.create(
        number="D-1", case=active_alert.case, program=active_alert.program, created_by=active_alert.created_by
    )
    assert "No deliveries yet" in officer.get(reverse("alerts:alert-told", args=[draft.pk])).text


def test_pages_show_every_row_once(officer: Any, active_alert: Any, told: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(delivery_rows, "PAGE_SIZE", 2)
    address, seen = reverse("alerts:alert-told", args=[active_alert.pk]), []
    while address:
        page = officer.get(address)
        seen += names_on(page)
        further = re.search(r'href="([^"]+after=[^"]+)">More deliveries', page.text)
        address = further[1].replace("&amp;", "&") if further else ""
    assert seen == ["nord", "alone", "radio", "weekly", "weekly", "post"]


def test_fragment_answers_304_until_something_changes(officer: Any, active_alert: Any, told: Any) -> None:
    page = officer.get(reverse("alerts:alert-told", args=[active_alert.pk]) + "?show=unacknowledged")
    address = reverse("alerts:alert-told-rows", args=[active_alert.pk]) + "?show=unacknowledged"
    assert f'data-live="{address}"' in page.text
    first = officer.get(address)
    assert (first.status_code, "<html" in first.text) == (200, False)
    assert f'data-live-tag="{first["ETag"]}"'.replace('""', "&quot;").count(first["ETag"].strip('"')) == 1
    known = {"If-None-Match": first["ETag"]}
    assert officer.get(address, headers=known).status_code == 304
    delivery.acknowledge(told["radio"], name="Redacción")
    second = officer.get(address, headers=known)
    assert (second.status_code, names_on(second)) == (200, ["alone", "post"])
    delivery.take_charge(told["radio"], name="Redacción")
    assert officer.get(address, headers={"If-None-Match": second["ETag"]}).status_code == 200


def test_table_has_no_address_and_no_formula_and_names_what_was_read(
    officer: Any, active_alert: Any, told: Any
) -> None:
    Recipient.objects.filter(pk=told["post"].recipient_id).update(name='=HYPERLINK("http://x","y")')
    table = officer.get(reverse("alerts:alert-told-file", args=[active_alert.pk]))
    rows = list(csv.reader(io.StringIO(table.text[1:])))
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert (rows[0][0], len(rows)) == ("Country", 1 + len(told))
    assert rows[-1][3] == '\'=HYPERLINK("http://x","y")'
    assert "@told.example" not in table.text
    assert "+526565550100" not in table.text
    event = AuditEvent.objects.reads().latest("at")
    assert (event.action, event.detail["file"]) == ("alert.read", "csv")
    assert set(event.ids_of("alerts.delivery")) == {str(row.pk) for row in told.values()}
    assert event.case_id == active_alert.case_id


def test_page_names_the_rows_that_it_showed(officer: Any, active_alert: Any, told: Any) -> None:
    officer.get(reverse("alerts:alert-told", args=[active_alert.pk]) + "?show=failed")
    event = AuditEvent.objects.filter(action="alert.read").latest("at")
    assert event.ids_of("alerts.delivery") == [str(told["post"].pk)]
    assert event.ids_of("alerts.alert") == [str(active_alert.pk)]


@pytest.mark.parametrize("name", ["alert-told", "alert-told-rows", "alert-told-file"])
def test_whom_a_program_tells_is_its_own_affair(
    name: str, client: Any, active_alert: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    for person in (california_officer, quebec_coordinator):
        client.force_login(person)
        assert client.get(reverse(f"alerts:{name}", args=[active_alert.pk])).status_code == 404


@pytest.mark.parametrize("name", ["alert-told", "alert-told-rows", "alert-told-file"])
def test_many_rows_cost_what_few_cost(
    name: str, officer: Any, active_alert: Any, told: Any, baja_coordinator: Any
) -> None:
    def count() -> int:
        client = Client()
        client.force_login(baja_coordinator)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"alerts:{name}", args=[active_alert.pk])).status_code == 200
        return len(queries)

    few = count()
    for number in range(30):
        desk = RecipientDesk.objects.create(program=active_alert.program, organization=f"Paper {number}")
        person = Recipient.objects.create(
            program=active_alert.program, name=f"p{number}", kind="media", email=f"p{number}@told.example",
            language="es", desk=desk,
        )  # fmt: skip
        row = Delivery.objects.create(
            message=active_alert.messages.get(), recipient=person, address=person.email, language="es", state="retry"
        )
        DeliveryAttempt.objects.create(delivery=row, number=1, outcome="retry")
    assert count() == few
