"""Authorities to publish through the API: recorded, listed, taken back; other agencies' do not exist (U28)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from cases.models import PublicationAuthority
from tests.alerts.test_api import ok, signed_in, url

pytestmark = pytest.mark.django_db


def body(case: Any, **more: Any) -> dict[str, Any]:
    """Return what records the child's name for Mexico."""
    return {
        "case": str(case.pk), "items": [{"item": "child_name", "subject": str(case.children.get().pk)}],
        "countries": ["MX"], "basis": "prosecutor_order", **more,
    }  # fmt: skip


def test_lead_agency_records_for_countries_and_lists_them(active_case, california_officer):
    PublicationAuthority.objects.all().delete()
    officer = signed_in(california_officer)
    person = active_case.people.get()
    items = [{"item": "child_name", "subject": str(active_case.children.get().pk)},
             {"item": "suspect_name", "subject": str(person.pk)}]  # fmt: skip
    more = {"items": items, "countries": ["US", "MX"], "authorizer_name": "Lic. Bravo, FGE"}
    answer = officer.post(url("authority-list"), body(active_case, **more))
    made = ok(answer, 201)["authorities"]
    assert len(made) == 4
    assert "Bravo" not in answer.content.decode()  # kept for the repeat, so nobody is described in it
    assert {(row["item"], row["country"], row["authorizer"]) for row in made} == {
        (item, country, "prosecutor") for item in ("child_name", "suspect_name") for country in ("US", "MX")
    }
    listed = ok(officer.get(url("authority-list"), {"case": str(active_case.pk)}))["results"]
    assert {row["id"] for row in listed} == {row["id"] for row in made}
    whole = ok(officer.get(url("authority-detail", made[0]["id"])))
    assert (whole["authorizer_name"], whole["recorded_by"]) == ("Lic. Bravo, FGE", california_officer.full_name)
    assert officer.get(url("authority-list")).status_code == 400


def test_taking_back_leaves_the_public_at_once_and_happens_once(
    active_alert, active_case, california_officer, baja_coordinator
):
    officer = signed_in(california_officer)
    for row in PublicationAuthority.objects.filter(item="child_name"):
        assert ok(officer.post(url("authority-revoke", row.pk), {}))["is_valid"] is False
        assert officer.post(url("authority-revoke", row.pk), {}).status_code == 409
    assert "Zoraida" not in active_alert.public.texts.get(language="en").description
    assert active_alert.updates.open().get().kind == "withdrawal"


def test_asked_program_records_for_itself_alone(sent_request, active_case, baja_coordinator):
    baja = signed_in(baja_coordinator)
    own = body(active_case, countries=[], programs=["mx-bcn"])
    made = ok(baja.post(url("authority-list"), own), 201)["authorities"]
    assert [(row["program"], row["country"]) for row in made] == [("mx-bcn", "")]
    assert baja.post(url("authority-list"), body(active_case)).status_code == 404
    assert baja.post(url("authority-list"), body(active_case, countries=[], programs=["us-ca"])).status_code == 404
    foreign = PublicationAuthority.objects.filter(country="MX").first()
    assert baja.get(url("authority-detail", foreign.pk)).status_code == 200
    assert baja.post(url("authority-revoke", foreign.pk), {}).status_code == 404
    assert ok(baja.post(url("authority-revoke", made[0]["id"]), {}))["revoked_at"]


def test_other_agencies_find_nothing(active_case, quebec_coordinator, superuser, baja_coordinator):
    row = active_case.publication_authorities.first()
    before = PublicationAuthority.objects.count()
    for person in (quebec_coordinator, superuser, baja_coordinator):  # Baja California was not asked
        client = signed_in(person)
        assert ok(client.get(url("authority-list"), {"case": str(active_case.pk)}))["results"] == []
        answers = [
            client.get(url("authority-detail", row.pk)), client.get(url("authority-detail", uuid.uuid4())),
            client.post(url("authority-revoke", row.pk), {}), client.post(url("authority-list"), body(active_case)),
            client.post(url("authority-list"), {"case": str(uuid.uuid4())}),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    assert PublicationAuthority.objects.count() == before
    row.refresh_from_db()
    assert row.revoked_at is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"items": []}, "items"), ({"items": [{"item": "x", "subject": str(uuid.uuid4())}]}, "items"),
        ({"items": [{"item": "photo", "subject": str(uuid.uuid4())}]}, "items"), ({"countries": ["DE"]}, "countries"),
        ({"countries": []}, "countries"), ({"basis": "because"}, "basis"),
        ({"document": str(uuid.uuid4())}, "document"),
        ({"valid_until": "2026-12-01"}, "valid_until"), ({"programs": ["zz"]}, "programs"), ({"extra": 1}, "extra"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_field(wrong, field, active_case, california_officer):
    before = PublicationAuthority.objects.count()
    answer = signed_in(california_officer).post(url("authority-list"), body(active_case, **wrong))
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert PublicationAuthority.objects.count() == before


def test_end_in_the_past_is_refused(active_case, california_officer):
    answer = signed_in(california_officer).post(
        url("authority-list"), body(active_case, valid_until="2020-01-01T00:00:00Z")
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")


def test_legal_advisors_and_staff_record_nothing(active_case, california_legal, california_staff):
    for person in (california_legal, california_staff):
        assert signed_in(person).post(url("authority-list"), body(active_case)).status_code == 404
