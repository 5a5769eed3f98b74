"""Agencies, programs, subdivisions and criteria in the administration."""

from __future__ import annotations

import re

import pytest

from agencies.models import (
    Agency,
    AgencyGroupPermission,
    AlertProgram,
    AuditEvent,
    CriteriaVersion,
    Subdivision,
)
from agencies.permissions import ROLE_CAPABILITIES
from tests.agencies.admin_pages import address, form_values

pytestmark = pytest.mark.django_db

# --- reference data --------------------------------------------------------------------------------------


def test_staff_change_their_own_agency_and_read_the_others(client, california_staff):
    client.force_login(california_staff)
    own, other = Agency.objects.get(code="us-ca-chp"), Agency.objects.get(code="mx-bcn-amber")
    values = form_values(client.get(address(Agency, "change", own.pk)))
    response = client.post(address(Agency, "change", own.pk), {**values, "desk_phone": "+19165550199"})
    assert response.status_code == 302
    own.refresh_from_db()
    assert own.desk_phone == "+19165550199"
    event = AuditEvent.objects.get(action="agency.changed")
    assert (event.actor_id, event.object_ids, event.field_names, event.channel) == (
        california_staff.pk, [str(own.pk)], ["desk_phone"], "admin",
    )  # fmt: skip
    assert client.get(address(Agency, "change", other.pk)).status_code == 200
    assert client.post(address(Agency, "change", other.pk), values).status_code == 404


def test_time_zone_that_does_not_exist_is_refused(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    values = form_values(client.get(address(Agency, "change", own.pk)))
    response = client.post(address(Agency, "change", own.pk), {**values, "time_zone": "America/Nowhere"})
    assert "time_zone" in response.context["adminform"].form.errors


def agency_values(**changes):
    return {
        "code": "us-ca-sheriff", "kind": "police", "country": "US", "subdivision": "US-CA", "is_active": "on",
        "name_en": "Sheriff", "name_es": "Alguacil", "name_fr": "Shérif", "time_zone": "America/Los_Angeles",
        "languages": ["en"], "sight_hours": 72, **changes,
    }  # fmt: skip


def test_new_agency_gets_its_role_groups(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    assert client.post(address(Agency, "add"), agency_values(parent=own.pk)).status_code == 302
    made = Agency.objects.get(code="us-ca-sheriff")
    granted = set(
        AgencyGroupPermission.objects.filter(content_object=made).values_list(
            "group__rolegroup__role", "permission__codename"
        )
    )
    assert granted == {(str(role), str(right)) for role, rights in ROLE_CAPABILITIES.items() for right in rights}
    assert client.get(address(Agency, "change", made.pk)).context["has_change_permission"]


def test_new_agency_is_put_only_below_an_agency_of_ones_own(client, california_staff):
    client.force_login(california_staff)
    foreign = Agency.objects.get(code="mx-bcn-amber")
    for parent in ("", foreign.pk):
        response = client.post(address(Agency, "add"), agency_values(parent=parent))
        assert "parent" in response.context["adminform"].form.errors
    assert not Agency.objects.filter(code="us-ca-sheriff").exists()


def test_nothing_is_deleted(client, superuser, california_staff):
    for user in (superuser, california_staff):
        client.force_login(user)
        for model in (Agency, AlertProgram, CriteriaVersion, Subdivision):
            item = model.objects.first()
            assert client.post(address(model, "delete", item.pk), {"post": "yes"}).status_code == 404
            assert model.objects.filter(pk=item.pk).exists()
            response = client.post(
                address(model, "changelist"), {"action": "delete_selected", "_selected_action": [item.pk], "index": 0}
            )
            assert response.status_code in {200, 302}
            assert model.objects.filter(pk=item.pk).exists()


def test_only_names_of_subdivisions_change(client, california_staff):
    client.force_login(california_staff)
    response = client.get(address(Subdivision, "change", "US-CA"))
    assert set(response.context["adminform"].form.fields) == {"name_en", "name_es", "name_fr"}
    assert client.get(address(Subdivision, "add")).status_code == 404


def test_code_and_number_prefix_of_a_program_are_fixed(client, california_staff):
    client.force_login(california_staff)
    program = AlertProgram.objects.get(agency__code="us-ca-chp")
    fields = client.get(address(AlertProgram, "change", program.pk)).context["adminform"].form.fields
    assert "tip_phone" in fields
    assert not {"code", "number_prefix"} & set(fields)


def test_program_cannot_be_given_to_a_foreign_agency(client, california_staff):
    client.force_login(california_staff)
    program = AlertProgram.objects.get(agency__code="us-ca-chp")
    foreign = Agency.objects.get(code="mx-bcn-amber")
    page = client.get(address(AlertProgram, "change", program.pk))
    assert [agency.code for agency in page.context["adminform"].form.fields["agency"].queryset] == ["us-ca-chp"]
    response = client.post(address(AlertProgram, "change", program.pk), {**form_values(page), "agency": foreign.pk})
    assert "agency" in response.context["adminform"].form.errors


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_forms_have_one_fieldset_per_language(client, california_staff, language):
    california_staff.language = language
    california_staff.save()
    client.force_login(california_staff)
    program = AlertProgram.objects.get(agency__code="us-ca-chp")
    version = program.criteria.get()
    for url, names in [
        (address(AlertProgram, "change", program.pk), ["name"]),
        (address(CriteriaVersion, "change", version.pk), ["danger_test", "activating_bodies", "notes"]),
    ]:
        response = client.get(url)
        assert response.headers["Content-Language"] == language
        assert f'lang="{language}' in response.text
        fieldsets = [list(options["fields"]) for _title, options in response.context["adminform"].fieldsets]
        for code in ("en", "es", "fr"):
            assert [f"{name}_{code}" for name in names] in fieldsets
            assert f'name="{names[0]}_{code}"' in response.text
        assert not re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//', response.text)


def test_rows_carry_the_name_in_the_readers_language(client, california_staff, baja_staff):
    for user in (california_staff, baja_staff):
        client.force_login(user)
        california = Subdivision.objects.get(code="MX-BCN")
        text = client.get(address(Subdivision, "changelist"), {"q": "MX-BCN"}).text
        assert getattr(california, f"name_{user.language}") in text


# --- desks, routes, bodies -------------------------------------------------------------------------------


def test_staff_edit_the_desks_of_their_own_program_only(client, make_user, california_staff):
    program = AlertProgram.objects.get(code="ca-qc")
    url = address(AlertProgram, "change", program.pk)
    client.force_login(california_staff)
    page = client.get(url)
    assert "SPVM" in page.text
    assert not page.context["has_change_permission"]
    assert client.post(url, {"desks-TOTAL_FORMS": 0, "desks-INITIAL_FORMS": 0}).status_code == 404
    client.force_login(make_user("simone.staff@quebec.example", "ca-qc-sq", "staff", "fr", is_staff=True))
    values = form_values(client.get(url))
    assert client.post(url, {**values, "desks-1-DELETE": "on"}).status_code == 302
    assert [desk.agency.code for desk in program.desks.all()] == ["ca-qc-sq"]
