"""Facts through the API: on the version that was read, in codes, by the lead agency only."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from agencies.models import AuditEvent
from cases.models import Child

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = APIClient()
    client.default_format = "json"
    client.force_login(user)
    return client


@pytest.fixture
def officer(california_officer):
    return signed_in(california_officer)


def url(name, *args):
    return reverse(f"api:{name}", args=args)


def events(action):
    return AuditEvent.objects.filter(action=action)


def test_facts_change_on_the_version_that_was_read(officer, active_case):
    child = active_case.children.get()
    answer = officer.patch(
        url("child-detail", child.pk), {"version": active_case.facts_version, "height_cm": 121, "hair": "BLN"}
    )
    assert answer.json()["changed"] == ["child.height_cm", "child.hair"]
    assert answer.json()["facts_version"] == active_case.facts_version + 1
    child.refresh_from_db()
    assert (child.height_cm, child.hair, child.weight_kg) == (121, "BLN", 23)
    assert events("case.facts_changed").first().field_names == ["child.height_cm", "child.hair"]


def test_facts_are_not_written_over_a_newer_version(officer, active_case):
    child = active_case.children.get()
    answer = officer.patch(url("child-detail", child.pk), {"version": active_case.facts_version - 1, "height_cm": 121})
    assert answer.status_code == 409
    child.refresh_from_db()
    assert child.height_cm == 120


def test_change_without_a_version_is_refused(officer, active_case):
    answer = officer.patch(url("child-detail", active_case.children.get().pk), {"height_cm": 121})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["version"])


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("child", {"status": "recovered"}, "status"),
        ("child", {"case": str(uuid.uuid4())}, "case"),
        ("child", {"hieght_cm": 100}, "hieght_cm"),
        ("child", {"hair": "ginger"}, "hair"),
        ("child", {"height_cm": 4}, "height_cm"),
        ("child", {"birth_date": "2999-01-01"}, "birth_date"),
        ("child", {"clothing": [{"item": "toga"}]}, "clothing"),
        ("child", {"clothing": [{"item": "shorts", "size": 4}]}, "clothing"),
        ("child", {"clothing": "shorts"}, "clothing"),
        ("child", {"marks": [{"kind": "scar", "location": "elsewhere"}]}, "marks"),
        ("child", {"medical": ["99x"]}, "medical"),
        ("child", {"given_names": "a\0b"}, "given_names"),
        ("child", {"age_years": 10**30}, "age_years"),
        ("vehicle", {"year": 19}, "year"),
        ("vehicle", {"plate_issuer": "XX-YY"}, "plate_issuer"),
        ("abduction", {"happened_at": "2026-01-01T10:00:00"}, "happened_at"),
        ("abduction", {"happened_at": "2999-01-01T10:00:00Z"}, "happened_at"),
        ("abduction", {"time_zone": "Mars/Base"}, "time_zone"),
        ("abduction", {"time_zone": ""}, "time_zone"),
        ("abduction", {"circumstances": "Seen."}, "circumstances_language"),
    ],
)
def test_wrong_fact_is_refused_beside_its_field(officer, active_case, name, body, field):
    row = {
        "child": active_case.children.get(), "vehicle": active_case.vehicles.get(), "abduction": active_case.abduction,
    }[name]  # fmt: skip
    answer = officer.patch(url(f"{name}-detail", row.pk), {"version": active_case.facts_version, **body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not events("case.facts_changed").filter(channel="api").exists()


def test_category_at_intake_is_frozen(officer, active_case):
    address, version = url("abduction-detail", active_case.abduction.pk), active_case.facts_version
    assert officer.patch(address, {"version": version, "category_at_intake": "FAM"}).status_code == 200
    again = officer.patch(address, {"version": version + 1, "category_at_intake": "NFA"})
    assert list(again.json()["errors"]) == ["category_at_intake"]


def test_new_row_needs_a_fact(officer, active_case):
    assert officer.post(url("case-children", active_case.pk), {}).status_code == 400
    assert Child.objects.count() == 1


def test_change_of_facts_does_not_undo_a_step_taken_meanwhile(officer, active_case, monkeypatch):
    """The row is read again under the case's lock, so that a status written after the first read stays."""
    from cases.api import views

    child = active_case.children.get()
    seen = views.permissions.can_edit_case

    def and_meanwhile(user, case):
        Child.objects.filter(pk=child.pk).update(status="located")
        return seen(user, case)

    monkeypatch.setattr(views.permissions, "can_edit_case", and_meanwhile)
    answer = officer.patch(url("child-detail", child.pk), {"version": active_case.facts_version, "height_cm": 130})
    assert answer.status_code == 200
    child.refresh_from_db()
    assert (child.status, child.height_cm) == ("located", 130)


def test_other_agency_on_the_case_cannot_change_facts_even_badly(sent_request, active_case, baja_coordinator):
    client = signed_in(baja_coordinator)
    assert client.get(url("case-detail", active_case.pk)).status_code == 200
    for body in ({"version": active_case.facts_version, "height_cm": 90}, {"version": "x", "nonsense": 1}):
        assert client.patch(url("child-detail", active_case.children.get().pk), body).status_code == 404
        assert client.post(url("case-children", active_case.pk), body).status_code == 404
        assert client.post(url("case-activate", active_case.pk), body).status_code == 404
