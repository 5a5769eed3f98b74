"""A seal weakens no guard: a second officer approves or reviews, who is asked finds it, it can be lifted (ADR 65)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from agencies import scope
from agencies.models import AlertProgram, AuditEvent
from agencies.services import ask_for_end, end_membership
from alerts import delivery, workflow
from alerts.models import Alert, Delivery, Duty, ExtensionRequest, PublicAlert
from alerts.services import approval_calls, drafts, requests, single_officer
from alerts.services.handing_on import hand_on
from cases.models import Case, CaseEvent, CaseReader, CaseSeal
from cases.services import seals
from cases.services.closures import reopen
from cases.services.lost_readers import left_by
from tests.alerts.test_outbound import active_case_of
from tests.alerts.test_recovery import recover
from tests.alerts.test_single_officer import go, overdue
from tests.cases.test_seals import fresh, refused, seal
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(make_user: Any) -> Any:
    """Another coordinator of California, who may approve and supervise."""
    return make_user("second.coord@california.example", "us-ca-chp", "coordinator")


def submitted(case: Any, by: Any) -> Alert:
    """Return California's alert, submitted by this person, in a program that lets one officer activate alone."""
    AlertProgram.objects.filter(code="us-ca").update(single_officer_activation=True)
    program = AlertProgram.objects.get(code="us-ca")
    alert = drafts.start_alert(program=program, case=Case.objects.get(pk=case.pk), by=by)
    drafts.submit(alert=alert, by=by)
    return Alert.objects.get(pk=alert.pk)


# One officer is not enough because the others do not see the case


def test_a_seal_does_not_make_one_officer_enough(active_case: Any, california_coordinator: Any, second: Any) -> None:
    seal(active_case, california_coordinator)
    alert = overdue(submitted(active_case, california_coordinator))
    assert alert.approval_calls.get().asked == []
    with refused("Name another officer of the program who may approve"):
        go(alert, california_coordinator)
    assert not single_officer.is_possible(alert, california_coordinator)
    alert.refresh_from_db()
    assert (alert.status, alert.exception) == ("submitted", "")
    seals.name_reader(case=active_case, by=california_coordinator, reader=second)
    with refused("By now somebody else may approve"):
        go(Alert.objects.get(pk=alert.pk), california_coordinator)
    approval_calls.ask_again(alert=alert, by=california_coordinator)
    assert alert.approval_calls.first().asked == [second.pk]
    overdue(alert)
    assert single_officer.is_possible(alert, california_coordinator)
    go(Alert.objects.get(pk=alert.pk), california_coordinator)
    told = Delivery.objects.filter(notice__kind="single_officer", user=second)
    assert told.exists()
    assert Alert.objects.get(pk=alert.pk).status == "active"


def test_sealing_after_the_call_does_not_either(active_case: Any, california_coordinator: Any, second: Any) -> None:
    alert = submitted(active_case, california_coordinator)
    assert alert.approval_calls.get().asked == [second.pk]
    seal(active_case, california_coordinator)
    overdue(alert)
    with refused("Name another officer of the program who may approve"):
        go(Alert.objects.get(pk=alert.pk), california_coordinator)


def test_activation_alone_in_a_sealed_case_needs_somebody_to_review_it(
    active_case: Any, california_coordinator: Any, california_officer: Any
) -> None:
    """No one else may approve at all: then at least somebody else must be able to review."""
    seal(active_case, california_coordinator, california_officer)
    alert = overdue(submitted(active_case, california_coordinator))
    with refused("Name another supervisor of the program"):
        go(Alert.objects.get(pk=alert.pk), california_coordinator)


def test_activation_alone_of_a_case_that_is_not_sealed_stays_as_it_was(
    active_case: Any, california_coordinator: Any
) -> None:
    alert = overdue(submitted(active_case, california_coordinator))
    go(Alert.objects.get(pk=alert.pk), california_coordinator)
    assert Alert.objects.get(pk=alert.pk).status == "active"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Name another officer of the program"),
        ("es", "Autorice primero para ver el caso reservado"),
        ("fr", "une autre personne du programme"),
    ],
)
def test_pages_say_what_the_seal_asks_for(
    active_case: Any, california_coordinator: Any, second: Any, language: str, words: str
) -> None:
    seal(active_case, california_coordinator)
    alert = overdue(submitted(active_case, california_coordinator))
    client = signed_in(california_coordinator, language)
    for name in ("alerts:alert-detail", "alerts:alert-alone"):
        page = client.get(reverse(name, args=[alert.pk])).text
        assert words in page, name
    assert "alone-reason" not in page  # no form to go alone with


def test_reviewer_cannot_be_taken_off_while_the_review_waits(
    active_case: Any, california_coordinator: Any, second: Any, california_officer: Any
) -> None:
    alert = submitted(active_case, california_officer)
    overdue(alert)
    go(Alert.objects.get(pk=alert.pk), california_officer)
    Alert.objects.filter(pk=alert.pk).update(exception_by=california_coordinator)  # as if the sealer had gone alone
    assert Duty.objects.open().get(alert=alert).kind == "review_single_officer"
    with refused("other than that officer"):
        seal(active_case, california_coordinator, california_officer)
    assert not CaseSeal.objects.exists()
    seal(active_case, california_coordinator, california_officer, second)
    with refused("other than that officer"):
        seals.remove_reader(reader=CaseReader.objects.get(user=second), by=california_coordinator)


# A reader counts with the right that the act needs


def test_reader_who_can_do_nothing_for_the_alert_is_none(
    active_alert: Any, california_coordinator: Any, baja_coordinator: Any, make_user: Any
) -> None:
    case, legal = active_alert.case, make_user("legal@baja.example", "mx-bcn-amber", "legal_advisor", "es")
    with refused("who may act on it"):
        seal(case, california_coordinator, legal)
    assert not CaseSeal.objects.exists()
    seal(case, california_coordinator, legal, baja_coordinator)
    with refused("who may act on it"):
        seals.remove_reader(reader=CaseReader.objects.get(user=baja_coordinator), by=california_coordinator)


def test_reader_who_cannot_answer_the_request_is_none(
    sent_request: Any, california_coordinator: Any, baja_coordinator: Any, make_user: Any
) -> None:
    staff = make_user("staff@baja.example", "mx-bcn-amber", "staff", "es")
    with refused("who may act on it"):
        seal(sent_request.case, california_coordinator, staff)
    seal(sent_request.case, california_coordinator, baja_coordinator)


def test_readers_are_named_one_by_one_also_where_two_programs_lost_theirs(
    sent_request: Any, california_coordinator: Any, california_officer: Any, baja_coordinator: Any, make_user: Any
) -> None:
    """Naming mends: it is never refused because another program still lacks a reader."""
    case, there = sent_request.case, make_user("colleague@baja.example", "mx-bcn-amber", "duty_officer", "es")
    seal(case, california_coordinator, baja_coordinator)
    end_membership(membership=baja_coordinator.memberships.get(), by=None)
    seals.name_reader(case=case, by=california_coordinator, reader=california_officer)
    seals.name_reader(case=case, by=california_coordinator, reader=there)
    assert Case.objects.visible_to(fresh(there)).exists()


# Nobody is asked who does not find it


def end_what_is_open(case: Any) -> None:
    """Let a found case have nothing open, as after its alerts were canceled, so that it is sealed without Baja."""
    Alert.objects.filter(case=case).update(status="cancelled")
    for duty in Duty.objects.open().filter(case=case):
        workflow.apply(duty, "supersede", by=None)
    PublicAlert.objects.filter(alert__case=case).update(open_case_since=None)
    ExtensionRequest.objects.filter(case=case).update(status="cancelled")


def test_request_is_not_handed_on_to_a_program_without_a_reader(
    sent_request: Any, california_coordinator: Any, baja_coordinator: Any, make_user: Any
) -> None:
    fgr = AlertProgram.objects.get(code="mx-fgr")
    there = make_user("fgr.coord@fgr.example", fgr.agency.code, "coordinator", "es")
    case = sent_request.case
    seal(case, california_coordinator, baja_coordinator)
    with refused("First name somebody"):
        hand_on(request=ExtensionRequest.objects.get(pk=sent_request.pk), by=baja_coordinator, program=fgr)
    sent_request.refresh_from_db()
    assert (sent_request.status, ExtensionRequest.objects.count()) == ("sent", 1)
    seals.name_reader(case=case, by=california_coordinator, reader=there)
    handed = hand_on(request=ExtensionRequest.objects.get(pk=sent_request.pk), by=baja_coordinator, program=fgr)
    assert handed.program == fgr
    assert Case.objects.visible_to(fresh(there)).exists()


@pytest.mark.parametrize(("is_named", "kind"), [(False, "request.hub_not_told"), (True, "request.hub_told")])
def test_hub_counts_as_told_only_when_somebody_there_was(make_user: Any, is_named: bool, kind: str) -> None:
    officer = make_user("tessa.coord@texas.example", "us-tx-dps", "coordinator")
    hub = make_user("nora.hub@ncmec.example", "us-ncmec", "coordinator")
    asked = make_user("cole.coord@colorado.example", AlertProgram.objects.get(code="us-co").agency.code, "coordinator")
    case = active_case_of(officer, "us-tx-dps")
    seal(case, officer, asked, *([hub] if is_named else []))
    page = signed_in(officer).get(reverse("alerts:request-send", args=[case.pk])).text
    assert ("no one there is notified" in page) is not is_named
    requests.send_request(case=case, program=AlertProgram.objects.get(code="us-co"), by=fresh(officer))
    told = Delivery.objects.filter(notice__kind="hub_told").values_list("user__email", flat=True)
    assert list(told) == ([hub.email] if is_named else [])
    assert CaseEvent.objects.get(kind__startswith="request.hub").kind == kind
    shown = signed_in(officer).get(reverse("cases:case-detail", args=[case.pk])).text
    assert ("no one at the hub receives requests" in shown) is not is_named


def test_search_taken_up_again_leaves_out_who_does_not_find_it(
    active_alert: Any, california_coordinator: Any, california_officer: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    case, child = active_alert.case, active_alert.case.children.get()
    recover(child, baja_coordinator, california_officer)
    end_what_is_open(case)
    seal(Case.objects.get(pk=case.pk), california_coordinator, california_officer)
    case = Case.objects.get(pk=case.pk)
    reopen(case=case, by=california_officer, children=[child], reason="not_child_dna")
    assert list(Alert.objects.filter(case=case)) == [active_alert]
    event = CaseEvent.objects.get(case=case, kind="alert.not_prepared")
    assert event.detail["program"] == "mx-bcn"
    told = Delivery.objects.filter(notice__kind="program_unread").values_list("user__email", flat=True)
    assert set(told) == {california_coordinator.email, california_officer.email}
    shown = signed_in(california_officer).get(reverse("cases:case-detail", args=[case.pk])).text
    assert "nobody of the program is named" in shown


def test_search_taken_up_again_prepares_the_alert_of_whoever_is_named(
    active_alert: Any, california_coordinator: Any, california_officer: Any, baja_coordinator: Any, baja_approver: Any
) -> None:
    case, child = active_alert.case, active_alert.case.children.get()
    recover(child, baja_coordinator, california_officer)
    end_what_is_open(case)
    seal(Case.objects.get(pk=case.pk), california_coordinator, california_officer, baja_coordinator)
    reopen(case=Case.objects.get(pk=case.pk), by=california_officer, children=[child], reason="not_child_dna")
    assert Alert.objects.filter(case=case, status="draft").count() == 1
    assert not CaseEvent.objects.filter(kind="alert.not_prepared").exists()


# Somebody can lift it


def test_role_of_the_last_who_can_lift_it_does_not_end_in_passing(
    active_case: Any, california_coordinator: Any, california_staff: Any, second: Any, make_user: Any
) -> None:
    role, other = california_coordinator.memberships.get(), make_user("s2@california.example", "us-ca-chp", "staff")
    seal(active_case, california_coordinator)
    with refused(active_case.reference):
        end_membership(membership=role, by=california_staff)
    assert Case.objects.visible_to(fresh(california_coordinator)).exists()
    with scope.acting_for([active_case.lead_agency_id], person=california_staff.pk), refused(active_case.reference):
        end_membership(membership=role, by=california_staff)  # staff are no readers, and their connection sees no case
    ask_for_end(membership=role, by=other)
    end_membership(membership=role, by=california_staff)
    assert not Case.objects.visible_to(fresh(california_coordinator)).exists()


def test_role_ends_once_another_reader_can_lift_it(
    active_case: Any, california_coordinator: Any, california_officer: Any, california_staff: Any, second: Any
) -> None:
    seal(active_case, california_coordinator, california_officer)
    role = california_coordinator.memberships.get()
    with refused("name_reader"):
        end_membership(membership=role, by=california_staff)
    seals.name_reader(case=active_case, by=california_coordinator, reader=second)
    end_membership(membership=role, by=california_staff)
    assert left_by([role]) == []
    assert left_by([second.memberships.get()]) == [active_case.reference]
    seals.unseal_case(case=active_case, by=fresh(second), reason="reason_ended")
    assert left_by([second.memberships.get()]) == []


def test_administration_does_not_suspend_the_last_who_can_lift_it(
    active_case: Any, california_coordinator: Any, california_staff: Any, second: Any
) -> None:
    seal(active_case, california_coordinator)
    address = reverse("admin:agencies_user_change", args=[california_coordinator.pk])
    values = {
        "email": california_coordinator.email, "full_name": california_coordinator.full_name, "language": "en",
        "reads_languages": ["en"], "time_zone": "America/Los_Angeles",
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
    }  # fmt: skip
    answer = signed_in(california_staff).post(address, values)
    assert active_case.reference in str(answer.context["adminform"].form.errors["is_active"])
    assert fresh(california_coordinator).is_active
    seals.name_reader(case=active_case, by=california_coordinator, reader=second)
    assert signed_in(california_staff).post(address, values).status_code == 302
    assert not fresh(california_coordinator).is_active


def test_operator_names_a_reader_of_a_case_that_nobody_can_open(
    active_case: Any, california_coordinator: Any, california_officer: Any, second: Any, baja_coordinator: Any,
    mailoutbox: list[Any], make_user: Any,
) -> None:  # fmt: skip
    third = make_user("third.coord@california.example", "us-ca-chp", "coordinator")
    seal(active_case, california_coordinator)
    end_membership(membership=california_coordinator.memberships.get(), by=None)
    reference, reason = active_case.reference, "the last reader has left"
    with scope.acting_for([]):  # the command opens its own door
        for email in (
            baja_coordinator.email,
            california_officer.email,
            california_coordinator.email,
            "no@body.example",
        ):
            with pytest.raises(CommandError):
                call_command("name_reader", reference, email, reason=reason)
        for words in ((reference, second.email, " "), ("US-CA-1999-00001", second.email, reason)):
            with pytest.raises(CommandError):
                call_command("name_reader", *words[:2], reason=words[2])
        call_command("name_reader", reference, second.email, reason=reason)
        with pytest.raises(CommandError):
            call_command("name_reader", reference, second.email, reason=reason)
    reader = CaseReader.objects.get(user=second)
    assert (reader.named_by, CaseReader.objects.count()) == (None, 2)
    event = AuditEvent.objects.get(action="case.reader_named_by_operator")
    assert (event.case_id, event.channel) == (active_case.pk, "command")
    assert event.detail == {"reader": str(second.pk), "reason": reason}
    while delivery.send_due():
        pass
    mails = {mail.to[0]: mail.body for mail in mailoutbox}
    assert set(mails) == {second.email, third.email}  # all supervisors, named or not
    assert reference in mails[third.email]
    assert not any("Zoraida" in body for body in mails.values())
    assert not Case.objects.visible_to(fresh(third)).exists()
    assert "operator" in signed_in(second).get(reverse("cases:seal", args=[active_case.pk])).text
    seals.unseal_case(case=active_case, by=fresh(second), reason="reason_ended")
    with pytest.raises(CommandError):
        call_command("name_reader", reference, third.email, reason=reason)
