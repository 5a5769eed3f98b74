"""A roster planned and changed in the browser, and the ladder of a request to a desk of which nobody is on duty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD, close_all
from tests.portal import Portal

BAJA = "mx-bcn-amber"
ROSTER = "/desk/roster/"


@pytest.fixture
def db(own_database: str) -> None:
    """Let the named actors' rows be committed, so that the processes see them."""


def speak(language: str, *people: Any) -> None:
    """Let these people read the portal in one language."""
    for person in people:
        person.language, person.reads_languages = language, [language]
        person.save(update_fields=["language", "reads_languages"])


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_roster_is_planned_and_a_request_to_an_empty_desk_climbs(
    chromium: Any, portal: Portal, active_case: Any, california_officer: Any, baja_coordinator: Any,
    baja_approver: Any, language: str,
) -> None:  # fmt: skip
    from agencies.models import Agency

    desk = Agency.objects.get(code=BAJA)
    zone = ZoneInfo(desk.time_zone)
    speak(language, california_officer, baja_coordinator)
    planner = Visitor(chromium, portal, language)
    planner.sign_in(baja_coordinator.email, PASSWORD)
    page = planner.page
    page.goto(ROSTER)
    planner.picture("roster-empty")
    now = timezone.now().astimezone(zone)
    hour = now.replace(minute=0, second=0)

    def plan(person: Any, starts: Any, ends: Any, repeat: str, times: str) -> None:
        page.select_option("[name=person]", str(person.pk))
        page.fill("[name=day]", f"{starts:%Y-%m-%d}")
        page.fill("[name=starts]", f"{starts:%H:%M}")
        page.fill("[name=ends]", f"{ends:%H:%M}")
        page.select_option("[name=repeat]", repeat)
        page.fill("[name=times]", times)
        planner.press("form[action^='/desk/roster/#'] button[type=submit]")

    plan(baja_approver, hour, hour + timedelta(hours=4), "", "1")
    plan(baja_approver, hour + timedelta(hours=12), hour + timedelta(hours=20), "daily", "60")
    page.goto(ROSTER)
    page.fill("[name=times]", "99")
    planner.press("form[action^='/desk/roster/#'] button[type=submit]")
    assert page.locator(".error-summary").is_visible()
    planner.picture("roster-wrong")
    page.goto(ROSTER)
    planner.press("button[name=keep][value=yes]")
    planner.press("button[name=act][value=make]")
    assert page.locator(".calendar-address").inner_text().endswith(".ics")
    assert page.locator(".day__gap").count() > 10
    planner.picture("roster")
    planner.press(".day--today li:not(.day__gap) a")
    page.check("[name=kind][value=sick]")
    planner.picture("roster-shift")
    planner.press("form#change button[type=submit]")
    planner.picture("roster-shift-changed")

    officer = Visitor(chromium, portal, language)
    officer.sign_in(california_officer.email, PASSWORD)
    officer.page.goto(f"/desk/cases/{active_case.pk}/request/")
    officer.page.check("input[name=program][value=mx-bcn]")
    officer.picture("roster-choose")
    officer.press("main .form__actions button[type=submit]:not([name])")
    if officer.page.locator("main input[name=confirmed]").count():
        officer.press("main .form__actions button[type=submit]:not([name])")
    assert officer.page.locator("blockquote[lang='es-MX']").is_visible(), "the script, in the language of the desk"
    officer.picture("ladder-at-the-top")
    close_all(planner, officer)
