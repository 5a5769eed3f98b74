"""Criteria of four programs side by side, a question to an advisor of another agency, and its answer, on real pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Agency, CriteriaVersion, Subdivision, User
from cases.models import Case, Child, ExternalReference, LegalReview, Person, Vehicle
from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD
from tests.portal import Portal

FOUR = "?program=us-tx&program=mx-chh&program=ca-qc&program=us-wa"
LANGUAGES = ("en", "es", "fr")


@pytest.fixture
def case(own_database: str, django_db_blocker: Any) -> Case:
    """A case of California two hours old, with a coordinator in each language, and an advisor in Québec."""
    from agencies.services import grant_membership
    from cases import workflow
    from cases.services.facts import record_facts
    from cases.services.files import open_case
    from cases.services.home_decisions import decide_at_home

    def person(email: str, agency: Agency, role: str, language: str) -> User:
        user = User.objects.create_user(email, PASSWORD, full_name=email.partition("@")[0], language=language)
        grant_membership(user=user, agency=agency, role=role, by=None)
        return user

    with django_db_blocker.unblock():
        chp = Agency.objects.get(code="us-ca-chp")
        asker, *_others = [person(f"{code}@california.example", chp, "coordinator", code) for code in LANGUAGES]
        person("juriste@quebec.example", Agency.objects.get(code="ca-qc-sq"), "legal_advisor", "fr")
        case = open_case(by=asker, agency=chp)
        event = case.abduction
        event.happened_at, event.time_zone = timezone.now() - timedelta(hours=2), "America/Los_Angeles"
        event.subdivision = Subdivision.objects.get(code="US-CA")
        child = Child(given_names="Zoraida", first_surname="Quimby", sex="F", age_years=7, hair="BRO")
        suspect = Person(given_names="Waldemar", relationship="parent", hair="BLK")
        record_facts(
            case=case, by=asker,
            items=[(event, ["happened_at", "time_zone", "subdivision"]), (child, ["given_names"]),
                   (suspect, ["given_names"]), (Vehicle(make="Ford", year=2019), ["make"])],
        )  # fmt: skip
        ExternalReference.objects.create(case=case, kind="nic", number="M123456789", agency=chp, recorded_by=asker)
        workflow.apply(case, "activate", by=asker)
        decide_at_home(
            case=case, program=CriteriaVersion.objects.get(program__code="us-ca").program, by=asker,
            outcome="not_activated", reason="criteria_danger", alternative="advisory",
        )  # fmt: skip
    return case


@pytest.mark.parametrize("language", LANGUAGES)
def test_four_programs_stand_side_by_side(portal: Portal, chromium: Any, case: Case, language: str) -> None:
    officer = Visitor(chromium, portal, language)
    officer.sign_in(f"{language}@california.example", PASSWORD)
    officer.page.goto(f"/desk/cases/{case.pk}/criteria/{FOUR}")
    assert officer.page.locator("thead th").count() == 6
    officer.picture("criteria-desk")
    officer.page.goto(f"/desk/cases/{case.pk}/criteria/us-wa/")
    officer.picture("criteria-answer")
    officer.close()


def test_question_goes_to_another_agency_and_its_answer_comes_back_released(
    portal: Portal, chromium: Any, django_db_blocker: Any, case: Case
) -> None:
    asker, advisor = Visitor(chromium, portal, "es"), Visitor(chromium, portal, "fr")
    asker.sign_in("es@california.example", PASSWORD)
    asker.page.goto(f"/cases/{case.pk}/")
    form = "form[action$='/opinions/ask-elsewhere/']"
    asker.page.click(f"details:has({form}) summary")
    asker.page.select_option("[name=elsewhere-question]", "custody")
    asker.page.select_option("[name=elsewhere-sight_hours]", "24")
    asker.picture("opinion-ask-elsewhere")
    asker.press(f"{form} button")
    asker.picture("opinion-asked")
    advisor.sign_in("juriste@quebec.example", PASSWORD)
    advisor.picture("opinion-desk")
    advisor.press("main a[href$='#opinions']")
    with django_db_blocker.unblock():
        review = LegalReview.objects.get()
    give = f"form[action$='/opinions/{review.pk}/']"
    advisor.page.select_option(f"[name=give-{review.pk}-opinion]", "with_conditions")
    advisor.page.fill(f"[name=give-{review.pk}-conclusion]", "Si l'ordonnance est enregistrée")
    advisor.page.fill(f"[name=give-{review.pk}-grounds]", "Motifs internes")
    advisor.picture("opinion-give")
    advisor.press(f"{give} button")
    asker.page.reload()
    assert "Si l'ordonnance est enregistrée" not in asker.page.content()
    asker.picture("opinion-answered")
    advisor.page.click(f"details:has(form[action$='/opinions/{review.pk}/release/']) summary")
    advisor.picture("opinion-release")
    advisor.press(f"form[action$='/opinions/{review.pk}/release/'] button")
    asker.page.reload()
    assert "Si l'ordonnance est enregistrée" in asker.page.content()
    assert "Motifs internes" not in asker.page.content()
    asker.picture("opinion-released")
    asker.close()
    advisor.close()
