"""Telephones and faxes of desks and tip lines: typed, stored, mended and shown (U27)."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.template import Context, Template
from django.test import Client

from agencies.models import Agency, AlertProgram
from agencies.reference_files import desk_numbers, tip_numbers
from tests.agencies.admin_pages import address, form_values

pytestmark = pytest.mark.django_db


def send(client: Client, item: Any, **changes: str) -> Any:
    where = address(type(item), "change", item.pk)
    answer = client.post(where, {**form_values(client.get(where)), **changes})
    item.refresh_from_db()
    return answer


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_staff_type_numbers_as_they_dial_them(client: Client, california_staff: Any) -> None:
    client.force_login(california_staff)
    desk = Agency.objects.get(code="us-ca-chp")
    assert send(client, desk, desk_phone="(916) 555-0199 ext. 12", desk_fax="916 555 0198").status_code == 302
    assert (desk.desk_phone, desk.desk_extension, desk.desk_fax) == ("+19165550199", "12", "+19165550198")
    assert send(client, desk, desk_phone="").status_code == 302
    assert (desk.desk_phone, desk.desk_extension) == ("", "")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"desk_phone": "555 0199"}, "desk_phone", "This is no telephone number. Write it as +1 915 555 0199."),
        ({"desk_fax": "916 555 0198 ext. 2"}, "desk_fax", "A fax number has no extension."),
    ],
)  # fmt: skip
def test_desk_refuses_what_nobody_can_dial(
    client: Client, california_staff: Any, changes: dict[str, str], field: str, words: str
) -> None:
    client.force_login(california_staff)
    desk = Agency.objects.get(code="us-ca-chp")
    before = (desk.desk_phone, desk.desk_extension, desk.desk_fax)
    assert errors_of(send(client, desk, **changes)) == {field: [words]}
    assert (desk.desk_phone, desk.desk_extension, desk.desk_fax) == before


def test_tip_line_may_be_short_but_not_from_abroad(client: Client, california_staff: Any) -> None:
    client.force_login(california_staff)
    program = AlertProgram.objects.get(code="us-ca")
    assert send(client, program, tip_phone="911", tip_phone_display="911").status_code == 302
    assert program.tip_phone == "911"
    answer = send(client, program, tip_phone="916 555 0131 ext. 4", abroad_phone="911")
    assert set(errors_of(answer)) == {"tip_phone", "abroad_phone"}


def test_number_that_nobody_could_read_stays_until_it_is_mended(client: Client, california_staff: Any) -> None:
    desk = Agency.objects.get(code="us-ca-chp")
    Agency.objects.filter(pk=desk.pk).update(desk_phone="ask the  watch")
    client.force_login(california_staff)
    page = client.get(address(Agency, "change", desk.pk)).content.decode()
    assert "“ask the  watch” could not be read as a number" in page
    listed = client.get(address(Agency, "changelist"), {"numbers": "to_mend"}).context["cl"].queryset
    assert [row.code for row in listed] == ["us-ca-chp"]
    assert send(client, desk, sight_hours="48").status_code == 302
    assert (desk.desk_phone, desk.sight_hours) == ("ask the  watch", 48)
    assert send(client, desk, desk_phone="916 555 0199").status_code == 302
    assert not client.get(address(Agency, "changelist"), {"numbers": "to_mend"}).context["cl"].queryset


@pytest.mark.parametrize("stored", ["911", "+1915555019", "+52656555019", "+1 916 555 0199", "+11155550199"])
def test_number_its_reader_refuses_is_to_be_mended_and_stops_no_other_change(
    client: Client, california_staff: Any, stored: str
) -> None:
    desk = Agency.objects.get(code="us-ca-chp")
    Agency.objects.filter(pk=desk.pk).update(desk_phone=stored, desk_fax=stored)
    client.force_login(california_staff)
    page = client.get(address(Agency, "change", desk.pk)).text
    assert page.count(f"“{stored}” could not be read as a number") == 2
    listed = client.get(address(Agency, "changelist"), {"numbers": "to_mend"}).context["cl"].queryset
    assert [row.code for row in listed] == ["us-ca-chp"]
    assert send(client, desk, sight_hours="48").status_code == 302
    assert (desk.desk_phone, desk.desk_fax, desk.sight_hours) == (stored, stored, 48)


@pytest.mark.parametrize(
    ("number", "is_phone", "is_tip"),
    [
        ("", True, True), ("911", False, True), ("*4141", False, True), ("#77", False, True), ("9", False, False),
        ("+19165550199", True, True), ("+11165550199", False, False), ("+1915555019", False, False),
        ("+526565550199", True, True), ("+5265655501", False, False), ("+5216565550199", False, False),
        ("+50255550199", True, True), ("+4930901820", True, True), ("+0493090182", False, False),
        ("+123", False, False), ("ask the watch", False, False), ("**41", False, False),
    ],
)  # fmt: skip
def test_list_to_mend_and_form_judge_a_number_alike(
    client: Client, superuser: Any, number: str, is_phone: bool, is_tip: bool
) -> None:
    client.force_login(superuser)
    judged = ((Agency, "desk_phone", is_phone), (Agency, "desk_fax", is_phone), (AlertProgram, "tip_phone", is_tip),
              (AlertProgram, "abroad_phone", is_phone))  # fmt: skip
    for model, field, is_read in judged:
        row = model.objects.get(code="us-ca-chp" if model is Agency else "us-ca")
        before = getattr(row, field)
        model.objects.filter(pk=row.pk).update(**{field: number})
        listed = client.get(address(model, "changelist"), {"numbers": "to_mend"}).context["cl"].queryset
        assert listed.filter(pk=row.pk).exists() is not is_read, field
        page = client.get(address(model, "change", row.pk)).text
        assert ("could not be read as a number" in page) is not is_read, field
        model.objects.filter(pk=row.pk).update(**{field: before})


def test_what_stood_as_typed_is_read_and_nothing_is_lost() -> None:
    desks = {"us-ca-chp": "916-555-0101 x 22", "mx-fgr-amber": "800 00 854 00", "us-tx-dps": "front desk"}
    for code, typed in desks.items():
        Agency.objects.filter(code=code).update(desk_phone=typed, desk_extension="")
    AlertProgram.objects.filter(code="us-ca").update(tip_phone="916-555-0131", abroad_phone="916-555-0131 ext 2")
    AlertProgram.objects.filter(code="ca-qc").update(tip_phone="*4141")
    import_module("agencies.migrations.0016_numbers_read").read_numbers(apps, None)
    kept = {row.code: (row.desk_phone, row.desk_extension) for row in Agency.objects.filter(code__in=desks)}
    assert kept == {
        "us-ca-chp": ("+19165550101", "22"), "mx-fgr-amber": ("+528000085400", ""), "us-tx-dps": ("front desk", ""),
    }  # fmt: skip
    program = AlertProgram.objects.get(code="us-ca")
    assert (program.tip_phone, program.abroad_phone) == ("+19165550131", "916-555-0131 ext 2")
    assert AlertProgram.objects.get(code="ca-qc").tip_phone == "*4141"


def test_reference_files_name_the_row_whose_number_is_wrong() -> None:
    row = {"code": "us-ca-chp", "country": "US", "desk_phone": "916 555 0101 x 3", "desk_fax": "916 555 0102"}
    assert desk_numbers(row) == {"desk_phone": "+19165550101", "desk_extension": "3", "desk_fax": "+19165550102"}
    with pytest.raises(ValueError, match=r"us-ca-chp: desk_fax: .*\+1 915 555 0199"):
        desk_numbers({**row, "desk_fax": "0102"})
    with pytest.raises(ValueError, match=r"us-ca: tip_phone: "):
        tip_numbers({"code": "us-ca", "country": "US", "tip_phone": "tips", "abroad_phone": "916 555 0131"})


@pytest.mark.parametrize(
    ("countries", "shown"), [("US", "(915) 555-0199"), ("MX", "+1 915 555-0199"), ("USMX", "+1 915 555-0199")]
)
def test_desk_is_shown_for_the_country_of_whoever_reads(countries: str, shown: str) -> None:
    desk = Agency(desk_phone="+19155550199", desk_extension="12", desk_fax="+19155550198", country="US")
    acting = [SimpleNamespace(country=countries[at : at + 2], is_acting=True) for at in range(0, len(countries), 2)]
    page = Template("{% load phones %}{% desk_lines desk %}").render(Context({"desk": desk, "acting_choices": acting}))
    assert page.replace("\u00a0", " ") == (
        f'<a class="nowrap" href="tel:+19155550199;ext=12">{shown}, ext. 12</a><br>'
        f'Fax <span class="nowrap">{shown[:-1]}8</span>'
    )
