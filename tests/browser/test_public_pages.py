"""What the public reads works without a script, in three languages, on a phone and at a desk (U13, U29)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.conftest import LOCALES, Visitor
from tests.browser.steps import make_people
from tests.portal import wait_until

CALIFORNIA, BAJA, APPROVER = "ana@california.example", "berta@baja.example", "ciro@baja.example"
CONTINUES = {
    "en": "The broadcast period has ended, the search continues",
    "es": "Concluyó el periodo de difusión; la búsqueda continúa",
    "fr": "La période de diffusion est terminée, les recherches se poursuivent",
}


def make_alert(language: str) -> Any:
    """Make an active alert of Baja California by its services; its approver works on in this language."""
    from agencies.models import Agency, AlertProgram, User
    from alerts.gathering import content_hash
    from alerts.services import drafts, issuing, requests
    from cases import workflow
    from cases.models import Child
    from cases.services.facts import record_facts
    from cases.services.files import open_case
    from tests.authorities import authorize_everything

    make_people([
        (CALIFORNIA, "us-ca-chp", "en", "America/Los_Angeles"), (BAJA, "mx-bcn-amber", "es", "America/Tijuana"),
        (APPROVER, "mx-bcn-amber", "es", "America/Tijuana"),
    ])  # fmt: skip
    officer, asked, approver = (User.objects.get(email=email) for email in (CALIFORNIA, BAJA, APPROVER))
    case = open_case(by=officer, agency=Agency.objects.get(code="us-ca-chp"))
    child = Child(given_names="Ximena", first_surname="Duarte", sex="F", age_years=9, height_cm=130, hair="BRO")
    record_facts(case=case, by=officer, items=[(child, ["given_names"])])
    authorize_everything(case, officer)
    workflow.apply(case, "activate", by=officer)
    request = requests.send_request(case=case, program=AlertProgram.objects.get(code="mx-bcn"), by=officer)
    requests.acknowledge(request=request, by=asked)
    requests.decide(request=request, by=asked, decision="accept")
    alert = request.alert
    drafts.submit(alert=alert, by=asked)
    drafts.approve(alert=alert, by=approver, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=asked)
    User.objects.filter(pk=approver.pk).update(language=language)
    return alert


def always_fresh(visitor: Visitor) -> Visitor:
    """Let the browser ask again for every page; a cache may keep one for half a minute."""
    link = visitor.context.new_cdp_session(visitor.page)
    link.send("Network.enable")
    link.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return visitor


def let_expire(alert: Any) -> None:
    """End the broadcast, whether the relay or this process is first."""
    from alerts.models import Alert, PublicAlert
    from alerts.services import issuing
    from tests.alerts.expiring import allow_open_cases

    allow_open_cases(alert.program)
    over = timezone.now() - timedelta(seconds=1)
    PublicAlert.objects.filter(alert=alert).update(expires_at=over)
    Alert.objects.filter(pk=alert.pk).update(expires_at=over)
    issuing.expire_due()
    wait_until(lambda: Alert.objects.get(pk=alert.pk).status == "expired", seconds=20, what="the alert expires")


class Stranger(Visitor):
    """Somebody who has switched scripts off."""

    def __init__(self, browser: Any, portal: Any, language: str) -> None:
        super().__init__(browser, portal, language)
        self.context.close()
        self.context = browser.new_context(
            locale=LOCALES[language],
            base_url=portal.url,
            viewport={"width": 360, "height": 740},
            java_script_enabled=False,
        )
        self.page = self.context.new_page()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_public_pages_work_without_a_script(
    language: str, chromium: Any, portal: Any, own_database: str, django_db_blocker: Any
) -> None:
    from alerts.models import PublicAlert

    with django_db_blocker.unblock():
        alert = make_alert(language)
        public = PublicAlert.objects.get()
    stranger = always_fresh(Stranger(chromium, portal, language))
    reader = always_fresh(Visitor(chromium, portal, language))
    page = stranger.page
    page.goto(f"/{language}/alerts/")
    stranger.press(f"a[href='/{language}/alerts/{public.public_id}/']")
    assert "Ximena Duarte" in page.inner_text("main")
    assert page.is_visible("a[href='tel:911']")
    assert page.is_visible(f"a[href='tel:{public.program.tip_phone}']")
    reader.page.goto(page.url)
    reader.picture("public-alert")
    stranger.press("footer a[href='/a/']")
    page.fill("[name=number]", public.number)
    stranger.press("main form button[type=submit]")
    assert page.is_visible(f"main a[href='/{language}/alerts/{public.public_id}/']")

    with django_db_blocker.unblock():
        let_expire(alert)
    address = f"/{language}/alerts/{public.public_id}/"
    page.goto(address)
    assert CONTINUES[language] in page.inner_text("main")
    assert "Ximena" not in page.content()
    reader.page.goto(address)
    reader.picture("public-ended-search-continues")

    reader.sign_in(APPROVER, "correct horse battery staple")
    reader.page.goto(f"/desk/alerts/{alert.pk}/")
    reader.page.click("#open-case ~ details summary")
    reader.picture("alert-open-case-form")
    reader.page.select_option("[name=open-case-reason]", "public_can_help")
    reader.press("#open-case ~ details form button[type=submit]")
    reader.picture("alert-open-case")
    page.goto(address)
    assert CONTINUES[language] in page.inner_text("h1")
    assert "Ximena Duarte" in page.inner_text("main")
    reader.page.goto(address)
    reader.picture("public-open-case")
    page.goto(f"/a/?number={public.number}")
    assert page.is_visible(f"main a[href='{address}']")
    reader.page.goto(f"/a/?number={public.number}")
    reader.picture("public-number-open-case")
    reader.close()
    stranger.context.close()
