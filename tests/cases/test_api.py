"""Cases and facts through the API: scope, acts, repeats, refusals, constant queries."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from agencies.models import Agency, AuditEvent
from cases import workflow
from cases.choices import CaseStatus
from cases.models import Case, Child
from cases.services.files import open_case

pytestmark = pytest.mark.django_db
ANSWERS = {"alert_effect": "no_alert", "category": "FAM"}


def signed_in(user):
    client = APIClient()
    client.default_format = "json"
    client.force_login(user)
    return client


@pytest.fixture
def officer(california_officer):
    return signed_in(california_officer)


def url(name, *args):
    return reverse(f"api:{name}", args=args)


def events(action):
    return AuditEvent.objects.filter(action=action)


# Reading


def test_case_list_shows_own_cases_without_names(officer, active_case):
    answer = officer.get(url("case-list")).json()
    assert [row["id"] for row in answer["results"]] == [str(active_case.pk)]
    assert (answer["count"], answer["is_count_capped"], answer["after"]) == (1, False, "")
    assert "Zoraida" not in str(answer)
    assert answer["results"][0]["lead_agency"]["code"] == "us-ca-chp"


def test_case_list_is_recorded_as_one_read_with_all_ids(officer, california_officer, active_case):
    second = open_case(by=california_officer, agency=active_case.lead_agency)
    officer.get(url("case-list"))
    event = events("case.read").get()
    assert set(event.object_ids) == {str(active_case.pk), str(second.pk)}
    assert event.channel == "api"


def test_case_list_of_an_outsider_is_empty(active_case, quebec_coordinator, superuser):
    for user in (quebec_coordinator, superuser):
        assert signed_in(user).get(url("case-list")).json()["results"] == []


def test_case_list_pages_by_key(officer, california_officer):
    made = [open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp")) for _ in range(5)]
    seen, after = [], ""
    while True:
        page = officer.get(url("case-list"), {"limit": 2, "after": after}).json()
        seen += [row["id"] for row in page["results"]]
        after = page["after"]
        if not after:
            break
    assert seen == [str(case.pk) for case in reversed(made)]


def test_case_list_narrows_by_status(officer, california_officer, active_case):
    intake = open_case(by=california_officer, agency=active_case.lead_agency)
    narrowed = officer.get(url("case-list"), {"status": "intake"}).json()
    assert [row["id"] for row in narrowed["results"]] == [str(intake.pk)]
    both = officer.get(url("case-list"), {"status": ["intake", "active"]}).json()
    assert both["count"] == 2


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "nan_0"}, {"after": "1e99_0"}, {"after": "1_zz"}, {"status": "open"},
              {"limit": "0"}, {"limit": "many"}, {"after": "\0"}],
)  # fmt: skip
def test_case_list_refuses_a_bad_query_by_field(officer, active_case, query):
    answer = officer.get(url("case-list"), query)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)


def test_case_list_holds_a_page_to_its_largest_size(officer, california_officer, monkeypatch):
    monkeypatch.setattr("agencies.api.pages.LARGEST_PAGE", 2)
    for _ in range(3):
        open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
    assert len(officer.get(url("case-list"), {"limit": 1000}).json()["results"]) == 2


def test_case_detail_holds_the_whole_file(officer, active_case):
    file = officer.get(url("case-detail", active_case.pk)).json()
    assert file["children"][0]["given_names"] == "Zoraida"
    assert file["children"][0]["clothing"] == active_case.children.get().clothing
    assert datetime.fromisoformat(file["abduction"]["happened_at"]) == active_case.abduction.happened_at
    assert file["abduction"]["happened_at"].endswith("Z")
    assert file["abduction"]["subdivision"] == "US-CA"
    assert file["vehicles"][0]["plate"] == "7XYZ123"
    assert file["people"][0]["role"] == "suspect"
    assert file["crossing_indications"][0]["toward"] == "MX"
    kinds = [entry["kind"] for entry in file["timeline"]]
    assert kinds == ["opened", "facts_changed", "authority_recorded", "case.activate"]
    assert [step["step"] for step in file["steps"]] == ["close_as_unfounded", "close_as_hoax"]
    assert "opened_by" not in file


def test_case_detail_is_recorded_with_every_id_shown(officer, active_case):
    officer.get(url("case-detail", active_case.pk))
    event = events("case.read").get()
    assert event.case_id == active_case.pk
    assert event.ids_of("cases.case") == [str(active_case.pk)]
    assert event.ids_of("cases.abduction") == [str(active_case.abduction.pk)]
    assert event.ids_of("cases.child") == [str(active_case.children.get().pk)]


def test_case_detail_keeps_entries_inside_an_agency(sent_request, active_case, california_legal, baja_coordinator):
    from cases.services.opinions import record_opinion

    record_opinion(case=active_case, by=california_legal, opinion="in_favor", grounds="Secret grounds")
    own = signed_in(california_legal).get(url("case-detail", active_case.pk)).json()
    other = signed_in(baja_coordinator).get(url("case-detail", active_case.pk)).json()
    assert "legalreview.give" in [entry["kind"] for entry in own["timeline"]]
    assert "legalreview.give" not in [entry["kind"] for entry in other["timeline"]]
    assert other["steps"] == []


# Acts


def test_case_is_opened_filled_and_activated(officer):
    opened = officer.post(url("case-list"), {"agency_reference": "F-1"})
    assert opened.status_code == 201
    case = opened.json()
    assert (case["status"], case["lead_agency"]["code"], case["agency_reference"]) == ("intake", "us-ca-chp", "F-1")
    child = officer.post(
        url("case-children", case["id"]),
        {"given_names": "Zoraida", "sex": "F", "age_years": 7, "clothing": [{"item": "shorts", "colors": ["red"]}]},
    )
    assert child.status_code == 201, child.json()
    assert child.json()["changed"] == [
        "child.given_names", "child.sex", "child.age_years", "child.clothing",
    ]  # fmt: skip
    assert "Zoraida" not in child.content.decode()
    person = officer.post(url("case-people", case["id"]), {"role": "abductor", "hair": "BLK"})
    vehicle = officer.post(url("case-vehicles", case["id"]), {"plate": " 7xyz 123 ", "plate_issuer": "US-CA"})
    crossing = officer.post(url("case-crossing-indications", case["id"]), {"toward": "MX"})
    assert [item.status_code for item in (person, vehicle, crossing)] == [201, 201, 201]
    activated = officer.post(url("case-activate", case["id"]))
    assert (activated.status_code, activated.json()["status"]) == (200, "active")
    file = officer.get(url("case-detail", case["id"])).json()
    assert file["vehicles"][0]["plate"] == "7XYZ 123"
    assert file["destination_country"] == "MX"
    assert file["facts_version"] == 5


def test_case_steps_run_through_the_workflow(officer, active_case):
    answer = officer.post(url("case-close-as-hoax", active_case.pk), ANSWERS)
    assert answer.json()["status"] == "hoax"
    assert events("case.close_as_hoax").exists()


def test_case_is_closed_with_its_answers_and_reopened(officer, active_case):
    for missing in ANSWERS:
        answer = officer.post(
            url("case-close-as-hoax", active_case.pk), {k: v for k, v in ANSWERS.items() if k != missing}
        )
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {missing})
    refused = officer.post(url("case-close", active_case.pk), {**ANSWERS, "reason": "hoax"})
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"reason"})
    assert officer.post(url("case-close", active_case.pk), {**ANSWERS, "reason": "found_safe"}).status_code == 409
    officer.post(url("case-close-as-unfounded", active_case.pk), ANSWERS)
    file = officer.get(url("case-detail", active_case.pk)).json()
    assert [closure["reason"] for closure in file["closures"]] == ["unfounded"]
    assert "reopen" in [step["step"] for step in file["steps"]]
    foreign = officer.post(
        url("case-reopen", active_case.pk), {"reason": "new_facts", "children": [str(active_case.pk)]}
    )
    assert (foreign.status_code, set(foreign.json()["errors"])) == (400, {"children"})
    again = officer.post(url("case-reopen", active_case.pk), {"reason": "new_facts"})
    assert (again.status_code, again.json()["status"]) == (200, "active")


@pytest.mark.parametrize("role", ["staff", "legal_advisor"])
def test_opening_a_case_needs_the_right(make_user, role):
    user = make_user(f"{role}@california.example", "us-ca-chp", role)
    answer = signed_in(user).post(url("case-list"), {"is_exercise": "perhaps"})
    assert answer.status_code == 404
    assert not Case.objects.exists()


def test_opening_a_case_for_another_agency_looks_like_an_unknown_one(officer):
    foreign = officer.post(url("case-list"), {"agency": "mx-bcn-amber"})
    unknown = officer.post(url("case-list"), {"agency": "no-such-desk"})
    assert (foreign.status_code, unknown.status_code) == (400, 400)
    assert foreign.content.replace(b"mx-bcn-amber", b"") == unknown.content.replace(b"no-such-desk", b"")
    assert not Case.objects.exists()


@pytest.mark.parametrize("agency", ["a\0b", "é", 7, None, ["us-ca-chp"], {"code": "us-ca-chp"}, "x" * 500])
def test_a_code_that_cannot_be_one_is_refused_before_the_database(officer, agency):
    assert officer.post(url("case-list"), {"agency": agency}).status_code == 400


def test_illegal_step_answers_409_with_the_steps_of_this_person(officer, active_case):
    answer = officer.post(url("case-activate", active_case.pk))
    body = answer.json()
    assert (answer.status_code, body["code"], body["state"]) == (409, "step_not_possible", "Active")
    assert {step["step"] for step in body["allowed"]} == {
        "report_located", "close_as_unfounded", "close_as_hoax",
    }  # fmt: skip
    assert answer["Content-Type"] == "application/problem+json"


def test_refusals_speak_the_readers_language(make_user, active_case):
    french = make_user("fr.officer@california.example", "us-ca-chp", "duty_officer", "fr")
    answer = signed_in(french).post(url("case-activate", active_case.pk))
    with translation.override("fr"):
        labels = {step.name: str(step.label) for step in workflow.CASE.steps}
    assert {step["step"]: step["label"] for step in answer.json()["allowed"]}.items() <= labels.items()
    assert answer["Content-Language"] == "fr"
    wrong = signed_in(french).patch(url("child-detail", active_case.children.get().pk), {"version": "x"})
    assert wrong.json()["errors"]["version"] == ["Un nombre entier valide est requis."]


def test_guard_of_a_step_answers_409_and_changes_nothing(officer, california_officer):
    case = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
    answer = officer.post(url("case-activate", case.pk))
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    case.refresh_from_db()
    assert case.status == CaseStatus.INTAKE
    assert events("request.refused").exists()


def test_refusal_undoes_whatever_the_request_wrote(officer, active_case, monkeypatch):
    from agencies.refusals import ActRefused
    from cases.api import views

    def writes_then_refuses(case, name, **_keywords):
        Case.objects.filter(pk=case.pk).update(agency_reference="half done")
        raise ActRefused("No.")

    monkeypatch.setattr(views.workflow, "apply", writes_then_refuses)
    assert officer.post(url("case-resume-search", active_case.pk)).status_code == 409
    active_case.refresh_from_db()
    assert active_case.agency_reference == ""


# Repeats


def test_repeat_under_a_key_gets_the_first_answer(officer):
    key = {"Idempotency-Key": "k-1"}
    first = officer.post(url("case-list"), {"agency_reference": "A"}, headers=key)
    again = officer.post(url("case-list"), {"agency_reference": "A"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_key_with_another_body_is_refused(officer):
    key = {"Idempotency-Key": "k-1"}
    officer.post(url("case-list"), {"agency_reference": "A"}, headers=key)
    other = officer.post(url("case-list"), {"agency_reference": "B"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert Case.objects.count() == 1


def test_key_belongs_to_one_person_and_one_act(officer, california_coordinator, active_case):
    key = {"Idempotency-Key": "k-1"}
    assert officer.post(url("case-close-as-hoax", active_case.pk), ANSWERS, headers=key).status_code == 200
    assert officer.post(url("case-list"), headers=key).status_code == 201
    other = signed_in(california_coordinator).post(url("case-list"), headers=key)
    assert "Idempotency-Replayed" not in other
    assert Case.objects.count() == 3


def test_refused_act_may_be_tried_again_under_its_key(officer, california_officer):
    case = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
    key = {"Idempotency-Key": "k-1"}
    assert officer.post(url("case-activate", case.pk), headers=key).status_code == 409
    officer.post(url("case-children", case.pk), {"given_names": "Zoraida"})
    assert officer.post(url("case-activate", case.pk), headers=key).status_code == 200
    assert officer.post(url("case-activate", case.pk), headers=key)["Idempotency-Replayed"] == "true"


def test_what_is_kept_for_a_repeat_describes_nobody(officer, active_case):
    from agencies.models import SubmittedAct

    body = {"given_names": "Ermenegilda", "version": active_case.facts_version}
    key = {"Idempotency-Key": "k-1"}
    officer.patch(url("child-detail", active_case.children.get().pk), body, headers=key)
    again = officer.patch(url("child-detail", active_case.children.get().pk), body, headers=key)
    assert again["Idempotency-Replayed"] == "true"
    assert "Ermenegilda" not in str(SubmittedAct.objects.values_list("result", "fingerprint", "key", "action"))


def test_repeat_is_not_answered_after_the_access_ended(officer, california_officer, active_case):
    from agencies.services import end_membership

    key = {"Idempotency-Key": "k-1"}
    assert officer.post(url("case-close-as-hoax", active_case.pk), ANSWERS, headers=key).status_code == 200
    end_membership(membership=california_officer.memberships.get(), by=None)
    assert officer.post(url("case-close-as-hoax", active_case.pk), ANSWERS, headers=key).status_code == 404


@pytest.mark.parametrize("key", ["", "k" * 81, "clé"])
def test_unusable_key_is_refused(officer, key):
    answer = officer.post(url("case-list"), HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert not Case.objects.exists()


# Constant queries


def count(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_case_list_takes_as_many_queries_for_30_rows_as_for_3(officer, california_officer):
    agency = Agency.objects.get(code="us-ca-chp")
    officer.get(url("case-list"))
    for _ in range(3):
        open_case(by=california_officer, agency=agency)
    few = count(officer, url("case-list"))
    for _ in range(27):
        open_case(by=california_officer, agency=agency)
    assert count(officer, url("case-list")) == few


def test_case_detail_takes_as_many_queries_for_30_children_as_for_3(officer, active_case):
    address = url("case-detail", active_case.pk)
    officer.get(address)
    Child.objects.bulk_create(Child(case=active_case) for _ in range(2))
    few = count(officer, address)
    Child.objects.bulk_create(Child(case=active_case) for _ in range(27))
    for _ in range(10):
        workflow.note(active_case, "facts_changed", by=active_case.opened_by, agency=active_case.lead_agency)
    assert count(officer, address) == few
    assert len(officer.get(address).json()["children"]) == 30
