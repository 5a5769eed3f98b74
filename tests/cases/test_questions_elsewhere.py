"""Opinions asked of another agency: what it reads and for how long, and that its answer stays inside it (U30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from agencies.models import Agency
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.models import Notice
from alerts.services import requests
from cases import permissions
from cases.access import forget_agencies
from cases.forms.recoveries import LocatedForm
from cases.models import Case, CaseAccess, CaseEvent, LegalReview, Sighting
from cases.services.files import share_case
from cases.services.opinions import ask_again, give_opinion, release_opinion, withdraw_question
from cases.services.questions_elsewhere import ask_elsewhere, possible_advisors
from cases.services.sightings import add_sighting
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db
SECRETS = ("Secret conclusion", "Secret grounds", "Secret notes")
SURETE = "ca-qc-sq"


@pytest.fixture
def jurist(make_user: Any) -> Any:
    """A legal advisor in Québec, which is not on the case."""
    return make_user("julie.juriste@quebec.example", SURETE, "legal_advisor", "fr", time_zone="America/Toronto")


@pytest.fixture
def asked(active_case: Any, california_coordinator: Any, jurist: Any) -> LegalReview:
    """California's coordinator asks Québec's advisor; a day of sight after the answer."""
    return ask_elsewhere(
        case=active_case, by=california_coordinator, agency=Agency.objects.get(code=SURETE), question="custody",
        hours=4, sight_hours=24,
    )  # fmt: skip


def give(review: LegalReview, by: Any, opinion: str = "with_conditions") -> None:
    give_opinion(review=review, by=by, opinion=opinion, conclusion=SECRETS[0], grounds=SECRETS[1], notes=SECRETS[2])


def access_of(review: LegalReview) -> CaseAccess:
    return CaseAccess.objects.get(case=review.case, agency=review.agency)


def page_of(case: Any, reader: Any, language: str = "") -> Any:
    return signed_in(reader, language).get(reverse("cases:case-detail", args=[case.pk]))


def hours_from_now(moment: Any) -> float:
    return (moment - timezone.now()).total_seconds() / 3600


# --- what is shared --------------------------------------------------------------------------------------


def test_asking_lets_the_agency_read_for_that_purpose_and_not_for_ever(asked, jurist, quebec_coordinator):
    access = access_of(asked)
    assert (access.level, access.purpose) == ("look", "legal")
    assert 75.9 < hours_from_now(access.until) <= 76  # four hours to answer, three days for who is late
    for reader in (jurist, quebec_coordinator):
        page = page_of(asked.case, reader, "en")
        assert page.status_code == 200
        assert '(Gives legal advice)</span> <span class="muted">– reads until' in page.text


def test_before_asking_and_after_the_sight_the_case_does_not_exist(
    active_case, california_coordinator, jurist, quebec_coordinator
):
    assert page_of(active_case, jurist).status_code == 404
    asked = ask_elsewhere(
        case=active_case, by=california_coordinator, agency=Agency.objects.get(code=SURETE), question="custody",
        hours=4, sight_hours=0,
    )  # fmt: skip
    give(asked, jurist)
    for reader in (jurist, quebec_coordinator):
        assert page_of(active_case, reader).status_code == 404
        assert signed_in(reader).get(f"/api/v1/cases/{active_case.pk}/law/").status_code == 404


def test_sight_ends_a_period_after_the_answer_or_the_withdrawal(asked, jurist, california_coordinator):
    give(asked, jurist)
    assert 23.9 < hours_from_now(access_of(asked).until) <= 24
    again = ask_elsewhere(
        case=asked.case, by=california_coordinator, agency=asked.agency, question="share_abroad", hours=1, sight_hours=0
    )
    assert hours_from_now(access_of(asked).until) > 70
    withdraw_question(review=again, by=california_coordinator)
    assert 23.9 < hours_from_now(access_of(asked).until) <= 24  # what was promised with the first answer stands


def test_another_open_question_keeps_the_sight(asked, jurist, california_coordinator):
    ask_elsewhere(
        case=asked.case, by=california_coordinator, agency=asked.agency, question="share_abroad", hours=1, sight_hours=0
    )
    give(asked, jurist)
    assert hours_from_now(access_of(asked).until) > 70


def test_advising_agency_takes_no_part_in_the_case(asked, jurist, quebec_coordinator, california_officer):
    case = Case.objects.get(pk=asked.case_id)
    for predicate in (
        permissions.can_contribute, permissions.can_report_located, permissions.can_propose_correction,
        permissions.can_assess, permissions.can_ask_opinion, permissions.can_confirm_in_case,
    ):  # fmt: skip
        assert not predicate(quebec_coordinator, case), predicate.__name__
    assert permissions.can_record_opinion(jurist, case)
    with pytest.raises(NotPermitted):
        add_sighting(case=case, by=quebec_coordinator, sighting=Sighting(case=case))


def test_program_that_was_asked_for_an_alert_goes_on_working_and_keeps_its_sight(
    sent_request, california_coordinator, baja_coordinator, make_user
):
    advisor = make_user("lidia.juridica@baja.example", "mx-bcn-amber", "legal_advisor", "es")
    baja = Agency.objects.get(code="mx-bcn-amber")
    asked = ask_elsewhere(
        case=sent_request.case, by=california_coordinator, agency=baja, question="may_activate_yours", hours=1,
        sight_hours=0,
    )  # fmt: skip
    give(asked, advisor)
    access = access_of(asked)
    assert (access.purpose, access.until) == ("request", None)
    assert permissions.can_contribute(baja_coordinator, Case.objects.get(pk=sent_request.case_id))


def test_advising_agency_that_is_asked_for_an_alert_works_from_then_on(asked, california_officer, quebec_coordinator):
    from agencies.models import AlertProgram

    requests.send_request(case=asked.case, program=AlertProgram.objects.get(code="ca-qc"), by=california_officer)
    access = access_of(asked)
    assert (access.purpose, access.until) == ("request", None)
    assert permissions.can_contribute(quebec_coordinator, Case.objects.get(pk=asked.case_id))


# --- who asks whom ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["california_officer", "california_legal", "california_staff", "quebec_coordinator"])
def test_only_a_coordinator_on_the_case_asks(who, active_case, jurist, request):
    with pytest.raises(NotPermitted):
        ask_elsewhere(
            case=active_case, by=request.getfixturevalue(who), agency=Agency.objects.get(code=SURETE),
            question="custody", hours=1, sight_hours=0,
        )  # fmt: skip
    assert not CaseAccess.objects.filter(agency__code=SURETE).exists()


def test_only_the_lead_agency_brings_an_agency_to_the_case(sent_request, baja_coordinator, california_legal, jurist):
    case = Case.objects.get(pk=sent_request.case_id)
    assert [agency.code for agency in possible_advisors(case, baja_coordinator)] == ["us-ca-chp"]
    with pytest.raises(ActRefused):
        ask_elsewhere(
            case=case, by=baja_coordinator, agency=Agency.objects.get(code=SURETE), question="custody", hours=1,
            sight_hours=0,
        )  # fmt: skip
    asked = ask_elsewhere(
        case=case, by=baja_coordinator, agency=case.lead_agency, question="custody", hours=1, sight_hours=0
    )
    give(asked, california_legal)
    assert access_of(asked).purpose == "lead"
    assert access_of(asked).until is None


def test_agencies_without_an_advisor_are_not_offered(active_case, california_coordinator, california_legal, jurist):
    codes = [agency.code for agency in possible_advisors(active_case, california_coordinator)]
    assert codes == [SURETE]  # not the asker's own, which has one too


def test_same_question_to_the_same_agency_waits_once(asked, california_coordinator):
    with pytest.raises(ActRefused):
        ask_elsewhere(
            case=asked.case, by=california_coordinator, agency=asked.agency, question="custody", hours=1, sight_hours=0
        )


# --- the answer ------------------------------------------------------------------------------------------


def test_answer_stays_with_its_author_until_released(
    asked, jurist, california_coordinator, california_officer, california_staff
):
    give(asked, jurist)
    page = page_of(asked.case, california_coordinator).text
    assert not [word for word in (*SECRETS, "In favor, with conditions") if word in page]
    assert "Answered; it is shown here once it is released to you" in page
    assert not LegalReview.objects.visible_to(california_coordinator).exists()
    law = signed_in(california_coordinator).get(f"/api/v1/cases/{asked.case_id}/law/")
    assert law.json()["legal_reviews"] == []
    assert [row["status"] for row in law.json()["asked_elsewhere"]] == ["given"]
    assert not [word for word in (*SECRETS, "with_conditions") if word in law.text]
    client = signed_in(california_staff)
    assert client.get(reverse("admin:cases_legalreview_change", args=[asked.pk])).status_code == 404
    steps = CaseEvent.objects.visible_to(california_coordinator).filter(kind__startswith="legalreview")
    assert sorted(steps.values_list("kind", flat=True)) == ["legalreview.ask", "legalreview.give"]
    assert not [detail for detail in steps.values_list("detail", flat=True) if detail]
    release_opinion(review=asked, by=jurist, agency=Agency.objects.get(code="us-ca-chp"), scope="conclusion")
    page = page_of(asked.case, california_officer, "en").text
    assert "Secret conclusion" in page
    assert not [word for word in SECRETS[1:] if word in page]


def test_rows_of_the_asking_side_hold_no_word_of_the_answer(asked, jurist, california_coordinator):
    give(asked, jurist)
    (row,) = LegalReview.objects.asked_elsewhere_by(california_coordinator)
    assert {"opinion", "conclusion", "grounds", "notes"} <= row.get_deferred_fields()


def test_question_is_seen_by_the_two_sides_only(asked, sent_request, baja_coordinator):
    assert not LegalReview.objects.asked_elsewhere_by(baja_coordinator).exists()
    assert "Asked of another agency" not in page_of(asked.case, baja_coordinator, "en").text
    law = signed_in(baja_coordinator).get(f"/api/v1/cases/{asked.case_id}/law/").json()
    assert (law["legal_reviews"], law["asked_elsewhere"]) == ([], [])
    for act in ("opinion-withdraw", "opinion-ask-again", "opinion-give", "opinion-release"):
        url = reverse(f"cases:{act}", args=[asked.case_id, asked.pk])
        assert signed_in(baja_coordinator).post(url, {"nonce": NONCE}).status_code == 404, act
    body = {"review": str(asked.pk)}
    url = f"/api/v1/cases/{asked.case_id}/withdraw-question/"
    answer = signed_in(baja_coordinator).post(url, body, content_type="application/json")
    assert answer.status_code == 404


def test_missing_facts_are_the_only_words_that_come_back(asked, jurist, california_coordinator, quebec_coordinator):
    with pytest.raises(ActRefused):
        give_opinion(review=asked, by=jurist, opinion="more_facts", grounds=SECRETS[1])
    give_opinion(
        review=asked, by=jurist, opinion="more_facts", conclusion="Which court gave the order?", grounds=SECRETS[1]
    )
    page = page_of(asked.case, california_coordinator, "en").text
    assert "Which court gave the order?" in page
    assert SECRETS[1] not in page
    assert "Legal advisor needs more facts" in signed_in(california_coordinator, "en").get("/desk/").text
    assert "Legal advisor needs more facts" not in signed_in(quebec_coordinator, "en").get("/desk/").text
    with pytest.raises(NotPermitted):
        ask_again(review=asked, by=quebec_coordinator, hours=1)
    ask_again(review=asked, by=california_coordinator, hours=48)
    asked.refresh_from_db()
    assert (asked.status, asked.facts_wanted) == ("requested", "")
    assert hours_from_now(access_of(asked).until) > 119


def test_withdrawn_question_is_not_answered(asked, jurist, california_coordinator, california_officer):
    for stranger in (jurist, california_officer):
        with pytest.raises(NotPermitted):
            withdraw_question(review=asked, by=stranger)
    withdraw_question(review=asked, by=california_coordinator)
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    with pytest.raises(ActRefused):
        give(asked, jurist)


def test_both_sides_are_told_with_references_only(
    asked, jurist, california_coordinator, quebec_coordinator, mailoutbox
):
    give(asked, jurist)
    release_opinion(review=asked, by=jurist, agency=Agency.objects.get(code="us-ca-chp"), scope="whole")
    while delivery.send_due():
        pass
    told = [(mail.to[0], mail.subject) for mail in mailoutbox]
    assert [to for to, _subject in told] == [
        jurist.email, california_coordinator.email, california_coordinator.email,
    ]  # fmt: skip
    assert [row.kind for row in Notice.objects.order_by("created_at")] == [
        "review_wanted", "review_answered", "review_released",
    ]  # fmt: skip
    for mail in mailoutbox:
        for word in ("Zoraida", "Quimby", "Waldemar", "7XYZ123", *SECRETS):
            assert word not in mail.subject + mail.body


# --- on the page and by the API --------------------------------------------------------------------------


def test_asking_on_the_page(active_case, california_coordinator, jurist):
    url = reverse("cases:opinion-ask-elsewhere", args=[active_case.pk])
    page = page_of(active_case, california_coordinator, "en")
    assert f'action="{url}"' in page.text
    assert "Everybody there who may read cases then reads this one as it stands" in page.text
    form = {
        "nonce": NONCE, "elsewhere-agency": str(Agency.objects.get(code="mx-bcn-amber").pk),
        "elsewhere-question": "custody", "elsewhere-hours": "4", "elsewhere-sight_hours": "24",
    }  # fmt: skip
    client = signed_in(california_coordinator, "en")
    wrong = client.post(url, form)
    assert wrong.status_code == 422
    assert_error_beside(html.fromstring(wrong.text), "elsewhere-agency", "")
    assert client.post(url, {**form, "elsewhere-question": "may_activate"}).status_code == 422
    chosen = {**form, "elsewhere-agency": str(Agency.objects.get(code=SURETE).pk)}
    for _time in range(2):
        assert client.post(url, chosen).status_code == 302
    review = LegalReview.objects.get()
    assert (review.agency.code, review.asking_agency.code, review.program.code) == (SURETE, "us-ca-chp", "ca-qc")
    back = reverse("cases:opinion-withdraw", args=[active_case.pk, review.pk])
    assert f'action="{back}"' in page_of(active_case, california_coordinator).text
    assert client.post(back, {"nonce": "another"}).status_code == 302
    review.refresh_from_db()
    assert review.status == "withdrawn"


def test_asking_and_withdrawing_by_the_api(active_case, california_coordinator, california_officer, jurist):
    url = f"/api/v1/cases/{active_case.pk}/ask-opinion/"
    body = {"question": "custody", "hours": 2, "agency": SURETE, "sight_hours": 24}

    def post(person: Any, address: str, sent: dict[str, Any]) -> Any:
        client = Client()
        client.force_login(person)
        return client.post(address, sent, content_type="application/json")

    assert post(california_officer, url, body).status_code == 404
    assert post(california_coordinator, url, {**body, "agency": "mx-bcn-amber"}).status_code == 409
    assert post(california_coordinator, url, {**body, "question": "nothing"}).status_code == 400
    made = post(california_coordinator, url, body)
    assert (made.status_code, made.json()["status"]) == (201, "requested")
    withdraw = f"/api/v1/cases/{active_case.pk}/withdraw-question/"
    assert post(jurist, withdraw, {"review": made.json()["id"]}).status_code == 404
    answer = post(california_coordinator, withdraw, {"review": made.json()["id"]})
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")


def test_overdue_sight_is_over_for_lists_too(asked, jurist):
    CaseAccess.objects.filter(pk=access_of(asked).pk).update(until=timezone.now() - timedelta(minutes=1))
    forget_agencies(asked.case)
    assert asked.case.reference not in signed_in(jurist).get("/cases/").text
    with pytest.raises(NotPermitted):
        give(asked, jurist)


def test_question_of_another_agency_lengthens_no_sight(sent_request, baja_coordinator, california_officer, jurist):
    """The 72 hours after a decline stay 72 hours, and nobody but the lead agency brings an agency back (U35)."""
    case, advising = sent_request.case, Agency.objects.get(code=SURETE)
    until = timezone.now() + timedelta(hours=2)
    share_case(case=case, agency=advising, by=california_officer, level="look", purpose="request", until=until)
    held = CaseAccess.objects.filter(case=case, agency=advising)
    review = ask_elsewhere(
        case=case, by=baja_coordinator, agency=advising, question="custody", hours=700, sight_hours=24
    )
    assert (held.get().until, held.get().purpose) == (until, "request")
    give_opinion(review=review, by=jurist, opinion="more_facts", grounds="G.", conclusion="The order.")
    ask_again(review=LegalReview.objects.get(pk=review.pk), by=baja_coordinator, hours=700)
    assert held.get().until == until
    give_opinion(
        review=LegalReview.objects.get(pk=review.pk), by=jurist, opinion="more_facts", grounds="G.", conclusion="Order."
    )
    held.update(until=timezone.now() - timedelta(minutes=1))
    with pytest.raises(ActRefused):
        ask_again(review=LegalReview.objects.get(pk=review.pk), by=baja_coordinator, hours=1)


def test_agency_that_only_advises_is_not_named_as_holding_the_child(asked, jurist, california_officer):
    case = asked.case
    form = LocatedForm(case=case)
    assert asked.agency not in form.fields["holding_agency"].queryset
