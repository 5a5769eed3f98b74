"""A girl taken in El Paso, her father's pickup seen at the bridge: Texas asks, Chihuahua alerts, a plate is corrected,
she is found in Juárez by Mexican police. Each step by the right people, in their language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import Visitor
from tests.portal import Portal, wait_until

PASSWORD = "correct horse battery staple"
CHILD, SURNAME = "Itzel", "Robledo"
WRONG_PLATE, RIGHT_PLATE = "LVX4471", "LVX4417"
RADIO = "cabina@radio-juarez.example"
CHIHUAHUA = re.compile("Chihuahua")


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> None:
    """Officers in El Paso (English) and Chihuahua (Spanish), somebody in Québec, and a radio station in Juárez."""
    from agencies.models import Agency, AlertProgram, User
    from agencies.services import grant_membership
    from alerts.models import Recipient

    with django_db_blocker.unblock():
        for email, agency, language, zone in (
            ("duty@texas.example", "us-tx-dps", "en", "America/Denver"),
            ("primera@chihuahua.example", "mx-chh-amber", "es", "America/Chihuahua"),
            ("segunda@chihuahua.example", "mx-chh-amber", "es", "America/Chihuahua"),
            ("etranger@quebec.example", "ca-qc-sq", "fr", "America/Toronto"),
        ):
            user = User.objects.create_user(
                email, PASSWORD, full_name=email.partition("@")[0].title(), language=language,
                reads_languages=[language], time_zone=zone,
            )  # fmt: skip
            grant_membership(user=user, agency=Agency.objects.get(code=agency), role="coordinator", by=None)
        Recipient.objects.create(
            program=AlertProgram.objects.get(code="mx-chh"),
            name="Radio Juárez",
            kind="media",
            email=RADIO,
            language="es",
        )


def mail_to(portal: Portal, address: str, count: int) -> str:
    """Wait for so many mails to an address; return subject and text of the newest."""
    wait_until(lambda: len(portal.mails(address)) >= count, seconds=40, what=f"mail {count} to {address}")
    mail = portal.mails(address)[-1]
    return f"{mail['Subject']}\n{mail.get_content()}"


def take_the_call(officer: Visitor) -> str:
    """Open the case on the intake page while the caller tells it, and activate it."""
    officer.sign_in("duty@texas.example", PASSWORD)
    page = officer.page
    page.goto("/cases/open/")
    for name, value in (
        ("child-given_names", CHILD), ("child-first_surname", SURNAME), ("child-age_years", "7"),
        ("event-happened_at", "2026-11-23T18:10"), ("event-place", "El Paso"),
        ("suspect-given_names", "Ramiro"), ("suspect-first_surname", SURNAME),
        ("vehicle-plate", WRONG_PLATE), ("vehicle-make", "Ford"), ("vehicle-model", "F-150"),
    ):  # fmt: skip
        page.fill(f"[name={name}]", value)
    for name, value in (
        ("child-sex", "F"), ("child-garment_1", "t_shirt"), ("child-color_1", "yellow"), ("event-subdivision", "US-TX"),
        ("event-category_at_intake", "FAM"), ("suspect-relationship", "parent"), ("suspect-sex", "M"),
        ("vehicle-plate_issuer", "US-TX"), ("vehicle-color", "RED"), ("crossing-toward", "MX"),
        ("crossing-toward_subdivision", "MX-CHH"),
    ):  # fmt: skip
        page.select_option(f"[name={name}]", value)
    officer.picture("40-intake-el-paso")
    officer.press("main form button[type=submit]:not([name])")
    officer.press("form[action$='/steps/activate/'] button")
    assert "UTC−7" in page.inner_text("main"), "El Paso keeps Mountain time, whatever the rest of Texas does"
    return page.url


def ask_chihuahua(officer: Visitor) -> None:
    """Ask the program across the bridge."""
    page = officer.page
    officer.press("a[href$='/request/']")
    option = page.locator("select[name=program] option", has_text=CHIHUAHUA).first.get_attribute("value")
    page.select_option("[name=program]", option)
    officer.press("main form button[type=submit]:not([name])")


def decide_in_spanish(first: Visitor, mail: str) -> str:
    """Acknowledge, accept, submit; return the address of the alert."""
    assert CHILD not in mail and SURNAME not in mail and WRONG_PLATE not in mail
    first.sign_in("primera@chihuahua.example", PASSWORD)
    page = first.page
    page.goto(re.search(r"http://\S+/desk/requests/\S+", mail).group())
    first.press("form[action$='/acknowledge/'] button")
    page.check("[name=decision-decision][value=accept]")
    first.picture("41-decision-in-chihuahua")
    first.press("form[action$='/decision/'] button")
    first.press("main a[href*='/desk/alerts/']")
    assert "playera amarilla" in page.inner_text("main")
    first.press("form[action$='/submit/'] button")
    return page.url


def activate(second: Visitor, alert_url: str) -> None:
    """A second officer approves and activates."""
    second.sign_in("segunda@chihuahua.example", PASSWORD)
    second.page.goto(alert_url)
    second.press("form[action$='/approve/'] button")
    second.press("form[action$='/activate/'] button")


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
    update_url = first.page.url
    text = first.page.inner_text("main")
    assert RIGHT_PLATE in text and WRONG_PLATE in text
    first.picture("43-update-prepared")
    if first.page.locator("form[action$='/submit/'] button").count():
        first.press("form[action$='/submit/'] button")
    second.page.goto(update_url)
    second.press("form[action$='/issue/'] button")


def find_her_in_juarez(first: Visitor, officer: Visitor, case_url: str) -> None:
    """Mexican police have her; both sides confirm who she is."""
    page = first.page
    page.goto(case_url)
    page.click("details:has([name=located-place]) summary")
    page.fill("[name=located-located_at]", "2026-11-23T23:40")
    page.select_option("[name=located-time_zone]", "America/Ciudad_Juarez")
    page.fill("[name=located-place]", "Juárez")
    page.select_option("[name=located-subdivision]", "MX-CHH")
    page.select_option("[name=located-condition]", "unharmed")
    holding = page.locator("select[name=located-holding_agency] option", has_text=CHIHUAHUA).first
    page.select_option("[name=located-holding_agency]", holding.get_attribute("value"))
    first.press("form[action$='/located/'] button[type=submit]")
    page.select_option("[name=identity-method]", "document")
    first.press("form[action$='/confirm/'] button")
    officer.page.goto(case_url)
    officer.picture("44-identity-el-paso")
    officer.page.select_option("[name=identity-method]", "guardian_in_person")
    officer.press("form[action$='/confirm/'] button")


@pytest.mark.browser
def test_girl_from_el_paso_is_found_in_juarez(chromium: Any, portal: Portal, people: None) -> None:
    officer, first, second = (Visitor(chromium, portal, language) for language in ("en", "es", "es"))
    case_url = take_the_call(officer)
    ask_chihuahua(officer)
    alert_url = decide_in_spanish(first, mail_to(portal, "primera@chihuahua.example", 1))
    activate(second, alert_url)
    assert WRONG_PLATE in mail_to(portal, RADIO, 1)
    reader = Visitor(chromium, portal, "es")
    reader.page.goto("/es/alerts/")
    reader.press("main h2 a")
    assert WRONG_PLATE in reader.page.inner_text("main")

    correct_the_plate(officer, case_url)
    issue_the_update(first, second, alert_url)
    update = mail_to(portal, RADIO, 2)
    assert "Corrección" in update and RIGHT_PLATE in update
    reader.page.reload()  # a browser may keep a public page for 30 seconds
    assert "Corrección" in reader.page.inner_text("main") and RIGHT_PLATE in reader.page.inner_text("main")
    reader.picture("45-corrected-public-page")

    stranger = Visitor(chromium, portal, "fr")
    stranger.sign_in("etranger@quebec.example", PASSWORD)
    assert stranger.page.goto(case_url).status == 404
    assert stranger.page.goto(alert_url).status == 404

    find_her_in_juarez(first, officer, case_url)
    gone = reader.page.reload()
    assert gone.status == 410
    text = reader.page.inner_text("body")
    assert not any(trace in text for trace in (CHILD, SURNAME, RIGHT_PLATE, WRONG_PLATE))
    reader.picture("46-ended-in-juarez")
    for visitor in (officer, first, second, reader, stranger):
        visitor.close()
