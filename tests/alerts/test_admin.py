"""Requests, alerts and deliveries in the administration: read-only, scoped, without bytes, contacts kept inside."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.identifiers import uuid7
from agencies.models import AlertProgram, AuditEvent, Subdivision
from alerts.models import (
    Alert,
    AlertArea,
    AlertMessage,
    AlertText,
    AlertUpdate,
    Delivery,
    DeliveryAttempt,
    Duty,
    ExtensionRequest,
    Recipient,
    Redaction,
)
from cases.models import CaseAccess

pytestmark = pytest.mark.django_db
ALERT_DATA = [ExtensionRequest, Alert, AlertMessage, Delivery, Duty, AlertUpdate, Redaction]
NAMES = ("Zoraida", "Waldemar", "Quimby", "7XYZ123")


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def listed(client, model, **query):
    return {row.pk for row in client.get(address(model, "changelist"), query).context["cl"].result_list}


@pytest.fixture
def quebec_staff(make_user):
    """Staff in Québec; French; on no case of the others."""
    return make_user("quitterie.staff@quebec.example", "ca-qc-sq", "staff", "fr", is_staff=True)


@pytest.fixture
def told_alert(active_alert):
    """The alert in force, with one attempt at its delivery and a duty of its program."""
    delivery = Delivery.objects.get(message__alert=active_alert, recipient__isnull=False)
    DeliveryAttempt.objects.create(delivery=delivery, number=1, outcome="retry", detail=f"451 {delivery.address}")
    Delivery.objects.filter(pk=delivery.pk).update(error=f"451 {delivery.address}")
    Duty.objects.create(
        kind="cancel_alert",
        case=active_alert.case,
        program=active_alert.program,
        alert=active_alert,
        due_at=timezone.now(),
    )
    AlertUpdate.objects.create(
        alert=active_alert, kind="change", texts={"en": {"headline": "Zoraida"}}, facts={"facts": "7XYZ123"}
    )
    child = active_alert.case.children.get()
    Redaction.objects.create(alert=active_alert, kind="child_name", child=child, reason="error")
    return active_alert


def row_of(model, alert):
    return {
        ExtensionRequest: lambda: alert.request,
        Alert: lambda: alert,
        AlertMessage: alert.messages.get,
        Delivery: lambda: Delivery.objects.get(message__alert=alert),
        Duty: lambda: alert.duties.get(kind="cancel_alert"),
        AlertUpdate: alert.updates.get,
        Redaction: alert.redactions.get,
    }[model]()


@pytest.mark.parametrize("model", ALERT_DATA)
def test_staff_of_the_program_look_it_up(client, told_alert, baja_staff, model):
    client.force_login(baja_staff)
    row = row_of(model, told_alert)
    assert listed(client, model) == {row.pk}
    response = client.get(address(model, "change", row.pk))
    assert response.status_code == 200
    assert not response.context["adminform"].form.fields
    assert told_alert.case.reference in response.text or told_alert.number in response.text
    assert client.get(address(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", ALERT_DATA)
def test_lists_show_no_name_and_no_address(client, told_alert, baja_staff, recipient, model):
    client.force_login(baja_staff)
    text = client.get(address(model, "changelist")).text
    assert not [name for name in (*NAMES, recipient.name, recipient.email) if name in text]


@pytest.mark.parametrize("model", ALERT_DATA)
def test_outsiders_get_the_same_404_as_for_nothing(client, told_alert, quebec_staff, superuser, model):
    row = row_of(model, told_alert)
    for user in (quebec_staff, superuser):
        client.force_login(user)
        for page in ("change", "history", "delete"):
            for key in (row.pk, uuid.uuid4(), "nonsense"):
                assert client.get(address(model, page, key)).status_code == 404
                assert client.post(address(model, page, key), {"status": "x"}).status_code == 404
    client.force_login(quebec_staff)
    assert listed(client, model) == set()
    assert listed(client, model, q=told_alert.number) == set()


def test_asking_side_reads_the_published_alert_and_not_the_duty(client, told_alert, california_staff):
    client.force_login(california_staff)
    for model in (ExtensionRequest, Alert, AlertMessage, Delivery):
        assert listed(client, model) == {row_of(model, told_alert).pk}
    assert [listed(client, model) for model in (Duty, AlertUpdate, Redaction)] == [set(), set(), set()]
    assert client.get(address(Duty, "change", row_of(Duty, told_alert).pk)).status_code == 404


def test_draft_of_another_program_is_missing(client, draft_alert, california_staff, baja_staff):
    client.force_login(baja_staff)
    assert listed(client, Alert) == {draft_alert.pk}
    client.force_login(california_staff)
    assert listed(client, Alert) == set()
    assert client.get(address(Alert, "change", draft_alert.pk)).status_code == 404


def test_alert_shows_its_words_in_three_languages(client, told_alert, baja_staff):
    client.force_login(baja_staff)
    text = client.get(address(Alert, "change", told_alert.pk)).text
    words = list(told_alert.texts.values_list("headline", flat=True))
    assert len(words) == 3
    assert not [headline for headline in words if headline not in text]


def test_words_are_not_written_here(client, told_alert, baja_staff):
    client.force_login(baja_staff)
    before = list(AlertText.objects.values())
    first = told_alert.texts.first()
    values = {
        "texts-TOTAL_FORMS": 1, "texts-INITIAL_FORMS": 1, "texts-0-id": first.pk, "texts-0-headline": "x",
        "status": "cancelled", "_save": "1",
    }  # fmt: skip
    assert client.post(address(Alert, "change", told_alert.pk), values).status_code == 404
    assert list(AlertText.objects.values()) == before
    told_alert.refresh_from_db()
    assert told_alert.status == "active"


@pytest.mark.parametrize("model", ALERT_DATA)
def test_no_row_is_added_or_deleted(client, told_alert, baja_staff, model):
    client.force_login(baja_staff)
    row = row_of(model, told_alert)
    assert client.get(address(model, "add")).status_code == 404
    assert client.post(address(model, "add"), {"alert": told_alert.pk}).status_code == 404
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 404
    assert list(model.objects.values_list("pk", flat=True)).count(row.pk) == 1


def test_cap_messages_show_and_load_no_bytes(client, told_alert, baja_staff):
    client.force_login(baja_staff)
    message = row_of(AlertMessage, told_alert)
    for url in (
        address(AlertMessage, "changelist"),
        address(AlertMessage, "change", message.pk),
        address(Delivery, "changelist"),
        address(Delivery, "change", row_of(Delivery, told_alert).pk),
    ):
        with CaptureQueriesContext(connection) as captured:
            text = client.get(url).text
        assert not [query["sql"] for query in captured if '"alerts_alertmessage"."xml"' in query["sql"]]
        assert not [name for name in ("Zoraida", "&lt;alert") if name in text]


def test_recipients_are_known_to_their_own_program_only(client, told_alert, baja_staff, california_staff, recipient):
    delivery = row_of(Delivery, told_alert)
    client.force_login(baja_staff)
    text = client.get(address(Delivery, "change", delivery.pk)).text
    assert recipient.email in text
    assert delivery.token_hash not in text
    client.force_login(california_staff)
    response = client.get(address(Delivery, "change", delivery.pk))
    assert response.status_code == 200
    assert not [word for word in (recipient.email, recipient.name) if word in response.text]


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (Delivery, "address__startswith"),
        (Delivery, "token_hash__startswith"),
        (Delivery, "acknowledged_name"),
        (Delivery, "recipient__email__startswith"),
        (Alert, "texts__description__contains"),
        (Alert, "content_hash__startswith"),
        (Alert, "photo__isnull"),
        (AlertMessage, "texts__contains"),
        (AlertMessage, "alert__case__children__given_names"),
        (ExtensionRequest, "note__contains"),
        (ExtensionRequest, "case__status__exact"),
        (Recipient, "email__startswith"),
        (Duty, "alert__case__reference"),
    ],
)
def test_hidden_columns_cannot_be_asked(client, told_alert, baja_staff, model, lookup):
    client.force_login(baja_staff)
    assert client.get(address(model, "changelist"), {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("model", ALERT_DATA)
def test_search_knows_references_and_no_names(client, told_alert, baja_staff, recipient, model):
    client.force_login(baja_staff)
    assert listed(client, model, q=told_alert.case.reference) == {row_of(model, told_alert).pk}
    for name in (*NAMES, recipient.name, recipient.email, "red shorts"):
        assert listed(client, model, q=name) == set()


@pytest.mark.parametrize("model", ALERT_DATA)
def test_reads_are_recorded_with_their_case(client, told_alert, baja_staff, model):
    client.force_login(baja_staff)
    row = row_of(model, told_alert)
    client.get(address(model, "changelist"))
    client.get(address(model, "change", row.pk))
    events = AuditEvent.objects.filter(actor_id=baja_staff.pk, action=f"{model._meta.model_name}.read").order_by("id")
    assert [(event.object_ids, event.case_id) for event in events] == [
        ([str(row.pk)], None), ([str(row.pk)], told_alert.case_id),
    ]  # fmt: skip


# --- recipients ------------------------------------------------------------------------------------------


def test_recipients_belong_to_their_program(client, recipient, baja_staff, california_staff, superuser):
    client.force_login(california_staff)
    assert listed(client, Recipient) == set()
    assert client.get(address(Recipient, "change", recipient.pk)).status_code == 404
    baja, california = AlertProgram.objects.get(code="mx-bcn"), AlertProgram.objects.get(agency__code="us-ca-chp")
    values = {"name": "Radio", "kind": "media", "email": "radio@example.com", "language": "es", "is_active": "on"}
    response = client.post(address(Recipient, "add"), {**values, "program": baja.pk})
    assert "program" in response.context["adminform"].form.errors
    assert client.post(address(Recipient, "add"), {**values, "program": california.pk}).status_code == 302
    client.force_login(baja_staff)
    assert listed(client, Recipient) == {recipient.pk}
    client.force_login(superuser)
    assert len(listed(client, Recipient)) == 2


def test_recipient_is_retired_and_not_deleted(client, recipient, baja_staff):
    client.force_login(baja_staff)
    values = {
        "name": recipient.name, "kind": "media", "email": recipient.email, "language": "es", "wants_every_update": "on",
    }  # fmt: skip
    assert client.post(address(Recipient, "change", recipient.pk), values).status_code == 302
    recipient.refresh_from_db()
    assert recipient.is_active is False
    event = AuditEvent.objects.get(action="recipient.changed")
    assert event.field_names == ["is_active"]
    assert recipient.email not in str(AuditEvent.objects.filter(actor_id=baja_staff.pk).values())
    assert client.post(address(Recipient, "delete", recipient.pk), {"post": "yes"}).status_code == 404


# --- speed -----------------------------------------------------------------------------------------------


def copy_of(row, **changes):
    row = type(row).objects.get(pk=row.pk)
    row.pk = uuid7()
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


def add_alerts(alert, count, start):
    for number in range(start, start + count):
        case = copy_of(alert.case, reference=f"US-CA-2030-{number:05d}")
        for held in CaseAccess.objects.filter(case=alert.case):
            CaseAccess.objects.create(
                case=case, agency=held.agency, level=held.level, purpose=held.purpose, opened_at=case.opened_at,
                granted_by=held.granted_by,
            )  # fmt: skip
        request = copy_of(alert.request, case=case, number=f"{alert.request.number}-{number}")
        made = copy_of(alert, case=case, request=request, number=f"X-2030-{number:05d}")
        message = copy_of(row_of(AlertMessage, alert), alert=made, identifier=f"x-{number}")
        copy_of(row_of(Delivery, alert), message=message)
        copy_of(row_of(Duty, alert), alert=made)
        copy_of(row_of(AlertUpdate, alert), alert=made)
        Redaction.objects.create(alert=made, kind="photo", reason="error")


def add_recipients(recipient, count, start):
    for number in range(start, start + count):
        Recipient.objects.create(
            program=recipient.program, name=f"Radio {number}", kind="media", email=f"r{number}@example.com",
            language="es",
        )  # fmt: skip


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured), response.context["cl"].result_count


def test_lists_take_the_same_queries_for_3_and_30_alerts(client, told_alert, recipient, baja_staff):
    client.force_login(baja_staff)
    add_alerts(told_alert, 2, 1)
    add_recipients(recipient, 2, 1)
    urls = [address(model, "changelist") for model in (*ALERT_DATA, Recipient)]
    for url in urls:
        client.get(url)  # sessions, content types and code lists are read once
    few = [queries(client, url) for url in urls]
    assert {rows for _count, rows in few} == {3}
    add_alerts(told_alert, 27, 10)
    add_recipients(recipient, 27, 10)
    many = [queries(client, url) for url in urls]
    assert {rows for _count, rows in many} == {30}
    assert [count for count, _rows in many] == [count for count, _rows in few]


def page_queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_pages_take_the_same_queries_for_few_and_many_rows_inside(client, told_alert, baja_staff):
    client.force_login(baja_staff)
    delivery = row_of(Delivery, told_alert)
    urls = [address(Alert, "change", told_alert.pk), address(Delivery, "change", delivery.pk)]
    for url in urls:
        client.get(url)
    few = [page_queries(client, url) for url in urls]
    covered = told_alert.areas.values_list("subdivision")
    for subdivision in Subdivision.objects.exclude(pk__in=covered)[:27]:
        AlertArea.objects.create(alert=told_alert, subdivision=subdivision)
    for number in range(2, 30):
        DeliveryAttempt.objects.create(delivery=delivery, number=number, outcome="retry")
    assert [page_queries(client, url) for url in urls] == few
