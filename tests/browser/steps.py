"""Steps that officers take in a browser, for the scenarios that walk whole cases."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.conftest import Visitor
from tests.portal import Portal, wait_until

PASSWORD = "correct horse battery staple"


def make_people(rows: list[tuple[str, str, str, str]], role: str = "coordinator") -> None:
    """Make coordinators, or people of another role: address, agency, language they work in, time zone."""
    from agencies.models import Agency, User
    from agencies.services import grant_membership

    for email, agency, language, zone in rows:
        user = User.objects.create_user(
            email, PASSWORD, full_name=email.partition("@")[0].title(), language=language,
            reads_languages=[language], time_zone=zone,
        )  # fmt: skip
        grant_membership(user=user, agency=Agency.objects.get(code=agency), role=role, by=None)


def make_recipient(program: str, address: str, language: str) -> None:
    """Give a program somebody who gets its alerts."""
    from agencies.models import AlertProgram
    from alerts.models import Recipient

    Recipient.objects.create(
        program=AlertProgram.objects.get(code=program), name=address, kind="media", email=address, language=language
    )


def mail_to(portal: Portal, address: str, count: int) -> str:
    """Wait for so many mails to an address; return subject and text of the newest."""
    wait_until(lambda: len(portal.mails(address)) >= count, seconds=40, what=f"mail {count} to {address}")
    mail = portal.mails(address)[-1]
    return f"{mail['Subject']}\n{mail.get_content()}"


def open_case(officer: Visitor, email: str, typed: dict[str, str], chosen: dict[str, str]) -> str:
    """Sign in, fill the intake page, open the case; return its address."""
    officer.sign_in(email, PASSWORD)
    page = officer.page
    page.goto("/cases/open/")
    for more in page.locator("main form details summary").all():
        more.click()
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
    for name, value in chosen.items():
        page.select_option(f"[name={name}]", value)
    officer.press("main form button[type=submit]:not([name])")
    return str(page.url)


def activate_case(officer: Visitor) -> None:
    """Let requests be sent."""
    officer.press("form[action$='/steps/activate/'] button")


def authorize(officer: Visitor, case_url: str, country: str) -> None:
    """Record that the programs of a country may publish everything the case knows by now."""
    page = officer.page
    page.goto(case_url)
    page.click("#publication summary")
    for item in page.locator("[name=authority-items]").all():
        item.check()
    page.check(f"[name=authority-jurisdictions][value={country}]")
    page.select_option("[name=authority-basis]", "prosecutor_order")
    page.select_option("[name=authority-authorizer]", "prosecutor")
    officer.press("form[action$='/authorities/'] button")


def ask(
    officer: Visitor,
    case_url: str,
    *programs: re.Pattern[str],
    kind: str = "activate",
    note: str = "",
    picture: str = "",
) -> None:
    """Ask programs in one act for an alert, or for something else; send in spite of words that they cannot read."""
    page = officer.page
    page.goto(case_url)
    officer.press("a[href$='/request/']")
    page.locator("main fieldset details").evaluate_all("all => all.forEach((folded) => { folded.open = true; })")
    for program in programs:
        page.locator("main label", has_text=program).first.locator("input").check()
    page.select_option("[name=kind]", kind)
    page.fill("[name=note]", note)
    if picture:
        officer.picture(picture)
    officer.press("main .form__actions button[type=submit]:not([name])")
    if page.locator("main input[name=confirmed]").count():
        if picture:
            officer.picture(f"{picture}-unread")
        officer.press("main .form__actions button[type=submit]:not([name])")


def accept_notice(officer: Visitor, email: str, mail: str, picture: str) -> None:
    """Follow the link of the mail, acknowledge, accept what has no public page."""
    officer.sign_in(email, PASSWORD)
    page = officer.page
    page.goto(re.search(r"http://\S+/desk/requests/\S+", mail).group())  # type: ignore[union-attr]
    officer.press("form[action$='/acknowledge/'] button")
    page.check("[name=decision-decision][value=accept]")
    officer.picture(picture)
    officer.press("form[action$='/decision/'] button")


def accept(officer: Visitor, email: str, mail: str, picture: str = "") -> str:
    """Follow the link of the mail, acknowledge, accept, submit the alert; return the alert's address."""
    officer.sign_in(email, PASSWORD)
    page = officer.page
    page.goto(re.search(r"http://\S+/desk/requests/\S+", mail).group())  # type: ignore[union-attr]
    officer.press("form[action$='/acknowledge/'] button")
    page.check("[name=decision-decision][value=accept]")
    if picture:
        officer.picture(picture)
    officer.press("form[action$='/decision/'] button")
    officer.press("main a[href*='/desk/alerts/']")
    officer.press("form[action$='/submit/'] button")
    return str(page.url)


def approve(officer: Visitor, email: str, alert_url: str) -> None:
    """Another officer of the program approves what they read."""
    officer.sign_in(email, PASSWORD)
    officer.page.goto(alert_url)
    officer.press("form[action$='/approve/'] button")


def approve_and_activate(officer: Visitor, email: str, alert_url: str) -> None:
    """Another officer of the program approves what they read, and activates."""
    approve(officer, email, alert_url)
    officer.press("form[action$='/activate/'] button")


def report_located(officer: Visitor, case_url: str, child: str, where: dict[str, str], holder: re.Pattern[str]) -> None:
    """Report that a child was located and who holds it."""
    page = officer.page
    page.goto(case_url)
    page.click("details:has([name=located-place]) summary")
    option = page.locator("select[name=located-child] option", has_text=child)
    if option.count():
        page.select_option("[name=located-child]", option.first.get_attribute("value"))
    page.fill("[name=located-located_at]", where["at"])
    page.fill("[name=located-place]", where["place"])
    page.select_option("[name=located-time_zone]", where["zone"])
    page.select_option("[name=located-subdivision]", where["subdivision"])
    page.select_option("[name=located-condition]", "unharmed")
    holding = page.locator("select[name=located-holding_agency] option", has_text=holder).first
    page.select_option("[name=located-holding_agency]", holding.get_attribute("value"))
    officer.press("form[action$='/located/'] button[type=submit]")


def confirm_identity(officer: Visitor, case_url: str, method: str) -> None:
    """Give one officer's word that this is the child."""
    officer.page.goto(case_url)
    officer.page.select_option("[name=identity-method]", method)
    officer.press("form[action$='/confirm/'] button")


def public_page(reader: Visitor, language: str) -> str:
    """Open the one public alert and return its words."""
    reader.page.goto(f"/{language}/alerts/")
    reader.page.reload()  # a browser may keep a public page for 30 seconds
    reader.press("main h2 a")
    return str(reader.page.inner_text("main"))


def close_all(*visitors: Any) -> None:
    """Close every window; a fault on any page fails the test."""
    for visitor in visitors:
        visitor.close()
