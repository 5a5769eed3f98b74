"""The criteria desk and the receiver's checklist on the page of a decision (U33)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import polib
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from agencies.models import AlertProgram, CriteriaVersion
from agencies.refusals import ActRefused
from alerts.services import requests
from cases.models import Abduction, Assessment, AssessmentAnswer, Child
from cases.services.assessments import GivenAnswer, record_answers
from cases.services.facts import record_facts
from cases.services.home_decisions import decide_at_home
from tests.portal import ROOT
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

# English, Spanish and French: the portal never says whether a case qualifies.
VERDICT = re.compile(r"\b(in)?eligib|\b(in)?elegib|(in)?éligib|(in)?admissib|\bqualifi(es|ed)\b", re.IGNORECASE)


def desk(case: Any, **query: Any) -> str:
    """Return the address of the desk of a case."""
    address = reverse("alerts:criteria-desk", args=[case.pk])
    return address + ("?" + "&".join(f"program={code}" for code in query["programs"]) if query else "")


def cell(page: str, question: str, program: str) -> str:
    """Return the text of one question in one program's column."""
    tree = html.fromstring(page)
    (row,) = [row for row in tree.xpath("//tbody/tr") if question in row.xpath("string(th)")]
    (found,) = row.xpath(f'./td[@data-label="{program}"]')
    return " ".join(found.text_content().split())


@pytest.mark.parametrize("name", ["es", "fr"])
def test_no_word_of_the_interface_gives_a_verdict(name):
    entries = polib.pofile(ROOT / "locale" / name / "LC_MESSAGES" / "django.po")
    said = [entry.msgid for entry in entries if VERDICT.search(entry.msgid) or VERDICT.search(entry.msgstr)]
    assert said == []


def test_no_code_list_gives_a_verdict():
    lists = json.loads((ROOT / "cases/data/codes.json").read_text(encoding="utf-8"))["lists"]
    labels = [row[language] for rows in lists.values() for row in rows for language in ("en", "es", "fr")]
    assert len(labels) > 100
    assert [label for label in labels if VERDICT.search(label)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_desk_shows_rules_side_by_side_and_gives_no_verdict(language, sent_request, california_officer):
    case = sent_request.case
    record_answers(
        case=case, criteria=CriteriaVersion.in_force_for(AlertProgram.objects.get(code="us-ca")),
        by=california_officer, answers={"age": GivenAnswer("yes"), "danger": GivenAnswer("unknown")},
    )  # fmt: skip
    page = signed_in(california_officer, language).get(desk(case, programs=["us-tx"])).text
    assert not VERDICT.search(page)
    heads = [head.text_content() for head in html.fromstring(page).xpath("//thead//th")]
    names = AlertProgram.objects.filter(code__in=["us-ca", "us-tx", "mx-bcn"])
    assert set(heads[1:]) == {getattr(program, f"name_{language}") for program in names}
    assert heads[1] == getattr(names.get(code="us-ca"), f"name_{language}")  # home first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Texas: taken by a parent only if the parent committed or attempted murder"),
        ("es", "Texas: si se trata de su madre o padre: solo cuando haya cometido o intentado cometer un homicidio"),
        ("fr", "Texas : emmené par un parent, seulement si celui-ci a commis ou tenté de commettre un meurtre"),
    ],
)  # fmt: skip
def test_differences_are_explained_in_the_readers_language(language, sentence, active_case, california_officer):
    page = signed_in(california_officer, language).get(desk(active_case, programs=["us-tx"])).text
    (section,) = html.fromstring(page).xpath('//section[@aria-labelledby="differences"]')
    assert sentence in [" ".join(item.text_content().split()) for item in section.xpath(".//li")]
    alone = signed_in(california_officer, language).get(desk(active_case)).text
    assert 'aria-labelledby="differences"' not in alone


@pytest.mark.django_db
def test_every_column_shows_source_version_and_who_verified(active_case, california_officer):
    texas = CriteriaVersion.in_force_for(AlertProgram.objects.get(code="us-tx"))
    CriteriaVersion.objects.filter(pk=texas.pk).update(verified_by="Program counsel", verified_at="2026-10-01")
    page = signed_in(california_officer).get(desk(active_case, programs=["us-tx"])).text
    verified, home = cell(page, "Rules", "Texas"), cell(page, "Rules", "California")
    assert texas.source in verified
    assert "Version 1, in force since" in verified
    assert "Program counsel" in verified
    assert "Not verified by the program" not in verified
    assert "Not verified by the program" in home


@pytest.mark.django_db
def test_known_facts_stand_beside_the_question_and_answer_nothing(active_case, california_officer):
    now = timezone.now()
    Abduction.objects.filter(case=active_case).update(happened_at=now - timedelta(hours=31, minutes=5))
    CriteriaVersion.objects.filter(program__code="us-tx").update(max_hours_since_event=48)
    CriteriaVersion.objects.filter(program__code="us-ca").update(max_hours_since_event=12)
    client = signed_in(california_officer)
    page = client.get(desk(active_case, programs=["us-tx"])).text
    rows = [" ".join(head.text_content().split()) for head in html.fromstring(page).xpath("//tbody/tr/th")]
    assert "Known: 7 years" in rows[1]
    assert any("31 hours since the event" in row for row in rows)
    late, running = cell(page, "time limit", "California"), cell(page, "time limit", "Texas")
    assert "Within 12 hours of the event" in late
    assert "The limit has passed" in late
    assert "The limit has passed" not in running
    assert {cell(page, "of an age", place).endswith("Not answered") for place in ("California", "Texas")} == {True}
    assert not AssessmentAnswer.objects.exists()


@pytest.mark.django_db
def test_adult_is_shown_with_the_rule_for_vulnerable_adults(active_case, california_officer):
    Child.objects.filter(case=active_case).update(age_years=34)
    CriteriaVersion.objects.filter(program__code="ca-on").update(vulnerable_adult_allowed=True)
    page = signed_in(california_officer).get(desk(active_case, programs=["ca-on"])).text
    assert "vulnerable adults are covered too" in cell(page, "of an age", "Ontario")
    assert "vulnerable" not in cell(page, "of an age", "California")
    assert "Known: 34 years" in page


@pytest.mark.django_db
def test_stale_answers_are_marked_on_the_desk(active_case, california_officer):
    record_answers(
        case=active_case, criteria=CriteriaVersion.in_force_for(AlertProgram.objects.get(code="us-ca")),
        by=california_officer, answers={"age": GivenAnswer("yes", "Birth certificate seen")},
    )  # fmt: skip
    client = signed_in(california_officer)
    assert "The facts have changed since" not in client.get(desk(active_case)).text
    child = active_case.children.get()
    child.age_years = 8
    record_facts(case=active_case, by=california_officer, items=[(child, ["age_years"])])
    page = client.get(desk(active_case)).text
    assert "The facts have changed since" in cell(page, "Rules", "California")
    assert "Birth certificate seen" in cell(page, "of an age", "California")


@pytest.mark.django_db
def test_reason_in_another_language_says_so(active_case, california_officer, california_coordinator):
    version = CriteriaVersion.in_force_for(AlertProgram.objects.get(code="us-ca"))
    record_answers(
        case=active_case, criteria=version, by=california_officer, answers={"age": GivenAnswer("yes", "Seen by me")}
    )
    assert "untranslated" not in signed_in(california_coordinator).get(desk(active_case)).text
    assert "English – sin traducir" in signed_in(california_coordinator, "es").get(desk(active_case)).text


@pytest.mark.django_db
def test_legal_advisor_reads_and_outsider_finds_nothing(active_case, california_legal, quebec_coordinator):
    answer = reverse("alerts:criteria-answer", args=[active_case.pk, "us-ca"])
    page = signed_in(california_legal).get(desk(active_case))
    assert page.status_code == 200
    assert answer not in page.text
    assert signed_in(california_legal).get(answer).status_code == 404
    for address in (desk(active_case), answer):
        assert signed_in(quebec_coordinator).get(address).status_code == 404


@pytest.mark.django_db
def test_programs_beyond_the_columns_are_named_and_can_be_chosen(active_case, california_officer):
    client = signed_in(california_officer)
    chosen = list(AlertProgram.objects.filter(country="MX").order_by("code").values_list("code", flat=True)[:9])
    page = html.fromstring(client.get(desk(active_case, programs=chosen)).content)
    named = page.xpath('//p[contains(@class, "card--attention")]//a/@href')
    assert len(named) == 2 and "2 more programs are concerned" in page.text_content()
    assert len(page.xpath("//thead//th")) == 9
    assert "more programs are concerned" not in client.get(desk(active_case)).text
    other = client.get(desk(active_case) + named[0]).text
    assert "more programs are concerned" not in other and named[0].removeprefix("?program=") in other


def test_unknown_program_is_an_address_that_does_not_exist(active_case, california_officer):
    assert signed_in(california_officer).get(desk(active_case, programs=["zz"])).status_code == 404


def post_answers(client: Client, case: Any, program: str = "us-ca", **fields: str) -> Any:
    """Send the form of answers with these values; a field that is not named stays as it was on the page."""
    address = reverse("alerts:criteria-answer", args=[case.pk, program])
    tree = html.fromstring(client.get(address).text)
    (form,) = tree.xpath('//form[.//input[@name="nonce"] and not(@action)]')
    sent = {**dict(form.form_values()), "nonce": NONCE}
    return client.post(address, sent | {f"criteria-{name}": value for name, value in fields.items()})


@pytest.mark.django_db
def test_two_officers_answer_different_questions_without_losing_any(
    active_case, california_officer, california_coordinator
):
    address = reverse("alerts:criteria-answer", args=[active_case.pk, "us-ca"])
    second = signed_in(california_coordinator)
    (form,) = html.fromstring(second.get(address).text).xpath('//form[.//input[@name="nonce"] and not(@action)]')
    loaded_before = dict(form.form_values())
    first = post_answers(signed_in(california_officer), active_case, age="yes", age_reason="Passport")
    assert first.status_code == 302
    second.post(address, {**loaded_before, "nonce": NONCE, "criteria-danger": "no"})
    kept = {row.question: (row.answer, row.answered_by) for row in AssessmentAnswer.objects.all()}
    assert kept == {"age": ("yes", california_officer), "danger": ("no", california_coordinator)}


@pytest.mark.django_db
def test_wrong_answers_come_back_beside_their_fields(active_case, california_officer):
    client = signed_in(california_officer)
    answer = post_answers(client, active_case, "us-tx", parental="no", parent_homicide="yes", age_reason="Because")
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert_error_beside(page, "criteria-parent_homicide", "yes")
    assert_error_beside(page, "criteria-age", "")
    assert page.xpath('//input[@name="criteria-age_reason"]/@value')[0] == "Because"
    assert not Assessment.objects.exists()


@pytest.mark.django_db
def test_receiver_answers_on_the_page_of_the_decision(sent_request, baja_coordinator, california_officer):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    client = signed_in(baja_coordinator)
    detail = reverse("alerts:request-detail", args=[sent_request.pk])
    page = client.get(detail).text
    assert "Sin verificación del programa" in page
    assert 'name="criteria-danger"' in page
    assert not VERDICT.search(page)
    wrong = client.post(
        reverse("alerts:request-decide", args=[sent_request.pk]),
        {"nonce": NONCE, "decision-decision": "accept", "criteria-danger_reason": "Porque sí"},
    )
    assert wrong.status_code == 422
    assert "Porque sí" in wrong.text
    sent = client.post(
        reverse("alerts:request-decide", args=[sent_request.pk]),
        {
            "nonce": NONCE, "decision-decision": "accept", "criteria-danger": "yes",
            "criteria-danger_reason": "Amenazas", "criteria-database": "unknown",
        },
    )  # fmt: skip
    assert sent.status_code == 302
    sent_request.refresh_from_db()
    assert sent_request.assessment.is_frozen
    assert dict(sent_request.assessment.answers.values_list("question", "answer")) == {
        "danger": "yes", "database": "unknown",
    }  # fmt: skip
    shown = cell(signed_in(california_officer).get(desk(sent_request.case)).text, "danger", "Baja California")
    assert "Yes" in shown
    assert "Amenazas" in shown
    assert "Español – untranslated" in shown


@pytest.mark.django_db
def test_ended_case_takes_no_home_decision(active_case, california_officer):
    from cases import workflow

    workflow.apply(active_case, "close_as_hoax", by=california_officer)
    program = AlertProgram.objects.get(code="us-ca")
    with pytest.raises(ActRefused):
        decide_at_home(case=active_case, program=program, by=california_officer, outcome="prealert")


@pytest.mark.django_db
def test_home_decision_on_the_page_of_the_case(active_case, california_officer):
    client = signed_in(california_officer)
    address = reverse("cases:home-decision", args=[active_case.pk])
    program = AlertProgram.objects.get(code="us-ca").pk
    typed = {"nonce": NONCE, "home-program": program, "home-outcome": "not_activated", "home-reason": "criteria_age"}
    wrong = client.post(address, typed)
    assert wrong.status_code == 422
    assert_error_beside(html.fromstring(wrong.text), "home-alternative", "")
    assert client.post(address, typed | {"home-alternative": "advisory"}).status_code == 302
    page = client.get(reverse("cases:case-detail", args=[active_case.pk])).text
    for words in ("Not activated", "Criteria not met: age", "Endangered missing advisory", "Casey Officer"):
        assert words in page, words
    assert "Not activated – Criteria not met: age – Endangered missing advisory" in page  # on the timeline


@pytest.mark.django_db
def test_reason_and_alternative_stand_wherever_the_decision_shows(sent_request, california_officer, baja_coordinator):
    decide_at_home(
        case=sent_request.case, program=AlertProgram.objects.get(code="us-ca"), by=california_officer,
        outcome="not_activated", reason="criteria_age", alternative="advisory",
    )  # fmt: skip
    for reader, language, words in (
        (baja_coordinator, "es", ("No activada", "Aviso de persona desaparecida en riesgo")),
        (california_officer, "en", ("Not activated", "Criteria not met: age", "Endangered missing advisory")),
    ):
        client = signed_in(reader, language)
        for address in (
            reverse("alerts:request-detail", args=[sent_request.pk]), desk(sent_request.case),
            reverse("cases:case-detail", args=[sent_request.case_id]),
        ):  # fmt: skip
            page = client.get(address).text
            assert not [said for said in words if said not in page], (language, address)
        (row,) = client.get(f"/api/v1/cases/{sent_request.case_id}/law/").json()["home_decisions"]
        assert (row["outcome"], row["reason"], row["alternative"]) == ("not_activated", "criteria_age", "advisory")
