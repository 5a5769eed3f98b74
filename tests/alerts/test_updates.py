"""A changed fact reaches every receiving program as a duty and a prepared Update, which two people issue (U20)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from agencies.models import AlertProgram, Subdivision
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import delivery
from alerts.differences import differences
from alerts.models import Alert, AlertMessage, AlertUpdate, Delivery, Duty, Notice, PublicAlert, Recipient
from alerts.services import changes, issuing, preparing, renewals, updates
from alerts.services.updates import update_hash
from cases.models import Person, Vehicle
from cases.services.facts import record_facts
from tests.cap_oracles import objections

pytestmark = pytest.mark.django_db


def change_plate(case: Any, by: Any, plate: str = "8ABC456", **options: Any) -> None:
    """Give the vehicle another plate, as the lead agency does."""
    vehicle = Vehicle.objects.get(case=case)
    vehicle.plate = plate
    record_facts(case=case, by=by, items=[(vehicle, ["plate"])], **options)


def prepared(alert: Alert) -> AlertUpdate:
    """Return the alert's one open Update."""
    return alert.updates.open().get()


def issue(update: AlertUpdate, by: Any, approver: Any) -> AlertMessage:
    """Submit and issue an Update by two people."""
    updates.submit(update=update, by=by)
    return updates.issue(update=update, by=approver, seen_hash=update_hash(update))


@pytest.fixture
def changed(active_alert: Any, active_case: Any, california_officer: Any) -> AlertUpdate:
    """The prepared Update after California recorded another plate."""
    change_plate(active_case, california_officer)
    return prepared(active_alert)


def test_changed_plate_leaves_both_duties_and_a_prepared_update(changed, active_alert):
    assert changed.kind == "change"
    assert set(changed.texts) == {"en", "es", "fr"}
    for text in changed.texts.values():
        assert "8ABC456" in text["description"]
        assert "7XYZ123" not in text["description"] + text["headline"]
    duties = {duty.kind: duty for duty in Duty.objects.filter(case=active_alert.case, status="open")}
    assert set(duties) == {"issue_update", "acknowledge_change"}
    assert duties["issue_update"].alert == active_alert
    assert duties["acknowledge_change"].request == active_alert.request
    assert duties["acknowledge_change"].detail["fields"] == ["vehicle.plate"]


def test_duties_and_notices_hold_no_value(changed, mailoutbox):
    for duty in Duty.objects.all():
        assert "8ABC456" not in str(duty.detail)
    while delivery.send_due():
        pass
    told = [mail for mail in mailoutbox if "baja.example" in mail.to[0]]
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert {"update_prepared", "facts_changed"} <= kinds
    for mail in told:
        for value in ("8ABC456", "7XYZ123", "Zoraida", "Waldemar"):
            assert value not in mail.body + mail.subject


def test_public_page_stays_until_the_update_is_issued(changed):
    public = PublicAlert.objects.get()
    assert all("7XYZ123" in text.description for text in public.texts.all())


def test_difference_is_shown_with_labels_in_the_readers_language(active_alert, active_case, california_officer):
    vehicle, suspect = Vehicle.objects.get(case=active_case), Person.objects.get(case=active_case)
    vehicle.color, suspect.hair = "RED", "GRY"
    record_facts(case=active_case, by=california_officer, items=[(vehicle, ["color"]), (suspect, ["hair"])])
    issued = preparing.last_issued(active_alert)
    found = {}
    for language in ("en", "es", "fr"):
        with translation.override(language):
            rows = differences(issued.facts, prepared(active_alert).facts)
            found[language] = {(row.subject, row.field): (row.before, row.after) for row in rows}
    assert found["en"][("Vehicle", "color")] == ("Blue", "Red")
    assert found["es"][("Vehículo", "color")] == ("Azul", "Rojo")
    assert found["fr"][("Véhicule", "couleur")] == ("Bleu", "Rouge")
    assert all(len(rows) == 2 for rows in found.values())


def test_issue_replaces_projection_and_refers_to_every_earlier_message(
    changed, active_alert, baja_coordinator, baja_approver
):
    first = active_alert.messages.get()
    message = issue(changed, baja_coordinator, baja_approver)
    assert message.msg_type == "Update"
    assert message.references == first.reference
    assert objections(bytes(message.xml)) == []
    public = PublicAlert.objects.get()
    assert bytes(public.cap_xml) == bytes(message.xml)
    assert all("8ABC456" in text.description for text in public.texts.all())
    assert not any("7XYZ123" in text.description for text in public.texts.all())
    assert not active_alert.duties.open().exists()
    assert not active_alert.request.duties.open().exists()
    assert Delivery.objects.filter(message=message).count() == 1


def test_second_update_refers_to_both_and_cancel_to_all(
    changed, active_alert, active_case, california_officer, baja_coordinator, baja_approver
):
    issue(changed, baja_coordinator, baja_approver)
    change_plate(active_case, california_officer, "9DEF789")
    second = issue(prepared(active_alert), baja_coordinator, baja_approver)
    earlier = [item.reference for item in active_alert.messages.order_by("created_at")[:2]]
    assert second.references.split(" ") == earlier
    cancel = issuing.cancel(alert=active_alert, by=baja_approver, reason="suspect_caught")
    assert cancel.references.split(" ") == [*earlier, second.reference]


def test_expired_message_is_not_referred_to(changed, active_alert, baja_coordinator, baja_approver, monkeypatch):
    from django.db import connection
    from django.utils import timezone

    first = active_alert.messages.get()
    assert first.expires_at == active_alert.expires_at
    update = changed
    update.hours = 48
    update.save(update_fields=["hours"])
    second = issue(update, baja_coordinator, baja_approver)
    later = first.expires_at + timezone.timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    active_alert.refresh_from_db()
    cancel = issuing.cancel(alert=active_alert, by=baja_approver, reason="suspect_caught")
    assert cancel.references == second.reference
    assert connection.in_atomic_block


def test_everybody_who_got_the_alert_and_new_recipients_get_the_update(
    changed, active_alert, recipient, baja_coordinator, baja_approver
):
    while delivery.send_due():
        pass
    Recipient.objects.filter(pk=recipient.pk).update(is_active=False)
    new = Recipient.objects.create(
        program=active_alert.program, name="TV Norte", kind="media", email="tv@norte.example", language="es"
    )
    message = issue(changed, baja_coordinator, baja_approver)
    assert set(message.deliveries.values_list("recipient", flat=True)) == {recipient.pk, new.pk}


def test_newer_change_supersedes_the_older_prepared_update(changed, active_alert, active_case, california_officer):
    change_plate(active_case, california_officer, "9DEF789")
    changed.refresh_from_db()
    assert changed.status == "superseded"
    newer = prepared(active_alert)
    assert "9DEF789" in newer.texts["en"]["description"]
    assert active_alert.duties.open().filter(kind="issue_update").count() == 1


def test_change_taken_back_takes_back_its_update(changed, active_alert, active_case, california_officer):
    change_plate(active_case, california_officer, "7XYZ123")
    changed.refresh_from_db()
    assert changed.status == "superseded"
    assert not active_alert.updates.open().exists()
    assert not active_alert.duties.open().filter(kind="issue_update").exists()


def test_renewal_stays_without_the_facts_that_were_taken_back(
    changed, active_alert, active_case, california_officer, baja_coordinator
):
    Alert.objects.filter(pk=active_alert.pk).update(expires_at=timezone.now() + timedelta(hours=3))
    renewals.ask_renewal(alert=active_alert, by=baja_coordinator, hours=24, reason="new_information")
    assert "8ABC456" in prepared(active_alert).texts["en"]["description"]
    change_plate(active_case, california_officer, "7XYZ123")
    left = prepared(active_alert)
    assert (left.kind, left.hours) == ("renewal", 24)
    assert "8ABC456" not in left.texts["en"]["description"]
    assert "7XYZ123" in left.texts["en"]["description"]


def test_submitter_does_not_issue(changed, baja_coordinator):
    updates.submit(update=changed, by=baja_coordinator)
    with pytest.raises(ActRefused) as refusal:
        updates.issue(update=changed, by=baja_coordinator, seen_hash=update_hash(changed))
    assert "second officer" in str(refusal.value.message)


def test_editor_does_not_issue(changed, baja_coordinator, baja_approver):
    words = {code: dict(text) for code, text in changed.texts.items()}
    words["es"]["headline"] = "Otra cosa"
    updates.edit(update=changed, by=baja_approver, texts=words)
    updates.submit(update=changed, by=baja_coordinator)
    with pytest.raises(ActRefused):
        updates.issue(update=changed, by=baja_approver, seen_hash=update_hash(changed))


def test_words_edited_in_a_language_the_approver_does_not_read_are_not_issued(changed, baja_coordinator, baja_approver):
    words = {code: dict(text) for code, text in changed.texts.items()}
    words["fr"]["headline"] = "Autre chose"
    updates.edit(update=changed, by=baja_coordinator, texts=words)
    updates.submit(update=changed, by=baja_coordinator)
    with pytest.raises(ActRefused) as refusal:
        updates.issue(update=changed, by=baja_approver, seen_hash=update_hash(changed))
    assert str(refusal.value.message).endswith("fr.")


def test_other_content_than_the_one_read_is_not_issued(changed, active_alert, baja_coordinator, baja_approver):
    updates.submit(update=changed, by=baja_coordinator)
    with pytest.raises(ActRefused):
        updates.issue(update=changed, by=baja_approver, seen_hash="0" * 64)
    changed.refresh_from_db()
    assert changed.status == "submitted"
    assert active_alert.messages.count() == 1


def test_owner_cannot_issue_the_receivers_update(changed, california_coordinator, baja_coordinator):
    updates.submit(update=changed, by=baja_coordinator)
    with pytest.raises(NotPermitted):
        updates.issue(update=changed, by=california_coordinator, seen_hash=update_hash(changed))


def test_refusal_needs_a_reason_and_leaves_the_public_as_it_was(changed, active_alert, baja_coordinator):
    with pytest.raises(ActRefused):
        updates.refuse(update=changed, by=baja_coordinator, reason="")
    updates.refuse(update=changed, by=baja_coordinator, reason="not_confirmed")
    duty = active_alert.duties.get(kind="issue_update")
    assert (duty.status, duty.outcome) == ("discharged", "refused")
    assert "7XYZ123" in PublicAlert.objects.get().texts.get(language="es").description
    assert active_alert.messages.count() == 1


def test_refused_difference_comes_back_with_the_next_change(
    changed, active_alert, active_case, california_officer, baja_coordinator
):
    updates.refuse(update=changed, by=baja_coordinator, reason="not_confirmed")
    vehicle = Vehicle.objects.get(case=active_case)
    vehicle.color = "RED"
    record_facts(case=active_case, by=california_officer, items=[(vehicle, ["color"])])
    issued = preparing.last_issued(active_alert)
    fields = {row.field for row in differences(issued.facts, prepared(active_alert).facts)}
    assert fields == {"license plate", "color"}


def test_free_text_is_no_material_change(active_alert, active_case, california_officer):
    event = active_case.abduction
    event.circumstances, event.circumstances_language = "More was told.", "en"
    record_facts(case=active_case, by=california_officer, items=[(event, ["circumstances", "circumstances_language"])])
    assert not active_alert.updates.exists()
    assert not Duty.objects.exists()


def test_danger_is_a_material_change(active_alert, active_case, california_officer):
    event = active_case.abduction
    event.dangers = ["armed"]
    record_facts(case=active_case, by=california_officer, items=[(event, ["dangers"])])
    assert Duty.objects.open().filter(kind="acknowledge_change").count() == 1
    assert prepared(active_alert).facts["dangers"] == ["armed"]


def test_request_that_was_not_received_has_nothing_to_acknowledge(sent_request, active_case, california_officer):
    change_plate(active_case, california_officer)
    assert not Duty.objects.exists()


def test_change_is_acknowledged_by_the_program_only(changed, active_alert, california_officer, baja_coordinator):
    duty = active_alert.request.duties.get()
    with pytest.raises(NotPermitted):
        changes.acknowledge_change(duty=duty, by=california_officer)
    changes.acknowledge_change(duty=duty, by=baja_coordinator)
    duty.refresh_from_db()
    assert (duty.status, duty.outcome) == ("discharged", "done")
    with pytest.raises(TransitionConflict):
        changes.acknowledge_change(duty=duty, by=baja_coordinator)


def test_failing_receiver_undoes_the_change(active_alert, active_case, california_officer, monkeypatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(changes, "facts_changed", fail)
    with pytest.raises(RuntimeError):
        change_plate(active_case, california_officer)
    assert Vehicle.objects.get(case=active_case).plate == "7XYZ123"


def test_correction_opens_the_text_and_says_what_to_disregard(active_alert, active_case, california_officer):
    change_plate(active_case, california_officer, is_correction=True)
    update = prepared(active_alert)
    assert update.kind == "correction"
    openings = {code: text["description"].split("\n")[0] for code, text in update.texts.items()}
    assert openings["en"].startswith("Correction: Disregard the license plate 7XYZ123")
    assert openings["es"].startswith("Corrección: No tome en cuenta las placas 7XYZ123")
    assert openings["fr"].startswith("Correction\u00a0: Ne tenez pas compte de la plaque d'immatriculation 7XYZ123")
    assert update.texts["en"]["headline"].startswith("Correction: ")
    assert all(len(text["headline"]) <= 160 for text in update.texts.values())
    assert "8ABC456" in update.texts["es"]["description"]


def test_correction_names_the_person_who_is_not_sought(active_alert, active_case, california_officer):
    suspect = Person.objects.get(case=active_case)
    suspect.role = "reporter"
    record_facts(case=active_case, by=california_officer, items=[(suspect, ["role"])], is_correction=True)
    text = prepared(active_alert).texts
    assert "Waldemar Quimby, named earlier, is not being sought." in text["en"]["description"]
    assert text["es"]["description"].count("Waldemar Quimby") == 1


def test_correction_stays_one_when_something_new_follows(active_alert, active_case, california_officer):
    change_plate(active_case, california_officer, is_correction=True)
    vehicle = Vehicle.objects.get(case=active_case)
    vehicle.color = "RED"
    record_facts(case=active_case, by=california_officer, items=[(vehicle, ["color"])])
    assert prepared(active_alert).kind == "correction"


def test_facts_changed_after_wording_follow_the_activation(
    approved_alert, active_case, california_officer, baja_coordinator
):
    change_plate(active_case, california_officer)
    assert changes.stale_since_wording(approved_alert)
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert "8ABC456" in prepared(approved_alert).texts["es"]["description"]


def test_end_of_the_alert_closes_duties_and_update(changed, active_alert, baja_coordinator):
    issuing.cancel(alert=active_alert, by=baja_coordinator, reason="suspect_caught")
    changed.refresh_from_db()
    assert changed.status == "superseded"
    assert set(active_alert.duties.open().values_list("kind", flat=True)) == {"confirm_cancellation"}


def test_owners_own_alert_gets_its_update_too(
    active_case, california_officer, california_coordinator, make_user, active_alert
):
    from alerts.gathering import content_hash
    from alerts.services import drafts

    program = AlertProgram.objects.get(code="us-ca")
    alert = drafts.start_alert(program=program, case=active_case, by=california_officer)
    drafts.submit(alert=alert, by=california_officer)
    drafts.approve(alert=alert, by=california_coordinator, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=california_officer)
    change_plate(active_case, california_officer)
    assert prepared(alert).kind == prepared(active_alert).kind == "change"


def test_page_shows_difference_in_spanish_and_nothing_to_the_owner(
    changed, active_alert, client, baja_coordinator, california_coordinator
):
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:update-detail", args=[changed.pk])).content.decode()
    assert "<del>7XYZ123 (US-CA)</del>" in page
    assert "<ins>8ABC456 (US-CA)</ins>" in page
    assert "placas" in page
    client.force_login(california_coordinator)
    assert client.get(reverse("alerts:update-detail", args=[changed.pk])).status_code == 404


def test_pages_carry_an_update_from_submission_to_issue(changed, client, baja_coordinator, baja_approver):
    step = "alerts:update-step"
    client.force_login(baja_coordinator)
    client.post(reverse(step, args=[changed.pk, "submit"]), {"nonce": "n1"})
    client.force_login(baja_approver)
    data = {"nonce": "n2", "content_hash": update_hash(changed)}
    assert client.post(reverse(step, args=[changed.pk, "issue"]), data).status_code == 302
    changed.refresh_from_db()
    assert changed.status == "issued"
    assert AlertMessage.objects.filter(msg_type="Update").count() == 1
    client.post(reverse(step, args=[changed.pk, "issue"]), data)
    assert AlertMessage.objects.filter(msg_type="Update").count() == 1


def test_wrong_words_come_back_with_what_was_typed(changed, client, baja_coordinator):
    client.force_login(baja_coordinator)
    data = {f"{code}-{name}": "x" for code in changed.texts for name in ("description", "instruction")}
    response = client.post(reverse("alerts:update-edit", args=[changed.pk]), {**data, "nonce": "n"})
    assert response.status_code == 422
    assert 'name="es-description"' in response.content.decode()


def test_request_page_asks_the_receiver_to_acknowledge(changed, active_alert, client, baja_coordinator):
    client.force_login(baja_coordinator)
    page = client.get(reverse("alerts:request-detail", args=[active_alert.request_id])).content.decode()
    assert reverse("alerts:change-acknowledge", args=[active_alert.request.duties.get().pk]) in page
    assert Subdivision.objects.exists()
