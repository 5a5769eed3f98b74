"""Signing in and out, limits of a session, language remembered, and what the audit keeps of it."""

from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.urls import reverse

from agencies.models import AuditEvent

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


def sign_in(client, user, password=PASSWORD, **extra):
    return client.post(reverse("agencies:login"), {"username": user.email, "password": password, **extra})


def test_sign_in_and_out_are_recorded(client, baja_coordinator):
    assert sign_in(client, baja_coordinator).url == reverse("alerts:desk")
    response = client.post(reverse("agencies:logout"))
    assert '"cache"' in response.headers["Clear-Site-Data"]
    actions = AuditEvent.objects.filter(actor_id=baja_coordinator.pk).values_list("action", flat=True)
    assert set(actions) >= {"session.started", "session.ended"}


def test_failed_sign_in_is_recorded_without_the_address(client, baja_coordinator):
    assert sign_in(client, baja_coordinator, "wrong").status_code == 200
    event = AuditEvent.objects.get(action="session.refused")
    assert event.outcome == "denied"
    assert baja_coordinator.email not in str(event.detail)


def test_fifth_failure_locks_until_somebody_releases(client, baja_coordinator):
    for _try in range(5):
        answer = sign_in(client, baja_coordinator, "wrong")
    assert answer.status_code == 429
    assert sign_in(client, baja_coordinator).status_code == 429


def test_session_ends_after_thirty_idle_minutes(client, baja_coordinator):
    sign_in(client, baja_coordinator)
    assert client.get(reverse("alerts:desk")).status_code == 200
    session = client.session
    session["seen_at"] = time.time() - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    assert client.get(reverse("alerts:desk")).url.startswith(reverse("agencies:login"))


def test_session_ends_after_twelve_hours_of_work(client, baja_coordinator):
    sign_in(client, baja_coordinator)
    client.get(reverse("alerts:desk"))
    session = client.session
    session["started_at"] = time.time() - settings.SESSION_ABSOLUTE_SECONDS - 1
    session.save()
    assert client.get(reverse("alerts:desk")).status_code == 302


def test_lapsed_session_returns_to_the_same_page(client, baja_coordinator):
    wanted = reverse("alerts:request-list")
    login = client.get(wanted).url
    assert login.endswith(f"next={wanted}")
    assert sign_in(client, baja_coordinator, next=wanted).url == wanted


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_host(client, baja_coordinator, target):
    assert sign_in(client, baja_coordinator, next=target).url == reverse("alerts:desk")
    answer = client.post(reverse("agencies:set-language"), {"language": "fr", "next": target})
    assert answer.url == "/"


def test_language_is_remembered_on_the_person_and_in_the_browser(client, baja_coordinator):
    sign_in(client, baja_coordinator)
    assert 'lang="es-MX"' in client.get(reverse("alerts:desk")).text
    client.post(reverse("agencies:set-language"), {"language": "fr", "next": reverse("alerts:desk")})
    assert 'lang="fr-CA"' in client.get(reverse("alerts:desk")).text
    baja_coordinator.refresh_from_db()
    assert baja_coordinator.language == "fr"
    client.post(reverse("agencies:logout"))
    assert 'lang="fr-CA"' in client.get(reverse("agencies:login")).text


def test_unknown_language_changes_nothing(client, baja_coordinator):
    sign_in(client, baja_coordinator)
    client.post(reverse("agencies:set-language"), {"language": "xx", "next": "/"})
    baja_coordinator.refresh_from_db()
    assert baja_coordinator.language == "es"


def test_ended_membership_counts_at_the_next_request(client, active_case, california_officer):
    from agencies.services import end_membership

    client.force_login(california_officer)
    address = reverse("cases:case-detail", args=[active_case.pk])
    assert client.get(address).status_code == 200
    end_membership(membership=california_officer.memberships.get(), by=None)
    assert client.get(address).status_code == 404


def test_reading_a_case_is_recorded_once(client, active_case, california_officer):
    client.force_login(california_officer)
    client.get(reverse("cases:case-detail", args=[active_case.pk]))
    (event,) = AuditEvent.objects.filter(action="case.read", case_id=active_case.pk)
    assert event.object_ids == [str(active_case.pk)]
    assert event.actor_id == california_officer.pk


def test_denied_read_is_recorded_although_it_rolled_back(client, active_case, quebec_coordinator):
    client.force_login(quebec_coordinator)
    assert client.get(reverse("cases:case-detail", args=[active_case.pk])).status_code == 404
    (event,) = AuditEvent.objects.filter(action="request.refused")
    assert event.outcome == "denied"
    assert str(active_case.pk) in str(event.detail)


def events_of(action):
    return AuditEvent.objects.filter(action=action)


def test_attempts_and_locks_name_the_account_and_not_the_address(client, baja_coordinator):
    for _try in range(5):
        sign_in(client, baja_coordinator, "wrong")
    sign_in(client, baja_coordinator)
    assert events_of("session.refused").count() == 4
    assert events_of("session.locked").count() == 2
    for event in AuditEvent.objects.filter(action__in=("session.refused", "session.locked")):
        assert (event.outcome, event.actor_id, event.object_ids) == ("denied", None, [str(baja_coordinator.pk)])
        assert event.object_type == "agencies.user"
        assert baja_coordinator.email not in str(event.__dict__)


def test_attempt_at_no_account_is_recorded_too(client, db):
    client.post(reverse("agencies:login"), {"username": "nobody\0@nowhere.example", "password": "wrong"})
    client.post(reverse("agencies:login"), {"username": "nobody@nowhere.example", "password": "wrong"})
    assert [event.object_ids for event in events_of("session.refused")] == [[], []]


def test_lapsed_session_is_recorded_with_whose_it_was(client, baja_coordinator):
    sign_in(client, baja_coordinator)
    client.get(reverse("alerts:desk"))
    session = client.session
    session["seen_at"] = time.time() - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    client.get(reverse("alerts:desk"))
    assert [event.actor_id for event in events_of("session.lapsed")] == [baja_coordinator.pk]
    client.get(reverse("alerts:desk"))
    assert events_of("session.lapsed").count() == 1


def test_password_that_was_not_changed_is_a_refused_attempt(client, california_staff):
    client.force_login(california_staff)
    client.post(reverse("admin:password_change"), {"old_password": "wrong", "new_password1": "a", "new_password2": "b"})
    event = events_of("user.password_changed").get()
    assert (event.outcome, event.object_ids) == ("denied", [str(california_staff.pk)])


def test_memberships_and_capabilities_leave_events(
    baja_coordinator, baja_approver, california_coordinator, monkeypatch
):
    from agencies import services
    from agencies.choices import Capability, Role

    membership = baja_coordinator.memberships.get()
    granted = events_of("membership.granted").get(object_ids=[str(membership.pk)])
    assert granted.detail == {"user": str(baja_coordinator.pk), "role": "coordinator"}
    services.end_membership(membership=membership, by=california_coordinator)
    assert events_of("membership.ended").get().actor_id == california_coordinator.pk
    before = events_of("capabilities.changed").count()
    services.ensure_role_groups(membership.agency)
    assert events_of("capabilities.changed").count() == before
    less = services.ROLE_CAPABILITIES[Role.COORDINATOR] - {Capability.READ_AUDIT}
    monkeypatch.setitem(services.ROLE_CAPABILITIES, Role.COORDINATOR, less)
    services.ensure_role_groups(membership.agency)
    event = events_of("capabilities.changed").latest("at")
    assert (event.object_ids, event.detail) == (
        [str(membership.agency_id)], {"given": [], "taken": [str(Capability.READ_AUDIT)]},
    )  # fmt: skip
