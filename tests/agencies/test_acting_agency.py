"""A person with several agencies chooses the one they act for; its capabilities alone count (U36, ADR 63)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies import access, audit
from agencies.acting_choice import time_zone_of
from agencies.choices import Capability
from agencies.models import Agency, AuditEvent, Membership
from agencies.services import grant_membership
from cases.models import VERSIONS, Case, CaseEvent, Child
from cases.services.files import share_case

pytestmark = pytest.mark.django_db
CHOOSE = "/session/agency/"
CALIFORNIA, BAJA = "us-ca-chp", "mx-bcn-amber"


def agency(code: str) -> Agency:
    return Agency.objects.get(code=code)


@pytest.fixture
def both(california_officer: Any) -> Any:
    """An officer of California who is a coordinator in Baja California, too."""
    grant_membership(user=california_officer, agency=agency(BAJA), role="coordinator", by=None)
    return california_officer


def browser(person: Any, code: str = "") -> Client:
    client = Client()
    client.force_login(person)
    if code:
        assert client.post(CHOOSE, {"agency": agency(code).pk, "next": "/desk/"}).status_code == 302
    return client


def test_pages_wait_for_the_choice_and_lead_back(both: Any, active_case: Any) -> None:
    client = browser(both)
    page = reverse("cases:case-detail", args=[active_case.pk])
    answer = client.get(page)
    assert answer["Location"] == f"{CHOOSE}?next={page.replace('/', '%2F')}"
    shown = client.get(answer["Location"])
    assert shown.status_code == 200
    assert f'name="next" value="{page}"' in shown.text
    chosen = client.post(CHOOSE, {"agency": agency(CALIFORNIA).pk, "next": page})
    assert chosen["Location"] == page
    assert client.get(page).status_code == 200
    event = AuditEvent.objects.get(action="session.acts_for")
    assert (event.object_ids, event.agency_ids) == ([str(agency(CALIFORNIA).pk)], [agency(CALIFORNIA).pk])


def test_nothing_is_done_before_the_choice(both: Any, intake_case: Any) -> None:
    client = browser(both)
    answer = client.post(reverse("cases:case-step", args=[intake_case.pk, "activate"]), {"nonce": "n" * 22})
    assert answer.status_code == 409
    assert Case.objects.get(pk=intake_case.pk).status == "intake"
    assert client.post("/api/v1/cases/", {}, content_type="application/json").json()["code"] == "agency_not_chosen"
    assert access.agency_ids(both, Capability.EDIT_CASES) != frozenset()  # outside a request nothing is narrowed


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_every_page_says_for_whom_and_switches_without_script(both: Any, active_case: Any, language: str) -> None:
    both.language = language
    both.save(update_fields=["language"])
    client = browser(both, CALIFORNIA)
    for page in ("/desk/", "/cases/", reverse("cases:case-detail", args=[active_case.pk])):
        text = client.get(page).text
        menu = text.split('<details class="switch">', 1)[1].split("</details>", 1)[0]
        assert f"<strong>{getattr(agency(CALIFORNIA), f'name_{language}')}</strong>" in menu
        assert f'value="{agency(BAJA).pk}"' in menu
        assert f'name="next" value="{page}"' in menu
        assert "csrfmiddlewaretoken" in menu


def test_one_agency_needs_no_choice_and_has_no_menu(california_coordinator: Any) -> None:
    text = browser(california_coordinator).get("/desk/").text
    assert str(agency(CALIFORNIA)) in text
    assert '<details class="switch">' not in text


def test_acting_for_one_uses_no_right_of_the_other(both: Any, active_case: Any) -> None:
    """As a coordinator of Baja California the officer sees California's case, and changes nothing of it."""
    child = active_case.children.get()
    address, body = f"/api/v1/children/{child.pk}/", {"also_known_as": "Zori", "version": active_case.facts_version}
    for code, status in ((BAJA, 404), (CALIFORNIA, 200)):
        client = browser(both, code)
        assert client.get(reverse("cases:case-detail", args=[active_case.pk])).status_code == 200
        facts = client.get(reverse("cases:case-facts", args=[active_case.pk])).status_code
        assert (facts == 200) == (code == CALIFORNIA)
        assert client.patch(address, body, content_type="application/json").status_code == status, code
    kept = VERSIONS[Child].objects.latest("pgh_id").pgh_context
    assert kept["agencies"] == [agency(CALIFORNIA).pk]


def test_header_of_the_api_counts_for_its_request(both: Any, active_case: Any) -> None:
    child = active_case.children.get()
    address, body = f"/api/v1/children/{child.pk}/", {"also_known_as": "Zori", "version": active_case.facts_version}
    client = browser(both)

    def patch(**headers: str) -> Any:
        return client.patch(address, body, content_type="application/json", headers=headers)

    assert patch().json()["code"] == "agency_not_chosen"
    unknown, foreign = patch(x_acting_agency="nobody"), patch(x_acting_agency="ca-qc-sq")
    assert unknown.status_code == 409
    assert unknown.content == foreign.content
    assert patch(x_acting_agency="\x00").status_code == 409
    assert patch(x_acting_agency=BAJA).status_code == 404
    assert patch(x_acting_agency=CALIFORNIA).status_code == 200
    event = AuditEvent.objects.filter(action="case.facts_changed").latest("id")
    assert event.agency_ids == [agency(CALIFORNIA).pk]
    assert patch().json()["code"] == "agency_not_chosen", "nothing was kept"
    assert client.get(f"/api/v1/cases/{active_case.pk}/").status_code == 200


def test_act_is_written_for_the_chosen_agency(both: Any, active_case: Any, california_coordinator: Any) -> None:
    share_case(case=active_case, agency=agency(BAJA), by=california_coordinator, level="contribute", purpose="request")
    sighting = {"evidence": "camera", "seen_at": timezone.now().isoformat(), "time_zone": "America/Tijuana",
                "place": "Otay Mesa"}  # fmt: skip
    for code in (BAJA, CALIFORNIA):
        answer = browser(both).post(
            f"/api/v1/cases/{active_case.pk}/sightings/", sighting, content_type="application/json",
            headers={"x-acting-agency": code},
        )  # fmt: skip
        assert answer.status_code == 201, answer.content
        written = active_case.sightings.order_by("reported_at").last()
        assert written.agency.code == code
        entry = CaseEvent.objects.filter(kind="sighting_added").latest("id")
        assert entry.agency.code == code
        assert AuditEvent.objects.filter(action="sighting.added").latest("id").agency_ids == [agency(code).pk]


def test_reads_stand_for_every_agency_and_denials_for_the_chosen_one(both: Any, active_case: Any) -> None:
    client = browser(both, BAJA)
    client.get(reverse("cases:case-detail", args=[active_case.pk]))
    read = AuditEvent.objects.filter(action="case.read").latest("id")
    assert set(read.agency_ids) == {agency(CALIFORNIA).pk, agency(BAJA).pk}
    assert client.get(reverse("cases:case-facts", args=[active_case.pk])).status_code == 404
    assert AuditEvent.objects.filter(action="request.refused").latest("id").agency_ids == [agency(BAJA).pk]


def test_desk_shows_what_waits_for_every_agency(both: Any, sent_request: Any) -> None:
    """California asked Baja California; whoever acts for California still sees that Baja California has to answer."""
    for code in (CALIFORNIA, BAJA):
        client = browser(both, code)
        assert sent_request.number in client.get("/desk/").text
        kinds = {row["kind"] for row in client.get("/api/v1/desk/").json()["now"]}
        assert "request" in kinds, code
        answer = client.post(f"/api/v1/requests/{sent_request.pk}/acknowledge/", {}, content_type="application/json")
        assert answer.status_code == (200 if code == BAJA else 404)


def test_ended_role_chooses_nothing_in_its_place(
    both: Any, active_case: Any, california_coordinator: Any, quebec_coordinator: Any
) -> None:
    grant_membership(user=both, agency=agency("ca-qc-sq"), role="coordinator", by=None)
    client = browser(both, CALIFORNIA)
    Membership.objects.filter(user=both, agency__code=CALIFORNIA).update(valid_until=timezone.now())
    answer = client.get("/desk/")
    assert answer["Location"].startswith(CHOOSE)
    assert client.post(reverse("alerts:cap-import")).status_code == 409
    assert client.post(CHOOSE, {"agency": agency(CALIFORNIA).pk}).status_code == 422
    assert client.post(CHOOSE, {"agency": agency(BAJA).pk}).status_code == 302
    assert client.get("/desk/").status_code == 200


def test_last_role_left_is_the_one(both: Any) -> None:
    client = browser(both, CALIFORNIA)
    Membership.objects.filter(user=both, agency__code=CALIFORNIA).update(valid_until=timezone.now())
    page = client.get("/desk/")
    assert page.status_code == 200
    assert str(page.context["acting_agency"]) == str(agency(BAJA))


@pytest.mark.parametrize("sent", ["", "x", "999999999", "99999999999999999999"])
def test_choice_of_nothing_or_of_another_agency(both: Any, sent: str) -> None:
    client = browser(both)
    answer = client.post(CHOOSE, {"agency": sent, "next": "https://evil.example/"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "evil" not in answer.text
    foreign = client.post(CHOOSE, {"agency": agency("ca-qc-sq").pk})
    assert foreign.status_code == 422
    assert client.get("/desk/")["Location"].startswith(CHOOSE)
    good = client.post(CHOOSE, {"agency": agency(BAJA).pk, "next": "//evil.example/"})
    assert good["Location"] == "/desk/"


def test_administration_is_of_the_chosen_agency(california_staff: Any, california_officer: Any) -> None:
    grant_membership(user=california_staff, agency=agency(BAJA), role="duty_officer", by=None)
    people = reverse("admin:agencies_user_changelist")
    client = browser(california_staff)
    assert client.get(people)["Location"].startswith(CHOOSE)
    assert client.post(people, {}).status_code == 409
    ours = browser(california_staff, CALIFORNIA).get(people)
    assert california_officer.email in ours.text
    assert "/session/agency/?next=" in ours.text
    assert browser(california_staff, BAJA).get(people).status_code == 404  # no staff there


def test_staff_of_two_agencies_manages_those_of_the_chosen_one(
    california_staff: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    grant_membership(user=california_staff, agency=agency(BAJA), role="staff", by=None)
    for code, mine, other in ((CALIFORNIA, california_officer, baja_coordinator),
                              (BAJA, baja_coordinator, california_officer)):  # fmt: skip
        text = browser(california_staff, code).get(reverse("admin:agencies_user_changelist")).text
        assert mine.email in text
        assert other.email not in text


def test_narrowing_ends_with_its_block_and_concerns_nobody_else(both: Any, baja_coordinator: Any) -> None:
    edits = access.agency_ids(both, Capability.EDIT_CASES)
    assert len(edits) == 2
    with access.acting_only_for(both, [agency(BAJA).pk]):
        assert access.agency_ids(both, Capability.EDIT_CASES) == {agency(BAJA).pk}
        assert access.agency_ids(type(both).objects.get(pk=both.pk), Capability.EDIT_CASES) == {agency(BAJA).pk}
        assert len(access.agency_ids(both, Capability.VIEW_CASES)) == 2
        assert access.agency_ids(baja_coordinator, Capability.EDIT_CASES) == {agency(BAJA).pk}
        assert not both.has_perm("agencies.edit_cases", agency(CALIFORNIA))
        with access.looking_for_all():
            assert access.agency_ids(both, Capability.EDIT_CASES) == edits
        assert audit.record("x", by=both).agency_ids == [agency(BAJA).pk]
    assert access.agency_ids(both, Capability.EDIT_CASES) == edits


def test_whoever_has_no_zone_reads_the_clock_of_the_agency_they_act_for(make_user: Any, both: Any) -> None:
    person = make_user("guardia@chihuahua.example", "mx-chh-amber", "coordinator", "es")
    assert person.time_zone == "UTC"
    assert time_zone_of(person) == agency("mx-chh-amber").time_zone == "America/Chihuahua"
    grant_membership(user=person, agency=agency(BAJA), role="coordinator", by=None)
    access.forget(person)
    assert time_zone_of(person) == "UTC", "agencies in two zones, and none chosen"
    with access.acting_only_for(person, [agency(BAJA).pk]):
        assert time_zone_of(person) == agency(BAJA).time_zone
    assert time_zone_of(both) == both.time_zone == "America/Los_Angeles"
