"""Who viewed a case, why somebody sees it, and the preview of a share, through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import AuditEvent
from cases.models import CaseAccess, CaseEvent

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def base(case: Any) -> str:
    return f"/api/v1/cases/{case.pk}/"


def test_accesses_tell_who_looked_and_asking_is_recorded(
    active_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    signed_in(california_officer).get(reverse("cases:case-detail", args=[active_case.pk]))
    client = signed_in(california_coordinator)
    found = client.get(base(active_case) + "accesses/").json()
    assert [row["person"] for row in found["results"]] == [california_officer.full_name]
    assert found["after"] == ""
    event = AuditEvent.objects.filter(actor_id=california_coordinator.pk).latest("at")
    assert (event.action, event.purpose, event.channel) == ("case.read", "oversight", "api")
    assert client.get(base(active_case) + "accesses/", {"after": "x"}).status_code == 400


def test_why_seen_explains_and_is_recorded(
    active_case: Any, california_officer: Any, california_coordinator: Any, quebec_coordinator: Any
) -> None:
    client = signed_in(california_coordinator)
    found = client.get(base(active_case) + "why-seen/", {"person": california_officer.pk}).json()
    assert (found["sees"], [chain["missing"] for chain in found["chains"]]) == (True, [[]])
    event = AuditEvent.objects.filter(action="case.sight_explained").get()
    assert (event.object_ids, event.case_id) == ([str(california_officer.pk)], active_case.pk)
    for query in ({"person": "x"}, {"person": quebec_coordinator.pk}):
        assert client.get(base(active_case) + "why-seen/", query).status_code == 400
    assert AuditEvent.objects.filter(action="case.sight_explained").count() == 1
    own = client.get(base(active_case) + "why-seen/").json()
    assert own["sees"] is True, "without a person it tells of oneself"
    last = AuditEvent.objects.filter(action="case.sight_explained").order_by("pk").last()
    assert last.object_ids == [str(california_coordinator.pk)]


@pytest.mark.parametrize("name", ["accesses/", "why-seen/"])
def test_both_are_missing_for_who_reads_no_audit(active_case: Any, california_officer: Any, name: str) -> None:
    assert signed_in(california_officer).get(base(active_case) + name).status_code == 404


def test_preview_shows_what_they_will_read_and_keeps_nothing(
    active_case: Any, california_officer: Any, california_legal: Any
) -> None:
    event = active_case.abduction
    type(event).objects.filter(pk=event.pk).update(road="Zqroad", place_kind="home")
    client, body = (
        signed_in(california_officer),
        {"agency": "ca-qc-sq", "level": "look", "purpose": "assist", "hours": 5},
    )
    before = (CaseAccess.objects.count(), CaseEvent.objects.count())

    def preview(who: Client, **more: Any) -> Any:
        return who.post(base(active_case) + "preview-share/", {**body, **more}, content_type="application/json")

    plain = preview(client)
    assert plain.status_code == 200
    assert (plain.json()["abduction"]["road"], plain.json()["children"][0]["given_names"]) == ("", "Zoraida")
    assert plain.json()["steps"] == []
    given = preview(client, parts=[f"abduction:{event.pk}:address"])
    assert given.json()["abduction"]["road"] == "Zqroad"
    assert (CaseAccess.objects.count(), CaseEvent.objects.count()) == before
    actions = list(
        AuditEvent.objects.filter(actor_id=california_officer.pk, channel="api").values_list("action", flat=True)
    )
    assert actions == ["case.share_previewed"] * 2
    assert preview(client, hours=0).status_code == 400
    assert preview(signed_in(california_legal)).status_code == 404


def test_looks_on_a_request_are_the_askers_to_read(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    signed_in(baja_coordinator).get(reverse("alerts:request-detail", args=[sent_request.pk]))
    address = f"/api/v1/requests/{sent_request.pk}/looks/"
    found = signed_in(california_officer).get(address)
    assert [row["person"] for row in found.json()["results"]] == [baja_coordinator.full_name]
    assert AuditEvent.objects.filter(
        actor_id=california_officer.pk, object_type="alerts.extensionrequest", channel="api"
    ).exists()
    assert signed_in(baja_coordinator).get(address).status_code == 404
