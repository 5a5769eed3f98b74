"""A changed fact in a browser: asked what kind of change it is, then old and new beside each other for the program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Visitor
from tests.browser.test_public_pages import BAJA, CALIFORNIA, make_alert

PASSWORD = "correct horse battery staple"
VALUES = {"en": ("Brown", "Black"), "es": ("Castaño", "Negro"), "fr": ("Brun", "Noir")}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_correction_is_chosen_and_read_by_the_program(
    language: str, chromium: Any, portal: Any, own_database: str, django_db_blocker: Any
) -> None:
    from agencies.models import User

    with django_db_blocker.unblock():
        alert = make_alert(language)
        case, request = alert.case, alert.request
        child = case.children.get()
        User.objects.filter(email__in=(CALIFORNIA, BAJA)).update(language=language)
    officer = Visitor(chromium, portal, language)
    officer.sign_in(CALIFORNIA, PASSWORD)
    officer.page.goto(f"/cases/{case.pk}/facts/child/{child.pk}/")
    officer.picture("changed-fact-asked")
    officer.page.select_option("[name=hair]", "BLK")
    officer.press("main form button[type=submit]")
    assert officer.page.locator("[name=hair]").input_value() == "BLK"  # it came back as it was typed
    assert officer.page.is_visible("[name=change-kind] >> nth=0")
    officer.picture("changed-fact-unsaid")
    officer.page.check("[name=change-kind][value=correction]")
    officer.press("main form button[type=submit]")
    officer.close()

    program = Visitor(chromium, portal, language)
    program.sign_in(BAJA, PASSWORD)
    program.page.goto(f"/desk/requests/{request.pk}/")
    row = program.page.inner_text("section.confirm table tbody")
    before, after = VALUES[language]
    assert before in row
    assert after in row
    program.picture("changed-fact-on-request")
    program.press("section.confirm form button[type=submit]")
    program.page.goto(f"/desk/requests/{request.pk}/")
    assert program.page.locator("section.confirm table").count() == 0
    program.close()
