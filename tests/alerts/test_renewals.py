"""Renewing an alert by its program's rules, and being asked in time (U12, U20)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from agencies.models import CriteriaVersion
from agencies.refusals import ActRefused, NotPermitted
from alerts.models import Alert, Duty, Notice, PublicAlert
from alerts.services import renewals, takedown, updates
from alerts.services.updates import update_hash

pytestmark = pytest.mark.django_db


def rule(alert, **fields):
    """Give the program's rules in force these durations."""
    criteria = CriteriaVersion.in_force_for(alert.program)
    CriteriaVersion.objects.filter(pk=criteria.pk).update(**fields)


def ends_in(alert, **left):
    """Let the alert end after so long."""
    Alert.objects.filter(pk=alert.pk).update(expires_at=timezone.now() + timedelta(**left))


def test_renewal_is_an_update_with_a_new_end(active_alert, baja_coordinator, baja_approver):
    ends_in(active_alert, hours=3)
    before = {text.language: text.description for text in PublicAlert.objects.get().texts.all()}
    update = renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=24, reason="child_still_missing")
    assert (update.kind, update.status) == ("renewal", "submitted")
    message = updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    active_alert.refresh_from_db()
    assert active_alert.expires_at - timezone.now() > timedelta(hours=23)
    assert message.expires_at == active_alert.expires_at == PublicAlert.objects.get().expires_at
    assert {text.language: text.description for text in PublicAlert.objects.get().texts.all()} == before


def test_who_asked_does_not_issue(active_alert, baja_coordinator):
    update = renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=24, reason="new_information")
    with pytest.raises(ActRefused):
        updates.issue(update=update, by=baja_coordinator, seen_hash=update_hash(update))


@pytest.mark.parametrize(
    ("fields", "left", "words"),
    [
        ({"is_renewable": False}, 5, "cannot be renewed"),
        ({"renewal_deadline_hours": 1}, 0.5, "until 1 h before"),
        ({"max_duration_hours": 20}, 5, "from 1 to 20 hours"),
        ({"max_total_hours": 30}, 30, "longest total of its program, 30 hours"),
    ],
)
def test_rules_of_the_program_refuse_and_say_why(fields, left, words, active_alert, baja_coordinator):
    rule(active_alert, **fields)
    ends_in(active_alert, hours=left)
    with pytest.raises(ActRefused) as refusal:
        renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=24, reason="new_information")
    assert words in str(refusal.value.message)
    assert not active_alert.updates.exists()


def test_renewal_is_capped_by_the_total_of_the_program(active_alert, baja_coordinator, baja_approver, client):
    rule(active_alert, max_total_hours=30)
    ends_in(active_alert, hours=5)
    update = renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=30, reason="new_information")
    Alert.objects.filter(pk=active_alert.pk).update(activated_at=timezone.now() - timedelta(hours=10))
    client.force_login(baja_approver)
    page = client.get(reverse("alerts:update-detail", args=[update.pk]), headers={"accept-language": "en"})
    update = type(update).objects.select_related("alert").get(pk=update.pk)
    updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    active_alert.refresh_from_db()
    assert active_alert.expires_at == active_alert.activated_at + timedelta(hours=30)
    assert page.context["ends_at"] == active_alert.expires_at


def test_renewal_that_would_not_be_longer_is_refused(active_alert, baja_coordinator):
    with pytest.raises(ActRefused) as refusal:
        renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=3, reason="new_information")
    assert "would not last longer" in str(refusal.value.message)


def test_renewal_needs_a_reason_and_the_programs_own_officer(active_alert, baja_coordinator, california_officer):
    with pytest.raises(ActRefused):
        renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=24, reason="")
    with pytest.raises(NotPermitted):
        renewals.ask_renewal(alert=active_alert, by=california_officer, hours=24, reason="new_information")


def test_program_is_asked_once_before_its_deadline(active_alert):
    rule(active_alert, renewal_deadline_hours=1)
    ends_in(active_alert, hours=4)
    assert renewals.leave_term_duties() == 0
    ends_in(active_alert, hours=1, minutes=50)
    assert renewals.leave_term_duties() == 1
    assert renewals.leave_term_duties() == 0
    duty = Duty.objects.get(kind="decide_term")
    active_alert.refresh_from_db()
    assert abs(duty.due_at - (active_alert.expires_at - timedelta(hours=1))) < timedelta(seconds=5)
    assert Notice.objects.filter(kind="term_ending").count() == 1


def test_program_is_asked_when_its_minimum_is_reached(active_alert, baja_coordinator):
    rule(active_alert, min_duration_hours=5)
    Alert.objects.filter(pk=active_alert.pk).update(activated_at=timezone.now() - timedelta(hours=4))
    assert renewals.leave_term_duties() == 0
    Alert.objects.filter(pk=active_alert.pk).update(activated_at=timezone.now() - timedelta(hours=6))
    assert renewals.leave_term_duties() == 1
    renewals.let_expire(duty=Duty.objects.get(kind="decide_term"), by=baja_coordinator)
    assert renewals.leave_term_duties() == 0


def test_pages_renew_and_let_expire(active_alert, client, baja_coordinator):
    ends_in(active_alert, minutes=30)
    renewals.leave_term_duties()
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:alert-detail", args=[active_alert.pk])).content.decode()
    duty = Duty.objects.get(kind="decide_term")
    assert reverse("alerts:let-expire", args=[duty.pk]) in page
    data = {"nonce": "r", "renew-hours": "24", "renew-reason": "new_area"}
    response = client.post(reverse("alerts:alert-renew", args=[active_alert.pk]), data)
    assert response.status_code == 302
    assert active_alert.updates.get().hours == 24
    client.post(reverse("alerts:let-expire", args=[duty.pk]), {"nonce": "e"})
    duty.refresh_from_db()
    assert duty.status == "discharged"


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"renew-hours": "", "renew-reason": "new_area"}, "renew-hours"),
        ({"renew-hours": "24", "renew-reason": ""}, "renew-reason"),
        ({"renew-hours": "24"}, "renew-reason"),
        ({"renew-hours": "0", "renew-reason": "new_area"}, "renew-hours"),
        ({"renew-hours": "21", "renew-reason": "new_area"}, "renew-hours"),
    ],
)
def test_renewal_that_lacks_something_comes_back_filled_in(
    language, typed, wrong, active_alert, client, baja_coordinator
):
    rule(active_alert, max_duration_hours=20)
    baja_coordinator.language = language
    baja_coordinator.save(update_fields=["language"])
    client.force_login(baja_coordinator)
    response = client.post(reverse("alerts:alert-renew", args=[active_alert.pk]), {"nonce": "r", **typed})
    assert response.status_code == 422
    page = html.fromstring(response.content.decode())
    (field,) = page.xpath(f'//*[@name="{wrong}"]')
    assert field.get("aria-invalid") == "true"
    assert page.xpath('//*[@name="renew-hours"]/@value') == ([typed["renew-hours"]] if typed["renew-hours"] else [])
    assert not active_alert.updates.exists()


def test_renewal_form_offers_what_the_program_allows(active_alert, client, baja_coordinator):
    client.force_login(baja_coordinator)
    address = reverse("alerts:alert-detail", args=[active_alert.pk])

    def most() -> list[str]:
        page = html.fromstring(client.get(address).content.decode())
        return page.xpath('//input[@name="renew-hours"]/@max')

    rule(active_alert, max_duration_hours=20)
    assert most() == ["20"]
    rule(active_alert, max_duration_hours=None, max_total_hours=30)
    Alert.objects.filter(pk=active_alert.pk).update(activated_at=timezone.now() - timedelta(hours=10, minutes=30))
    assert most() == ["20"]
    rule(active_alert, max_total_hours=None)
    assert most() == ["168"]


def test_withdrawn_page_does_not_say_that_the_alert_has_ended(active_alert, client, baja_approver):
    takedown.withdraw(alert=active_alert, by=baja_approver, kind="whole", reason="error")
    address = reverse("public:alert-detail", args=["en", PublicAlert.objects.get().public_id])
    page = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "withdrawn from the public, please delete" in page
