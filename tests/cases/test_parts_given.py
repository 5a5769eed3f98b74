"""Giving police-only parts to one agency: by a tick at the share, by name, through page and API; taking them back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from agencies.models import Agency, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from cases.models import Case, PartMark, PartRelease
from cases.services import parts, sharing
from tests.cases.test_parts import QUEBEC, hold, key, page, share, signed_in

pytestmark = pytest.mark.django_db


def test_given_parts_are_read_by_that_agency_alone_until_taken_back(
    shared: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any, baja_coordinator: Any
) -> None:
    share(shared, california_officer, Agency.objects.get(code="mx-bcn-amber"))
    address = key(shared.abduction, "address")
    [given] = parts.give_parts(case=shared, by=california_officer, agency=quebec, keys=[address])
    assert "Zqroad" in page(quebec_coordinator, shared)
    assert "Zqwitness" not in page(quebec_coordinator, shared)
    assert "Zqroad" not in page(baja_coordinator, shared)
    parts.take_back_parts(case=shared, by=california_officer, releases=[given.pk])
    assert "Zqroad" not in page(quebec_coordinator, shared)
    with pytest.raises(ActRefused):
        parts.take_back_parts(case=shared, by=california_officer, releases=[given.pk])
    actions = list(AuditEvent.objects.filter(action__startswith="case.parts").values_list("action", flat=True))
    assert sorted(actions) == ["case.parts_given", "case.parts_taken_back"]


def test_giving_needs_the_lead_agency_and_an_agency_on_the_case(
    shared: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    address = key(shared.abduction, "address")
    with pytest.raises(NotPermitted):
        parts.give_parts(case=shared, by=quebec_coordinator, agency=quebec, keys=[address])
    with pytest.raises(ActRefused):
        parts.give_parts(
            case=shared, by=california_officer, agency=Agency.objects.get(code="mx-bcn-amber"), keys=[address]
        )
    assert not PartRelease.objects.exists()


def test_share_takes_ticked_parts_along_and_its_end_takes_them_back(
    shared: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    baja, address = Agency.objects.get(code="mx-bcn-amber"), key(shared.abduction, "address")
    granted = share(shared, california_officer, baja, parts=[address])
    assert "Zqroad" in page(baja_coordinator, shared)
    sharing.end_share(share=granted, by=california_officer)
    share(shared, california_officer, baja)
    assert "Zqroad" not in page(baja_coordinator, shared)


def test_managing_agency_gives_no_police_only_part(
    shared: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    share(shared, california_officer, quebec, level="manage")
    case = Case.objects.get(pk=shared.pk)
    with pytest.raises(NotPermitted):
        share(case, quebec_coordinator, Agency.objects.get(code="mx-bcn-amber"), parts=[key(case.abduction, "address")])


def test_what_was_given_ends_with_a_share_that_ran_out(
    shared: Any, california_officer: Any, quebec: Any, quebec_coordinator: Any
) -> None:
    parts.give_parts(case=shared, by=california_officer, agency=quebec, keys=[key(shared.abduction, "address")])
    shared.accesses.filter(agency=quebec).update(until=shared.opened_at)
    share(shared, california_officer, quebec)
    assert "Zqroad" not in page(quebec_coordinator, shared)


def test_preview_shows_exactly_what_the_other_agency_reads(
    shared: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    baja = Agency.objects.get(code="mx-bcn-amber")
    client, address = signed_in(california_officer), reverse("cases:share-list", args=[shared.pk])
    sent = {"agency": baja.pk, "level": "look", "purpose": "assist", "hours": 24, "preview": "1", "nonce": "a"}
    without = client.post(address, sent).text
    held = key(shared.abduction, "address")
    with_it = client.post(address, {**sent, "parts": [held]}).text
    assert ("Zqroad" in without, "Zqroad" in with_it) == (False, True)
    assert "Zqwitness" not in without + with_it
    assert not PartRelease.objects.exists()
    assert "Zqwitness" in page(california_officer, shared)


def test_page_marks_gives_and_takes_back(shared: Any, california_officer: Any, quebec: Any) -> None:
    client, words = signed_in(california_officer), key(shared.abduction, "words")
    address = reverse("cases:part-list", args=[shared.pk])
    assert "Zqwitness" in client.get(address).text
    sent = {"nonce": "n1", "parts": [words], "standing": "police_only", "reason": "witness"}
    assert client.post(address, {**sent, "reason": ""}).status_code == 422
    for _twice in range(2):
        assert client.post(address, sent).status_code == 302
    assert PartMark.objects.count() == 1
    give = {"nonce": "n2", "agency": quebec.pk, "parts": [words], "reason": "own_law"}
    assert client.post(reverse("cases:part-give", args=[shared.pk]), {**give, "parts": []}).status_code == 422
    for _twice in range(2):
        assert client.post(reverse("cases:part-give", args=[shared.pk]), give).status_code == 302
    given = PartRelease.objects.get()
    back = reverse("cases:part-take-back", args=[shared.pk, given.pk])
    assert client.post(back, {"nonce": "n3"}).status_code == 302
    assert not PartRelease.objects.current().exists()  # type: ignore[attr-defined]


def test_api_marks_gives_and_takes_back(shared: Any, california_officer: Any, quebec_coordinator: Any) -> None:
    client, words = signed_in(california_officer), key(shared.abduction, "words")
    base = f"/api/v1/cases/{shared.pk}/"
    found = client.get(base + "parts/").json()["parts"]
    assert {"key": words, "is_police_only": False, "reason": None}.items() <= next(
        part for part in found if part["key"] == words
    ).items()

    def post(name: str, body: Any) -> Any:
        return client.post(base + name, body, content_type="application/json")

    marked = post("parts/", {"parts": [words], "is_police_only": True, "reason": "law"})
    assert (
        marked.status_code,
        post("parts/", {"parts": ["x"], "is_police_only": True, "reason": "law"}).status_code,
    ) == (200, 409)
    given = post("give-parts/", {"agency": QUEBEC, "parts": [words]})
    assert (given.status_code, [row["agency"] for row in given.json()]) == (201, [QUEBEC])
    detail = signed_in(quebec_coordinator).get(base).json()
    assert detail["abduction"]["circumstances"] == "Zqwords of a neighbor"
    assert post("take-back-parts/", {"releases": [given.json()[0]["id"]]}).status_code == 200
    detail = signed_in(quebec_coordinator).get(base).json()
    assert detail["abduction"]["circumstances"] == detail["abduction"]["road"] == ""
    assert [person["role"] for person in detail["people"]] == ["suspect"]
    assert signed_in(quebec_coordinator).get(base + "parts/").status_code == 404


def test_decisions_about_parts_are_seen_with_their_case(
    shared: Any, california_officer: Any, quebec_coordinator: Any, baja_coordinator: Any, quebec: Any
) -> None:
    address = key(shared.abduction, "address")
    hold(shared, california_officer, address)
    parts.give_parts(case=shared, by=california_officer, agency=quebec, keys=[address])
    for decisions in (PartMark.objects, PartRelease.objects):
        assert decisions.visible_to(california_officer).filter(case=shared).exists()
        assert decisions.visible_to(quebec_coordinator).filter(case=shared).exists()
        assert not decisions.visible_to(baja_coordinator).exists()
