"""The table of rights: small, explained, exported safely, and what guardian holds is exactly it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import translation

from agencies.choices import CAPABILITY_MEANINGS, Capability, Role
from agencies.models import AgencyGroupPermission, AgencyUserPermission, RoleGroup
from agencies.permissions import ROLE_CAPABILITIES
from agencies.spreadsheets import csv_text, safe_cell

pytestmark = pytest.mark.django_db


def test_there_are_at_most_thirty_rights_and_every_one_is_used_and_explained() -> None:
    assert len(Capability) <= 30
    assert set(ROLE_CAPABILITIES) == set(Role.values)
    assert frozenset().union(*ROLE_CAPABILITIES.values()) == set(Capability)
    assert set(CAPABILITY_MEANINGS) == set(Capability)


def test_guardian_holds_exactly_the_table_for_every_agency() -> None:
    held: dict[int, set[tuple[str, str]]] = {}
    for agency, role, codename in AgencyGroupPermission.objects.values_list(
        "content_object_id", "group__rolegroup__role", "permission__codename"
    ):
        held.setdefault(agency, set()).add((role, codename))
    wanted = {(str(role), str(right)) for role, rights in ROLE_CAPABILITIES.items() for right in rights}
    assert len(held) > 50
    assert [agency for agency, has in held.items() if has != wanted] == []
    assert not AgencyUserPermission.objects.exists()


def test_every_right_is_explained_in_three_languages() -> None:
    for right, meaning in CAPABILITY_MEANINGS.items():
        words = set()
        for language in ("en", "es", "fr"):
            with translation.override(language):
                words.add(str(meaning))
        assert len(words) == 3, right


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_table_of_roles_shows_and_exports_what_each_right_allows(
    client: Any, california_staff: Any, language: str
) -> None:
    california_staff.language = language
    california_staff.save(update_fields=["language"])
    client.force_login(california_staff)
    page = client.get(reverse("admin:agencies_agency_roles"))
    answer = client.get(reverse("admin:agencies_agency_roles_file"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    with translation.override(language):
        yes = translation.gettext("Yes")
        for right, meaning in CAPABILITY_MEANINGS.items():
            assert str(meaning) in page.text.replace("&#x27;", "'"), right
        table = {row[0]: row[1:] for row in rows[1:]}
        assert list(table) == list(Capability.values)
        for right in Capability:
            assert table[right][:2] == [right.label, str(CAPABILITY_MEANINGS[right])]
            assert [cell == yes for cell in table[right][2:]] == [right in held for held in ROLE_CAPABILITIES.values()]


def test_nobody_without_the_directory_downloads_the_table(client: Any, california_officer: Any) -> None:
    client.force_login(california_officer)
    assert client.get(reverse("admin:agencies_agency_roles_file")).status_code == 404


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_no_cell_is_a_formula(typed: str) -> None:
    assert safe_cell(typed) == f"'{typed}"
    assert next(csv.reader(io.StringIO(csv_text([[typed]]), newline="")))[0].startswith("'")


def test_ordinary_cells_stay_as_they_are() -> None:
    assert csv_text([["A, B", 'C "D"', 3]]) == '"A, B","C ""D""",3\r\n'


def test_administration_has_no_page_for_rights(client: Any, california_staff: Any, superuser: Any) -> None:
    assert not {Group, Permission, RoleGroup, AgencyGroupPermission, AgencyUserPermission} & set(admin.site._registry)
    assert [page for page in admin.site._registry.values() if "guardian" in type(page).__module__] == []
    assert not any(
        "guardian" in base.__module__ for page in admin.site._registry.values() for base in type(page).__mro__
    )
    for person in (california_staff, superuser):
        client.force_login(person)
        for address in ("auth/group/", "auth/permission/", "guardian/groupobjectpermission/",
                        "agencies/agencygrouppermission/", "agencies/agency/1/permissions/"):  # fmt: skip
            assert client.get(f"/admin/{address}").status_code == 404, address
