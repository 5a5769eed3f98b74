"""People from a table: looked at first, then taken in whole, once, within one's own agency (U36)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from agencies.models import Agency, AuditEvent, Membership, User
from agencies.people_import import plan_of, take_in
from agencies.refusals import ActRefused
from agencies.services import grant_membership
from agencies.tables_read import TableRefused, text_of

pytestmark = pytest.mark.django_db
HEAD = "email,full_name,language,reads_languages,time_zone,agency,role,valid_until\n"
NEW = "nina.nueva@california.example,Nina Núñez de la O,en,en es,,us-ca-chp,duty_officer,\n"


def address() -> str:
    return reverse("admin:agencies_user_import")


def table(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", text if isinstance(text, bytes) else text.encode(), "text/csv")


def look(client: Any, text: str | bytes) -> Any:
    return client.post(address(), {"table": table(text)})


def take(client: Any, page: Any, **changed: str) -> Any:
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page.text) for name in ("nonce", "seal")}
    sent = {name: match[1] for name, match in found.items() if match} | {"text": page.context["text"]}
    return client.post(address(), sent | changed)


def outcomes(text: str, by: Any) -> list[str]:
    return [row.outcome for row in plan_of(HEAD + text, by=by).rows]


def reason(text: str, by: Any, head: str = HEAD) -> str:
    row = plan_of(head + text, by=by).rows[-1]
    assert row.outcome == "refused", row
    return row.reason


@pytest.fixture
def staff(client: Any, california_staff: Any) -> Any:
    client.force_login(california_staff)
    return client


def test_looking_does_nothing_and_taking_in_does_it_once(staff: Any, california_staff: Any) -> None:
    before = User.objects.count(), Membership.objects.count(), AuditEvent.objects.filter(action="user.added").count()
    page = look(staff, HEAD + NEW)
    assert page.status_code == 200
    assert "Nina Núñez de la O" in page.text
    assert (User.objects.count(), Membership.objects.count(), before[2]) == before
    assert AuditEvent.objects.get(action="people.import_looked_at").detail == {"rows": 1, "refused": 0}
    first = take(staff, page)
    assert (first.status_code, first["Location"]) == (302, reverse("admin:agencies_user_changelist"))
    person = User.objects.get(email="nina.nueva@california.example")
    assert (person.full_name, person.reads_languages) == ("Nina Núñez de la O", ["en", "es"])
    assert person.time_zone == Agency.objects.get(code="us-ca-chp").time_zone
    assert not person.has_usable_password()
    assert not person.is_staff
    assert [(row.agency.code, row.role) for row in person.memberships.all()] == [("us-ca-chp", "duty_officer")]
    assert take(staff, page)["Location"] == first["Location"]
    assert User.objects.count() == before[0] + 1
    event = AuditEvent.objects.get(action="people.imported")
    assert (event.object_ids, event.actor_id) == ([str(person.pk)], california_staff.pk)
    assert "Nina" not in str([event.detail, event.field_names])
    assert AuditEvent.objects.filter(action__in=("user.added", "membership.granted"),
                                     actor_id=california_staff.pk).count() == 2  # fmt: skip


def test_changed_and_unchanged_rows(staff: Any, california_staff: Any, california_officer: Any) -> None:
    row = f"{california_officer.email.upper()},{{}},,,,,duty_officer,\n"
    assert outcomes(row.format(california_officer.full_name), california_staff) == ["same"]
    assert outcomes(row.format("Casey Otro"), california_staff) == ["changed"]
    assert outcomes(f"{california_officer.email},,,,,,legal_advisor,\n", california_staff) == ["changed"]
    page = look(staff, HEAD + row.format("Casey Otro"))
    assert take(staff, page).status_code == 302
    california_officer.refresh_from_db()
    assert california_officer.full_name == "Casey Otro"
    assert california_officer.memberships.count() == 1
    assert AuditEvent.objects.filter(action="user.changed").latest("id").field_names == ["full_name"]


def test_staff_may_enter_the_administration_and_the_end_is_that_of_the_day(california_staff: Any) -> None:
    text = HEAD + NEW.replace("duty_officer,", "staff,2999-12-31")
    take_in(text, by=california_staff, seal=plan_of(text, by=california_staff).seal)
    person = User.objects.get(email="nina.nueva@california.example")
    assert person.is_staff
    ends = timezone.localtime(person.memberships.get().valid_until, timezone.get_fixed_timezone(-8 * 60))
    assert (ends.year, ends.month, ends.day, ends.hour) == (3000, 1, 1, 0)


@pytest.mark.parametrize("row", [
    "no-address,N,en,,,,staff,", "n@x.example,,en,,,,staff,", "n@x.example,N,,,,,staff,", "n@x.example,N,de,,,,staff,",
    "n@x.example,N,en,en de,,,staff,", "n@x.example,N,en,,Mars/Base,,staff,", "n@x.example,N,en,,,nowhere,staff,",
    "n@x.example,N,en,,,mx-bcn-amber,staff,", "n@x.example,N,en,,,,chief,", "n@x.example,N,en,,,,,",
    "n@x.example,N,en,,,,staff,2001-01-01", "n@x.example,N,en,,,,staff,31/12/2999",
    "n@x.example,N,en,,,,staff,9999-12-31",
    "n@x.example,=HYPERLINK(1),en,,,,staff,", "n@x.example,+1,en,,,,staff,", "@x,N,en,,,,staff,",
    "n@x.example,N,en,,,,staff,,more", 'n@x.example,"a\nb",en,,,,staff,', f"n@x.example,{'N' * 161},en,,,,staff,",
])  # fmt: skip
def test_row_is_refused_with_its_reason_in_three_languages(row: str, california_staff: Any) -> None:
    said = set()
    for language in ("en", "es", "fr"):
        with translation.override(language):
            said.add(reason(row + "\n", california_staff))
    assert len(said) == 3
    plan = plan_of(f"{HEAD}{NEW}{row}\n", by=california_staff)
    assert not plan.is_possible
    with pytest.raises(ActRefused):
        take_in(f"{HEAD}{NEW}{row}\n", by=california_staff, seal=plan.seal)
    assert not User.objects.filter(email__startswith="nina").exists()


def test_accounts_of_others_and_ones_own_rights_are_out_of_reach(
    california_staff: Any, california_officer: Any, baja_coordinator: Any, california_legal: Any, superuser: Any
) -> None:
    grant_membership(user=california_officer, agency=Agency.objects.get(code="us-tx-dps"), role="staff", by=None)
    grant_membership(user=superuser, agency=Agency.objects.get(code="us-ca-chp"), role="duty_officer", by=None)
    for person in (baja_coordinator, california_officer, superuser, california_staff):
        assert "not yours" in reason(f"{person.email},Somebody Else,,,,,duty_officer,\n", california_staff)
    assert reason(f"{california_staff.email},{california_staff.full_name},,,,,coordinator,\n", california_staff)
    User.objects.filter(pk=california_legal.pk).update(is_active=False)
    assert reason(f"{california_legal.email},,,,,,coordinator,\n", california_staff)


def test_same_person_twice(california_staff: Any) -> None:
    other_role = NEW.replace("duty_officer", "legal_advisor")
    assert outcomes(NEW + other_role, california_staff) == ["new", "new"]
    assert outcomes(NEW + NEW, california_staff) == ["new", "refused"]
    assert outcomes(NEW + other_role.replace("Nina", "Nora"), california_staff) == ["new", "refused"]
    text = HEAD + NEW + other_role
    take_in(text, by=california_staff, seal=plan_of(text, by=california_staff).seal)
    assert User.objects.get(email="nina.nueva@california.example").memberships.count() == 2


@pytest.mark.parametrize("content", [
    b"", b"email,full_name,role\n", b"email,role\na@b.example,staff\n", b"email,full_name,role,password\n",
    b"email,email,full_name,role\n", "email,full_name,role\na@b.example,Mu\xf1oz,staff\n".encode("latin-1"),
    (HEAD + NEW).encode("utf-16"), b"email,full_name,role\n\0", b"\x89PNG\r\n\x1a\n\0", b'email,full_name,role\n"a,b\n',
    b"x" * (256 * 1024 + 1), (HEAD + NEW * 501).encode(),
], ids=range(12))  # fmt: skip
def test_file_that_is_no_table(content: bytes, staff: Any) -> None:
    page = look(staff, content)
    assert page.status_code == 422
    assert page.context["form"].errors["table"]
    assert page.context["plan"] is None


def test_semicolons_and_a_byte_order_mark_of_excel(california_staff: Any) -> None:
    text = text_of(("\ufeff" + HEAD + NEW).replace(",", ";").replace("\n", "\r\n").encode())
    assert [row.outcome for row in plan_of(text, by=california_staff).rows] == ["new"]
    with pytest.raises(TableRefused):
        text_of(b"\xff")


def test_what_changed_since_it_was_looked_at_is_looked_at_again(staff: Any, make_user: Any) -> None:
    page = look(staff, HEAD + NEW)
    make_user("nina.nueva@california.example", "us-ca-chp", "legal_advisor")
    answer = take(staff, page)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert [row.outcome for row in answer.context["plan"].rows] == ["changed"]
    assert take(staff, page, seal="forged").status_code == 409
    assert take(staff, page, text=HEAD + NEW.replace("duty_officer", "staff")).status_code == 409
    assert not Membership.objects.filter(user__email__startswith="nina", role__in=("duty_officer", "staff")).exists()


@pytest.mark.parametrize("who", ["california_officer", "california_coordinator", "superuser"])
def test_page_is_missing_for_who_manages_nobody(request: pytest.FixtureRequest, client: Any, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    for page in (address(), reverse("admin:agencies_user_import_table")):
        assert client.get(page).status_code == 404
    assert look(client, HEAD + NEW).status_code == 404
    assert not User.objects.filter(email__startswith="nina").exists()


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_empty_table_is_one_that_would_be_taken(staff: Any, california_staff: Any, language: str) -> None:
    california_staff.language = language
    california_staff.save(update_fields=["language"])
    listed = staff.get(reverse("admin:agencies_user_changelist"))
    assert f'href="{address()}"' in listed.text
    assert reverse("admin:agencies_user_import_table") in staff.get(address()).text
    empty = staff.get(reverse("admin:agencies_user_import_table")).content.decode("utf-8")
    assert [row.outcome for row in plan_of(empty, by=california_staff).rows] == ["new"]


def test_cost_of_looking_does_not_grow_with_the_rows(california_staff: Any, make_user: Any) -> None:
    def cost(count: int) -> int:
        known = [make_user(f"k{count}.{number}@california.example", "us-ca-chp", "duty_officer").email
                 for number in range(count)]  # fmt: skip
        text = HEAD + "".join(f"{email},Other,,,,,legal_advisor,\n" for email in known)
        with CaptureQueriesContext(connection) as queries:
            assert plan_of(text, by=california_staff).is_possible
        return len(queries)

    cost(1)  # what the person may do is asked once
    assert cost(2) == cost(12)
