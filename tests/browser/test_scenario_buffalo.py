"""A girl of fifteen leaves Montréal on a bus for Buffalo with somebody known by an alias only.

The SPVM asks Ontario, through which the bus runs, for a notice to police, and New York for an alert; the next arrival
counts down for all of them; New York alerts in English; she is found at the terminal in Buffalo.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.portal import Portal

CHILD, SURNAME, ALIAS = "Maéva", "De la Durantaye", "NordLoup"
STATION = "newsdesk@buffalo-radio.example"
ONTARIO, NEW_YORK = re.compile("Ontario"), re.compile("New York")
ZONE = ZoneInfo("America/Toronto")
TAKEN = datetime.now(ZONE) - timedelta(hours=3)
ARRIVAL = datetime.now(ZONE) + timedelta(hours=4)
LOCAL = "%Y-%m-%dT%H:%M"
TYPED = {
    "child-given_names": CHILD, "child-first_surname": SURNAME, "child-age_years": "15",
    "event-happened_at": TAKEN.strftime(LOCAL), "event-place": "Montréal", "suspect-also_known_as": ALIAS,
}  # fmt: skip
CHOSEN = {
    "child-sex": "F", "event-subdivision": "CA-QC", "event-category_at_intake": "NFA", "suspect-sex": "M",
    "crossing-toward": "US", "crossing-toward_subdivision": "US-NY",
}  # fmt: skip
BUFFALO = {
    "at": datetime.now(ZONE).strftime(LOCAL), "place": "Buffalo", "zone": "America/New_York", "subdivision": "US-NY",
}  # fmt: skip


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> None:
    """Officers of the SPVM (French), the OPP and the New York State Police (English), a radio station in Buffalo."""
    with django_db_blocker.unblock():
        steps.make_people(
            [
                ("garde@spvm.example", "ca-qc-spvm", "fr", "America/Toronto"),
                ("desk@opp.example", "ca-on-opp", "en", "America/Toronto"),
                ("first@nysp.example", "us-ny-nysp", "en", "America/New_York"),
                ("second@nysp.example", "us-ny-nysp", "en", "America/New_York"),
            ]
        )
        steps.make_recipient("us-ny", STATION, "en")


def add_the_bus(officer: Visitor, case_url: str) -> None:
    """Record the bus and that she sits in it."""
    page = officer.page
    page.goto(case_url)
    officer.press("a[href$='/facts/add/leg/']")
    for name, value in {
        "carrier": "Voyageur Frontière", "route": "Montréal–Toronto–Buffalo", "from_place": "Montréal",
        "departs_at": TAKEN.strftime(LOCAL), "to_place": "Buffalo", "arrives_at": ARRIVAL.strftime(LOCAL),
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    for name, value in {"mode": "bus", "from_subdivision": "CA-QC", "to_subdivision": "US-NY"}.items():
        page.select_option(f"[name={name}]", value)
    officer.picture("70-bus")
    officer.press("main form button[type=submit]")
    page.goto(case_url)
    officer.press("a[href$='/facts/add/link/']")
    page.select_option("[name=child]", index=1)
    page.select_option("[name=leg]", index=1)
    officer.press("main form button[type=submit]")


@pytest.mark.browser
def test_girl_on_a_bus_from_montreal_is_found_in_buffalo(chromium: Any, portal: Portal, people: None) -> None:
    officer, transit, first, second = (Visitor(chromium, portal, language) for language in ("fr", "en", "en", "en"))
    case_url = steps.open_case(officer, "garde@spvm.example", TYPED, CHOSEN)
    add_the_bus(officer, case_url)
    officer.page.goto(case_url)
    steps.activate_case(officer)
    assert "Buffalo" in officer.page.inner_text("section:has(#next-arrival)")
    steps.authorize(officer, case_url, "US")
    steps.ask(officer, case_url, ONTARIO, kind="police_only")
    steps.ask(officer, case_url, NEW_YORK)
    officer.page.goto(case_url)
    officer.picture("71-two-programs-asked")

    notice_mail = steps.mail_to(portal, "desk@opp.example", 1)
    assert not any(trace in notice_mail for trace in (CHILD, SURNAME, ALIAS))
    steps.accept_notice(transit, "desk@opp.example", notice_mail, "72-ontario-asked")
    assert "Not public" in transit.page.inner_text("main")
    notice_url = transit.page.url

    alert_url = steps.accept(first, "first@nysp.example", steps.mail_to(portal, "first@nysp.example", 1), "73-new-york")
    steps.approve_and_activate(second, "second@nysp.example", alert_url)
    told = steps.mail_to(portal, STATION, 1)
    assert CHILD in told and ALIAS in told
    reader = Visitor(chromium, portal, "en")
    words = steps.public_page(reader, "en")
    assert CHILD in words and "Ontario" not in words
    assert "by bus from Montréal, Quebec, to Buffalo, New York" in words
    reader.picture("74-public-in-buffalo")
    public_url = reader.page.url
    reader.page.goto("/en/alerts/")
    assert reader.page.locator("main h2 a").count() == 1, "Ontario's notice to police has no public page"

    steps.report_located(first, case_url, CHILD, BUFFALO, NEW_YORK)
    transit.page.goto(notice_url)
    assert "stand down" in transit.page.inner_text("main")
    steps.confirm_identity(first, case_url, "document")
    steps.confirm_identity(officer, case_url, "guardian_in_person")
    reader.page.goto(public_url)
    assert reader.page.reload().status == 410
    assert CHILD not in reader.page.inner_text("body")
    transit.page.goto(notice_url)
    transit.picture("75-ontarios-notice-ended")
    first.page.goto(alert_url)
    first.picture("76-new-york-after-recovery")
    steps.close_all(officer, transit, first, second, reader)
