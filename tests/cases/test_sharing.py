"""Sharing a case by hand: what each level allows, the end by itself and at once, the preview that keeps nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies import access
from agencies.models import Agency, AlertProgram, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts.services import requests
from cases import permissions, workflow
from cases.access import forget_agencies
from cases.models import Case, CaseAccess, CaseEvent, Child, Sighting, Vehicle
from cases.services import records, sharing
from cases.services.corrections import propose_correction
from cases.services.facts import record_facts
from cases.services.sightings import add_sighting

pytestmark = pytest.mark.django_db


@pytest.fixture
def quebec(db: None) -> Any:
    """The agency of Québec, on no case of the others."""
    return Agency.objects.get(code="ca-qc-sq")


def share(case: Any, by: Any, agency: Any, level: str = "look", **values: Any) -> Any:
    return sharing.share_by_hand(
        case=case, by=by, agency=agency, level=level, **({"purpose": "assist", "hours": 24} | values)
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sees(user: Any, case: Any) -> bool:
    return Case.objects.visible_to(type(user).objects.get(pk=user.pk)).filter(pk=case.pk).exists()


def sighting() -> Sighting:
    return Sighting(
        evidence="camera", seen_at=timezone.now(), time_zone="America/Toronto", place="Montréal", toward="CA"
    )  # fmt: skip


def allowed(user: Any, case: Any) -> dict[str, bool]:
    """Return what the predicates say to this person, asked as a new request would."""
    access.forget(user)
    forget_agencies(case)
    return {
        "contribute": permissions.can_contribute(user, case),
        "propose": permissions.can_propose_correction(user, case),
        "share": permissions.can_share(user, case),
        "edit": permissions.can_edit_case(user, case),
        "lead": permissions.can_lead_case(user, case),
        "located": permissions.can_report_located(user, case),
        "identity": permissions.can_confirm_in_case(user, case),
        "assess": permissions.can_assess(user, case),
        "ask_opinion": permissions.can_ask_opinion(user, case),
    }


@pytest.mark.parametrize(
    ("level", "may"),
    [
        ("look", set()),
        ("contribute", {"contribute", "propose"}),
        ("manage", {"contribute", "propose", "share"}),
    ],
)
def test_each_level_allows_exactly_its_own(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any, level: str, may: set[str]
) -> None:
    assert not sees(quebec_coordinator, active_case)
    share(active_case, california_officer, quebec, level)
    assert sees(quebec_coordinator, active_case)
    assert {name for name, is_allowed in allowed(quebec_coordinator, active_case).items() if is_allowed} == may


def test_contributing_share_adds_and_changes_nothing(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    share(active_case, california_officer, quebec, "contribute")
    case = Case.objects.get(pk=active_case.pk)
    assert add_sighting(case=case, by=quebec_coordinator, sighting=sighting()).agency == quebec
    assert records.add_reference(case=case, by=quebec_coordinator, kind="cpic", number="C-1").agency == quebec
    propose_correction(
        case=case, by=quebec_coordinator, subject=case.vehicles.get(), field_name="plate", before=["7XYZ123"],
        value=["7XYZ124"], reason="Camera.",
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        record_facts(case=case, by=quebec_coordinator, items=[(Vehicle(make="Kia"), ["make"])])
    with pytest.raises(NotPermitted):
        workflow.apply(case, "close_as_hoax", by=quebec_coordinator)
    with pytest.raises(NotPermitted):
        workflow.apply(case.children.get(), "report_located", by=quebec_coordinator)
    assert Child.objects.get(case=case).status == "missing"


def test_looking_share_adds_nothing(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    share(active_case, california_officer, quebec, "look")
    case = Case.objects.get(pk=active_case.pk)
    with pytest.raises(NotPermitted):
        add_sighting(case=case, by=quebec_coordinator, sighting=sighting())
    client = signed_in(quebec_coordinator)
    assert client.get(reverse("cases:sighting-add", args=[case.pk])).status_code == 404
    assert client.get(reverse("cases:case-detail", args=[case.pk])).status_code == 200


def test_only_who_leads_or_manages_shares(
    sent_request: Any, california_officer: Any, california_legal: Any, california_staff: Any, baja_coordinator: Any,
    quebec_coordinator: Any, quebec: Any,
) -> None:  # fmt: skip
    case = sent_request.case
    for person in (california_legal, california_staff, baja_coordinator, quebec_coordinator):
        with pytest.raises(NotPermitted):
            share(case, person, quebec)
        assert signed_in(person).get(reverse("cases:share-list", args=[case.pk])).status_code == 404
    assert share(case, california_officer, quebec).granted_for == case.lead_agency


def test_manager_shares_on_but_gives_less_and_ends_only_its_own(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    ontario = AlertProgram.objects.get(code="ca-on").agency
    chihuahua = Agency.objects.get(code="mx-chh-amber")
    given = share(active_case, california_officer, ontario)
    share(active_case, california_officer, quebec, "manage")
    access.forget(quebec_coordinator)
    with pytest.raises(ActRefused):
        share(active_case, quebec_coordinator, chihuahua, "manage")
    own = share(active_case, quebec_coordinator, chihuahua, "contribute")
    assert own.granted_for == quebec
    with pytest.raises(ActRefused):
        sharing.end_share(share=given, by=quebec_coordinator)
    with pytest.raises(ActRefused):
        share(active_case, quebec_coordinator, ontario, "contribute")
    lead = CaseAccess.objects.get(case=active_case, level="own")
    with pytest.raises(ActRefused):
        sharing.end_share(share=lead, by=quebec_coordinator)
    sharing.end_share(share=own, by=quebec_coordinator)
    assert not own.is_valid


def test_share_ends_by_itself_and_at_once(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    given = share(active_case, california_officer, quebec, hours=24)
    assert timedelta(hours=23) < given.until - timezone.now() <= timedelta(hours=24)
    CaseAccess.objects.filter(pk=given.pk).update(until=timezone.now())
    assert not sees(quebec_coordinator, active_case)
    given = share(active_case, california_officer, quebec, "contribute")
    assert (given.level, CaseAccess.objects.filter(case=active_case, agency=quebec).count()) == ("contribute", 1)
    sharing.end_share(share=given, by=california_officer)
    assert not sees(quebec_coordinator, active_case)
    kinds = list(CaseEvent.objects.filter(case=active_case, kind__startswith="share").values_list("kind", flat=True))
    assert kinds == ["shared", "shared", "share_ended"]
    ended = AuditEvent.objects.get(action="case.share_ended")
    assert (ended.actor_id, ended.case_id) == (california_officer.pk, active_case.pk)
    with pytest.raises(ActRefused):
        sharing.end_share(share=given, by=california_officer)


def test_what_is_too_long_or_has_no_purpose_is_refused(active_case: Any, california_officer: Any, quebec: Any) -> None:
    for values in ({"hours": 0}, {"hours": 2161}, {"purpose": "request"}, {"purpose": "lead"}, {"level": "own"}):
        with pytest.raises(ActRefused):
            share(active_case, california_officer, quebec, **values)
    assert CaseAccess.objects.filter(case=active_case).count() == 1


def test_request_takes_over_a_share_without_narrowing_it(
    active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    baja = Agency.objects.get(code="mx-bcn-amber")
    share(active_case, california_officer, baja, "contribute")
    requests.send_request(case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    held = CaseAccess.objects.get(case=active_case, agency=baja)
    assert (held.level, held.purpose, held.until) == ("contribute", "request", None)
    with pytest.raises(ActRefused):
        share(active_case, california_officer, baja)
    with pytest.raises(ActRefused):
        sharing.end_share(share=held, by=california_officer)


def test_looking_agency_that_is_asked_for_an_alert_works_on_the_case(
    active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    share(active_case, california_officer, Agency.objects.get(code="mx-bcn-amber"))
    assert not allowed(baja_coordinator, active_case)["located"]
    requests.send_request(case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    assert allowed(baja_coordinator, active_case)["located"]


def form(agency: Any, nonce: str = "one-nonce-for-one-form", **values: str) -> dict[str, str]:
    return {"agency": str(agency.pk), "level": "look", "purpose": "border", "hours": "72", "nonce": nonce} | values


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_page_shares_once_and_withdraws(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any, language: str
) -> None:
    california_officer.language = language
    california_officer.save(update_fields=["language"])
    client, address = signed_in(california_officer), reverse("cases:share-list", args=[active_case.pk])
    assert address in client.get(reverse("cases:case-detail", args=[active_case.pk])).text
    for _time in range(2):
        assert client.post(address, form(quebec)).headers["Location"] == address
    given = CaseAccess.objects.get(case=active_case, agency=quebec)
    assert CaseEvent.objects.filter(case=active_case, kind="shared").count() == 1
    assert [row.agency for row, _may_end in client.get(address).context["rows"]][-1] == quebec
    end = reverse("cases:share-end", args=[active_case.pk, given.pk])
    assert client.post(end, {"nonce": "another-nonce-for-the-end"}).status_code == 302
    assert not sees(quebec_coordinator, active_case)


def test_wrong_form_comes_back_filled_in(active_case: Any, california_officer: Any, quebec: Any) -> None:
    client, address = signed_in(california_officer), reverse("cases:share-list", args=[active_case.pk])
    for wrong in ({"hours": "9999"}, {"level": "own"}, {"purpose": "request"}, {"agency": "0"}):
        answer = client.post(address, form(quebec) | wrong)
        assert answer.status_code == 422
    assert answer.context["form"]["purpose"].value() == "border"
    assert CaseAccess.objects.filter(case=active_case).count() == 1


def test_preview_shows_their_page_and_keeps_nothing(
    active_case: Any, california_officer: Any, california_legal: Any, quebec: Any, quebec_coordinator: Any
) -> None:
    from cases.services.opinions import record_opinion

    record_opinion(case=active_case, by=california_legal, opinion="in_favor", grounds="Privileged grounds.")
    client, address = signed_in(california_officer), reverse("cases:share-list", args=[active_case.pk])
    own = client.get(reverse("cases:case-detail", args=[active_case.pk])).text
    before = (CaseEvent.objects.count(), CaseAccess.objects.count(), AuditEvent.objects.count())
    shown = client.post(address, form(quebec, preview="1"))
    assert shown.status_code == 200
    assert str(quebec) in shown.text
    assert "Zoraida" in shown.text
    assert reverse("cases:case-facts", args=[active_case.pk]) in own
    assert reverse("cases:case-facts", args=[active_case.pk]) not in shown.text  # they change no facts
    assert "Privileged grounds." not in shown.text
    after = (CaseEvent.objects.count(), CaseAccess.objects.count(), AuditEvent.objects.count())
    assert after == (before[0], before[1], before[2] + 2)
    by_whom = set(AuditEvent.objects.order_by("-at")[:2].values_list("actor_id", "outcome"))
    assert by_whom == {(california_officer.pk, "done")}  # the look at the case is the asker's own, nobody else's
    assert AuditEvent.objects.filter(action="case.share_previewed", actor_id=california_officer.pk).count() == 1
    assert not sees(quebec_coordinator, active_case)


def test_api_shares_lists_and_withdraws(
    active_case: Any, california_officer: Any, quebec_coordinator: Any, quebec: Any
) -> None:
    client, address = signed_in(california_officer), f"/api/v1/cases/{active_case.pk}/shares/"
    body = {"agency": "ca-qc-sq", "level": "contribute", "purpose": "assist", "hours": 12}
    made = client.post(address, json.dumps(body), content_type="application/json")
    assert made.status_code == 201, made.text
    assert [row["agency"] for row in client.get(address).json()] == ["us-ca-chp", "ca-qc-sq"]
    wrong = client.post(address, json.dumps(body | {"level": "own"}), content_type="application/json")
    assert wrong.status_code == 400
    theirs = signed_in(quebec_coordinator)
    assert theirs.get(address).status_code == 404
    end = f"/api/v1/cases/{active_case.pk}/end-share/"
    assert client.post(end, json.dumps({"agency": "ca-qc-sq"}), content_type="application/json").status_code == 200
    assert theirs.get(f"/api/v1/cases/{active_case.pk}/").status_code == 404
