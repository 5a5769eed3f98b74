"""Asking several programs in one act, and taking back in one act what waits (U21, U11, U6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from agencies.geography import read_geography
from agencies.models import Agency, AlertProgram, Subdivision
from agencies.refusals import ActRefused, NotPermitted
from alerts.models import ExtensionRequest, Notice
from alerts.services import requests
from alerts.services.asking import ask_programs, withdraw_all
from alerts.services.choosing import Selection
from cases.models import CrossingIndication
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


def programs(*codes):
    return [AlertProgram.objects.get(code=code) for code in codes]


def send_page(case):
    return reverse("alerts:request-send", args=[case.pk])


def group(case, code):
    """Return the codes of one group's programs, and the codes of places that go to a hub."""
    (found,) = [item for item in Selection(case).groups if item.code == code]
    lacking = {place.code for row in found.without_program for place in row.places}
    return {choice.program.code for choice in found.choices}, lacking


# Groups from data


def test_ontario_lies_between_quebec_and_new_york():
    geography = read_geography()
    assert "CA-ON" in geography.between("CA-QC", "US-NY")
    assert geography.between("US-TX", "US-TX") == [] and geography.between("US-HI", "US-NY") == []
    assert geography.between("US-CA", "MX-SIN") == ["MX-BCN", "MX-SON", "US-AZ"]


def test_border_of_a_country_faces_the_other_or_the_one_on_the_way():
    geography = read_geography()
    assert set(geography.along_the_border("MX", "US")) == {"MX-BCN", "MX-SON", "MX-CHH", "MX-COA", "MX-NLE", "MX-TAM"}
    assert geography.along_the_border("CA", "MX") == geography.along_the_border("CA", "US")


def test_groups_of_a_case_of_california_toward_mexico(active_case):
    event = active_case.abduction
    assert event.subdivision_id == "US-CA"
    assert group(active_case, "border-mx")[0] == {"mx-bcn", "mx-son", "mx-chh", "mx-coa", "mx-nle", "mx-tam"}
    named, lacking = group(active_case, "neighbors")
    assert (named, lacking) == ({"mx-bcn", "us-ncmec"}, {"US-AZ", "US-NV", "US-OR"})
    assert group(active_case, "hubs")[0] == {"us-ncmec", "mx-fgr", "ca-ncmpur"}
    assert "destination" not in {item.code for item in Selection(active_case).groups}
    CrossingIndication.objects.create(case=active_case, toward="MX", crossing_point="san_ysidro")
    assert group(active_case, "destination")[0] == {"mx-bcn"}


def test_every_subdivision_of_the_three_countries_is_offered_or_goes_to_a_hub(active_case):
    selection = Selection(active_case)
    own = {choice.program.subdivision_id for choice in selection.choices.values()} - {None}
    lacking = {place.code for country in selection.countries for row in country.without_program for place in row.places}
    assert own | lacking | {"US-CA"} == set(Subdivision.objects.values_list("code", flat=True))
    assert not own & lacking
    hubs = {row.hub.code for country in selection.countries for row in country.without_program}
    assert hubs == {"us-ncmec", "ca-ncmpur"}, "every entity of Mexico has a program"


def test_case_of_a_national_program_without_a_place_has_its_groups(active_case):
    """No origin is known: what lies beside it or in between cannot be said, the border ahead can."""
    active_case.lead_agency = Agency.objects.get(code="mx-fgr-amber")
    active_case.abduction.subdivision = None
    active_case.crossingindications.update(toward="US")
    codes = [item.code for item in Selection(active_case).groups]
    assert codes == ["border-us", "hubs"]
    assert group(active_case, "border-us")[1] == {"US-AZ"}
    assert "mx-fgr" not in group(active_case, "hubs")[0], "the own program is not asked"


# The page


def test_page_names_programs_in_full_and_preselects_none(active_case, california_officer, baja_coordinator):
    page = html.fromstring(signed_in(california_officer, "es").get(send_page(active_case)).text)
    boxes = page.xpath('//input[@name="program"]')
    assert len(boxes) == len({box.get("value") for box in boxes}) == AlertProgram.objects.count() - 1
    assert not page.xpath('//input[@name="program" and @checked]')
    rows = {box.get("value"): " ".join(box.getparent().getparent().text_content().split()) for box in boxes}
    assert "Chihuahua" in rows["mx-chh"] and "(México)" in rows["mx-chh"] and "UTC" in rows["mx-chh"]
    assert "español" in rows["mx-chh"] and "francés" not in rows["mx-chh"]
    assert "Nadie en el portal" in rows["mx-chh"] and "Nadie en el portal" not in rows["mx-bcn"]
    assert "De turno" in rows["mx-bcn"]
    assert "Arizona, Nevada, Oregón" in page.text_content()
    assert "sin programa propio" in page.text_content()


def test_local_time_is_the_programs_own(active_case, california_officer, monkeypatch):
    winter = SimpleNamespace(now=lambda: datetime(2026, 1, 15, 18, 30, tzinfo=UTC))
    monkeypatch.setattr("alerts.views.sending.timezone", winter)
    page = html.fromstring(signed_in(california_officer, "en").get(send_page(active_case)).text)
    rows = {box.get("value"): box.getparent().text_content() for box in page.xpath('//input[@name="program"]')}
    assert "10:30 (UTC−8)" in rows["mx-bcn"] and "12:30 (UTC−6)" in rows["mx-chh"] and "13:30 (UTC−5)" in rows["ca-qc"]


@pytest.mark.parametrize(
    ("hours", "words"), [(1, "Within its limit of 4 hours until"), (5, "limit of 4 hours has passed")]
)
def test_cut_off_of_washington_runs_down(hours, words, active_case, california_officer):
    active_case.abduction.happened_at = timezone.now() - timedelta(hours=hours)
    active_case.abduction.save()
    text = " ".join(signed_in(california_officer, "en").get(send_page(active_case)).text.split())
    assert words in text
    assert text.count("limit of 12 hours") == 1, "Idaho's"


def test_group_ticks_its_programs_and_keeps_what_was_typed(active_case, california_officer):
    client = signed_in(california_officer)
    typed = {"program": ["ca-qc"], "note": "Blue Ford", "kind": "police_only", "nonce": "n", "choose": "border-mx"}
    page = html.fromstring(client.post(send_page(active_case), typed).text)
    ticked = {box.get("value") for box in page.xpath('//input[@name="program" and @checked]')}
    assert ticked == {"ca-qc", "mx-bcn", "mx-son", "mx-chh", "mx-coa", "mx-nle", "mx-tam"}
    assert page.xpath('//textarea[@name="note"]')[0].text_content().strip() == "Blue Ford"
    assert page.xpath('//select[@name="kind"]/option[@selected]/@value') == ["police_only"]
    assert page.xpath('//details[@open]//input[@value="ca-qc"]'), "what is ticked is not folded away"
    assert not ExtensionRequest.objects.exists()


def test_nothing_chosen_comes_back_with_the_note(active_case, california_officer):
    answer = signed_in(california_officer, "fr").post(send_page(active_case), {"note": "Vue hier", "nonce": "n"})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert "Choisissez au moins un programme" in page.get_element_by_id("id_program_error").text_content()
    assert page.xpath('//textarea[@name="note"]')[0].text_content().strip() == "Vue hier"


def test_program_with_an_open_request_is_shown_with_it_and_not_offered(sent_request, california_officer):
    page = html.fromstring(signed_in(california_officer).get(send_page(sent_request.case)).text)
    assert not page.xpath('//input[@name="program" and @value="mx-bcn"]')
    assert page.xpath(f'//main//a[text()="{sent_request.number}"]')


# One act


def test_one_refusal_holds_back_no_other(sent_request, california_officer):
    client = signed_in(california_officer, "en")
    chosen = {"program": ["mx-bcn", "mx-son", "us-nm"], "kind": "activate", "note": "", "nonce": "n1"}
    answer = client.post(send_page(sent_request.case), chosen)
    assert answer.status_code == 302
    assert ExtensionRequest.objects.count() == 3
    assert Notice.objects.filter(kind="request_received").count() == 3
    page = html.fromstring(client.get(answer["Location"]).text)
    first, *others = (" ".join(row.itertext()).split() for row in page.xpath('//ul[@class="outcomes"]/li'))
    assert " ".join(first) == (
        "Not sent Baja California AMBER Alert program (Mexico) This program already has an open request for this case."
    )
    assert [row[:2] for row in others] == [["Sent", "Sonora"], ["Sent", "New"]]
    again = client.post(send_page(sent_request.case), chosen)
    assert again["Location"] == answer["Location"] and ExtensionRequest.objects.count() == 3
    assert "2 requests were sent." in page.text_content()


def test_outcomes_of_an_act_are_shown_to_its_officer_only(sent_request, california_officer, baja_coordinator):
    chosen = {"program": ["mx-son", "us-nm"], "kind": "activate", "nonce": "n1"}
    led = signed_in(california_officer).post(send_page(sent_request.case), chosen)["Location"]
    assert '"outcomes"' in signed_in(california_officer).get(led).text
    shown = signed_in(baja_coordinator).get(led).text
    assert '"outcomes"' not in shown and "Sonora" not in shown


def test_act_in_which_nothing_can_be_done_keeps_nothing(sent_request, california_officer):
    client = signed_in(california_officer, "en")
    answer = client.post(send_page(sent_request.case), {"program": ["mx-bcn"], "kind": "activate", "nonce": "n1"})
    assert answer.status_code == 409
    assert "already has an open request" in answer.text
    assert ExtensionRequest.objects.count() == 1


def test_only_the_lead_agency_asks_and_withdraws(sent_request, baja_coordinator, quebec_coordinator):
    for person in (baja_coordinator, quebec_coordinator):
        with pytest.raises(NotPermitted):
            ask_programs(case=sent_request.case, programs=programs("mx-son"), by=person)
        with pytest.raises(NotPermitted):
            withdraw_all(case=sent_request.case, by=person, reason="sent_in_error")


# Taking back


def test_all_that_waits_is_withdrawn_and_what_is_active_is_not(active_alert, california_officer, baja_coordinator):
    case = active_alert.case
    ask_programs(case=case, programs=programs("mx-son", "us-nm"), by=california_officer)
    client = signed_in(california_officer, "en")
    address = reverse("alerts:requests-withdraw", args=[case.pk])
    assert client.post(address, {"nonce": "n1"}).status_code == 422, "a reason is needed"
    form = {"withdraw-reason": "other_direction", "withdraw-note": "Seen in Oregon", "nonce": "n2"}
    answer = client.post(address, form)
    page = html.fromstring(client.get(answer["Location"]).text)
    rows = sorted(" ".join(row.text_content().split()) for row in page.xpath('//ul[@class="outcomes"]/li'))
    assert [row.split(" AMBER")[0] for row in rows] == [
        "Not withdrawn Baja California",
        "Withdrawn New Mexico",
        "Withdrawn Sonora",
    ]
    assert "Ask the program to cancel" in rows[0]
    statuses = dict(case.requests.values_list("program__code", "status"))
    assert statuses == {"mx-bcn": "activated", "mx-son": "withdrawn", "us-nm": "withdrawn"}
    told = case.requests.get(program__code="mx-son")
    assert told.withdrawal_reason == "other_direction"
    assert [note.text for note in told.notes.all()] == ["Seen in Oregon"]
    assert client.post(address, form)["Location"] == answer["Location"]
    assert Notice.objects.filter(kind="request_withdrawn").count() == 2


def test_notice_in_force_is_not_withdrawn_with_the_rest(sent_request, california_officer, baja_coordinator):
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="accept_lower_level", level="prealert")
    requests.send_request(case=sent_request.case, program=programs("mx-son")[0], by=california_officer)
    kept, taken = withdraw_all(case=sent_request.case, by=california_officer, reason="child_found")
    assert (kept.program.code, kept.is_done, taken.is_done) == ("mx-bcn", False, True)
    assert "notice in force" in kept.refusal
    sent_request.refresh_from_db()
    assert sent_request.status == "accepted_lower_level"


def test_withdrawing_needs_a_reason_and_something_that_waits(active_case, california_officer):
    with pytest.raises(ActRefused):
        withdraw_all(case=active_case, by=california_officer, reason="sent_in_error")
    requests.send_request(case=active_case, program=programs("mx-son")[0], by=california_officer)
    with pytest.raises(ActRefused):
        withdraw_all(case=active_case, by=california_officer, reason="")


# Words that cannot be read (U11)


@pytest.fixture
def told_case(active_case):
    """The case with circumstances in English."""
    active_case.abduction.circumstances = "Seen near the bridge"
    active_case.abduction.circumstances_language = "en"
    active_case.abduction.save()
    return active_case


def test_warning_names_the_words_that_each_program_cannot_read(told_case, california_officer, baja_coordinator):
    client = signed_in(california_officer, "en")
    chosen = {"program": ["mx-bcn", "us-nm", "ca-qc"], "kind": "activate", "note": "Hurry", "nonce": "n1"}
    answer = client.post(send_page(told_case), chosen)
    assert answer.status_code == 200 and not ExtensionRequest.objects.exists()
    page = html.fromstring(answer.text)
    (warning,) = page.xpath('//section[@class="confirm"]')
    assert [row.text_content() for row in warning.xpath(".//li")] == ["Baja California AMBER Alert program (Mexico)"]
    assert warning.xpath("./h3/text()") == ["Circumstances (English); Note to the program (English)"]
    assert "arrive in: Spanish" in warning.text_content()
    sent = {item.get("name"): item.get("value") for item in page.xpath('//main//form//input[@type="hidden"]')}
    sent["program"] = page.xpath('//main//form//input[@name="program"]/@value')
    assert set(sent["program"]) == {"mx-bcn", "us-nm", "ca-qc"} and sent["nonce"] == "n1"
    assert client.post(send_page(told_case), sent).status_code == 302
    assert set(ExtensionRequest.objects.values_list("note", flat=True)) == {"Hurry"}
    assert ExtensionRequest.objects.count() == 3


def test_no_warning_where_everything_can_be_read(told_case, california_officer, baja_coordinator):
    baja_coordinator.reads_languages = ["en", "es"]
    baja_coordinator.save()
    chosen = {"program": ["mx-bcn", "us-nm"], "kind": "activate", "note": "Hurry", "nonce": "n1"}
    assert signed_in(california_officer, "en").post(send_page(told_case), chosen).status_code == 302
    assert ExtensionRequest.objects.count() == 2


def test_going_back_from_the_warning_keeps_everything(told_case, california_officer):
    typed = {"program": ["mx-bcn"], "kind": "activate", "note": "Hurry", "nonce": "n1", "confirmed": "1", "back": "1"}
    page = html.fromstring(signed_in(california_officer, "en").post(send_page(told_case), typed).text)
    assert page.xpath('//input[@name="program" and @checked]/@value') == ["mx-bcn"]
    assert page.xpath('//textarea[@name="note"]')[0].text_content().strip() == "Hurry"
    assert not ExtensionRequest.objects.exists()


# By the API


def test_several_programs_by_the_api(sent_request, california_officer):
    client = signed_in(california_officer, "en")
    address = reverse("api:request-several")
    body = {"case": str(sent_request.case_id), "programs": ["mx-bcn", "mx-son"], "note": "Urgent"}
    answer = client.post(address, body, content_type="application/json", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.content
    first, second = answer.json()["outcomes"]
    assert (first["program"], first["request"], second["request"]["status"]) == ("mx-bcn", None, "sent")
    assert "already has an open request" in first["refusal"] and second["refusal"] == ""
    assert second["unread"] == [{"text": "note to the program", "language": "en"}]
    again = client.post(address, body, content_type="application/json", headers={"Idempotency-Key": "k"})
    assert again.json() == answer.json() and ExtensionRequest.objects.count() == 2
    assert client.post(address, {**body, "programs": []}, content_type="application/json").status_code == 400
    assert client.post(address, {**body, "programs": ["x"]}, content_type="application/json").status_code == 400


def test_all_that_waits_is_withdrawn_by_the_api(sent_request, california_officer, baja_coordinator):
    address = reverse("api:request-withdrawals")
    body = {"case": str(sent_request.case_id), "reason": "child_found"}
    stranger = signed_in(baja_coordinator).post(address, body, content_type="application/json")
    assert stranger.status_code == 404
    client = signed_in(california_officer)
    assert client.post(address, {"case": body["case"]}, content_type="application/json").status_code == 400
    (outcome,) = client.post(address, body, content_type="application/json").json()["outcomes"]
    assert (outcome["program"], outcome["request"]["status"]) == ("mx-bcn", "withdrawn")
