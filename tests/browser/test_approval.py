"""Approval at night: a link in a mail, a phone, one page; one officer alone; words reviewed elsewhere; a fallback."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD, mail_to
from tests.portal import Portal

LANGUAGES = ("en", "es", "fr")
PEOPLE = {
    "casey": ("casey@california.example", "us-ca-chp", "duty_officer", "en"),
    "dario": ("dario@baja.example", "mx-bcn-amber", "duty_officer", "es"),
    "blanca": ("blanca@baja.example", "mx-bcn-amber", "coordinator", "es"),
    "beto": ("beto@baja.example", "mx-bcn-amber", "coordinator", "es"),
    "quentin": ("quentin@quebec.example", "ca-qc-sq", "coordinator", "fr"),
    "sol": ("sol@seattle.example", "us-wa-seattle-pd", "coordinator", "en"),
    "sven": ("sven@seattle.example", "us-wa-seattle-pd", "coordinator", "en"),
}


@pytest.fixture
def people(own_database: str, django_db_blocker: Any) -> dict[str, Any]:
    """Officers of California, Baja California, Québec and Seattle."""
    from agencies.models import Agency, User
    from agencies.services import grant_membership

    made = {}
    with django_db_blocker.unblock():
        for name, (email, agency, role, language) in PEOPLE.items():
            made[name] = User.objects.create_user(
                email, PASSWORD, full_name=name.title(), language=language, reads_languages=[language]
            )
            grant_membership(user=made[name], agency=Agency.objects.get(code=agency), role=role, by=None)
        made["beto"].memberships.update(is_on_call=True)
    return made


def case_of(officer: Any) -> Any:
    """Open a case of California with everything authorized."""
    from datetime import UTC, datetime

    from agencies.models import Agency, Subdivision
    from cases import workflow
    from cases.models import Child, Vehicle
    from cases.services.facts import record_facts
    from cases.services.files import open_case
    from tests.authorities import authorize_everything

    case = open_case(by=officer, agency=Agency.objects.get(code="us-ca-chp"))
    event = case.abduction
    event.happened_at, event.time_zone = datetime(2026, 11, 20, 3, 15, tzinfo=UTC), "America/Los_Angeles"
    event.place, event.subdivision = "San Diego", Subdivision.objects.get(code="US-CA")
    child = Child(given_names="Zoraida", first_surname="Quimby", sex="F", age_years=7, hair="BRO", eyes="BRO")
    vehicle = Vehicle(make="Ford", model="F-150", year=2019, color="BLU", style="PK", plate="7XYZ123",
                      plate_issuer=Subdivision.objects.get(code="US-CA"))  # fmt: skip
    record_facts(case=case, by=officer, items=[(event, ["place"]), (child, ["given_names"]), (vehicle, ["plate"])])
    authorize_everything(case, officer)
    workflow.apply(case, "activate", by=officer)
    return case


def alert_of_baja(people: dict[str, Any]) -> Any:
    """Let Baja California accept the request; its program lets one officer go alone. Return the draft."""
    from agencies.models import AlertProgram
    from alerts.services import requests

    program = AlertProgram.objects.get(code="mx-bcn")
    AlertProgram.objects.filter(pk=program.pk).update(single_officer_activation=True)
    asked = requests.send_request(case=case_of(people["casey"]), program=program, by=people["casey"])
    requests.acknowledge(request=asked, by=people["blanca"])
    requests.decide(request=asked, by=people["blanca"], decision="accept")
    return asked.alert


def alert_of_seattle(people: dict[str, Any]) -> Any:
    """Let Seattle's police draft and submit an alert of Washington's program."""
    from agencies.models import Agency, AlertProgram
    from alerts.services import drafts
    from cases.services.files import share_case

    case = case_of(people["casey"])
    share_case(case=case, agency=Agency.objects.get(code="us-wa-seattle-pd"), by=people["casey"], level="look",
               purpose="request")  # fmt: skip
    alert = drafts.start_alert(program=AlertProgram.objects.get(code="us-wa"), case=case, by=people["sol"])
    drafts.submit(alert=alert, by=people["sol"])
    return alert


def in_three_languages(visitor: Visitor, person: Any, address: str, name: str) -> None:
    """Keep a page as this person sees it in each language, then go back to their own."""
    from agencies.models import User

    own = visitor.language
    for language in (*LANGUAGES, own):
        User.objects.filter(pk=person.pk).update(language=language)
        visitor.language = language
        visitor.page.goto(address)
        visitor.picture(name)


def review_in_quebec(officer: Visitor, reviewer: Visitor, people: dict[str, Any], alert: Any) -> None:
    """Words that nobody here reads go to a colleague in Québec, who confirms them."""
    from alerts.models import TextReview

    officer.page.goto(f"/desk/alerts/{alert.pk}/")
    officer.page.click(
        f"details:has(form[action$='{reverse('alerts:text-review-ask', args=[alert.pk, 'fr'])}']) summary"
    )
    officer.picture("70-ask-review")
    officer.press(f"form[action$='{reverse('alerts:text-review-ask', args=[alert.pk, 'fr'])}'] button")
    review = TextReview.objects.get()
    reviewer.sign_in("quentin@quebec.example", PASSWORD)
    assert reviewer.page.locator(f"a[href='{review.url}']").count() == 1
    in_three_languages(reviewer, people["quentin"], review.url, "71-take-review")
    reviewer.press("form[action$='/take/'] button")
    in_three_languages(reviewer, people["quentin"], review.url, "72-review")
    reviewer.page.fill("[name=words-note]", "Rien à redire.")
    reviewer.page.check("[name=words-typed_words_read]")
    reviewer.press(f"form[action='{review.url}'] button")
    in_three_languages(reviewer, people["quentin"], review.url, "73-reviewed")


def decide_under_the_rule(police: Visitor, people: dict[str, Any], alert: Any) -> None:
    """Seattle's police read who decides, and use the rule of their program."""
    police.sign_in("sven@seattle.example", PASSWORD)
    own = f"/desk/alerts/{alert.pk}/"
    in_three_languages(police, people["sven"], own, "80-who-decides")
    assert police.page.locator("form[action$='/approve/']").count() == 0
    fallback = reverse("alerts:alert-fallback", args=[alert.pk])
    in_three_languages(police, people["sven"], fallback, "81-fallback")
    police.page.fill("[name=fallback-reason]", "Called at 02:10 and 02:20; no answer.")
    police.press(f"form[action='{fallback}'] button")
    police.press("form[action$='/approve/'] button")
    in_three_languages(police, people["sven"], own, "82-under-the-rule")


@pytest.mark.browser
def test_alert_is_approved_or_activated_with_too_few_people(
    chromium: Any, portal: Portal, people: dict[str, Any], django_db_blocker: Any
) -> None:
    from alerts.models import ApprovalCall

    with django_db_blocker.unblock():
        alert, seattle = alert_of_baja(people), alert_of_seattle(people)
        officer, approver, reviewer, police = (
            Visitor(chromium, portal, language) for language in ("es", "es", "fr", "en")
        )
        page = f"/desk/alerts/{alert.pk}/"
        officer.sign_in("dario@baja.example", PASSWORD)

        review_in_quebec(officer, reviewer, people, alert)

        # The link in the mail asks for sign-in, then opens the one page.
        officer.page.goto(page)
        assert "Rien à redire." in officer.page.inner_text("main")
        officer.press("form[action$='/submit/'] button")
        in_three_languages(officer, people["dario"], page, "74-asked")
        link = re.search(r"http://\S+/approval/", mail_to(portal, "beto@baja.example", 3)).group()  # type: ignore[union-attr]
        approver.page.goto(link)
        assert "/login/" in approver.page.url
        approver.page.fill("input[name=username]", "beto@baja.example")
        approver.page.fill("input[name=password]", PASSWORD)
        approver.press("main form button[type=submit]")
        assert approver.page.url == link
        in_three_languages(approver, people["beto"], link, "75-approval")
        assert approver.page.locator("form[action$='/approve/'] button").count() == 1

        # He does not answer.
        alone = reverse("alerts:alert-alone", args=[alert.pk])
        officer.page.goto(alone)
        officer.picture("76-not-alone-yet")
        ApprovalCall.objects.filter(alert=alert).update(due_at=timezone.now())
        in_three_languages(officer, people["dario"], alone, "77-alone")
        officer.page.fill("[name=alone-reason]", "Nadie contesta el teléfono de guardia.")
        officer.press(f"form[action='{alone}'] button")
        in_three_languages(officer, people["dario"], page, "78-activated-alone")
        approver.page.goto("/desk/")
        approver.page.click("a[href*='/desk/duties/'] >> nth=0")
        in_three_languages(approver, people["beto"], approver.page.url, "79-review-alone")
        decide_under_the_rule(police, people, seattle)
    for visitor in (officer, approver, reviewer, police):
        visitor.close()
