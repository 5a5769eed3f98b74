"""Two people change one row: field by field on every page of a row, as on the page of the facts (U31)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from cases.models import ParallelNotice, TravelLeg
from cases.services.facts import record_facts
from cases.services.records import record_notice
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


class RowEditor:
    """Somebody with the page of a row open."""

    def __init__(self, person: Any, address: str) -> None:
        self.client, self.address = signed_in(person), address
        self.read(self.client.get(address).text)

    def read(self, text: str) -> None:
        """Take the form as a browser has it."""
        self.page = html.fromstring(text)
        form = self.page.xpath('//main//form[.//input[@name="nonce"]]')[0]
        self.sent: dict[str, Any] = {}
        for name, value in form.form_values():
            self.sent.setdefault(name, []).append(value)

    def save(self, **changes: Any) -> Any:
        """Send the form with changes."""
        return self.client.post(self.address, {**self.sent, **changes})

    def conflicts(self, answer: Any) -> list[str]:
        """Return the names of the fields that have to be chosen, of a page that came back."""
        assert answer.status_code == 422, answer.status_code
        self.read(answer.text)
        found: list[str] = self.page.xpath('//*[@name="conflict"]/@value')
        return found


@pytest.fixture
def rows(active_case: Any, california_officer: Any) -> dict[str, Any]:
    """Return a row of each kind that has a page."""
    leg = TravelLeg(mode="bus", carrier="Greyhound", route="1204", to_place="El Paso")
    record_facts(case=active_case, by=california_officer, items=[(leg, ["mode"])])
    return {
        "child": active_case.children.get(), "person": active_case.people.get(), "vehicle": active_case.vehicles.get(),
        "leg": leg, "crossing": active_case.crossingindications.get(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "field", "values", "other", "value"),
    [("child", "hair", ("BLK", "BLN"), "eyes", "GRN"), ("person", "hair", ("BLK", "BLN"), "height_cm", "181"),
     ("vehicle", "make", ("Kia", "Seat"), "model", "Rio"), ("leg", "route", ("1", "2"), "ticket", "A-17"),
     ("crossing", "confidence", ("likely", "confirmed"), "crossing_point", "bridge_of_the_americas")],
)  # fmt: skip
def test_row_is_merged_field_by_field(
    kind: str, field: str, values: tuple[str, str], other: str, value: str, rows: dict[str, Any], active_case: Any,
    california_officer: Any, california_coordinator: Any,
) -> None:  # fmt: skip
    row = rows[kind]
    address = reverse("cases:row-change", args=[active_case.pk, kind, row.pk])
    mine, theirs = RowEditor(california_officer, address), RowEditor(california_coordinator, address)
    assert theirs.save(**{field: values[1]}).status_code == 302
    assert mine.save(**{other: value}).status_code == 302, "different fields go together by themselves"
    row.refresh_from_db()
    assert (str(getattr(row, field)), str(getattr(row, other))) == (values[1], value)
    mine, theirs = RowEditor(california_officer, address), RowEditor(california_coordinator, address)
    assert theirs.save(**{field: ""}).status_code == 302
    answer = mine.save(**{field: values[0]})
    assert mine.conflicts(answer) == [field]
    text = mine.page.xpath('//section[@aria-labelledby="conflicts"]')[0].text_content()
    assert california_coordinator.full_name in text
    row.refresh_from_db()
    assert getattr(row, field) == "", "nothing was saved yet"
    assert mine.save(**{f"choose-{field}": "mine"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == values[0]


def test_place_in_detail_is_merged(active_case: Any, california_officer: Any, california_coordinator: Any) -> None:
    address = reverse("cases:place-detail", args=[active_case.pk])
    mine, theirs = RowEditor(california_officer, address), RowEditor(california_coordinator, address)
    assert theirs.save(road="I-5").status_code == 302
    assert mine.save(neighborhood="Otay").status_code == 302
    mine.read(mine.client.get(address).text)
    theirs.read(theirs.client.get(address).text)
    theirs.save(road="I-805")
    answer = mine.save(road="SR-905")
    assert mine.conflicts(answer) == ["road"]
    assert mine.save(**{"choose-road": "theirs"}).status_code == 302
    active_case.abduction.refresh_from_db()
    assert (active_case.abduction.road, active_case.abduction.neighborhood) == ("I-805", "Otay")


def test_error_keeps_what_the_page_began_with(
    active_case: Any, rows: dict[str, Any], california_officer: Any, california_coordinator: Any
) -> None:
    address = reverse("cases:row-change", args=[active_case.pk, "vehicle", rows["vehicle"].pk])
    mine, theirs = RowEditor(california_officer, address), RowEditor(california_coordinator, address)
    mine.read(mine.save(year="19").text)
    theirs.save(make="Seat")
    answer = mine.save(year="2019", make="Kia")
    assert mine.conflicts(answer) == ["make"]


def test_notice_is_merged_between_two_agencies(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case = sent_request.case
    notice = record_notice(case=case, by=california_officer, notice=ParallelNotice(body="ncb", outcome="sent"))
    address = reverse("cases:parallel-notice-change", args=[case.pk, notice.pk])
    mine, theirs = RowEditor(california_officer, address), RowEditor(baja_coordinator, address)
    assert theirs.save(outcome="received").status_code == 302
    assert mine.save(reference="Y-7").status_code == 302
    notice.refresh_from_db()
    assert (notice.outcome, notice.reference, notice.body) == ("received", "Y-7", "ncb")
    mine, theirs = RowEditor(california_officer, address), RowEditor(baja_coordinator, address)
    theirs.save(outcome="in_force")
    assert mine.conflicts(mine.save(outcome="refused")) == ["outcome"]
    assert baja_coordinator.full_name in mine.page.text_content()
    assert mine.save(**{"choose-outcome": "theirs"}).status_code == 302
    notice.refresh_from_db()
    assert notice.outcome == "in_force"
