"""Requests in three languages: several programs in one act, drafts by two colleagues, withdrawing, asking again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.portal import Portal

TYPED = {
    "child-given_names": "Itzel", "child-first_surname": "Robledo", "child-age_years": "7",
    "event-happened_at": "2026-11-23T18:10", "event-place": "El Paso", "event-circumstances": "Beside the bridge",
}  # fmt: skip
CHOSEN = {
    "child-sex": "F", "event-subdivision": "US-TX", "event-category_at_intake": "FAM", "crossing-toward": "MX",
    "crossing-toward_subdivision": "MX-CHH",
}  # fmt: skip
CHIHUAHUA = re.compile("Chihuahua")


@pytest.fixture
def officers(own_database: str, django_db_blocker: Any) -> Any:
    """Two officers of Texas in one language, one of Chihuahua in another; Québec reads French and English."""

    def make(language: str) -> str:
        other = "fr" if language == "es" else "es"
        with django_db_blocker.unblock():
            steps.make_people(
                [
                    ("duty@texas.example", "us-tx-dps", language, "America/Chicago"),
                    ("night@texas.example", "us-tx-dps", language, "America/Chicago"),
                    ("primera@chihuahua.example", "mx-chh-amber", other, "America/Chihuahua"),
                ]
            )
        return other

    return make


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_requests_to_several_programs(chromium: Any, portal: Portal, officers: Any, language: str) -> None:
    other = officers(language)
    officer = Visitor(chromium, portal, language)
    case_url = steps.open_case(officer, "duty@texas.example", TYPED, CHOSEN)
    steps.activate_case(officer)
    page = officer.page
    officer.press("a[href$='/request/']")
    page.click("button[name=choose][value=border-mx]")
    assert page.locator("input[name=program]:checked").count() == 6, "ticked without a round trip"
    page.locator("main fieldset details").last.locator("summary").click()
    page.check("input[name=program][value=ca-qc]")
    page.fill("[name=note]", "Seen at the bridge")
    officer.picture("requests-choose")
    officer.press("main .form__actions button[type=submit]:not([name])")
    assert page.locator("main input[name=confirmed]").count() == 1
    officer.picture("requests-unread")
    officer.press("main .form__actions button[type=submit]:not([name])")
    assert page.locator("ul.outcomes > li").count() == 7
    officer.picture("requests-outcomes")
    mail = steps.mail_to(portal, "primera@chihuahua.example", 1)
    reader = Visitor(chromium, portal, other)
    decline(reader, mail)
    page.reload()
    page.click("details:has(form[action$='/withdrawal/']) summary")
    page.select_option("[name=withdraw-reason]", "other_direction")
    officer.picture("requests-withdraw-all")
    officer.press("form[action$='/withdrawal/'] button[type=submit]")
    assert page.locator("ul.outcomes > li").count() == 6
    officer.picture("requests-withdrawn")
    ask_again(chromium, portal, officer, reader, language)
    steps.close_all(officer, reader)
    assert case_url


def decline(reader: Visitor, mail: str) -> None:
    """Chihuahua declines."""
    reader.sign_in("primera@chihuahua.example", steps.PASSWORD)
    reader.page.goto(re.search(r"http://\S+/desk/requests/\S+", mail).group())  # type: ignore[union-attr]
    reader.press("form[action$='/acknowledge/'] button")
    reader.page.check("[name=decision-decision][value=decline]")
    reader.page.select_option("[name=decision-reason]", "criteria_description")
    reader.page.fill("[name=decision-note]", "Falta la placa")
    reader.press("form[action$='/decision/'] button")


def ask_again(chromium: Any, portal: Portal, officer: Visitor, reader: Visitor, language: str) -> None:
    """One officer drafts, a colleague sends; the program reads what it answered before."""
    page = officer.page
    page.locator("main table a", has_text=CHIHUAHUA).first.click()
    page.wait_for_url("**/desk/requests/*/")
    officer.press("a[href$='/again/']")
    page.fill("[name=note]", "The plate is known")
    officer.picture("requests-ask-again")
    officer.press("main button[name=save_draft]")
    officer.picture("requests-draft")
    colleague = Visitor(chromium, portal, language)
    colleague.sign_in("night@texas.example", steps.PASSWORD)
    colleague.picture("requests-desk-with-draft")
    colleague.press("main a[href*='/desk/requests/']")
    line = "[data-autosave-state]"
    colleague.context.set_offline(True)
    colleague.page.fill("[name=draft-note]", "The plate is 7ABC123")
    colleague.page.wait_for_selector(f"{line}[data-state=waiting]", timeout=20_000)
    colleague.context.set_offline(False)
    colleague.page.wait_for_selector(f"{line}[data-state=saved]", timeout=30_000)
    assert len(re.findall(r"\d+", colleague.page.inner_text(line))) == 3, "it says when it was kept, to the second"
    colleague.picture("requests-draft-kept-by-itself")
    page.fill("[name=draft-note]", "Typed beside it")
    page.wait_for_selector(f"{line}[data-state=conflict]", timeout=20_000)
    officer.picture("requests-draft-conflict")
    colleague.page.reload()
    assert colleague.page.input_value("[name=draft-note]") == "The plate is 7ABC123", "a closed tab loses nothing"
    colleague.press("main button[name=send]")
    reader.page.goto(colleague.page.url)
    assert "Falta la placa" in reader.page.inner_text("section[aria-labelledby=earlier-request]")
    reader.picture("requests-asked-again")
    colleague.close()
