"""Lists of requests, alerts and deliveries through the API: constant queries, pages by key."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from agencies.identifiers import uuid7
from agencies.models import Agency, AlertProgram
from alerts.models import Alert, AlertUpdate, Delivery, ExtensionRequest, Recipient, Redaction
from alerts.services import drafts
from alerts.services.requests import send_request
from cases import workflow
from cases.models import Child
from cases.services.files import open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def baja(baja_coordinator):
    client = APIClient()
    client.force_login(baja_coordinator)
    return client


def url(name, *args):
    return reverse(f"api:{name}", args=args)


def ok(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def grow(california_officer, baja_coordinator):
    """Make so many more cases with a request to Baja California and its draft."""
    agency, program = Agency.objects.get(code="us-ca-chp"), AlertProgram.objects.get(code="mx-bcn")

    def make(how_many):
        for _ in range(how_many):
            case = open_case(by=california_officer, agency=agency)
            Child.objects.create(case=case, given_names="Zoraida")
            workflow.apply(case, "activate", by=california_officer)
            asked = send_request(case=case, program=program, by=california_officer)
            drafts.start_alert(program=program, case=case, by=baja_coordinator, request=asked)

    return make


def count(client, address):
    with CaptureQueriesContext(connection) as queries:
        rows = ok(client.get(address))["results"]
    return len(queries), len(rows)


@pytest.mark.parametrize("name", ["request-list", "alert-list"])
def test_list_takes_as_many_queries_for_30_rows_as_for_3(baja, grow, name):
    grow(3)
    baja.get(url(name))
    few, three = count(baja, url(name))
    grow(27)
    many, thirty = count(baja, url(name))
    assert (three, thirty) == (3, 30)
    assert many == few


@pytest.mark.parametrize("name", ["update-list", "redaction-list", "authority-list"])
def test_lists_of_one_alert_take_as_many_queries_for_30_rows_as_for_3(baja, active_alert, name):
    narrowed = {"authority-list": {"case": active_alert.case_id}}.get(name, {"alert": active_alert.pk})
    authority = active_alert.case.publication_authorities.filter(item="child_name").first()
    active_alert.case.publication_authorities.exclude(pk=authority.pk).delete()

    def grow(how_many):
        for _ in range(how_many):
            at = timezone.now()
            if name == "update-list":
                AlertUpdate.objects.create(alert=active_alert, kind="change", status="superseded", created_at=at)
            elif name == "redaction-list":
                by = active_alert.approved_by
                Redaction.objects.create(
                    alert=active_alert, kind="photo", reason="error", by=by, lifted_at=at, lifted_by=by
                )
            else:
                authority.pk, authority._state.adding = uuid7(), True
                authority.save()

    def listed():
        with CaptureQueriesContext(connection) as queries:
            rows = ok(baja.get(url(name), narrowed))["results"]
        return len(queries), len(rows)

    grow(2 if name == "authority-list" else 3)
    listed()
    few = listed()
    grow(27)
    many = listed()
    assert (few[1], many[1]) == (3, 30)
    assert many[0] == few[0]


def test_delivery_list_takes_as_many_queries_for_30_rows_as_for_3(baja, active_alert):
    message = active_alert.messages.get()

    def grow(how_many, word):
        for number in range(how_many):
            to = Recipient.objects.create(
                program=active_alert.program, name=f"{word} {number}", kind="media",
                email=f"{word}{number}@radio.example", language="es",
            )  # fmt: skip
            Delivery.objects.create(message=message, recipient=to, address=to.email, language="es")

    grow(2, "a")
    baja.get(url("delivery-list"))
    few, three = count(baja, url("delivery-list"))
    grow(27, "b")
    many, thirty = count(baja, url("delivery-list"))
    assert (three, thirty) == (3, 30)
    assert many == few


def test_lists_page_by_key(baja, grow):
    grow(5)
    for name, model in (("request-list", ExtensionRequest), ("alert-list", Alert)):
        seen, after = [], ""
        while True:
            page = ok(baja.get(url(name), {"limit": 2, "after": after}))
            seen += [row["id"] for row in page["results"]]
            after = page["after"]
            if not after:
                break
        expected = [str(key) for key in model.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)]
        assert seen == expected
    for bad in ("x", "1_zz", "9" * 60 + "_0", "_", "1e9_" + "0" * 32):
        assert baja.get(url("alert-list"), {"after": bad}).status_code == 400
