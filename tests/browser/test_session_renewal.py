"""The end of a session: the page warns, takes the password, and keeps what was typed (U36)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings

from tests.browser.conftest import SCREENS, Visitor
from tests.browser.steps import PASSWORD, make_people

OFFICER = "nadia@california.example"


def age_session(minutes_left: int) -> None:
    """Let the one session end in so many minutes."""
    from django.contrib.sessions.models import Session

    (row,) = Session.objects.all()
    store = Session.get_session_store_class()(row.session_key)
    store["started_at"] = time.time() - settings.SESSION_ABSOLUTE_SECONDS + minutes_left * 60
    store.save()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_officer_goes_on_without_leaving_the_page(
    chromium: Any, portal: Any, own_database: str, django_db_blocker: Any, language: str
) -> None:
    with django_db_blocker.unblock():
        make_people([(OFFICER, "us-ca-chp", language, "America/Los_Angeles")])
    visitor = Visitor(chromium, portal, language)
    visitor.sign_in(OFFICER, PASSWORD)
    page = visitor.page
    with django_db_blocker.unblock():
        age_session(10)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/cases/open/")
    notice = page.locator("[data-session-ends]")
    assert notice.is_visible()
    assert not page.locator("[data-renew-error]").is_visible()
    folder = SCREENS / language / "360"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / "session_ending.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("[name=child-given_names]", "Ximena")
    page.fill("#renew-password", "not mine")
    page.press("#renew-password", "Enter")
    page.locator("[data-renew-error]").wait_for(state="visible")
    page.fill("#renew-password", PASSWORD)
    page.press("#renew-password", "Enter")
    notice.wait_for(state="hidden")
    assert page.input_value("[name=child-given_names]") == "Ximena"
    page.goto("/desk/")
    assert page.locator("[data-session-ends]").count() == 0
    assert visitor.errors == []
