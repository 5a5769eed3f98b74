"""What the guards of cases, children and reviews refuse, though right and state are there."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Agency, AuditEvent, Subdivision
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from agencies.services import end_membership
from cases import workflow
from cases.models import Case, CaseAccess, CaseEvent, Child, IdentityConfirmation, LegalReview, Recovery
from cases.services.files import open_case
from cases.services.opinions import record_opinion
from cases.services.recoveries import confirm_identity, report_located

pytestmark = pytest.mark.django_db


def refused(item: Any, step: str, by: Any) -> str:
    """Take a step that must be refused by a guard; return why. Nothing may be left of the try."""
    item.refresh_from_db()
    before = item.status, CaseEvent.objects.count(), AuditEvent.objects.count()
    with pytest.raises(ActRefused) as refusal:
        workflow.apply(item, step, by=by)
    assert not isinstance(refusal.value, TransitionConflict), "the state refused, not the guard"
    item.refresh_from_db()
    assert (item.status, CaseEvent.objects.count(), AuditEvent.objects.count()) == before
    return str(refusal.value.message)


def located(child: Child, by: Any, holding: str) -> Recovery:
    """Report the child located, held by this agency."""
    return report_located(
        child=child, by=by, located_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed",
        holding_agency=Agency.objects.get(code=holding),
    )  # fmt: skip


def test_case_without_a_child_is_not_activated(california_officer):
    case = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
    assert "child" in refused(case, "activate", california_officer)
    Child.objects.create(case=case)
    workflow.apply(case, "activate", by=california_officer)
    assert case.status == "active"


def test_case_is_located_only_when_every_child_is(active_case, california_officer):
    sibling = Child.objects.create(case=active_case)
    report_located_all = active_case.children.exclude(pk=sibling.pk)
    report_located_all.update(status="located")
    assert "missing" in refused(active_case, "report_located", california_officer)
    active_case.children.update(status="located")
    workflow.apply(active_case, "report_located", by=california_officer)
    assert active_case.status == "located"


def test_case_is_recovered_only_when_every_child_is(active_case, california_officer):
    Case.objects.filter(pk=active_case.pk).update(status="located")
    active_case.children.update(status="recovered")
    sibling = Child.objects.create(case=active_case, status="located")
    assert "identity" in refused(active_case, "recover", california_officer).lower()
    Child.objects.filter(pk=sibling.pk).update(status="recovered")
    workflow.apply(active_case, "recover", by=california_officer)
    assert active_case.status == "recovered"


def test_one_located_child_of_two_leaves_the_case_active(sent_request, california_officer):
    case = sent_request.case
    Child.objects.create(case=case)
    located(case.children.first(), california_officer, "us-ca-chp")
    case.refresh_from_db()
    assert case.status == "active"


def test_child_is_not_recovered_without_any_confirmation(sent_request, baja_coordinator):
    child = sent_request.case.children.get()
    located(child, baja_coordinator, "mx-bcn-amber")
    child.refresh_from_db()
    assert "Two officers" in refused(child, "recover", baja_coordinator)


def test_child_is_not_recovered_on_one_officers_word(sent_request, baja_coordinator):
    child = sent_request.case.children.get()
    recovery = located(child, baja_coordinator, "mx-bcn-amber")
    assert confirm_identity(recovery=recovery, by=baja_coordinator, method="document") is False
    child.refresh_from_db()
    assert child.status == "located"
    assert "Two officers" in refused(child, "recover", baja_coordinator)


def test_same_officer_does_not_confirm_twice(sent_request, baja_coordinator):
    recovery = located(sent_request.case.children.get(), baja_coordinator, "mx-bcn-amber")
    confirm_identity(recovery=recovery, by=baja_coordinator, method="document")
    with pytest.raises(ActRefused):
        confirm_identity(recovery=recovery, by=baja_coordinator, method="document")
    assert IdentityConfirmation.objects.count() == 1


def test_pair_without_the_holding_agency_is_not_enough(
    sent_request, baja_coordinator, california_officer, california_coordinator
):
    child = sent_request.case.children.get()
    recovery = located(child, baja_coordinator, "mx-bcn-amber")
    assert confirm_identity(recovery=recovery, by=california_officer, method="document") is False
    assert confirm_identity(recovery=recovery, by=california_coordinator, method="document") is False
    child.refresh_from_db()
    assert child.status == "located"
    assert "holding the child" in refused(child, "recover", california_officer)
    assert confirm_identity(recovery=recovery, by=baja_coordinator, method="document") is True
    child.refresh_from_db()
    assert child.status == "recovered"


def test_two_officers_of_the_holding_agency_are_enough(sent_request, baja_coordinator, baja_approver):
    child = sent_request.case.children.get()
    recovery = located(child, baja_coordinator, "mx-bcn-amber")
    confirm_identity(recovery=recovery, by=baja_coordinator, method="document")
    assert confirm_identity(recovery=recovery, by=baja_approver, method="document") is True


def test_agency_that_is_not_on_the_case_does_not_hold_the_child(sent_request, baja_coordinator):
    with pytest.raises(ActRefused):
        located(sent_request.case.children.get(), baja_coordinator, "ca-qc-sq")
    assert not Recovery.objects.exists()
    assert sent_request.case.children.get().status == "missing"


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser", "california_legal", "california_staff"])
def test_those_without_the_right_confirm_nothing(who, request, sent_request, baja_coordinator):
    recovery = located(sent_request.case.children.get(), baja_coordinator, "mx-bcn-amber")
    with pytest.raises(NotPermitted):
        confirm_identity(recovery=recovery, by=request.getfixturevalue(who), method="document")
    assert not IdentityConfirmation.objects.exists()


def test_right_ends_with_the_membership(active_case, california_officer):
    end_membership(membership=california_officer.memberships.get(), by=None)
    with pytest.raises(NotPermitted):
        workflow.apply(active_case, "close_as_hoax", by=california_officer)


def test_right_of_an_asked_agency_ends_with_its_access(sent_request, baja_coordinator):
    case = sent_request.case
    CaseAccess.objects.filter(case=case, agency__code="mx-bcn-amber").update(until=timezone.now())
    child = Child.objects.get(case=case)
    with pytest.raises(NotPermitted):
        workflow.apply(child, "report_located", by=baja_coordinator)


def test_opinion_is_given_only_for_the_advisors_own_agency(sent_request, california_legal, make_user):
    case = sent_request.case
    baja = Agency.objects.get(code="mx-bcn-amber")
    review = LegalReview.objects.create(case=case, agency=baja, requested_by=california_legal)
    with pytest.raises(NotPermitted):
        workflow.apply(review, "give", by=california_legal)
    advisor = make_user("lidia.juridica@baja.example", "mx-bcn-amber", "legal_advisor", "es")
    workflow.apply(review, "give", by=advisor)
    assert review.status == "given"


def test_outsider_records_no_opinion(active_case, make_user):
    advisor = make_user("luc.juriste@quebec.example", "ca-qc-sq", "legal_advisor", "fr")
    with pytest.raises(NotPermitted):
        record_opinion(case=active_case, by=advisor, opinion="in_favor", grounds="x")
    assert not LegalReview.objects.exists()
