"""The second factor on a phone: set up because the agency requires it, then asked for at the sign-in (ADR 70)."""

from __future__ import annotations

import time
from base64 import b32decode
from typing import Any

import pytest

from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD, mail_to, make_people

OFFICER = "ximena@baja.example"
PHONE = {"width": 360, "height": 740}
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
    page.set_viewport_size(PHONE)

    def keep(name: str) -> None:
        visitor.picture(name)
        page.set_viewport_size(PHONE)

    def give_password() -> None:
        page.goto("/cases/")
        page.fill("[name=username]", OFFICER)
        page.fill("[name=password]", PASSWORD)
        visitor.press(SUBMIT)

    give_password()
    assert "/account/factor/enrol/" in page.url
    key = page.locator("[data-key]").inner_text()
    assert page.locator("svg.qr").evaluate("picture => picture.clientWidth") >= 200
    keep("factor_enrol")
    page.goto("/desk/")
    assert "/account/factor/enrol/" in page.url, "nothing else is reached"
    page.fill("[name=code]", "000000")
    page.fill("[name=password]", PASSWORD)
    visitor.press("form[action='/account/factor/enrol/'] button[type=submit]")
    assert page.locator(".error-summary").is_visible()
    keep("factor_enrol_wrong")
    page.fill("[name=code]", code_of(key))
    page.fill("[name=password]", PASSWORD)
    visitor.press("form[action='/account/factor/enrol/'] button[type=submit]")
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    keep("factor_codes")
    visitor.press("form[action='/account/factor/codes/'] button[type=submit]")
    page.wait_for_url("**/desk/")
    page.goto("/account/factor/")
    keep("factor_state")

    visitor.press("form[action='/logout/'] button")
    give_password()
    assert page.url.endswith("/login/code/")
    keep("second_step")
    page.fill("[name=code]", code_of(key, 1))  # the first one was used up by setting up
    visitor.press(SUBMIT)
    assert page.url.endswith("/cases/")

    visitor.press("form[action='/logout/'] button")
    give_password()
    page.click("main details summary")
    page.fill("[name=recovery_code]", codes[2].lower())
    visitor.press(SUBMIT)
    assert page.url.endswith("/cases/")
    assert not any(code in mail_to(portal, OFFICER, 2) for code in codes)
    visitor.close()
