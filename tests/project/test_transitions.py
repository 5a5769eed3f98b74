"""The reviewed table `transitions.csv` is the expectation: who may take which step from which state.

`allowed`: the step is taken · `conflict`: the right is there, the state is not (409) · `not_found`: no right,
whatever the state (404) · `refused`: a rule beyond right and state forbids it (409). Objects are set up so that
the guards are content; what the guards refuse stands in `tests/cases/test_guards.py` and `tests/alerts/test_guards.py`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from agencies.models import Agency, AlertProgram, Subdivision
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import workflow as alerts_workflow
from alerts.models import Alert, AlertUpdate, ApprovalCall, Duty, ExtensionRequest, TextReview
from cases import workflow as cases_workflow
from cases.models import Case, CaseHandover, Child, IdentityConfirmation, LegalReview, Recovery

TABLE = Path(__file__).with_name("transitions.csv")
WORKFLOWS = {model: workflow for workflow in (cases_workflow, alerts_workflow) for model in workflow.MACHINES}
MACHINES = {WORKFLOWS[model].MACHINES[model].kind: (model, WORKFLOWS[model].MACHINES[model]) for model in WORKFLOWS}
ROLES = (
    "owner_duty_officer", "owner_coordinator", "owner_legal_advisor", "owner_staff",
    "receiver_duty_officer", "receiver_coordinator", "receiver_legal_advisor", "receiver_staff",
    "outsider", "superuser", "system",
)  # fmt: skip
OUTCOMES = {"allowed", "conflict", "not_found", "refused"}
Key = tuple[str, str, str, str]


def read_table() -> dict[Key, str]:
    """Return the expected outcome by machine, state, transition and role. Refuses a row that stands twice."""
    expected: dict[Key, str] = {}
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            key = (row["machine"], row["state"], row["transition"], row["role"])
            assert key not in expected, f"{key} stands twice"
            expected[key] = row["expected"]
    return expected


def states_of(model: type) -> list[str]:
    """Return every state that the model's column may hold."""
    return [value for value, _label in model._meta.get_field("status").choices]


def outcome_of(item: Any, transition: str, by: Any) -> str:
    """Take the step inside a savepoint that is given back, and say how it ended."""
    workflow = WORKFLOWS[type(item)]
    try:
        with transaction.atomic():
            workflow.apply(item, transition, by=by)
            stored = type(item)._base_manager.values_list("status", flat=True).get(pk=item.pk)
            assert stored == workflow.MACHINES[type(item)].by_name[transition].target
            transaction.set_rollback(True)
    except NotPermitted:
        return "not_found"
    except TransitionConflict:
        return "conflict"
    except ActRefused:
        return "refused"
    return "allowed"


def test_table_covers_every_state_step_and_role() -> None:
    expected = read_table()
    wanted = {
        (kind, state, step.name, role)
        for kind, (model, machine) in MACHINES.items()
        for state, step, role in product(states_of(model), machine.steps, ROLES)
    }
    assert set(expected) - wanted == set()
    assert wanted - set(expected) == set()
    assert set(expected.values()) <= OUTCOMES
    assert set(MACHINES) == {
        "case",
        "child",
        "legalreview",
        "request",
        "alert",
        "duty",
        "update",
        "textreview",
        "handover",
    }


def test_table_gives_every_step_somebody_and_strangers_none() -> None:
    allowed = defaultdict(set)
    for (machine, _state, transition, role), outcome in read_table().items():
        if outcome == "allowed":
            allowed[machine, transition].add(role)
    assert set(allowed) == {(kind, step.name) for kind, (_model, machine) in MACHINES.items() for step in machine.steps}
    assert not any(roles & {"outsider", "superuser"} for roles in allowed.values())


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Give the object of one machine, with guards content."""

    def make(machine: str) -> Any:
        return SUBJECTS[machine](request.getfixturevalue)

    return make


def _case(fixture: Callable[[str], Any]) -> Case:
    case = fixture("sent_request").case
    case.children.update(status="recovered")
    return case


def _child(fixture: Callable[[str], Any]) -> Child:
    case, now = fixture("sent_request").case, timezone.now()
    child = case.children.get()
    baja = Agency.objects.get(code="mx-bcn-amber")
    recovery = Recovery.objects.create(
        case=case, child=child, located_at=now, time_zone="America/Tijuana", place="Tijuana",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed", holding_agency=baja,
        reported_by=fixture("baja_coordinator"),
    )  # fmt: skip
    for officer, agency in ((fixture("baja_coordinator"), baja), (fixture("california_officer"), case.lead_agency)):
        IdentityConfirmation.objects.create(
            case=case, recovery=recovery, officer=officer, agency=agency, method="document"
        )
    return child


def _review(fixture: Callable[[str], Any]) -> LegalReview:
    case = fixture("sent_request").case
    return LegalReview.objects.create(case=case, agency=case.lead_agency, requested_by=fixture("california_officer"))


def _request(fixture: Callable[[str], Any]) -> ExtensionRequest:
    return fixture("sent_request")


def _alert(fixture: Callable[[str], Any]) -> Alert:
    alert, now = fixture("draft_alert"), timezone.now()
    writer = fixture("baja_approver")  # somebody else wrote and submitted, so that the acting person may approve
    submitter = fixture("actors")["receiver_duty_officer"]  # who alone may go on when no approver has answered
    AlertProgram.objects.filter(pk=alert.program_id).update(single_officer_activation=True)
    ApprovalCall.objects.create(
        alert=alert, content_hash="0" * 64, asked=[writer.pk], asked_by=submitter, created_at=now, due_at=now
    )
    Alert.objects.filter(pk=alert.pk).update(
        authors=[writer.pk], submitted_by=submitter, submitted_at=now, activated_at=now,
        expires_at=now + timedelta(hours=24), content_hash="0" * 64,
    )  # fmt: skip
    alert.texts.update(approved_by=writer, approved_at=now, approval_basis="read")
    return alert


def _duty(fixture: Callable[[str], Any]) -> Duty:
    alert = fixture("draft_alert")
    return Duty.objects.create(
        kind="cancel_alert", case=alert.case, program=alert.program, alert=alert, due_at=timezone.now()
    )


def _update(fixture: Callable[[str], Any]) -> AlertUpdate:
    from alerts.services import preparing

    return preparing.prepare(alert=fixture("active_alert"), kind="change")


def _text_review(fixture: Callable[[str], Any]) -> TextReview:
    """English words of Baja's alert, taken by California's coordinator; Baja reads Spanish, the outsider French."""
    from alerts.services.text_reviews import ask_review

    review = ask_review(
        alert=fixture("draft_alert"), by=fixture("baja_coordinator"), language="en", source_language="es"
    )
    TextReview.objects.filter(pk=review.pk).update(
        taken_by=fixture("california_coordinator"), taken_at=timezone.now()
    )  # fmt: skip
    return review


def _handover(fixture: Callable[[str], Any]) -> CaseHandover:
    """The case of California, offered to Baja California, which is on it for a request."""
    from cases.services.handovers import offer_case

    return offer_case(
        case=fixture("sent_request").case, by=fixture("california_officer"), reason="jurisdiction", hours=24,
        agency=Agency.objects.get(code="mx-bcn-amber"),
    )  # fmt: skip


# What a state means beside its status: nobody has taken a review that is open.
ALSO: dict[tuple[type, str], dict[str, Any]] = {(TextReview, "open"): {"taken_by": None, "taken_at": None}}

SUBJECTS: dict[str, Callable[[Callable[[str], Any]], Any]] = {
    "case": _case, "child": _child, "legalreview": _review, "request": _request, "alert": _alert, "duty": _duty,
    "update": _update, "textreview": _text_review, "handover": _handover,
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("machine", sorted(SUBJECTS))
def test_every_step_ends_as_the_table_says(machine: str, subject: Callable[[str], Any], actors: dict[str, Any]) -> None:
    item = subject(machine)
    model = type(item)
    differences = []
    compared = 0
    expected = read_table()
    rows = model._base_manager.filter(pk=item.pk)
    usual = rows.values("taken_by", "taken_at").get() if model is TextReview else {}
    for state in states_of(model):
        rows.update(status=state, **{**usual, **ALSO.get((model, state), {})})
        for step, role in product(MACHINES[machine][1].steps, ROLES):
            found = outcome_of(item, step.name, actors[role])
            wanted = expected[machine, state, step.name, role]
            compared += 1
            if found != wanted:
                differences.append(f"{state} · {step.name} · {role}: expected {wanted}, found {found}")
    assert differences == []
    assert compared == sum(key[0] == machine for key in expected)
