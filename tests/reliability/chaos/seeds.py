"""The runs of `make chaos`, one per seed; `run.py` starts them with servers of their own. Not part of `make test`."""

from __future__ import annotations

from random import Random

import pytest

from tests.portal import Portal, PrivateValkey
from tests.reliability.chaos.checks import DONE_SECONDS
from tests.reliability.chaos.faults import in_order
from tests.reliability.chaos.play import Scene, invite, play
from tests.reliability.chaos.run import Chaos
from tests.reliability.chaos.stage import Stage

pytestmark = pytest.mark.reliability


def test_seed(seed: int, chaos: Chaos, portal: Portal, valkey: PrivateValkey, scene: Scene) -> None:
    stage = Stage(portal, valkey, postgres=chaos.postgres, has_relay=chaos.has_relay, pause=chaos.guard.sleep)
    try:
        invite(scene.alert.program, chaos.recipients, stage.ports)
        stage.open()
        result = play(stage=stage, scene=scene, seed=seed, faults=in_order(Random(seed), has_postgres=True))
        chaos.results.append(result)
        assert result.is_kept, result.verdict.words()
        assert result.seconds is not None, f"not final within {DONE_SECONDS:.0f} s"
    finally:
        stage.close()
