"""Every page, and every state of a case, child, request, alert, Update, duty and review, in a real browser.

At 360 and 1440 pixels no page is wider than its window, no script fails, nothing is refused by the page's own policy:
every page in three languages, every state in French. With PICTURES=1 in the environment every state is walked in three
languages, and all are kept under `build/screens` to be looked at.

The pages come from the test's own transaction: Django's test client reads them and the browser shows them.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, User
from alerts.choices import DeliveryState, DutyKind, DutyStatus
from alerts.models import (
    Alert,
    AlertUpdate,
    Delivery,
    DeliveryAttempt,
    Duty,
    ExtensionRequest,
    LadderRung,
    LowerNotice,
    Recipient,
    RecipientDesk,
    TextReview,
)
from alerts.services import requests
from cases.models import Case, Child, LegalReview
from tests.browser.conftest import SCREENS
from tests.project.conftest import photo_bytes
from tests.project.routes import read_routes

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
HOST = "http://127.0.0.1"  # an address that a browser trusts as it trusts https
WIDTHS = (360, 1440)
PICTURES = bool(os.environ.get("PICTURES"))
LANGUAGES = ["en", "es", "fr"]
LONGEST = LANGUAGES if PICTURES else ["fr"]  # the widest words: what holds French holds the others
# What answers with a file, a poll's fragment or JSON is no page.
NO_PAGES = {
    "cases:photo-upload", "cases:photo-file", "cases:document-file", "alerts:alert-deliveries", "alerts:request-sheet",
    "alerts:request-acuse", "public:alert-poster", "public:alert-cap", "public:alert-photo", "public:feed",
    "alerts:paper-pack", "alerts:request-kept-sheet", "alerts:request-kept-photo",
    "alerts:alert-told-rows", "alerts:alert-told-file", "alerts:exercise-scores-table",
    "agencies:health", "agencies:calendar", "public:home", "public:alert-number",  # the last two lead to a page
    # Only after a step before, or with a second factor: tests/browser/test_second_factor.py
    "agencies:login-code", "agencies:factor-codes", "agencies:factor-renew-codes", "agencies:factor-remove",
}  # fmt: skip

# On a phone a cell is a grid of its label and one part: a second part would stand below the label, in its column.
LOOSE_CELLS = """() => [...document.querySelectorAll(".table tbody :is(th, td)[data-label]")]
    .filter(cell => [...cell.childNodes].filter(node => node.tagName || node.textContent.trim()).length > 1)
    .map(cell => cell.dataset.label)"""


class Screen:
    """One browser window in one language, answered by the test client of whoever looks."""

    def __init__(self, browser: Any, language: str) -> None:
        self.language = language
        self.context = browser.new_context(base_url=HOST, locale=language)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.name = self.address = ""
        self.answer: Any = None
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.name}: {error}"))
        self.page.on("console", self._note)
        self.page.route("**/*", self._answer)

    def _note(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{self.name}: {message.text}")

    def _answer(self, route: Any) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == self.address:
            # Read before: the browser's events come in a context of their own, with a database connection of its own.
            route.fulfill(status=self.answer.status_code, headers=dict(self.answer.headers), body=self.answer.content)
        elif path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/").partition("?")[0])
            assert isinstance(found, str), path
            route.fulfill(path=found, content_type=mimetypes.guess_type(found)[0] or "application/octet-stream")
        elif route.request.resource_type == "image":
            route.fulfill(body=photo_bytes(), content_type="image/jpeg")
        else:
            route.abort()

    def look(self, who: User | None, address: str, name: str, status: int | None = 200) -> None:
        """Open a page as somebody, at both widths; `status` None allows a page that this state hides from them."""
        self.name, self.address = name, address
        client = Client()
        if who is not None:
            client.force_login(who)
        self.answer = client.get(address, headers={"accept-language": self.language})
        if status is None and self.answer.status_code == 404:
            status = 404  # a draft is its writer's own; a review that has ended is offered to nobody
        assert self.answer.status_code == (status or 200), f"{name}: {self.answer.status_code}"
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.page.goto(address)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                self.faults.append(f"{name} is {wide} pixels wider than {width}")
            if width == WIDTHS[0]:
                self.faults += [f"{name}: more than one part in {cell!r}" for cell in self.page.evaluate(LOOSE_CELLS)]
            if PICTURES:
                folder = SCREENS / self.language / str(width)
                folder.mkdir(parents=True, exist_ok=True)
                self.page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.fixture
def screen(request: pytest.FixtureRequest, chromium: Any, world: Any) -> Iterator[Screen]:
    """Give a window in each language; everybody works in it."""
    User.objects.update(language=request.param)
    for person in filter(None, world.people.values()):
        person.refresh_from_db()
    opened = Screen(chromium, request.param)
    yield opened
    opened.context.close()


@pytest.mark.parametrize("screen", LANGUAGES, indirect=True)
def test_every_page_fits(screen: Screen, world: Any) -> None:
    seen: set[str] = set()
    for route in read_routes():
        door = route.name.split(":")[0]
        if "GET" not in route.methods or door in ("api", "admin") or route.name in NO_PAGES:
            continue
        address, who = route.address(world.samples), world.people[route.seen_by]
        if door == "public":
            address = address.replace("/es/", f"/{screen.language}/", 1)
        kind = dict(route.kwargs).get("kind", "").lstrip(":")
        name = "-".join(filter(None, ["page", *route.name.split(":"), kind, route.seen_by.partition("_")[0]]))
        screen.look(who, address, name)
        seen.add(route.name)
    assert len(seen) > 40
    assert screen.faults == []


def states_of(model: type) -> list[str]:
    """Return every state that the model's column may hold."""
    return [value for value, _label in model._meta.get_field("status").choices]


@pytest.mark.parametrize("screen", LONGEST, indirect=True)
def test_every_state_fits(screen: Screen, world: Any) -> None:
    people, at = world.people, world.samples
    owner, receiver, legal = people["owner_coordinator"], people["receiver_coordinator"], people["owner_legal"]
    case_page = reverse("cases:case-detail", args=[at["case"]])
    request_page = reverse("alerts:request-detail", args=[at["request"]])
    alert_page = reverse("alerts:alert-detail", args=[at["alert"]])
    AlertUpdate.objects.exclude(pk=at["update"]).open().update(status="superseded")
    Duty.objects.exclude(pk=at["duty"]).open().update(status="superseded")
    for model, key, rows in (
        (Case, "case", [("owner", owner, case_page), ("receiver", receiver, case_page)]),
        (Child, "child", [("owner", owner, case_page), ("receiver", receiver, case_page)]),
        (LegalReview, "review", [("legal", legal, case_page), ("owner", owner, case_page)]),
        (ExtensionRequest, "request", [("owner", owner, request_page), ("receiver", receiver, request_page)]),
        (Alert, "alert", [("receiver", receiver, alert_page), ("approver", people["receiver_approver"], alert_page)]),
        (AlertUpdate, "update", [("receiver", receiver, reverse("alerts:update-detail", args=[at["update"]]))]),
        (TextReview, "text_review", [("owner", people["owner_officer"],
                                      reverse("alerts:text-review", args=[at["text_review"]]))]),
        (Duty, "duty", [("receiver", receiver, reverse("alerts:duty", args=[at["duty"]]))]),
    ):  # fmt: skip
        row = model._base_manager.filter(pk=at[key])
        before = row.values_list("status", flat=True).get()
        for state in states_of(model):
            row.update(status=state)
            for side, who, address in rows:
                screen.look(who, address, f"state-{key}-{state}-{side}", None)
        row.update(status=before)
    assert screen.faults == []


@pytest.mark.parametrize("screen", LONGEST, indirect=True)
def test_every_kind_of_duty_and_a_notice_in_force_fit(screen: Screen, world: Any) -> None:
    people, at = world.people, world.samples
    receiver = people["receiver_coordinator"]
    duty = Duty.objects.filter(pk=at["duty"])
    Duty.objects.exclude(pk=at["duty"]).open().filter(alert__in=duty.values("alert")).update(status="superseded")
    duty.update(status=DutyStatus.OPEN, request=at["request"])
    for kind in DutyKind.values:
        duty.update(kind=kind)
        screen.look(receiver, reverse("alerts:duty", args=[at["duty"]]), f"duty-{kind}")
    LowerNotice.objects.create(
        request_id=at["request"], level="prealert", in_force_at=timezone.now(), recorded_by=receiver
    )
    requests = ExtensionRequest.objects.filter(pk=at["request"])
    Alert.objects.filter(pk=at["alert"]).update(status="discarded")
    for state in ("accepted_lower_level", "cancellation_asked", "cancelled"):
        requests.update(status=state)
        for side, who in (("owner", people["owner_coordinator"]), ("receiver", receiver)):
            screen.look(who, reverse("alerts:request-detail", args=[at["request"]]), f"notice-{state}-{side}")
    for side in ("owner_coordinator", "receiver_coordinator", "owner_legal"):
        screen.look(people[side], reverse("alerts:desk"), f"desk-{side}")
    assert screen.faults == []


@pytest.mark.parametrize("screen", LONGEST, indirect=True)
def test_deliveries_in_every_state_fit(screen: Screen, world: Any) -> None:
    people, at = world.people, world.samples
    receiver = people["receiver_coordinator"]
    Alert.objects.filter(pk=at["alert"]).update(status="active")
    first = Delivery.objects.select_related("message__alert").get(pk=at["delivery"])
    assert first.message is not None
    desk = RecipientDesk.objects.create(
        program=first.message.alert.program, agency=Agency.objects.get(code="us-ca-chp"), name="San Ysidro, inspección"
    )
    for number, state in enumerate(DeliveryState.values):
        person = Recipient.objects.create(
            program=first.message.alert.program, name=f"Jefatura de servicios de turno número {number}", kind="police",
            email=f"jefatura{number}@fits.example", language="es", desk=desk if number % 2 else None,
            position="Supervisora de guardia",
        )  # fmt: skip
        row = Delivery.objects.create(
            message=first.message, recipient=person, address=person.email, language="es", state=state, attempts=2,
            error="550 5.1.1 <mailbox> user unknown" if state == "failed" else "", may_have_arrived=state == "retry",
            acknowledged_at=timezone.now() if state == "delivered" else None, acknowledged_name="Rosa Ríos Camacho",
        )  # fmt: skip
        for tried in (1, 2):
            DeliveryAttempt.objects.create(delivery=row, number=tried, outcome="retry", detail="421 4.7.0 try later")
    told = reverse("alerts:alert-told", args=[at["alert"]])
    screen.look(receiver, told, "deliveries-all")
    screen.look(receiver, f"{told}?show=failed&channel=sms", "deliveries-none")
    screen.look(receiver, reverse("alerts:alert-detail", args=[at["alert"]]), "deliveries-alert")
    begun = timezone.now() - timedelta(minutes=47)
    Alert.objects.filter(pk=at["alert"]).update(activated_at=begun, expires_at=timezone.now() + timedelta(hours=9))
    failed = Delivery.objects.filter(state="failed", message__isnull=False)
    again = [reverse("alerts:alert-send-again", args=[at["alert"]]),
             reverse("alerts:delivery-send-again", args=[failed.values_list("pk", flat=True)[0]])]  # fmt: skip
    for number, address in enumerate(again):
        screen.look(receiver, address, f"deliveries-again-{number}")
    failed.update(sent_again_at=timezone.now(), sent_again_by=receiver)
    screen.look(receiver, told, "deliveries-sent-again")
    screen.look(receiver, reverse("alerts:alert-board", args=[at["alert"]]), "board-alert")
    screen.look(receiver, reverse("alerts:agency-board"), "board-agency")
    screen.look(receiver, reverse("alerts:agency-board") + "?kind=exercises", "board-empty")
    Alert.objects.filter(pk=at["alert"]).update(status="cancelled")
    screen.look(receiver, again[0], "deliveries-again-over")
    assert screen.faults == []


@pytest.mark.parametrize("screen", LONGEST, indirect=True)
def test_times_of_an_exercise_fit(
    screen: Screen, world: Any, exercise: Any, california_officer: Any, request: pytest.FixtureRequest
) -> None:
    officer, page = california_officer, reverse("alerts:exercise-scores", args=[exercise.pk])
    screen.look(officer, page, "exercise-nothing-yet")
    alert, asked = request.getfixturevalue("exercise_alert"), request.getfixturevalue("exercise_request")
    screen.look(officer, page, "exercise-waiting")
    now = timezone.now()
    requests.acknowledge(request=asked, by=world.people["baja"])
    requests.decide(request=asked, by=world.people["baja"], decision="accept")
    ExtensionRequest.objects.filter(pk=asked.pk).update(
        sent_at=now - timedelta(hours=30), acknowledged_at=now - timedelta(hours=29, minutes=57)
    )
    LadderRung.objects.filter(request=asked, step="desk").update(due_at=now - timedelta(hours=29, minutes=55))
    Delivery.objects.filter(message__alert=alert).update(
        state="sent", sent_at=now + timedelta(seconds=200), acknowledged_at=now + timedelta(seconds=900)
    )
    screen.look(officer, page, "exercise-times")
    for name, address in (
        ("case", reverse("cases:case-detail", args=[exercise.pk])),
        ("alert", reverse("alerts:alert-detail", args=[alert.pk])),
        ("public", reverse("public:alert-detail", args=[screen.language, alert.public.public_id])),
    ):
        screen.look(officer, address, f"exercise-{name}")
    assert screen.faults == []
