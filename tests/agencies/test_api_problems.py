"""What every address of the API answers when it refuses, and who may read its description."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError as ModelValidationError
from django.core.management import call_command
from django.urls import reverse
from rest_framework.test import APIClient

from agencies.api.problems import exception_handler
from agencies.models import AuditEvent
from config.api_urls import router

pytestmark = pytest.mark.django_db
ADDRESSES = sorted({reverse(f"api:{item.name}", args=["x"] * item.pattern.regex.groups) for item in router.urls})


def signed_in(user, **options):
    client = APIClient(**options)
    client.default_format = "json"
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/cases/import/", "/api/v1/schema/"])
@pytest.mark.parametrize("method", ["get", "post", "patch", "put", "delete", "options"])
def test_anonymous_gets_401_and_nothing_else(address, method):
    answer = getattr(APIClient(), method)(address)
    assert answer.status_code == 401
    assert answer.json() == {"status": 401, "code": "not_signed_in", "detail": "Sign in first."}
    assert answer["WWW-Authenticate"]
    assert answer["Content-Type"] == "application/problem+json"


def test_anonymous_is_answered_in_the_browsers_language():
    answer = APIClient().get("/api/v1/cases/", headers={"Accept-Language": "fr-CA,fr;q=0.9"})
    assert answer["Content-Language"] == "fr"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["put", "delete", "options"])
def test_unused_methods_answer_405_before_anything_is_looked_up(california_officer, address, method):
    answer = getattr(signed_in(california_officer), method)(address)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_unsafe_method_needs_the_csrf_token(california_officer):
    answer = signed_in(california_officer, enforce_csrf_checks=True).post("/api/v1/cases/", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "not_json"),
        (b"[" * 100_000, "application/json", 400, "not_json"),
        (b'{"is_exercise": NaN}', "application/json", 400, "not_json"),
        (b'{"agency_reference": "\\ud800"}', "application/json", 400, "not_json"),
        (b'{"\\ud800": 1}', "application/json", 400, "not_json"),
        (b"\xff\xfe", "application/json", 400, "not_json"),
        (b"[1]", "application/json", 400, "invalid"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"<x/>", "text/xml", 415, "unsupported_media_type"),
    ],
)
def test_body_that_cannot_be_read_is_refused(california_officer, body, kind, status, code):
    answer = signed_in(california_officer).generic("POST", "/api/v1/cases/", body, content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_oversized_body_is_refused(california_officer, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = signed_in(california_officer).post(
        "/api/v1/cases/", {"agency_reference": "x" * 200}, headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_refusal_is_recorded_as_a_denial(california_officer):
    signed_in(california_officer).get("/api/v1/cases/0000/")
    event = AuditEvent.objects.get(action="request.refused")
    assert (event.outcome, event.channel, event.detail["route"]) == ("denied", "api", "api:case-detail")


def test_errors_of_models_become_a_problem_and_our_faults_do_not():
    answer = exception_handler(ModelValidationError({"height": ["Too tall."]}), {})
    assert (answer.status_code, answer.data["errors"]) == (400, {"height": ["Too tall."]})
    assert exception_handler(KeyError("x"), {}) is None


def test_programs_are_a_directory_for_everybody_signed_in(quebec_coordinator):
    client = signed_in(quebec_coordinator)
    rows = client.get(reverse("api:program-list")).json()["results"]
    baja = next(row for row in rows if row["code"] == "mx-bcn")
    assert (baja["country"], baja["agency"]["code"]) == ("MX", "mx-bcn-amber")
    assert client.get(reverse("api:program-detail", args=["mx-bcn"])).json() == baja
    assert client.get(reverse("api:program-detail", args=["mx-zzz"])).status_code == 404
    assert client.post(reverse("api:program-list"), {}).status_code == 405


# The description


def test_description_is_for_people_who_have_signed_in(quebec_coordinator):
    assert APIClient().get("/api/v1/schema/").status_code == 401
    answer = signed_in(quebec_coordinator).get("/api/v1/schema/", {"version": "a\r\nb: c", "lang": "\0"})
    assert answer.status_code == 200
    assert set(json.loads(answer.content)["paths"]) >= {"/api/v1/cases/", "/api/v1/cases/import/"}


def test_description_is_valid_and_without_warnings(tmp_path, capsys):
    file = tmp_path / "openapi.json"
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(file))
    described = json.loads(file.read_text())
    for address, operations in described["paths"].items():
        for method, operation in operations.items():
            named = [item["name"] for item in operation.get("parameters", [])]
            assert ("Idempotency-Key" in named) == (method in ("post", "patch")), address
            assert {"400", "401", "404"} <= set(operation["responses"]), address


def test_description_offers_no_writable_status():
    from drf_spectacular.generators import SchemaGenerator

    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    for name, schema in schemas.items():
        status = schema.get("properties", {}).get("status")
        if status is not None and name != "Problem":
            assert status.get("readOnly"), name
