"""The choice of the agency that one acts for, in a real browser without script, on a phone and on a desk (U36)."""

from __future__ import annotations

from typing import Any

import pytest

from agencies.models import Agency
from agencies.services import grant_membership
from tests.browser.conftest import SCREENS
from tests.project.test_every_screen import LANGUAGES, PICTURES, WIDTHS, Screen, screen

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
__all__ = ["screen"]


@pytest.mark.parametrize("screen", LANGUAGES, indirect=True)
def test_menu_and_choice_fit(screen: Screen, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person = world.people["owner_officer"]
    for code in ("mx-bcn-amber", "ca-qc-sq"):
        grant_membership(user=person, agency=Agency.objects.get(code=code), role="coordinator", by=None)
    screen.look(person, "/session/agency/?next=/desk/", "acting-choice")
    assert screen.page.get_by_role("button", name="Québec").count() == 1
    chosen = frozenset(Agency.objects.filter(code="us-ca-chp").values_list("pk", flat=True))
    monkeypatch.setattr("agencies.middleware.chosen_agency_ids", lambda _request: chosen)
    screen.look(person, "/desk/", "acting-menu")
    for width in WIDTHS:
        screen.page.set_viewport_size({"width": width, "height": 900})
        menu = screen.page.locator("details.switch")
        if not menu.evaluate("menu => menu.open"):
            menu.locator("summary").click()
        assert menu.locator("button[name=agency]").count() == 3
        box = menu.locator("form").bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert all(button.bounding_box()["height"] >= 44 for button in menu.locator("button").all())
        assert screen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        if PICTURES:
            screen.page.screenshot(path=SCREENS / screen.language / str(width) / "acting-menu-open.png")
    assert screen.faults == []
