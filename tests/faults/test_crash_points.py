"""Each named crash point once, under load: the process dies there, comes back, and nothing is lost or doubled."""

import pytest

from tests.faults.oracle import Oracle
from tests.faults.sender import Sender
from tests.faults.system import System
from tests.faults.verdict import judge

INGEST_POINTS = ("ingest_after_publish",)
WRITER_POINTS = (
    "writer_before_commit",
    "writer_after_commit",
    "writer_mid_bulk",
    "writer_before_ack",
    "accounts_before_ack",
)


@pytest.mark.parametrize("point", [*INGEST_POINTS, *WRITER_POINTS])
async def test_dies_there_and_loses_nothing(system: System, point: str) -> None:
    at_the_door = point in INGEST_POINTS
    oracle = Oracle(seed=1)
    # The crash point is armed in the process's first life only, and the first batch reaches it.
    await system.start(crash_at={"ingest" if at_the_door else "indexer": point})
    await Sender(system, oracle).send(40)

    verdict = await judge(system, oracle, door_was_killed=at_the_door)

    victim = system.ingest if at_the_door else system.indexer
    assert victim.crashed, "the fault did not happen"
    assert verdict.acknowledged == verdict.stored == verdict.attempted == 2000
    assert verdict.clean, verdict.as_dict()
