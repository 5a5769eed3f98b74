"""The door of the administration, what is registered there, and what is missing for everybody else."""

from __future__ import annotations

import uuid

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from agencies.models import (
    Agency,
    AgencyGroupPermission,
    AuditEvent,
    Membership,
    RoleGroup,
    User,
)
from tests.agencies.admin_pages import PASSWORD, address, without_tokens

pytestmark = pytest.mark.django_db

# --- the door --------------------------------------------------------------------------------------------


def every_admin_address():
    yield "/admin/"
    for name in ("login", "logout", "password_change", "password_change_done", "jsi18n"):
        yield reverse(f"admin:{name}")
    for app in ("agencies", "cases", "alerts"):
        yield reverse("admin:app_list", args=[app])
    yield reverse("admin:agencies_agency_roles")
    yield reverse("admin:auth_user_password_change", args=[uuid.uuid4()])
    for model in admin.site._registry:
        yield address(model, "changelist")
        yield address(model, "add")
        for page in ("change", "history", "delete"):
            yield address(model, page, uuid.uuid4())
    yield "/admin/r/1/1/"
    yield "/admin/autocomplete/"
    yield "/admin/nothing/here/"


def test_admin_sends_visitors_to_the_login(client):
    for url in every_admin_address():
        response = client.get(url)
        assert response.status_code == 302, url
        assert response.url.startswith("/login/?next="), url


def test_admin_is_missing_for_people_who_are_not_staff(client, california_coordinator):
    client.force_login(california_coordinator)
    answers = [client.get(url) for url in every_admin_address()]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_tokens(answer) for answer in answers}) == 1


def test_staff_flag_without_a_role_opens_nothing(client, california_coordinator, california_staff):
    california_coordinator.is_staff = True
    california_coordinator.save()
    client.force_login(california_coordinator)
    assert client.get("/admin/").status_code == 404
    Membership.objects.filter(user=california_staff).update(valid_until=timezone.now())
    client.force_login(california_staff)
    assert client.get("/admin/").status_code == 404


def test_staff_who_are_signed_in_do_not_loop_through_the_login(client, california_staff):
    client.force_login(california_staff)
    assert client.get("/admin/login/").url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_signing_out_of_the_admin_is_recorded(client, california_staff):
    client.force_login(california_staff)
    client.post(reverse("admin:logout"))
    assert AuditEvent.objects.filter(action="session.ended", actor_id=california_staff.pk).count() == 1
    assert client.get("/admin/").status_code == 302


def test_own_password_change_is_recorded(client, california_staff):
    client.force_login(california_staff)
    old = "correct horse battery staple"
    client.post(
        reverse("admin:password_change"), {"old_password": old, "new_password1": PASSWORD, "new_password2": PASSWORD}
    )
    california_staff.refresh_from_db()
    assert california_staff.check_password(PASSWORD)
    assert AuditEvent.objects.filter(action="user.password_changed", actor_id=california_staff.pk).count() == 1


# --- what is registered ----------------------------------------------------------------------------------


def test_no_page_for_groups_permissions_and_lockouts():
    registered = {model._meta.app_label for model in admin.site._registry}
    assert registered == {"agencies", "cases", "alerts"}
    assert Group not in admin.site._registry
    assert not {RoleGroup, AgencyGroupPermission} & set(admin.site._registry)


def test_no_page_shows_bytes_hashes_of_tokens_or_passwords():
    hidden = {"jpeg", "content", "xml", "cap_xml", "token_hash", "password", "photo", "groups", "user_permissions"}
    for page in admin.site._registry.values():
        shown = {name for _title, options in page.fieldsets for name in options["fields"]}
        for inline in page.inlines:
            shown |= set(inline.fields)
        assert not shown & hidden, page


def test_photos_and_documents_have_no_page():
    names = {model._meta.model_name for model in admin.site._registry}
    assert not names & {"photo", "document", "publicphoto", "publicalert"}


def test_every_page_keeps_the_house_rules(rf):
    asked = rf.get("/", {"program": "1", "agency": "1", "name_en": "Typed into the address"})
    for page in admin.site._registry.values():
        assert page.view_on_site is False, page
        assert page.show_full_result_count is False, page
        assert page.date_hierarchy is None, page
        assert page.actions_on_top is True, page
        assert page.get_changeform_initial_data(asked) == {}, page


def test_redirect_by_content_type_is_missing_for_everybody(client, california_staff, superuser, active_case):
    kind = ContentType.objects.get_for_model(active_case)
    for user in (california_staff, superuser):
        client.force_login(user)
        assert client.get(f"/admin/r/{kind.pk}/{active_case.pk}/").status_code == 404
        assert client.get("/admin/autocomplete/", {"app_label": "cases"}).status_code == 404


def test_address_without_a_verb_is_missing(client, california_staff):
    client.force_login(california_staff)
    agency = Agency.objects.get(code="us-ca-chp")
    assert client.get(f"/admin/agencies/agency/{agency.pk}/").status_code == 404


# --- superuser: reference data, nothing else -------------------------------------------------------------

REFERENCE = {
    "agency", "subdivision", "alertprogram", "criteriaversion", "codevalue", "recipient", "recipientdesk", "placezone",
    "holiday",
}  # fmt: skip


def test_superuser_reads_reference_data_and_nothing_else(client, superuser, active_alert):
    client.force_login(superuser)
    for model in admin.site._registry:
        expected = 200 if model._meta.model_name in REFERENCE else 404
        assert client.get(address(model, "changelist")).status_code == expected, model
    listed = {
        item["object_name"].lower() for app in client.get("/admin/").context["app_list"] for item in app["models"]
    }
    assert listed == REFERENCE


# --- missing and foreign objects -------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ["", "999999999999999999999", "abc", "00", "é" * 60])
def test_unknown_and_malformed_ids_are_missing(client, california_staff, odd):
    client.force_login(california_staff)
    for model in admin.site._registry:
        for page in ("change", "history", "delete"):
            url = address(model, page, odd or uuid.uuid4())
            assert client.get(url).status_code == 404, url
            assert client.post(url).status_code == 404, url


def test_zero_bytes_in_filters_are_missing_not_a_fault(client, california_staff):
    client.force_login(california_staff)
    for model in admin.site._registry:
        assert client.get(address(model, "changelist"), {"status__exact": "a\x00"}).status_code == 404, model


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (User, "password__startswith"),
        (User, "full_name__startswith"),
        (User, "email"),
        (Membership, "user__email__startswith"),
        (Agency, "desk_email__startswith"),
        (AuditEvent, "case_id"),
        (AuditEvent, "actor_id__exact"),
    ],
)
def test_lists_answer_no_other_question_than_their_filters(client, california_staff, model, lookup):
    client.force_login(california_staff)
    assert client.get(address(model, "changelist"), {lookup: "a"}).status_code == 400


def test_every_offered_filter_works(client, california_staff):
    client.force_login(california_staff)
    for model in admin.site._registry:
        response = client.get(address(model, "changelist"))
        for spec in response.context["cl"].filter_specs:
            for choice in spec.choices(response.context["cl"]):
                query = choice["query_string"]
                assert client.get(address(model, "changelist") + query).status_code == 200, (model, query)
