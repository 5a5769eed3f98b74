"""What the guards of requests, alerts and duties refuse, though right and state are there."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from agencies.models import AlertProgram, AuditEvent
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import workflow
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage, Delivery, PublicAlert
from alerts.services import drafts, issuing, requests
from cases.models import Abduction, Case, CaseEvent
from cases.services.facts import add_photo, record_facts
from cases.services.publication import revoke_authority

pytestmark = pytest.mark.django_db


def refused(alert: Alert, step: str, by: Any) -> str:
    """Take a step that must be refused by a guard; return why. Nothing may be left of the try."""
    before = alert.status, CaseEvent.objects.count(), AuditEvent.objects.count()
    with pytest.raises(ActRefused) as refusal:
        workflow.apply(alert, step, by=by)
    assert not isinstance(refusal.value, TransitionConflict), "the state refused, not the guard"
    alert.refresh_from_db()
    assert (alert.status, CaseEvent.objects.count(), AuditEvent.objects.count()) == before
    return str(refusal.value.message)


def words_of(alert: Alert) -> dict[str, dict[str, str]]:
    """Return the words of an alert as its form sends them."""
    return {
        text.language: {name: getattr(text, name) for name in ("headline", "description", "instruction")}
        for text in alert.texts.all()
    }


def picture() -> bytes:
    """Return a small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def submitted_alert(draft_alert, baja_coordinator):
    """Baja California's draft, submitted by the coordinator who composed it."""
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    return draft_alert


def test_author_does_not_approve(submitted_alert, baja_coordinator, baja_approver):
    Alert.objects.filter(pk=submitted_alert.pk).update(submitted_by=baja_approver)
    assert "second officer" in refused(submitted_alert, "approve", baja_coordinator)


def test_submitter_does_not_approve(submitted_alert, baja_coordinator):
    Alert.objects.filter(pk=submitted_alert.pk).update(authors=[])
    assert "second officer" in refused(submitted_alert, "approve", baja_coordinator)


def test_writer_of_one_word_does_not_approve(draft_alert, baja_coordinator, baja_approver):
    words = words_of(draft_alert)
    words["es"]["headline"] += " (2)"
    drafts.edit_alert(
        alert=draft_alert, by=baja_approver, texts=words, duration_hours=draft_alert.duration_hours, photo=None
    )
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    assert "second officer" in refused(draft_alert, "approve", baja_approver)


def test_author_of_facts_does_not_approve(submitted_alert, baja_approver):
    CaseEvent.objects.create(case=submitted_alert.case, kind="facts_changed", actor=baja_approver)
    assert "facts" in refused(submitted_alert, "approve", baja_approver)


def test_author_of_facts_does_not_approve_the_home_alert(
    active_case, california_officer, california_coordinator, make_user
):
    program = AlertProgram.objects.get(code="us-ca")
    event = Abduction.objects.get(case=active_case)
    event.place = "Chula Vista"
    record_facts(case=active_case, by=california_coordinator, items=[(event, ["place"])])
    alert = drafts.start_alert(program=program, case=active_case, by=california_officer)
    drafts.submit(alert=alert, by=california_officer)
    assert "facts" in refused(alert, "approve", california_coordinator)
    second = make_user("cora.second@california.example", "us-ca-chp", "coordinator")
    drafts.approve(alert=alert, by=second, seen_hash=content_hash(alert))
    assert alert.status == "approved"


def test_duty_officer_does_not_approve(submitted_alert, make_user):
    officer = make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    with pytest.raises(NotPermitted):
        workflow.apply(submitted_alert, "approve", by=officer)


def test_approver_of_another_program_does_not_approve(submitted_alert, california_coordinator):
    with pytest.raises(NotPermitted):
        workflow.apply(submitted_alert, "approve", by=california_coordinator)


@pytest.mark.parametrize("step", ["submit", "approve"])
def test_alert_without_a_required_text_goes_no_further(step, draft_alert, baja_coordinator, baja_approver):
    if step == "approve":
        drafts.submit(alert=draft_alert, by=baja_coordinator)
    draft_alert.texts.filter(language="es").delete()
    assert draft_alert.program.languages_required == ["es"]
    by = baja_coordinator if step == "submit" else baja_approver
    assert "es" in refused(draft_alert, step, by).rsplit(":", 1)[1]


@pytest.mark.parametrize("step", ["submit", "approve"])
def test_alert_without_an_area_goes_no_further(step, draft_alert, baja_coordinator, baja_approver):
    if step == "approve":
        drafts.submit(alert=draft_alert, by=baja_coordinator)
    draft_alert.areas.all().delete()
    assert "area" in refused(draft_alert, step, baja_coordinator if step == "submit" else baja_approver)


@pytest.mark.parametrize("step", ["submit", "approve"])
def test_photo_without_authority_goes_no_further(
    step, draft_alert, baja_coordinator, baja_approver, california_officer
):
    photo = add_photo(case=draft_alert.case, by=california_officer, raw=picture())
    if step == "approve":
        drafts.submit(alert=draft_alert, by=baja_coordinator)
    Alert.objects.filter(pk=draft_alert.pk).update(photo=photo)
    by = baja_coordinator if step == "submit" else baja_approver
    assert "photo" in refused(draft_alert, step, by)


def test_photo_without_authority_is_not_chosen(draft_alert, baja_coordinator, california_officer):
    photo = add_photo(case=draft_alert.case, by=california_officer, raw=picture())
    with pytest.raises(ActRefused):
        drafts.edit_alert(
            alert=draft_alert, by=baja_coordinator, texts={}, duration_hours=draft_alert.duration_hours, photo=photo
        )
    draft_alert.refresh_from_db()
    assert draft_alert.photo is None


def test_photo_whose_authority_was_taken_back_is_not_published(
    accepted_request, baja_coordinator, baja_approver, california_officer
):
    alert = accepted_request.alert
    photo = add_photo(case=alert.case, by=california_officer, raw=picture(), basis="parental_consent")
    drafts.edit_alert(alert=alert, by=baja_coordinator, texts={}, duration_hours=alert.duration_hours, photo=photo)
    drafts.submit(alert=alert, by=baja_coordinator)
    drafts.approve(alert=alert, by=baja_approver, seen_hash=content_hash(alert))
    for authority in photo.authorities.all():
        revoke_authority(authority=authority, by=california_officer)
    with pytest.raises(ActRefused):
        issuing.activate(alert=alert, by=baja_coordinator)
    assert not PublicAlert.objects.exists()


@pytest.mark.parametrize("status", ["recovered", "closed", "unfounded", "hoax", "merged"])
def test_alert_of_an_ended_case_is_not_activated(status, approved_alert, baja_coordinator):
    Case.objects.filter(pk=approved_alert.case_id).update(status=status)
    alert = Alert.objects.get(pk=approved_alert.pk)
    with pytest.raises(ActRefused) as refusal:
        issuing.activate(alert=alert, by=baja_coordinator)
    assert "case has ended" in str(refusal.value.message)
    assert not AlertMessage.objects.exists()
    assert not PublicAlert.objects.exists()
    assert Alert.objects.get(pk=alert.pk).status == "approved"


def test_edit_voids_the_approval(approved_alert, baja_coordinator, baja_approver):
    words = words_of(approved_alert)
    words["es"]["description"] += " Nuevo."
    drafts.edit_alert(
        alert=approved_alert, by=baja_approver, texts=words, duration_hours=approved_alert.duration_hours, photo=None
    )
    approved_alert.refresh_from_db()
    assert (approved_alert.status, approved_alert.approved_by, approved_alert.content_hash) == ("draft", None, "")
    assert approved_alert.texts.get(language="es").reviewer is None
    with pytest.raises(TransitionConflict):
        issuing.activate(alert=approved_alert, by=baja_coordinator)


def test_edit_without_a_change_of_words_voids_the_approval_too(approved_alert, baja_coordinator):
    drafts.edit_alert(
        alert=approved_alert, by=baja_coordinator, texts={}, duration_hours=approved_alert.duration_hours, photo=None
    )
    assert Alert.objects.get(pk=approved_alert.pk).status == "draft"


def test_words_changed_behind_the_approval_are_not_activated(approved_alert, baja_coordinator):
    approved_alert.texts.filter(language="es").update(headline="Otra cosa")
    with pytest.raises(ActRefused) as refusal:
        issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert "approved again" in str(refusal.value.message)
    assert Alert.objects.get(pk=approved_alert.pk).status == "approved"
    assert not PublicAlert.objects.exists()
    assert not Delivery.objects.filter(message__isnull=False).exists()


def test_alert_without_the_approved_hash_is_not_activated(approved_alert, baja_coordinator):
    Alert.objects.filter(pk=approved_alert.pk).update(content_hash="")
    assert "approved again" in refused(Alert.objects.get(pk=approved_alert.pk), "activate", baja_coordinator)


def test_approval_of_another_text_than_the_one_read_is_refused(submitted_alert, baja_approver):
    with pytest.raises(ActRefused):
        drafts.approve(alert=submitted_alert, by=baja_approver, seen_hash="0" * 64)
    alert = Alert.objects.get(pk=submitted_alert.pk)
    assert (alert.status, alert.approved_by, alert.content_hash) == ("submitted", None, "")


def test_decline_needs_a_reason(sent_request, baja_coordinator):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    with pytest.raises(ActRefused):
        requests.decide(request=sent_request, by=baja_coordinator, decision="decline")
    sent_request.refresh_from_db()
    assert sent_request.status == "acknowledged"


def test_second_open_request_to_a_program_is_refused(sent_request, california_officer):
    with pytest.raises(ActRefused):
        requests.send_request(case=sent_request.case, program=sent_request.program, by=california_officer)
    assert sent_request.case.requests.count() == 1


def test_withdrawal_after_activation_is_refused(active_alert, california_officer):
    request = active_alert.request
    with pytest.raises(TransitionConflict) as refusal:
        requests.withdraw(request=request, by=california_officer)
    assert [str(label) for label in refusal.value.allowed] == ["Ask for cancellation"]
    active_alert.refresh_from_db()
    assert active_alert.status == "active"
    assert PublicAlert.objects.get().is_live


def test_conflict_names_only_what_this_person_may_do_now(approved_alert, baja_coordinator, make_user):
    officer = make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    with pytest.raises(TransitionConflict) as refusal:
        workflow.apply(approved_alert, "submit", by=officer)
    assert [str(label) for label in refusal.value.allowed] == ["Return to draft", "Activate", "Discard the draft"]


@pytest.mark.parametrize("step", ["close_as_unfounded", "close_as_hoax"])
def test_closing_as_unfounded_or_hoax_takes_down_what_is_public(step, active_alert, california_officer):
    """No child's name stays public after the case ended (design §1, U17); a duty or a Cancel must follow."""
    from cases import workflow as cases_workflow

    cases_workflow.apply(active_alert.case, step, by=california_officer)
    active_alert.refresh_from_db()
    assert not PublicAlert.objects.live().exists()
    assert active_alert.status == "cancelled" or active_alert.duties.open().exists()


def test_late_projection_of_an_expired_alert_is_gone(active_alert):
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now())
    assert issuing.expire_due() == 1
    assert not PublicAlert.objects.live().exists()
    assert PublicAlert.objects.get().texts.count() == 0
