"""What is kept of a form that was sent after the session had ended: the words, never a password or a code (U31)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.agencies.authenticator import PASSWORD

pytestmark = pytest.mark.django_db
SECRETS = {"password": PASSWORD, "code": "123456", "present_code": "234567", "recovery_code": "7-ABCD-EFGH-JKMN"}


def sent_after_the_end(user: Any, address: str, form: dict[str, str]) -> dict[str, Any]:
    """Return what the session of nobody holds after this form was sent twelve hours too late."""
    client = Client()
    client.force_login(user)
    assert client.get(reverse("agencies:factor")).status_code == 200
    session = client.session
    session["started_at"] = time.time() - settings.SESSION_ABSOLUTE_SECONDS - 1
    session.save()
    answer = client.post(address, form)
    assert answer.url == f"/login/?next={address}"
    return dict(client.session.items())


@pytest.mark.parametrize(
    "name", ["session-renew", "factor-enrol", "factor-renew-codes", "factor-remove", "factor-codes"]
)
def test_nothing_is_kept_of_a_form_that_asks_for_a_proof(baja_coordinator: Any, name: str) -> None:
    kept = sent_after_the_end(baja_coordinator, reverse(f"agencies:{name}"), {**SECRETS, "nonce": "n-1"})
    assert "typed_before" not in kept
    assert not any(secret in str(kept) for secret in SECRETS.values())


def test_passwords_and_codes_are_kept_of_no_form(baja_coordinator: Any) -> None:
    address = reverse("cases:case-open")
    words = {"place-postal_code": "22000", "note": "Blue car", "nonce": "n-1"}
    more = {"new_password1": "secret-1", "login-password": "secret-2", "0-code": "654321", "csrfmiddlewaretoken": "t-1"}
    kept = sent_after_the_end(baja_coordinator, address, {**words, **SECRETS, **more})["typed_before"]
    assert kept["user"] == str(baja_coordinator.pk)
    assert QueryDict(kept["typed"]).dict() == words
