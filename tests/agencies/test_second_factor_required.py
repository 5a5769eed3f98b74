"""Who must have a second factor reaches nothing without one, and the pages that set it up (ADR 70)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse

from agencies import half_signed_in, second_factor
from agencies.models import Agency, AuditEvent
from agencies.refusals import ActRefused
from tests.agencies.authenticator import PASSWORD, Clock, enrolled

pytestmark = pytest.mark.django_db
ENROL = "/account/factor/enrol/"
ENROL_FOR_DESK = f"{ENROL}?next=%2Fdesk%2F"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands = Clock()
    monkeypatch.setattr("time.time", stands)
    return stands


@pytest.fixture
def everywhere(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_factor(user: Any) -> Client:
    """Return a browser in which this person has signed in with the factor they have."""
    client = signed_in(user)
    session = client.session
    session[half_signed_in.PROVEN_WITH] = str(user.second_factor_id)
    session.save()
    return client


def require(code: str, value: bool = True) -> None:
    Agency.objects.filter(code=code).update(requires_second_factor=value)


def test_whoever_has_one_goes_everywhere(baja_coordinator: Any, everywhere: None, clock: Clock) -> None:
    enrolled(baja_coordinator, clock)
    client = with_factor(baja_coordinator)
    assert client.get("/desk/").status_code == 200
    assert client.get("/api/v1/desk/").status_code == 200


def test_agency_requires_it_of_its_own_people_only(
    baja_coordinator: Any, california_officer: Any, california_staff: Any
) -> None:
    require("us-ca-chp")
    assert signed_in(california_officer).get("/desk/").url == ENROL_FOR_DESK
    assert signed_in(california_staff).get("/admin/").url == f"{ENROL}?next=%2Fadmin%2F"
    assert signed_in(baja_coordinator).get("/desk/").status_code == 200
    require("us-ca-chp", False)
    assert signed_in(california_officer).get("/desk/").status_code == 200


def test_agency_one_does_not_act_for_requires_it_too(california_officer: Any) -> None:
    from agencies.services import grant_membership

    grant_membership(user=california_officer, agency=Agency.objects.get(code="ca-qc-sq"), role="duty_officer", by=None)
    require("ca-qc-sq")
    client = signed_in(california_officer)
    session = client.session
    session["acts_for"] = Agency.objects.get(code="us-ca-chp").pk
    session.save()
    assert client.get("/desk/").url == ENROL_FOR_DESK


def test_ended_membership_requires_nothing(california_officer: Any) -> None:
    from agencies.services import end_membership

    require("us-ca-chp")
    end_membership(membership=california_officer.memberships.get(), by=None)
    assert signed_in(california_officer).get("/desk/").status_code == 200


def test_staff_set_it_in_the_administration(california_staff: Any) -> None:
    from tests.agencies.admin_pages import address, form_values

    client = signed_in(california_staff)
    page = address(Agency, "change", Agency.objects.get(code="us-ca-chp").pk)
    values = form_values(client.get(page))
    assert client.post(page, {**values, "requires_second_factor": "on"}).status_code == 302
    assert Agency.objects.get(code="us-ca-chp").requires_second_factor
    assert "requires_second_factor" in AuditEvent.objects.get(action="agency.changed").field_names
    assert client.get(page).url.startswith(ENROL)


def test_enrolment_leads_where_one_wanted_to_go(client: Client, baja_coordinator: Any, everywhere: None) -> None:
    form = {"username": baja_coordinator.email, "password": PASSWORD, "next": "/cases/"}
    assert client.post(reverse("agencies:login"), form).url == "/cases/"
    page = client.get("/cases/", follow=True)
    assert page.redirect_chain == [(f"{ENROL}?next=%2Fcases%2F", 302)]
    assert 'name="next" value="/cases/"' in page.text
    assert '<nav class="site-nav"' not in page.text


def test_required_factor_is_not_removed(baja_coordinator: Any, clock: Clock, everywhere: None) -> None:
    phone = enrolled(baja_coordinator, clock)
    with pytest.raises(ActRefused):
        second_factor.remove(user=baja_coordinator)
    client = with_factor(baja_coordinator)
    form = {"password": PASSWORD, "present_code": phone.code(), "nonce": "n1"}
    assert client.post("/account/factor/remove/", form).status_code == 409
    baja_coordinator.refresh_from_db()
    assert baja_coordinator.second_factor_id is not None
    assert "/account/factor/remove/" not in client.get("/account/factor/").text


def faults() -> set[str]:
    return {fault.id for fault in run_checks() if fault.id.startswith("agencies.")}


def test_production_does_not_start_without_it(settings: Any) -> None:
    assert faults() == set()
    settings.SECURE_SSL_REDIRECT = True
    assert faults() == {"agencies.E001"}
    settings.SECOND_FACTOR_REQUIRED = True
    assert faults() == set()
    for wrong in ("", "name-alone", "short:YWJj", "bad:%%%"):
        settings.FACTOR_KEYS = wrong
        assert faults() == {"agencies.E002"}
