"""Distinguishing marks and skin: entered as codes on every page of facts, read in the reader's words (domain §4.2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from lxml import html

from alerts.services import drafts
from alerts.sheet_content import request_sheet
from cases.forms.proposals import corrected, show_proposals
from cases.models import Case, Child, CorrectionProposal
from cases.services.corrections import accept_correction
from tests.cases import test_api as api
from tests.cases.test_facts_merging import Editor
from tests.cases.test_intake import TYPED, page_of
from tests.cases.test_rows_merging import RowEditor
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db
SCAR = {"kind": "scar", "location": "left_cheek"}
GLASSES = {"kind": "glasses", "location": ""}


@pytest.fixture
def marked(sent_request: Any) -> Any:
    """A request about a child with a scar, and a suspect with a beard."""
    Child.objects.filter(case=sent_request.case).update(marks=[SCAR, {"kind": "glasses"}], skin="OLV")
    sent_request.case.people.update(marks=[{"kind": "beard"}], skin="FAR")
    return sent_request


def test_intake_keeps_marks_and_skin_of_child_and_suspect(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    more = {
        "child-mark_1": "scar", "child-location_1": "left_cheek", "child-mark_2": "glasses", "child-skin": "OLV",
        "suspect-mark_1": "tattoo", "suspect-location_1": "neck", "suspect-eyes": "BRO", "suspect-skin": "FAR",
    }  # fmt: skip
    assert client.post("/cases/open/", {**TYPED, **hidden, **more}).status_code == 302
    case = Case.objects.get()
    child, suspect = case.children.get(), case.people.get()
    assert (child.marks, child.skin) == ([SCAR, GLASSES], "OLV")
    assert (suspect.marks, suspect.skin, suspect.eyes) == ([{"kind": "tattoo", "location": "neck"}], "FAR", "BRO")


def test_a_mark_alone_is_a_person_and_a_place_alone_is_an_error(california_officer: Any) -> None:
    client = signed_in(california_officer)
    _page, hidden = page_of(client)
    told = {"suspect-given_names": "", "suspect-mark_1": "beard"}
    answer = client.post("/cases/open/", {**TYPED, **hidden, **told, "child-location_2": "neck"})
    assert answer.status_code == 422
    assert_error_beside(html.fromstring(answer.text), "child-mark_2", "")
    assert client.post("/cases/open/", {**TYPED, **hidden, **told}).status_code == 302
    assert Case.objects.get().people.get().marks == [{"kind": "beard", "location": ""}]


def test_facts_page_changes_one_mark_and_leaves_what_it_does_not_show(
    intake_case: Any, california_officer: Any
) -> None:
    many = [SCAR, *({"kind": "mole", "location": place} for place in ("neck", "chin", "back", "chest"))]
    worn = [{"item": "shorts", "colors": ["red", "white"]}]
    intake_case.children.update(marks=many, clothing=worn)
    editor = Editor(california_officer, intake_case)
    assert editor.save(child__location_1="right_cheek", child__color_1="blue").status_code == 302
    child = intake_case.children.get()
    assert child.marks == [{"kind": "scar", "location": "right_cheek"}, *many[1:]]
    assert child.clothing == [{"item": "shorts", "colors": ["blue", "white"]}]
    fields = intake_case.events.filter(kind="facts_changed").latest("at").detail["fields"]
    assert fields == ["child.clothing", "child.marks"]


def test_two_people_change_marks_field_by_field(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    intake_case.children.update(marks=[SCAR])
    mine, theirs = Editor(california_officer, intake_case), Editor(california_coordinator, intake_case)
    assert theirs.save(child__location_1="right_cheek").status_code == 302
    answer = mine.save(child__location_1="chin", child__mark_2="glasses")
    assert answer.status_code == 422
    for words in ("Chin", "Right cheek", california_coordinator.full_name):
        assert words in answer.text
    mine.read(answer.text)
    assert mine.save(**{"choose-child-location_1": "mine"}).status_code == 302
    assert intake_case.children.get().marks == [{"kind": "scar", "location": "chin"}, GLASSES]


@pytest.mark.parametrize("kind", ["child", "person"])
def test_row_page_adds_and_takes_marks_away(kind: str, active_case: Any, california_officer: Any) -> None:
    row = (active_case.children if kind == "child" else active_case.people).get()
    editor = RowEditor(california_officer, reverse("cases:row-change", args=[active_case.pk, kind, row.pk]))
    answer = editor.save(mark_1="scar", location_1="left_cheek", mark_3="glasses", skin="OLV", is_correction="True")
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.marks, row.skin) == ([SCAR, GLASSES], "OLV")
    editor.read(editor.client.get(editor.address).text)
    assert (editor.sent["mark_2"], editor.sent["location_1"]) == (["glasses"], ["left_cheek"])
    assert editor.save(mark_1="", location_1="", is_correction="True").status_code == 302
    row.refresh_from_db()
    assert row.marks == [GLASSES]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Scar (left cheek); Glasses", "Beard", "Olive")),
     ("es", ("Señas particulares", "Cicatriz (mejilla izquierda); Lentes", "Barba", "Aceitunada")),
     ("fr", ("Signes distinctifs", "Cicatrice (joue gauche); Lunettes", "Barbe", "Olivâtre"))],
)  # fmt: skip
def test_case_decision_and_sheet_name_marks_and_skin(
    language: str, words: tuple[str, ...], marked: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    places = [(california_officer, "cases:case-detail", marked.case_id),
              (baja_coordinator, "alerts:request-detail", marked.pk)]  # fmt: skip
    for person, route, key in places:
        person.language = language
        person.save()
        text = signed_in(person).get(reverse(route, args=[key])).text
        assert [said for said in words if said not in text] == []
    sheet = request_sheet(marked, language, california_officer)
    said = "\n".join(f"{label} {value}" for part in sheet.sections for label, value in part.rows)
    assert [wanted for wanted in words if wanted not in said] == []


def test_approval_page_names_marks(draft_alert: Any, baja_coordinator: Any, baja_approver: Any) -> None:
    drafts.submit(alert=draft_alert, by=baja_coordinator)
    draft_alert.case.children.update(marks=[SCAR])
    text = signed_in(baja_approver).get(reverse("alerts:alert-approval", args=[draft_alert.pk])).text
    assert "Cicatriz (mejilla izquierda)" in text


def test_asked_agency_proposes_another_mark_and_the_lead_takes_it_over(
    marked: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case, child = marked.case, marked.case.children.get()
    client = signed_in(baja_coordinator)
    assert "Cicatriz" in client.get(reverse("cases:correction-list", args=[case.pk])).text
    address = reverse("cases:correction-propose", args=[case.pk, "child", child.pk, "marks"])
    assert 'name="fact-location_4"' in client.get(address).text
    now = {"fact-mark_1": "scar", "fact-location_1": "left_cheek", "fact-mark_2": "glasses", "reason": "Cámara"}
    for wrong in (now, {**now, "fact-mark_1": "", "fact-mark_2": ""}, {**now, "fact-mark_1": "horns"}):
        assert client.post(address, {**wrong, "nonce": NONCE}).status_code == 422, wrong
    assert client.post(address, {**now, "fact-location_1": "chin", "nonce": NONCE}).status_code == 302
    kept = CorrectionProposal.objects.get()
    assert (kept.before, kept.value) == (["scar left_cheek", "glasses"], ["scar chin", "glasses"])
    with translation.override("fr"):
        (shown,) = show_proposals([kept])
    assert (shown.now, shown.proposed) == ("Cicatrice (Joue gauche); Lunettes", "Cicatrice (Menton); Lunettes")
    row, names = corrected(kept)
    accept_correction(proposal=kept, by=california_officer, row=row, names=names)
    child.refresh_from_db()
    assert (names, child.marks) == (["marks"], [{"kind": "scar", "location": "chin"}, GLASSES])


def test_marks_are_proposed_by_api(marked: Any, baja_coordinator: Any) -> None:
    child = marked.case.children.get()
    body = {"subject_type": "child", "subject_id": str(child.pk), "field_name": "marks", "reason": "Cámara"}
    client, address = api.signed_in(baja_coordinator), api.url("case-corrections", marked.case_id)
    for wrong in (["scar left_cheek", "glasses"], ["horns"], [" chin"], ["scar"] * 5):
        assert client.post(address, {**body, "value": wrong}).status_code == 400, wrong
    answer = client.post(address, {**body, "value": ["scar chin"]})
    assert answer.status_code == 201, answer.content
    assert CorrectionProposal.objects.get().value == ["scar chin"]
