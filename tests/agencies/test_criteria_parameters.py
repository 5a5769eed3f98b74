"""Parameters of criteria in words, and the program's own confirmation of its rules, in the administration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram, AuditEvent, CriteriaVersion
from tests.agencies.admin_pages import address, form_values, page_for_next, store

TODAY = timezone.localdate
DAY = timedelta(days=1)
# Parameters whose label says it all.
NEED_NO_WORDS = {
    "country", "source_url", "name_en", "name_es", "name_fr", "is_renewable", "after_expiry_public", "info_rule",
    "info_photo", "limit_wea_short", "limit_alert_ready",
}  # fmt: skip


@pytest.fixture
def own(california_staff: Any) -> CriteriaVersion:
    """California's only version, in force, with no decision that rests on it."""
    return CriteriaVersion.objects.get(program__code="us-ca")


@pytest.mark.django_db
def test_every_parameter_can_be_filled_in_without_codes(client, california_staff, own):
    client.force_login(california_staff)
    url, values = page_for_next(client, own)
    sent = {
        **values, "info_rule": "any_of", "info_of": ["child", "vehicle"], "info_photo": "on", "limit_wea_short": 80,
        "limit_wea_long": "", "limit_alert_ready": "", "db_entry_required": "CPIC",
        "levels": ["state", "national"], "fallback_alert_types": ["prealert"],
    }  # fmt: skip
    shown, stored = store(client, url, sent)
    assert stored.status_code == 302
    made = CriteriaVersion.objects.get(program=own.program, version=2)
    assert made.info_test == {"rule": "any_of", "of": ["child", "vehicle"], "photo_required": True}
    assert (made.message_limits, made.db_entry_required) == ({"wea_short": 80}, "CPIC")
    assert (made.levels, made.fallback_alert_types) == (["state", "national"], ["prealert"])
    assert "a description of at least one of these: the child, the vehicle; and a recent photo" in shown.text.lower()


@pytest.mark.django_db
def test_page_of_a_stored_version_brings_its_parameters_back(client, california_staff, own):
    own.message_limits = {"wea_short": 90, "wea_long": 360, "another": 5}
    own.save()
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    values = form_values(client.get(url))
    assert (values["info_rule"], values["info_of"], values["limit_wea_long"]) == ("all_of", ["child", "abduction"], 360)
    before = CriteriaVersion.objects.values().get(pk=own.pk)
    shown, stored = store(client, url, values)
    assert shown.context["preview"].differences == []
    assert stored.status_code == 302
    assert CriteriaVersion.objects.values().get(pk=own.pk) == before
    for wrong in ({"info_of": ["nothing"]}, {"limit_wea_short": -1}, {"levels": ["galaxy"]}, {"info_rule": ""}):
        answer = client.post(url, {**values, **wrong})
        assert set(answer.context["adminform"].form.errors) == set(wrong), wrong


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_every_parameter_says_what_it_means(client, california_staff, own, language):
    california_staff.language = language
    california_staff.save()
    client.force_login(california_staff)
    for url in (address(CriteriaVersion, "change", own.pk), address(AlertProgram, "change", own.program_id)):
        form = client.get(url).context["adminform"].form
        silent = {name for name, field in form.fields.items() if not field.help_text}
        assert silent <= NEED_NO_WORDS, (url, silent - NEED_NO_WORDS)


@pytest.mark.django_db
def test_confirmation_names_who_and_when_and_who_recorded_it(client, baja_staff, california_staff, accepted_request):
    version = accepted_request.criteria
    url = reverse("admin:agencies_criteriaversion_verify", args=[version.pk])
    client.force_login(california_staff)
    assert 'name="person"' not in client.get(url).text  # staff of other programs read, and record nothing
    assert client.post(url, {"person": "X", "on": TODAY()}).status_code == 404
    client.force_login(baja_staff)
    assert client.get(url).status_code == 200
    for wrong in ({"person": "", "on": TODAY()}, {"person": "Lic. Ana Ruiz", "on": TODAY() + DAY}):
        assert client.post(url, wrong).status_code == 422
    assert client.post(url, {"person": "Lic. Ana Ruiz, directora jurídica", "on": TODAY() - DAY}).status_code == 302
    before = version.max_age, version.danger_test_es
    version.refresh_from_db()
    assert (version.verified_by, version.verified_at) == ("Lic. Ana Ruiz, directora jurídica", TODAY() - DAY)
    assert (version.max_age, version.danger_test_es) == before  # a used version is confirmed, never rewritten
    event = AuditEvent.objects.get(action="criteriaversion.verified")
    assert (event.actor_id, event.object_ids) == (baja_staff.pk, [str(version.pk)])
    assert LogEntry.objects.filter(user=baja_staff, object_id=str(version.pk)).exists()
    assert "Lic. Ana Ruiz" in client.get(address(CriteriaVersion, "change", version.pk)).text


@pytest.mark.django_db
def test_confirmation_is_not_typed_into_the_rules(client, california_staff, own):
    client.force_login(california_staff)
    url, values = page_for_next(client, own)
    _shown, stored = store(client, url, {**values, "verified_by": "Somebody", "verified_at": TODAY()})
    assert stored.status_code == 302
    assert CriteriaVersion.objects.get(program=own.program, version=2).verified_at is None
