"""The administration: who gets in, who reads and changes what, and what its addresses must not give away."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies import audit
from agencies.admin.paging import COUNT_CAP, CappedPaginator
from agencies.choices import AuditChannel
from agencies.models import (
    Agency,
    AgencyGroupPermission,
    AlertProgram,
    AuditEvent,
    CriteriaVersion,
    Membership,
    RoleGroup,
    Subdivision,
    User,
)
from agencies.permissions import ROLE_CAPABILITIES
from agencies.services import grant_membership

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough passphrase 7"


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_values(response):
    """Return what a browser would send back from an unchanged form, inlines included."""
    shown = response.context["adminform"].form
    values = {}
    for name in shown.fields:
        value = shown[name].value()
        if isinstance(value, bool):
            if value:
                values[name] = "on"
        elif value is not None:
            values[name] = getattr(value, "pk", value)
    for inline in response.context["inline_admin_formsets"]:
        values.update({inline.formset.management_form.add_prefix(key): value
                       for key, value in inline.formset.management_form.initial.items()})  # fmt: skip
    return values


def without_tokens(response):
    """Return a page without what differs between two answers to the same question."""
    return re.sub(r'(csrfmiddlewaretoken" value=|name="next" value=|data-now=|nonce=)"[^"]+"', "", response.text)


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


def test_every_page_keeps_the_house_rules():
    for page in admin.site._registry.values():
        assert page.view_on_site is False, page
        assert page.show_full_result_count is False, page
        assert page.date_hierarchy is None, page
        assert page.actions_on_top is True, page
        assert page.get_changeform_initial_data(None) == {}, page


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

REFERENCE = {"agency", "subdivision", "alertprogram", "criteriaversion", "codevalue", "recipient"}


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
        "languages": ["en"], **changes,
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


# --- criteria --------------------------------------------------------------------------------------------


def test_unused_criteria_are_editable_and_used_ones_are_not(client, baja_staff, accepted_request):
    client.force_login(baja_staff)
    version = accepted_request.criteria
    page = client.get(address(CriteriaVersion, "change", version.pk))
    assert not page.context["has_change_permission"]
    assert client.post(address(CriteriaVersion, "change", version.pk), {"max_age": 3}).status_code == 404
    response = client.post(
        address(CriteriaVersion, "changelist"), {"action": "new_version", "_selected_action": [version.pk], "index": 0}
    )
    made = CriteriaVersion.objects.get(program=version.program, version=version.version + 1)
    assert response.url == address(CriteriaVersion, "change", made.pk)
    assert (made.danger_test_es, made.effective_from, made.verified_at) == (
        version.danger_test_es, timezone.localdate() + timedelta(days=1), None,
    )  # fmt: skip
    page = client.get(response.url)
    assert page.context["has_change_permission"]
    values = {**form_values(page), "max_age": 16}
    assert client.post(response.url, values).status_code == 302
    made.refresh_from_db()
    assert made.max_age == 16
    assert LogEntry.objects.filter(object_repr=f"{version.program.code} {made.version}").exists()


def test_nobody_makes_a_version_of_a_foreign_program(client, california_staff):
    client.force_login(california_staff)
    foreign = CriteriaVersion.objects.get(program__code="mx-bcn")
    client.post(
        address(CriteriaVersion, "changelist"), {"action": "new_version", "_selected_action": [foreign.pk], "index": 0}
    )
    assert CriteriaVersion.objects.filter(program=foreign.program).count() == 1
    assert client.post(address(CriteriaVersion, "change", foreign.pk), {"max_age": 3}).status_code == 404


def test_added_version_gets_the_next_number(client, california_staff):
    client.force_login(california_staff)
    version = CriteriaVersion.objects.get(program__agency__code="us-ca-chp")
    values = {**form_values(client.get(address(CriteriaVersion, "change", version.pk))), "program": version.program_id}
    assert client.post(address(CriteriaVersion, "add"), values).status_code == 302
    assert CriteriaVersion.objects.filter(program=version.program, version=2).count() == 1


# --- people ----------------------------------------------------------------------------------------------


def person_values(agency, **changes):
    return {
        "email": "New.Person@california.example", "full_name": "Nora Person", "language": "en", "time_zone": "UTC",
        "agency": agency.pk, "role": "duty_officer", "usable_password": "true", "password1": PASSWORD,
        "password2": PASSWORD, **changes,
    }  # fmt: skip


def test_staff_add_people_with_a_first_role(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    assert client.post(address(User, "add"), person_values(own)).status_code == 302
    made = User.objects.get(email="new.person@california.example")
    assert made.check_password(PASSWORD)
    assert (made.is_staff, made.is_superuser) == (False, False)
    assert list(made.memberships.values_list("agency__code", "role")) == [("us-ca-chp", "duty_officer")]
    assert AuditEvent.objects.filter(action="membership.granted", actor_id=california_staff.pk).count() == 1
    event = AuditEvent.objects.get(action="user.added")
    assert "password1" not in event.field_names
    assert LogEntry.objects.get().object_repr == str(made.pk)


def test_staff_add_nobody_to_a_foreign_agency(client, california_staff):
    client.force_login(california_staff)
    foreign = Agency.objects.get(code="mx-bcn-amber")
    response = client.post(address(User, "add"), person_values(foreign))
    assert "agency" in response.context["adminform"].form.errors
    assert not User.objects.filter(full_name="Nora Person").exists()


def test_weak_password_is_refused(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    response = client.post(address(User, "add"), person_values(own, password1="short", password2="short"))
    assert "password2" in response.context["adminform"].form.errors


def test_people_of_other_agencies_are_not_listed_and_missing(client, california_staff, california_officer, baja_staff):
    client.force_login(california_staff)
    listed = {person.pk for person in client.get(address(User, "changelist")).context["cl"].result_list}
    assert listed == {california_staff.pk, california_officer.pk}
    assert baja_staff.email not in client.get(address(User, "changelist"), {"q": "baja"}).text
    for page in ("change", "history", "delete"):
        foreign = client.get(address(User, page, baja_staff.pk))
        random = client.get(address(User, page, uuid.uuid4()))
        assert foreign.status_code == random.status_code == 404
    url = reverse("admin:auth_user_password_change", args=[baja_staff.pk])
    assert client.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 404


def test_account_of_somebody_who_acts_elsewhere_too_is_read_only(client, california_staff, california_officer):
    grant_membership(user=california_officer, agency=Agency.objects.get(code="us-tx-dps"), role="duty_officer", by=None)
    client.force_login(california_staff)
    page = client.get(address(User, "change", california_officer.pk))
    assert page.status_code == 200
    assert "us-tx-dps" not in page.text
    assert Agency.objects.get(code="us-tx-dps").name not in page.text
    assert client.post(address(User, "change", california_officer.pk), {"email": "x@y.example"}).status_code == 404
    url = reverse("admin:auth_user_password_change", args=[california_officer.pk])
    assert url not in page.text
    assert client.post(url, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 404
    california_officer.refresh_from_db()
    assert not california_officer.check_password(PASSWORD)


def test_nobody_edits_themselves_or_a_superuser_here(client, california_staff, superuser):
    grant_membership(user=superuser, agency=Agency.objects.get(code="us-ca-chp"), role="duty_officer", by=None)
    client.force_login(california_staff)
    for person in (california_staff, superuser):
        assert client.get(address(User, "change", person.pk)).status_code == 200
        assert client.post(address(User, "change", person.pk), {"email": "x@y.example"}).status_code == 404


def test_setting_a_password_is_recorded_and_shows_no_hash(client, california_staff, california_officer):
    client.force_login(california_staff)
    url = reverse("admin:auth_user_password_change", args=[california_officer.pk])
    page = client.get(address(User, "change", california_officer.pk))
    assert url in page.text
    assert california_officer.password.split("$")[0] not in page.text
    values = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": "1"}
    assert client.post(url, values).status_code == 302
    california_officer.refresh_from_db()
    assert california_officer.check_password(PASSWORD)
    event = AuditEvent.objects.get(action="user.password_set")
    assert (event.actor_id, event.object_ids) == (california_staff.pk, [str(california_officer.pk)])


def test_power_is_not_given_through_the_account_form(client, california_staff, california_officer):
    client.force_login(california_staff)
    page = client.get(address(User, "change", california_officer.pk))
    values = {**form_values(page), "is_superuser": "on", "is_staff": "on", "groups": "1", "password": "x"}
    assert client.post(address(User, "change", california_officer.pk), values).status_code == 302
    california_officer.refresh_from_db()
    assert (california_officer.is_superuser, california_officer.is_staff) == (False, False)
    assert california_officer.has_usable_password()
    assert not california_officer.groups.exists()


def test_lock_after_failed_sign_ins_is_released(client, california_staff, california_officer, baja_staff):
    from axes.models import AccessAttempt

    for person in (california_officer, baja_staff):
        AccessAttempt.objects.create(username=person.email, failures_since_start=5)
    client.force_login(california_staff)
    chosen = {"action": "release_lock", "_selected_action": [california_officer.pk, baja_staff.pk], "index": 0}
    client.post(address(User, "changelist"), chosen)
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == [baja_staff.email]
    assert AuditEvent.objects.filter(action="user.lock_released").count() == 1


# --- memberships -----------------------------------------------------------------------------------------


def test_membership_is_granted_and_ended_by_the_services(client, california_staff, california_officer):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    values = {"user": california_officer.pk, "agency": own.pk, "role": "staff"}
    assert client.post(address(Membership, "add"), values).status_code == 302
    made = Membership.objects.get(user=california_officer, role="staff")
    california_officer.refresh_from_db()
    assert california_officer.is_staff
    assert AuditEvent.objects.filter(action="membership.granted", object_ids=[str(made.pk)]).count() == 1
    repeat = client.post(address(Membership, "add"), values)
    assert "role" in repeat.context["adminform"].form.errors
    assert client.post(address(Membership, "change", made.pk), {"role": "coordinator"}).status_code == 404
    client.post(address(Membership, "changelist"), {"action": "end_chosen", "_selected_action": [made.pk], "index": 0})
    made.refresh_from_db()
    assert made.valid_until is not None
    assert AuditEvent.objects.filter(action="membership.ended", object_ids=[str(made.pk)]).count() == 1


def test_nobody_grants_or_ends_a_role_of_their_own(client, california_staff):
    client.force_login(california_staff)
    own = Agency.objects.get(code="us-ca-chp")
    values = {"user": california_staff.pk, "agency": own.pk, "role": "coordinator"}
    assert "user" in client.post(address(Membership, "add"), values).context["adminform"].form.errors
    mine = Membership.objects.get(user=california_staff)
    client.post(address(Membership, "changelist"), {"action": "end_chosen", "_selected_action": [mine.pk], "index": 0})
    mine.refresh_from_db()
    assert mine.valid_until is None


def test_memberships_of_other_agencies_are_out_of_reach(client, california_staff, california_officer, baja_staff):
    client.force_login(california_staff)
    foreign = Membership.objects.get(user=baja_staff)
    assert foreign not in client.get(address(Membership, "changelist")).context["cl"].result_list
    assert client.get(address(Membership, "change", foreign.pk)).status_code == 404
    client.post(
        address(Membership, "changelist"), {"action": "end_chosen", "_selected_action": [foreign.pk], "index": 0}
    )
    foreign.refresh_from_db()
    assert foreign.valid_until is None
    baja = Agency.objects.get(code="mx-bcn-amber")
    for user, agency in ((california_officer, baja), (baja_staff, Agency.objects.get(code="us-ca-chp"))):
        response = client.post(
            address(Membership, "add"), {"user": user.pk, "agency": agency.pk, "role": "duty_officer"}
        )
        assert response.context["adminform"].form.errors
    prefilled = client.get(address(Membership, "add"), {"user": baja_staff.pk})
    assert baja_staff.full_name not in prefilled.text


# --- roles, audit ----------------------------------------------------------------------------------------


def test_table_of_roles_shows_every_right(client, california_staff, superuser):
    for user in (california_staff, superuser):
        client.force_login(user)
        response = client.get(reverse("admin:agencies_agency_roles"))
        shown = {
            (role, right)
            for right, held in response.context["rows"]
            for role, yes in zip(response.context["roles"], held, strict=True)
            if yes
        }
        assert len(shown) == sum(len(rights) for rights in ROLE_CAPABILITIES.values())


def test_audit_shows_events_of_ones_own_agency_only(client, california_staff, california_officer, baja_coordinator):
    own = audit.record("case.read", by=california_officer, object_ids=["1"])
    foreign = audit.record("case.read", by=baja_coordinator, object_ids=["1"])
    client.force_login(california_staff)
    shown = [event.pk for event in client.get(address(AuditEvent, "changelist")).context["cl"].result_list]
    assert own.pk in shown
    assert foreign.pk not in shown
    assert client.get(address(AuditEvent, "change", own.pk)).status_code == 200
    assert client.get(address(AuditEvent, "change", foreign.pk)).status_code == 404
    for page in ("change", "delete"):
        assert client.post(address(AuditEvent, page, own.pk), {"action": "x"}).status_code == 404
    assert client.get(address(AuditEvent, "add")).status_code == 404


def test_reading_people_and_audit_is_recorded_once_per_answer(client, california_staff, california_officer):
    client.force_login(california_staff)
    client.get(address(User, "changelist"))
    event = AuditEvent.objects.get(action="user.read")
    assert set(event.object_ids) == {str(california_staff.pk), str(california_officer.pk)}
    client.get(address(User, "change", california_officer.pk))
    assert AuditEvent.objects.filter(action="user.read", object_ids=[str(california_officer.pk)]).count() == 1
    client.get(address(AuditEvent, "changelist"))
    assert AuditEvent.objects.filter(action="auditevent.read").count() == 1


def test_refused_address_is_recorded(client, california_staff, baja_staff):
    client.force_login(california_staff)
    client.get(address(User, "change", baja_staff.pk))
    event = AuditEvent.objects.get(outcome="denied")
    assert event.detail["ids"] == [str(baja_staff.pk)]


# --- speed -----------------------------------------------------------------------------------------------


def queries(client, url):
    client.get(url)  # sessions and content types are read once
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured), client.get(url).context["cl"].result_count


def add_reference_rows(count, offset, make_user):
    parent = Agency.objects.get(code="us-ca-chp")
    template = CriteriaVersion.objects.filter(program__agency=parent).get(version=1)
    for number in range(offset, offset + count):
        agency = Agency.objects.create(
            code=f"row-{number}", name=f"Row {number}", kind="police", country="US", subdivision_id="US-CA",
            parent=parent,
        )  # fmt: skip
        AlertProgram.objects.create(
            code=f"row-{number}", agency=agency, name=f"Row {number}", country="US", subdivision_id="US-CA",
            time_zone="UTC", number_prefix=f"ROW{number}", cap_sender=f"row{number}@example.com",
            tip_phone="911", tip_phone_display="911", abroad_phone="+1",
        )  # fmt: skip
        CriteriaVersion.objects.create(
            program=template.program, version=10 + number, effective_from=timezone.localdate(), danger_test="x",
            abduction_test="confirmed", parental_policy="allowed", runaway_policy="not_eligible", source="x",
            activating_bodies="x",
        )  # fmt: skip
        make_user(f"row{number}@california.example", "us-ca-chp", "duty_officer")


@pytest.mark.parametrize("model", [Agency, AlertProgram, CriteriaVersion, User, Membership, AuditEvent])
def test_list_takes_the_same_queries_for_few_and_many(client, california_staff, make_user, model):
    client.force_login(california_staff)
    add_reference_rows(3, 0, make_user)
    audit.record("case.read", by=california_staff, object_ids=["1"])
    few, few_rows = queries(client, address(model, "changelist"))
    add_reference_rows(27, 3, make_user)
    for _number in range(27):
        audit.record("case.read", by=california_staff, object_ids=["1"])
    many, many_rows = queries(client, address(model, "changelist"))
    assert many_rows >= few_rows + 27
    assert many == few


def test_count_of_a_long_list_is_capped(client, california_staff):
    own = Agency.objects.get(code="us-ca-chp").pk
    AuditEvent.objects.bulk_create(
        AuditEvent(action="case.read", channel=AuditChannel.PAGE, agency_ids=[own], at=timezone.now())
        for _number in range(COUNT_CAP + 1)
    )
    pages = CappedPaginator(AuditEvent.objects.filter(agency_ids__contains=[own]), 50)
    assert (pages.count, pages.is_capped, pages.num_pages) == (COUNT_CAP, True, COUNT_CAP // 50)
    client.force_login(california_staff)
    assert "more than 1000" in client.get(address(AuditEvent, "changelist")).text
