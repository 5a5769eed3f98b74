"""An alert keeps the version of the criteria that it was activated under (U12, U28, domain §1.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.criteria_versions import is_used
from agencies.models import CriteriaVersion
from agencies.refusals import ActRefused
from alerts import publication, terms
from alerts.models import Alert, PublicAlert
from alerts.services import preparing, renewals
from tests.criteria import next_version

pytestmark = pytest.mark.django_db


def new_version(alert: Alert, **fields: Any) -> CriteriaVersion:
    """Put a new version of the program's rules in force, as staff do."""
    present = CriteriaVersion.in_force_for(alert.program)
    assert present is not None
    return next_version(present, effective_from=timezone.localdate(), **fields)


def test_draft_follows_its_program_and_activation_fixes_the_version(approved_alert, baja_coordinator):
    from alerts.services.issuing import activate

    assert approved_alert.criteria is None
    assert terms.rules_for(approved_alert) == terms.rules_of(approved_alert.program)
    in_force = CriteriaVersion.in_force_for(approved_alert.program)
    activate(alert=approved_alert, by=baja_coordinator)
    assert Alert.objects.get().criteria == in_force
    assert is_used(CriteriaVersion.objects.get(pk=in_force.pk))


def test_new_version_does_not_reach_a_running_alert(active_alert, baja_coordinator):
    before = terms.rules_for(active_alert)
    later = new_version(active_alert, is_renewable=False, min_duration_hours=20, public_fields=[])
    alert = Alert.objects.get()
    assert CriteriaVersion.in_force_for(alert.program) == later
    assert terms.rules_for(alert) == before != terms.rules_of(alert.program)
    assert "suspect_name" in publication.allowed_by(alert).fields
    assert publication.allowed_for(alert.program, alert.case).fields == frozenset()
    assert "Waldemar" in str(preparing.present_facts(alert))
    Alert.objects.update(expires_at=timezone.now() + timedelta(hours=3))
    assert renewals.ask_renewal(alert=alert, by=baja_coordinator, hours=12, reason="new_information").hours == 12


def test_term_is_asked_about_by_the_kept_version(active_alert):
    new_version(active_alert, renewal_deadline_hours=20)
    assert renewals.leave_term_duties() == 0


def test_new_version_counts_for_the_next_alert(active_alert, baja_coordinator, approved_alert):
    later = new_version(active_alert, max_duration_hours=2)
    with pytest.raises(ActRefused):
        terms.check_term(terms.rules_of(active_alert.program), 24)
    assert later.version == active_alert.criteria.version + 1


def test_version_that_was_used_is_not_overwritten(active_alert, client, baja_staff):
    client.force_login(baja_staff)
    version = active_alert.criteria
    address = reverse("admin:agencies_criteriaversion_change", args=[version.pk])
    page = client.get(address)
    assert page.status_code == 200
    assert 'name="min_duration_hours"' not in page.content.decode()
    assert client.post(address, {"min_duration_hours": "20"}).status_code in (403, 404)
    version.refresh_from_db()
    assert version.min_duration_hours is None


def test_reference_data_loaded_again_leave_a_used_version_as_it_is(active_alert):
    from django.core.management import call_command

    CriteriaVersion.objects.filter(pk=active_alert.criteria_id).update(max_total_hours=50)
    call_command("load_reference_data", verbosity=0)
    assert CriteriaVersion.objects.get(pk=active_alert.criteria_id).max_total_hours == 50


@pytest.mark.parametrize(
    ("limits", "lasts", "wireless"),
    [({"wea_short": 90, "wea_long": 360}, 72, 24), ({"wea_long": 360}, 5, 5), ({"alert_ready": 300}, 72, None),
     ({}, 72, None)],
)  # fmt: skip
def test_wireless_part_ends_a_day_after_the_message_where_the_program_has_one(
    limits, lasts, wireless, active_alert, client, baja_coordinator
):
    CriteriaVersion.objects.filter(pk=active_alert.criteria_id).update(message_limits=limits)
    sent = timezone.now() - timedelta(minutes=1)
    PublicAlert.objects.update(sent_at=sent)
    Alert.objects.update(expires_at=sent + timedelta(hours=lasts))
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:alert-detail", args=[active_alert.pk]))
    shown = client.get(f"/api/v1/alerts/{active_alert.pk}/").json()
    expected = None if wireless is None else sent + timedelta(hours=wireless)
    assert page.context["wireless_until"] == expected
    assert ("Termina la parte inalámbrica" in page.content.decode()) == (wireless is not None)
    assert (shown["wireless_expires_at"] is None) == (expected is None)
    if expected is not None:
        assert shown["wireless_expires_at"][:19] == expected.strftime("%Y-%m-%dT%H:%M:%S")
    listed = client.get("/api/v1/alerts/").json()["results"][0]
    assert listed["wireless_expires_at"] == shown["wireless_expires_at"]
