"""One officer on duty: approvers are asked by a link that grants nothing; when none answers, one may go alone (U9)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram, CriteriaVersion, Membership
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import alert_guards, delivery
from alerts.desk_items import what_needs
from alerts.gathering import content_hash
from alerts.models import Alert, ApprovalCall, Delivery, Duty
from alerts.services import approval_calls, approvals, drafts, issuing, single_officer
from alerts.services.discharge import discharge
from tests.alerts.test_approvals import edited
from tests.alerts.test_duties import signed_in
from tests.project.returned_forms import NONCE
from tests.reading import as_read

pytestmark = pytest.mark.django_db
REASON = "Llamé tres veces al número de guardia; nadie contestó."


@contextmanager
def refused(words: str) -> Iterator[None]:
    """Expect a refusal that says these words."""
    with pytest.raises(ActRefused) as refusal:
        yield
    assert words in str(refusal.value.message)


@pytest.fixture
def alone(make_user: Any) -> Any:
    """The one duty officer of Baja California at night; reads Spanish."""
    return make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")


@pytest.fixture
def submitted(draft_alert: Alert, recipient: Any, alone: Any, baja_approver: Any) -> Alert:
    """The alert, submitted by that officer; the program allows single-officer activation, an approver is on call."""
    AlertProgram.objects.filter(pk=draft_alert.program_id).update(single_officer_activation=True)
    Membership.objects.filter(user=baja_approver).update(is_on_call=True)
    drafts.submit(alert=draft_alert, by=alone)
    draft_alert.refresh_from_db()
    return draft_alert


def overdue(alert: Alert) -> Alert:
    """Let the time to answer pass."""
    past = timezone.now() - timedelta(seconds=1)
    ApprovalCall.objects.filter(alert=alert).update(due_at=past)
    return alert


def go(alert: Alert, by: Any, **kwargs: Any) -> Any:
    """Activate alone what is there now."""
    given = {"reason": REASON, "seen_hash": content_hash(alert), "typed_words_read": True, **kwargs}
    return single_officer.activate_alone(alert=alert, by=by, **given)


def test_submitting_asks_the_approvers_on_call(submitted: Alert, alone: Any, baja_coordinator: Any, baja_approver: Any):
    call = submitted.approval_calls.get()
    assert (call.asked, call.is_on_call, call.asked_by) == ([baja_approver.pk], True, alone)
    assert (call.due_at - call.created_at) <= timedelta(minutes=10, seconds=5)
    told = set(Delivery.objects.filter(notice__kind="approval_wanted").values_list("user__email", flat=True))
    assert told == {baja_approver.email}, "the coordinator wrote it and could not approve"


def test_without_anybody_on_call_every_approver_is_asked(draft_alert: Alert, baja_coordinator: Any, baja_approver: Any):
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    call = draft_alert.approval_calls.get()
    assert (call.asked, call.is_on_call) == ([baja_approver.pk], False)


def test_time_to_answer_is_the_programs_own(draft_alert: Alert, alone: Any, baja_approver: Any):
    CriteriaVersion.objects.filter(program=draft_alert.program).update(single_officer_after_minutes=25)
    drafts.submit(alert=draft_alert, by=alone)
    call = draft_alert.approval_calls.get()
    assert timedelta(minutes=24) < call.due_at - call.created_at <= timedelta(minutes=25, seconds=5)


def test_officer_alone_says_to_have_read_the_typed_words(submitted: Alert, alone: Any, baja_approver: Any):
    submitted.texts.filter(language="es").update(source="edited")
    with refused("Español"):
        go(overdue(submitted), alone, typed_words_read=False)
    page = signed_in(alone)
    address = reverse("alerts:alert-alone", args=[submitted.pk])
    assert 'name="typed_words_read"' in page.get(address).text
    body = {"nonce": NONCE, "content_hash": content_hash(submitted), "alone-reason": REASON}
    unread = page.post(address, body)
    assert unread.status_code == 422 and REASON in unread.text and "Español" in unread.text, "what was typed comes back"
    hasty = page.post(address, {**body, "alone-reason": "", "typed_words_read": "1"})
    assert hasty.status_code == 422 and 'name="typed_words_read" value="1" checked' in hasty.text
    assert page.post(address, {**body, "typed_words_read": "1"}).status_code == 302
    kept = submitted.texts.get(language="es")
    assert (kept.typed_read_by, kept.typed_read_at is None) == (alone, False)


def test_one_officer_activates_when_nobody_answers(
    submitted: Alert, alone: Any, baja_approver: Any, baja_coordinator: Any, california_officer: Any
):
    go(overdue(submitted), alone)
    submitted.refresh_from_db()
    assert (submitted.status, submitted.exception, submitted.exception_reason) == ("active", "single_officer", REASON)
    assert (submitted.approved_by, submitted.exception_by, submitted.exception_language) == (None, alone, "en")
    bases = dict(submitted.texts.values_list("language", "approval_basis"))
    assert bases == {"es": "read", "en": "composed", "fr": "composed"}
    assert approvals.is_as_approved(submitted)
    assert submitted.messages.count() == 1 and submitted.request.status == "activated"
    supervisors = set(Delivery.objects.filter(notice__kind="single_officer").values_list("user__email", flat=True))
    assert supervisors == {baja_approver.email, baja_coordinator.email}
    # Marked for everybody on the case: page, list on the case, timeline, API.
    client = signed_in(california_officer)
    assert "Activated by a single officer" in client.get(f"/desk/alerts/{submitted.pk}/").text
    case_page = client.get(f"/cases/{submitted.case_id}/").text
    assert "Alert activated by a single officer" in case_page and "Activated by a single officer" in case_page
    assert client.get(f"/api/v1/alerts/{submitted.pk}/").json()["exception"] == "single_officer"
    assert REASON not in client.get(f"/desk/alerts/{submitted.pk}/").text, "the reason is the program's own"
    assert REASON in signed_in(baja_approver).get(f"/desk/alerts/{submitted.pk}/").text


def test_sheet_of_the_request_names_the_alert_and_how_it_began(submitted: Alert, alone: Any):
    from alerts.sheet_content import request_sheet

    request = submitted.request
    assert submitted.number not in str(request_sheet(request, "es", alone).sections[0])
    go(overdue(submitted), alone)
    request.refresh_from_db()
    said = str(request_sheet(request, "es", alone).sections[0])
    assert f"{submitted.number} – Activada por una sola persona" in said


def test_it_stays_on_the_desk_until_another_supervisor_reviews_it(
    submitted: Alert, alone: Any, baja_approver: Any, make_user: Any
):
    go(overdue(submitted), alone)
    duty = Duty.objects.get(kind="review_single_officer")
    page = signed_in(baja_approver).get("/desk/").text
    assert f"/desk/duties/{duty.pk}/" in page
    with pytest.raises(NotPermitted):
        discharge(duty=duty, by=alone, outcome="done")
    issuing.cancel(alert=submitted, by=alone, reason="found")
    duty.refresh_from_db()
    assert duty.status == "open", "the review outlives the alert"
    assert REASON in signed_in(baja_approver).get(duty.url).text
    discharge(duty=duty, by=baja_approver, outcome="done")
    assert baja_approver.full_name in signed_in(baja_approver).get(f"/desk/alerts/{submitted.pk}/").text


def test_supervisor_does_not_review_their_own_activation(
    draft_alert: Alert, baja_coordinator: Any, baja_approver: Any, recipient: Any
):
    AlertProgram.objects.filter(pk=draft_alert.program_id).update(single_officer_activation=True)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    draft_alert.refresh_from_db()
    go(overdue(draft_alert), baja_coordinator)
    duty = Duty.objects.get(kind="review_single_officer")
    assert f"/desk/duties/{duty.pk}/" not in signed_in(baja_coordinator).get("/desk/").text
    with pytest.raises(NotPermitted):
        discharge(duty=duty, by=baja_coordinator, outcome="done")
    discharge(duty=duty, by=baja_approver, outcome="done")


def test_desk_of_the_submitter_says_that_nobody_has_answered(submitted: Alert, alone: Any, baja_coordinator: Any):
    def kinds(person: Any) -> list[str]:
        return [item.kind for item in what_needs(person)]

    assert "unanswered" not in kinds(alone)
    overdue(submitted)
    assert "unanswered" in kinds(alone) and "unanswered" not in kinds(baja_coordinator)
    approval_calls.ask_again(alert=submitted, by=alone)
    assert "unanswered" not in kinds(alone)


def test_program_may_switch_it_off(submitted: Alert, alone: Any):
    AlertProgram.objects.filter(pk=submitted.program_id).update(single_officer_activation=False)
    with refused("does not allow"):
        go(overdue(submitted), alone)
    assert Alert.objects.get().status == "submitted"


def test_not_before_the_time_is_over(submitted: Alert, alone: Any):
    with refused("time to answer"):
        go(submitted, alone)
    assert not single_officer.is_possible(submitted, alone)


def test_not_when_an_approver_has_answered(submitted: Alert, alone: Any, baja_approver: Any):
    approval_calls.refuse(alert=submitted, by=baja_approver, reason="Falta la placa.")
    with refused("has answered"):
        go(overdue(submitted), alone)
    page = signed_in(alone).get(f"/desk/alerts/{submitted.pk}/").text
    assert "Falta la placa." in page and baja_approver.full_name in page
    assert reverse("alerts:alert-alone", args=[submitted.pk]) not in page
    again = approval_calls.ask_again(alert=submitted, by=alone)
    assert again.answered_at is None and alert_guards.last_call(submitted) == again
    with refused("has answered"):  # of the very same words
        go(overdue(submitted), alone)
    drafts.revise(alert=submitted, by=alone)
    drafts.submit(alert=submitted, by=alone)
    submitted.refresh_from_db()
    with refused("has answered"):
        go(overdue(submitted), alone)


def test_approval_of_one_of_two_required_languages_is_an_answer(submitted: Alert, alone: Any, baja_approver: Any):
    AlertProgram.objects.filter(pk=submitted.program_id).update(languages_required=["es", "en"])
    approvals.approve(alert=submitted, by=baja_approver, seen_hash=content_hash(submitted))
    assert submitted.approval_calls.get().answered_by == baja_approver
    with refused("has answered"):
        go(overdue(submitted), alone)


def test_state_is_looked_at_under_the_lock(submitted: Alert, alone: Any, baja_approver: Any):
    stale = Alert.objects.get(pk=overdue(submitted).pk)
    approvals.approve(alert=submitted, by=baja_approver, seen_hash=content_hash(submitted))
    assert stale.status == "submitted"
    with pytest.raises(TransitionConflict):
        go(stale, alone)
    assert Alert.objects.get().status == "approved"


def test_only_the_officer_who_submitted(submitted: Alert, make_user: Any, baja_coordinator: Any, alone: Any):
    other = make_user("otra.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    with refused("Only the officer who submitted"):
        go(overdue(submitted), other)


def test_not_without_a_reason(submitted: Alert, alone: Any):
    with pytest.raises(ActRefused):
        go(overdue(submitted), alone, reason="  ")


def test_not_with_other_words_than_the_approvers_were_asked_about(submitted: Alert, alone: Any):
    overdue(submitted)
    submitted.texts.filter(language="es").update(headline="Otra cosa")
    with refused("changed since"):
        go(submitted, alone)


def test_not_in_a_required_language_that_the_officer_does_not_read(submitted: Alert, alone: Any):
    AlertProgram.objects.filter(pk=submitted.program_id).update(languages_required=["en"])
    with refused("not approved by a person who reads it"):
        go(overdue(submitted), alone)


def test_unreviewed_words_of_another_language_stay_behind(
    draft_alert: Alert, alone: Any, baja_approver: Any, recipient
):
    AlertProgram.objects.filter(pk=draft_alert.program_id).update(single_officer_activation=True)
    edited(draft_alert, "fr", alone)
    drafts.submit(alert=draft_alert, by=alone)
    draft_alert.refresh_from_db()
    message = go(overdue(draft_alert), alone)
    assert sorted(message.texts) == ["en", "es"]


def test_editing_ends_the_call(submitted: Alert, alone: Any):
    edited(overdue(submitted), "es", alone)
    with pytest.raises(TransitionConflict):
        go(submitted, alone)
    drafts.submit(alert=submitted, by=alone)
    submitted.refresh_from_db()
    with refused("time to answer"):
        go(submitted, alone)


def test_page_activates_alone_and_brings_a_missing_reason_back(submitted: Alert, alone: Any):
    client, address = signed_in(alone), reverse("alerts:alert-alone", args=[submitted.pk])
    assert address not in client.get(f"/desk/alerts/{submitted.pk}/").text
    assert client.get(address).context["is_possible"] is False
    overdue(submitted)
    assert address in client.get(f"/desk/alerts/{submitted.pk}/").text
    form = {"nonce": "n-alone", "content_hash": client.get(address).context["content_hash"]}
    assert client.post(address, {**form, "alone-reason": ""}).status_code == 422
    assert client.post(address, {**form, "alone-reason": REASON}).status_code == 302
    submitted.refresh_from_db()
    assert (submitted.status, submitted.exception_language) == ("active", "es")


def test_api_activates_alone(submitted: Alert, alone: Any):
    client, address = signed_in(alone), f"/api/v1/alerts/{submitted.pk}/activate-alone/"
    body = {"reason": REASON, "content_hash": content_hash(submitted)}
    assert client.post(address, body, content_type="application/json").status_code == 409
    overdue(submitted)
    done = client.post(address, body, content_type="application/json")
    assert (done.status_code, done.json()["exception"]) == (200, "single_officer")


# --- the link in the mail and the one page ---------------------------------------------------------------------------


def test_link_opens_the_page_after_sign_in_and_grants_nothing(
    submitted: Alert, baja_approver: Any, alone: Any, california_coordinator: Any, quebec_coordinator: Any,
    client: Client, mailoutbox: list[Any],
):  # fmt: skip
    while delivery.send_due():
        pass
    (mail,) = [mail for mail in mailoutbox if mail.to == [baja_approver.email] and submitted.number in mail.subject]
    address = reverse("alerts:alert-approval", args=[submitted.pk])
    assert mail.body.count("http") == 1 and address in mail.body and "?" not in mail.body.split("http")[1].split()[0]
    assert "Zoraida" not in mail.body + mail.subject
    stranger = client.get(address)
    assert (stranger.status_code, stranger["Location"]) == (302, f"/login/?next={address}")
    for person in (alone, california_coordinator, quebec_coordinator):
        assert signed_in(person).get(address).status_code == 404, person
    assert signed_in(baja_approver).get(address).status_code == 200
    assert submitted.approval_calls.get().answered_at is None


def test_one_page_holds_everything_to_approve(
    submitted: Alert, baja_approver: Any, alone: Any, california_officer: Any, california_legal: Any
):
    page = signed_in(baja_approver).get(reverse("alerts:alert-approval", args=[submitted.pk]))
    text = as_read(page.text)
    spanish, english = (submitted.texts.get(language=code) for code in ("es", "en"))
    for shown in (
        spanish.headline, "7XYZ123", "Baja California", alone.full_name, california_officer.full_name,
        'id="publication"', 'id="approve"', reverse("alerts:alert-approval-refuse", args=[submitted.pk]),
    ):  # fmt: skip
        assert shown in text, shown
    assert english.headline not in text, "not in a language that the approver does not read"
    assert "English" in text


def test_page_approves_and_says_so_afterwards(submitted: Alert, baja_approver: Any, baja_coordinator: Any):
    client, address = signed_in(baja_approver), reverse("alerts:alert-approval", args=[submitted.pk])
    page = client.get(address)
    form = {"nonce": "n-approve", "content_hash": page.context["content_hash"], "languages_shown": "1",
            "languages": ["es"]}  # fmt: skip
    assert client.post(reverse("alerts:alert-step", args=[submitted.pk, "approve"]), form).status_code == 302
    submitted.refresh_from_db()
    assert submitted.status == "approved"
    late = signed_in(baja_coordinator).get(address)
    assert baja_approver.full_name in late.text and 'id="approve"' not in late.text


def test_refusal_needs_a_reason_and_an_approver_who_wrote_nothing(submitted: Alert, baja_approver: Any, alone: Any):
    client = signed_in(baja_approver)
    address = reverse("alerts:alert-approval-refuse", args=[submitted.pk])
    assert client.post(address, {"nonce": "n", "refuse-reason": ""}).status_code == 422
    assert client.post(address, {"nonce": "n", "refuse-reason": "Falta la placa."}).status_code == 302
    call = submitted.approval_calls.get()
    assert (call.refusal, call.refusal_language, call.answered_by) == ("Falta la placa.", "es", baja_approver)
    assert Delivery.objects.filter(notice__kind="approval_refused", user=alone).exists()
    with pytest.raises(NotPermitted):
        approval_calls.refuse(alert=submitted, by=alone, reason="No.")


def test_author_cannot_refuse_what_they_wrote(draft_alert: Alert, alone: Any, baja_approver: Any, baja_coordinator):
    edited(draft_alert, "es", baja_approver)
    drafts.submit(alert=draft_alert, by=alone)
    with pytest.raises(ActRefused):
        approval_calls.refuse(alert=draft_alert, by=baja_approver, reason="No.")


def test_asking_again_waits_for_the_answer(submitted: Alert, alone: Any):
    with pytest.raises(ActRefused):
        approval_calls.ask_again(alert=submitted, by=alone)
    overdue(submitted)
    client = signed_in(alone)
    again = reverse("alerts:alert-approval-ask", args=[submitted.pk])
    assert again in client.get(f"/desk/alerts/{submitted.pk}/").text
    assert client.post(again, {"nonce": "n-ask"}).status_code == 302
    assert submitted.approval_calls.count() == 2
    with refused("time to answer"):
        go(submitted, alone)


def test_staff_put_people_on_call(make_user: Any, baja_approver: Any, baja_staff: Any, california_staff: Any):
    membership = baja_approver.memberships.get()
    address = reverse("admin:agencies_membership_changelist")
    act = {"action": "put_on_call", "_selected_action": [membership.pk]}
    signed_in(california_staff).post(address, act)
    membership.refresh_from_db()
    assert not membership.is_on_call, "staff of another agency"
    signed_in(baja_staff).post(address, act)
    membership.refresh_from_db()
    assert membership.is_on_call
    signed_in(baja_staff).post(address, {**act, "action": "take_off_call"})
    membership.refresh_from_db()
    assert not membership.is_on_call
