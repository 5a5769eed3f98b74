"""Legal reviews: asked, answered, sent back, released to named agencies, bound to facts and criteria (U30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from lxml import html

from agencies.models import Agency, AlertProgram, CriteriaVersion
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import delivery
from alerts.models import Notice
from alerts.services import requests
from cases.models import CaseEvent, LegalReview, ReviewRelease
from cases.services.facts import record_facts
from cases.services.opinions import ask_again, ask_opinion, give_opinion, record_opinion, release_opinion
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db
SECRETS = ("Secret grounds", "Secret notes")


@pytest.fixture
def asked(active_case: Any, california_coordinator: Any, california_legal: Any) -> LegalReview:
    """A question of California's coordinator to its own legal advisor."""
    return ask_opinion(case=active_case, by=california_coordinator, question="may_activate", hours=2)


def give(review: LegalReview, by: Any, opinion: str = "with_conditions") -> None:
    """Answer a review with a conclusion, grounds and notes."""
    give_opinion(
        review=review, by=by, opinion=opinion, conclusion="Open conclusion", grounds=SECRETS[0], notes=SECRETS[1]
    )


def page_of(case: Any, reader: Any, language: str = "") -> str:
    """Return the page of a case as this person reads it."""
    return signed_in(reader, language).get(reverse("cases:case-detail", args=[case.pk])).text


def test_question_carries_program_deadline_and_asker(asked, california_coordinator):
    assert (asked.agency.code, asked.program.code, asked.question) == ("us-ca-chp", "us-ca", "may_activate")
    assert asked.requested_by == california_coordinator
    assert timedelta(minutes=115) < asked.due_at - timezone.now() <= timedelta(hours=2)


@pytest.mark.parametrize("who", ["california_officer", "california_legal", "california_staff", "quebec_coordinator"])
def test_only_a_coordinator_of_an_agency_on_the_case_asks(who, active_case, california_legal, request):
    with pytest.raises(NotPermitted):
        ask_opinion(case=active_case, by=request.getfixturevalue(who), question="custody", hours=1)


def test_nobody_is_asked_where_there_is_no_advisor(active_case, california_coordinator):
    with pytest.raises(ActRefused):
        ask_opinion(case=active_case, by=california_coordinator, question="custody", hours=1)
    assert not LegalReview.objects.exists()


def test_same_question_waits_once(asked, active_case, california_coordinator):
    with pytest.raises(ActRefused):
        ask_opinion(case=active_case, by=california_coordinator, question="may_activate", hours=1)
    ask_opinion(case=active_case, by=california_coordinator, question="custody", hours=1)


def test_more_facts_go_back_to_the_asker_and_can_be_asked_again(
    asked, active_case, california_coordinator, california_legal, california_officer
):
    give(asked, california_legal, "more_facts")
    asked.refresh_from_db()
    assert (asked.status, asked.given_at, asked.grounds) == ("returned", None, SECRETS[0])
    with pytest.raises(TransitionConflict):
        give(asked, california_legal)
    with pytest.raises(NotPermitted):
        ask_again(review=asked, by=california_officer, hours=1)
    ask_again(review=asked, by=california_coordinator, hours=1)
    asked.refresh_from_db()
    assert asked.status == "requested"
    give(asked, california_legal, "against")
    asked.refresh_from_db()
    assert (asked.status, asked.opinion, asked.given_by) == ("given", "against", california_legal)
    steps = CaseEvent.objects.filter(kind__startswith="legalreview").order_by("at").values_list("kind", flat=True)
    assert [kind.split(".")[1] for kind in steps] == ["ask", "return_for_facts", "ask_again", "give"]


def test_conditions_must_be_named(asked, california_legal):
    with pytest.raises(ActRefused):
        give_opinion(review=asked, by=california_legal, opinion="with_conditions", grounds="Because")


def test_opinion_stays_inside_the_authors_agency(asked, sent_request, california_legal, baja_coordinator):
    give(asked, california_legal)
    assert not LegalReview.objects.visible_to(baja_coordinator).exists()
    page = page_of(asked.case, baja_coordinator)
    assert not [word for word in (*SECRETS, "Open conclusion") if word in page]
    assert not CaseEvent.objects.visible_to(baja_coordinator).filter(kind__startswith="legalreview").exists()


def test_conclusion_only_brings_no_grounds_and_no_notes(
    asked, sent_request, california_legal, california_officer, baja_coordinator, baja_staff, client
):
    give(asked, california_legal)
    baja = Agency.objects.get(code="mx-bcn-amber")
    release_opinion(review=asked, by=california_legal, agency=baja, scope="conclusion")
    page = page_of(asked.case, baja_coordinator, "en")
    assert "Open conclusion" in page
    assert "In favor, with conditions" in page
    assert "Conclusion only" in page
    assert not [word for word in SECRETS if word in page]
    own = page_of(asked.case, california_officer)
    assert all(word in own for word in SECRETS)
    client.force_login(baja_staff)
    looked_up = client.get(reverse("admin:cases_legalreview_change", args=[asked.pk])).text
    assert "Open conclusion" in looked_up
    assert not [word for word in SECRETS if word in looked_up]


def test_whole_release_follows_a_conclusion_and_nothing_is_released_twice(
    asked, sent_request, california_legal, baja_coordinator
):
    give(asked, california_legal)
    baja = Agency.objects.get(code="mx-bcn-amber")
    release_opinion(review=asked, by=california_legal, agency=baja, scope="conclusion")
    release_opinion(review=asked, by=california_legal, agency=baja, scope="whole")
    assert all(word in page_of(asked.case, baja_coordinator, "en") for word in SECRETS)
    for scope in ("whole", "conclusion"):
        with pytest.raises(ActRefused):
            release_opinion(review=asked, by=california_legal, agency=baja, scope=scope)
    assert ReviewRelease.objects.count() == 2


def test_release_names_agencies_on_the_case_and_reaches_no_other(
    asked, sent_request, california_legal, california_officer, make_user
):
    give(asked, california_legal)
    with pytest.raises(ActRefused):  # not on the case
        release_opinion(review=asked, by=california_legal, agency=Agency.objects.get(code="ca-qc-sq"), scope="whole")
    with pytest.raises(ActRefused):  # the author's own
        release_opinion(review=asked, by=california_legal, agency=asked.agency, scope="whole")
    release_opinion(review=asked, by=california_legal, agency=Agency.objects.get(code="mx-bcn-amber"), scope="whole")
    chihuahua = make_user("chela@chihuahua.example", "mx-chh-amber", "coordinator", "en")
    requests.send_request(case=asked.case, program=AlertProgram.objects.get(code="mx-chh"), by=california_officer)
    page = page_of(asked.case, chihuahua)
    assert "Secret grounds" not in page
    assert "Open conclusion" not in page
    assert not ReviewRelease.objects.visible_to(chihuahua).exists()


def test_opinion_not_yet_given_is_not_released(asked, sent_request, california_legal):
    with pytest.raises(TransitionConflict):
        release_opinion(
            review=asked, by=california_legal, agency=Agency.objects.get(code="mx-bcn-amber"), scope="whole"
        )
    assert not ReviewRelease.objects.exists()


def test_opinion_in_another_language_says_so(asked, sent_request, california_legal, baja_coordinator):
    with translation.override("fr"):
        give(asked, california_legal)
    release_opinion(
        review=asked, by=california_legal, agency=Agency.objects.get(code="mx-bcn-amber"), scope="conclusion"
    )
    tree = html.fromstring(page_of(asked.case, baja_coordinator))
    (section,) = tree.xpath('//section[@aria-labelledby="opinions"]')
    assert "Français – sin traducir" in " ".join(section.text_content().split())
    assert section.xpath('.//div[@lang="fr"][contains(@class, "untranslated")]')


def test_changed_facts_mark_the_opinion(asked, california_legal, california_officer):
    give(asked, california_legal)
    assert "The facts have changed since" not in page_of(asked.case, california_legal)
    child = asked.case.children.get()
    child.age_years = 8
    record_facts(case=asked.case, by=california_officer, items=[(child, ["age_years"])])
    assert "The facts have changed since" in page_of(asked.case, california_legal)


def test_new_criteria_mark_the_opinion(asked, california_legal):
    give(asked, california_legal)
    asked.refresh_from_db()
    assert asked.criteria == CriteriaVersion.in_force_for(asked.program)
    assert "The criteria have changed since" not in page_of(asked.case, california_legal)
    newer = CriteriaVersion.objects.get(pk=asked.criteria_id)
    newer.pk, newer.version = None, newer.version + 1
    newer._state.adding = True
    newer.save()
    assert "The criteria have changed since" in page_of(asked.case, california_legal)


def test_advisor_and_asker_are_told_with_references_only(
    asked, california_coordinator, california_legal, california_officer, mailoutbox
):
    give(asked, california_legal)
    while delivery.send_due():
        pass
    told = {mail.to[0]: mail for mail in mailoutbox}
    assert set(told) == {california_legal.email, california_coordinator.email}
    assert told[california_legal.email].subject.startswith("Legal opinion wanted")
    assert told[california_coordinator.email].subject.startswith("Legal opinion answered")
    for mail in mailoutbox:
        assert asked.case.reference in mail.subject
        for word in ("Zoraida", "Quimby", "Waldemar", "7XYZ123", "Open conclusion", *SECRETS):
            assert word not in mail.subject + mail.body
    assert {notice.kind for notice in Notice.objects.all()} == {"review_wanted", "review_answered"}


def test_desk_shows_what_is_asked_of_whom(asked, california_legal, california_coordinator, baja_coordinator):
    words = ("Legal opinion requested", "May our alert be activated under our law?", asked.case.reference)
    desk = signed_in(california_legal).get("/desk/").text
    assert all(word in desk for word in words)
    assert words[0] not in signed_in(california_coordinator).get("/desk/").text
    give(asked, california_legal, "more_facts")
    assert words[0] not in signed_in(california_legal).get("/desk/").text
    assert "Legal advisor needs more facts" in signed_in(california_coordinator).get("/desk/").text
    assert words[1] not in signed_in(baja_coordinator, "en").get("/desk/").text


def test_asking_answering_and_releasing_on_the_page(
    sent_request, california_coordinator, california_legal, baja_coordinator
):
    case = sent_request.case
    ask = reverse("cases:opinion-ask", args=[case.pk])
    asker, advisor = signed_in(california_coordinator), signed_in(california_legal)
    assert f'action="{ask}"' in page_of(case, california_coordinator)
    assert asker.post(ask, {"nonce": NONCE, "ask-question": "custody", "ask-hours": "9"}).status_code == 422
    assert asker.post(ask, {"nonce": NONCE, "ask-question": "custody", "ask-hours": "4"}).status_code == 302
    review = LegalReview.objects.get()
    answer = reverse("cases:opinion-give", args=[case.pk, review.pk])
    assert f'action="{answer}"' in page_of(case, california_legal)
    form = {"nonce": NONCE, f"give-{review.pk}-opinion": "with_conditions", f"give-{review.pk}-grounds": SECRETS[0]}
    wrong = advisor.post(answer, form)
    assert wrong.status_code == 422
    assert_error_beside(html.fromstring(wrong.text), f"give-{review.pk}-conclusion", "")
    assert advisor.post(answer, form | {f"give-{review.pk}-conclusion": "If registered"}).status_code == 302
    release = reverse("cases:opinion-release", args=[case.pk, review.pk])
    baja = Agency.objects.get(code="mx-bcn-amber")
    chosen = {
        "nonce": NONCE, f"release-{review.pk}-agency": str(baja.pk), f"release-{review.pk}-scope": "conclusion",
    }  # fmt: skip
    assert signed_in(baja_coordinator).post(release, chosen).status_code == 404
    assert advisor.post(release, chosen).status_code == 302
    assert "If registered" in page_of(case, baja_coordinator)
    assert "Baja California" in page_of(case, california_legal)


def test_opinion_that_nobody_asked_for_is_kept_too(active_case, california_legal):
    review = record_opinion(case=active_case, by=california_legal, opinion="in_favor", grounds="Custody order.")
    assert (review.status, review.question, review.program.code) == ("given", "", "us-ca")
