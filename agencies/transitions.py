"""The engine of the state machines: tables say what may happen, `advance` is the one place where it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from agencies import audit
from agencies.models import User
from agencies.refusals import NotPermitted, TransitionConflict

Predicate = Callable[[User, Any], bool]


@dataclass(frozen=True)
class Transition:
    """One step: from which states to which, and who may take it.

    `guard` raises `ActRefused` for a rule beyond right and state. `by_system` marks steps that the portal
    takes by itself (expiry, a standing authority).
    """

    name: str
    label: Any
    sources: frozenset[str]
    target: str
    permitted: Predicate
    guard: Callable[[User | None, Any], None] | None = None
    by_system: bool = False


@dataclass(frozen=True)
class Machine:
    """All steps of one kind of object."""

    kind: str
    steps: tuple[Transition, ...]
    by_name: dict[str, Transition] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {step.name: step for step in self.steps})

    def possible(self, state: str) -> list[Transition]:
        """Return the steps that this state allows, whoever asks."""
        return [step for step in self.steps if state in step.sources]

    def available(self, item: Any, user: User) -> list[Transition]:
        """Return the steps that this person may take now."""
        return [step for step in self.possible(item.status) if step.permitted(user, item)]


def step(
    name: str,
    label: Any,
    sources: Iterable[str],
    target: str,
    permitted: Predicate,
    *,
    guard: Callable[[User | None, Any], None] | None = None,
    by_system: bool = False,
) -> Transition:
    """Write one row of a table of transitions."""
    return Transition(name, label, frozenset(sources), target, permitted, guard, by_system)


def advance(
    machine: Machine,
    item: Any,
    name: str,
    *,
    by: User | None,
    case_id: Any = None,
    stamps: dict[str, Any] | None = None,
) -> tuple[str, str]:
    """Take one step under the row's lock, with its audit event, in one transaction. Return old and new state.

    `stamps` are the fields that belong to the step (who, when, why) and are written with it.
    Refuses with `NotPermitted` (a 404) a person without the right, with `TransitionConflict` (a 409) a state
    that does not allow it, with `ActRefused` what a guard forbids. Right comes before state, so that a stranger
    learns nothing about the state.
    """
    taken = machine.by_name[name]
    with transaction.atomic():
        # No key is changed: rows that refer to this one may be written meanwhile, and nobody waits in a circle for it.
        rows = type(item)._base_manager.select_for_update(of=("self",), no_key=True)
        item.refresh_from_db(from_queryset=rows)
        if not (taken.by_system if by is None else taken.permitted(by, item)):
            raise NotPermitted
        if item.status not in taken.sources:
            reachable = machine.available(item, by) if by else machine.possible(item.status)
            raise TransitionConflict(state=item.get_status_display(), allowed=[other.label for other in reachable])
        if taken.guard:
            taken.guard(by, item)
        before, item.status = item.status, taken.target
        for field_name, value in (stamps or {}).items():
            setattr(item, field_name, value)
        item.save(update_fields=["status", *(stamps or {})])
        audit.record(
            f"{machine.kind}.{name}",
            by=by,
            objects=[item],
            case_id=case_id,
            field_names=["status", *(stamps or {})],
            detail={"from": before, "to": taken.target},
        )
    return before, taken.target
