"""Telephone numbers of people and notices: read as they are dialed at the case's lead agency (U27)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from lxml import html

from agencies.models import Agency
from cases.forms.records import NoticeForm
from cases.forms.rows import PersonRowForm
from cases.models import Case, ParallelNotice, Person
from tests.project.returned_forms import NONCE, assert_error_beside, signed_in

pytestmark = pytest.mark.django_db
# How the numbers of each country are written at home, and what they are; an international prefix of its own.
HOME = [
    ("US", "(915) 555-0199 ext. 12", "+19155550199", "12"), ("US", "1 915 555 0199", "+19155550199", ""),
    ("US", "011 52 656 555 0199", "+526565550199", ""), ("CA", "514-555-0199 poste 4", "+15145550199", "4"),
    ("MX", "656 555 0199", "+526565550199", ""), ("MX", "01 (656) 555 0199", "+526565550199", ""),
    ("MX", "00 1 915 555 0199", "+19155550199", ""), ("MX", "+1 915 555 0199", "+19155550199", ""),
]  # fmt: skip
SAID = {
    ("US", "en"): "As it is dialed in the United States", ("US", "es"): "Como se marca en Estados Unidos",
    ("US", "fr"): "Tel qu'on le compose aux États-Unis", ("MX", "en"): "As it is dialed in Mexico",
    ("MX", "es"): "Como se marca en México", ("MX", "fr"): "Tel qu'on le compose au Mexique",
    ("CA", "en"): "As it is dialed in Canada", ("CA", "es"): "Como se marca en Canadá",
    ("CA", "fr"): "Tel qu'on le compose au Canada",
}  # fmt: skip


def led_from(case: Case, country: str) -> Case:
    """Put the lead agency into a country; return the case as the next request reads it."""
    Agency.objects.filter(pk=case.lead_agency_id).update(country=country)
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize(("country", "typed", "number", "extension"), HOME)
def test_numbers_of_people_are_read_as_they_are_dialed_at_the_lead_agency(
    intake_case: Any, country: str, typed: str, number: str, extension: str
) -> None:
    form = PersonRowForm(
        {"role": "suspect", "sex": "U", "phone": typed}, instance=Person(case=led_from(intake_case, country))
    )
    assert form.is_valid(), form.errors
    row = form.save(commit=False)
    assert (row.phone, row.phone_extension) == (number, extension)  # type: ignore[attr-defined]
    assert {"phone", "phone_extension"} <= set(form.changed_names)


@pytest.mark.parametrize(("country", "typed", "number", "extension"), HOME)
def test_numbers_of_notices_are_read_the_same_way(
    intake_case: Any, country: str, typed: str, number: str, extension: str
) -> None:
    values = {"body": "ncb", "outcome": "sent", "contact_phone": typed, "contact_fax": typed}
    form = NoticeForm(values, instance=ParallelNotice(case=led_from(intake_case, country)))
    assert form.is_valid(), form.errors
    row = form.save(commit=False)
    assert (row.contact_phone, row.contact_extension, row.contact_fax) == (number, extension, number)


def test_number_that_is_written_another_way_is_no_change(intake_case: Any) -> None:
    person = Person(case=led_from(intake_case, "MX"), role="suspect", phone="+526565550199")
    for typed in ("656 555 0199", "+52 656 555 0199", "01 656-555-0199"):
        form = PersonRowForm({"role": "suspect", "sex": "U", "phone": typed}, instance=person)
        assert form.is_valid(), form.errors
        assert "phone" not in form.changed_names, typed


@pytest.mark.parametrize(("country", "language"), list(SAID))
def test_boxes_say_how_a_number_is_read_and_what_is_wrong(
    intake_case: Any, california_officer: Any, country: str, language: str
) -> None:
    case, client = led_from(intake_case, country), signed_in(california_officer, language)
    for address, box in (
        (reverse("cases:row-add", args=[case.pk, "person"]), "phone"),
        (reverse("cases:parallel-notice-add", args=[case.pk]), "contact_phone"),
        (reverse("cases:parallel-notice-add", args=[case.pk]), "contact_fax"),
    ):
        page = html.fromstring(client.get(address).text)
        assert SAID[country, language] in page.get_element_by_id(f"id_{box}_helptext").text_content()
        form = {"role": "suspect", "sex": "U", "body": "ncb", "outcome": "sent", box: "555 0199", "nonce": NONCE}
        answer = client.post(address, form)
        assert answer.status_code == 422
        example = {"US": "+1 915 555 0199", "MX": "+52 656 555 0199", "CA": "+1 514 555 0199"}[country]
        returned = html.fromstring(answer.text)
        assert_error_beside(returned, box, "555 0199")
        assert example in returned.get_element_by_id(f"id_{box}_error").text_content()
    assert not Person.objects.filter(case=case).exclude(phone="").exists()
    assert not ParallelNotice.objects.exists()


def test_api_reads_numbers_the_same_way(active_case: Any, california_officer: Any) -> None:
    client, case = signed_in(california_officer), led_from(active_case, "MX")

    def call(method: str, address: str, body: dict[str, Any]) -> Any:
        return getattr(client, method)(address, body, content_type="application/json")

    people, notices = (reverse(f"api:case-{name}", args=[case.pk]) for name in ("people", "parallel-notices"))
    made = call("post", people, {"phone": "656 555 0199 ext 4"})
    assert made.status_code == 201, made.content
    person = Person.objects.get(pk=made.json()["id"])
    assert (person.phone, person.phone_extension) == ("+526565550199", "4")
    address = reverse("api:person-detail", args=[person.pk])
    version = made.json()["facts_version"]
    changed = call("patch", address, {"version": version, "phone": "00 1 915 555 0199", "is_correction": True})
    assert changed.status_code == 200, changed.content
    person.refresh_from_db()
    assert (person.phone, person.phone_extension) == ("+19155550199", "")
    sent = call("post", notices, {"body": "ncb", "outcome": "sent", "contact_fax": "01 656 555 0199"})
    assert sent.status_code == 201, sent.content
    notice = ParallelNotice.objects.get()
    assert notice.contact_fax == "+526565550199"
    base = {"contact_fax": "656 555 0199"}  # what was read, as it is dialed at home
    other = call(
        "patch", reverse("api:parallel-notice-detail", args=[notice.pk]), {"contact_fax": "55 5555 0199", "base": base}
    )
    assert other.status_code == 200, other.content
    notice.refresh_from_db()
    assert notice.contact_fax == "+525555550199"
    for address, field, more in (
        (people, "phone", {}), (notices, "contact_phone", {"body": "fgr", "outcome": "sent"}),
    ):  # fmt: skip
        wrong = call("post", address, {**more, field: "555 0199"})
        assert (wrong.status_code, "+52 656 555 0199" in str(wrong.json()["errors"][field])) == (400, True)
