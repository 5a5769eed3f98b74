"""What is recorded of an alert outside the portal is corrected and renewed; nothing is written over (U8, U12)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram, AuditEvent, CriteriaVersion
from agencies.refusals import ActRefused, NotPermitted
from alerts.desk_items import what_needs
from alerts.models import Delivery, Duty, Notice, OutsideActivation, OutsideAnswer, OutsideChange
from alerts.services import outside, outside_changes, outside_terms, renewals, request_endings, requests
from tests.alerts.test_api import ok, url
from tests.alerts.test_api import signed_in as api_client
from tests.alerts.test_outside import own_alert, told
from tests.alerts.test_single_officer import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(accepted_request: Any, baja_coordinator: Any) -> Any:
    """The request, activated by Baja California in its own system for twenty hours."""
    CriteriaVersion.objects.filter(program=accepted_request.program).update(
        min_duration_hours=None, max_duration_hours=48, is_renewable=True, max_total_hours=72, renewal_deadline_hours=1
    )
    outside.record_activation(request=accepted_request, by=baja_coordinator, alert=own_alert())
    accepted_request.refresh_from_db()
    return accepted_request


@pytest.fixture
def told_running(active_case: Any, california_officer: Any) -> Any:
    """The same of New Mexico, whose program has nobody in the portal."""
    request = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="us-nm"), by=california_officer
    )
    outside.record_activation(request=request, by=california_officer, alert=own_alert(), informant=told())
    request.refresh_from_db()
    return request


def correct(request: Any, by: Any, **changes: Any) -> OutsideActivation:
    """Correct the number, or what is named."""
    kept = {name: getattr(request.outside_activation, name) for name in outside_changes.CORRECTABLE}
    given = {"reason": "recorded_wrongly", "seen_version": 1, "informant": None}
    said = {name: changes.pop(name, value) for name, value in given.items()}
    alert = outside.OutsideAlert(**kept | (changes or {"number": "BC-2026-10"}))
    return outside_changes.correct(request=request, by=by, alert=alert, **said)


def renew(request: Any, by: Any, hours: float = 30, **changes: Any) -> OutsideActivation:
    """Renew until so many hours from now."""
    given = {"reason": "child_still_missing", "seen_version": 1, **changes}
    end = timezone.now() + timedelta(hours=hours)
    return outside_changes.renew(request=request, by=by, expires_at=end, **given)


# Correcting


def test_correction_keeps_the_earlier_version_with_author_and_time(running: Any, baja_coordinator: Any, baja_approver):
    before = OutsideActivation.objects.get()
    start = timezone.now() - timedelta(hours=2)
    correct(running, baja_approver, number="BC-2026-10", area="Tijuana y Tecate", starts_at=start)
    now, kept = OutsideActivation.objects.get(), OutsideChange.objects.get()
    assert (now.number, now.area, now.version, now.recorded_by) == ("BC-2026-10", "Tijuana y Tecate", 2, baja_approver)
    assert (kept.number, kept.area, kept.version, kept.correction) == ("BC-2026-9", "Tijuana", 1, "recorded_wrongly")
    assert (kept.recorded_by, kept.recorded_at, kept.starts_at) == (
        baja_coordinator, before.recorded_at, before.starts_at
    )  # fmt: skip
    running.refresh_from_db()
    assert (running.activated_at, running.status) == (start, "activated_outside")
    event = running.case.events.get(kind="request.correct_outside")
    assert event.detail == {"fields": ["area", "number", "starts_at"], "reason": "recorded_wrongly"}
    assert AuditEvent.objects.filter(action="request.correct_outside").count() == 1


def test_database_keeps_earlier_versions(running: Any, baja_coordinator: Any):
    correct(running, baja_coordinator)
    for change in (OutsideChange.objects.all().delete, lambda: OutsideChange.objects.update(number="X")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()


def test_requester_and_programs_on_the_case_are_told_by_reference(
    running: Any, baja_coordinator: Any, california_officer: Any, quebec_coordinator: Any
):
    requests.send_request(
        case=running.case, program=AlertProgram.objects.get(code="ca-qc"), by=california_officer
    )  # fmt: skip
    correct(running, baja_coordinator)
    to = dict(Delivery.objects.filter(notice__kind="outside_corrected").values_list("user__email", "notice__request"))
    assert to[california_officer.email] == running.pk
    assert to[quebec_coordinator.email] is None, "another program hears of the case, not of the request"
    assert baja_coordinator.email not in to
    assert not Notice.objects.filter(kind="outside_renewed").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "needs a reason"), ({"number": "BC-2026-9"}, "would change"), ({"number": " "}, "number"),
        ({"starts_at": timezone.now() + timedelta(days=9)}, "has started"), ({"seen_version": 3}, "meanwhile"),
    ],
)  # fmt: skip
def test_correction_that_lacks_something_is_refused(
    changes: dict[str, Any], words: str, running: Any, baja_coordinator: Any
):
    with refused(words):
        correct(running, baja_coordinator, **changes)
    assert (OutsideActivation.objects.get().version, OutsideChange.objects.count()) == (1, 0)


@pytest.mark.parametrize("who", ["california_officer", "quebec_coordinator", "baja_staff", "california_legal"])
def test_only_the_side_that_records_changes_it(who: str, running: Any, request: Any):
    person = request.getfixturevalue(who)
    for act in (correct, renew):
        with pytest.raises(NotPermitted):
            act(running, person, informant=told())
    assert OutsideActivation.objects.get().version == 1


def test_what_has_ended_is_not_changed(running: Any, baja_coordinator: Any):
    OutsideActivation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert request_endings.expire_outside_due() == 1
    for act in (correct, renew):
        with refused("An alert that has ended"):
            act(running, baja_coordinator)
    assert not OutsideChange.objects.exists()


def test_asking_side_corrects_what_it_was_told_and_by_whom(told_running: Any, california_officer: Any):
    with pytest.raises(ActRefused):
        correct(told_running, california_officer)
    correct(told_running, california_officer, number="NM-8", informant=told(name="Sgt. Vigil"))
    answer = OutsideAnswer.objects.get(step="correct_outside")
    assert (answer.name, OutsideActivation.objects.get().number) == ("Sgt. Vigil", "NM-8")


# Renewing


def test_renewal_within_the_limits_moves_the_end(running: Any, baja_coordinator: Any):
    earlier = OutsideActivation.objects.get().expires_at
    renew(running, baja_coordinator, 40)
    now, kept = OutsideActivation.objects.get(), OutsideChange.objects.get()
    assert now.expires_at - timezone.now() > timedelta(hours=39)
    assert (kept.expires_at, kept.renewal, kept.correction) == (earlier, "child_still_missing", "")
    assert Notice.objects.filter(kind="outside_renewed", request=running).exists()
    assert request_endings.expire_outside_due() == 0


@pytest.mark.parametrize(
    ("rules", "hours", "words"),
    [
        ({"is_renewable": False}, 30, "cannot be renewed"), ({"max_duration_hours": 24}, 30, "from 1 to 24 hours"),
        ({"max_total_hours": 24}, 23.95, "at most 24 hours"), ({"renewal_deadline_hours": 21}, 30, "until 21 h before"),
        ({}, 10, "later than the present"), ({"max_total_hours": 20}, 40, "longest total"),
    ],
)  # fmt: skip
def test_renewal_past_a_limit_of_the_programs_version_is_refused(
    rules: dict[str, Any], hours: float, words: str, running: Any, baja_coordinator: Any
):
    CriteriaVersion.objects.filter(program=running.program).update(**rules)
    with refused(words):
        renew(running, baja_coordinator, hours)
    assert OutsideActivation.objects.get().version == 1


def test_renewal_in_time_counts_though_the_program_writes_it_down_late(running: Any, baja_coordinator: Any):
    CriteriaVersion.objects.filter(program=running.program).update(renewal_deadline_hours=20)
    with refused("until 20 h before"):
        renew(running, baja_coordinator)
    for moment in (timezone.now() + timedelta(minutes=5), running.outside_activation.starts_at - timedelta(minutes=1)):
        with refused("between the start of the alert and now"):
            renew(running, baja_coordinator, renewed_at=moment)
    in_time = running.outside_activation.starts_at
    assert renew(running, baja_coordinator, 20.5, renewed_at=in_time).version == 2


def test_correcting_the_number_leaves_the_very_moment_of_the_start(client: Client, running: Any, baja_coordinator: Any):
    start = timezone.now().replace(second=20, microsecond=7) - timedelta(minutes=2)
    OutsideActivation.objects.update(starts_at=start)
    client.force_login(baja_coordinator)
    address, form = page_of(client, running, "correct")
    form |= {"outside-number": "BC-2026-11", "outside-reason": "recorded_wrongly"}
    assert client.post(address, form).status_code == 302
    assert OutsideActivation.objects.get().starts_at == start


def test_renewal_needs_a_reason_and_an_end(running: Any, baja_coordinator: Any):
    with refused("needs a reason"):
        renew(running, baja_coordinator, reason="")
    OutsideActivation.objects.update(expires_at=None)
    with refused("until it is canceled"):
        renew(running, baja_coordinator)


def test_limits_are_those_of_the_version_in_force_when_it_was_recorded(running: Any, baja_coordinator: Any):
    own = OutsideActivation.objects.get().criteria
    assert own == CriteriaVersion.ruling_for(running.program)
    OutsideActivation.objects.update(criteria=None)
    assert outside_changes.rules_for_outside(OutsideActivation.objects.get()).max_total_hours == 72


def test_answer_in_time_counts_though_it_is_written_down_late(told_running: Any, california_officer: Any):
    """The call came before the deadline; the officer writes it down an hour later."""
    CriteriaVersion.objects.filter(program=told_running.program).update(
        min_duration_hours=None, max_duration_hours=None, max_total_hours=None, is_renewable=True,
        renewal_deadline_hours=1,
    )  # fmt: skip
    now = timezone.now()
    OutsideActivation.objects.update(expires_at=now + timedelta(minutes=30), criteria=None)
    type(told_running).objects.filter(pk=told_running.pk).update(sent_at=now - timedelta(hours=3))
    told_running.refresh_from_db()
    with refused("until 1 h before"):
        renew(told_running, california_officer, informant=told())
    renew(told_running, california_officer, informant=told(answered_at=now - timedelta(hours=1)))
    assert OutsideAnswer.objects.filter(step="renew_outside").count() == 1


# The question of the term


def test_program_is_asked_before_the_end_and_anew_before_the_new_one(running: Any, baja_coordinator: Any):
    assert outside_terms.leave_outside_term_duties() == 0
    OutsideActivation.objects.update(expires_at=timezone.now() + timedelta(minutes=100))
    assert outside_terms.leave_outside_term_duties() == 1
    assert outside_terms.leave_outside_term_duties() == 0
    duty = Duty.objects.open().get(kind="decide_term")
    assert (duty.request, duty.alert) == (running, None)
    assert Notice.objects.filter(kind="term_ending", request=running).count() == 1
    assert {item.kind for item in what_needs(baja_coordinator)} >= {"duty", "expiring_outside"}
    renew(running, baja_coordinator, 30)
    duty.refresh_from_db()
    assert (duty.status, duty.outcome, duty.discharged_by) == ("discharged", "done", baja_coordinator)
    assert "expiring_outside" not in {item.kind for item in what_needs(baja_coordinator)}
    OutsideActivation.objects.update(expires_at=timezone.now() + timedelta(minutes=90))
    assert outside_terms.leave_outside_term_duties() == 1


def test_letting_it_expire_answers_the_question(running: Any, baja_coordinator: Any):
    OutsideActivation.objects.update(expires_at=timezone.now() + timedelta(minutes=100))
    outside_terms.leave_outside_term_duties()
    renewals.let_expire(duty=Duty.objects.open().get(kind="decide_term"), by=baja_coordinator)
    assert outside_terms.leave_outside_term_duties() == 0


def test_for_a_program_without_people_the_asking_side_is_told(told_running: Any, california_officer: Any):
    OutsideActivation.objects.update(expires_at=timezone.now() + timedelta(minutes=80))
    outside_terms.leave_outside_term_duties()
    to = Delivery.objects.filter(notice__kind="term_ending").values_list("user__email", flat=True)
    assert california_officer.email in to
    assert [item.reference for item in what_needs(california_officer) if item.kind == "outside_answer"]
    OutsideActivation.objects.update(criteria=None)
    CriteriaVersion.objects.filter(program=told_running.program).update(is_renewable=True, renewal_deadline_hours=None)
    renew(told_running, california_officer, 20, informant=told())
    assert Duty.objects.get(kind="decide_term").status == "superseded"


# Pages and API


def page_of(client: Client, request: Any, name: str) -> tuple[str, dict[str, Any]]:
    """Return the address of a page and what a browser sends back from it untouched."""
    address = reverse(f"alerts:request-outside-{name}", args=[request.pk])
    shown = client.get(address)
    assert shown.status_code == 200
    state, form = shown.context["state"], {}
    for field, values in state.base.items():
        form[field] = values if len(values) > 1 or field.endswith("channels") else values[0]
    return address, {**form, "version": str(state.version), "base": state.base_as_json, "nonce": f"n-{name}"}


def test_page_corrects_and_shows_both_versions_to_both_sides(
    client: Client, running: Any, baja_coordinator: Any, california_officer: Any
):
    client.force_login(baja_coordinator)
    address, form = page_of(client, running, "correct")
    form["outside-number"] = "BC-2026-10"
    wrong = client.post(address, form)
    assert wrong.status_code == 422 and 'value="BC-2026-10"' in wrong.text
    form["outside-reason"] = "number_later"
    for _again in range(2):  # twice is once
        assert client.post(address, form).status_code == 302
    assert OutsideChange.objects.count() == 1
    for person, words in ((baja_coordinator, "El número se asignó después"), (california_officer, "assigned later")):
        client.force_login(person)
        text = client.get(reverse("alerts:request-detail", args=[running.pk])).text
        assert "<del>BC-2026-9</del>" in text and "<ins>BC-2026-10</ins>" in text and words in text
    assert "Correct what is recorded" not in text, "the requester does not correct it"


def test_what_a_colleague_changed_comes_back_with_both_values(
    client: Client, running: Any, baja_coordinator: Any, baja_approver: Any
):
    client.force_login(baja_coordinator)
    address, form = page_of(client, running, "correct")
    correct(running, baja_approver, number="BC-77", area="Tecate")
    form |= {"outside-number": "BC-88", "outside-reason": "recorded_wrongly"}
    page = client.post(address, form)
    assert page.status_code == 422
    assert "BC-77" in page.text and "BC-88" in page.text and baja_approver.full_name in page.text
    assert OutsideActivation.objects.get().number == "BC-77"
    form |= {"outside-area": page.context["form"]["area"].value(), "base": page.context["state"].base_as_json}
    chosen = {**form, "conflict": "outside-number", "choose-outside-number": "mine"}
    assert client.post(address, chosen).status_code == 302
    now = OutsideActivation.objects.get()
    assert (now.number, now.area, now.version) == ("BC-88", "Tecate", 3), "what only the colleague changed stays"


def test_save_without_its_beginning_over_a_newer_version_is_refused(
    client: Client, running: Any, baja_coordinator: Any, baja_approver: Any
):
    client.force_login(baja_coordinator)
    address, form = page_of(client, running, "renew")
    correct(running, baja_approver)
    later = timezone.localtime(timezone.now() + timedelta(hours=30), ZoneInfo("America/Tijuana"))
    form |= {"outside-expires_at": f"{later:%Y-%m-%dT%H:%M}", "outside-reason": "new_information"}
    del form["base"]
    assert client.post(address, form).status_code == 409
    assert OutsideActivation.objects.get().version == 2


def test_page_renews_and_says_why_it_cannot(client: Client, running: Any, baja_coordinator: Any):
    client.force_login(baja_coordinator)
    address, form = page_of(client, running, "renew")
    form |= {"outside-reason": "child_still_missing"}
    assert client.post(address, form).status_code == 422, "the end is the present one"
    later = timezone.localtime(timezone.now() + timedelta(hours=30), ZoneInfo("America/Tijuana"))
    form |= {"outside-expires_at": f"{later:%Y-%m-%dT%H:%M}"}
    assert client.post(address, form).status_code == 302
    assert OutsideChange.objects.get().renewal == "child_still_missing"
    CriteriaVersion.objects.filter(program=running.program).update(is_renewable=False)
    detail = client.get(reverse("alerts:request-detail", args=[running.pk])).text
    assert "Las alertas de este programa no pueden renovarse." in detail
    assert reverse("alerts:request-outside-renew", args=[running.pk]) not in detail


def test_pages_are_not_there_for_others_and_not_before_the_activation(
    client: Client, running: Any, california_officer: Any, quebec_coordinator: Any
):
    for person in (california_officer, quebec_coordinator):
        client.force_login(person)
        for name in ("correct", "renew"):
            address = reverse(f"alerts:request-outside-{name}", args=[running.pk])
            assert (client.get(address).status_code, client.post(address, {}).status_code) == (404, 404)


def test_api_corrects_renews_and_shows_the_versions(running: Any, baja_coordinator: Any, california_officer: Any):
    client = api_client(baja_coordinator)
    body = {"number": "BC-2026-10", "reason": "recorded_wrongly", "version": 1}
    assert client.post(url("request-outside-correction", running.pk), {**body, "reason": "x"}).status_code == 400
    ok(client.post(url("request-outside-correction", running.pk), body))
    late = client.post(url("request-outside-correction", running.pk), {**body, "number": "BC-11"})
    assert late.status_code == 409 and "BC-2026-10" in late.content.decode() and "BC-11" in late.content.decode()
    merged = {"area": "Tecate", "reason": "area_changed", "version": 1, "base": {"area": "Tijuana"}}
    ok(client.post(url("request-outside-correction", running.pk), merged))
    end = (timezone.now() + timedelta(hours=30)).isoformat()
    ok(client.post(url("request-outside-renewal", running.pk), {"expires_at": end, "reason": "new_area", "version": 3}))
    far = (timezone.now() + timedelta(hours=60)).isoformat()
    again = {"expires_at": far, "reason": "new_area", "version": 4}
    assert client.post(url("request-outside-renewal", running.pk), again).status_code == 409
    read = ok(api_client(california_officer).get(url("request-exchange", running.pk)))
    assert (read["outside_activation"]["number"], read["outside_activation"]["version"]) == ("BC-2026-10", 4)
    assert [(row["version"], row["correction"], row["renewal"]) for row in read["outside_changes"]] == [
        (3, "", "new_area"), (2, "area_changed", ""), (1, "recorded_wrongly", ""),
    ]  # fmt: skip
    assert json.dumps(read).count("BC-2026-9") == 1
