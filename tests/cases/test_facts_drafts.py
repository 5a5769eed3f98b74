"""What is typed into the facts is kept for the agency until it is sent: a closed tab loses nothing (U31, U32)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from agencies.models import AuditEvent
from cases.models import FactsDraft
from tests.cases.test_facts_merging import Editor
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


class Typist(Editor):
    """Somebody whose page saves itself while they type."""

    def type(self, **changes: Any) -> dict[str, Any]:
        """Change fields and let the page save itself, as its script does."""
        self.sent |= {name.replace("__", "-"): value for name, value in changes.items()}
        answer = self.client.post(f"{self.address}drafts/save/", self.sent)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        self.sent["draft_version"] = told["version"]
        self.sent["draft"] = told.get("draft", self.sent["draft"])
        return told

    def come_back(self, **query: Any) -> None:
        """Open the page in a new tab."""
        self.read(self.client.get(self.address, query).text)


def test_closed_tab_loses_nothing_and_the_colleague_can_go_on(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    typist = Typist(california_officer, intake_case)
    saved = typist.type(event__place="Chula Vista")
    assert saved["version"] == 1 and saved["at"].count(":") == 2
    intake_case.abduction.refresh_from_db()
    assert intake_case.abduction.place == "San Diego", "a draft is no fact"
    typist.come_back()
    assert typist.sent["event-place"] == ["Chula Vista"]
    colleague = Typist(california_coordinator, intake_case)
    assert colleague.sent["event-place"] == ["San Diego"], "nobody's typing is put into a colleague's page unasked"
    draft = FactsDraft.objects.get()
    assert f"?draft={draft.pk}" in colleague.client.get(colleague.address).text
    assert f"?draft={draft.pk}" in colleague.client.get(reverse("cases:case-detail", args=[intake_case.pk])).text
    colleague.come_back(draft=draft.pk)
    assert colleague.sent["event-place"] == ["Chula Vista"]
    assert colleague.save(child__hair="BLK").status_code == 302
    intake_case.abduction.refresh_from_db()
    assert (intake_case.abduction.place, intake_case.children.get().hair) == ("Chula Vista", "BLK")
    assert not FactsDraft.objects.exists()
    assert intake_case.events.filter(kind="drafted", actor=california_officer).exists(), "who typed is an author"


def test_saving_again_and_again_is_one_draft_and_a_late_save_brings_nothing_back(
    intake_case: Any, california_officer: Any
) -> None:
    typist = Typist(california_officer, intake_case)
    for place in ("C", "Ch", "Chula Vista"):
        typist.type(event__place=place)
    assert (FactsDraft.objects.get().version, FactsDraft.objects.count()) == (3, 1)
    again = typist.client.post(f"{typist.address}drafts/save/", {**typist.sent, "draft_version": 1}).json()
    assert (again["version"], FactsDraft.objects.count()) == (3, 1), "the answer to the last save was lost on the way"
    assert typist.save().status_code == 302
    late = typist.client.post(f"{typist.address}drafts/save/", typist.sent).json()
    assert late["version"] == 0 and not FactsDraft.objects.exists()


def test_nothing_typed_or_typed_back_is_no_draft(intake_case: Any, california_officer: Any) -> None:
    typist = Typist(california_officer, intake_case)
    assert typist.type()["version"] == 0
    typist.type(event__place="Chula Vista")
    assert typist.type(event__place="San Diego")["version"] == 0
    assert not FactsDraft.objects.exists()


def test_two_pages_never_write_over_each_others_draft(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    first = Typist(california_officer, intake_case)
    first.type(event__place="Chula Vista")
    second = Typist(california_coordinator, intake_case)
    second.come_back(draft=FactsDraft.objects.get().pk)
    second.type(event__place="Otay Mesa")
    first.type(child__hair="BLK")
    kept = {draft.saved_by: draft.content["event-place"] for draft in FactsDraft.objects.all()}
    assert kept == {california_coordinator: ["Otay Mesa"], california_officer: ["Chula Vista"]}
    assert first.save().status_code == 302
    assert [draft.saved_by for draft in FactsDraft.objects.all()] == [california_coordinator], "hers is not sent yet"


def test_what_changed_meanwhile_is_put_beside_the_draft(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    typist = Typist(california_officer, intake_case)
    typist.type(event__place="Chula Vista", child__hair="BLK")
    assert (
        Editor(california_coordinator, intake_case).save(event__place="Otay", vehicle__color="RED").status_code == 302
    )
    typist.come_back()
    assert typist.page.xpath('//*[@name="conflict"]/@value') == ["event-place"]
    section = typist.page.xpath('//section[@aria-labelledby="conflicts"]')[0].text_content()
    assert "Chula Vista" in section and "Otay" in section and california_coordinator.full_name in section
    assert typist.sent["vehicle-color"] == ["RED"] and typist.sent["child-hair"] == ["BLK"]
    assert typist.save(**{"choose__event-place": "mine"}).status_code == 302
    intake_case.abduction.refresh_from_db()
    assert (intake_case.abduction.place, intake_case.vehicles.get().color) == ("Chula Vista", "RED")


def test_draft_is_discarded_after_asking(intake_case: Any, california_officer: Any) -> None:
    typist = Typist(california_officer, intake_case)
    typist.type(event__place="Chula Vista")
    draft = FactsDraft.objects.get()
    address = reverse("cases:facts-draft-discard", args=[intake_case.pk, draft.pk])
    assert address in typist.client.get(typist.address).text
    nonce = html.fromstring(typist.client.get(address).text).xpath('//main//input[@name="nonce"]/@value')[0]
    assert typist.client.post(address, {"nonce": nonce}).status_code == 302
    assert not FactsDraft.objects.exists()
    typist.come_back()
    assert typist.sent["event-place"] == ["San Diego"]


def test_only_the_lead_agency_keeps_and_sees_drafts(
    sent_request: Any, california_officer: Any, california_legal: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    case = sent_request.case
    typist = Typist(california_officer, case)
    typist.type(event__place="Chula Vista")
    draft = FactsDraft.objects.get()
    for person in (california_legal, baja_coordinator, quebec_coordinator):
        client = signed_in(person)
        assert client.post(f"{typist.address}drafts/save/", typist.sent).status_code == 404
        assert client.get(reverse("cases:facts-draft-discard", args=[case.pk, draft.pk])).status_code == 404
        assert not FactsDraft.objects.visible_to(person).exists()
        assert "Chula Vista" not in client.get(reverse("cases:case-detail", args=[case.pk])).text


def test_draft_of_an_ended_case_and_of_too_much_text_is_refused(active_case: Any, california_officer: Any) -> None:
    from cases import workflow

    typist = Typist(california_officer, active_case)
    address = f"{typist.address}drafts/save/"
    much = {**typist.sent, "event-circumstances": "x" * 500_000}
    assert typist.client.post(address, much).status_code == 409
    assert typist.client.post(address, {**typist.sent, "base": "{"}).status_code == 422
    workflow.apply(active_case, "close_as_hoax", by=california_officer)
    answer = typist.client.post(address, {**typist.sent, "event-place": "Otay"})
    assert answer.status_code == 409 and answer.json()["message"]
    assert not FactsDraft.objects.exists()


def test_audit_names_fields_and_no_value(intake_case: Any, california_officer: Any) -> None:
    Typist(california_officer, intake_case).type(child__given_names="Ermenegilda")
    event = AuditEvent.objects.get(action="factsdraft.saved")
    assert "child-given_names" in event.field_names
    assert "Ermenegilda" not in str(list(AuditEvent.objects.values()))


def test_errors_of_every_section_stand_at_the_top_and_lead_to_their_fields(
    intake_case: Any, california_officer: Any
) -> None:
    editor = Editor(california_officer, intake_case)
    answer = editor.save(vehicle__year="19", child__age_years="400", event__time_zone="")
    assert answer.status_code == 422
    editor.read(answer.text)
    (summary,) = editor.page.xpath('//*[contains(@class, "error-summary")][@role="alert"]')
    targets = [href.removeprefix("#") for href in summary.xpath(".//a/@href")]
    assert {"id_vehicle-year", "id_child-age_years"} <= set(targets)
    for target in targets:
        assert len(editor.page.xpath(f'//*[@id="{target}"]')) == 1, target
    first_section = editor.page.xpath('//form//section[@aria-labelledby="event"]')[0]
    assert summary.getparent().index(summary) < first_section.getparent().index(first_section)
