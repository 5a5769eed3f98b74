"""Why a person sees a case: every link named, and the answer is the gateway's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AuditEvent, Membership
from agencies.services import end_membership, grant_membership
from cases.models import Case, CaseAccess
from cases.why_seen import explain, people_to_ask_about

pytestmark = pytest.mark.django_db


def missing(person: Any, case: Any, reader: Any) -> list[list[str]]:
    """Return what is missing in each chain; and hold the answer against the gateway and the chains."""
    from agencies import access

    access.forget(person)
    found = explain(person, case, reader=reader)
    assert found.sees == Case.objects.visible_to(person).filter(pk=case.pk).exists()
    if found.chains:
        assert found.sees == any(chain.leads_to_case for chain in found.chains)
    return [[str(words) for words in chain.missing] for chain in found.chains]


def test_every_link_is_named(
    sent_request: Any, california_coordinator: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case, reader = sent_request.case, california_coordinator
    assert missing(california_officer, case, reader) == [[]]
    assert missing(baja_coordinator, case, reader) == [[]]
    CaseAccess.objects.filter(case=case, agency__code="mx-bcn-amber").update(until=timezone.now())
    assert missing(baja_coordinator, case, reader) == [["The agency's access to the case has ended."]]
    end_membership(membership=baja_coordinator.memberships.get(), by=None)
    assert missing(baja_coordinator, case, reader) == [
        ["The membership has ended.", "The agency's access to the case has ended."]
    ]
    california_officer.is_active = False
    california_officer.save(update_fields=["is_active"])
    assert missing(california_officer, case, reader) == [["The account is switched off."]]


def test_membership_that_has_not_begun_and_agency_that_stopped(
    active_case: Any, california_coordinator: Any, california_officer: Any
) -> None:
    Membership.objects.filter(user=california_officer).update(valid_from=timezone.now() + timedelta(days=1))
    assert missing(california_officer, active_case, california_coordinator) == [["The membership has not begun."]]
    Agency.objects.filter(pk=active_case.lead_agency_id).update(is_active=False)
    assert (
        "The agency no longer works in the portal."
        in missing(california_officer, active_case, california_coordinator)[0]
    )


def test_own_colleague_elsewhere_is_explained_and_strangers_are_not(
    active_case: Any, california_coordinator: Any, quebec_coordinator: Any, baja_coordinator: Any
) -> None:
    people = people_to_ask_about(california_coordinator, active_case)
    assert california_coordinator in people
    assert quebec_coordinator not in people
    grant_membership(user=quebec_coordinator, agency=active_case.lead_agency, role="legal_advisor", by=None)
    assert missing(quebec_coordinator, active_case, california_coordinator) == [[]]  # Québec's own row stays out


def page(client: Any, user: Any, case: Any, person: Any = None) -> Any:
    client.force_login(user)
    return client.get(reverse("cases:case-why-seen", args=[case.pk]), {"person": person.pk} if person else {})


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_page_shows_the_chain_and_records_the_question(
    client: Any, sent_request: Any, california_coordinator: Any, california_officer: Any, baja_coordinator: Any,
    language: str,
) -> None:  # fmt: skip
    california_coordinator.language = language
    california_coordinator.save(update_fields=["language"])
    answer = page(client, california_coordinator, sent_request.case, baja_coordinator)
    assert answer.status_code == 200
    share = CaseAccess.objects.get(case=sent_request.case, agency__code="mx-bcn-amber")
    assert [chain.share for chain in answer.context["explanation"].chains] == [share]
    assert california_officer.full_name in answer.text  # who granted it
    event = AuditEvent.objects.get(action="case.sight_explained")
    assert (event.object_ids, event.case_id) == ([str(baja_coordinator.pk)], sent_request.case_id)


def test_page_is_for_administrators_of_agencies_on_the_case(
    client: Any, sent_request: Any, california_officer: Any, california_legal: Any, california_staff: Any,
    baja_coordinator: Any, baja_staff: Any, quebec_coordinator: Any,
) -> None:  # fmt: skip
    found = {
        user.email: page(client, user, sent_request.case).status_code
        for user in (california_officer, california_legal, california_staff, baja_coordinator, baja_staff,
                     quebec_coordinator)
    }  # fmt: skip
    assert list(found.values()) == [404, 404, 200, 200, 200, 404]


def test_person_who_is_none_of_the_readers_business_is_like_none(
    client: Any, active_case: Any, california_coordinator: Any, quebec_coordinator: Any
) -> None:
    answer = page(client, california_coordinator, active_case, quebec_coordinator)
    assert answer.status_code == 422
    assert quebec_coordinator.full_name not in answer.text


def test_case_page_leads_there_for_administrators_only(
    client: Any, active_case: Any, california_coordinator: Any, california_officer: Any
) -> None:
    for user, leads in ((california_coordinator, True), (california_officer, False)):
        client.force_login(user)
        shown = client.get(reverse("cases:case-detail", args=[active_case.pk])).text
        assert (reverse("cases:case-why-seen", args=[active_case.pk]) in shown) == leads
