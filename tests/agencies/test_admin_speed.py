"""Lists of the administration take the same queries for few rows and for many."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies import audit
from agencies.admin.paging import COUNT_CAP, CappedPaginator
from agencies.choices import AuditChannel
from agencies.models import (
    Agency,
    AlertProgram,
    AuditEvent,
    CriteriaVersion,
    Membership,
    User,
)
from tests.agencies.admin_pages import address

pytestmark = pytest.mark.django_db

# --- speed -----------------------------------------------------------------------------------------------


def queries(client, url):
    client.get(url)  # sessions and content types are read once
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured), client.get(url).context["cl"].result_count


def add_reference_rows(count, offset, make_user):
    parent = Agency.objects.get(code="us-ca-chp")
    template = CriteriaVersion.objects.filter(program__agency=parent).get(version=1)
    for number in range(offset, offset + count):
        agency = Agency.objects.create(
            code=f"row-{number}", name=f"Row {number}", kind="police", country="US", subdivision_id="US-CA",
            parent=parent,
        )  # fmt: skip
        AlertProgram.objects.create(
            code=f"row-{number}", agency=agency, name=f"Row {number}", country="US", subdivision_id="US-CA",
            time_zone="UTC", number_prefix=f"ROW{number}", cap_sender=f"row{number}@example.com",
            tip_phone="911", tip_phone_display="911", abroad_phone="+1", is_active=False,
        )  # fmt: skip
        CriteriaVersion.objects.create(
            program=template.program, version=10 + number, effective_from=timezone.localdate(), danger_test="x",
            abduction_test="confirmed", parental_policy="allowed", runaway_policy="not_eligible", source="x",
            activating_bodies="x",
        )  # fmt: skip
        make_user(f"row{number}@california.example", "us-ca-chp", "duty_officer")


@pytest.mark.parametrize("model", [Agency, AlertProgram, CriteriaVersion, User, Membership, AuditEvent])
def test_list_takes_the_same_queries_for_few_and_many(client, california_staff, make_user, model):
    client.force_login(california_staff)
    add_reference_rows(3, 0, make_user)
    audit.record("case.read", by=california_staff, object_ids=["1"])
    few, few_rows = queries(client, address(model, "changelist"))
    add_reference_rows(27, 3, make_user)
    for _number in range(27):
        audit.record("case.read", by=california_staff, object_ids=["1"])
    many, many_rows = queries(client, address(model, "changelist"))
    assert many_rows >= few_rows + 27
    assert many == few


def test_count_of_a_long_list_is_capped(client, california_staff):
    own = Agency.objects.get(code="us-ca-chp").pk
    AuditEvent.objects.bulk_create(
        AuditEvent(action="case.read", channel=AuditChannel.PAGE, agency_ids=[own], at=timezone.now())
        for _number in range(COUNT_CAP + 1)
    )
    pages = CappedPaginator(AuditEvent.objects.filter(agency_ids__contains=[own]), 50)
    assert (pages.count, pages.is_capped, pages.num_pages) == (COUNT_CAP, True, COUNT_CAP // 50)
    client.force_login(california_staff)
    assert "more than 1000" in client.get(address(AuditEvent, "changelist")).text
