"""Drafts of requests (U31), and asking again after an end (U19)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from agencies.models import AlertProgram
from agencies.refusals import ActRefused, NotPermitted
from alerts.desk_items import what_rests
from alerts.models import ExtensionRequest, Notice
from alerts.services import requests
from alerts.services.asking_again import changes_since
from alerts.services.request_drafts import ColleagueChangedIt, edit_draft
from alerts.workflow import REQUEST
from cases.access import agencies_on
from cases.services.facts import record_facts
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(active_case, california_officer, baja_coordinator):
    """A draft of California for Baja California."""
    return requests.save_draft(
        case=active_case, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer, note="First words"
    )


@pytest.fixture
def declined(sent_request, baja_coordinator):
    """The request, declined because of the description."""
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(
        request=sent_request, by=baja_coordinator, decision="decline", reason="criteria_description",
        alternative="advisory", note="Falta la placa",
    )  # fmt: skip
    return sent_request


def page_of(person, item, language="en"):
    answer = signed_in(person, language).get(reverse("alerts:request-detail", args=[item.pk]))
    return html.fromstring(answer.text) if answer.status_code == 200 else None


def words(node):
    return " ".join(" ".join(node.itertext()).split())


# Drafts


def test_drafts_are_saved_from_the_page_of_sending(active_case, california_officer, california_coordinator):
    client = signed_in(california_officer, "en")
    form = {"program": ["mx-bcn", "mx-son"], "kind": "activate", "note": "Wait", "save_draft": "1", "nonce": NONCE}
    answer = client.post(reverse("alerts:request-send", args=[active_case.pk]), form)
    assert answer.status_code == 302
    assert sorted(ExtensionRequest.objects.values_list("program__code", "status")) == [
        ("mx-bcn", "draft"), ("mx-son", "draft"),
    ]  # fmt: skip
    assert not Notice.objects.filter(kind="request_received").exists()
    shown = html.fromstring(client.get(answer["Location"]).text)
    assert "What was saved as a draft" in words(shown) and "2 drafts were saved." in words(shown)
    assert [item.kind for item in what_rests(california_coordinator)] == ["request_draft"] * 2


def test_draft_is_the_agencys_and_nobody_elses(draft, california_coordinator, baja_coordinator, quebec_coordinator):
    assert page_of(california_coordinator, draft) is not None
    for stranger in (baja_coordinator, quebec_coordinator):
        assert page_of(stranger, draft) is None
        with pytest.raises(NotPermitted):
            edit_draft(request=draft, by=stranger, values={"note": "Mine"})
    assert draft.program.agency_id not in agencies_on(draft.case)


def test_colleague_continues_and_sends_in_one_act(draft, california_coordinator, california_officer, baja_coordinator):
    client = signed_in(california_coordinator, "en")
    address = reverse("alerts:request-draft", args=[draft.pk])
    form = {
        "draft-kind": "police_only", "draft-note": "Better words", "draft-seen_kind": "activate",
        "draft-seen_note": "First words", "send": "1", "nonce": NONCE,
    }  # fmt: skip
    first, second = client.post(address, form), client.post(address, form)
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    draft.refresh_from_db()
    assert (draft.status, draft.kind, draft.note, draft.sent_by) == (
        "sent", "police_only", "Better words", california_coordinator,
    )  # fmt: skip
    assert set(draft.authors) == {california_officer.pk, california_coordinator.pk}
    assert Notice.objects.filter(kind="request_received").count() == 1
    assert page_of(baja_coordinator, draft, "es") is not None
    with pytest.raises(ActRefused):
        edit_draft(request=draft, by=california_officer, values={"note": "Too late"})


def test_who_changed_nothing_is_an_author_all_the_same(draft, california_coordinator):
    edit_draft(request=draft, by=california_coordinator, values={"kind": draft.kind, "note": draft.note})
    draft.refresh_from_db()
    assert california_coordinator.pk in draft.authors and draft.saved_by == california_coordinator
    assert "Casey Officer, Carol Coord" in words(page_of(california_coordinator, draft)) or (
        "Carol Coord, Casey Officer" in words(page_of(california_coordinator, draft))
    )


def test_different_fields_of_two_people_go_together(draft, california_officer, california_coordinator):
    seen = {"kind": "activate", "note": "First words"}
    edit_draft(
        request=draft, by=california_officer, values={"kind": "border_lookout", "note": "First words"}, seen=seen
    )
    edit_draft(request=draft, by=california_coordinator, values={"kind": "activate", "note": "Mine"}, seen=seen)
    draft.refresh_from_db()
    assert (draft.kind, draft.note) == ("border_lookout", "Mine")


def test_same_field_of_two_people_comes_back_with_both_values(draft, california_officer, california_coordinator):
    edit_draft(request=draft, by=california_officer, values={"note": "Theirs"})
    with pytest.raises(ColleagueChangedIt):
        edit_draft(request=draft, by=california_coordinator, values={"note": "Mine"}, seen={"note": "First words"})
    client = signed_in(california_coordinator, "en")
    address = reverse("alerts:request-draft", args=[draft.pk])
    form = {
        "draft-kind": "activate", "draft-note": "Mine", "draft-seen_kind": "activate",
        "draft-seen_note": "First words", "save": "1", "nonce": NONCE,
    }  # fmt: skip
    answer = client.post(address, form)
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert page.get_element_by_id("id_draft-note").text_content().strip() == "Mine"
    assert "“Theirs”" in words(page.get_element_by_id("id_draft-note_error"))
    draft.refresh_from_db()
    assert draft.note == "Theirs"
    form["draft-seen_note"] = page.get_element_by_id("id_draft-seen_note").get("value")
    assert client.post(address, form).status_code == 302
    draft.refresh_from_db()
    assert draft.note == "Mine"


class Typist:
    """Somebody whose page of a draft saves itself while they type."""

    def __init__(self, person, item):
        """Open the page as its script finds it."""
        self.client = signed_in(person, "en")
        page = html.fromstring(self.client.get(reverse("alerts:request-detail", args=[item.pk])).text)
        (form,) = page.xpath("//form[@data-autosave]")
        self.address, self.sent = form.get("data-autosave"), dict(form.fields)

    def type(self, **changes):
        """Change fields and let the page save itself; what it is told to take over, it takes over."""
        self.sent |= {f"draft-{name}": value for name, value in changes.items()}
        answer = self.client.post(self.address, self.sent)
        if answer.status_code == 200:
            self.sent |= {name: (values or [""])[0] for name, values in answer.json()["taken"].items()}
        return answer


def test_what_is_typed_is_kept_by_itself(draft, california_officer, california_coordinator):
    typist = Typist(california_coordinator, draft)
    for note in ("T", "The pl", "The plate\r\nis known"):
        answer = typist.type(note=note)
        assert answer.status_code == 200, answer.text
        assert answer.json()["at"].count(":") == 2
    draft.refresh_from_db()
    assert (draft.note, draft.status, draft.saved_by) == ("The plate\nis known", "draft", california_coordinator)
    assert set(draft.authors) == {california_officer.pk, california_coordinator.pk}
    assert typist.type(note="").status_code == 200
    draft.refresh_from_db()
    assert draft.note == "", "also what was rubbed out"


def test_two_pages_that_save_themselves_take_over_each_others_fields(draft, california_officer, california_coordinator):
    mine, theirs = Typist(california_coordinator, draft), Typist(california_officer, draft)
    assert theirs.type(kind="police_only").status_code == 200
    assert mine.type(note="Mine").json()["taken"]["draft-kind"] == ["police_only"]
    assert mine.type(kind="border_lookout").status_code == 200, "on sight of the colleague's choice"
    draft.refresh_from_db()
    assert (draft.kind, draft.note) == ("border_lookout", "Mine")


def test_conflict_of_two_pages_writes_nothing_until_somebody_chooses(draft, california_officer, california_coordinator):
    mine, theirs = Typist(california_coordinator, draft), Typist(california_officer, draft)
    assert theirs.type(note="Theirs").status_code == 200
    answer = mine.type(note="Mine")
    assert (answer.status_code, answer.json()) == (409, {"conflicts": ["draft-note"]})
    draft.refresh_from_db()
    assert draft.note == "Theirs"
    shown = html.fromstring(
        mine.client.post(reverse("alerts:request-draft", args=[draft.pk]), mine.sent | {"save": "1"}).text
    )
    assert "“Theirs”" in words(shown.get_element_by_id("id_draft-note_error"))
    assert not shown.xpath("//form[@data-autosave]"), "the page that compares saves nothing by itself"


def test_words_that_no_draft_holds_are_named_and_sent_drafts_stay(draft, california_coordinator, baja_coordinator):
    typist = Typist(california_coordinator, draft)
    for change, said in (({"note": "x" * 2001}, "2000"), ({"kind": "nonsense", "note": ""}, "nonsense")):
        answer = typist.type(**change)
        assert answer.status_code == 422 and said in answer.json()["message"]
    draft.refresh_from_db()
    assert (draft.kind, draft.note) == ("activate", "First words")
    assert signed_in(baja_coordinator).post(typist.address, typist.sent).status_code == 404
    requests.send_draft(request=draft, by=california_coordinator)
    answer = typist.type(kind="activate", note="Too late")
    assert (answer.status_code, "no longer a draft" in answer.json()["message"]) == (409, True)
    draft.refresh_from_db()
    assert draft.note == "First words"
    assert signed_in(baja_coordinator).post(typist.address, typist.sent).status_code == 404, "the asked side reads it"


def test_discarded_draft_was_never_seen_by_the_program(draft, california_coordinator, baja_coordinator):
    requests.send_request(case=draft.case, program=AlertProgram.objects.get(code="mx-fgr"), by=california_coordinator)
    client = signed_in(california_coordinator, "en")
    answer = client.post(reverse("alerts:request-withdraw", args=[draft.pk]), {"nonce": NONCE}, follow=True)
    assert "The draft was discarded." in answer.text
    draft.refresh_from_db()
    assert draft.status == "withdrawn"
    assert not Notice.objects.filter(kind="request_withdrawn").exists()
    requests.send_request(case=draft.case, program=draft.program, by=california_coordinator)
    assert page_of(baja_coordinator, draft) is None, "the program reads the case, and still not the draft"
    assert "ask_again" not in [step.name for step in REQUEST.steps]
    assert not page_of(california_coordinator, draft).xpath('//a[contains(@href, "/again/")]')


def test_draft_page_names_the_words_that_cannot_be_read(draft, california_officer, baja_coordinator):
    shown = words(page_of(california_officer, draft))
    assert "Not in a language the program reads: note to the program (English)" in shown
    baja_coordinator.reads_languages = ["en", "es"]
    baja_coordinator.save()
    assert "cannot read" not in words(page_of(california_officer, draft))


def test_draft_of_what_was_handed_on_meanwhile_is_not_sent(draft, california_officer):
    ExtensionRequest.objects.create(
        number="X-1", case=draft.case, program=draft.program, requesting_agency=draft.requesting_agency,
        kind="activate", status="sent", created_by=california_officer, sent_by=california_officer,
        sent_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(ActRefused):
        requests.send_draft(request=draft, by=california_officer)


def test_drafts_by_the_api(active_case, california_officer, california_coordinator, baja_coordinator):
    client, colleague = signed_in(california_officer), signed_in(california_coordinator)
    body = {"case": str(active_case.pk), "program": "mx-bcn", "is_draft": True}
    made = client.post(reverse("api:request-list"), body, content_type="application/json").json()
    assert (made["status"], made["sent_at"]) == ("draft", None)
    address = reverse("api:request-detail", args=[made["id"]])
    answer = colleague.patch(address, {"note": "From a colleague"}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert signed_in(baja_coordinator).patch(address, {}, content_type="application/json").status_code == 404
    read = colleague.get(address).json()
    assert (read["note"], [step["step"] for step in read["steps"]]) == ("From a colleague", ["send", "withdraw"])
    sent = colleague.post(reverse("api:request-send", args=[made["id"]]), {}, content_type="application/json").json()
    assert sent["status"] == "sent"
    assert colleague.patch(address, {"note": "x"}, content_type="application/json").status_code == 409


# Asking again


def test_asking_again_opens_with_what_has_changed(declined, california_officer, baja_coordinator):
    case = declined.case
    vehicle = case.vehicles.get()
    vehicle.color = "RED"
    record_facts(case=case, by=california_officer, items=[(vehicle, ["color"])])
    client = signed_in(california_officer, "en")
    link = page_of(california_officer, declined).xpath('//a[contains(@href, "/again/")]/@href')[0]
    page = html.fromstring(client.get(link).text)
    (opening,) = page.xpath('//section[@aria-labelledby="earlier-request"]')
    assert "Declined" in words(opening) and "Criteria not met: description" in words(opening)
    assert "Vehicle: color" in words(opening) and "plate" not in words(opening)
    assert "Falta la placa" in words(opening)
    form = {"kind": "activate", "note": "The plate is known now", "nonce": NONCE}
    answer = client.post(link, form)
    made = ExtensionRequest.objects.get(follows=declined)
    assert answer["Location"] == reverse("alerts:request-detail", args=[made.pk])
    assert (made.status, made.link) == ("sent", "again")
    assert client.post(link, form)["Location"] == answer["Location"]
    assert ExtensionRequest.objects.count() == 2
    for reader, language, color in (
        (california_officer, "en", "Vehicle: color"),
        (baja_coordinator, "es", "Vehículo: color"),
    ):
        (opening,) = page_of(reader, made, language).xpath('//section[@aria-labelledby="earlier-request"]')
        assert declined.number in words(opening) and color in words(opening)
    vehicle.make = "Dodge"
    record_facts(case=case, by=california_officer, items=[(vehicle, ["make"])])
    made.refresh_from_db()
    (opening,) = page_of(baja_coordinator, made, "es").xpath('//section[@aria-labelledby="earlier-request"]')
    assert "marca" not in words(opening), "what changed after the sending has its own notice"


def test_nothing_before_the_decline_counts_as_new(sent_request, california_officer, baja_coordinator):
    vehicle = sent_request.case.vehicles.get()
    vehicle.color = "RED"
    record_facts(case=sent_request.case, by=california_officer, items=[(vehicle, ["color"])])
    requests.acknowledge(request=sent_request, by=baja_coordinator)
    requests.decide(request=sent_request, by=baja_coordinator, decision="decline", reason="too_much_time")
    sent_request.refresh_from_db()
    assert changes_since(sent_request) == []


def test_only_the_asking_side_asks_again_and_only_after_an_end(
    declined, california_officer, baja_coordinator, quebec_coordinator
):
    address = reverse("alerts:request-again", args=[declined.pk])
    for person in (baja_coordinator, quebec_coordinator):
        assert signed_in(person).get(address).status_code == 404
        assert signed_in(person).post(address, {"kind": "activate", "nonce": NONCE}).status_code == 404
    assert not page_of(baja_coordinator, declined).xpath('//a[contains(@href, "/again/")]')
    other = requests.send_request(
        case=declined.case, program=AlertProgram.objects.get(code="mx-son"), by=california_officer
    )
    waiting = reverse("alerts:request-again", args=[other.pk])
    assert signed_in(california_officer).get(waiting).status_code == 409
    with pytest.raises(ActRefused):
        requests.send_request(case=declined.case, program=other.program, by=california_officer, follows=declined)


def test_asking_again_without_a_kind_comes_back(declined, california_officer):
    address = reverse("alerts:request-again", args=[declined.pk])
    answer = signed_in(california_officer, "fr").post(address, {"kind": "x", "note": "Encore", "nonce": NONCE})
    assert answer.status_code == 422
    assert html.fromstring(answer.text).xpath('//textarea[@name="note"]')[0].text_content().strip() == "Encore"


@pytest.mark.parametrize("name", ["request-again", "request-send"])
def test_words_typed_before_the_session_ended_come_back(name, declined, california_officer):
    key = declined.pk if name == "request-again" else declined.case_id
    address = reverse(f"alerts:{name}", args=[key])
    client = signed_in(california_officer)
    kept = {"user": str(california_officer.pk), "path": address, "typed": "kind=police_only&note=Hurry&program=mx-son"}
    session = client.session
    session["typed_before"] = kept
    session.save()
    page = html.fromstring(client.get(address).text)
    assert page.xpath('//textarea[@name="note"]')[0].text_content().strip() == "Hurry"
    assert page.xpath('//select[@name="kind"]/option[@selected]/@value') == ["police_only"]
    if name == "request-send":
        assert page.xpath('//input[@name="program" and @checked]/@value') == ["mx-son"]


def test_asking_again_may_wait_as_a_draft(declined, california_officer):
    address = reverse("alerts:request-again", args=[declined.pk])
    form = {"kind": "activate", "save_draft": "1", "nonce": NONCE}
    assert signed_in(california_officer).post(address, form).status_code == 302
    made = ExtensionRequest.objects.get(follows=declined)
    assert (made.status, made.link) == ("draft", "again")


def test_asking_again_by_the_api(declined, california_officer):
    client = signed_in(california_officer)
    body = {"case": str(declined.case_id), "program": "mx-bcn", "follows": str(declined.pk)}
    answer = client.post(reverse("api:request-list"), body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["follows"], made["link"]) == (str(declined.pk), "again")
    read = client.get(reverse("api:request-detail", args=[made["id"]])).json()
    assert read["changes"] == []
