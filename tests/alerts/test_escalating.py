"""A state coordination hands the decision on level and requests abroad up, in one act, and goes on leading (U5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from lxml import html

from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions
from alerts.gathering import content_hash
from alerts.mails import MailComposer
from alerts.models import Alert, CoveredAlert, Delivery, Duty, ExtensionRequest
from alerts.services import drafts, issuing, requests
from alerts.services.escalating import escalate, ways_up
from cases.models import Case
from tests.alerts.test_api import ok, signed_in, url
from tests.alerts.test_outbound import active_case_of, program
from tests.authorities import authorize_everything

pytestmark = pytest.mark.django_db
NONCE = "the-nonce-of-one-form"


@pytest.fixture
def baja_case(baja_coordinator: Any) -> Case:
    """A case that Baja California leads, with everything authorized."""
    case = active_case_of(baja_coordinator, "mx-bcn-amber")
    authorize_everything(case, baja_coordinator)
    return case


@pytest.fixture
def fgr(make_user: Any) -> Any:
    """A coordinator of the national coordination of Mexico; Spanish."""
    return make_user("fidel.coord@fgr.example", "mx-fgr-amber", "coordinator", "es")


@pytest.fixture
def fgr_second(make_user: Any) -> Any:
    """A second coordinator there."""
    return make_user("flor.coord@fgr.example", "mx-fgr-amber", "coordinator", "es")


@pytest.fixture
def handed_up(baja_case: Case, baja_coordinator: Any, fgr: Any) -> ExtensionRequest:
    """The request by which Baja California handed the decision up, acknowledged."""
    made = escalate(case=baja_case, program=program("mx-fgr"), by=baja_coordinator)
    requests.acknowledge(request=made, by=fgr)
    return made


def take_over(handed_up: ExtensionRequest, officer: Any, reach: str = "national") -> None:
    """Accept the decision on this level."""
    requests.decide(request=handed_up, by=officer, decision="accept", reach=reach)


def activate(alert: Alert, one: Any, two: Any) -> None:
    """Put an alert in force with two officers."""
    drafts.submit(alert=alert, by=one)
    drafts.approve(alert=alert, by=two, seen_hash=content_hash(alert))
    issuing.activate(alert=alert, by=one)


@pytest.mark.parametrize(("language", "words"), [
    ("es", "Escalar a la Coordinación Nacional (FGR)"), ("en", "Escalate to the National Coordination (FGR)"),
    ("fr", "Transmettre à la Coordination nationale (FGR)"),
])  # fmt: skip
def test_case_page_of_a_state_has_the_act_in_the_readers_language(
    client: Client, baja_case: Case, baja_coordinator: Any, language: str, words: str
) -> None:
    baja_coordinator.language = language
    baja_coordinator.save()
    client.force_login(baja_coordinator)
    page = html.fromstring(client.get(reverse("cases:case-detail", args=[baja_case.pk])).content)
    address = reverse("alerts:case-escalate", args=[baja_case.pk, "mx-fgr"])
    (form,) = page.xpath(f'//form[@action="{address}"]')
    assert form.xpath("normalize-space(.//button)") == words
    assert form.getparent().xpath('.//span[@class="tag"]'), "the row is not verified, and the page says so"


def test_one_press_hands_up_once_and_the_act_is_gone(
    client: Client, baja_case: Case, baja_coordinator: Any, fgr: Any
) -> None:
    client.force_login(baja_coordinator)
    address = reverse("alerts:case-escalate", args=[baja_case.pk, "mx-fgr"])
    sent = {"nonce": NONCE, "escalate-note": "Salió del estado."}
    answers = [client.post(address, sent) for _press in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    made = ExtensionRequest.objects.get()
    assert (made.program.code, made.kind, made.status, made.note, made.requesting_agency.code) == (
        "mx-fgr", "national_decision", "sent", "Salió del estado.", "mx-bcn-amber"
    )  # fmt: skip
    assert ways_up(baja_case, baja_coordinator) == []
    assert address not in client.get(reverse("cases:case-detail", args=[baja_case.pk])).text
    assert client.post(address, {**sent, "nonce": "another"}).status_code == 409
    (row,) = Delivery.objects.filter(notice__kind="request_received")
    assert (row.address, "escala a" in MailComposer().compose(row).body) == (fgr.email, True)


def test_note_that_is_too_long_comes_back(client: Client, baja_case: Case, baja_coordinator: Any) -> None:
    client.force_login(baja_coordinator)
    address = reverse("alerts:case-escalate", args=[baja_case.pk, "mx-fgr"])
    answer = client.post(address, {"nonce": NONCE, "escalate-note": "x" * 2001})
    page = html.fromstring(answer.content)
    assert (answer.status_code, len(page.xpath('//*[@id="id_escalate-note"]')[0].text.strip())) == (422, 2001)
    assert not ExtensionRequest.objects.exists()


def test_who_does_not_lead_the_case_hands_nothing_up(
    client: Client, baja_case: Case, active_case: Case, california_officer: Any, quebec_coordinator: Any
) -> None:
    with pytest.raises(NotPermitted):
        escalate(case=baja_case, program=program("mx-fgr"), by=quebec_coordinator)
    client.force_login(quebec_coordinator)
    address = reverse("alerts:case-escalate", args=[baja_case.pk, "mx-fgr"])
    assert client.post(address, {"nonce": NONCE, "escalate-note": ""}).status_code == 404
    assert ways_up(active_case, california_officer) == []
    for kind_sent in (
        lambda: escalate(case=active_case, program=program("us-ncmec"), by=california_officer),
        lambda: requests.send_request(
            case=active_case, program=program("mx-fgr"), by=california_officer, kind="national_decision"
        ),
    ):
        with pytest.raises(ActRefused):
            kind_sent()


def test_acceptance_needs_a_level_of_the_program(handed_up: ExtensionRequest, fgr: Any) -> None:
    for reach in ("", "local"):
        with pytest.raises(ActRefused):
            take_over(handed_up, fgr, reach)
    handed_up.refresh_from_db()
    assert handed_up.status == "acknowledged"


def test_level_belongs_to_the_handed_up_decision_only(sent_request: Any, baja_coordinator: Any) -> None:
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    with pytest.raises(ActRefused):
        requests.decide(request=sent_request, by=baja_coordinator, decision="accept", reach="national")


@pytest.mark.parametrize("reach", ["regional", "national", "international"])
def test_acceptance_prepares_the_national_alert_on_its_level(handed_up: ExtensionRequest, fgr: Any, reach: str) -> None:
    take_over(handed_up, fgr, reach)
    alert = Alert.objects.get()
    assert (alert.program.code, alert.request, alert.reach, alert.status) == ("mx-fgr", handed_up, reach, "draft")
    assert {code[:3] for code in alert.areas.values_list("subdivision_id", flat=True)} == {"MX-"}


def test_on_the_level_of_the_state_no_national_alert_is_made(handed_up: ExtensionRequest, fgr: Any) -> None:
    take_over(handed_up, fgr, "state")
    assert (handed_up.status, handed_up.reach, Alert.objects.count()) == ("accepted", "state", 0)


def test_national_alert_covers_the_states_and_one_cancellation_reaches_it(
    handed_up: ExtensionRequest, baja_case: Case, baja_coordinator: Any, baja_approver: Any, fgr: Any, fgr_second: Any
) -> None:
    own = drafts.start_alert(program=program("mx-bcn"), case=baja_case, by=baja_coordinator)
    assert own.reach == "state"
    activate(own, baja_coordinator, baja_approver)
    take_over(handed_up, fgr)
    national = Alert.objects.get(program__code="mx-fgr")
    activate(national, fgr, fgr_second)
    handed_up.refresh_from_db()
    assert (handed_up.status, CoveredAlert.objects.get(national=national).alert) == ("activated", own)
    issuing.cancel(alert=national, by=fgr, reason="suspect_caught")
    assert Duty.objects.open().get(kind="cancel_alert").alert == own


def test_who_took_over_asks_abroad_in_its_own_name_while_the_state_leads(
    handed_up: ExtensionRequest, baja_case: Case, baja_coordinator: Any, fgr: Any, california_coordinator: Any
) -> None:
    baja_case = Case.objects.get(pk=baja_case.pk)
    assert not permissions.can_send_requests(fgr, baja_case)
    with pytest.raises(NotPermitted):
        requests.send_request(case=baja_case, program=program("us-ca"), by=fgr)
    take_over(handed_up, fgr, "international")
    abroad = requests.send_request(case=baja_case, program=program("us-ca"), by=fgr)
    assert (abroad.requesting_agency.code, abroad.status) == ("mx-fgr-amber", "sent")
    assert Case.objects.get(pk=baja_case.pk).lead_agency.code == "mx-bcn-amber"
    requests.acknowledge(request=abroad, by=california_coordinator)
    requests.decide(request=abroad, by=california_coordinator, decision="decline", reason="criteria_danger")
    answered = Delivery.objects.filter(notice__kind="request_answered", notice__request=abroad)
    assert set(answered.values_list("address", flat=True)) == {fgr.email}
    assert permissions.can_ask(fgr, abroad) and not permissions.can_ask(baja_coordinator, abroad)
    assert not Delivery.objects.filter(notice__kind="decider_told").exists(), "it sends itself"
    assert permissions.asking_agency_id(baja_coordinator, baja_case) == baja_case.lead_agency_id


def test_right_to_ask_abroad_ends_with_the_request(
    handed_up: ExtensionRequest, baja_case: Case, baja_coordinator: Any, fgr: Any
) -> None:
    take_over(handed_up, fgr, "state")
    assert permissions.can_send_requests(fgr, Case.objects.get(pk=baja_case.pk))
    requests.withdraw(request=handed_up, by=baja_coordinator)
    assert not permissions.can_send_requests(fgr, Case.objects.get(pk=baja_case.pk))


def test_pages_take_the_level_and_lead_to_asking_abroad(
    client: Client, handed_up: ExtensionRequest, baja_case: Case, baja_coordinator: Any, fgr: Any
) -> None:
    client.force_login(fgr)
    address = reverse("alerts:request-detail", args=[handed_up.pk])
    page = html.fromstring(client.get(address).content)
    assert page.xpath('//select[@name="decision-reach"]/option/@value') == [
        "", "regional", "state", "national", "international"
    ]  # fmt: skip
    decide = reverse("alerts:request-decide", args=[handed_up.pk])
    answer = client.post(decide, {"nonce": NONCE, "decision-decision": "accept", "decision-reach": ""})
    assert answer.status_code == 422
    sent = {"nonce": NONCE, "decision-decision": "accept", "decision-reach": "international"}
    assert client.post(decide, sent).status_code == 302
    page = html.fromstring(client.get(address).content)
    ask = reverse("alerts:request-send", args=[baja_case.pk])
    assert page.xpath(f'//section[@aria-labelledby="decides-abroad"]//a[@href="{ask}"]')
    assert "Varios países" in page.text_content()
    page = html.fromstring(client.get(ask).content)
    programs = set(page.xpath('//input[@name="program"]/@value'))
    assert {"us-ca", "us-tx"} <= programs and not {"mx-fgr", "mx-bcn"} & programs
    assert "national_decision" not in page.xpath('//*[@name="kind"]//option/@value')
    answer = client.post(ask, {"nonce": NONCE, "program": ["us-ca"], "kind": "activate", "note": ""})
    assert answer.status_code == 302
    assert ExtensionRequest.objects.get(program__code="us-ca").requesting_agency.code == "mx-fgr-amber"
    client.force_login(baja_coordinator)
    assert ask not in [
        href for href in html.fromstring(client.get(address).content).xpath(
            '//section[@aria-labelledby="decides-abroad"]//a/@href'
        )
    ]  # fmt: skip
    assert "Varios países" in client.get(address).text


def test_alert_page_shows_the_level(client: Client, handed_up: ExtensionRequest, fgr: Any) -> None:
    take_over(handed_up, fgr)
    client.force_login(fgr)
    with translation.override("es"):
        page = client.get(reverse("alerts:alert-detail", args=[Alert.objects.get().pk])).text
    assert "<dt>Nivel</dt><dd>Todo el país</dd>" in page


def test_api_hands_up_decides_on_the_level_and_asks_abroad(baja_case: Case, baja_coordinator: Any, fgr: Any) -> None:
    state, national = signed_in(baja_coordinator), signed_in(fgr)
    answer = state.post(
        url("request-list"), {"case": str(baja_case.pk), "program": "mx-fgr", "kind": "national_decision"}
    )
    assert answer.status_code == 201
    key = answer.json()["id"]
    ok(national.post(url("request-acknowledge", key), {}))
    assert national.post(url("request-decision", key), {"decision": "accept"}).status_code == 409
    decided = ok(national.post(url("request-decision", key), {"decision": "accept", "reach": "national"}))
    assert (decided["status"], decided["reach"]) == ("accepted", "national")
    assert ok(national.get(url("alert-detail", decided["alert"])))["reach"] == "national"
    answer = national.post(url("request-list"), {"case": str(baja_case.pk), "program": "us-ca"})
    assert (answer.status_code, answer.json()["requesting_agency"]) == (201, "mx-fgr-amber")
