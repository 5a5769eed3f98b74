"""Who drafts, approves and activates in a program of several agencies (U6, U7): Québec and Ontario."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import ActivationFallback, Agency, AlertProgram
from agencies.refusals import NotPermitted
from alerts import permissions, workflow
from alerts.gathering import content_hash
from alerts.models import Alert, Delivery, Duty, ExtensionRequest
from alerts.services import drafts, fallbacks, issuing, preparing, requests, updates
from cases.choices import AccessLevel, AccessPurpose
from cases.services.files import share_case

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


def reading(user: Any, *languages: str) -> Any:
    """Let a person read these languages, so that they may vouch for words in them (U10)."""
    user.reads_languages = list(languages)
    user.save(update_fields=["reads_languages"])
    return user


@pytest.fixture
def montreal(make_user: Any) -> Any:
    """A coordinator of the SPVM; French."""
    return make_user("mireille.coord@spvm.example", "ca-qc-spvm", "coordinator", "fr")


@pytest.fixture
def montreal_officer(make_user: Any) -> Any:
    """A duty officer of the SPVM; French."""
    return make_user("marc.officier@spvm.example", "ca-qc-spvm", "duty_officer", "fr")


@pytest.fixture
def asked_quebec(
    active_case: Any, california_officer: Any, montreal: Any, montreal_officer: Any, quebec_coordinator: Any
) -> Any:
    """A request of California to Québec's program, which has two desks."""
    return requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="ca-qc"), by=california_officer
    )


def test_every_desk_sees_the_request_and_is_told_once(
    asked_quebec: Any, montreal: Any, montreal_officer: Any, quebec_coordinator: Any, baja_coordinator: Any
) -> None:
    for person in (montreal, montreal_officer, quebec_coordinator):
        assert ExtensionRequest.objects.visible_to(person).get() == asked_quebec
        assert permissions.can_answer(person, asked_quebec)
    assert not ExtensionRequest.objects.visible_to(baja_coordinator).exists()
    told = Delivery.objects.filter(notice__request=asked_quebec).values_list("address", flat=True)
    assert sorted(told) == sorted(person.email for person in (montreal, montreal_officer, quebec_coordinator))


def test_spvm_answers_drafts_and_activates_with_the_approval_of_the_sq(
    asked_quebec: Any, montreal: Any, montreal_officer: Any, quebec_coordinator: Any
) -> None:
    requests.acknowledge(request=asked_quebec, by=montreal)
    requests.decide(request=asked_quebec, by=montreal, decision="accept")
    alert = asked_quebec.alert
    drafts.submit(alert=alert, by=montreal)
    reading(quebec_coordinator, "en", "fr")
    drafts.approve(alert=alert, by=quebec_coordinator, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=montreal_officer)
    alert.refresh_from_db()
    assert alert.status == "active"
    agencies = dict(alert.case.events.filter(kind__startswith="alert.").values_list("kind", "agency__code"))
    assert agencies == {"alert.submit": "ca-qc-spvm", "alert.approve": "ca-qc-sq", "alert.activate": "ca-qc-spvm"}


def test_duty_of_the_program_is_discharged_by_either_agency(
    asked_quebec: Any, montreal: Any, quebec_coordinator: Any, baja_coordinator: Any
) -> None:
    duty = Duty.objects.create(
        kind="decide_cancellation", case=asked_quebec.case, program=asked_quebec.program, request=asked_quebec,
        due_at=asked_quebec.sent_at,
    )  # fmt: skip
    assert [person for person in (montreal, quebec_coordinator, baja_coordinator) if
            Duty.objects.visible_to(person).filter(pk=duty.pk).exists()] == [montreal, quebec_coordinator]  # fmt: skip
    workflow.apply(duty, "discharge", by=montreal)


@pytest.fixture
def toronto(make_user: Any) -> Any:
    """A coordinator of Toronto's police: of the program's territory, but no activating body."""
    return make_user("tina.coord@toronto.example", "ca-on-tps", "coordinator")


@pytest.fixture
def opp(make_user: Any) -> Any:
    """A coordinator of the OPP, which activates in Ontario."""
    return reading(make_user("olga.coord@opp.example", "ca-on-opp", "coordinator"), "en", "fr")


@pytest.fixture
def drafted_in_toronto(active_case: Any, california_officer: Any, toronto: Any, opp: Any) -> Any:
    """A draft of Ontario's program by Toronto's police."""
    for code in ("ca-on-tps", "ca-on-opp"):
        share_case(
            case=active_case, agency=Agency.objects.get(code=code), by=california_officer, level=AccessLevel.LOOK,
            purpose=AccessPurpose.REQUEST,
        )  # fmt: skip
    return drafts.start_alert(program=AlertProgram.objects.get(code="ca-on"), case=active_case, by=toronto)


def test_other_police_of_the_program_draft_and_submit_but_neither_approve_nor_activate(
    drafted_in_toronto: Any, toronto: Any, opp: Any, make_user: Any
) -> None:
    alert = drafted_in_toronto
    second = make_user("theo.coord@toronto.example", "ca-on-tps", "coordinator")
    drafts.submit(alert=alert, by=toronto)
    with pytest.raises(NotPermitted):
        drafts.approve(alert=alert, by=second, seen_hash=content_hash(alert))
    drafts.approve(alert=alert, by=opp, seen_hash=content_hash(alert))
    for person in (toronto, second):
        with pytest.raises(NotPermitted):
            issuing.activate(alert=alert, by=person)
    issuing.activate(alert=alert, by=opp)
    for step in (permissions.can_end, permissions.can_withdraw_public, permissions.can_see_deliveries):
        assert step(opp, alert)
        assert not step(toronto, alert)


def test_police_of_another_territory_do_not_even_see_the_draft(drafted_in_toronto: Any, montreal: Any) -> None:
    share_case(
        case=drafted_in_toronto.case, agency=Agency.objects.get(code="ca-qc-spvm"), by=drafted_in_toronto.created_by,
        level=AccessLevel.LOOK, purpose=AccessPurpose.REQUEST,
    )  # fmt: skip
    assert not Alert.objects.visible_to(montreal).exists()
    assert not permissions.can_compose(montreal, drafted_in_toronto)
    assert not permissions.can_approve(montreal, drafted_in_toronto)


def test_hub_that_activates_nothing_starts_no_alert(active_case: Any, california_officer: Any, make_user: Any) -> None:
    hub = AlertProgram.objects.get(code="ca-ncmpur")
    officer = make_user("nadia.coord@ncmpur.example", "ca-rcmp-ncmpur", "coordinator")
    requests.send_request(case=active_case, program=hub, by=california_officer)
    with pytest.raises(NotPermitted):
        drafts.start_alert(program=hub, case=active_case, by=officer)


def test_own_program_of_a_second_desk_is_started_not_asked(montreal: Any) -> None:
    from agencies.refusals import ActRefused
    from cases.services.files import open_case

    case = open_case(by=montreal, agency=Agency.objects.get(code="ca-qc-spvm"))
    type(case).objects.filter(pk=case.pk).update(status="active")
    case.refresh_from_db()
    with pytest.raises(ActRefused):
        requests.send_request(case=case, program=AlertProgram.objects.get(code="ca-qc"), by=montreal)


def test_program_without_a_fallback_rule_refuses_its_use(drafted_in_toronto: Any, toronto: Any) -> None:
    with pytest.raises(NotPermitted):
        fallbacks.use_fallback(
            alert=drafted_in_toronto, by=toronto, fallback=ActivationFallback.objects.get(), reason="Nobody answers."
        )
    address = reverse("alerts:alert-fallback", args=[drafted_in_toronto.pk])
    client = signed_in(toronto)
    assert client.get(address).status_code == 404
    assert address not in client.get(f"/desk/alerts/{drafted_in_toronto.pk}/").text


@pytest.mark.parametrize("status", ["draft", "submitted", "approved"])
def test_police_without_a_body_see_who_decides_in_every_state(
    drafted_in_toronto: Any,
    toronto: Any,
    opp: Any,
    status: str,
) -> None:
    alert = drafted_in_toronto
    if status != "draft":
        drafts.submit(alert=alert, by=toronto)
    if status == "approved":
        drafts.approve(alert=alert, by=opp, seen_hash=content_hash(alert))
    page = signed_in(toronto).get(f"/desk/alerts/{alert.pk}/").text
    assert Agency.objects.get(code="ca-on-opp").name in page and "Your agency drafts and submits" in page
    for act in ("approve", "activate"):
        assert reverse("alerts:alert-step", args=[alert.pk, act]) not in page
    own = signed_in(opp).get(f"/desk/alerts/{alert.pk}/").text
    assert "Your agency drafts and submits" not in own


def test_police_without_a_body_read_on_an_update_who_issues_it(drafted_in_toronto: Any, toronto: Any, opp: Any) -> None:
    alert = drafted_in_toronto
    drafts.submit(alert=alert, by=toronto)
    drafts.approve(alert=alert, by=opp, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=opp)
    update = preparing.prepare(alert=alert, kind="change")
    updates.submit(update=update, by=toronto)
    page = signed_in(toronto).get(update.url).text
    assert Agency.objects.get(code="ca-on-opp").name in page and "issue or refuse this update" in page
    for act in ("issue", "refuse"):
        assert reverse("alerts:update-step", args=[update.pk, act]) not in page
    assert "issue or refuse this update" not in signed_in(opp).get(update.url).text
