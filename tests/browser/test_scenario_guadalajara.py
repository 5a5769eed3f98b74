"""A boy of nine from Guadalajara is not brought back from his holidays with his mother in Chicago: no alert, a case.

Jalisco decides not to activate, asks its legal advisor about the Hague route, tells the Central Authority and asks for
a welfare check; Illinois has no program of its own, so NCMEC gets the request. Nothing ever becomes public.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.portal import Portal

CHILD, SURNAME, MOTHER = "Ulises", "Arreola", "Perla"
NCMEC = re.compile("NCMEC")
GROUNDS = "Convenio de convivencia vencido; la madre no ejerce la guarda."
CONDITION = "Procede solicitar la restitución; la alerta no es la vía."
TYPED = {
    "child-given_names": CHILD, "child-first_surname": SURNAME, "child-age_years": "9",
    "event-happened_at": "2026-11-22T19:00", "event-place": "Guadalajara",
    "suspect-given_names": MOTHER, "suspect-first_surname": SURNAME,
}  # fmt: skip
CHOSEN = {
    "child-sex": "M", "event-subdivision": "MX-JAL", "event-category_at_intake": "FAM",
    "suspect-relationship": "parent", "suspect-sex": "F", "crossing-toward": "US",
    "crossing-toward_subdivision": "US-IL",
}  # fmt: skip


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> None:
    """A coordinator and a legal advisor in Jalisco (Spanish), an officer of NCMEC (English)."""
    with django_db_blocker.unblock():
        steps.make_people([("guardia@jalisco.example", "mx-jal-amber", "es", "America/Mexico_City")])
        steps.make_people(
            [("juridica@jalisco.example", "mx-jal-amber", "es", "America/Mexico_City")], role="legal_advisor"
        )
        steps.make_people([("desk@ncmec.example", "us-ncmec", "en", "America/New_York")])


def decide_not_to_activate(officer: Visitor, case_url: str) -> None:
    """The home program's own decision, with its reason and what it does instead."""
    page = officer.page
    page.goto(case_url)
    form = "form[action$='/home-decision/']"
    page.click(f"details:has({form}) summary")
    page.select_option(f"{form} select[name$=outcome]", "not_activated")
    page.select_option(f"{form} select[name$=reason]", "criteria_danger")
    page.select_option(f"{form} select[name$=alternative]", "welfare_check")
    officer.press(f"{form} button")


def tell_the_central_authority(officer: Visitor, case_url: str) -> None:
    """The page suggests it: taken by a relative, under 16."""
    page = officer.page
    page.goto(case_url)
    assert "Autoridad Central" in page.inner_text("section:has(#parallel-notices)")
    officer.press("a[href$='/notices/']")
    page.select_option("[name=body]", "central_authority")
    page.select_option("[name=country]", "MX")
    page.select_option("[name=outcome]", "sent")
    page.fill("[name=reference]", "SRE-DGPME-4471")
    officer.press("main form button[type=submit]")


def ask_the_advisor(officer: Visitor, advisor: Visitor, portal: Portal, case_url: str) -> None:
    """The coordinator asks; the advisor answers with a condition and releases the conclusion to NCMEC."""
    officer.page.goto(case_url)
    form = "form[action$='/opinions/ask/']"
    officer.page.click(f"details:has({form}) summary")
    officer.page.select_option(f"{form} select[name$=question]", "hague_route")
    officer.press(f"{form} button")
    mail = steps.mail_to(portal, "juridica@jalisco.example", 1)
    assert not any(trace in mail for trace in (CHILD, SURNAME, MOTHER))
    advisor.sign_in("juridica@jalisco.example", steps.PASSWORD)
    advisor.page.goto(case_url)
    give = "form[action*='/opinions/']:has(textarea[name$=grounds])"
    advisor.page.select_option(f"{give} select[name$=opinion] >> nth=0", "with_conditions")
    advisor.page.fill(f"{give} textarea[name$=conclusion] >> nth=0", CONDITION)
    advisor.page.fill(f"{give} textarea[name$=grounds] >> nth=0", GROUNDS)
    advisor.picture("81-opinion")
    advisor.press(f"{give} button >> nth=0")


def release_the_conclusion(advisor: Visitor, case_url: str) -> None:
    """NCMEC, which is on the case by now, is shown the conclusion and nothing of its grounds."""
    advisor.page.goto(case_url)
    form = "form[action$='/release/']"
    advisor.page.click(f"details:has({form}) summary")
    option = advisor.page.locator(f"{form} select[name$=agency] option", has_text=NCMEC).first
    advisor.page.select_option(f"{form} select[name$=agency]", option.get_attribute("value"))
    advisor.press(f"{form} button")


@pytest.mark.browser
def test_boy_kept_in_chicago_is_looked_for_without_an_alert(chromium: Any, portal: Portal, people: None) -> None:
    officer, advisor, desk = (Visitor(chromium, portal, language) for language in ("es", "es", "en"))
    case_url = steps.open_case(officer, "guardia@jalisco.example", TYPED, CHOSEN)
    steps.activate_case(officer)
    decide_not_to_activate(officer, case_url)
    tell_the_central_authority(officer, case_url)
    ask_the_advisor(officer, advisor, portal, case_url)

    steps.ask(officer, case_url, NCMEC, kind="information")
    mail = steps.mail_to(portal, "desk@ncmec.example", 1)
    release_the_conclusion(advisor, case_url)
    officer.page.goto(case_url)
    officer.picture("80-no-alert-in-guadalajara")
    assert not any(trace in mail for trace in (CHILD, SURNAME, MOTHER))
    steps.accept_notice(desk, "desk@ncmec.example", mail, "82-welfare-check")
    words = desk.page.inner_text("main")
    assert "Not activated" in words and "Welfare check" in words, "the home program's decision is on the request"
    assert "Not public" in words
    desk.page.goto(case_url)
    words = desk.page.inner_text("main")
    assert CONDITION in words and GROUNDS not in words
    assert desk.page.locator("form[action$='/home-decision/']").count() == 0
    desk.picture("83-case-seen-by-ncmec")

    reader = Visitor(chromium, portal, "en")
    for language in ("en", "es", "fr"):
        reader.page.goto(f"/{language}/alerts/")
        assert reader.page.locator("main h2 a").count() == 0
        assert CHILD not in reader.page.inner_text("body")
    officer.page.goto("/cases/")
    assert "MX-JAL-2026-00001" in officer.page.inner_text("main"), "a case without an alert stands in the list"
    assert officer.page.locator("main [data-state=active]").count() >= 1
    steps.close_all(officer, advisor, desk, reader)
