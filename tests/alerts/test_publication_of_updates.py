"""Updates, too, carry only what has an authority when they are prepared or issued (U28)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from agencies.refusals import ActRefused
from alerts.models import AlertMessage, PublicAlert
from alerts.services import takedown, updates
from alerts.services.updates import update_hash
from cases.models import PublicationAuthority, Vehicle
from cases.services.facts import add_photo, record_facts
from cases.services.publication import revoke_authority
from tests.alerts.test_takedown import picture

pytestmark = pytest.mark.django_db


def revoke(item: str, officer: Any) -> None:
    for row in PublicationAuthority.objects.filter(item=item):
        revoke_authority(authority=row, by=officer)


def change_plate(case: Any, officer: Any) -> None:
    vehicle = Vehicle.objects.get(case=case)
    vehicle.plate = "8ABC456"
    record_facts(case=case, by=officer, items=[(vehicle, ["plate"])])


@pytest.fixture
def shown_alert(intake_case: Any, california_officer: Any, request: pytest.FixtureRequest) -> Any:
    """The active alert with the child's picture."""
    child = intake_case.children.get()
    add_photo(case=intake_case, by=california_officer, raw=picture("red"), child=child, basis="parental_consent")
    alert = request.getfixturevalue("active_alert")
    alert.refresh_from_db()
    assert alert.photo is not None
    return alert


def test_prepared_update_leaves_out_what_lost_its_authority(shown_alert, california_officer):
    revoke("child_name", california_officer)
    revoke("photo", california_officer)
    change_plate(shown_alert.case, california_officer)
    update = shown_alert.updates.open().get()
    assert "8ABC456" in str(update.texts)
    assert "Zoraida" not in str(update.texts) + str(update.facts)
    assert update.photo is None and update.facts["photo"] == ""


def test_prepared_update_keeps_what_has_an_authority(shown_alert, california_officer):
    change_plate(shown_alert.case, california_officer)
    update = shown_alert.updates.open().get()
    assert "Zoraida" in update.texts["en"]["description"]
    assert update.photo == shown_alert.photo


@pytest.mark.parametrize("item", ["child_name", "photo"])
def test_update_whose_authority_ended_since_is_not_issued(
    item, shown_alert, california_officer, baja_coordinator, baja_approver
):
    change_plate(shown_alert.case, california_officer)
    update = shown_alert.updates.open().get()
    updates.submit(update=update, by=baja_coordinator)
    PublicationAuthority.objects.filter(item=item).update(valid_until=timezone.now())  # no relay has seen it yet
    with pytest.raises(ActRefused) as refusal:
        updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert "authority" in str(refusal.value.message)
    assert AlertMessage.objects.count() == 1


def test_taking_one_name_down_restates_no_other_without_authority(shown_alert, california_officer, baja_approver):
    suspect = shown_alert.case.people.get()
    revoke("child_name", california_officer)
    revoke("photo", california_officer)
    message = takedown.withdraw(alert=shown_alert, by=baja_approver, kind="person_name", reason="error", person=suspect)
    public = PublicAlert.objects.get()
    said = " ".join(text.headline + text.description for text in public.texts.all())
    for name in ("Zoraida", "Waldemar"):
        assert name not in said
        assert name not in bytes(message.xml).decode()
    assert not public.photos.exists()


def test_name_of_a_suspect_without_details_can_be_taken_down(
    active_case, california_officer, baja_approver, request: pytest.FixtureRequest
):
    revoke("suspect_details", california_officer)
    alert = request.getfixturevalue("active_alert")
    public = PublicAlert.objects.get()
    assert "Waldemar" in public.texts.get(language="en").description
    takedown.withdraw(
        alert=alert, by=baja_approver, kind="person_name", reason="error", person=active_case.people.get()
    )
    assert "Waldemar" not in public.texts.get(language="en").description
