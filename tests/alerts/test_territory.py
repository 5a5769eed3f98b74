"""An alert covers places of its own program's territory only, from the draft to the CAP message (design §3.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from lxml import etree, html

from agencies.models import AlertProgram, Subdivision
from agencies.refusals import ActRefused
from alerts import territory
from alerts.gathering import content_hash
from alerts.models import Alert, AlertArea, PublicAlert
from alerts.services import drafts, issuing, lower_levels, requests
from cases.models import CrossingIndication, TravelLeg
from tests.alerts.test_api import signed_in, url
from tests.cases.test_rows_merging import RowEditor

pytestmark = pytest.mark.django_db
MEXICO = 32


@pytest.fixture
def national_officers(make_user: Any) -> tuple[Any, Any]:
    """Two coordinators of the national coordination of Mexico."""
    return (
        make_user("fidel.coord@fgr.example", "mx-fgr-amber", "coordinator", "es"),
        make_user("flor.coord@fgr.example", "mx-fgr-amber", "coordinator", "es"),
    )


@pytest.fixture
def national_draft(active_case: Any, california_officer: Any, national_officers: Any) -> Alert:
    """The draft of the national coordination for the case from San Diego."""
    return accepted(active_case, california_officer, national_officers[0])


def accepted(case: Any, asker: Any, officer: Any) -> Alert:
    """Ask the national coordination, which accepts."""
    asked = requests.send_request(case=case, program=AlertProgram.objects.get(code="mx-fgr"), by=asker)
    requests.acknowledge(request=asked, by=officer)
    requests.decide(request=asked, by=officer, decision="accept")
    alert: Alert = asked.alert
    return alert


def places(alert: Alert) -> list[str]:
    """Return the codes of an alert's area."""
    return list(alert.areas.order_by("subdivision").values_list("subdivision_id", flat=True))


def test_national_program_begins_in_its_own_country_never_where_the_child_was_taken(national_draft: Alert) -> None:
    assert national_draft.case.abduction.subdivision_id == "US-CA"
    assert len(places(national_draft)) == MEXICO
    assert {code[:3] for code in places(national_draft)} == {"MX-"}


def test_indications_and_legs_say_where_it_begins(
    active_case: Any, california_officer: Any, national_officers: Any
) -> None:
    CrossingIndication.objects.filter(case=active_case).update(toward_subdivision="MX-BCN")
    TravelLeg.objects.create(case=active_case, mode="bus", from_subdivision_id="US-CA", to_subdivision_id="MX-SON")
    assert places(accepted(active_case, california_officer, national_officers[0])) == ["MX-BCN", "MX-SON"]


def test_crossing_point_names_the_far_side(active_case: Any, california_officer: Any, national_officers: Any) -> None:
    CrossingIndication.objects.filter(case=active_case).update(crossing_point="san_ysidro")
    assert territory.heading(active_case)[0] == {"MX-BCN"}
    assert places(accepted(active_case, california_officer, national_officers[0])) == ["MX-BCN"]


def test_cap_of_a_national_alert_carries_its_own_countrys_codes(national_draft: Alert, national_officers: Any) -> None:
    one, two = national_officers
    drafts.submit(alert=national_draft, by=one)
    drafts.approve(alert=national_draft, by=two, seen_hash=content_hash(national_draft))
    message = issuing.activate(alert=national_draft, by=one)
    cap = etree.fromstring(bytes(message.xml))
    codes = {(code.findtext("{*}valueName"), code.findtext("{*}value")) for code in cap.iterfind(".//{*}geocode")}
    assert ("SAME", "006000") not in codes
    inegi = set(Subdivision.objects.filter(country="MX").values_list("inegi", flat=True))
    assert {value for _name, value in codes} & inegi == inegi
    assert not [value for _name, value in codes if value.startswith(("US-", "CA-"))]


@pytest.mark.parametrize(("language", "words"), [
    ("en", "is outside the program's territory"),
    ("es", "queda fuera del territorio del programa"),
    ("fr", "hors du territoire du programme"),
])  # fmt: skip
def test_submission_beyond_the_territory_is_refused_in_the_officers_language(
    national_draft: Alert, national_officers: Any, language: str, words: str
) -> None:
    AlertArea.objects.create(alert=national_draft, subdivision_id="US-TX")
    with pytest.raises(ActRefused) as refusal, translation.override(language):
        drafts.submit(alert=national_draft, by=national_officers[0])
    with translation.override(language):
        assert words in str(refusal.value.message)
        assert "Texas" in str(refusal.value.message)
    national_draft.refresh_from_db()
    assert national_draft.status == "draft"


def test_activation_beyond_the_territory_is_refused(approved_alert: Alert, baja_coordinator: Any) -> None:
    AlertArea.objects.create(alert=approved_alert, subdivision_id="MX-SON")  # another state of the same country
    with pytest.raises(ActRefused) as refusal:
        issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert "Sonora" in str(refusal.value.message)
    assert not PublicAlert.objects.exists()


def test_state_decides_about_no_other_states_area(sent_request: Any, baja_coordinator: Any) -> None:
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    with pytest.raises(ActRefused) as refusal:
        requests.decide(request=sent_request, by=baja_coordinator, decision="accept_changed_area", area=["MX-SON"])
    assert "Sonora" in str(refusal.value.message)


def test_page_offers_the_own_country_and_keeps_the_choice(national_draft: Alert, national_officers: Any) -> None:
    drafts.submit(alert=national_draft, by=national_officers[0])
    address = reverse("alerts:alert-edit", args=[national_draft.pk])
    editor = RowEditor(national_officers[1], address)
    page = html.fromstring(editor.client.get(address).content)
    offered = page.xpath('//input[@name="settings-areas"]/@value')
    assert (len(offered), {code[:3] for code in offered}) == (MEXICO, {"MX-"})
    assert editor.save(**{"settings-areas": ["MX-BCN", "MX-SON"]}).status_code == 302
    national_draft.refresh_from_db()
    assert (places(national_draft), national_draft.status) == (["MX-BCN", "MX-SON"], "draft")
    assert national_officers[1].pk in national_draft.authors


@pytest.mark.parametrize("chosen", [["US-TX"], []])
def test_page_refuses_another_country_and_no_area_at_all(
    client: Client, national_draft: Alert, national_officers: Any, chosen: list[str]
) -> None:
    client.force_login(national_officers[0])
    address = reverse("alerts:alert-edit", args=[national_draft.pk])
    form = html.fromstring(client.get(address).content).xpath('//form[@method="post"]')[-1]
    sent: dict[str, Any] = dict(form.form_values()) | {"settings-areas": chosen}
    answer = client.post(address, sent)
    page = html.fromstring(answer.content)
    assert answer.status_code == 422
    assert page.xpath('//*[@id="id_settings-areas_group"]/parent::*[contains(@class, "field--invalid")]')
    assert len(places(national_draft)) == MEXICO


def test_program_of_one_state_has_nothing_to_choose(client: Client, draft_alert: Alert, baja_coordinator: Any) -> None:
    client.force_login(baja_coordinator)
    assert "settings-areas" not in client.get(reverse("alerts:alert-edit", args=[draft_alert.pk])).text
    assert places(draft_alert) == ["MX-BCN"]


def test_api_chooses_among_the_own_places(national_draft: Alert, draft_alert_elsewhere: Any, national_officers: Any,
                                          baja_coordinator: Any) -> None:  # fmt: skip
    national, state = signed_in(national_officers[0]), signed_in(baja_coordinator)
    seen = content_hash(national_draft)
    address = url("alert-detail", national_draft.pk)
    answer = national.patch(address, {"content_hash": seen, "areas": ["MX-SON", "MX-BCN", "MX-SON"]})
    assert answer.status_code == 200
    assert places(national_draft) == national.get(address).json()["areas"] == ["MX-BCN", "MX-SON"]
    answer = national.patch(address, {"content_hash": seen, "areas": ["MX-CHH"]})
    assert (answer.status_code, answer.json()["conflicts"]) == (
        409, {"areas": {"mine": ["MX-CHH"], "theirs": ["MX-BCN", "MX-SON"]}}
    )  # fmt: skip
    for client, alert, codes in (
        (national, national_draft, ["US-TX"]), (national, national_draft, []), (national, national_draft, ["XX-1"]),
        (state, draft_alert_elsewhere, ["MX-SON"]),
    ):  # fmt: skip
        answer = client.patch(
            url("alert-detail", alert.pk), {"content_hash": content_hash(alert), "areas": codes}
        )  # fmt: skip
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["areas"])


@pytest.fixture
def draft_alert_elsewhere(active_case: Any, california_officer: Any, baja_coordinator: Any) -> Alert:
    """Baja California's draft for the same case."""
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer
    )
    requests.acknowledge(request=asked, by=baja_coordinator)
    requests.decide(request=asked, by=baja_coordinator, decision="accept")
    alert: Alert = asked.alert
    return alert


def test_area_is_kept_when_the_search_is_taken_up_again(national_draft: Alert, national_officers: Any) -> None:
    one, two = national_officers
    drafts.edit_alert(
        alert=national_draft, by=one, texts={}, duration_hours=national_draft.duration_hours, photo=None,
        areas=["MX-BCN", "MX-SON"],
    )  # fmt: skip
    drafts.submit(alert=national_draft, by=one)
    drafts.approve(alert=national_draft, by=two, seen_hash=content_hash(national_draft))
    issuing.activate(alert=national_draft, by=one)
    issuing.cancel(alert=national_draft, by=one, reason="suspect_caught")
    again = drafts.prepare_alert(program=national_draft.program, case=national_draft.case, by=one)
    assert places(again) == ["MX-BCN", "MX-SON"]


def test_notice_raised_to_an_alert_stays_in_the_own_country(
    active_case: Any, california_officer: Any, national_officers: Any
) -> None:
    asked = requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="mx-fgr"), by=california_officer, kind="police_only"
    )
    requests.acknowledge(request=asked, by=national_officers[0])
    requests.decide(request=asked, by=national_officers[0], decision="accept")
    raised = lower_levels.raise_to_alert(request=asked, by=national_officers[0])
    assert {code[:3] for code in places(raised)} == {"MX-"}
