"""What of a death is shown to whom: the family's own police first, everybody else once the family knows (U17).

Until then the other agencies read what they would read of a living child, so that nothing can be told from a gap.
"""

from __future__ import annotations

from agencies.models import User
from cases import permissions
from cases.models import Case, Closure, Recovery
from cases.models.code import code_label

DEAD_WHEN_FOUND = "deceased"
FOUND_DEAD = "found_deceased"


def condition_shown(recovery: Recovery, user: User | None, case: Case | None = None) -> str:
    """Return the condition of a located child as this person, or None for everybody, may read it."""
    return code_label("located_condition", condition_code_shown(recovery, user, case))


def condition_code_shown(recovery: Recovery, user: User | None, case: Case | None = None) -> str:
    """Return the code of the condition as this person, or None for everybody, may read it."""
    if recovery.condition == DEAD_WHEN_FOUND and not _may_know(user, case or recovery.case):
        return "unknown"
    return recovery.condition


def result_shown(closure: Closure, user: User | None, case: Case | None = None) -> str:
    """Return the result of a case as this person may read it."""
    if closure.reason == FOUND_DEAD and not _may_know(user, case or closure.case):
        return code_label("end_reason", "found")
    return code_label("closure_reason", closure.reason)


def result_code_shown(closure: Closure, user: User | None, case: Case | None = None) -> str:
    """Return the code of the result as this person may read it."""
    if closure.reason == FOUND_DEAD and not _may_know(user, case or closure.case):
        return "found"
    return closure.reason


def reason_to_record(case: Case, reason: str) -> str:
    """Return the reason that may stand where every agency reads it: a death only once the family knows."""
    return "found" if reason == FOUND_DEAD and case.family_informed_at is None else reason


def _may_know(user: User | None, case: Case) -> bool:
    if user is None:
        return case.family_informed_at is not None
    return permissions.can_see_death(user, case)
