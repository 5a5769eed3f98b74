"""Every answer that shows case data leaves exactly one event, with every id that it showed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agencies import audit
from agencies.models import AuditEvent
from cases.models import Case
from tests.project.routes import Route, read_routes

pytestmark = pytest.mark.django_db
# Forms that are empty, and lists that are the same for everybody who works here: nothing of a case or a person.
NOTHING_OF_A_CASE = {
    "cases:case-open", "alerts:cap-import", "api:schema", "api:program-list", "api:program-detail", "admin:index",
    "admin:login", "admin:password_change", "admin:password_change_done", "admin:jsi18n", "admin:app_list",
    "admin:auth_user_password_change", "agencies:session-renew", "agencies:acting-agency",
    "admin:agencies_user_import", "admin:agencies_user_import_table",
    "agencies:factor", "agencies:factor-enrol", "agencies:factor-codes", "agencies:factor-renew-codes",
    "agencies:factor-remove", "alerts:own-number",
    "api:roster-detail", "api:roster-shift-list", "api:roster-shift-detail", "api:roster-override-detail",
    "agencies:roster", "agencies:shift",  # who is on duty at one's own desk
    "alerts:paper-pack",  # directory, blank sheet, scripts
    "alerts:system",  # counts and moments of processes and channels
}  # fmt: skip
REFERENCE_DATA = ("admin:agencies_agency_", "admin:agencies_alertprogram_", "admin:agencies_criteriaversion_",
                  "admin:agencies_subdivision_", "admin:agencies_holiday_", "admin:cases_codevalue_",
                  "admin:cases_placezone_")  # fmt: skip
OF_ONE = {"api:redaction-list": "alert", "api:authority-list": "case"}


def shows_case_data(route: Route) -> bool:
    if "GET" not in route.methods or route.policy in ("public", "token", "nobody"):
        return False
    is_empty_form = route.name.startswith("admin:") and route.name.endswith("_add")
    return not (route.name in NOTHING_OF_A_CASE or route.name.startswith(REFERENCE_DATA) or is_empty_form)


def ids_of(event: AuditEvent) -> set[str]:
    """Return every id that an event names."""
    also = [key for keys in event.also_shown.values() for key in keys]
    return {*event.object_ids, *also, *map(str, event.case_ids)}


class Reader:
    """One browser, and the events that its requests leave."""

    def __init__(self, person: Any) -> None:
        self.person = person
        self.client = Client(raise_request_exception=False)
        self.client.force_login(person)

    def get(self, address: str, method: str = "GET", **extra: Any) -> tuple[Any, list[AuditEvent]]:
        """Return the answer and the reads that were recorded for it."""
        response = self.client.generic(method, address, **extra)
        found = AuditEvent.objects.filter(request_id=response.headers["X-Request-Id"]).reads()
        return response, list(found)


def test_a_hundred_mixed_reads_leave_a_hundred_events(world: Any) -> None:
    """Every page, list, sheet, file, resource and page of the administration of the table, once."""
    readers: dict[str, Reader] = {}
    wrong, count = [], 0
    before = AuditEvent.objects.reads().count()
    for route in filter(shows_case_data, read_routes()):
        reader = readers.setdefault(route.seen_by, Reader(world.people[route.seen_by]))
        address = route.address(world.samples)
        if key := OF_ONE.get(route.name):
            address += f"?{key}={world.samples[key]}"
        response, events = reader.get(address)
        count += 1
        named = {str(value) for _name, key in route.kwargs if isinstance(value := world.samples.get(key), uuid.UUID)}
        if len(events) != 1:
            wrong.append(f"{route}: {response.status_code}, {len(events)} events")
        elif not named <= ids_of(events[0]) or events[0].actor_id != reader.person.pk or not events[0].agency_ids:
            wrong.append(f"{route}: {events[0].action} lacks {named - ids_of(events[0])}")
    assert wrong == []
    assert count >= 100
    assert AuditEvent.objects.reads().count() - before == count


def test_lists_name_the_case_of_every_row(world: Any) -> None:
    case = world.samples["case"]
    reader = Reader(world.people["receiver_coordinator"])
    for name in ("cases:case-list", "alerts:desk", "alerts:request-list", "alerts:alert-list", "api:case-list",
                 "api:request-list", "api:alert-list", "api:delivery-list", "api:duty-list"):  # fmt: skip
        _response, (event,) = reader.get(reverse(name))
        assert event.case_ids == [case], name
        assert event.case_id is None, name


def test_desk_names_what_waits_on_it(world: Any) -> None:
    reader = Reader(world.people["receiver_coordinator"])
    for name in ("alerts:desk", "api:desk"):
        _response, (event,) = reader.get(reverse(name))
        assert {str(world.samples["duty"]), str(world.samples["change_duty"])} <= set(event.ids_of("alerts.duty")), name


def test_page_of_a_case_names_everything_on_it(world: Any) -> None:
    samples = world.samples
    reader = Reader(world.people["owner_officer"])
    _response, (event,) = reader.get(reverse("cases:case-detail", args=[samples["case"]]))
    shown = ("child", "person", "vehicle", "abduction", "crossing", "photo", "document", "leg", "link", "sighting",
             "request", "alert")  # fmt: skip
    assert {str(samples[key]) for key in shown} <= ids_of(event)
    assert event.ids_of("cases.child") == [str(samples["child"])]
    assert event.ids_of("cases.case") == [str(samples["case"])]


def test_answers_without_a_body_and_parts_of_a_file_count(world: Any) -> None:
    """HEAD, 304 while nothing has changed, and Range."""
    samples = world.samples
    reader = Reader(world.people["receiver_coordinator"])
    polled = reverse("alerts:alert-deliveries", args=[samples["alert"]])
    response, events = reader.get(polled)
    assert (response.status_code, len(events)) == (200, 1)
    for _poll in range(3):
        again, events = reader.get(polled, headers={"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, len(events)) == (304, 1)
        assert str(samples["alert"]) in ids_of(events[0])
    photo = reverse("cases:photo-file", args=[samples["photo"]])
    for extra in ({"headers": {"Range": "bytes=0-99"}}, {"headers": {"Range": "bytes=100-"}}, {"method": "HEAD"}):
        _response, (event,) = reader.get(photo, **extra)
        assert event.object_ids == [str(samples["photo"])]


def test_form_that_comes_back_is_a_read_and_an_act_is_not(world: Any) -> None:
    samples = world.samples
    reader = Reader(world.people["owner_officer"])
    response, events = reader.get(reverse("cases:case-close", args=[samples["case"]]), method="POST")
    assert (response.status_code, len(events)) == (422, 1)
    response, events = reader.get(reverse("cases:case-step", args=[samples["case"], "activate"]), method="POST")
    assert (response.status_code in (302, 409), events) == (True, [])


def test_look_up_in_the_administration_says_so(world: Any) -> None:
    reader = Reader(world.people["owner_staff"])
    _response, (event,) = reader.get(reverse("admin:cases_child_change", args=[world.samples["child"]]))
    assert (event.channel, event.purpose, event.case_id) == ("admin", "look_up", world.samples["case"])
    _response, (event,) = reader.get(reverse("admin:agencies_auditevent_changelist"))
    assert event.purpose == "oversight"


@pytest.mark.parametrize("name", ["cases:case-detail", "cases:case-list", "api:case-detail", "alerts:request-sheet"])
def test_nothing_is_shown_where_the_event_cannot_be_written(
    world: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = next(route for route in read_routes() if route.name == name)
    reader = Reader(world.people[route.seen_by])
    shown = reader.client.get(route.address(world.samples)).content

    def fail(*_args: Any, **_what: Any) -> None:
        raise RuntimeError("the audit cannot be written")

    monkeypatch.setattr(audit, "record", fail)
    response = reader.client.get(route.address(world.samples))
    assert response.status_code == 500
    reference = Case.objects.get(pk=world.samples["case"]).reference.encode()
    assert reference not in response.content
    assert reference in shown or shown.startswith(b"%PDF")


def test_refused_read_is_no_read_but_is_there_although_it_rolled_back(world: Any) -> None:
    reader = Reader(world.people["outsider"])
    with transaction.atomic():
        response, reads = reader.get(reverse("cases:case-detail", args=[world.samples["case"]]))
    assert (response.status_code, reads) == (404, [])
    event = AuditEvent.objects.get(request_id=response.headers["X-Request-Id"])
    assert (event.action, event.outcome, event.actor_id) == ("request.refused", "denied", reader.person.pk)
    assert event.detail["ids"] == [str(world.samples["case"])]
