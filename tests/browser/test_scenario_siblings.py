"""Two siblings leave Gatineau in two cars; Ontario alerts for both; one is found in Ottawa, the other is still sought.

Québec works in French, Ontario in English and French.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.portal import Portal

FOUND, MISSING, SURNAME = "Maxime", "Océane", "Saint-Pierre"
PAPER = "newsroom@ottawa-paper.example"
ONTARIO = re.compile("Ontario")
TYPED = {
    "child-given_names": FOUND, "child-first_surname": SURNAME, "child-age_years": "9",
    "event-happened_at": "2026-11-23T16:30", "event-place": "Gatineau",
    "vehicle-plate": "A12BCD", "vehicle-make": "Mazda", "vehicle-model": "3",
}  # fmt: skip
CHOSEN = {
    "child-sex": "M", "event-subdivision": "CA-QC", "event-category_at_intake": "FAM", "vehicle-plate_issuer": "CA-QC",
    "vehicle-color": "GRY", "crossing-toward": "CA", "crossing-toward_subdivision": "CA-ON",
}  # fmt: skip
OTTAWA = {"at": "2026-11-23T21:00", "place": "Ottawa", "zone": "America/Toronto", "subdivision": "CA-ON"}


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> None:
    """Officers of the Sûreté du Québec (French) and the OPP (English), and a newspaper in Ottawa."""
    with django_db_blocker.unblock():
        steps.make_people(
            [
                ("garde@surete.example", "ca-qc-sq", "fr", "America/Toronto"),
                ("first@opp.example", "ca-on-opp", "en", "America/Toronto"),
                ("second@opp.example", "ca-on-opp", "en", "America/Toronto"),
                ("troisieme@opp.example", "ca-on-opp", "fr", "America/Toronto"),
            ]
        )
        steps.make_recipient("ca-on", PAPER, "en")


def add_the_sister(officer: Visitor, case_url: str) -> None:
    """Record a second child and the second car on pages of their own."""
    page = officer.page
    page.goto(case_url)
    officer.press("a[href$='/facts/add/child/']")
    page.fill("[name=given_names]", MISSING)
    page.fill("[name=first_surname]", SURNAME)
    page.select_option("[name=sex]", "F")
    page.fill("[name=age_years]", "6")
    officer.picture("50-second-child")
    officer.press("main form button[type=submit]")
    page.goto(case_url)
    officer.press("a[href$='/facts/add/vehicle/']")
    page.fill("[name=make]", "Toyota")
    page.fill("[name=model]", "Sienna")
    page.select_option("[name=color]", "BLU")
    officer.press("main form button[type=submit]")


@pytest.mark.browser
def test_one_of_two_siblings_is_found(chromium: Any, portal: Portal, people: None) -> None:
    officer, first, second, third = (Visitor(chromium, portal, language) for language in ("fr", "en", "en", "fr"))
    case_url = steps.open_case(officer, "garde@surete.example", TYPED, CHOSEN)
    add_the_sister(officer, case_url)
    officer.page.goto(case_url)
    steps.activate_case(officer)
    steps.authorize(officer, case_url, "CA")
    steps.ask(officer, case_url, ONTARIO)
    mail = steps.mail_to(portal, "first@opp.example", 1)
    assert FOUND not in mail and MISSING not in mail
    alert_url = steps.accept(first, "first@opp.example", mail)
    steps.approve(second, "second@opp.example", alert_url)
    assert second.page.locator("form[action$='/activate/']").count() == 0, "nobody has read the French words yet"
    steps.approve_and_activate(third, "troisieme@opp.example", alert_url)
    told = steps.mail_to(portal, PAPER, 1)
    assert FOUND in told and MISSING in told
    readers = {language: Visitor(chromium, portal, language) for language in ("en", "fr")}
    for language, reader in readers.items():
        words = steps.public_page(reader, language)
        assert FOUND in words and MISSING in words

    steps.report_located(first, case_url, FOUND, OTTAWA, ONTARIO)
    officer.page.goto(case_url)
    officer.picture("51-one-located")
    steps.confirm_identity(first, case_url, "document")
    steps.confirm_identity(officer, case_url, "guardian_in_person")

    for language, reader in readers.items():
        reader.page.reload()
        words = reader.page.inner_text("body")
        assert FOUND not in words, "he left every public place"
        assert FOUND not in reader.page.request.get(f"/{language}/alerts/").text()
        assert FOUND not in reader.page.request.get(f"/feeds/{language}.atom").text()
        reader.picture("52-after-one-was-found")
    first.page.goto(alert_url)
    first.press("main a[href*='/desk/updates/']")
    first.press("form[action$='/submit/'] button")
    update_url = first.page.url
    second.page.goto(update_url)
    text = second.page.inner_text("main")
    assert MISSING in text
    second.picture("53-update-for-the-sister")
    second.press("form[action$='/issue/'] button")
    update = steps.mail_to(portal, PAPER, 2)
    assert MISSING in update and FOUND not in update
    readers["en"].page.reload()
    assert MISSING in readers["en"].page.inner_text("main")
    officer.page.goto(case_url)
    assert officer.page.locator("[data-state=active], [data-state=missing]").count() >= 1, "the search goes on"
    steps.close_all(officer, first, second, third, *readers.values())
