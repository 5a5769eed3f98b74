"""Acknowledgments and response times: of an alert by country and agency, and of an agency over its recent alerts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AuditEvent
from alerts.boards import Figures, board_of
from alerts.delivery_rows import deliveries_of
from alerts.models import Alert, AlertMessage, Delivery, Recipient, RecipientDesk

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(active_alert: Any) -> Any:
    """Recipients in two countries; the alert was activated an hour ago. Returns the alert."""
    began = timezone.now() - timedelta(hours=1)
    Alert.objects.filter(pk=active_alert.pk).update(activated_at=began)
    program, message = active_alert.program, active_alert.messages.get()
    alone = Delivery.objects.get(message=message)
    Delivery.objects.filter(pk=alone.pk).update(state="suppressed")
    chp = RecipientDesk.objects.create(program=program, agency=Agency.objects.get(code="us-ca-chp"), name="Dispatch")
    radio = RecipientDesk.objects.create(program=program, organization="Radio Frontera")

    def add(name: str, desk: Any, *rows: dict[str, Any]) -> None:
        person = Recipient.objects.create(
            program=program, name=name, kind="media", email=f"{name}@told.example", language="es", desk=desk
        )
        for channel, fields in zip(("email", "webhook"), rows, strict=False):
            after = fields.pop("after", None)
            known = {"acknowledged_at": began + timedelta(minutes=after)} if after is not None else {}
            Delivery.objects.create(
                message=message, recipient=person, address="x", channel=channel, language="es", **fields, **known
            )

    now = timezone.now()
    add("a", chp, {"state": "delivered", "after": 4, "charge_taken_at": now}, {"state": "failed"})
    add("b", chp, {"state": "sent", "sent_at": now, "after": 10}, {"state": "sent", "sent_at": now, "after": 8})
    add("c", chp, {"state": "failed"}, {"state": "failed"})
    add("d", chp, {"state": "failed"}, {"state": "retry"})
    add("e", radio, {"state": "failed", "after": 30})  # by telephone
    add("f", None, {"state": "queued"})
    return Alert.objects.get(pk=active_alert.pk)


def rounded(figures: Figures) -> tuple[Any, ...]:
    """Return the counts, and the minutes without what the clock adds."""
    counts = (figures.recipients, figures.accepted, figures.arrived, figures.acknowledged, figures.in_charge,
              figures.failed, figures.not_yet)  # fmt: skip
    return counts, tuple(None if value is None else round(value, 3) for value in
                         (figures.first, figures.median, figures.last))  # fmt: skip


def test_a_recipient_counts_once_by_country_and_agency(told: Any, baja_coordinator: Any) -> None:
    board = board_of(deliveries_of(told, baja_coordinator))
    found = {row.whose: rounded(row.figures) for row in board.agencies}
    chp = f"a{Agency.objects.get(code='us-ca-chp').pk}"
    assert found == {
        "": ((1, 0, 0, 0, 0, 0, 1), (None, None, None)),
        "oRadio Frontera": ((1, 0, 0, 1, 0, 0, 0), (30.0, 30.0, 30.0)),
        chp: ((4, 2, 1, 2, 1, 1, 1), (4.0, 6.0, 8.0)),
    }
    assert rounded(board.by_country["MX"]) == ((2, 0, 0, 1, 0, 0, 1), (30.0, 30.0, 30.0))
    assert rounded(board.everything) == ((6, 2, 1, 3, 1, 1, 2), (4.0, 8.0, 30.0))
    assert rounded(board.by_alert[told.pk]) == rounded(board.everything)


def test_the_end_has_a_board_of_its_own(told: Any, baja_coordinator: Any) -> None:
    first = told.messages.get()
    cancel = AlertMessage.objects.create(
        alert=told, msg_type="Cancel", identifier="x.9", sender=first.sender, sent=first.sent, references="", xml=b"x",
        created_at=timezone.now() - timedelta(minutes=9),
    )  # fmt: skip
    Delivery.objects.create(
        message=cancel, recipient=Recipient.objects.get(name="a"), address="x", language="es", state="sent",
        acknowledged_at=cancel.created_at + timedelta(minutes=5),
    )  # fmt: skip
    rows = deliveries_of(told, baja_coordinator)
    end = board_of(rows, of_the_end=True).everything
    assert (end.recipients, end.acknowledged, round(end.median or 0, 3)) == (1, 1, 5.0)
    assert board_of(rows).everything.recipients == 6, "the Cancel is no news of the alert"


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in, in English."""
    type(person).objects.filter(pk=person.pk).update(language="en")
    client = Client()
    client.force_login(type(person).objects.get(pk=person.pk))
    return client


def test_page_says_it_in_numbers_and_leads_to_the_rows(told: Any, baja_coordinator: Any) -> None:
    client = signed_in(baja_coordinator)
    page = client.get(reverse("alerts:alert-board", args=[told.pk]))
    assert "3 of 6 recipients have acknowledged." in page.text
    assert "1 could not be reached." in page.text
    chp = Agency.objects.get(code="us-ca-chp")
    assert re.findall(r'data-label="Agency or organization"><div>([^<]+)<', page.text) == [
        "No desk recorded", "Radio Frontera", "Mexico in all", chp.name_en,
    ]  # fmt: skip
    link = re.search(r'href="([^"]+show=failed)"', page.text)
    assert link
    rows = client.get(link[1].replace("&amp;", "&"))
    assert rows.status_code == 200
    assert set(re.findall(r'data-label="Recipient"><div>(\w+)', rows.text)) == {"a", "c", "d"}
    assert client.get(reverse("alerts:alert-board", args=[told.pk]) + "?of=x").status_code == 404


def test_nobody_told_yet_is_said(told: Any, baja_coordinator: Any) -> None:
    draft = Alert.objects.create(number="D-1", case=told.case, program=told.program, created_by=baja_coordinator)
    assert "Nobody was told yet" in signed_in(baja_coordinator).get(reverse("alerts:alert-board", args=[draft.pk])).text


def test_whom_a_program_tells_is_its_own_affair(told: Any, california_officer: Any, quebec_coordinator: Any) -> None:
    for person in (california_officer, quebec_coordinator):
        assert signed_in(person).get(reverse("alerts:alert-board", args=[told.pk])).status_code == 404


def test_agency_over_its_recent_alerts(told: Any, baja_coordinator: Any) -> None:
    client = signed_in(baja_coordinator)
    address = reverse("alerts:agency-board")
    assert f'href="{address}"' in client.get(reverse("alerts:desk")).text
    page = client.get(address)
    assert "3 of 6 recipients have acknowledged." in page.text
    assert page.text.count(reverse("alerts:alert-board", args=[told.pk])) == 1
    event = AuditEvent.objects.reads().latest("at")
    assert event.ids_of("alerts.alert") == [str(told.pk)]
    Alert.objects.filter(pk=told.pk).update(activated_at=timezone.now() - timedelta(days=40))
    assert "No alerts in this time" in client.get(address).text
    assert told.number in client.get(f"{address}?days=90").text
    assert told.number not in client.get(f"{address}?days=90&kind=exercises").text
    assert client.get(f"{address}?days=7").status_code == 404


@pytest.mark.parametrize("who", ["california_coordinator", "quebec_coordinator", "baja_staff"])
def test_other_supervisors_see_their_own_alerts_only(who: str, request: pytest.FixtureRequest, told: Any) -> None:
    page = signed_in(request.getfixturevalue(who)).get(reverse("alerts:agency-board"))
    assert (page.status_code, told.number in page.text) == (200, False)


@pytest.mark.parametrize("name", ["alert-board", "agency-board"])
def test_many_recipients_cost_what_few_cost(name: str, told: Any, baja_coordinator: Any) -> None:
    address = reverse(f"alerts:{name}", args=[told.pk] if name == "alert-board" else [])

    def count() -> int:
        client = signed_in(baja_coordinator)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = count()
    for number in range(25):
        desk = RecipientDesk.objects.create(program=told.program, organization=f"Paper {number}")
        person = Recipient.objects.create(
            program=told.program, name=f"p{number}", kind="media", email=f"p{number}@x.example", language="es",
            desk=desk,
        )  # fmt: skip
        Delivery.objects.create(message=told.messages.get(), recipient=person, address="x", language="es")
    assert count() == few
