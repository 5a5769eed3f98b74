"""Words of an alert through the API: what is left out stays, two officers' changes, wrong values (U31)."""

from __future__ import annotations

import uuid

import pytest

from agencies.models import Agency
from alerts.gathering import content_hash
from cases.models import Photo
from cases.services.files import open_case
from tests.alerts.test_api import ok, signed_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def baja(baja_coordinator):
    return signed_in(baja_coordinator)


@pytest.fixture
def approver(baja_approver):
    return signed_in(baja_approver)


def test_edit_keeps_what_is_left_out(baja, draft_alert):
    before = draft_alert.texts.get(language="es")
    ok(baja.patch(url("alert-detail", draft_alert.pk), {"content_hash": content_hash(draft_alert), "texts": [
        {"language": "es", "instruction": "Llame al 911."}]}))  # fmt: skip
    after = draft_alert.texts.get(language="es")
    assert (after.headline, after.description) == (before.headline, before.description)
    assert (after.instruction, after.source) == ("Llame al 911.", "edited")
    draft_alert.refresh_from_db()
    assert draft_alert.duration_hours == 24


def test_edit_over_a_newer_version_is_refused(baja, draft_alert):
    answer = baja.patch(
        url("alert-detail", draft_alert.pk),
        {"content_hash": "0" * 64, "texts": [{"language": "es", "headline": "Otra"}]},
    )
    assert answer.status_code == 409
    text = draft_alert.texts.get(language="es")
    assert answer.json()["conflicts"] == {"es.headline": {"mine": "Otra", "theirs": text.headline}}
    assert text.headline != "Otra"


def test_edits_of_two_officers_go_together_field_by_field(baja, approver, draft_alert):
    shown = ok(baja.get(url("alert-detail", draft_alert.pk)))
    old = next(text for text in shown["texts"] if text["language"] == "es")
    words = [{"language": "es", "headline": "Otra", "description": "Suya"}]
    ok(approver.patch(url("alert-detail", draft_alert.pk), {
        "content_hash": shown["content_hash"], "texts": words, "duration_hours": 20}))  # fmt: skip
    mine = {
        "content_hash": shown["content_hash"], "texts": [{"language": "es", "instruction": "Llame al 911."}],
        "base": {"texts": [{"language": "es", "instruction": old["instruction"]}]},
    }  # fmt: skip
    ok(baja.patch(url("alert-detail", draft_alert.pk), mine))
    text = draft_alert.texts.get(language="es")
    assert (text.headline, text.description, text.instruction) == ("Otra", "Suya", "Llame al 911.")
    mine["texts"] = [{"language": "es", "description": "Mía", "headline": "Otra"}]
    mine |= {"duration_hours": 30, "base": {
        "texts": [{"language": "es", "description": old["description"], "headline": old["headline"]}],
        "duration_hours": 24,
    }}  # fmt: skip
    answer = baja.patch(url("alert-detail", draft_alert.pk), mine)
    assert (answer.status_code, answer.json()["code"]) == (409, "edit_conflict")
    assert answer.json()["conflicts"] == {
        "es.description": {"mine": "Mía", "theirs": "Suya"}, "duration_hours": {"mine": 30, "theirs": 20},
    }, "what both wrote alike is no conflict"  # fmt: skip
    assert draft_alert.texts.get(language="es").description == "Suya", "nothing was saved"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content_hash": None}, "content_hash"),
        ({"status": "active"}, "status"),
        ({"texts": [{"language": "de", "headline": "x"}]}, "texts"),
        ({"texts": [{"language": "es", "event": "x"}]}, "texts"),
        ({"texts": [{"language": "es"}, {"language": "es"}]}, "texts"),
        ({"texts": [{"language": "es", "headline": ""}]}, "texts"),
        ({"duration_hours": 0}, "duration_hours"),
        ({"photo": str(uuid.uuid4())}, "photo"),
    ],
)
def test_wrong_edit_is_refused_beside_its_field(baja, draft_alert, body, field):
    answer = baja.patch(url("alert-detail", draft_alert.pk), {"content_hash": content_hash(draft_alert), **body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_photo_of_another_case_is_as_unknown_as_none(baja, draft_alert, california_officer):
    other = open_case(by=california_officer, agency=Agency.objects.get(code="us-ca-chp"))
    photo = Photo.objects.create(case=other, jpeg=b"x", width=1, height=1, sha256="0", added_by=california_officer)
    answers = [
        baja.patch(url("alert-detail", draft_alert.pk), {"content_hash": content_hash(draft_alert), "photo": str(key)})
        for key in (photo.pk, uuid.uuid4())
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
