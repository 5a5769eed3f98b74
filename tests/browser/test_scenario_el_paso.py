"""A girl taken in El Paso, her father's pickup seen at the bridge: Texas asks, Chihuahua alerts, a plate is corrected,
she is found in Juárez by Mexican police. Each step by the right people, in their language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import languages, steps
from tests.browser.conftest import Visitor
from tests.portal import Portal

CHILD, SURNAME = "Itzel", "Robledo"
WRONG_PLATE, RIGHT_PLATE = "LVX4471", "LVX4417"
RADIO = "cabina@radio-juarez.example"
CHIHUAHUA = re.compile("Chihuahua")
CIRCUMSTANCES = "He picked her up behind the playground and drove off towards downtown."
NOTE = "Bridge cameras saw the pickup heading south; please hurry."
MOST_CLICKS, CLICKS_TO_SIGN_IN = 8, 1
# Nobody's language: people, places, makes, and the portal itself.
NAMES = (
    CHILD, SURNAME, "Ramiro", "Ford", "El Paso", "Primera", "Duty", "Amber Bridge", "Texas", "English", "Français",
)  # fmt: skip
TYPED = {
    "child-given_names": CHILD, "child-first_surname": SURNAME, "child-age_years": "7",
    "event-happened_at": "2026-11-23T18:10", "event-place": "El Paso",
    "suspect-given_names": "Ramiro", "suspect-first_surname": SURNAME,
    "vehicle-plate": WRONG_PLATE, "vehicle-make": "Ford", "vehicle-model": "F-150",
    "event-circumstances": CIRCUMSTANCES,
}  # fmt: skip
CHOSEN = {
    "child-sex": "F", "child-garment_1": "t_shirt", "child-color_1": "yellow", "event-subdivision": "US-TX",
    "event-category_at_intake": "FAM", "suspect-relationship": "parent", "suspect-sex": "M",
    "vehicle-plate_issuer": "US-TX", "vehicle-color": "RED", "crossing-toward": "MX",
    "crossing-toward_subdivision": "MX-CHH",
}  # fmt: skip
JUAREZ = {
    "at": "2026-11-23T23:40", "place": "Juárez", "zone": "America/Ciudad_Juarez", "subdivision": "MX-CHH",
}  # fmt: skip


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> None:
    """Officers in El Paso (English) and Chihuahua (Spanish), somebody in Québec, and a radio station in Juárez."""
    with django_db_blocker.unblock():
        steps.make_people(
            [
                ("duty@texas.example", "us-tx-dps", "en", "America/Denver"),
                ("primera@chihuahua.example", "mx-chh-amber", "es", "America/Chihuahua"),
                ("segunda@chihuahua.example", "mx-chh-amber", "es", "America/Chihuahua"),
                ("etranger@quebec.example", "ca-qc-sq", "fr", "America/Toronto"),
            ]
        )
        steps.make_recipient("mx-chh", RADIO, "es")


def read_the_request_in_spanish(reader: Visitor, mail: str) -> None:
    """Whoever reads Spanish alone finds every other language named as such, and decides without it (U11)."""
    reader.sign_in("primera@chihuahua.example", steps.PASSWORD)
    page = reader.page
    page.goto(re.search(r"http://\S+/desk/requests/\S+", mail).group())  # type: ignore[union-attr]
    for words in (CIRCUMSTANCES, NOTE):
        shown = page.get_by_text(words)
        assert shown.count() >= 1
        assert all(each.evaluate("node => node.closest('[lang]').lang") == "en" for each in shown.all())
    languages.assert_every_language_is_named(page, NAMES)
    page.evaluate("document.querySelectorAll('main [lang=en]').forEach(node => node.removeAttribute('lang'))")
    found = languages.unmarked_words(page, NAMES)
    assert {"playground", "hurry"} <= set(found), "without the mark the same words would have been found"


def correct_the_plate(officer: Visitor, case_url: str) -> None:
    """The clerk had two digits the wrong way round."""
    page = officer.page
    page.goto(case_url)
    officer.press("a[href$='/replace/']")
    page.check("[name=because][value=correction]")
    page.fill("[name=number]", RIGHT_PLATE)
    officer.picture("42-plate-corrected")
    officer.press("main form button[type=submit]")


def issue_the_update(first: Visitor, second: Visitor, alert_url: str) -> None:
    """Chihuahua reads the difference and issues its own Update, by two people."""
    first.page.goto(alert_url)
    first.press("main a[href*='/desk/updates/']")
    text = first.page.inner_text("main")
    assert RIGHT_PLATE in text and WRONG_PLATE in text
    first.picture("43-update-prepared")
    second.page.goto(first.page.url)
    assert second.page.locator("form[action$='/issue/']").count() == 0, "nothing is issued before it was submitted"
    first.press("form[action$='/submit/'] button")
    second.page.reload()
    second.press("form[action$='/issue/'] button")


@pytest.mark.browser
def test_girl_from_el_paso_is_found_in_juarez(chromium: Any, portal: Portal, people: None) -> None:
    officer, first, second = (Visitor(chromium, portal, language) for language in ("en", "es", "es"))
    case_url = steps.open_case(officer, "duty@texas.example", TYPED, CHOSEN)
    steps.activate_case(officer)
    assert "UTC−7" in officer.page.inner_text("main"), "El Paso keeps Mountain time, whatever the rest of Texas does"
    steps.authorize(officer, case_url, "MX")
    steps.ask(officer, case_url, CHIHUAHUA, note=NOTE)
    request_mail = steps.mail_to(portal, "primera@chihuahua.example", 1)
    assert not any(trace in request_mail for trace in (CHILD, SURNAME, WRONG_PLATE))
    colleague = Visitor(chromium, portal, "es")
    read_the_request_in_spanish(colleague, request_mail)
    alert_url = steps.accept(first, "primera@chihuahua.example", request_mail, "41-decision-in-chihuahua")
    assert "playera amarilla" in first.page.inner_text("main")
    steps.approve_and_activate(second, "segunda@chihuahua.example", alert_url)
    clicks = first.clicks + second.clicks - 2 * CLICKS_TO_SIGN_IN
    assert 5 <= clicks <= MOST_CLICKS, "from the request sent to accepted and activated, beyond reading"
    alert_mail = steps.mail_to(portal, RADIO, 1)
    assert all(word in alert_mail for word in (CHILD, SURNAME, WRONG_PLATE))
    reader = Visitor(chromium, portal, "es")
    assert WRONG_PLATE in steps.public_page(reader, "es")

    correct_the_plate(officer, case_url)
    issue_the_update(first, second, alert_url)
    update = steps.mail_to(portal, RADIO, 2)
    assert "Corrección" in update and RIGHT_PLATE in update
    reader.page.reload()  # a browser may keep a public page for 30 seconds
    assert "Corrección" in reader.page.inner_text("main") and RIGHT_PLATE in reader.page.inner_text("main")
    reader.picture("45-corrected-public-page")

    stranger = Visitor(chromium, portal, "fr")
    stranger.sign_in("etranger@quebec.example", steps.PASSWORD)
    assert stranger.page.goto(case_url).status == 404
    assert stranger.page.goto(alert_url).status == 404

    steps.report_located(first, case_url, CHILD, JUAREZ, CHIHUAHUA)
    steps.confirm_identity(first, case_url, "document")
    officer.page.goto(case_url)
    officer.picture("44-identity-el-paso")
    steps.confirm_identity(officer, case_url, "guardian_in_person")
    assert reader.page.reload().status == 410
    text = reader.page.inner_text("body")
    assert not any(trace in text for trace in (CHILD, SURNAME, RIGHT_PLATE, WRONG_PLATE))
    reader.picture("46-ended-in-juarez")
    steps.close_all(officer, first, second, colleague, reader, stranger)
