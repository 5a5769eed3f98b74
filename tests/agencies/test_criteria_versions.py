"""Criteria in the administration: looked at before they are stored, history once a decision rests on them."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone
from lxml import html

from agencies import criteria_versions
from agencies.models import Agency, AuditEvent, CriteriaVersion
from cases.services.assessments import GivenAnswer, record_answers
from tests.agencies.admin_pages import address, as_a_new_page, form_values, page_for_next, store
from tests.criteria import next_version


def TODAY() -> date:
    """Return the day on the clock of the agencies whose staff open the pages: on the coast it is not that of UTC."""
    return timezone.localdate(timezone=ZoneInfo("America/Los_Angeles"))


DAY = timedelta(days=1)


@pytest.fixture
def own(california_staff: Any) -> CriteriaVersion:
    """California's only version, in force, with no decision that rests on it."""
    return CriteriaVersion.objects.get(program__code="us-ca")


def words(markup: Any) -> str:
    """Return what a reader sees of an element."""
    return " ".join(markup.text_content().split())


# --- looking first ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_stored_before_it_was_looked_at(client, california_staff, own):
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    values = {**form_values(client.get(url)), "max_age": 16}
    shown = client.post(url, values)
    assert shown.status_code == 200
    own.refresh_from_db()
    assert own.max_age == 17
    assert not AuditEvent.objects.filter(action="criteriaversion.changed").exists()
    assert "errornote" not in shown.text
    sealed = {**values, "_shown": shown.context["preview"].seal}
    other = client.post(url, {**sealed, "max_age": 15})  # not what was looked at
    assert [item.after for item in other.context["preview"].differences] == ["15"]
    own.refresh_from_db()
    assert own.max_age == 17
    assert client.post(url, sealed).status_code == 302
    own.refresh_from_db()
    assert own.max_age == 16


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["", "0" * 64, "x"])
def test_a_seal_cannot_be_guessed(client, california_staff, own, forged):
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    values = {**form_values(client.get(url)), "max_age": 16, "_shown": forged}
    assert client.post(url, values).status_code == 200
    own.refresh_from_db()
    assert own.max_age == 17


@pytest.mark.django_db
def test_levels_differ_in_words_and_not_by_their_order(client, california_staff, own):
    client.force_login(california_staff)
    CriteriaVersion.objects.filter(pk=own.pk).update(levels=["state", "local"])
    url = address(CriteriaVersion, "change", own.pk)
    values = form_values(client.get(url))
    same = client.post(url, {**values, "levels": ["local", "state"], "_preview": "1"})
    assert [item.label for item in same.context["preview"].differences] == []
    other = client.post(url, {**values, "levels": ["local", "regional"], "_preview": "1"})
    (item,) = other.context["preview"].differences
    assert (item.before, item.after) == ("Local area, Entire state or province", "Local area, Region")


@pytest.mark.django_db
def test_what_was_shown_beside_another_version_is_shown_again(client, california_staff, own):
    client.force_login(california_staff)
    url, values = page_for_next(client, own)
    seal = client.post(url, values).context["preview"].seal
    CriteriaVersion.objects.filter(pk=own.pk).update(max_age=15)
    answer = client.post(url, {**values, "_shown": seal})
    assert answer.status_code == 200
    assert CriteriaVersion.objects.filter(program=own.program).count() == 1
    assert [item.before for item in answer.context["preview"].differences] == ["15"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_preview_reads_in_three_languages_whoever_looks(client, california_staff, own, language):
    california_staff.language = language
    california_staff.save()
    client.force_login(california_staff)
    url, values = page_for_next(client, own)
    tomorrow = TODAY() + DAY
    shown = client.post(url, {**values, "max_hours_since_event": 6, "danger_test_es": "Hay un riesgo muy grave."})
    (section,) = html.fromstring(shown.text).xpath('//section[@aria-labelledby="preview"]')
    columns = [words(cell) for cell in section.xpath(".//table[caption]//tr[last()]/td")]
    assert ["6 hours" in columns[0], "6 horas" in columns[1], "6 heures" in columns[2]] == [True] * 3
    assert "Hay un riesgo muy grave." in words(section)
    assert own.danger_test_fr in words(section)
    marks = [words(mark) for mark in section.xpath('.//*[@class="preview__mark"]')]
    assert len(marks) == 2  # the danger test reads otherwise, the time limit is new
    assert str(tomorrow.year) in words(section)
    assert "– 6" in [f"{item.before} {item.after}" for item in shown.context["preview"].differences]


@pytest.mark.django_db
def test_a_rule_without_words_in_a_language_is_refused(client, california_staff, own):
    client.force_login(california_staff)
    url, values = page_for_next(client, own)
    answer = client.post(url, {**values, "danger_test_fr": " "})
    assert "danger_test_fr" in answer.context["adminform"].form.errors
    assert "preview" not in answer.context


@pytest.mark.django_db
def test_preview_counts_whom_it_touches_and_names_nobody(client, baja_staff, accepted_request, draft_alert):
    client.force_login(baja_staff)
    url, values = page_for_next(client, accepted_request.criteria)
    shown = client.post(url, values)
    (section,) = html.fromstring(shown.text).xpath('//section[@aria-labelledby="preview"]')
    counts = [int(item.xpath("string(strong)")) for item in section.xpath('.//ul[@class="preview__counts"]/li')]
    assert counts[:4] == [1, 0, 1, 0]  # a case, no request that still waits, a draft, no active alert
    assert counts[5] == 0  # the assessment was frozen with the decision
    assert accepted_request.case.reference not in words(section)
    assert draft_alert.number not in words(section)


# --- used versions ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_used_version_stands_and_a_new_one_is_made_from_it(client, baja_staff, accepted_request):
    client.force_login(baja_staff)
    version = accepted_request.criteria
    page = client.get(address(CriteriaVersion, "change", version.pk))
    assert not page.context["has_change_permission"]
    assert client.post(address(CriteriaVersion, "change", version.pk), {"max_age": 3}).status_code == 404
    (link,) = html.fromstring(page.text).xpath('//ul[@class="object-tools"]//a[contains(@href, "?of=")]/@href')
    action = {"action": "new_version", "_selected_action": [version.pk], "index": 0}
    assert client.post(address(CriteriaVersion, "changelist"), action).url == link
    assert CriteriaVersion.objects.filter(program=version.program).count() == 1  # nothing is stored by asking
    url, values = page_for_next(client, version)
    _shown, answer = store(client, url, {**values, "max_age": 16})
    assert answer.status_code == 302
    made = CriteriaVersion.objects.get(program=version.program, version=version.version + 1)
    assert (made.danger_test_es, made.effective_from, made.verified_at, made.max_age) == (
        version.danger_test_es, TODAY() + DAY, None, 16,
    )  # fmt: skip
    version.refresh_from_db()
    assert (version.max_age, version.effective_to) == (17, TODAY())
    assert LogEntry.objects.filter(object_repr=f"{version.program.code} {made.version}").exists()
    assert AuditEvent.objects.get(action="criteriaversion.ended").object_ids == [str(version.pk)]


@pytest.mark.django_db
def test_nobody_makes_a_version_of_a_foreign_program(client, california_staff):
    client.force_login(california_staff)
    foreign = CriteriaVersion.objects.get(program__code="mx-bcn")
    assert client.get(address(CriteriaVersion, "add"), {"of": foreign.pk}).status_code == 404
    assert client.get(address(CriteriaVersion, "add"), {"of": "1 OR 1"}).status_code == 404
    client.post(
        address(CriteriaVersion, "changelist"), {"action": "new_version", "_selected_action": [foreign.pk], "index": 0}
    )
    assert CriteriaVersion.objects.filter(program=foreign.program).count() == 1
    assert client.post(address(CriteriaVersion, "change", foreign.pk), {"max_age": 3}).status_code == 404


@pytest.mark.django_db
def test_bodies_and_fallbacks_go_along(client, make_user):
    client.force_login(make_user("wanda.staff@washington.example", "us-wa-wsp", "staff", is_staff=True))
    version = CriteriaVersion.objects.get(program__code="us-wa")
    second = Agency.objects.create(
        code="us-wa-seattle", name_en="Seattle", kind="police", country="US", subdivision_id="US-WA"
    )
    version.bodies.create(agency=second)
    _shown, answer = store(client, *page_for_next(client, version))
    assert answer.status_code == 302
    made = CriteriaVersion.objects.get(program=version.program, version=2)
    assert {body.agency.code for body in made.bodies.all()} == {"us-wa-wsp", "us-wa-seattle"}
    assert [(row.condition_es, row.agency) for row in made.fallbacks.all()] == [
        (
            "No es posible localizar a la coordinación estatal de Alerta AMBER: decide la corporación policial local.",
            None,
        )
    ]
    assert (version.bodies.count(), version.fallbacks.count()) == (2, 1)


@pytest.mark.django_db
def test_added_version_gets_the_next_number(client, california_staff, own):
    client.force_login(california_staff)
    values = form_values(client.get(address(CriteriaVersion, "change", own.pk)))
    sent = {**as_a_new_page(values), "program": own.program_id, "effective_from": TODAY() + 3 * DAY}
    _shown, answer = store(client, address(CriteriaVersion, "add"), sent)
    assert answer.status_code == 302
    made = CriteriaVersion.objects.get(program=own.program, version=2)
    assert [body.agency.code for body in made.bodies.all()] == ["us-ca-chp"]


def test_an_edit_waits_for_the_decision_that_is_being_recorded(own_database: str, django_db_blocker: Any) -> None:
    """An officer begins to answer while staff save: the answers hold the version, so the edit finds it used."""
    from agencies.models import User
    from agencies.services import grant_membership
    from cases.services.files import open_case

    with django_db_blocker.unblock():
        agency = Agency.objects.get(code="us-ca-chp")
        people = {}
        for role in ("coordinator", "staff"):
            people[role] = User.objects.create_user(
                f"{role}@california.example", "correct horse battery staple", full_name=role, is_staff=role == "staff"
            )
            grant_membership(user=people[role], agency=agency, role=role, by=None)
        case = open_case(by=people["coordinator"], agency=agency)
        version = CriteriaVersion.objects.get(program__code="us-ca")
        client, url = Client(), address(CriteriaVersion, "change", version.pk)
        client.force_login(people["staff"])
        values = {**form_values(client.get(url)), "max_age": 16}
        sealed = {**values, "_shown": client.post(url, values).context["preview"].seal}
        answers: list[int] = []

        def save() -> None:
            try:
                answers.append(client.post(url, sealed).status_code)
            finally:
                connections.close_all()

        saving = threading.Thread(target=save)
        with transaction.atomic():
            record_answers(
                case=case, criteria=version, by=people["coordinator"], answers={"danger": GivenAnswer("yes")}
            )
            saving.start()
            saving.join(timeout=2)
            assert saving.is_alive()  # it waits for the row
        saving.join(timeout=60)
        assert answers == [404]
        version.refresh_from_db()
        assert version.max_age == 17


# --- days ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("earlier", "begins", "ends", "field"),
    [
        (None, 1, None, ""),  # the one without an end gives way
        (None, 0, None, ""),
        (None, -1, None, "effective_from"),  # it has ruled yesterday
        (10, 5, None, "effective_from"),  # it was given until then
        (10, 11, None, ""),
    ],
)
def test_two_versions_never_rule_on_one_day(client, california_staff, own, earlier, begins, ends, field):
    client.force_login(california_staff)
    own.effective_to = TODAY() + earlier * DAY if earlier else None
    own.save()
    url, values = page_for_next(client, own)
    answer, stored = store(client, url, {**values, "effective_from": TODAY() + begins * DAY})
    if field:
        (sentence,) = answer.context["adminform"].form.errors[field]
        assert re.search(r"Version 1 (rules until|has ruled until now)", sentence)
        assert stored is None
    else:
        assert stored.status_code == 302
    assert CriteriaVersion.objects.filter(program=own.program).count() == (1 if field else 2)


@pytest.mark.django_db
def test_a_version_before_a_later_one_must_end_in_time(client, california_staff, own):
    client.force_login(california_staff)
    next_version(own, effective_from=TODAY() + 10 * DAY)
    own.effective_to = TODAY() + DAY
    own.save()
    url, values = page_for_next(client, own)
    sent = {**values, "effective_from": TODAY() + 5 * DAY}
    answer = client.post(url, sent)
    assert "Version 2 begins on" in answer.context["adminform"].form.errors["effective_to"][0]
    same = client.post(url, {**sent, "effective_from": TODAY() + 10 * DAY})
    assert "choose another day" in same.context["adminform"].form.errors["effective_from"][0]
    _shown, stored = store(client, url, {**sent, "effective_to": TODAY() + 9 * DAY})
    assert stored.status_code == 302


@pytest.mark.django_db
def test_moving_a_version_moves_the_end_of_the_one_before(client, california_staff, own):
    client.force_login(california_staff)
    url, values = page_for_next(client, own)
    store(client, url, values)
    own.refresh_from_db()
    assert own.effective_to == TODAY()
    made = CriteriaVersion.objects.get(program=own.program, version=2)
    url = address(CriteriaVersion, "change", made.pk)
    shown, answer = store(client, url, {**form_values(client.get(url)), "effective_from": TODAY() + 8 * DAY})
    assert "Version 1 ends on" in shown.text
    assert answer.status_code == 302
    own.refresh_from_db()
    assert own.effective_to == TODAY() + 7 * DAY
    assert criteria_versions.giving_way(made) == []


# --- bodies ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_version_cannot_lose_its_last_activating_body(client, california_staff, own):
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    values = form_values(client.get(url))
    response = client.post(url, {**values, "bodies-0-DELETE": "on"})
    assert "without one nobody could approve" in response.text
    assert "preview" not in response.context
    assert own.bodies.count() == 1
    sheriff = Agency.objects.create(
        code="us-ca-sheriff", name_en="Sheriff", kind="police", country="US", subdivision_id="US-CA"
    )
    sent = {**values, "bodies-0-DELETE": "on", "bodies-1-agency": sheriff.pk, "bodies-1-criteria": own.pk}
    shown, answer = store(client, url, sent)
    assert [item.after for item in shown.context["preview"].differences] == ["Sheriff"]
    assert answer.status_code == 302
    assert [body.agency for body in own.bodies.all()] == [sheriff]
    assert AuditEvent.objects.filter(action="criteriaversion.changed", field_names=["activatingbody"]).count() == 1


@pytest.mark.django_db
def test_bodies_of_a_used_version_stand(client, baja_staff, accepted_request):
    client.force_login(baja_staff)
    version = accepted_request.criteria
    page = client.get(address(CriteriaVersion, "change", version.pk))
    assert [inline.has_change_permission for inline in page.context["inline_admin_formsets"]] == [False, False]
    sent = {"bodies-TOTAL_FORMS": 1, "bodies-INITIAL_FORMS": 1, "bodies-0-DELETE": "on"}
    assert client.post(address(CriteriaVersion, "change", version.pk), sent).status_code == 404
    assert version.bodies.count() == 1
