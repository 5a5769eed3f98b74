"""People, memberships, roles and the audit in the administration."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from agencies import audit
from agencies.models import (
    Agency,
    AuditEvent,
    Membership,
    User,
)
from agencies.permissions import ROLE_CAPABILITIES
from agencies.services import grant_membership
from tests.agencies.admin_pages import PASSWORD, address, form_values

pytestmark = pytest.mark.django_db

# --- people ----------------------------------------------------------------------------------------------


def person_values(agency, **changes):
    return {
        "email": "New.Person@california.example", "full_name": "Nora Person", "language": "en", "time_zone": "UTC",
        "agency": agency.pk, "role": "duty_officer", "usable_password": "true", "password1": PASSWORD,
        "password2": PASSWORD, **changes,
    }  # fmt: skip


def test_staff_add_people_with_a_first_role(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    assert client.post(address(User, "add"), person_values(own)).status_code == 302
    made = User.objects.get(email="new.person@california.example")
    assert made.check_password(PASSWORD)
    assert (made.is_staff, made.is_superuser) == (False, False)
    assert list(made.memberships.values_list("agency__code", "role")) == [("us-ca-chp", "duty_officer")]
    assert AuditEvent.objects.filter(action="membership.granted", actor_id=california_staff.pk).count() == 1
    event = AuditEvent.objects.get(action="user.added")
    assert "password1" not in event.field_names
    assert LogEntry.objects.get().object_repr == str(made.pk)


def test_staff_add_nobody_to_a_foreign_agency(client, california_staff):
    client.force_login(california_staff)
    foreign = Agency.objects.get(code="mx-bcn-amber")
    response = client.post(address(User, "add"), person_values(foreign))
    assert "agency" in response.context["adminform"].form.errors
    assert not User.objects.filter(full_name="Nora Person").exists()


def test_weak_password_is_refused(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    response = client.post(address(User, "add"), person_values(own, password1="short", password2="short"))
    assert "password2" in response.context["adminform"].form.errors


def test_people_of_other_agencies_are_not_listed_and_missing(client, california_staff, california_officer, baja_staff):
    client.force_login(california_staff)
    listed = {person.pk for person in client.get(address(User, "changelist")).context["cl"].result_list}
    assert listed == {california_staff.pk, california_officer.pk}
    assert baja_staff.email not in client.get(address(User, "changelist"), {"q": "baja"}).text
    for page in ("change", "history", "delete"):
        foreign = client.get(address(User, page, baja_staff.pk))
        random = client.get(address(User, page, uuid.uuid4()))
        assert foreign.status_code == random.status_code == 404
    url = reverse("admin:auth_user_password_change", args=[baja_staff.pk])
    assert client.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 404


def test_account_of_somebody_who_acts_elsewhere_too_is_read_only(client, california_staff, california_officer):
    grant_membership(user=california_officer, agency=Agency.objects.get(code="us-tx-dps"), role="duty_officer", by=None)
    client.force_login(california_staff)
    page = client.get(address(User, "change", california_officer.pk))
    assert page.status_code == 200
    assert "us-tx-dps" not in page.text
    assert Agency.objects.get(code="us-tx-dps").name not in page.text
    assert client.post(address(User, "change", california_officer.pk), {"email": "x@y.example"}).status_code == 404
    url = reverse("admin:auth_user_password_change", args=[california_officer.pk])
    assert url not in page.text
    assert client.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 404
    california_officer.refresh_from_db()
    assert not california_officer.check_password(PASSWORD)


def test_nobody_edits_themselves_or_a_superuser_here(client, california_staff, superuser):
    grant_membership(user=superuser, agency=Agency.objects.get(code="us-ca-chp"), role="duty_officer", by=None)
    client.force_login(california_staff)
    for person in (california_staff, superuser):
        assert client.get(address(User, "change", person.pk)).status_code == 200
        assert client.post(address(User, "change", person.pk), {"email": "x@y.example"}).status_code == 404


def test_setting_a_password_is_recorded_and_shows_no_hash(client, california_staff, california_officer):
    client.force_login(california_staff)
    url = reverse("admin:auth_user_password_change", args=[california_officer.pk])
    page = client.get(address(User, "change", california_officer.pk))
    assert url in page.text
    assert california_officer.password.split("$")[0] not in page.text
    values = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": "1"}
    assert client.post(url, values).status_code == 302
    california_officer.refresh_from_db()
    assert california_officer.check_password(PASSWORD)
    event = AuditEvent.objects.get(action="user.password_set")
    assert (event.actor_id, event.object_ids) == (california_staff.pk, [str(california_officer.pk)])


def test_power_is_not_given_through_the_account_form(client, california_staff, california_officer):
    client.force_login(california_staff)
    page = client.get(address(User, "change", california_officer.pk))
    values = {**form_values(page), "is_superuser": "on", "is_staff": "on", "groups": "1", "password": "x"}
    assert client.post(address(User, "change", california_officer.pk), values).status_code == 302
    california_officer.refresh_from_db()
    assert (california_officer.is_superuser, california_officer.is_staff) == (False, False)
    assert california_officer.has_usable_password()
    assert not california_officer.groups.exists()


def test_lock_after_failed_sign_ins_is_released(client, california_staff, california_officer, baja_staff):
    from axes.models import AccessAttempt

    for person in (california_officer, baja_staff):
        AccessAttempt.objects.create(username=person.email, failures_since_start=5)
    client.force_login(california_staff)
    chosen = {"action": "release_lock", "_selected_action": [california_officer.pk, baja_staff.pk], "index": 0}
    client.post(address(User, "changelist"), chosen)
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == [baja_staff.email]
    assert AuditEvent.objects.filter(action="user.lock_released").count() == 1


# --- memberships -----------------------------------------------------------------------------------------


def test_membership_is_granted_and_ended_by_the_services(client, california_staff, california_officer):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    values = {"user": california_officer.pk, "agency": own.pk, "role": "staff"}
    assert client.post(address(Membership, "add"), values).status_code == 302
    made = Membership.objects.get(user=california_officer, role="staff")
    california_officer.refresh_from_db()
    assert california_officer.is_staff
    assert AuditEvent.objects.filter(action="membership.granted", object_ids=[str(made.pk)]).count() == 1
    repeat = client.post(address(Membership, "add"), values)
    assert "role" in repeat.context["adminform"].form.errors
    assert client.post(address(Membership, "change", made.pk), {"role": "coordinator"}).status_code == 404
    client.post(address(Membership, "changelist"), {"action": "end_chosen", "_selected_action": [made.pk], "index": 0})
    made.refresh_from_db()
    assert made.valid_until is not None
    assert AuditEvent.objects.filter(action="membership.ended", object_ids=[str(made.pk)]).count() == 1


def test_nobody_grants_or_ends_a_role_of_their_own(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    values = {"user": california_staff.pk, "agency": own.pk, "role": "coordinator"}
    assert "user" in client.post(address(Membership, "add"), values).context["adminform"].form.errors
    mine = Membership.objects.get(user=california_staff)
    client.post(address(Membership, "changelist"), {"action": "end_chosen", "_selected_action": [mine.pk], "index": 0})
    mine.refresh_from_db()
    assert mine.valid_until is None


def test_memberships_of_other_agencies_are_out_of_reach(client, california_staff, california_officer, baja_staff):
    client.force_login(california_staff)
    foreign = Membership.objects.get(user=baja_staff)
    assert foreign not in client.get(address(Membership, "changelist")).context["cl"].result_list
    assert client.get(address(Membership, "change", foreign.pk)).status_code == 404
    client.post(
        address(Membership, "changelist"), {"action": "end_chosen", "_selected_action": [foreign.pk], "index": 0}
    )
    foreign.refresh_from_db()
    assert foreign.valid_until is None
    baja = Agency.objects.get(code="mx-bcn-amber")
    for user, agency in ((california_officer, baja), (baja_staff, Agency.objects.get(code="us-ca-chp"))):
        response = client.post(
            address(Membership, "add"), {"user": user.pk, "agency": agency.pk, "role": "duty_officer"}
        )
        assert response.context["adminform"].form.errors
    prefilled = client.get(address(Membership, "add"), {"user": baja_staff.pk})
    assert baja_staff.full_name not in prefilled.text


# --- roles, audit ----------------------------------------------------------------------------------------


def test_table_of_roles_shows_every_right(client, california_staff, superuser):
    for user in (california_staff, superuser):
        client.force_login(user)
        response = client.get(reverse("admin:agencies_agency_roles"))
        shown = {
            (role, right)
            for right, _meaning, held in response.context["rows"]
            for role, yes in zip(response.context["roles"], held, strict=True)
            if yes
        }
        assert len(shown) == sum(len(rights) for rights in ROLE_CAPABILITIES.values())


def test_audit_shows_events_of_ones_own_agency_only(client, california_staff, california_officer, baja_coordinator):
    own = audit.record("case.read", by=california_officer, object_ids=["1"])
    foreign = audit.record("case.read", by=baja_coordinator, object_ids=["1"])
    client.force_login(california_staff)
    shown = [event.pk for event in client.get(address(AuditEvent, "changelist")).context["cl"].result_list]
    assert own.pk in shown
    assert foreign.pk not in shown
    assert client.get(address(AuditEvent, "change", own.pk)).status_code == 200
    assert client.get(address(AuditEvent, "change", foreign.pk)).status_code == 404
    for page in ("change", "delete"):
        assert client.post(address(AuditEvent, page, own.pk), {"action": "x"}).status_code == 404
    assert client.get(address(AuditEvent, "add")).status_code == 404


def test_reading_people_and_audit_is_recorded_once_per_answer(client, california_staff, california_officer):
    client.force_login(california_staff)
    client.get(address(User, "changelist"))
    event = AuditEvent.objects.get(action="user.read")
    assert set(event.object_ids) == {str(california_staff.pk), str(california_officer.pk)}
    client.get(address(User, "change", california_officer.pk))
    assert AuditEvent.objects.filter(action="user.read", object_ids=[str(california_officer.pk)]).count() == 1
    client.get(address(AuditEvent, "changelist"))
    assert AuditEvent.objects.filter(action="auditevent.read").count() == 1


def test_refused_address_is_recorded(client, california_staff, baja_staff):
    client.force_login(california_staff)
    client.get(address(User, "change", baja_staff.pk))
    event = AuditEvent.objects.get(outcome="denied")
    assert event.detail["ids"] == [str(baja_staff.pk)]
