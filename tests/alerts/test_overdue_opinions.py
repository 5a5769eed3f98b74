"""An opinion that was not given in time is told once, and stands on the desk of whoever asked (U30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from agencies.models import Agency
from alerts.models import Delivery
from alerts.services.overdue import tell_overdue_opinions
from cases.models import LegalReview
from cases.services.opinions import ask_again, ask_opinion, give_opinion, withdraw_question
from cases.services.questions_elsewhere import ask_elsewhere
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db
SECRETS = ("Zoraida", "Quimby", "Waldemar", "7XYZ123")


@pytest.fixture
def inside(active_case: Any, california_coordinator: Any, california_legal: Any) -> LegalReview:
    """A question inside California whose deadline has passed."""
    return late(ask_opinion(case=active_case, by=california_coordinator, question="custody", hours=1))


@pytest.fixture
def jurist(make_user: Any) -> Any:
    """An advisor of an agency that has nobody else."""
    return make_user("janet@rcmp.example", "ca-rcmp-ncmpur", "legal_advisor", "en")


@pytest.fixture
def elsewhere(active_case: Any, california_coordinator: Any, jurist: Any) -> LegalReview:
    """A question to another agency whose deadline has passed."""
    return late(
        ask_elsewhere(
            case=active_case, by=california_coordinator, agency=Agency.objects.get(code="ca-rcmp-ncmpur"),
            question="custody", hours=1, sight_hours=0,
        )
    )  # fmt: skip


def late(review: LegalReview) -> LegalReview:
    """Let the deadline of a question pass."""
    LegalReview.objects.filter(pk=review.pk).update(due_at=timezone.now() - timedelta(minutes=5))
    review.refresh_from_db()
    return review


def told() -> list[str]:
    """Return who was told of an overdue opinion."""
    return sorted(Delivery.objects.filter(notice__kind="review_overdue").values_list("address", flat=True))


def test_supervisor_is_told_once_by_the_relay_without_a_name(
    inside, california_coordinator, california_legal, mailoutbox, monkeypatch
):
    monkeypatch.setattr("alerts.management.commands.relay.close_old_connections", lambda: None)  # the test's own
    call_command("relay", "--once")
    call_command("relay", "--once")
    assert told() == [california_coordinator.email]
    (mail,) = [mail for mail in mailoutbox if mail.subject.startswith("Legal opinion overdue")]
    assert inside.case.reference in mail.body
    assert not [secret for secret in SECRETS if secret in mail.subject + mail.body]


def test_question_elsewhere_is_told_to_both_sides(elsewhere, california_coordinator, california_officer, jurist):
    assert tell_overdue_opinions() == 1
    assert told() == sorted([california_coordinator.email, jurist.email])  # they have no supervisor


@pytest.mark.parametrize("what", ["not yet", "answered", "sent back", "withdrawn", "told"])
def test_nobody_is_told_of_what_is_not_overdue(what, inside, california_coordinator, california_legal):
    if what == "not yet":
        LegalReview.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    elif what == "told":
        LegalReview.objects.update(told_overdue_at=timezone.now())
    elif what == "withdrawn":
        withdraw_question(review=inside, by=california_coordinator)
    else:
        opinion = "against" if what == "answered" else "more_facts"
        give_opinion(review=inside, by=california_legal, opinion=opinion, grounds="Because.")
    assert tell_overdue_opinions() == 0
    assert told() == []


def test_asked_again_it_is_told_again(inside, california_coordinator, california_legal):
    assert tell_overdue_opinions() == 1
    give_opinion(review=inside, by=california_legal, opinion="more_facts", grounds="Which court?")
    ask_again(review=inside, by=california_coordinator, hours=1)
    late(inside)
    assert tell_overdue_opinions() == 1
    assert told() == [california_coordinator.email] * 2


def test_overdue_question_stands_on_the_desk_with_its_clock(
    inside, elsewhere, california_coordinator, california_officer, california_legal
):
    desk = signed_in(california_coordinator, "en").get("/desk/").text
    assert desk.count("Legal opinion overdue") == 2
    assert desk.count("Overdue by") == 2
    assert "National Centre for Missing Persons" in desk
    assert "Legal opinion overdue" not in signed_in(california_officer, "en").get("/desk/").text
    advisor = signed_in(california_legal, "en").get("/desk/").text
    assert "Legal opinion requested" in advisor
    assert "Legal opinion overdue" not in advisor


def test_looking_for_the_overdue_uses_the_index(inside):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = LegalReview.objects.untold().order_by("due_at").explain()
    assert "review_untold" in plan
