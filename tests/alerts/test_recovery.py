"""What a recovery means for alerts, requests and duties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Agency, AlertProgram, Subdivision
from agencies.refusals import ActRefused
from alerts import workflow
from alerts.gathering import content_hash
from alerts.models import Alert, Delivery, Duty, Notice, PublicAlert
from alerts.services import cancellations, drafts, issuing, requests
from cases.models import Case, Child, Photo
from cases.services.recoveries import confirm_identity, reject_identity, report_located
from tests.authorities import authorize_everything

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"


def located(child: Child, by: Any, holding: str = BAJA) -> Any:
    """Report the child located, held by this agency."""
    return report_located(
        child=child, by=by, located_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed",
        holding_agency=Agency.objects.get(code=holding),
    )  # fmt: skip


def recover(child: Child, *officers: Any) -> None:
    """Let one officer report and all of them confirm."""
    recovery = located(child, officers[0])
    for officer in officers:
        confirm_identity(recovery=recovery, by=officer, method="document")


def standing(program: AlertProgram, *, has: bool) -> None:
    """Give or take the standing authority to cancel on recovery."""
    AlertProgram.objects.filter(pk=program.pk).update(cancel_on_recovery=has)


def duties(alert: Alert) -> dict[str, str]:
    """Return the duties of an alert by kind."""
    return dict(Duty.objects.filter(alert=alert).values_list("kind", "status"))


@pytest.fixture
def two_children(active_alert: Any) -> tuple[Child, Child]:
    """The child of the case, and a brother who is missing too."""
    brother = Child.objects.create(case=active_alert.case, given_names="Anselmo", sex="M")
    return active_alert.case.children.exclude(pk=brother.pk).get(), brother


def test_duty_of_the_first_sibling_ends_when_the_portal_cancels(
    two_children, active_alert, baja_coordinator, california_officer
):
    standing(active_alert.program, has=True)
    first, second = two_children
    recover(first, baja_coordinator, california_officer)
    assert duties(active_alert) == {"issue_update": "open"}
    assert "Zoraida" not in active_alert.updates.get().texts["es"]["description"]
    recover(second, baja_coordinator, california_officer)
    active_alert.refresh_from_db()
    assert active_alert.status == "cancelled"
    assert duties(active_alert) == {"issue_update": "superseded", "confirm_cancellation": "open"}
    assert set(active_alert.updates.values_list("status", flat=True)) == {"superseded"}


def test_child_that_cannot_be_taken_out_takes_the_whole_alert_down(
    two_children, active_alert, baja_coordinator, california_officer, monkeypatch
):
    def breaks(**_keywords: Any) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("alerts.services.takedown.withdraw_child", breaks)
    recover(two_children[0], baja_coordinator, california_officer)
    assert duties(active_alert) == {"cancel_alert": "open"}
    assert not PublicAlert.objects.live().exists()


def test_child_missing_again_comes_back_by_an_update_of_two_officers(
    two_children, active_alert, baja_coordinator, california_officer
):
    from cases.services.closures import reopen

    first = two_children[0]
    recover(first, baja_coordinator, california_officer)
    case = Case.objects.get(pk=first.case_id)
    reopen(case=case, by=california_officer, children=[Child.objects.get(pk=first.pk)], reason="not_child_dna")
    (prepared,) = active_alert.updates.filter(status="prepared")
    assert "Zoraida" in prepared.texts["es"]["description"]
    words = " ".join(text.description for text in PublicAlert.objects.get().texts.all())
    assert "Zoraida" not in words, "until it is issued"


def test_expiry_ends_the_duty_to_cancel_and_asks_for_confirmation(active_alert, baja_coordinator, california_officer):
    standing(active_alert.program, has=False)
    recover(active_alert.case.children.get(), baja_coordinator, california_officer)
    assert duties(active_alert) == {"cancel_alert": "open"}
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert issuing.expire_due() == 1
    assert duties(active_alert) == {"cancel_alert": "superseded", "confirm_cancellation": "open"}


def test_expiry_of_an_alert_without_a_recovery_leaves_no_duty(active_alert):
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    issuing.expire_due()
    assert duties(active_alert) == {}


def test_officer_who_cancels_discharges_the_duty(active_alert, baja_coordinator, california_officer):
    standing(active_alert.program, has=False)
    recover(active_alert.case.children.get(), baja_coordinator, california_officer)
    assert Notice.objects.filter(kind="cancel_duty", alert=active_alert).count() == 1
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="found")
    duty = active_alert.duties.get(kind="cancel_alert")
    assert (duty.status, duty.outcome, duty.discharged_by) == ("discharged", "done", baja_coordinator)
    assert duties(active_alert)["confirm_cancellation"] == "open"


def test_request_not_yet_accepted_cannot_be_accepted_after_recovery(sent_request, baja_coordinator, california_officer):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    recover(sent_request.case.children.get(), baja_coordinator, california_officer)
    sent_request.refresh_from_db()
    sent_request.case.refresh_from_db()
    for decision in ("accept", "accept_changed_area", "accept_lower_level"):
        with pytest.raises(ActRefused):
            requests.decide(request=sent_request, by=baja_coordinator, decision=decision)
    assert not Alert.objects.exists()


def test_activation_outside_the_portal_gets_a_duty_on_recovery(sent_request, baja_coordinator, california_officer):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept_lower_level", level="police_only")
    workflow.apply(sent_request, "activate_outside", by=baja_coordinator)
    recover(sent_request.case.children.get(), baja_coordinator, california_officer)
    duty = Duty.objects.get()
    assert (duty.kind, duty.request, duty.alert, duty.status) == ("cancel_alert", sent_request, None, "open")
    assert duty.program == sent_request.program
    assert Notice.objects.filter(kind="cancel_duty", request=sent_request).count() == 1


def test_hoax_leaves_a_duty_even_with_standing_authority(active_alert, california_officer):
    """Standing authority is to cancel on recovery; what else ends a case is each program's own decision."""
    from cases import workflow as cases_workflow

    standing(active_alert.program, has=True)
    cases_workflow.apply(active_alert.case, "close_as_hoax", by=california_officer)
    active_alert.refresh_from_db()
    assert active_alert.status == "active"
    assert not PublicAlert.objects.live().exists()
    assert active_alert.duties.get().detail == {"reason": "hoax"}


def test_unsent_mails_with_the_name_are_stopped_on_recovery(active_alert, baja_coordinator, california_officer):
    standing(active_alert.program, has=False)
    assert Delivery.objects.get(message__alert=active_alert).state == "queued"
    recover(active_alert.case.children.get(), baja_coordinator, california_officer)
    assert Delivery.objects.get(message__alert=active_alert).state == "suppressed"


def test_cancel_that_cannot_be_made_leaves_a_duty_and_nothing_public(
    active_alert, baja_coordinator, california_officer, monkeypatch, caplog
):
    standing(active_alert.program, has=True)

    def breaks(*_arguments: Any, **_keywords: Any) -> None:
        raise issuing.InvalidMessage("broken")

    monkeypatch.setattr(issuing, "check_message", breaks)
    recover(active_alert.case.children.get(), baja_coordinator, california_officer)
    active_alert.refresh_from_db()
    assert active_alert.status == "active"
    assert duties(active_alert) == {"cancel_alert": "open"}
    assert not PublicAlert.objects.live().exists()
    assert Case.objects.get(pk=active_alert.case_id).status == "recovered"
    assert str(active_alert.pk) in caplog.text


# What was approved before one of two was recovered


def test_approved_words_do_not_go_out_after_one_child_was_recovered(
    approved_alert, recipient, baja_coordinator, baja_approver, california_officer
):
    case = approved_alert.case
    Child.objects.create(case=case, given_names="Anselmo", sex="M", age_years=9)
    authorize_everything(case, california_officer)
    first = case.children.get(given_names="Zoraida")
    recover(first, baja_coordinator, california_officer)
    approved_alert.refresh_from_db()
    assert approved_alert.status == "draft"
    with pytest.raises(ActRefused) as refusal:
        drafts.submit(alert=approved_alert, by=baja_coordinator)
    assert "Compose them again" in str(refusal.value.message)
    drafts.write_from_facts(alert=approved_alert, by=baja_coordinator)
    words = " ".join(f"{text.headline} {text.description}" for text in approved_alert.texts.all())
    assert "Zoraida" not in words
    assert "Anselmo" in words
    drafts.submit(alert=approved_alert, by=baja_coordinator)
    drafts.approve(alert=approved_alert, by=baja_approver, seen_hash=content_hash(approved_alert))
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert approved_alert.status == "active"


def test_photo_of_a_recovered_child_is_not_submitted(draft_alert, baja_coordinator, california_officer):
    case = draft_alert.case
    first = case.children.get()
    Child.objects.create(case=case, given_names="Anselmo", sex="M", age_years=9)
    photo = Photo.objects.create(
        case=case, child=first, jpeg=b"x", width=1, height=1, sha256="0" * 64, added_by=california_officer
    )
    authorize_everything(case, california_officer)
    Alert.objects.filter(pk=draft_alert.pk).update(photo=photo)
    recover(first, baja_coordinator, california_officer)
    draft_alert.refresh_from_db()
    drafts.write_from_facts(alert=draft_alert, by=baja_coordinator)
    with pytest.raises(ActRefused) as refusal:
        drafts.submit(alert=draft_alert, by=baja_coordinator)
    assert "photo" in str(refusal.value.message)


def test_no_alert_is_prepared_for_an_ended_case(active_case, california_officer):
    Case.objects.filter(pk=active_case.pk).update(status="recovered")
    active_case.refresh_from_db()
    with pytest.raises(ActRefused):
        drafts.start_alert(program=AlertProgram.objects.get(code="us-ca"), case=active_case, by=california_officer)


# Telling


def test_everybody_on_the_case_is_told_that_the_search_goes_on(sent_request, baja_coordinator, california_officer):
    recovery = located(sent_request.case.children.get(), baja_coordinator)
    reject_identity(recovery=recovery, by=baja_coordinator, reason="not_child_dna")
    told = {delivery.user for delivery in Delivery.objects.filter(notice__kind="search_goes_on").select_related("user")}
    assert told == {baja_coordinator, california_officer}


# A wrong recovery


def test_reopening_prepares_a_new_alert_of_the_same_incident(
    active_alert, baja_coordinator, baja_approver, california_officer
):
    from cases.services.closures import reopen

    standing(active_alert.program, has=True)
    case, child = active_alert.case, active_alert.case.children.get()
    recover(child, baja_coordinator, california_officer)
    case.refresh_from_db()
    reopen(case=case, by=california_officer, children=[child], reason="not_child_dna")
    new = Alert.objects.exclude(pk=active_alert.pk).get()
    assert (new.status, new.program, new.texts.count()) == ("draft", active_alert.program, 3)
    assert "Zoraida" in new.texts.get(language="es").description
    assert Delivery.objects.filter(notice__kind="search_reopened", user=baja_coordinator).count() == 1
    drafts.write_from_facts(alert=new, by=baja_coordinator)
    drafts.submit(alert=new, by=baja_coordinator)
    drafts.approve(alert=new, by=baja_approver, seen_hash=content_hash(new))
    message = issuing.activate(alert=new, by=baja_coordinator)
    first = active_alert.messages.order_by("created_at").first()
    assert (message.msg_type, message.references) == ("Alert", "")
    incident = f"<incidents>{case.reference}</incidents>".encode()
    assert incident in bytes(message.xml)
    assert incident in bytes(first.xml)
    active_alert.refresh_from_db()
    assert active_alert.status == "cancelled"


@pytest.mark.parametrize("is_active", [False, True])
def test_new_alert_after_a_wrong_recovery_is_taken_on_by_the_next_request(
    is_active, active_alert, baja_coordinator, baja_approver, california_officer
):
    """Nobody asked for the new alert, so nobody could ask for its cancellation (U19)."""
    from cases.services.closures import reopen

    standing(active_alert.program, has=True)
    case, child = active_alert.case, active_alert.case.children.get()
    recover(child, baja_coordinator, california_officer)
    case.refresh_from_db()
    reopen(case=case, by=california_officer, children=[child], reason="not_child_dna")
    new = Alert.objects.exclude(pk=active_alert.pk).get()
    if is_active:
        drafts.write_from_facts(alert=new, by=baja_coordinator)
        drafts.submit(alert=new, by=baja_coordinator)
        drafts.approve(alert=new, by=baja_approver, seen_hash=content_hash(new))
        issuing.activate(alert=new, by=baja_coordinator)
    case.refresh_from_db()
    active_alert.request.refresh_from_db()
    again = requests.send_request(case=case, program=new.program, by=california_officer, follows=active_alert.request)
    requests.acknowledge(request=again, by=baja_coordinator)
    requests.decide(request=again, by=baja_coordinator, decision="accept")
    assert Alert.objects.filter(case=case).count() == 2, "the prepared alert is taken on, no third one is written"
    new.refresh_from_db()
    assert (new.request, again.status) == (again, "activated" if is_active else "accepted")
    if is_active:
        cancellations.ask_cancellation(request=again, by=california_officer, reason="criteria_not_met")
        cancellations.agree(request=again, by=baja_coordinator)
        new.refresh_from_db()
        assert new.status == "cancelled"


def test_reopening_does_not_wait_for_a_cancel_that_is_still_owed(active_alert, baja_coordinator, california_officer):
    from cases.services.closures import reopen

    standing(active_alert.program, has=False)
    case, child = active_alert.case, active_alert.case.children.get()
    recover(child, baja_coordinator, california_officer)
    case.refresh_from_db()
    reopen(case=case, by=california_officer, children=[child], reason="not_child_dna")
    new = Alert.objects.exclude(pk=active_alert.pk).get()
    assert (new.status, new.program) == ("draft", active_alert.program)
    owed = active_alert.duties.get(kind="cancel_alert")
    assert owed.status == "open", "the earlier alert is over all the same"
    issuing.cancel(alert=Alert.objects.get(pk=active_alert.pk), by=baja_coordinator, reason="found_safe")
    assert Alert.objects.get(pk=new.pk).status == "draft"


def test_reopening_prepares_nothing_where_a_new_alert_is_under_way(active_alert, baja_coordinator, california_officer):
    from cases.services.closures import reopen

    standing(active_alert.program, has=False)
    case, child = active_alert.case, active_alert.case.children.get()
    for _time in range(2):
        recover(child, baja_coordinator, california_officer)
        case.refresh_from_db()
        reopen(case=case, by=california_officer, children=[child], reason="not_child_dna")
        child.refresh_from_db()
    statuses = sorted(Alert.objects.values_list("status", flat=True))
    assert statuses == ["active", "discarded", "draft"], "each recovery discards the draft before it"
