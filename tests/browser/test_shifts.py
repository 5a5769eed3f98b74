"""A shift handed over in the browser: the desk names it, the note says what is open, one press takes over (U41)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD, close_all
from tests.browser.test_roster import BAJA, speak
from tests.portal import Portal


@pytest.fixture
def db(own_database: str) -> None:
    """Let the named actors' rows be committed, so that the processes see them."""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_shift_is_handed_over(
    chromium: Any, portal: Portal, sent_request: Any, baja_coordinator: Any, baja_approver: Any, language: str
) -> None:
    from agencies.models import Agency
    from alerts.models import ShiftNote
    from alerts.services import shifts

    Agency.objects.filter(code=BAJA).update(keeps_roster=True)
    desk, now = Agency.objects.get(code=BAJA), timezone.now()
    note = ShiftNote.objects.create(
        agency=desk, ends_at=now - timedelta(minutes=5), leaving=[baja_approver.pk], coming=[baja_coordinator.pk]
    )
    shifts.promise(
        agency=desk, words="FGR: 03:00 ☎", by=baja_approver, case=sent_request.case, due_at=now + timedelta(hours=3)
    )
    speak(language, baja_coordinator)
    officer = Visitor(chromium, portal, language)
    officer.sign_in(baja_coordinator.email, PASSWORD)
    page = officer.page
    page.goto("/desk/shifts/")
    page.click("details summary")
    officer.picture("shifts")
    page.goto("/desk/")
    officer.press("[data-kind=shift] a.button")
    assert page.locator(f"text={sent_request.number}").first.is_visible()
    officer.picture("shift-to-accept")
    officer.press(f"form[action$='/{note.pk}/accept/'] button[type=submit]")
    note.refresh_from_db()
    assert note.accepted_by == baja_coordinator
    officer.picture("shift-accepted")
    close_all(officer)
