"""The intake on one page: a case with its facts in one act, kept as a draft of the agency until then."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from agencies.identifiers import uuid7
from agencies.models import Agency, AlertProgram, AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from cases.forms.intake import IntakeForms
from cases.models import Case, CaseDraft, CaseDraftVersion
from cases.services.drafts import discard_draft, save_draft
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db
TYPED = {
    "child-given_names": "Ximena", "child-first_surname": "De la Cruz", "child-sex": "F", "child-age_years": "7",
    "child-garment_1": "shorts", "child-color_1": "red", "event-happened_at": "2026-11-20T19:15",
    "event-time_zone": "America/Los_Angeles", "event-kind": "taken", "event-place": "San Ysidro",
    "event-subdivision": "US-CA", "event-force": "yes", "suspect-given_names": "Waldo", "suspect-relationship": "",
    "vehicle-plate": " 7xyz 123", "vehicle-make": "Ford", "crossing-toward": "MX", "is_exercise": "on",
}  # fmt: skip


def page_of(client: Any, address: str = "/cases/open/") -> tuple[html.HtmlElement, dict[str, str]]:
    """Return the page and the hidden fields of its form."""
    page = html.fromstring(client.get(address).text)
    names = ("nonce", "draft", "draft_version", "agency")
    return page, {name: page.xpath(f'//form[@data-autosave]//*[@name="{name}"]/@value')[0] for name in names}


def keep(by: Any, content: dict[str, str], *, seen: int = 0, draft_id: Any = None) -> Any:
    """Save a draft of California through the service."""
    return save_draft(
        draft_id=draft_id or uuid7(), by=by, agency=Agency.objects.get(code="us-ca-chp"), seen_version=seen,
        content={name: [value] for name, value in content.items()},
    )  # fmt: skip


def test_one_page_makes_a_case_with_everything_that_was_told(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    answer = client.post("/cases/open/", {**TYPED, **hidden})
    case = Case.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("cases:case-detail", args=[case.pk]))
    assert (case.is_exercise, case.status, case.destination_country) == (True, "intake", "MX")
    child, suspect, vehicle = case.children.get(), case.people.get(), case.vehicles.get()
    assert (child.name, child.age_years, child.clothing) == (
        "Ximena De la Cruz", 7, [{"item": "shorts", "colors": ["red"]}]
    )  # fmt: skip
    assert (suspect.given_names, vehicle.plate, vehicle.make) == ("Waldo", "7XYZ 123", "Ford")
    event = case.abduction
    assert (event.place, event.kind, event.force, event.time_zone) == (
        "San Ysidro", "taken", "yes", "America/Los_Angeles"
    )  # fmt: skip
    assert event.happened_at.isoformat() == "2026-11-21T03:15:00+00:00"


def test_nothing_told_makes_no_empty_rows(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    assert client.post("/cases/open/", hidden).status_code == 302
    case = Case.objects.get()
    assert [case.children.count(), case.people.count(), case.vehicles.count()] == [0, 0, 0]
    assert case.facts_version == 1


def test_place_and_zone_of_the_agency_are_proposed(california_officer: Any) -> None:
    page, hidden = page_of(signed_in(california_officer))
    chosen = {field.get("name"): field.xpath("./option[@selected]/@value") for field in page.xpath("//select")}
    assert chosen["event-time_zone"] == ["America/Los_Angeles"]
    assert chosen["event-subdivision"] == ["US-CA"]
    assert hidden["draft_version"] == "0"


def test_wrong_intake_comes_back_as_typed_and_opens_nothing(california_officer: Any) -> None:
    client = signed_in(california_officer, "es")
    _page, hidden = page_of(client)
    answer = client.post("/cases/open/", {**TYPED, **hidden, "child-height_cm": "1200"})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert_error_beside(page, "child-height_cm", "1200")
    assert page.xpath('//*[@name="event-place"]/@value') == ["San Ysidro"]
    assert page.xpath('//*[@name="draft"]/@value') == [hidden["draft"]]
    assert not Case.objects.exists()


def test_page_saves_itself_and_a_colleague_continues(california_officer: Any, california_coordinator: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    save = reverse("cases:draft-save")
    first = client.post(save, {**TYPED, **hidden})
    assert first.status_code == 200
    assert re.fullmatch(r"\d\d:\d\d:\d\d", first.json()["at"])
    again = client.post(save, {**TYPED, **hidden, "draft_version": "1"})
    assert (again.json()["version"], CaseDraftVersion.objects.count()) == (1, 1)
    draft = CaseDraft.objects.get()
    colleague = signed_in(california_coordinator)
    for address in ("/cases/", "/desk/"):
        assert f'href="/cases/drafts/{draft.pk}/"' in colleague.get(address).text, address
    page, kept = page_of(colleague, f"/cases/drafts/{draft.pk}/")
    assert page.xpath('//*[@name="child-first_surname"]/@value') == ["De la Cruz"]
    assert page.xpath('//*[@name="event-happened_at"]/@value') == ["2026-11-20T19:15"]
    assert page.xpath('//*[@name="is_exercise"]/@checked')
    assert colleague.post("/cases/open/", {**TYPED, **kept}).status_code == 302
    case = Case.objects.get()
    draft.refresh_from_db()
    assert (draft.case, draft.content, draft.versions.count()) == (case, {}, 0)
    assert not CaseDraft.objects.visible_to(california_officer).exists()


def test_late_save_of_an_opened_draft_changes_nothing(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    client.post(reverse("cases:draft-save"), {**TYPED, **hidden})
    client.post("/cases/open/", {**TYPED, **hidden, "draft_version": "1"})
    late = client.post(reverse("cases:draft-save"), {**TYPED, **hidden, "draft_version": "1"})
    assert late.status_code == 409
    assert Case.objects.get().reference in late.json()["message"]
    assert CaseDraft.objects.get().content == {}


def test_everybody_who_saved_the_draft_wrote_facts(
    california_officer: Any, california_coordinator: Any, baja_coordinator: Any
) -> None:
    """Even a colleague whose words are all gone is no second person for an alert of the case (U31)."""
    from alerts.gathering import content_hash
    from alerts.services import drafts as alert_drafts
    from cases import workflow

    kept = keep(california_coordinator, {"event-place": "Tecate"}).draft
    assert keep(california_officer, {"event-place": "Otay"}, seen=1, draft_id=kept.pk).merged.conflicts == []
    client = signed_in(california_officer)
    _page, hidden = page_of(client, f"/cases/drafts/{kept.pk}/")
    client.post("/cases/open/", {**TYPED, **hidden})
    case = Case.objects.get()
    assert case.abduction.place == "San Ysidro"
    assert set(case.events.filter(kind="drafted").values_list("actor", flat=True)) == {california_coordinator.pk}
    workflow.apply(case, "activate", by=california_officer)
    program = AlertProgram.objects.get(code="us-ca")
    alert = alert_drafts.start_alert(case=case, program=program, by=california_officer)
    alert_drafts.submit(alert=alert, by=california_officer)
    with pytest.raises(ActRefused):
        alert_drafts.approve(alert=alert, by=california_coordinator, seen_hash=content_hash(alert))


def test_two_people_in_one_draft_get_both_values(california_officer: Any, california_coordinator: Any) -> None:
    kept = keep(california_officer, {"event-place": "Otay", "vehicle-make": "Ford"}).draft
    mine, theirs = signed_in(california_officer), signed_in(california_coordinator)
    address = f"/cases/drafts/{kept.pk}/"
    _page, my_hidden = page_of(mine, address)
    _page, their_hidden = page_of(theirs, address)
    theirs.post(reverse("cases:draft-save"), {**their_hidden, "event-place": "Tecate", "vehicle-make": "Ford",
                                              "vehicle-model": "Ranger"})  # fmt: skip
    sent = {**my_hidden, "event-place": "San Diego", "vehicle-make": "Dodge"}
    told = mine.post(reverse("cases:draft-save"), sent)
    assert (told.status_code, told.json()) == (409, {"conflicts": ["event-place"]})
    shown = mine.post("/cases/open/", {**sent, "save_draft": "1"})
    assert shown.status_code == 422
    page = html.fromstring(shown.text)
    assert page.xpath('//*[@name="conflict"]/@value') == ["event-place"]
    words = " ".join(page.xpath('//section[@aria-labelledby="conflicts"]')[0].text_content().split())
    assert "San Diego" in words and "Tecate" in words and california_coordinator.full_name in words
    assert page.xpath('//*[@name="vehicle-model"]/@value') == ["Ranger"], "what only one side changed goes together"
    assert page.xpath('//*[@name="vehicle-make"]/@value') == ["Dodge"]
    kept.refresh_from_db()
    assert kept.content["event-place"] == ["Tecate"], "nothing was written yet"
    sent = {**sent, "vehicle-model": "Ranger", "draft_version": "2", "conflict": "event-place", "save_draft": "1",
            "nonce": "other"}  # fmt: skip
    assert mine.post("/cases/open/", sent).status_code == 422, "a choice is needed"
    assert mine.post("/cases/open/", {**sent, "choose-event-place": "theirs"}).status_code == 302
    kept.refresh_from_db()
    assert (kept.content["event-place"], kept.content["vehicle-make"], kept.content["vehicle-model"]) == (
        ["Tecate"], ["Dodge"], ["Ranger"]
    )  # fmt: skip


def test_draft_of_another_agency_cannot_be_seen_saved_or_discarded(
    california_officer: Any, california_legal: Any, baja_coordinator: Any
) -> None:
    kept = keep(california_officer, {"event-place": "Otay"}).draft
    for person in (baja_coordinator, california_legal):
        assert signed_in(person).get(f"/cases/drafts/{kept.pk}/").status_code == 404
        assert signed_in(person).get("/cases/").text.count(str(kept.pk)) == 0
        with pytest.raises(NotPermitted):
            discard_draft(draft=kept, by=person)
    client, save = signed_in(baja_coordinator), reverse("cases:draft-save")
    own = {"agency": Agency.objects.get(code="mx-bcn-amber").pk, "event-place": "Stolen"}
    unknown = str(uuid7())
    for seen in ("0", "1"):
        mine, theirs = (
            client.post(save, {**own, "draft": draft, "draft_version": seen}) for draft in (unknown, str(kept.pk))
        )
        assert theirs.status_code == 409
        if seen == "1":  # answered as if there were no such draft, for there is none to this agency
            assert (mine.status_code, mine.content) == (theirs.status_code, theirs.content)
        unknown = str(uuid7())
    form = {**own, "draft": str(kept.pk), "draft_version": "1", "nonce": NONCE}
    assert client.post("/cases/open/", {**form, "save_draft": "1"}).status_code == 409
    assert client.post("/cases/open/", {**form, "nonce": "n"}).status_code == 302  # a case of their own
    kept.refresh_from_db()
    assert kept.content == {"event-place": ["Otay"]}
    assert kept.case is None
    assert [case.lead_agency.code for case in Case.objects.all()] == ["mx-bcn-amber"]


def test_discarding_asks_first_and_leaves_nothing_typed(california_officer: Any, california_coordinator: Any) -> None:
    kept = keep(california_officer, TYPED).draft
    client = signed_in(california_coordinator)
    address = reverse("cases:draft-discard", args=[kept.pk])
    assert "Ximena De la Cruz" in client.get(address).text
    assert CaseDraft.objects.exists()
    assert client.post(address, {"nonce": NONCE}).status_code == 302
    assert not CaseDraft.objects.exists() and not CaseDraftVersion.objects.exists()
    late = signed_in(california_officer).post(
        reverse("cases:draft-save"), {**TYPED, "draft": str(kept.pk), "draft_version": "1"}
    )
    assert late.status_code == 409
    assert "Ximena" not in str(list(AuditEvent.objects.values("detail", "field_names", "object_ids")))


def test_draft_holds_only_fields_of_the_page(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    client.post(reverse("cases:draft-save"), {**hidden, "event-place": "Otay", "password": "x", "evil": "y\0z"})
    assert CaseDraft.objects.get().content == {"event-place": ["Otay"], "agency": [hidden["agency"]]}
    assert "draft" not in IntakeForms(california_officer).names()


def test_success_says_when_it_was_received_by_the_readers_clock(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    text = client.get(client.post("/cases/open/", {**TYPED, **hidden})["Location"]).text
    assert re.search(r"The case was opened\. Received \d\d:\d\d:\d\d \(your time\)\.", text)


@pytest.mark.parametrize(
    ("chosen", "zone"), [("America/Los_Angeles", "America/Ojinaga"), ("America/Denver", "America/Denver")]
)
def test_proposed_zone_gives_way_to_that_of_a_known_place(chosen: str, zone: str, california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    place = {"event-place": "Ojinaga", "event-subdivision": "MX-CHH", "event-time_zone": chosen}
    assert client.post("/cases/open/", {**TYPED, **hidden, **place}).status_code == 302
    assert Case.objects.get().abduction.time_zone == zone


@pytest.mark.parametrize(("place", "is_said"), [("San Diego", False), ("Rancho Sin Nombre", True), ("", True)])
def test_zone_taken_from_the_agency_is_said(place: str, is_said: bool, california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    where = {"event-place": place, "event-subdivision": "US-CA", "event-time_zone": "America/Los_Angeles"}
    answer = client.post("/cases/open/", {**TYPED, **hidden, **where})
    assert ("does not know the time zone" in client.get(answer.url).text) == is_said
