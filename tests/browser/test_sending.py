"""A weak connection: what has not arrived says so, and arrives once when the connection is back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Visitor
from tests.browser.test_intake import PASSWORD, officer  # noqa: F401  the fixture
from tests.portal import wait_until


@pytest.mark.browser
def test_act_survives_a_lost_connection_and_happens_once(
    chromium: Any, portal: Any, officer: Any, django_db_blocker: Any  # noqa: F811
) -> None:  # fmt: skip
    from cases.models import Case

    visitor = Visitor(chromium, portal, "es")
    visitor.sign_in(officer("es"), PASSWORD)
    page = visitor.page
    page.goto("/cases/open/")
    page.fill("[name=child-given_names]", "Ximena")
    visitor.context.set_offline(True)
    page.click("main form[data-autosave] button:not([name])")
    page.wait_for_selector(".sending[data-tone=warning]")
    assert "Aún no se envía" in page.inner_text(".sending")
    assert page.url.endswith("/cases/open/") and page.input_value("[name=child-given_names]") == "Ximena"
    with django_db_blocker.unblock():
        assert not Case.objects.exists(), "nothing is shown as done before the server has it"
    with page.expect_navigation():
        visitor.context.set_offline(False)
    assert "Se abrió el caso" in page.inner_text(".messages") and "Recibido a las" in page.inner_text(".messages")
    with django_db_blocker.unblock():
        assert Case.objects.count() == 1
    visitor.close()


@pytest.mark.browser
def test_ended_session_keeps_the_page_and_sends_after_a_new_sign_in(
    chromium: Any, portal: Any, officer: Any, django_db_blocker: Any  # noqa: F811
) -> None:  # fmt: skip
    from cases.models import Case

    visitor = Visitor(chromium, portal, "fr")
    email = officer("fr")
    visitor.sign_in(email, PASSWORD)
    page = visitor.page
    page.goto("/cases/open/")
    cookies = visitor.context.cookies()
    visitor.context.clear_cookies(name="sessionid")
    page.fill("[name=child-given_names]", "Ximena")
    page.click("main form[data-autosave] button:not([name])")
    page.wait_for_selector(".sending[data-tone=warning]")
    assert "votre session a pris fin" in page.inner_text(".sending")
    other = visitor.context.new_page()
    other.goto("/login/")
    other.fill("input[name=username]", email)
    other.fill("input[name=password]", PASSWORD)
    other.click("main form button[type=submit]")
    other.wait_for_url("**/desk/")
    assert visitor.context.cookies() != cookies
    wait_until(lambda: "/cases/open/" not in page.url or page.wait_for_timeout(200), seconds=30, what="it was sent")
    with django_db_blocker.unblock():
        assert [child.given_names for child in Case.objects.get().children.all()] == ["Ximena"]
    visitor.close()
