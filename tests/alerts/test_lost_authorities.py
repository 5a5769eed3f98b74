"""An authority that is taken back, or ends, takes what rested on it out of the public and prepares an Update (U28)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import AuditEvent
from alerts import delivery
from alerts.management.commands.relay import PERIODIC
from alerts.models import Alert, AlertMessage, Delivery, Duty, Notice, PublicAlert, Redaction
from alerts.services import drafts, issuing, lost_authorities, open_cases, preparing, takedown, updates
from alerts.services.updates import update_hash
from cases.models import CaseEvent, Person, PublicationAuthority
from cases.services.facts import add_photo
from cases.services.publication import public_items, record_authority, revoke_authority
from tests.alerts.expiring import expire_with_open_cases
from tests.alerts.test_approvals import approved, edited
from tests.alerts.test_takedown import everything_public, picture
from tests.alerts.test_updates import change_plate, issue

pytestmark = pytest.mark.django_db


def revoke(item: str, by: Any) -> None:
    """Take every authority for this kind of item back."""
    for row in PublicationAuthority.objects.filter(item=item):
        revoke_authority(authority=row, by=by)


@pytest.fixture
def shown_alert(intake_case: Any, california_officer: Any, request: pytest.FixtureRequest) -> Alert:
    """The active alert with the child's picture."""
    child = intake_case.children.get()
    add_photo(case=intake_case, by=california_officer, raw=picture("red"), child=child, basis="parental_consent")
    alert: Alert = request.getfixturevalue("active_alert")
    alert.refresh_from_db()
    assert PublicAlert.objects.get().photos.exists()
    return alert


@pytest.mark.parametrize(
    ("item", "gone", "stays", "kind"),
    [
        ("child_name", ["Zoraida"], ["Waldemar", "7XYZ123"], "child_name"),
        ("suspect_name", ["Waldemar"], ["Zoraida", "41"], "person_name"),
        ("suspect_details", ["41"], ["Zoraida", "Waldemar"], "person_looks"),
    ],
)
def test_taken_back_item_leaves_everything_public_at_once(
    item, gone, stays, kind, shown_alert, california_officer, client
):
    public = PublicAlert.objects.get()
    said = "".join(text.headline + text.description for text in public.texts.all())
    assert all(word in said for word in gone)
    revoke(item, california_officer)
    said = "".join(text.headline + text.description for text in public.texts.all())
    read = everything_public(client, public)
    for word in gone:
        assert word not in said
        if not word.isdigit():
            assert word not in read
    for word in stays:
        assert word in said
    assert client.get(reverse("public:alert-cap", args=[public.public_id])).status_code == 410
    found = Redaction.objects.get()
    assert (found.kind, found.reason, found.by) == (kind, "no_authority", None)


def test_taken_back_photo_is_not_shown_any_more(shown_alert, california_officer, client):
    address = reverse("public:alert-photo", args=[PublicAlert.objects.get().photos.get().public_id])
    assert client.get(address).status_code == 200
    revoke("photo", california_officer)
    assert client.get(address).status_code == 404
    assert shown_alert.updates.open().get().photo is None
    assert "Zoraida" in everything_public(client, PublicAlert.objects.get())


def test_program_finds_the_update_prepared_and_a_duty_to_issue_it(
    shown_alert, california_officer, baja_coordinator, baja_approver
):
    revoke("child_name", california_officer)
    update = shown_alert.updates.open().get()
    assert (update.kind, update.created_by) == ("withdrawal", None)
    assert "Zoraida" not in str(update.texts) + str(update.facts)
    duty = Duty.objects.get(kind="issue_update")
    assert (duty.status, duty.alert) == ("open", shown_alert)
    assert {"taken_down", "update_prepared"} <= set(Notice.objects.values_list("kind", flat=True))
    updates.submit(update=update, by=baja_coordinator)
    message = updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert b"Zoraida" not in bytes(message.xml)
    assert bytes(PublicAlert.objects.get().cap_xml) == bytes(message.xml)
    assert AlertMessage.objects.count() == 2


def test_mails_that_wait_with_the_name_are_not_sent(shown_alert, california_officer, mailoutbox):
    revoke("child_name", california_officer)
    while delivery.send_due():
        pass
    assert not [mail for mail in mailoutbox if "radio-frontera" in mail.to[0]]
    assert Delivery.objects.get(message__isnull=False).state == "suppressed"


def test_second_authority_for_the_same_item_keeps_it_public(shown_alert, california_officer, client):
    child = shown_alert.case.children.get()
    record_authority(
        case=shown_alert.case, by=california_officer, items=[("child_name", child)], countries=["MX"],
        basis="court_order",
    )  # fmt: skip
    first = PublicationAuthority.objects.filter(item="child_name", country="MX").earliest("recorded_at")
    revoke_authority(authority=first, by=california_officer)
    assert "Zoraida" in everything_public(client, PublicAlert.objects.get())
    assert not shown_alert.updates.exists()
    assert not Redaction.objects.exists()


def test_authority_of_another_country_taken_back_changes_nothing(shown_alert, california_officer, client):
    for row in PublicationAuthority.objects.filter(item="child_name").exclude(country="MX"):
        revoke_authority(authority=row, by=california_officer)
    assert "Zoraida" in everything_public(client, PublicAlert.objects.get())
    assert not shown_alert.updates.exists()


def test_authority_that_ends_is_followed_within_a_round_of_the_relay(shown_alert, client):
    assert lost_authorities.follow_ended in PERIODIC
    rows = PublicationAuthority.objects.filter(item="child_name")
    rows.update(valid_until=timezone.now() + timedelta(hours=1))
    assert lost_authorities.follow_ended() == 0
    rows.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert lost_authorities.follow_ended() == 1
    assert lost_authorities.follow_ended() == 0
    assert "Zoraida" not in everything_public(client, PublicAlert.objects.get())
    assert Duty.objects.filter(kind="issue_update", status="open").count() == 1
    assert CaseEvent.objects.filter(kind="alert.part_withdrawn", actor=None).count() == 1


def test_words_that_name_without_coded_facts_are_composed_anew(shown_alert, california_officer, client, monkeypatch):
    """What an officer typed is found in the words, also where no snapshot of the facts was kept."""
    monkeypatch.setattr(preparing, "issued_facts", lambda alert: None)
    revoke("child_name", california_officer)
    assert "Zoraida" not in everything_public(client, PublicAlert.objects.get())


@pytest.fixture
def typed_alert(draft_alert: Alert, recipient: Any, baja_coordinator: Any, baja_approver: Any) -> Alert:
    """The active alert with Spanish words typed by hand, and a witness called as a paragraph of the text is."""
    edited(draft_alert, "es", baja_coordinator)
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    approved(draft_alert, baja_approver)
    issuing.activate(alert=draft_alert, by=baja_coordinator)
    Person.objects.create(case=draft_alert.case, role="witness", given_names="Zq", first_surname="Vehículo")
    assert "Vehículo" in PublicAlert.objects.get().texts.get(language="es").description
    return draft_alert


def test_words_composed_since_are_not_taken_out_again_and_again(typed_alert, california_officer):
    rows = PublicationAuthority.objects.filter(item="child_name")
    rows.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert lost_authorities.follow_ended() == 1
    before = [model.objects.count() for model in (CaseEvent, Notice, AuditEvent, preparing.AlertUpdate)]
    Delivery.objects.update(state="pending")
    assert lost_authorities.follow_ended() == 0
    assert lost_authorities.follow_case(typed_alert.case) == 0
    assert [model.objects.count() for model in (CaseEvent, Notice, AuditEvent, preparing.AlertUpdate)] == before
    assert not Delivery.objects.exclude(state="pending").exists()


def test_words_that_cannot_be_composed_leave_nothing_public(typed_alert, monkeypatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(preparing, "composed", fail)
    assert lost_authorities.follow_case(typed_alert.case) == 1
    assert not PublicAlert.objects.get().texts.exists()


def test_typed_words_stay_typed_until_other_words_are_issued(
    typed_alert, california_officer, baja_coordinator, baja_approver
):
    assert preparing.typed_languages(typed_alert) == {"es"}
    preparing.prepare(alert=typed_alert, kind="renewal", by=baja_coordinator, hours=24, reason="new_area")
    issue(typed_alert.updates.open().get(), baja_coordinator, baja_approver)
    assert typed_alert.messages.count() == 2
    assert preparing.typed_languages(typed_alert) == {"es"}
    change_plate(typed_alert.case, california_officer)
    issue(typed_alert.updates.open().get(), baja_coordinator, baja_approver)
    assert preparing.typed_languages(typed_alert) == set()
    assert lost_authorities.follow_case(typed_alert.case) == 0
    assert not CaseEvent.objects.filter(kind="alert.part_withdrawn").exists()


def test_open_case_follows_too_and_needs_no_update(shown_alert, california_officer, baja_approver, client):
    expire_with_open_cases(shown_alert)
    open_cases.put_up(alert=shown_alert, by=baja_approver, reason="public_can_help")
    revoke("child_name", california_officer)
    read = everything_public(client, PublicAlert.objects.get())
    assert "Zoraida" not in read
    assert "7XYZ123" in read
    assert not shown_alert.updates.exists()


def test_what_cannot_be_taken_out_takes_the_whole_down(shown_alert, california_officer, client, monkeypatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(takedown, "redact_projection", fail)
    revoke("child_name", california_officer)
    assert PublicationAuthority.objects.filter(item="child_name", revoked_at__isnull=True).count() == 0
    assert not PublicAlert.objects.get().texts.exists()
    assert "Zoraida" not in everything_public(client, PublicAlert.objects.get())


def test_new_authority_lets_two_officers_put_it_back(
    shown_alert, california_officer, baja_coordinator, baja_approver, client
):
    revoke("child_name", california_officer)
    items = [item for item in public_items(shown_alert.case) if item[0] == "child_name"]
    record_authority(case=shown_alert.case, by=california_officer, items=items, countries=["MX"], basis="court_order")
    takedown.prepare_restoration(alert=shown_alert, by=baja_coordinator, redactions=list(Redaction.objects.all()))
    update = preparing.AlertUpdate.objects.get(status="prepared")
    updates.submit(update=update, by=baja_coordinator)
    updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert "Zoraida" in everything_public(client, PublicAlert.objects.get())


def test_description_of_a_suspect_is_withdrawn_by_an_approver_too(active_alert, baja_approver, client):
    person = active_alert.case.people.get()
    takedown.withdraw(alert=active_alert, by=baja_approver, kind="person_looks", reason="wrong_person", person=person)
    said = "".join(text.description for text in PublicAlert.objects.get().texts.all())
    assert "Waldemar" in said
    assert "41" not in said
