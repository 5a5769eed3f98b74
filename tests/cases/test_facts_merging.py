"""Two people change the facts of one case: what goes together by itself, and what has to be chosen (U31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from cases.services.merging import merge
from tests.project.returned_forms import signed_in

KEPT = ("facts_version", "base")


def test_only_what_both_changed_is_a_conflict() -> None:
    base = {"a": ["1"], "b": ["1"], "c": ["1"], "d": ["1"], "many": ["x", "y"]}
    mine = {"a": ["2"], "b": ["1"], "c": ["2"], "d": ["3"], "many": ["y", "x"], "new": ["n"]}
    theirs = {"a": ["1"], "b": ["2"], "c": ["3"], "d": ["3"], "many": ["x"], "other": ["o"]}
    found = merge(base=base, mine=mine, theirs=theirs)
    assert found.conflicts == ["c"]
    assert found.values == {
        "a": ["2"], "b": ["2"], "c": ["2"], "d": ["3"], "many": ["x"], "new": ["n"], "other": ["o"]
    }  # fmt: skip
    assert found.taken == ["b", "many", "other"]


def test_what_one_side_emptied_stays_empty_and_the_other_sides_word_is_asked_for() -> None:
    assert merge(base={"a": ["1"]}, mine={"a": ["1"]}, theirs={}).values == {}
    assert merge(base={"a": ["1"]}, mine={}, theirs={"a": ["1"]}).values == {}
    assert merge(base={"a": ["1"]}, mine={}, theirs={"a": ["2"]}).conflicts == ["a"]


class Editor:
    """Somebody with the page of the facts open."""

    def __init__(self, person: Any, case: Any) -> None:
        self.client = signed_in(person)
        self.address = reverse("cases:case-facts", args=[case.pk])
        self.read(self.client.get(self.address).text)

    def read(self, text: str) -> None:
        """Take the form as a browser has it."""
        self.page = html.fromstring(text)
        form = self.page.xpath('//form[.//input[@name="facts_version"]]')[0]
        self.sent: dict[str, Any] = {}
        for name, value in form.form_values():
            self.sent.setdefault(name, []).append(value)

    def save(self, **changes: Any) -> Any:
        """Send the form with changes."""
        return self.client.post(self.address, {**self.sent, **{name.replace("__", "-"): value
                                                               for name, value in changes.items()}})  # fmt: skip


@pytest.mark.django_db
def test_changes_of_different_fields_go_together(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    mine, theirs = Editor(california_officer, intake_case), Editor(california_coordinator, intake_case)
    assert theirs.save(vehicle__plate="8ABC123", child__hair="BLK").status_code == 302
    assert mine.save(event__place="Chula Vista").status_code == 302
    intake_case.abduction.refresh_from_db()
    assert (intake_case.abduction.place, intake_case.vehicles.get().plate, intake_case.children.get().hair) == (
        "Chula Vista", "8ABC123", "BLK"
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("choice", "kept"), [("mine", "9ZZZ999"), ("theirs", "8ABC123")])
def test_both_values_of_one_field_are_shown_and_one_is_chosen(
    choice: str, kept: str, intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    mine, theirs = Editor(california_officer, intake_case), Editor(california_coordinator, intake_case)
    theirs.save(vehicle__plate="8ABC123", vehicle__color="RED", child__hair="BLK")
    answer = mine.save(vehicle__plate="9ZZZ999", vehicle__color="BLK", event__place="Chula Vista")
    assert answer.status_code == 422
    mine.read(answer.text)
    section = " ".join(mine.page.xpath('//section[@aria-labelledby="conflicts"]')[0].text_content().split())
    for word in ("8ABC123", "9ZZZ999", "Red", "Black", california_coordinator.full_name):
        assert word in section, word
    assert mine.page.xpath('//*[@name="conflict"]/@value') == ["vehicle-color", "vehicle-plate"]
    assert mine.sent["event-place"] == ["Chula Vista"] and mine.sent["child-hair"] == ["BLK"]
    intake_case.refresh_from_db()
    assert intake_case.vehicles.get().plate == "8ABC123", "nothing was written yet"
    again = mine.save(**{"choose__vehicle-plate": choice})
    assert again.status_code == 422, "the other field has no choice yet"
    mine.read(again.text)
    done = mine.save(**{"choose__vehicle-plate": choice, "choose__vehicle-color": "theirs"})
    assert done.status_code == 302
    vehicle = intake_case.vehicles.get()
    assert (vehicle.plate, vehicle.color, intake_case.children.get().hair) == (kept, "RED", "BLK")
    intake_case.abduction.refresh_from_db()
    assert intake_case.abduction.place == "Chula Vista"


@pytest.mark.django_db
def test_lapsed_sign_in_comes_back_to_the_form_as_typed(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    editor = Editor(california_officer, intake_case)
    session = editor.client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).timestamp()
    session.save()
    sent_away = editor.save(event__place="Chula Vista")
    assert (sent_away.status_code, sent_away["Location"]) == (302, f"/login/?next={editor.address}")
    back = editor.client.post(sent_away["Location"], {
        "username": california_officer.email, "password": "correct horse battery staple"})  # fmt: skip
    assert back["Location"] == editor.address
    page = editor.client.get(editor.address)
    assert "What you had typed is below" in page.text
    editor.read(page.text)
    assert editor.sent["event-place"] == ["Chula Vista"]
    intake_case.abduction.refresh_from_db()
    assert intake_case.abduction.place == "San Diego", "nothing was sent by itself"
    assert editor.save().status_code == 302
    intake_case.abduction.refresh_from_db()
    assert intake_case.abduction.place == "Chula Vista"
    assert "What you had typed" not in editor.client.get(editor.address).text


@pytest.mark.django_db
def test_what_somebody_typed_is_not_shown_to_the_next_at_the_desk(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    editor = Editor(california_officer, intake_case)
    session = editor.client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).timestamp()
    session.save()
    sent_away = editor.save(event__place="Chula Vista")
    editor.client.post(sent_away["Location"], {
        "username": california_coordinator.email, "password": "correct horse battery staple"})  # fmt: skip
    text = editor.client.get(editor.address).text
    assert "Chula Vista" not in text and "San Diego" in text
