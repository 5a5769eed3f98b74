"""A browser, people who sign in with it, and pictures of what they saw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.portal import ROOT, Portal, portal_on

SCREENS = ROOT / "build" / "screens"
# A click on a label reaches its field as a second one: only those with a place of their own under the pointer count.
COUNT_CLICKS = """
addEventListener("click", event => { if (event.isTrusted && event.detail) window.countClicks(1); }, true);
addEventListener("change", event => { if (event.target.matches("select")) window.countClicks(2); }, true);
"""
LOCALES = {"en": "en-US", "es": "es-MX", "fr": "fr-CA"}


@pytest.fixture
def portal(own_database: str, tmp_path: Path) -> Iterator[Portal]:
    """The real processes on a database of its own."""
    with portal_on(own_database, tmp_path) as running:
        running.start_sink()
        running.start_web()
        running.start_worker()
        running.start_relay()
        yield running


class Visitor:
    """Somebody at a browser, in one language."""

    def __init__(self, browser: Any, portal: Portal, language: str) -> None:
        self.portal = portal
        self.language = language
        self.context = browser.new_context(
            locale=LOCALES[language], base_url=portal.url, viewport={"width": 1440, "height": 900}
        )
        # What a hand would click: every trusted click, and a choice from a list as the two it takes.
        self.clicks = 0
        self.context.expose_function("countClicks", self._count)
        self.context.add_init_script(COUNT_CLICKS)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)

    def _count(self, clicks: int) -> None:
        self.clicks += clicks

    def _note(self, message: Any) -> None:
        # A refused act is an answer of ours, not a fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in and arrive at the desk."""
        self.page.goto("/login/")
        self.page.fill("input[name=username]", email)
        self.page.fill("input[name=password]", password)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_url("**/desk/")

    def picture(self, name: str) -> None:
        """Keep the page at both widths, in this visitor's language."""
        for width in (360, 1440):
            folder = SCREENS / self.language / str(width)
            folder.mkdir(parents=True, exist_ok=True)
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=folder / f"{name}.png", full_page=True)
            assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                f"{name} is wider than {width} pixels in {self.language}"
            )

    def press(self, selector: str) -> None:
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def close(self) -> None:
        """Close the browser's window; a fault on any page fails the test."""
        self.context.close()
        assert self.errors == []
