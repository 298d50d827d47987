"""Real sensors' files, when they are there: each accepted, folded, and the same after a second push."""

import os
from pathlib import Path

import pytest

from tests.e2e.samples import FORMATS, NO_MAINTENANCE, push_twice, table
from tests.faults.system import System

SAMPLES = Path(os.environ.get("EVENTSEC_SAMPLES") or Path(__file__).parents[3] / "shared" / "samples")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample files (EVENTSEC_SAMPLES names their folder)")
async def test_a_second_push_changes_nothing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    system = System(environment | NO_MAINTENANCE, tmp_path)
    await system.create()
    try:
        results, _, changed = await push_twice(system, SAMPLES)
    finally:
        await system.stop()
        await system.destroy()
    print("\n" + table(results))
    assert not changed
    for name in FORMATS:
        pushed = results[name].pushed
        assert not pushed.replies.keys() - {202, 207}, (name, pushed.replies)
        assert pushed.said["accepted"] + pushed.said["rejected"] + pushed.said["ignored"] >= pushed.records
