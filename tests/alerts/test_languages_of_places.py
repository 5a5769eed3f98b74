"""Words about places carry their language: those of travel legs, and areas of alerts outside the portal (U11)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from agencies.refusals import ActRefused
from alerts.models import ExtensionRequest, OutsideActivation
from alerts.services import outside, outside_changes, requests
from cases.forms.corrections import value_now
from cases.forms.proposals import show_proposals
from cases.models import Case, CorrectionProposal, TravelLeg
from cases.services.facts import record_facts
from tests.alerts.test_api import ok, url
from tests.alerts.test_asking import send_page
from tests.alerts.test_outside import own_alert
from tests.alerts.test_sheets import pages, sheet
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db
WORDS = "Zqtruck stop past the bridge"
MARK = "English – sin traducir"


@pytest.fixture
def leg(active_case: Any, california_officer: Any) -> Any:
    """A leg to a place that is told in English."""
    leg = TravelLeg(mode="bus", carrier="Greyhound", to_place=WORDS, places_language="en")
    record_facts(case=active_case, by=california_officer, items=[(leg, ["mode"])])
    return leg


def marked(text: str, words: str) -> list[str]:
    """Return the marks that stand before these words, each of which is in a language of its own."""
    found = html.fromstring(text).xpath(f'//span[@lang="en"][normalize-space()="{words}"]')
    assert found, words
    return ["".join(item.xpath('preceding-sibling::span[@class="tag"]/text()')) for item in found]


def test_reader_of_another_language_sees_the_places_of_a_leg_marked(
    leg: Any, sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    page = reverse("alerts:request-detail", args=[sent_request.pk])
    assert set(marked(signed_in(baja_coordinator, "es").get(page).text, WORDS)) == {MARK}
    assert set(marked(signed_in(california_officer, "en").get(page).text, WORDS)) == {""}
    leg.places_language = ""
    record_facts(case=leg.case, by=california_officer, items=[(leg, ["places_language"])])
    text = signed_in(baja_coordinator, "es").get(page).text
    assert WORDS in text and "sin traducir" not in text, "a name is the same in every language"


def test_warning_before_sending_names_the_places_that_cannot_be_read(
    leg: Any, active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    client = signed_in(california_officer, "en")
    chosen = {"program": ["mx-bcn"], "kind": "activate", "nonce": NONCE}
    address = send_page(active_case)
    (warning,) = html.fromstring(client.post(address, chosen).text).xpath('//section[@class="confirm"]')
    assert warning.xpath("./h3/text()") == ["Places of a travel leg (English)"]
    assert not ExtensionRequest.objects.exists()
    leg.places_language = ""
    record_facts(case=leg.case, by=california_officer, items=[(leg, ["places_language"])])
    assert client.post(address, {**chosen, "nonce": f"{NONCE}2"}).status_code == 302


def test_sheet_marks_the_places_of_a_leg(
    client: Client, leg: Any, active_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    from agencies.models import AlertProgram

    program = AlertProgram.objects.get(code="mx-bcn")
    asked = requests.send_request(case=active_case, program=program, by=california_officer)
    client.force_login(california_officer)
    assert f"(lugares: {MARK})" in " ".join(pages(client, sheet(asked, "es"))).replace("\n", " ")
    assert "untranslated" not in pages(client, sheet(asked, "en"))[0]


def test_page_of_a_leg_proposes_the_language_of_its_author(intake_case: Case, california_officer: Any) -> None:
    add = reverse("cases:row-add", args=[intake_case.pk, "leg"])
    client = signed_in(california_officer, "fr")
    page = html.fromstring(client.get(add).text)
    assert page.xpath('//select[@name="places_language"]/option[@selected]/@value') == ["fr"]
    typed = {"mode": "bus", "to_place": "gare routière", "places_language": "fr", "nonce": NONCE}
    assert client.post(add, typed).status_code == 302
    first = TravelLeg.objects.get()
    assert first.places_language == "fr"
    nowhere = {"mode": "train", "places_language": "fr", "nonce": f"{NONCE}2"}
    assert client.post(add, nowhere).status_code == 302
    later = TravelLeg.objects.exclude(pk=first.pk).get()
    assert later.places_language == "", "without words there is no language"
    change = reverse("cases:row-change", args=[intake_case.pk, "leg", later.pk])
    base = html.fromstring(client.get(change).text).xpath('//input[@name="base" or @name="version"]')
    kept = {item.get("name"): item.get("value") for item in base}
    told = {"mode": "train", "from_place": "quai", "places_language": "fr", "nonce": f"{NONCE}3", **kept}
    assert client.post(change, told).status_code == 302
    later.refresh_from_db()
    assert (later.from_place, later.places_language) == ("quai", "fr")


def test_api_keeps_the_language_that_is_sent_else_that_of_the_call(active_case: Any, california_officer: Any) -> None:
    officer = signed_in(california_officer, "es")
    legs = url("case-legs", active_case.pk)
    for sent, kept in (({}, "es"), ({"places_language": "fr"}, "fr"), ({"places_language": ""}, "")):
        body = {"mode": "bus", "to_place": "central", **sent}
        made = officer.post(legs, body, "application/json")
        assert made.status_code == 201, made.content
        assert TravelLeg.objects.get(pk=made.json()["id"]).places_language == kept
    made = officer.post(legs, {"mode": "bus", "places_language": "fr"}, "application/json").json()
    empty = TravelLeg.objects.get(pk=made["id"])
    assert empty.places_language == ""
    address = url("leg-detail", empty.pk)
    change = {"version": made["facts_version"], "from_place": "muelle"}
    changed = officer.patch(address, change, "application/json").json()
    assert changed["changed"] == ["travelleg.from_place", "travelleg.places_language"]
    wrong = {"version": changed["facts_version"], "places_language": "de"}
    assert officer.patch(address, wrong, "application/json").status_code == 400
    rows = {row["id"]: row for row in officer.get(url("case-detail", active_case.pk)).json()["legs"]}
    assert rows[str(empty.pk)]["places_language"] == "es"


def test_correction_of_a_place_brings_its_language(
    leg: Any, sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    asked, lead = signed_in(baja_coordinator, "es"), signed_in(california_officer, "en")
    address = reverse("cases:correction-propose", args=[leg.case_id, "travelleg", leg.pk, "to_place"])
    assert 'name="fact-places_language"' in asked.get(address).text
    typed = {"fact-to_place": "Central del norte", "fact-places_language": "es", "reason": "r", "nonce": NONCE}
    assert asked.post(address, typed).status_code == 302
    proposal = CorrectionProposal.objects.get()
    (shown,) = show_proposals([proposal])
    assert (shown.now, shown.proposed) == (f"{WORDS} (English)", "Central del norte (Español)")
    accept = reverse("cases:correction-decide", args=[leg.case_id, proposal.pk, "accept"])
    assert lead.post(accept, {"nonce": NONCE, "seen": shown.seen}).status_code == 302
    leg.refresh_from_db()
    assert (leg.to_place, leg.places_language) == ("Central del norte", "es")
    body = {
        "subject_type": "travelleg", "subject_id": str(leg.pk), "field_name": "to_place", "value": ["Muelle"],
        "reason": "r",
    }  # fmt: skip
    sent = asked.post(url("case-corrections", leg.case_id), body, "application/json")
    assert sent.status_code == 201, sent.content
    assert CorrectionProposal.objects.get(decision="").value == ["Muelle", "es"]
    assert value_now(TravelLeg.objects.get(), "from_place") == [], "a language of no words is no value"


@pytest.fixture
def running(sent_request: Any, baja_coordinator: Any) -> Any:
    """Baja California's own alert, its area told in Spanish."""
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept")
    alert = own_alert(area="Zqmunicipio de la costa", area_language="es")
    outside.record_activation(request=sent_request, by=baja_coordinator, alert=alert)
    sent_request.refresh_from_db()
    return sent_request


def test_requester_sees_the_area_of_an_alert_outside_marked(
    running: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    page = reverse("alerts:request-detail", args=[running.pk])
    found = '//span[@lang="es"][.="Zqmunicipio de la costa"]/preceding-sibling::span[@class="tag"]/text()'
    assert html.fromstring(signed_in(california_officer, "en").get(page).text).xpath(found) == [
        "Español – untranslated"
    ]
    assert html.fromstring(signed_in(baja_coordinator, "es").get(page).text).xpath(found) == []


def test_area_outside_keeps_its_language_until_its_words_change(running: Any, baja_coordinator: Any) -> None:
    address = url("request-outside-correction", running.pk)

    def correct(language: str, **body: Any) -> Any:
        officer = signed_in(baja_coordinator, language)
        ok(officer.post(address, {"reason": "recorded_wrongly", **body}, "application/json"))
        return ok(officer.get(url("request-exchange", running.pk)))["outside_activation"]

    assert correct("en", version=1, number="BC-2")["area_language"] == "es", (
        "the words stay, and so does their language"
    )
    assert correct("en", version=2, area="The coast")["area_language"] == "en", "new words: the language of the call"
    assert correct("en", version=3, area="La costa", area_language="es")["area_language"] == "es"
    kept = OutsideActivation.objects.get()
    same = {name: getattr(kept, name) for name in outside_changes.CORRECTABLE}
    with pytest.raises(ActRefused):  # nothing would change, although nobody said the language anew
        outside_changes.correct(
            request=running, by=baja_coordinator, alert=outside.OutsideAlert(**{**same, "area_language": ""}),
            reason="recorded_wrongly", seen_version=4,
        )  # fmt: skip


def test_page_that_records_an_alert_outside_proposes_the_language_of_its_author(
    sent_request: Any, baja_coordinator: Any
) -> None:
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept")
    page = signed_in(baja_coordinator, "es").get(reverse("alerts:request-detail", args=[sent_request.pk])).text
    chosen = html.fromstring(page).xpath('//select[@name="outside-area_language"]/option[@selected]/@value')
    assert chosen == ["es"]
