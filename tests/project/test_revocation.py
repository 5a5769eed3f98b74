"""Whoever lost a right is refused at the next request: in pages, API and administration, and in tasks queued before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, Membership, User
from agencies.services import end_membership
from alerts import delivery, tasks
from alerts.choices import NoticeKind
from alerts.models import Delivery
from alerts.services import notices
from cases.models import Case, CaseAccess, CaseEvent, Sighting
from cases.services import sharing

pytestmark = pytest.mark.django_db
QUEBEC = "ca-qc-sq"
Revoke = Callable[[User, Case], object]


def share_withdrawn(user: User, case: Case) -> None:
    lead = User.objects.get(email="casey.officer@california.example")
    sharing.end_share(share=CaseAccess.objects.get(case=case, agency__code=QUEBEC), by=lead)


def share_over(user: User, case: Case) -> None:
    CaseAccess.objects.filter(case=case, agency__code=QUEBEC).update(until=timezone.now())


def membership_ended(user: User, case: Case) -> None:
    end_membership(membership=Membership.objects.get(user=user), by=None)


def membership_over(user: User, case: Case) -> None:
    Membership.objects.filter(user=user).update(valid_until=timezone.now())


def suspended(user: User, case: Case) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def agency_stopped(user: User, case: Case) -> None:
    Agency.objects.filter(code=QUEBEC).update(is_active=False)


EVERY = [share_withdrawn, share_over, membership_ended, membership_over, suspended, agency_stopped]


@pytest.fixture
def shared(active_case: Any, california_officer: Any) -> Any:
    """The case of California, shared with Québec to contribute."""
    sharing.share_by_hand(
        case=active_case, by=california_officer, agency=Agency.objects.get(code=QUEBEC), level="contribute",
        purpose="assist", hours=24,
    )  # fmt: skip
    return active_case


@pytest.fixture
def quebec_staff(make_user: Any) -> Any:
    """Staff of Québec, who may enter the administration."""
    return make_user("simone.staff@quebec.example", QUEBEC, "staff", "fr", is_staff=True)


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def is_refused(answer: Any) -> bool:
    """Say whether an answer shows nothing: not found, or sent to the sign-in."""
    away = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
    return (answer.status_code in (401, 403, 404) or away) and b"Zoraida" not in answer.content


SEEN = {
    "sighting-evidence": "camera", "evidence": "camera", "seen_at": "2026-11-20T10:00", "time_zone": "America/Toronto",
    "place": "Laval", "nonce": "one-nonce-for-one-form",
}  # fmt: skip


@pytest.mark.parametrize("revoke", EVERY, ids=lambda revoke: revoke.__name__)
def test_pages_and_api_refuse_at_the_next_request(shared: Any, quebec_coordinator: Any, revoke: Revoke) -> None:
    client, case = signed_in(quebec_coordinator), shared
    reads = [
        reverse("cases:case-detail", args=[case.pk]), reverse("cases:sighting-add", args=[case.pk]),
        reverse("cases:correction-list", args=[case.pk]), f"/api/v1/cases/{case.pk}/",
    ]  # fmt: skip
    for address in reads:
        assert client.get(address).status_code == 200, address
    revoke(quebec_coordinator, case)
    before = (Sighting.objects.count(), CaseEvent.objects.filter(case=case).count())
    for address in reads:
        assert is_refused(client.get(address)), address
    assert is_refused(client.post(reads[1], SEEN))
    body = json.dumps({"kind": "cpic", "number": "C-1"})
    assert is_refused(client.post(f"/api/v1/cases/{case.pk}/references/", body, content_type="application/json"))
    for address in ("/cases/", "/desk/", "/api/v1/cases/", "/api/v1/desk/"):
        assert case.reference.encode() not in client.get(address).content, address
    assert (Sighting.objects.count(), CaseEvent.objects.filter(case=case).count()) == before


@pytest.mark.parametrize("revoke", EVERY, ids=lambda revoke: revoke.__name__)
def test_administration_refuses_at_the_next_request(shared: Any, quebec_staff: Any, revoke: Revoke) -> None:
    client = signed_in(quebec_staff)
    one, all_of_them = reverse("admin:cases_case_change", args=[shared.pk]), reverse("admin:cases_case_changelist")
    assert client.get(one).status_code == 200
    assert shared.reference in client.get(all_of_them).text
    revoke(quebec_staff, shared)
    assert is_refused(client.get(one))
    assert shared.reference not in client.get(all_of_them).text


@pytest.mark.parametrize("revoke", EVERY, ids=lambda revoke: revoke.__name__)
@pytest.mark.parametrize("task", [tasks.deliver, tasks.notify, tasks.sweep], ids=lambda task: task.name)
def test_task_queued_before_tells_nobody_who_lost_the_right(
    shared: Any, quebec_coordinator: Any, california_officer: Any, mailoutbox: list[Any], revoke: Revoke, task: Any
) -> None:
    notices.notify_everybody_on(NoticeKind.SIGHTING, case=Case.objects.get(pk=shared.pk))
    assert set(Delivery.objects.values_list("user", flat=True)) == {quebec_coordinator.pk, california_officer.pk}
    revoke(quebec_coordinator, shared)
    task.apply().get()
    assert [mail.to for mail in mailoutbox] == [[california_officer.email]]
    states = dict(Delivery.objects.values_list("user__email", "state"))
    assert states == {california_officer.email: "sent", quebec_coordinator.email: "suppressed"}


def test_relay_refuses_like_the_tasks(
    shared: Any, quebec_coordinator: Any, california_officer: Any, mailoutbox: list[Any]
) -> None:
    notices.notify_everybody_on(NoticeKind.SIGHTING, case=Case.objects.get(pk=shared.pk))
    share_withdrawn(quebec_coordinator, shared)
    assert delivery.send_due() == 2
    assert [mail.to for mail in mailoutbox] == [[california_officer.email]]


def test_whoever_kept_the_right_is_told(
    shared: Any, quebec_coordinator: Any, california_officer: Any, mailoutbox: list[Any]
) -> None:
    notices.notify_everybody_on(NoticeKind.SIGHTING, case=Case.objects.get(pk=shared.pk))
    delivery.send_due()
    assert {mail.to[0] for mail in mailoutbox} == {quebec_coordinator.email, california_officer.email}


def test_program_hears_that_its_request_was_sent_in_error(
    sent_request: Any, california_officer: Any, baja_coordinator: Any, mailoutbox: list[Any]
) -> None:
    """It no longer reads the case; that the request is withdrawn it must know."""
    from alerts.services import requests

    delivery.send_due()
    mailoutbox.clear()
    requests.withdraw(request=sent_request, by=california_officer, reason="sent_in_error")
    delivery.send_due()
    assert [mail.to for mail in mailoutbox] == [[baja_coordinator.email]]


def test_no_task_carries_an_actor_or_an_object() -> None:
    """Rights cannot be carried from before: tasks take no arguments and read who may be told from the rows.

    The canary alone is told something, the name of its queue, and reads no row of a case.
    """
    import inspect

    from config.celery import app

    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert list(inspect.signature(own.pop("alerts.canary").run).parameters) == ["queue"]
    assert set(own) == {"alerts.deliver", "alerts.post", "alerts.text", "alerts.notify", "alerts.sweep"}
    for name, task in own.items():
        assert not inspect.signature(task.run).parameters, name
