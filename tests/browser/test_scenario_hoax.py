"""A boy from Ciudad Juárez: Texas alerts, the wrong boy is identified, DNA says so, the search is opened again; in the
end the whole report was a hoax. Chihuahua works in Spanish, Texas in English."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.portal import Portal

CHILD, SURNAME, SUSPECT = "Eleazar", "Quiroga", "Fabián"
STATION = "newsroom@el-paso-tv.example"
TEXAS = re.compile("Texas")
TYPED = {
    "child-given_names": CHILD, "child-first_surname": SURNAME, "child-age_years": "8",
    "event-happened_at": "2026-11-23T09:00", "event-place": "Juárez",
    "suspect-given_names": SUSPECT, "suspect-first_surname": "Nava",
}  # fmt: skip
CHOSEN = {
    "child-sex": "M", "event-subdivision": "MX-CHH", "event-category_at_intake": "NFA", "suspect-sex": "M",
    "crossing-toward": "US", "crossing-toward_subdivision": "US-TX",
}  # fmt: skip
SAN_ANTONIO = {
    "at": "2026-11-23T20:00", "place": "San Antonio", "zone": "America/Chicago", "subdivision": "US-TX",
}  # fmt: skip


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> None:
    """Officers of Chihuahua (Spanish) and Texas (English), and a station in El Paso."""
    with django_db_blocker.unblock():
        steps.make_people(
            [
                ("guardia@chihuahua.example", "mx-chh-amber", "es", "America/Chihuahua"),
                ("first@texas.example", "us-tx-dps", "en", "America/Chicago"),
                ("second@texas.example", "us-tx-dps", "en", "America/Chicago"),
            ]
        )
        steps.make_recipient("us-tx", STATION, "en")


def search_again(officer: Visitor, case_url: str) -> None:
    """The laboratory says that it is another boy."""
    page = officer.page
    page.goto(case_url)
    page.click("details:has(form[action$='/reopen/']) summary")
    page.select_option("form[action$='/reopen/'] select[name$=reason]", "not_child_dna")
    officer.picture("60-search-again")
    officer.press("form[action$='/reopen/'] button")


def close_as_hoax(officer: Visitor, case_url: str) -> None:
    """Nobody was ever taken."""
    page = officer.page
    page.goto(case_url)
    form = "form[action$='/close/']"
    page.click(f"details:has({form}) summary")
    page.select_option(f"{form} select[name$=reason]", "hoax")
    page.select_option(f"{form} select[name$=alert_effect]", "no_effect")
    officer.picture("61-hoax")
    officer.press(f"{form} button")


@pytest.mark.browser
def test_wrong_boy_is_identified_and_the_report_was_a_hoax(chromium: Any, portal: Portal, people: None) -> None:
    officer, first, second = (Visitor(chromium, portal, language) for language in ("es", "en", "en"))
    case_url = steps.open_case(officer, "guardia@chihuahua.example", TYPED, CHOSEN)
    steps.activate_case(officer)
    steps.authorize(officer, case_url, "US")
    steps.ask(officer, case_url, TEXAS)
    alert_url = steps.accept(first, "first@texas.example", steps.mail_to(portal, "first@texas.example", 1))
    steps.approve_and_activate(second, "second@texas.example", alert_url)
    assert CHILD in steps.mail_to(portal, STATION, 1)
    reader = Visitor(chromium, portal, "en")
    assert CHILD in steps.public_page(reader, "en")

    steps.report_located(first, case_url, CHILD, SAN_ANTONIO, TEXAS)
    steps.confirm_identity(first, case_url, "document")
    steps.confirm_identity(officer, case_url, "document")
    assert reader.page.reload().status == 410
    first.page.goto(alert_url)
    earlier_messages = first.page.locator("text=TX-US-").count()
    assert earlier_messages >= 1

    search_again(officer, case_url)
    assert officer.page.locator("[data-state=active]").count() >= 1
    first.page.goto("/desk/")
    first.picture("62-desk-after-reopening")
    first.page.goto("/desk/alerts/")
    draft = first.page.locator("tr, li", has=first.page.locator("[data-state=draft]")).locator("a").first
    with first.page.expect_navigation():
        draft.click()
    new_url = first.page.url
    assert new_url != alert_url, "a new alert of the same incident"
    first.press("form[action$='/submit/'] button")
    second.page.goto(new_url)
    second.press("form[action$='/approve/'] button")
    second.press("form[action$='/activate/'] button")
    assert CHILD in steps.public_page(reader, "en")
    public_url = reader.page.url

    close_as_hoax(officer, case_url)
    assert reader.page.goto(public_url).status in (200, 410)
    assert reader.page.reload().status == 410
    text = reader.page.inner_text("body")
    assert not any(trace in text for trace in (CHILD, SURNAME, SUSPECT))
    officer.page.goto(case_url)
    officer.picture("63-closed-as-hoax")
    assert officer.page.locator("[data-state=hoax]").count() >= 1
    first.page.goto("/desk/")
    assert first.page.locator("a[href*='/desk/duties/']").count() >= 1, "the program still owes its Cancel"
    steps.close_all(officer, first, second, reader)
