"""Case data in the administration: read-only, scoped, found by reference, every read recorded."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.identifiers import uuid7
from agencies.models import Agency, AuditEvent, Subdivision
from cases.models import (
    Abduction,
    Case,
    CaseAccess,
    Child,
    CodeValue,
    ExternalReference,
    LegalReview,
    Link,
    ParallelNotice,
    Person,
    Plate,
    Recovery,
    Sighting,
    TravelLeg,
    Vehicle,
)
from cases.models.code import code_rows

pytestmark = pytest.mark.django_db
CASE_DATA = [
    Case, Abduction, Child, Person, Vehicle, Recovery, LegalReview, Plate, TravelLeg, Link, Sighting, ExternalReference,
    ParallelNotice,
]  # fmt: skip
NAMES = ("Zoraida", "Waldemar", "Quimby", "7XYZ123", "QUIMBY")


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def listed(client, model, **query):
    return {row.pk for row in client.get(address(model, "changelist"), query).context["cl"].result_list}


def without_tokens(response):
    """Return a page without what differs between two answers to the same question."""
    return re.sub(r'(csrfmiddlewaretoken" value=|name="next" value=|data-now=|nonce=)"[^"]+"', "", response.text)


@pytest.fixture
def quebec_staff(make_user):
    """Staff in Québec; French; on no case of the others."""
    return make_user("quitterie.staff@quebec.example", "ca-qc-sq", "staff", "fr", is_staff=True)


@pytest.fixture
def full_case(active_case, california_officer):
    """The active case, with a report of recovery and a released legal opinion."""
    now = timezone.now()
    agency = active_case.lead_agency
    Recovery.objects.create(
        case=active_case, child=active_case.children.get(), located_at=now, time_zone="America/Tijuana",
        place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed",
        holding_agency=agency, reported_by=california_officer,
    )  # fmt: skip
    LegalReview.objects.create(
        case=active_case, agency=agency, status="released", requested_by=california_officer, opinion="in_favor",
        grounds="Grounds of Quimby", language="en", given_at=now, given_by=california_officer,
    )  # fmt: skip
    child, vehicle = active_case.children.get(), active_case.vehicles.get()
    leg = TravelLeg.objects.create(case=active_case, mode="bus", carrier="Quimby Lines")
    Link.objects.create(case=active_case, child=child, vehicle=vehicle, leg=leg)
    Sighting.objects.create(
        case=active_case, evidence="camera", seen_at=now, time_zone="America/Tijuana", place="Quimby Plaza",
        agency=agency, reported_by=california_officer,
    )  # fmt: skip
    recorded = {"case": active_case, "agency": agency, "recorded_by": california_officer}
    ExternalReference.objects.create(kind="nic", number="7XYZ123", **recorded)
    ParallelNotice.objects.create(body="ncmec", outcome="sent", contact_name="Quimby", **recorded)
    return active_case


def row_of(model, case):
    return case if model is Case else model.objects.get(case=case)


@pytest.mark.parametrize("model", CASE_DATA)
def test_staff_of_an_agency_on_the_case_read_it(client, full_case, california_staff, model):
    client.force_login(california_staff)
    row = row_of(model, full_case)
    assert listed(client, model) == {row.pk}
    response = client.get(address(model, "change", row.pk))
    assert response.status_code == 200
    assert not response.context["adminform"].form.fields
    assert full_case.reference in response.text
    assert client.get(address(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", CASE_DATA)
def test_lists_show_no_name_and_no_plate(client, full_case, california_staff, model):
    client.force_login(california_staff)
    text = client.get(address(model, "changelist")).text
    assert full_case.reference in text
    assert not [name for name in NAMES if name in text]


@pytest.mark.parametrize("model", CASE_DATA)
def test_outsiders_and_superusers_get_the_same_404_for_foreign_and_random_ids(
    client, full_case, quebec_staff, baja_staff, superuser, model
):
    row = row_of(model, full_case)
    for user in (quebec_staff, baja_staff, superuser):
        client.force_login(user)
        for page in ("change", "history", "delete"):
            answers = [client.get(address(model, page, key)) for key in (row.pk, uuid.uuid4(), "nonsense")]
            assert {answer.status_code for answer in answers} == {404}
            assert len({without_tokens(answer) for answer in answers}) == 1
            headers = [sorted(key for key in answer.headers if key != "X-Request-Id") for answer in answers]
            assert headers[0] == headers[1] == headers[2]
            assert client.post(address(model, page, row.pk), {"status": "closed"}).status_code == 404


@pytest.mark.parametrize("model", CASE_DATA)
def test_outsiders_lists_hold_nothing(client, full_case, quebec_staff, model):
    client.force_login(quebec_staff)
    for query in ({}, {"q": full_case.reference}, {"all": ""}, {"_facets": "True"}, {"_popup": "1"}):
        response = client.get(address(model, "changelist"), query)
        assert response.context["cl"].result_count == 0
        text = response.text.replace(f'value="{full_case.reference}"', "").replace(f"q={full_case.reference}", "")
        assert full_case.reference not in text
        assert not [name for name in NAMES if name in text]
    assert not AuditEvent.objects.filter(actor_id=quebec_staff.pk, action__endswith=".read").exists()


def test_superuser_sees_no_case_pages(client, full_case, superuser):
    client.force_login(superuser)
    for model in CASE_DATA:
        assert client.get(address(model, "changelist")).status_code == 404
    assert full_case.reference not in client.get("/admin/").text


def test_ended_access_ends_the_look(client, full_case, california_staff):
    CaseAccess.objects.filter(case=full_case).update(until=timezone.now() - timedelta(seconds=1))
    client.force_login(california_staff)
    for model in CASE_DATA:
        assert listed(client, model) == set()
        assert client.get(address(model, "change", row_of(model, full_case).pk)).status_code == 404


@pytest.mark.parametrize("model", CASE_DATA)
def test_nothing_of_a_case_is_written_here(client, full_case, california_staff, model):
    client.force_login(california_staff)
    row = row_of(model, full_case)
    before = type(row).objects.filter(pk=row.pk).values().get()
    assert client.get(address(model, "add")).status_code == 404
    assert client.post(address(model, "add"), {"case": full_case.pk, "status": "active"}).status_code == 404
    assert client.post(address(model, "change", row.pk), {"status": "closed", "_save": "1"}).status_code == 404
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 404
    client.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "index": 0})
    client.post(
        address(model, "changelist"),
        {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": row.pk, "form-0-status": "closed", "_save": "1"},
    )
    assert type(row).objects.filter(pk=row.pk).values().get() == before
    assert not admin.site._registry[model].get_actions(client.get(address(model, "changelist")).wsgi_request)


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (Case, "agency_reference__startswith"),
        (Case, "opened_by__email__startswith"),
        (Case, "children__given_names__startswith"),
        (Case, "reference__startswith"),
        (Case, "status__startswith"),
        (Case, "lead_agency__id__exact"),
        (Child, "given_names"),
        (Child, "given_names__startswith"),
        (Child, "birth_date__year"),
        (Child, "case__reference"),
        (Person, "first_surname__regex"),
        (Vehicle, "plate__startswith"),
        (LegalReview, "grounds__contains"),
    ],
)
def test_hidden_columns_cannot_be_asked(client, full_case, california_staff, model, lookup):
    client.force_login(california_staff)
    assert client.get(address(model, "changelist"), {lookup: "Z"}).status_code == 400


@pytest.mark.parametrize("model", CASE_DATA)
def test_search_knows_references_and_no_names(client, full_case, california_staff, model):
    client.force_login(california_staff)
    assert listed(client, model, q=full_case.reference[-6:]) == {row_of(model, full_case).pk}
    for name in (*NAMES, "Tijuana", "San Diego", "casey"):
        assert listed(client, model, q=name) == set()


@pytest.mark.parametrize("model", CASE_DATA)
def test_names_cannot_be_sorted_by(client, full_case, california_staff, model):
    client.force_login(california_staff)
    page = admin.site._registry[model]
    for column in page.list_display:
        field = getattr(getattr(page, column, None), "admin_order_field", column)
        assert field not in {"given_names", "first_surname", "second_surname", "birth_date", "plate"}
    for order in ("1", "-1", "99", "x", "1.2.3"):
        assert client.get(address(model, "changelist"), {"o": order}).status_code == 200


def test_values_of_the_address_fill_no_form(client, full_case, california_staff):
    client.force_login(california_staff)
    child = full_case.children.get()
    response = client.get(address(CodeValue, "add"), {"code": "taken-from-the-address", "child": child.pk})
    assert 'value="taken-from-the-address"' not in response.text
    assert response.context["adminform"].form.initial == {}


@pytest.mark.parametrize("model", CASE_DATA)
def test_one_event_for_what_one_answer_showed(client, full_case, california_staff, model):
    client.force_login(california_staff)
    row = row_of(model, full_case)
    client.get(address(model, "changelist"))
    event = AuditEvent.objects.get(actor_id=california_staff.pk, action=f"{model._meta.model_name}.read")
    assert (event.object_ids, event.channel, event.object_type) == ([str(row.pk)], "admin", model._meta.label_lower)
    client.get(address(model, "change", row.pk))
    events = AuditEvent.objects.filter(actor_id=california_staff.pk, action__endswith=".read")
    assert events.filter(case_id=full_case.pk, object_ids=[str(row.pk)]).count() == 1
    assert events.count() == 2
    stored = str(list(AuditEvent.objects.filter(actor_id=california_staff.pk).values()))
    assert not [name for name in NAMES if name in stored]


def test_read_and_its_event_share_a_transaction(client, full_case, california_staff, monkeypatch):
    from agencies import audit

    client.force_login(california_staff)
    client.raise_request_exception = False

    def fail(**_what):
        raise RuntimeError("the audit cannot be written")

    monkeypatch.setattr(audit, "record_read", fail)
    for url in (address(Case, "changelist"), address(Case, "change", full_case.pk)):
        response = client.get(url)
        assert response.status_code == 500
        assert full_case.reference not in response.text


def test_unreleased_opinion_of_another_agency_is_hidden(client, full_case, california_staff, baja_coordinator):
    baja = Agency.objects.get(code="mx-bcn-amber")
    draft = LegalReview.objects.create(
        case=full_case, agency=baja, status="given", requested_by=baja_coordinator, opinion="against",
        given_at=timezone.now(), given_by=baja_coordinator,
    )  # fmt: skip
    client.force_login(california_staff)
    assert draft.pk not in listed(client, LegalReview)
    assert client.get(address(LegalReview, "change", draft.pk)).status_code == 404


def test_codes_are_shown_by_their_labels_in_the_readers_language(client, full_case, california_staff):
    child = full_case.children.get()
    labels = {(row["list_name"], row["code"]): row for row in code_rows()}
    for language in ("en", "es", "fr"):
        california_staff.language = language
        california_staff.save()
        client.force_login(california_staff)
        text = client.get(address(Child, "change", child.pk)).text
        for key in (("hair", "BRO"), ("garment", "shorts"), ("color", "red")):
            if key in labels:
                assert labels[key][f"label_{language}"] in text, (language, key)
        assert ("hair", "BRO") in labels


def test_time_of_the_event_is_the_places(client, full_case, california_staff):
    client.force_login(california_staff)
    text = client.get(address(Abduction, "change", full_case.abduction.pk)).text
    assert "(PST)" in text  # 03:15 UTC of the next day


# --- code lists ------------------------------------------------------------------------------------------


def test_code_values_are_retired_and_their_codes_are_fixed(client, california_staff):
    client.force_login(california_staff)
    value = CodeValue.objects.get(list_name="hair", code="BRO")
    page = client.get(address(CodeValue, "change", value.pk))
    assert set(page.context["adminform"].form.fields) == {
        "label_en", "label_es", "label_fr", "position", "is_retired", "grammar",
    }  # fmt: skip
    values = {"label_en": "Brown", "label_es": "Castaño", "label_fr": "Brun", "position": 3, "grammar": "{}"}
    assert client.post(address(CodeValue, "change", value.pk), {**values, "is_retired": "on"}).status_code == 302
    value.refresh_from_db()
    assert (value.is_retired, value.code) == (True, "BRO")
    assert client.post(address(CodeValue, "delete", value.pk), {"post": "yes"}).status_code == 404
    assert AuditEvent.objects.filter(action="codevalue.changed", object_ids=[str(value.pk)]).count() == 1


def test_new_code_value_needs_a_known_list_and_three_labels(client, superuser):
    client.force_login(superuser)
    values = {
        "list_name": "hair", "code": "TEAL", "label_en": "Teal", "label_es": "Turquesa", "label_fr": "Sarcelle",
        "position": 1, "grammar": "{}",
    }  # fmt: skip
    for wrong in ({"list_name": "nonsense"}, {"label_fr": ""}, {"grammar": "[1]"}, {"code": "BRO"}):
        response = client.post(address(CodeValue, "add"), {**values, **wrong})
        assert response.status_code == 200, wrong
        assert response.context["adminform"].form.errors, wrong
    assert client.post(address(CodeValue, "add"), values).status_code == 302
    assert CodeValue.objects.filter(list_name="hair", code="TEAL").count() == 1


def test_lists_are_read_anew_after_a_change(client, superuser, django_capture_on_commit_callbacks):
    client.force_login(superuser)
    value = CodeValue.objects.get(list_name="hair", code="BRO")
    assert value.label_en in {row["label_en"] for row in code_rows()}
    values = {"label_en": "Umber", "label_es": "Castaño", "label_fr": "Brun", "position": 3, "grammar": "{}"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(CodeValue, "change", value.pk), values)
    assert "Umber" in {row["label_en"] for row in code_rows()}


# --- speed -----------------------------------------------------------------------------------------------


def copy_of(row, **changes):
    row = type(row).objects.get(pk=row.pk)
    row.pk = uuid7()
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


def add_cases(case, count, start):
    granted = CaseAccess.objects.get(case=case)
    for number in range(start, start + count):
        made = copy_of(case, reference=f"US-CA-2030-{number:05d}")
        CaseAccess.objects.create(
            case=made, agency=granted.agency, level=granted.level, purpose=granted.purpose,
            opened_at=made.opened_at, granted_by=granted.granted_by,
        )  # fmt: skip
        child = copy_of(row_of(Child, case), case=made)
        copy_of(row_of(Recovery, case), case=made, child=child)
        for model in (Abduction, Person, LegalReview, Sighting, ExternalReference, ParallelNotice):
            copy_of(row_of(model, case), case=made)
        vehicle, leg = copy_of(row_of(Vehicle, case), case=made), copy_of(row_of(TravelLeg, case), case=made)
        copy_of(row_of(Plate, case), case=made, vehicle=vehicle)
        copy_of(row_of(Link, case), case=made, child=child, vehicle=vehicle, leg=leg)


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured), response


def test_lists_take_the_same_queries_for_3_and_30_cases(client, full_case, california_staff):
    client.force_login(california_staff)
    add_cases(full_case, 2, 1)
    urls = [address(model, "changelist") for model in CASE_DATA]
    for url in urls:
        client.get(url)  # sessions, content types and code lists are read once
    few = {url: queries(client, url) for url in urls}
    assert {response.context["cl"].result_count for _count, response in few.values()} == {3}
    add_cases(full_case, 27, 10)
    many = {url: queries(client, url) for url in urls}
    assert {response.context["cl"].result_count for _count, response in many.values()} == {30}
    assert {url: count for url, (count, _response) in many.items()} == {
        url: count for url, (count, _response) in few.items()
    }


def test_pages_of_one_object_take_the_same_queries_for_3_and_30_cases(client, full_case, california_staff):
    client.force_login(california_staff)
    urls = [address(model, "change", row_of(model, full_case).pk) for model in CASE_DATA]
    add_cases(full_case, 2, 1)
    for url in urls:
        client.get(url)
    few = [queries(client, url)[0] for url in urls]
    add_cases(full_case, 27, 10)
    assert [queries(client, url)[0] for url in urls] == few
