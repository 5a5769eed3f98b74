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
