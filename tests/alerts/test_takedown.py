"""Taking down is one person's act, at once; putting back takes two (U18). One recovered child leaves alone (U14)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image

from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.models import Alert, Delivery, PublicAlert, PublicPhoto, Redaction
from alerts.services import issuing, takedown, updates
from alerts.services.updates import update_hash
from cases.models import Child, Person, Vehicle
from cases.services.facts import add_photo, record_facts
from tests.authorities import authorize_everything

pytestmark = pytest.mark.django_db


def picture(color: str) -> bytes:
    """Return a small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40), color).save(out, "JPEG")
    return out.getvalue()


def everything_public(client: Any, public: PublicAlert) -> str:
    """Return what a stranger reads at every public address of an alert, in three languages."""
    read = []
    for language in ("en", "es", "fr"):
        for name, args in (
            ("public:alert-detail", [language, public.public_id]),
            ("public:alert-list", [language]),
            ("public:feed", [language]),
        ):
            read.append(client.get(reverse(name, args=args)).content.decode())
    read.append(client.get(reverse("public:alert-cap", args=[public.public_id])).content.decode())
    return "\n".join(read)


@pytest.fixture
def sibling(intake_case: Any, california_officer: Any) -> Child:
    """A brother, taken with the child."""
    child = Child(given_names="Ezequiel", first_surname="Quimby", sex="M", age_years=4, height_cm=101)
    record_facts(case=intake_case, by=california_officer, items=[(child, ["given_names"])])
    authorize_everything(intake_case, california_officer)
    return child


@pytest.fixture
def siblings_alert(sibling: Child, intake_case: Any, request: pytest.FixtureRequest) -> Alert:
    """The active alert for both, with the girl's picture."""
    officer = request.getfixturevalue("california_officer")
    girl = intake_case.children.get(given_names="Zoraida")
    add_photo(case=intake_case, by=officer, raw=picture("red"), child=girl, basis="parental_consent")
    alert = request.getfixturevalue("active_alert")
    alert.refresh_from_db()
    assert alert.photo.child == girl
    return alert


def test_recovered_child_leaves_everything_public_at_once(siblings_alert, client):
    public = PublicAlert.objects.get()
    assert "Zoraida" in everything_public(client, public)
    girl = siblings_alert.case.children.get(given_names="Zoraida")
    takedown.withdraw_child(alert=siblings_alert, child=girl)
    read = everything_public(client, public)
    assert "Zoraida" not in read
    assert "Ezequiel" in read
    assert "120" not in read
    assert not PublicPhoto.objects.exists()
    assert client.get(reverse("public:alert-cap", args=[public.public_id])).status_code == 410


def test_program_gets_a_prepared_update_for_the_child_still_missing(siblings_alert, baja_coordinator, baja_approver):
    girl = siblings_alert.case.children.get(given_names="Zoraida")
    takedown.withdraw_child(alert=siblings_alert, child=girl)
    update = siblings_alert.updates.open().get()
    assert update.kind == "withdrawal"
    assert siblings_alert.duties.open().filter(kind="issue_update").count() == 1
    for text in update.texts.values():
        assert "Zoraida" not in str(text)
        assert "Ezequiel" in text["description"]
    assert update.photo is None
    updates.submit(update=update, by=baja_coordinator)
    message = updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert b"Zoraida" not in bytes(message.xml)
    assert bytes(PublicAlert.objects.get().cap_xml) == bytes(message.xml)


def test_recovered_child_stays_out_of_every_later_update(siblings_alert, california_officer):
    girl = siblings_alert.case.children.get(given_names="Zoraida")
    takedown.withdraw_child(alert=siblings_alert, child=girl)
    vehicle = Vehicle.objects.get(case=siblings_alert.case)
    vehicle.plate = "8ABC456"
    record_facts(case=siblings_alert.case, by=california_officer, items=[(vehicle, ["plate"])])
    update = siblings_alert.updates.open().get()
    assert "Zoraida" not in str(update.texts) + str(update.facts)
    assert "8ABC456" in update.texts["en"]["description"]


def test_second_withdrawal_of_the_child_changes_nothing(siblings_alert):
    girl = siblings_alert.case.children.get(given_names="Zoraida")
    takedown.withdraw_child(alert=siblings_alert, child=girl)
    takedown.withdraw_child(alert=siblings_alert, child=girl)
    assert Redaction.objects.count() == 1
    assert siblings_alert.updates.count() == 1


def test_last_child_withdrawn_leaves_nothing_public(siblings_alert, client):
    for child in siblings_alert.case.children.all():
        takedown.withdraw_child(alert=siblings_alert, child=child)
    public = PublicAlert.objects.get()
    assert not public.is_live
    assert not public.texts.exists()
    assert client.get(reverse("public:alert-detail", args=["en", public.public_id])).status_code == 410


def test_messages_that_wait_with_the_childs_name_are_not_sent_any_more(siblings_alert, mailoutbox):
    girl = siblings_alert.case.children.get(given_names="Zoraida")
    takedown.withdraw_child(alert=siblings_alert, child=girl)
    while delivery.send_due():
        pass
    assert not [mail for mail in mailoutbox if "radio-frontera" in mail.to[0]]
    assert Delivery.objects.get(message__isnull=False).state == "suppressed"


@pytest.mark.parametrize(
    ("kind", "gone", "stays"),
    [
        ("child_name", "Zoraida", "Waldemar"),
        ("person_name", "Waldemar", "Zoraida"),
        ("person", "Waldemar", "Zoraida"),
    ],
)
def test_approver_withdraws_a_part_alone(kind, gone, stays, active_alert, baja_approver, client, recipient):
    public = PublicAlert.objects.get()
    child = active_alert.case.children.get() if kind.startswith("child") else None
    person = active_alert.case.people.get() if kind.startswith("person") else None
    message = takedown.withdraw(
        alert=active_alert, by=baja_approver, kind=kind, reason="wrong_person", child=child, person=person
    )
    read = everything_public(client, public)
    assert gone not in read
    assert stays in read
    assert message.msg_type == "Update"
    assert message.references == active_alert.messages.get(msg_type="Alert").reference
    assert gone.encode() not in bytes(message.xml)
    assert list(message.deliveries.values_list("recipient", flat=True)) == [recipient.pk]


def test_photo_is_withdrawn_and_the_words_stay(siblings_alert, baja_approver, client):
    public = PublicAlert.objects.get()
    address = reverse("public:alert-photo", args=[public.photos.get().public_id])
    assert client.get(address).status_code == 200
    takedown.withdraw(alert=siblings_alert, by=baja_approver, kind="photo", reason="no_authority")
    assert client.get(address).status_code == 404
    assert "Zoraida" in everything_public(client, public)
    assert siblings_alert.photo is not None
    siblings_alert.refresh_from_db()
    assert siblings_alert.photo is None


def test_whole_alert_answers_as_withdrawn_and_everybody_is_told(
    active_alert, baja_approver, client, mailoutbox, recipient
):
    public = PublicAlert.objects.get()
    while delivery.send_due():
        pass
    mailoutbox.clear()
    message = takedown.withdraw(alert=active_alert, by=baja_approver, kind="whole", reason="endangers_child")
    read = everything_public(client, public)
    assert "Zoraida" not in read
    assert "7XYZ123" not in read
    assert client.get(reverse("public:alert-detail", args=["es", public.public_id])).status_code == 410
    while delivery.send_due():
        pass
    (mail,) = [mail for mail in mailoutbox if mail.to == [recipient.email]]
    assert "Zoraida" not in mail.body + mail.subject
    assert message.msg_type == "Update"
    active_alert.refresh_from_db()
    assert active_alert.status == "active"
    assert active_alert.updates.open().get().kind == "restoration"


def test_putting_back_needs_two_people(active_alert, baja_approver, baja_coordinator, client):
    takedown.withdraw(alert=active_alert, by=baja_approver, kind="whole", reason="error")
    update = active_alert.updates.open().get()
    updates.submit(update=update, by=baja_approver)
    with pytest.raises(ActRefused):
        updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    assert not PublicAlert.objects.get().is_live
    updates.issue(update=update, by=baja_coordinator, seen_hash=update_hash(update))
    public = PublicAlert.objects.get()
    assert public.is_live
    assert "Zoraida" in everything_public(client, public)
    assert not Redaction.objects.filter(lifted_at__isnull=True).exists()


def test_withdrawn_name_comes_back_only_by_an_update_that_lifts_it(
    active_alert, baja_approver, baja_coordinator, california_officer
):
    person = Person.objects.get(case=active_alert.case)
    takedown.withdraw(alert=active_alert, by=baja_approver, kind="person_name", reason="wrong_person", person=person)
    redaction = Redaction.objects.get()
    vehicle = Vehicle.objects.get(case=active_alert.case)
    vehicle.plate = "8ABC456"
    record_facts(case=active_alert.case, by=california_officer, items=[(vehicle, ["plate"])])
    assert "Waldemar" not in str(active_alert.updates.open().get().texts)
    takedown.prepare_restoration(alert=active_alert, by=baja_coordinator, redactions=[redaction])
    update = active_alert.updates.open().get()
    assert "Waldemar" in update.texts["es"]["description"]
    updates.submit(update=update, by=baja_coordinator)
    updates.issue(update=update, by=baja_approver, seen_hash=update_hash(update))
    redaction.refresh_from_db()
    assert redaction.lifted_by == baja_approver


def test_nobody_else_withdraws(active_alert, california_coordinator, make_user):
    officer = make_user("dario.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")
    for by in (california_coordinator, officer):
        with pytest.raises(NotPermitted):
            takedown.withdraw(alert=active_alert, by=by, kind="whole", reason="error")
    assert PublicAlert.objects.get().is_live


def test_child_of_another_case_is_not_withdrawn(active_alert, baja_approver, california_officer):
    from agencies.models import Agency
    from cases.services.files import open_case

    other = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
    child = Child(given_names="Otro")
    record_facts(case=other, by=california_officer, items=[(child, ["given_names"])])
    with pytest.raises(NotPermitted):
        takedown.withdraw(alert=active_alert, by=baja_approver, kind="child_name", reason="error", child=child)


def test_nothing_public_is_left_to_withdraw_after_the_end(active_alert, baja_approver):
    issuing.cancel(alert=active_alert, by=baja_approver, reason="suspect_caught")
    with pytest.raises(ActRefused):
        takedown.withdraw(alert=active_alert, by=baja_approver, kind="whole", reason="error")


def test_parts_are_named_with_the_colon_of_the_language(active_alert, baja_approver, client):
    child = active_alert.case.children.get()
    for language, colon in (("es", ":"), ("fr", "\u00a0:")):
        baja_approver.language = language
        baja_approver.save()
        client.force_login(baja_approver)
        page = client.get(reverse("alerts:alert-withdraw", args=[active_alert.pk])).text
        assert f"{colon} {child.name}" in page
    assert f"enfant: {child.name}" not in page


def test_page_withdraws_once(active_alert, baja_approver, client):
    client.force_login(baja_approver)
    address = reverse("alerts:alert-withdraw", args=[active_alert.pk])
    assert client.post(address, {"nonce": "a"}).status_code == 422
    data = {"nonce": "b", "what": "whole", "reason": "endangers_child"}
    assert client.post(address, data).status_code == 302
    assert not PublicAlert.objects.get().is_live
    client.post(address, data)
    assert Redaction.objects.count() == 1
