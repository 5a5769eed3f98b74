"""When a program's activating bodies cannot be reached: its fallback rule, used with a reason and marked (U7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from agencies.models import ActivationFallback, Agency, AlertProgram
from agencies.refusals import ActRefused, NotPermitted
from alerts.desk_items import what_needs
from alerts.gathering import content_hash
from alerts.models import Alert, Delivery
from alerts.services import drafts, fallbacks, issuing
from cases.choices import AccessLevel, AccessPurpose
from cases.services.files import share_case
from tests.alerts.test_duties import signed_in

pytestmark = pytest.mark.django_db
REASON = "Called the coordinator at 02:10, 02:15 and 02:25; no answer."


@pytest.fixture
def seattle(make_user: Any) -> Any:
    """A coordinator of Seattle's police: of Washington's territory, no activating body."""
    return make_user("sol.coord@seattle.example", "us-wa-seattle-pd", "coordinator")


@pytest.fixture
def second(make_user: Any) -> Any:
    """A second one."""
    return make_user("sven.coord@seattle.example", "us-wa-seattle-pd", "coordinator")


@pytest.fixture
def patrol(make_user: Any) -> Any:
    """A coordinator of the Washington State Patrol, which activates."""
    return make_user("wanda.coord@wsp.example", "us-wa-wsp", "coordinator")


@pytest.fixture
def draft(active_case: Any, california_officer: Any, seattle: Any, patrol: Any) -> Alert:
    """A draft of Washington's program by Seattle's police."""
    for code in ("us-wa-seattle-pd", "us-wa-wsp"):
        share_case(
            case=active_case, agency=Agency.objects.get(code=code), by=california_officer, level=AccessLevel.LOOK,
            purpose=AccessPurpose.REQUEST,
        )  # fmt: skip
    return drafts.start_alert(program=AlertProgram.objects.get(code="us-wa"), case=active_case, by=seattle)


def rule() -> ActivationFallback:
    """Return Washington's rule."""
    return ActivationFallback.objects.get(criteria__program__code="us-wa")


def take_over(alert: Alert, by: Any, **kwargs: Any) -> Alert:
    """Use the rule."""
    fallbacks.use_fallback(alert=alert, by=by, **{"fallback": rule(), "reason": REASON, **kwargs})
    return alert


def test_local_police_decide_under_the_rule_with_two_people(
    draft: Alert, seattle: Any, second: Any, patrol: Any, california_officer: Any
) -> None:
    drafts.submit(alert=draft, by=seattle)
    with pytest.raises(NotPermitted):
        drafts.approve(alert=draft, by=second, seen_hash=content_hash(draft))
    take_over(draft, seattle)
    assert Delivery.objects.filter(notice__kind="fallback_used", user=patrol).exists()
    assert "approval" in [item.kind for item in what_needs(second)]
    assert Delivery.objects.filter(notice__kind="approval_wanted", user=second).exists()
    with pytest.raises(ActRefused):  # who submitted approves not: two people still
        drafts.approve(alert=draft, by=seattle, seen_hash=content_hash(draft))
    drafts.approve(alert=draft, by=second, seen_hash=content_hash(draft))
    issuing.activate(alert=draft, by=seattle)
    draft.refresh_from_db()
    assert (draft.status, draft.exception, draft.exception_by, draft.fallback) == (
        "active", "fallback", seattle, rule(),
    )  # fmt: skip
    client = signed_in(california_officer)
    mark = "Decided by another agency under a fallback rule"
    page = client.get(f"/desk/alerts/{draft.pk}/").text
    assert mark in page and rule().condition in page and REASON not in page
    case_page = client.get(f"/cases/{draft.case_id}/").text
    assert mark in case_page and "under a fallback rule" in case_page
    assert client.get(f"/api/v1/alerts/{draft.pk}/").json()["exception"] == "fallback"
    assert REASON in signed_in(patrol).get(f"/desk/alerts/{draft.pk}/").text
    assert "fallback" not in bytes(draft.messages.get().xml).decode().lower(), "CAP's note is for exercises and errors"


def test_rule_of_another_program_does_not_serve(draft: Alert, seattle: Any) -> None:
    other = ActivationFallback.objects.create(
        criteria=AlertProgram.objects.get(code="us-ca").criteria.first(), condition_en="Anything."
    )
    with pytest.raises(NotPermitted):
        take_over(draft, seattle, fallback=other)


def test_named_agency_decides_and_no_other(draft: Alert, seattle: Any, patrol: Any) -> None:
    ActivationFallback.objects.update(agency=Agency.objects.get(code="us-wa-wsp"))
    with pytest.raises(NotPermitted):
        take_over(draft, seattle)


@pytest.mark.parametrize("role", ["legal_advisor", "staff"])
def test_roles_that_decide_nothing_take_nothing_over(draft: Alert, make_user: Any, role: str) -> None:
    with pytest.raises(NotPermitted):
        take_over(draft, make_user("x@seattle.example", "us-wa-seattle-pd", role))


def test_it_needs_a_reason_and_happens_once(draft: Alert, seattle: Any) -> None:
    with pytest.raises(ActRefused):
        take_over(draft, seattle, reason=" ")
    take_over(draft, seattle)
    with pytest.raises(ActRefused):
        take_over(draft, seattle)


def test_program_takes_the_decision_back_and_what_was_approved_is_void(
    draft: Alert, seattle: Any, second: Any, patrol: Any
) -> None:
    drafts.submit(alert=draft, by=seattle)
    take_over(draft, seattle)
    drafts.approve(alert=draft, by=second, seen_hash=content_hash(draft))
    with pytest.raises(NotPermitted):
        fallbacks.end_fallback(alert=draft, by=second)
    fallbacks.end_fallback(alert=draft, by=patrol)
    draft.refresh_from_db()
    assert (draft.status, draft.exception, draft.fallback, draft.exception_reason) == ("draft", "", None, "")
    assert not draft.texts.filter(approved_at__isnull=False).exists()
    with pytest.raises(NotPermitted):
        issuing.activate(alert=draft, by=seattle)


def test_what_is_in_force_is_not_given_back(draft: Alert, seattle: Any, second: Any, patrol: Any) -> None:
    drafts.submit(alert=draft, by=seattle)
    take_over(draft, seattle)
    drafts.approve(alert=draft, by=second, seen_hash=content_hash(draft))
    issuing.activate(alert=draft, by=seattle)
    with pytest.raises(ActRefused):
        fallbacks.end_fallback(alert=draft, by=patrol)
    issuing.cancel(alert=draft, by=seattle, reason="found")  # taking down is easy


def test_page_of_police_without_a_body_says_who_decides_and_offers_the_rule(
    draft: Alert, seattle: Any, second: Any, patrol: Any
) -> None:
    drafts.submit(alert=draft, by=seattle)
    page = signed_in(second).get(f"/desk/alerts/{draft.pk}/").text
    assert Agency.objects.get(code="us-wa-wsp").name in page
    for act in ("approve", "activate"):
        assert reverse("alerts:alert-step", args=[draft.pk, act]) not in page
    assert 'id="approve"' not in page
    assert signed_in(second).get(reverse("alerts:alert-approval", args=[draft.pk])).status_code == 404
    address = reverse("alerts:alert-fallback", args=[draft.pk])
    assert address in page
    client = signed_in(second)
    assert client.post(address, {"nonce": "n", "fallback-reason": ""}).status_code == 422
    form = {"nonce": "n", "fallback-fallback": rule().pk, "fallback-reason": REASON}
    assert client.post(address, form).status_code == 302
    assert 'id="approve"' in client.get(f"/desk/alerts/{draft.pk}/").text
    back = reverse("alerts:alert-fallback-end", args=[draft.pk])
    own = signed_in(patrol)
    assert back in own.get(f"/desk/alerts/{draft.pk}/").text
    assert own.post(back, {"nonce": "n"}).status_code == 302


def test_api_takes_over_and_gives_back(draft: Alert, seattle: Any, patrol: Any, california_officer: Any) -> None:
    address = f"/api/v1/alerts/{draft.pk}/"
    client, kind = signed_in(seattle), {"content_type": "application/json"}
    assert client.post(f"{address}use-fallback/", {"reason": REASON, "fallback": 0}, **kind).status_code == 400
    assert client.post(f"{address}use-fallback/", {"reason": REASON}, **kind).json()["exception"] == "fallback"
    assert signed_in(california_officer).post(f"{address}end-fallback/", **kind).status_code == 404
    assert signed_in(patrol).post(f"{address}end-fallback/", **kind).json()["exception"] == ""
