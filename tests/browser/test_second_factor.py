"""The second factor on a phone: set up because the agency requires it, then asked for at the sign-in (ADR 70)."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from typing import Any

import pytest

from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD, mail_to, make_people

OFFICER = "ximena@baja.example"
SUBMIT = "main form button[type=submit]"


def require_it_of(agency: str) -> None:
    from agencies.models import Agency

    Agency.objects.filter(code=agency).update(requires_second_factor=True)


def code_of(key: str, steps: int = 0) -> str:
    from agencies import one_time_codes

    return one_time_codes.code_at(b32decode(key.replace(" ", "")), time.time() + steps * one_time_codes.STEP_SECONDS)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["es", "fr", "en"])
def test_officer_sets_a_factor_up_and_signs_in_with_it(
    chromium: Any, portal: Any, own_database: str, django_db_blocker: Any, language: str
) -> None:
    with django_db_blocker.unblock():
        make_people([(OFFICER, "mx-bcn-amber", language, "America/Tijuana")])
        require_it_of("mx-bcn-amber")
    visitor = Visitor(chromium, portal, language)
    page = visitor.page
    page.set_viewport_size({"width": 360, "height": 740})

    def give_password() -> None:
        page.goto("/cases/")
        page.fill("[name=username]", OFFICER)
        page.fill("[name=password]", PASSWORD)
        visitor.press(SUBMIT)

    give_password()
    assert "/account/factor/enrol/" in page.url
    key = page.locator("[data-key]").inner_text()
    picture = page.locator("svg.qr").bounding_box()
    assert picture is not None and picture["width"] >= 200
    visitor.picture("factor_enrol")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/desk/")
    assert "/account/factor/enrol/" in page.url, "nothing else is reached"
    page.fill("[name=code]", "000000")
    page.fill("[name=password]", PASSWORD)
    visitor.press("form[action='/account/factor/enrol/'] button[type=submit]")
    assert page.locator(".error-summary").is_visible()
    visitor.picture("factor_enrol_wrong")
    page.set_viewport_size({"width": 360, "height": 740})
    page.fill("[name=code]", code_of(key))
    page.fill("[name=password]", PASSWORD)
    visitor.press("form[action='/account/factor/enrol/'] button[type=submit]")
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    visitor.picture("factor_codes")
    page.set_viewport_size({"width": 360, "height": 740})
    visitor.press("form[action='/account/factor/codes/'] button[type=submit]")
    page.wait_for_url("**/desk/")
    page.goto("/account/factor/")
    visitor.picture("factor_state")
    page.set_viewport_size({"width": 360, "height": 740})

    visitor.press("form[action='/logout/'] button")
    give_password()
    assert page.url.endswith("/login/code/")
    visitor.picture("second_step")
    page.set_viewport_size({"width": 360, "height": 740})
    page.fill("[name=code]", code_of(key, 1))  # the first one was used up by setting up
    visitor.press(SUBMIT)
    assert page.url.endswith("/cases/")

    visitor.press("form[action='/logout/'] button")
    give_password()
    page.click("main details summary")
    page.fill("[name=recovery_code]", codes[2].lower())
    visitor.press(SUBMIT)
    assert page.url.endswith("/cases/")
    told = mail_to(portal, OFFICER, 2)
    assert re.search(r"AMBER Bridge", told)
    assert not any(code in told for code in codes)
    visitor.close()
