"""Portal users are told in their own language, with references only (U40)."""

from __future__ import annotations

import pytest

from alerts import delivery
from alerts.models import Notice
from alerts.services import drafts, requests
from cases.services.recoveries import confirm_identity, report_located

pytestmark = pytest.mark.django_db
SECRETS = ("Zoraida", "Quimby", "Waldemar", "7XYZ123")


def send_all():
    while delivery.send_due():
        pass


def mails_to(mailoutbox, user):
    return [mail for mail in mailoutbox if mail.to == [user.email]]


def test_received_and_answered_requests_are_told_in_the_readers_language(
    sent_request, baja_coordinator, california_officer, mailoutbox
):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="decline", reason="criteria_danger")
    send_all()
    (received,) = mails_to(mailoutbox, baja_coordinator)
    assert received.subject.startswith("Solicitud recibida")
    assert sent_request.number in received.subject
    assert f"/desk/requests/{sent_request.pk}/" in received.body
    first, second = mails_to(mailoutbox, california_officer)
    assert first.subject.startswith("Request answered")
    assert "Declined" in second.body


def test_approval_and_recovery_are_told(
    active_alert, active_case, baja_coordinator, baja_approver, california_officer, mailoutbox
):
    recovery = report_located(
        child=active_case.children.get(), by=baja_coordinator, located_at=active_case.opened_at,
        time_zone="America/Tijuana", place="Tijuana", subdivision=active_alert.program.subdivision,
        condition="unharmed", holding_agency=active_alert.program.agency,
    )  # fmt: skip
    confirm_identity(recovery=recovery, by=baja_coordinator, method="document")
    confirm_identity(recovery=recovery, by=california_officer, method="document")
    send_all()
    kinds = {notice.kind for notice in Notice.objects.all()}
    assert kinds >= {"request_received", "request_answered", "approval_wanted", "child_located", "recovery"}
    told = " ".join(mail.subject for mail in mails_to(mailoutbox, baja_approver))
    assert active_alert.number in told
    assert active_case.reference in told


def test_no_notice_holds_a_name_or_a_plate(active_alert, draft_alert, baja_approver, mailoutbox, recipient):
    send_all()
    notices = [mail for mail in mailoutbox if mail.to != [recipient.email]]
    assert len(notices) >= 3
    for mail in notices:
        assert not [secret for secret in SECRETS if secret in mail.subject + mail.body + str(mail.extra_headers)]


def test_nobody_is_told_who_may_not_act(sent_request, make_user, mailoutbox):
    legal = make_user("legal@baja.example", "mx-bcn-amber", "legal_advisor", "es")
    send_all()
    assert mails_to(mailoutbox, legal) == []


def test_editing_a_submitted_alert_asks_again(draft_alert, baja_coordinator, baja_approver, mailoutbox):
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    drafts.write_from_facts(alert=draft_alert, by=baja_coordinator)
    assert draft_alert.status == "draft"
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    send_all()
    assert len([mail for mail in mails_to(mailoutbox, baja_approver) if draft_alert.number in mail.subject]) == 2
