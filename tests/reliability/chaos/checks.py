"""What must hold after a run: the rows against the provider's ledger. Plain values in, broken promises out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.reliability.chaos.provider import Taken

FINAL = {"sent", "delivered", "failed", "suppressed"}
ORDER = ("Alert", "Update", "Cancel")
DONE_SECONDS = 60.0  # after the last fault
# A sender looks twice a second whether the alert still stands; on a busy machine it may be late by as much again.
LATE_SECONDS = 2.0


@dataclass(frozen=True)
class Row:
    """One delivery as the database has it; `kind` is empty for a notice to a colleague."""

    delivery: str
    recipient: str
    channel: str
    kind: str
    state: str
    may_have_arrived: bool


@dataclass
class Verdict:
    """What a run came to."""

    duplicates: int = 0
    lost: int = 0
    late_seconds: float = 0.0
    broken: dict[str, list[str]] = field(default_factory=dict)

    def add(self, promise: str, delivery: str) -> None:
        """Note which delivery broke which promise."""
        self.broken.setdefault(promise, []).append(delivery)

    def words(self) -> str:
        """Return the verdict in one line."""
        return "; ".join(f"{promise}: {len(found)}" for promise, found in sorted(self.broken.items())) or "kept"


def judge(rows: Sequence[Row], ledger: Iterable[Taken], *, kills: int, ended_at: float | None) -> Verdict:
    """Hold the rows against the ledger. `ended_at` is when the alert's end was certain (seconds since 1970)."""
    entries: dict[str, list[Taken]] = {}
    for entry in ledger:
        entries.setdefault(entry.delivery, []).append(entry)
    verdict = Verdict()
    known = {row.delivery for row in rows}
    for stranger in entries.keys() - known:
        verdict.add("taken, and no row says so", stranger)
    for row in rows:
        _judge_row(row, entries.get(row.delivery, []), verdict, kills)
    _judge_end(rows, entries, verdict, ended_at)
    _judge_order(rows, entries, verdict)
    return verdict


def _judge_row(row: Row, taken: list[Taken], verdict: Verdict, kills: int) -> None:
    unanswered = sum(not entry.is_answered for entry in taken)
    verdict.duplicates += max(0, len(taken) - 1)
    if row.state not in FINAL:
        verdict.add("not final", row.delivery)
        verdict.lost += not taken
    if row.state in ("sent", "delivered") and not taken:
        verdict.add("sent, and never taken", row.delivery)
        verdict.lost += 1
    if row.state in ("failed", "suppressed") and taken and not row.may_have_arrived:
        verdict.add("taken, and the row says otherwise", row.delivery)
    if len(taken) > 1 + kills + unanswered:
        verdict.add("more duplicates than faults", row.delivery)
    if len(taken) > 1 and not row.may_have_arrived:
        verdict.add("duplicate without a flag", row.delivery)


def _judge_end(
    rows: Sequence[Row], entries: Mapping[str, list[Taken]], verdict: Verdict, ended_at: float | None
) -> None:
    """Nothing but the Cancel is begun after the alert has ended."""
    if ended_at is None:
        return
    for row in rows:
        if row.kind in ("Alert", "Update"):
            late = max((entry.begun - ended_at for entry in entries.get(row.delivery, [])), default=0.0)
            verdict.late_seconds = max(verdict.late_seconds, late)
            if late > LATE_SECONDS:
                verdict.add("sent after its end", row.delivery)


def _judge_order(rows: Sequence[Row], entries: Mapping[str, list[Taken]], verdict: Verdict) -> None:
    """Each recipient gets Alert before Update before Cancel by each channel, repeats included."""
    seen: dict[tuple[str, str], list[tuple[float, int, str]]] = {}
    for row in rows:
        if row.kind in ORDER:
            moments = [(entry.at, ORDER.index(row.kind), row.delivery) for entry in entries.get(row.delivery, [])]
            seen.setdefault((row.recipient, row.channel), []).extend(moments)
    for moments in seen.values():
        places = [place for _at, place, _delivery in sorted(moments)]
        if places != sorted(places):
            verdict.add("out of order", sorted(moments)[0][2])


def states(rows: Iterable[Row]) -> Counter[str]:
    """Return how many rows are in each state."""
    return Counter(row.state for row in rows)
