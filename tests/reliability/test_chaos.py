"""The short form of `make chaos`, and the judge of its runs."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.portal import Portal, PrivateValkey
from tests.reliability.chaos.checks import Row, judge
from tests.reliability.chaos.faults import SHORT, in_order
from tests.reliability.chaos.play import Scene, invite, play
from tests.reliability.chaos.provider import Taken, read_ledger
from tests.reliability.chaos.stage import Stage

RECIPIENTS = 60
SEED = 5


@pytest.mark.reliability
def test_short_chaos_loses_nothing(portal: Portal, valkey: PrivateValkey, scene: Scene) -> None:
    portal.environment["TEST_LEASE_SECONDS"] = "5"
    stage = Stage(portal, valkey, workers=("worker",), has_web=False)
    try:
        invite(scene.alert.program, RECIPIENTS, stage.ports)
        stage.open()
        faults = in_order(Random(SEED), has_postgres=False, names=SHORT)
        result = play(stage=stage, scene=scene, seed=SEED, faults=faults)
    finally:
        stage.close()
    assert result.verdict.broken == {}
    assert result.seconds is not None
    assert len(read_ledger(stage.folder)) >= 2 * RECIPIENTS, "the provider was at work"


def row(kind: str = "Alert", state: str = "sent", *, flag: bool = False, name: str = "a") -> Row:
    """Return one delivery to one recipient."""
    return Row(name, "somebody", "email", kind, state, flag)


def taken(at: float = 1.0, name: str = "a", **fields: Any) -> Taken:
    """Return one line of the ledger."""
    return Taken("email", name, "somebody@x.example", begun=at, at=at, **fields)


@pytest.mark.parametrize(
    "rows, ledger, promise",
    [
        ([row()], [], "sent, and never taken"),
        ([row(state="retry")], [taken()], "not final"),
        ([row(state="suppressed")], [taken()], "taken, and the row says otherwise"),
        ([row()], [taken(), taken()], "duplicate without a flag"),
        ([row(flag=True)], [taken(), taken(), taken()], "more duplicates than faults"),
        ([row()], [taken(at=13.0)], "sent after its end"),
        ([row(), row("Cancel", name="b")], [taken(at=2.0), taken(at=1.0, name="b")], "out of order"),
        ([], [taken()], "taken, and no row says so"),
    ],
)
def test_judge_sees_a_broken_promise(rows: list[Row], ledger: list[Taken], promise: str) -> None:
    verdict = judge(rows, ledger, kills=1, ended_at=10.0)
    assert list(verdict.broken) == [promise]
    assert promise in verdict.words()


def test_judge_accepts_what_faults_excuse() -> None:
    rows = [
        row(flag=True), row(name="b", flag=True), row(state="failed", name="c"),
        row(state="suppressed", name="d", flag=True),
    ]  # fmt: skip
    ledger = [
        taken(), taken(), taken(name="b", is_answered=False), taken(name="b", is_answered=False), taken(name="b"),
        taken(name="d"),
    ]  # fmt: skip
    verdict = judge(rows, ledger, kills=1, ended_at=10.0)
    assert (verdict.broken, verdict.duplicates, verdict.lost) == ({}, 3, 0)


def test_line_that_is_being_written_is_not_read(tmp_path: Path) -> None:
    line = '{"channel": "email", "delivery": "a", "address": "x", "begun": 1, "at": 1, "is_answered": true}'
    (tmp_path / "ledger.jsonl").write_text(f"{line}\n{line[:20]}")
    assert [entry.delivery for entry in read_ledger(tmp_path)] == ["a"]
