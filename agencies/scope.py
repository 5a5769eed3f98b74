"""The second lock: for which agencies this connection reads cases now (ADR 32).

PostgreSQL's policies show a row of a case only to an agency that is on the case. They ask two settings of the
connection, and whoever asks for nothing sees nothing. What has to see across agencies goes through one of the doors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

# Every place that reads across agencies, and why it must. A test holds this list against the code.
DOORS = {
    "acknowledging": "a recipient without an account opens the link of a delivery",
    "assessing_criteria": "a version of criteria that any case was judged under is never changed",
    "corridors": "open cases are counted over all agencies, six cells, small ones hidden (ADR 21)",
    "delivering": "the senders send what every agency queued",
    "receipts": "a provider of text messages tells what became of one, or passes a reply on (ADR 76)",
    "relay": "the relay sends, ends, renews and escalates for every agency",
    "public_standing": "a public page tells whether an alert is over and its case still open",
    "reviewing_words": "a reviewer of another agency reads the words that were sent to them, nothing else (ADR 57)",
    "oversight": "the operator lists every access to one child, whichever agencies are on the case",
    "blind_questions": "an agency asks another one whether it knows a child or a plate: yes or no (ADR 66)",
    "naming_readers": "an operator names a reader of a sealed case, and no last reader's role ends unseen (ADR 65)",
    "watching": "the system page counts what waits to be sent, over all agencies, numbers and moments only (ADR 75)",
    "demo": "the invented cases of a demonstration are made and measured for all agencies",
}


@dataclass(frozen=True)
class Scope:
    """Which rows the connection may see."""

    agency_ids: tuple[int, ...] = ()
    case_ids: tuple[str, ...] = ()
    everything: bool = False
    author: str = ""
    person: str = ""

    def settings(self) -> list[str]:
        """Return the values of the settings that `TELL` names, in its order."""
        agencies, cases = (",".join(map(str, ids)) for ids in (self.agency_ids, self.case_ids))
        return [f"{{{agencies}}}", f"{{{cases}}}", "on" if self.everything else "", self.author,
                self.person]  # fmt: skip


# The author is what the triggers of the field history write beside each version (ADR 62), the person whom the policies
# look for among the readers of a sealed case (ADR 65).
TELL = (
    "SELECT set_config('amber.agencies', %s, false), set_config('amber.cases', %s, false),"
    " set_config('amber.everything', %s, false), set_config('pghistory.context_metadata', %s, false),"
    " set_config('amber.person', %s, false)"
)
NOTHING = Scope()
_scope: ContextVar[Scope] = ContextVar("row_scope", default=NOTHING)


def current() -> Scope:
    """Return what the connection may see now; another object for every block that was entered."""
    return _scope.get()


@contextmanager
def acting_for(
    agency_ids: Iterable[int], *, author: dict[str, object] | None = None, person: object = None
) -> Iterator[None]:
    """Show the connection the cases of these agencies inside this block, and no others.

    Of their sealed cases those that name `person`, the id of who acts; without one none (ADR 65).
    `author` holds ids of who acts, in which request: the history of the fields keeps them beside what is changed.
    """
    said = json.dumps(author) if author else _scope.get().author
    with _entered(Scope(tuple(sorted(agency_ids)), author=said, person=str(person or ""))):
        yield


@contextmanager
def through_door(name: str) -> Iterator[None]:
    """Show the connection every row inside this block. Refuses with KeyError a door that is not listed."""
    if name not in DOORS:
        raise KeyError(name)
    with _entered(Scope(everything=True, author=_scope.get().author)):
        yield


def widen(case_id: object) -> None:
    """Show the connection one case more until the present block ends: what a link or an offer names, and no other.

    For an act by somebody whose agency is not on the case, once it is certain that they hold the link or the offer.
    """
    scope = _scope.get()
    if not scope.everything and str(case_id) not in scope.case_ids:
        wider = replace(scope, case_ids=(*scope.case_ids, str(case_id)))
        _scope.set(wider)
        _tell(wider)


@contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    before = _scope.get()
    token = _scope.set(scope)
    try:
        if scope != before:
            _tell(scope)
        yield
    finally:
        has_changed = _scope.get() != before
        _scope.reset(token)
        # A transaction that failed inside the block takes its settings back by itself when it is rolled back.
        if has_changed and not (connection.in_atomic_block and connection.needs_rollback):
            _tell(before)


def _tell(scope: Scope) -> None:
    """Set what the policies ask; a connection that is not open yet is told when it opens."""
    if connection.connection is None or connection.connection.closed:
        return
    with connection.cursor() as cursor:
        cursor.execute(TELL, scope.settings())


def tell_new_connection(*, connection: Any, **_kwargs: Any) -> None:
    """Tell a connection that was opened inside a block what it may show."""
    scope = _scope.get()
    if scope == NOTHING or connection.alias != "default":
        return
    with connection.cursor() as cursor:
        cursor.execute(TELL, scope.settings())
