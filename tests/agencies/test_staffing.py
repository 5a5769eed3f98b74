"""The last approver or duty contact of a program is not taken away until a successor is named, or two agree (U36)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AuditEvent, Membership
from agencies.refusals import ActRefused
from agencies.services import ask_for_end, end_membership
from agencies.staffing import gaps_without, gaps_without_person

pytestmark = pytest.mark.django_db
BAJA = "mx-bcn-amber"


@pytest.fixture
def second_staff(make_user: Any) -> Any:
    """A second administrator of Baja California."""
    return make_user("bruno.staff@baja.example", BAJA, "staff", "es", is_staff=True)


def role_of(user: Any) -> Membership:
    return Membership.objects.select_related("user", "agency").get(user=user)


def lacks(user: Any) -> set[tuple[str, str]]:
    return {(gap.program.code, str(gap.capability)) for gap in gaps_without([role_of(user)])}


BOTH = {("mx-bcn", "approve_alerts"), ("mx-bcn", "answer_requests")}


def test_only_coordinator_is_both_and_a_second_one_ends_that(baja_coordinator: Any, make_user: Any) -> None:
    assert lacks(baja_coordinator) == BOTH
    officer = make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es")
    assert lacks(baja_coordinator) == {("mx-bcn", "approve_alerts")}
    assert lacks(officer) == set()
    make_user("beto.approver@baja.example", BAJA, "coordinator", "es")
    assert lacks(baja_coordinator) == set()


def test_suspended_and_former_people_are_no_successors(baja_coordinator: Any, baja_approver: Any) -> None:
    assert lacks(baja_coordinator) == set()
    baja_approver.is_active = False
    baja_approver.save(update_fields=["is_active"])
    assert lacks(baja_coordinator) == BOTH
    assert {gap.program.code for gap in gaps_without_person(baja_coordinator)} == {"mx-bcn"}


def test_roles_that_programs_can_spare_are_ended(baja_coordinator: Any, baja_staff: Any, make_user: Any) -> None:
    advisor = make_user("lidia.juridica@baja.example", BAJA, "legal_advisor", "es")
    end_membership(membership=role_of(advisor), by=baja_staff)
    assert role_of(advisor).valid_until is not None


def test_last_one_stays_until_a_successor_is_named(baja_coordinator: Any, baja_staff: Any, make_user: Any) -> None:
    with pytest.raises(ActRefused) as refused:
        end_membership(membership=role_of(baja_coordinator), by=baja_staff)
    assert "last approver" in str(refused.value.message)
    assert role_of(baja_coordinator).valid_until is None
    make_user("beto.approver@baja.example", BAJA, "coordinator", "es")
    end_membership(membership=role_of(baja_coordinator), by=baja_staff)
    assert role_of(baja_coordinator).valid_until is not None


def test_second_administrator_overrides_and_the_first_does_not(
    baja_coordinator: Any, baja_staff: Any, second_staff: Any
) -> None:
    ask_for_end(membership=role_of(baja_coordinator), by=baja_staff)
    with pytest.raises(ActRefused):
        end_membership(membership=role_of(baja_coordinator), by=baja_staff)
    end_membership(membership=role_of(baja_coordinator), by=second_staff)
    assert role_of(baja_coordinator).valid_until is not None


def test_what_was_asked_for_long_ago_counts_no_more(baja_coordinator: Any, baja_staff: Any, second_staff: Any) -> None:
    ask_for_end(membership=role_of(baja_coordinator), by=baja_staff)
    Membership.objects.filter(user=baja_coordinator).update(end_asked_at=timezone.now() - timedelta(hours=73))
    with pytest.raises(ActRefused):
        end_membership(membership=role_of(baja_coordinator), by=second_staff)


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_administration_says_what_is_missing_and_lets_two_decide(
    client: Any, baja_coordinator: Any, baja_staff: Any, second_staff: Any, language: str
) -> None:
    body = {"action": "end_chosen", "_selected_action": [role_of(baja_coordinator).pk], "index": 0}
    address = reverse("admin:agencies_membership_changelist")
    for person, has_ended in ((baja_staff, False), (baja_staff, False), (second_staff, True)):
        person.language = language
        person.save(update_fields=["language"])
        client.force_login(person)
        answer = client.post(address, body, follow=True)
        assert (role_of(baja_coordinator).valid_until is not None) == has_ended
        assert ("Amber" in answer.text or "AMBER" in answer.text) and answer.status_code == 200
    assert AuditEvent.objects.filter(action="membership.end_asked").count() == 2


def test_administration_does_not_suspend_the_last_one(client: Any, baja_coordinator: Any, baja_staff: Any) -> None:
    client.force_login(baja_staff)
    address = reverse("admin:agencies_user_change", args=[baja_coordinator.pk])
    values = {
        "email": baja_coordinator.email, "full_name": baja_coordinator.full_name, "language": "es",
        "reads_languages": ["es"], "time_zone": "America/Tijuana",
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
    }  # fmt: skip
    answer = client.post(address, values)
    assert list(answer.context["adminform"].form.errors) == ["is_active"]
    baja_coordinator.refresh_from_db()
    assert baja_coordinator.is_active
    assert Agency.objects.get(code=BAJA).is_active
