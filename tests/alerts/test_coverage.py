"""A national alert covers those of the states: linked on both pages, and one cancellation reaches all (U5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import AlertProgram
from alerts.gathering import content_hash
from alerts.models import Alert, CoveredAlert, Duty, Notice, PublicAlert
from alerts.services import discharge, drafts, issuing, outside, requests
from cases.services.recoveries import confirm_identity
from tests.alerts.test_outside import own_alert
from tests.alerts.test_recovery import located

pytestmark = pytest.mark.django_db


@pytest.fixture
def national_officers(make_user: Any) -> tuple[Any, Any]:
    """Two coordinators of the national coordination of Mexico."""
    return (
        make_user("fidel.coord@fgr.example", "mx-fgr-amber", "coordinator", "es"),
        make_user("flor.coord@fgr.example", "mx-fgr-amber", "coordinator", "es"),
    )


@pytest.fixture
def activate_national(active_case: Any, california_officer: Any, national_officers: Any) -> Any:
    """Ask the national coordination and let it alert."""

    def activate() -> Alert:
        one, two = national_officers
        program = AlertProgram.objects.get(code="mx-fgr")
        asked = requests.send_request(case=active_case, program=program, by=california_officer)
        requests.acknowledge(request=asked, by=one)
        requests.decide(request=asked, by=one, decision="accept_changed_area", area=["MX-BCN", "MX-SON"])
        alert: Alert = asked.alert
        drafts.submit(alert=alert, by=one)
        drafts.approve(alert=alert, by=two, seen_hash=content_hash(alert))
        issuing.activate(alert=alert, by=one)
        return alert

    return activate


def test_one_cancellation_leaves_every_covered_program_its_cancel_at_once(
    active_alert: Any, activate_national: Any, national_officers: Any, baja_coordinator: Any
) -> None:
    national = activate_national()
    link = CoveredAlert.objects.get()
    assert (link.national, link.alert) == (national, active_alert)
    issuing.cancel(alert=national, by=national_officers[0], reason="suspect_caught")
    active_alert.refresh_from_db()
    duty = Duty.objects.open().get(kind="cancel_alert")
    assert (duty.alert, duty.program, duty.detail) == (
        active_alert, active_alert.program, {"reason": "suspect_caught", "national": national.number}
    )  # fmt: skip
    # Nobody cancels in the name of the state: its alert stays in force and public until it does so itself.
    assert active_alert.status == "active"
    assert PublicAlert.objects.get(alert=active_alert).is_live
    assert Notice.objects.filter(kind="national_ended", alert=active_alert).count() == 1
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="suspect_caught")
    duty.refresh_from_db()
    assert duty.status == "discharged"


def test_state_that_alerts_later_is_covered_too(
    approved_alert: Any, activate_national: Any, baja_coordinator: Any
) -> None:
    national = activate_national()
    assert not CoveredAlert.objects.exists()
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert CoveredAlert.objects.get().national == national


def test_state_may_refuse_and_keep_its_alert(
    active_alert: Any, activate_national: Any, national_officers: Any, baja_coordinator: Any
) -> None:
    issuing.cancel(alert=activate_national(), by=national_officers[0], reason="criteria_not_met")
    duty = Duty.objects.open().get(kind="cancel_alert")
    discharge.discharge(duty=duty, by=baja_coordinator, outcome="refused", reason="still_missing")
    active_alert.refresh_from_db()
    assert active_alert.status == "active"


def test_alert_outside_the_portal_is_covered_and_reached(
    accepted_request: Any, activate_national: Any, national_officers: Any, baja_coordinator: Any
) -> None:
    outside.record_activation(request=accepted_request, by=baja_coordinator, alert=own_alert())
    national = activate_national()
    assert CoveredAlert.objects.get().request == accepted_request
    issuing.cancel(alert=national, by=national_officers[0], reason="suspect_caught")
    assert Duty.objects.open().get(kind="cancel_alert").request == accepted_request


def test_on_recovery_standing_authority_acts_for_each(
    active_alert: Any, activate_national: Any, national_officers: Any, baja_coordinator: Any, california_officer: Any
) -> None:
    national = activate_national()
    AlertProgram.objects.filter(code__in=("mx-fgr", "mx-bcn")).update(cancel_on_recovery=True)
    recovery = located(national.case.children.get(), baja_coordinator)
    for officer in (baja_coordinator, california_officer):
        confirm_identity(recovery=recovery, by=officer, method="document")
    assert set(Alert.objects.values_list("status", flat=True)) == {"cancelled"}
    assert not Duty.objects.open().filter(kind="cancel_alert").exists()
    assert not Notice.objects.filter(kind="national_ended").exists()


def test_alerts_of_other_countries_are_not_covered(
    active_case: Any, activate_national: Any, california_officer: Any, california_coordinator: Any
) -> None:
    home = drafts.start_alert(program=AlertProgram.objects.get(code="us-ca"), case=active_case, by=california_officer)
    Alert.objects.filter(pk=home.pk).update(status="active", activated_at=home.created_at, expires_at=home.created_at)
    activate_national()
    assert not CoveredAlert.objects.exists()


def test_both_pages_show_the_link_and_the_duty_says_why(
    client: Client, active_alert: Any, activate_national: Any, national_officers: Any, baja_coordinator: Any,
    quebec_coordinator: Any,
) -> None:  # fmt: skip
    national = activate_national()
    pages = {alert: reverse("alerts:alert-detail", args=[alert.pk]) for alert in (national, active_alert)}
    for person in (baja_coordinator, national_officers[0]):
        client.force_login(person)
        assert active_alert.number in client.get(pages[national]).text
        assert national.number in client.get(pages[active_alert]).text
    assert not CoveredAlert.objects.visible_to(quebec_coordinator).exists()
    issuing.cancel(alert=national, by=national_officers[0], reason="suspect_caught")
    client.force_login(baja_coordinator)
    text = client.get(Duty.objects.open().get(kind="cancel_alert").url).text
    assert f"La alerta nacional {national.number}" in text
    assert "Se retiró todo lo público" not in text
