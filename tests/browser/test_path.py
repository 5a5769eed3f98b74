"""The whole path, by the right people, in English, Spanish and French, with real processes and real mail."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.portal import ROOT, wait_until

OWN_SAMPLE = ROOT / "tests" / "samples" / "partner_amber_alert.xml"
OASIS_SAMPLE = ROOT.parent / "shared" / "cap" / "samples" / "Oasis_AmberAlert.xml"
PASSWORD = "correct horse battery staple"
CHILD = "Zacarías"
BAJA_CALIFORNIA = re.compile("Baja California|Basse-Californie")
RECIPIENTS = {"en": "desk@news.example", "es": "redaccion@radio.example", "fr": "pupitre@radio-canada.example"}

# Whoever approves for Baja California reads Spanish, whatever language their pages are in.
READ_BY = {"mx-bcn-amber": ("es",)}

# Which languages the two sides read; the third run has a French-speaking side.
SIDES = [("en", "es"), ("es", "fr"), ("fr", "en")]


def samples() -> list[Any]:
    """Our own sample always; the standard's own example where the shared folder is present."""
    missing = pytest.mark.skipif(not OASIS_SAMPLE.exists(), reason=f"absent: {OASIS_SAMPLE.name} of the shared folder")
    return [
        pytest.param(OWN_SAMPLE, SIDES[0], id="own-en-es"),
        pytest.param(OWN_SAMPLE, SIDES[1], id="own-es-fr"),
        pytest.param(OWN_SAMPLE, SIDES[2], id="own-fr-en"),
        pytest.param(OASIS_SAMPLE, SIDES[0], id="oasis-en-es", marks=missing),
    ]


def drawing(path: Path) -> Path:
    """Draw a picture with a place in its metadata, which must not survive."""
    image = Image.new("RGB", (640, 800), "#ccd6e0")
    ImageDraw.Draw(image).ellipse((220, 160, 420, 400), fill="#8899aa")
    exif = image.getexif()
    exif[0x010F] = "SECRET-CAMERA"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> dict[str, Any]:
    """Officers of both sides, a legal advisor, staff, a stranger, and recipients in three languages."""
    from agencies.models import Agency, AlertProgram, User
    from agencies.services import grant_membership
    from alerts.models import Recipient

    def make(email: str, agency: str, role: str, language: str, **fields: Any) -> User:
        user = User.objects.create_user(
            email, PASSWORD, full_name=email.partition("@")[0].title(), language=language,
            reads_languages=sorted({language, *READ_BY.get(agency, ())}), time_zone="America/Tijuana", **fields,
        )  # fmt: skip
        grant_membership(user=user, agency=Agency.objects.get(code=agency), role=role, by=None)
        return user

    def everybody(asking: str, asked: str) -> None:
        make("officer@california.example", "us-ca-chp", "coordinator", asking)
        make("legal@california.example", "us-ca-chp", "legal_advisor", asking)
        make("staff@california.example", "us-ca-chp", "staff", "es", is_staff=True)
        make("first@baja.example", "mx-bcn-amber", "coordinator", asked)
        make("second@baja.example", "mx-bcn-amber", "coordinator", asked)
        make("stranger@quebec.example", "ca-qc-sq", "coordinator", "fr")
        program = AlertProgram.objects.get(code="mx-bcn")
        for language, address in RECIPIENTS.items():
            Recipient.objects.create(program=program, name=address, kind="media", email=address, language=language)

    with django_db_blocker.unblock():
        return {"make": everybody}


def record_facts(page: Any) -> None:
    """Fill the coded facts: one child, one suspect, one vehicle, last seen, crossing."""
    page.fill("[name=event-happened_at]", "2026-11-20T19:15")
    page.select_option("[name=event-time_zone]", "America/Los_Angeles")
    page.fill("[name=event-place]", "Los Angeles")
    page.select_option("[name=event-subdivision]", "US-CA")
    page.select_option("[name=event-category_at_intake]", "FAM")
    page.fill("[name=child-given_names]", CHILD)
    page.fill("[name=child-first_surname]", "Quimby")
    page.select_option("[name=child-sex]", "M")
    page.fill("[name=child-age_years]", "5")
    page.fill("[name=child-height_cm]", "110")
    page.fill("[name=child-weight_kg]", "18")
    page.select_option("[name=child-hair]", "BLK")
    page.select_option("[name=child-eyes]", "BRO")
    page.select_option("[name=child-garment_1]", "shorts")
    page.select_option("[name=child-color_1]", "red")
    page.select_option("[name=child-garment_2]", "t_shirt")
    page.select_option("[name=child-color_2]", "white")
    page.fill("[name=suspect-given_names]", "Waldo")
    page.fill("[name=suspect-first_surname]", "Quimby")
    page.select_option("[name=suspect-sex]", "M")
    page.fill("[name=suspect-age_years]", "35")
    page.fill("[name=vehicle-make]", "Buick")
    page.fill("[name=vehicle-year]", "1981")
    page.select_option("[name=vehicle-color]", "BLU")
    page.select_option("[name=vehicle-style]", "2D")
    page.fill("[name=vehicle-plate]", "4XXX000")
    page.select_option("[name=vehicle-plate_issuer]", "US-CA")
    page.select_option("[name=crossing-toward]", "MX")
    page.select_option("[name=crossing-toward_subdivision]", "MX-BCN")


def step(case_page: str, name: str) -> str:
    """Return the selector of the button of one act."""
    return f"form[action*='{case_page}'] button[type=submit], form[action$='/{name}/'] button[type=submit]"


@pytest.mark.browser
@pytest.mark.parametrize("sample, languages", samples())
def test_path_in_the_browser(
    chromium: Any, portal: Any, people: Any, tmp_path: Path, django_db_blocker: Any, sample: Path,
    languages: tuple[str, str],
) -> None:  # fmt: skip
    asking, asked = languages
    with django_db_blocker.unblock():
        people["make"](asking, asked)
    officer = Visitor(chromium, portal, asking)
    first, second = Visitor(chromium, portal, asked), Visitor(chromium, portal, asked)
    case_url = open_case_from(sample, officer, drawing(tmp_path / "photo.jpg"))
    steps.ask(officer, case_url, BAJA_CALIFORNIA, picture="05-send")
    request_mail = mail_to(portal, "first@baja.example")
    assert CHILD not in request_mail and "Quimby" not in request_mail and "4XXX000" not in request_mail
    alert_url = accept_and_word(first, request_mail)
    approve_and_activate(first, second, alert_url)
    link = acknowledge(portal, chromium)
    public = look_as_public(portal, chromium)
    refuse_the_stranger(portal, chromium, case_url)
    advise(portal, chromium, asking, case_url)
    recover(officer, first, case_url)
    nothing_is_left(portal, chromium, public, link)
    look_up_as_staff(portal, chromium, case_url)
    for visitor in (officer, first, second):
        visitor.close()


def mail_to(portal: Any, address: str, count: int = 1) -> str:
    """Wait for the newest mail of somebody and return subject and text."""
    wait_until(lambda: len(portal.mails(address)) >= count, seconds=30, what=f"mail {count} to {address}")
    mail = portal.mails(address)[-1]
    return f"{mail['Subject']}\n{mail.get_content()}"


def open_case_from(sample: Path, officer: Visitor, photo: Path) -> str:
    """Import the partner's alert, record the facts, add a photo, activate the case."""
    officer.sign_in("officer@california.example", PASSWORD)
    officer.picture("01-desk")
    page = officer.page
    page.goto("/desk/import/")
    page.set_input_files("input[name=file]", str(sample))
    officer.picture("02-import")
    officer.press("main form button[type=submit]")
    record_facts(page)
    page.fill("[name=child-height_cm]", "1100")
    officer.press("main form button[type=submit]")
    assert page.input_value("[name=child-given_names]") == CHILD, "what was typed stays"
    assert page.get_attribute("[name=child-height_cm]", "aria-invalid") == "true"
    officer.picture("03-facts-with-error")
    page.fill("[name=child-height_cm]", "110")
    officer.press("main form button[type=submit]")
    case_url = page.url
    with page.expect_download() as download:
        page.click("a[href*='/documents/']")
    assert Path(download.value.path()).read_bytes() == sample.read_bytes(), "kept byte for byte"
    page.set_input_files("input[name=photo-photo]", str(photo))
    page.select_option("[name=photo-publication_basis]", "parental_consent")
    officer.press("form[action$='/photos/'] button")
    page.click("#publication summary")
    for item in page.locator("[name=authority-items]").all():
        item.check()
    page.check("[name=authority-jurisdictions][value=MX]")
    page.select_option("[name=authority-basis]", "prosecutor_order")
    page.select_option("[name=authority-authorizer]", "prosecutor")
    officer.press("form[action$='/authorities/'] button")
    kept = page.request.get(page.get_attribute("img[src*='/photos/']", "src")).body()
    assert b"SECRET-CAMERA" not in kept
    officer.press("form[action$='/steps/activate/'] button")
    officer.picture("04-case")
    return case_url


def accept_and_word(first: Visitor, request_mail: str) -> str:
    """Open the link of the mail, acknowledge, accept, edit the draft, submit it."""
    first.sign_in("first@baja.example", PASSWORD)
    first.picture("06-desk-of-the-receiver")
    page = first.page
    page.goto(re.search(r"http://\S+/desk/requests/\S+", request_mail).group())
    first.picture("07-request")
    first.press("form[action$='/acknowledge/'] button")
    page.check("[name=decision-decision][value=accept]")
    first.picture("08-decision")
    first.press("form[action$='/decision/'] button")
    first.press("main a[href*='/desk/alerts/']")
    alert_url = page.url
    body = page.inner_text("main")
    assert "shorts rojos" in body and "playera blanca" in body, "red shorts in Mexican words"
    assert "cortocircuito" not in body.lower()
    assert "short rouge" in body, "French exists"
    first.press("a[href$='/edit/']")
    headline = page.input_value("[name=es-headline]")
    page.fill("[name=es-headline]", headline[:150] + " (BC)")
    first.picture("09-edit")
    first.press("main form button[type=submit]")
    first.picture("10-draft")
    first.press("form[action$='/submit/'] button")
    return alert_url


def approve_and_activate(first: Visitor, second: Visitor, alert_url: str) -> None:
    """A second officer approves what they see; then it is activated."""
    mail = mail_to(first.portal, "second@baja.example", 2)
    assert CHILD not in mail
    assert first.page.locator("#approve").count() == 1
    assert first.page.locator("form[action$='/approve/']").count() == 0, "nobody approves their own words"
    first.picture("11-own-approval-refused")
    second.sign_in("second@baja.example", PASSWORD)
    second.page.goto(alert_url)
    second.picture("12-approval")
    second.page.check("[name=typed_words_read]")  # the headline was changed by hand
    second.press("form[action$='/approve/'] button")
    second.picture("13-activation")
    second.press("form[action$='/activate/'] button")
    second.picture("14-active")


def acknowledge(portal: Any, chromium: Any) -> str:
    """Each recipient has mail in their language; one opens the link and acknowledges by POST."""
    words = {"en": "red shorts", "es": "shorts rojos", "fr": "short rouge"}
    for language, address in RECIPIENTS.items():
        assert words[language] in mail_to(portal, address).lower(), language
    link = re.search(r"http://\S+/acknowledge/\S+", mail_to(portal, RECIPIENTS["fr"])).group()
    reader = Visitor(chromium, portal, "fr")
    reader.page.goto(link)
    reader.picture("15-acknowledge")
    reader.page.fill("[name=name]", "Pupitre de nuit")
    reader.press("main form button[type=submit]")
    reader.picture("16-acknowledged")
    reader.close()
    return str(link)


def look_as_public(portal: Any, chromium: Any) -> dict[str, str]:
    """The page in three languages, the poster, the CAP message and the feed show the alert."""
    addresses: dict[str, str] = {}
    for language in ("en", "es", "fr"):
        reader = Visitor(chromium, portal, language)
        page = reader.page
        page.goto(f"/{language}/alerts/")
        reader.picture("17-public-list")
        reader.press("main h2 a")
        reader.picture("18-public-alert")
        assert CHILD in page.inner_text("main")
        addresses[language] = page.url
        poster = page.request.get(page.url + "poster.pdf")
        assert poster.body().startswith(b"%PDF")
        (ROOT / "build" / "screens" / language / "poster.pdf").write_bytes(poster.body())
        addresses[f"poster-{language}"] = page.url + "poster.pdf"
        feed = page.request.get(f"/feeds/{language}.atom")
        assert CHILD in feed.text()
        addresses["cap"] = portal.url + page.get_attribute("a[href$='cap.xml']", "href")
        assert CHILD in page.request.get(addresses["cap"]).text()
        addresses["photo"] = portal.url + page.get_attribute("main img", "src")
        reader.close()
    return addresses


def refuse_the_stranger(portal: Any, chromium: Any, case_url: str) -> None:
    """A Canadian user sees none of it."""
    stranger = Visitor(chromium, portal, "fr")
    stranger.sign_in("stranger@quebec.example", PASSWORD)
    for path in ("/desk/", "/cases/", "/desk/requests/", "/desk/alerts/"):
        stranger.page.goto(path)
        text = stranger.page.inner_text("main")
        assert "US-CA-" not in text and "BCN-" not in text and CHILD not in text, path
    assert stranger.page.goto(case_url).status == 404
    stranger.picture("19-not-found")
    stranger.close()


def advise(portal: Any, chromium: Any, language: str, case_url: str) -> None:
    """A legal advisor whose agency is on the case reads it and records an opinion."""
    advisor = Visitor(chromium, portal, language)
    advisor.sign_in("legal@california.example", PASSWORD)
    advisor.page.goto(case_url)
    assert CHILD in advisor.page.inner_text("main")
    advisor.page.select_option("[name=opinion-opinion]", "in_favor")
    advisor.page.fill("[name=opinion-grounds]", "Custody order registered.")
    advisor.press("form[action$='/opinions/'] button")
    advisor.picture("20-opinion")
    advisor.close()


def recover(officer: Visitor, first: Visitor, case_url: str) -> None:
    """The receiver reports and confirms, the Californian officer confirms: everything public goes at once."""
    page = first.page
    page.goto(case_url)
    page.click("details:has([name=located-place]) summary")
    page.fill("[name=located-located_at]", "2026-11-21T08:30")
    page.select_option("[name=located-time_zone]", "America/Tijuana")
    page.fill("[name=located-place]", "Tijuana")
    page.select_option("[name=located-subdivision]", "MX-BCN")
    page.select_option("[name=located-condition]", "unharmed")
    holding = page.locator("select[name=located-holding_agency] option", has_text=re.compile("AMBER")).first
    page.select_option("[name=located-holding_agency]", holding.get_attribute("value"))
    first.picture("21-located")
    first.press("form[action$='/located/'] button[type=submit]")
    page.select_option("[name=identity-method]", "document")
    first.press("form[action$='/confirm/'] button")
    officer.page.goto(case_url)
    officer.picture("22-identity")
    officer.page.select_option("[name=identity-method]", "guardian_in_person")
    officer.press("form[action$='/confirm/'] button")
    officer.picture("23-recovered")


def nothing_is_left(portal: Any, chromium: Any, public: dict[str, str], link: str) -> None:
    """Public addresses answer 410 or 404 without a trace of the child; the Cancel reaches all who got the Alert."""
    for language in ("en", "es", "fr"):
        reader = Visitor(chromium, portal, language)
        answer = reader.page.goto(public[language])
        assert answer.status == 410
        reader.picture("24-ended")
        for address in (public[language], public[f"poster-{language}"], public["cap"]):
            gone = reader.page.request.get(address)
            assert gone.status == 410, address
            assert CHILD not in gone.text() and "Quimby" not in gone.text() and "4XXX000" not in gone.text()
        assert reader.page.request.get(public["photo"]).status == 404
        assert CHILD not in reader.page.request.get(f"/feeds/{language}.atom").text()
        assert CHILD not in reader.page.request.get(f"/{language}/alerts/").text()
        assert reader.page.request.get(link).status == 410
        reader.close()
    for address in RECIPIENTS.values():
        cancel = mail_to(portal, address, 2)
        assert CHILD not in cancel and "Quimby" not in cancel and "4XXX000" not in cancel


def look_up_as_staff(portal: Any, chromium: Any, case_url: str) -> None:
    """Staff look the case up in the admin, in Spanish and in French."""
    case_id = re.search(r"/cases/([0-9a-f-]{36})/", case_url).group(1)
    for language in ("es", "fr"):
        staff = Visitor(chromium, portal, language)
        staff.sign_in("staff@california.example", PASSWORD)
        staff.page.click(f"form[action$='/language/'] button[value={language}]")
        staff.page.wait_for_load_state()
        assert staff.page.goto("/admin/cases/case/").status == 200
        staff.picture("25-admin-cases")
        assert staff.page.goto(f"/admin/cases/case/{case_id}/change/").status == 200
        staff.picture("26-admin-case")
        staff.close()
