"""The last approver or duty contact of a program is not taken away until a successor is named, or two agree (U36)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AlertProgram, AuditEvent, Membership
from agencies.refusals import ActRefused
from agencies.services import ask_for_end, end_membership
from agencies.staffing import desks_without_anybody, endings_of, gaps_without, gaps_without_person

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


def dated(user: Any, days: int) -> None:
    Membership.objects.filter(user=user).update(valid_until=timezone.now() + timedelta(days=days))


def test_who_has_an_end_date_is_no_successor(baja_coordinator: Any, baja_staff: Any, make_user: Any) -> None:
    second = make_user("beto.approver@baja.example", BAJA, "coordinator", "es")
    dated(second, 30)
    assert lacks(baja_coordinator) == BOTH
    with pytest.raises(ActRefused):
        end_membership(membership=role_of(baja_coordinator), by=baja_staff)
    assert lacks(second) == set()
    dated(baja_coordinator, 10)  # both end: either may go before, the other one is still there
    assert lacks(baja_coordinator) == set()
    Membership.objects.filter(user=second).update(valid_until=None)
    assert lacks(baja_coordinator) == set()


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_administration_tells_the_day_after_which_nobody_is_there(
    client: Any, baja_coordinator: Any, baja_staff: Any, make_user: Any, language: str
) -> None:
    baja_staff.language = language
    baja_staff.save(update_fields=["language"])
    client.force_login(baja_staff)
    address = reverse("admin:agencies_membership_changelist")

    def told() -> list[str]:
        return [str(message) for message in client.get(address).context["messages"]]

    assert told() == []
    dated(baja_coordinator, 10)
    endings = [ending.gap for ending in endings_of([role_of(baja_coordinator).agency_id])]
    assert {(gap.program.code, str(gap.capability)) for gap in endings} == BOTH
    assert len(told()) == 2
    other = make_user("beto.approver@baja.example", BAJA, "coordinator", "es")
    dated(other, 20)
    last = endings_of([role_of(other).agency_id])[0].ends_at
    assert last == role_of(other).valid_until
    Membership.objects.filter(user=other).update(valid_until=None)
    assert told() == []


def test_desks_at_which_nobody_answers_are_refused(baja_coordinator: Any, make_user: Any) -> None:
    program = AlertProgram.objects.get(code="mx-bcn")
    elsewhere = Agency.objects.get(code="mx-son-amber")
    assert desks_without_anybody(program, [elsewhere.pk])
    assert not desks_without_anybody(program, [elsewhere.pk, role_of(baja_coordinator).agency_id])
    assert not desks_without_anybody(program, [])
    program.agency = elsewhere  # the program would receive by its own agency, and have another one
    assert desks_without_anybody(program, [])
    make_user("sonia.guardia@sonora.example", "mx-son-amber", "duty_officer", "es")
    assert not desks_without_anybody(program, [elsewhere.pk])
    Membership.objects.update(valid_until=timezone.now())
    assert not desks_without_anybody(program, [Agency.objects.get(code="us-ca-chp").pk])  # it lacked somebody before


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_administration_refuses_such_desks(
    client: Any, baja_coordinator: Any, baja_staff: Any, make_user: Any, language: str
) -> None:
    baja_staff.language = language
    baja_staff.save(update_fields=["language"])
    client.force_login(baja_staff)
    program = AlertProgram.objects.get(code="mx-bcn")
    address = reverse("admin:agencies_alertprogram_change", args=[program.pk])
    page = client.get(address)
    form = page.context["adminform"].form
    values = {name: value for name, value in ((f.html_name, f.value()) for f in form) if value not in (None, False)}
    for block in page.context["inline_admin_formsets"]:
        values |= {field.html_name: field.value() for field in block.formset.management_form}
        values[f"{block.formset.prefix}-TOTAL_FORMS"] = block.formset.initial_form_count()
        for row in block.formset.initial_forms:
            values |= {f.html_name: f.value() for f in row if f.value() is not None}
    desks = page.context["inline_admin_formsets"][0].formset
    place, count = desks.prefix, desks.initial_form_count()
    values |= {f"{place}-{number}-DELETE": "on" for number in range(count)}
    values |= {f"{place}-TOTAL_FORMS": count + 1, f"{place}-{count}-position": 1,
               f"{place}-{count}-agency": Agency.objects.get(code="mx-son-amber").pk}  # fmt: skip
    answer = client.post(address, values)
    assert answer.status_code == 200
    assert answer.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert not program.desks.filter(agency__code="mx-son-amber").exists()
    make_user("sonia.guardia@sonora.example", "mx-son-amber", "duty_officer", "es")
    assert client.post(address, values).status_code == 302
    assert program.desks.get().agency.code == "mx-son-amber"
