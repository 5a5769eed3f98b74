"""An event about a case of another agency holds the purpose of the share by which it was met."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.choices import AuditPurpose
from agencies.models import Agency, AuditEvent
from cases.accesses import accesses_of, shared_for
from cases.choices import AccessPurpose
from cases.models import Case, CaseAccess, Sighting
from cases.services.files import open_case
from cases.services.sharing import share_by_hand
from cases.services.sightings import add_sighting

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(active_case: Any, california_officer: Any) -> Any:
    """The share of the case with Québec, to contribute, for the border."""
    return share_by_hand(
        case=active_case, by=california_officer, agency=Agency.objects.get(code="ca-qc-sq"), level="contribute",
        purpose="border", hours=24,
    )  # fmt: skip


def look(user: Any, address: str) -> AuditEvent:
    client = Client()
    client.force_login(user)
    assert client.get(address).status_code == 200
    return AuditEvent.objects.filter(actor_id=user.pk, action__endswith=".read").latest("at")


def test_every_purpose_of_a_share_is_one_of_the_audit() -> None:
    kept = dict(AuditPurpose.choices)
    assert {value: kept.get(value) for value, _label in AccessPurpose.choices if value != "lead"} == {
        value: label for value, label in AccessPurpose.choices if value != "lead"
    }


def test_reads_and_acts_on_a_shared_case_hold_the_purpose_and_the_share(
    active_case: Any, shared: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    page = reverse("cases:case-detail", args=[active_case.pk])
    own, theirs = look(california_officer, page), look(quebec_coordinator, page)
    assert (own.purpose, "shares" in own.detail) == ("", False)
    assert (theirs.purpose, theirs.detail["shares"]) == ("border", {str(active_case.pk): [shared.pk, "border"]})
    assert look(quebec_coordinator, f"/api/v1/cases/{active_case.pk}/").purpose == "border"
    add_sighting(
        case=Case.objects.get(pk=active_case.pk), by=quebec_coordinator,
        sighting=Sighting(
            evidence="camera", seen_at=active_case.opened_at, time_zone="America/Toronto", place="Montréal", toward="CA"
        ),
    )  # fmt: skip
    acts = AuditEvent.objects.filter(actor_id=quebec_coordinator.pk, case_id=active_case.pk)
    assert set(acts.exclude(action__endswith=".read").values_list("purpose", flat=True)) == {"border"}


def test_purpose_stays_what_it_was_when_the_share_becomes_another(
    active_case: Any, shared: Any, california_coordinator: Any, quebec_coordinator: Any
) -> None:
    look(quebec_coordinator, reverse("cases:case-detail", args=[active_case.pk]))
    CaseAccess.objects.filter(pk=shared.pk).update(purpose="assist")
    rows = accesses_of(active_case, reader=california_coordinator).rows
    assert [(row.person, row.purpose) for row in rows] == [(quebec_coordinator.full_name, "Watches a border")]


def test_list_of_cases_met_for_several_purposes_names_each(
    active_case: Any, shared: Any, california_officer: Any, california_coordinator: Any, quebec_coordinator: Any
) -> None:
    other = open_case(by=california_officer, agency=active_case.lead_agency)
    share_by_hand(case=other, by=california_officer, agency=shared.agency, level="look", purpose="oversee", hours=2)
    event = look(quebec_coordinator, reverse("cases:case-list"))
    assert event.purpose == "several"
    assert {key: share[1] for key, share in event.detail["shares"].items()} == {
        str(active_case.pk): "border", str(other.pk): "oversee",
    }  # fmt: skip
    rows = accesses_of(other, reader=california_coordinator).rows
    assert [row.purpose for row in rows] == ["Oversees or reviews"]


def test_purpose_that_is_given_stands_before_that_of_the_share(
    active_case: Any, shared: Any, quebec_coordinator: Any
) -> None:
    event = look(quebec_coordinator, reverse("cases:case-accesses", args=[active_case.pk]))
    assert (event.purpose, list(event.detail["shares"])) == ("oversight", [str(active_case.pk)])


def test_shares_of_any_number_of_cases_take_one_query(
    active_case: Any, shared: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert shared_for([shared.agency_id], [active_case.pk]).purpose == "border"
