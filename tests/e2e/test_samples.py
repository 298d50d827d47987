"""Real sensors' files, when they are there: each accepted, folded, and the same after a second push."""

import os
from pathlib import Path

import pytest

from tests.e2e.samples import NO_MAINTENANCE, push_twice, said
from tests.faults.system import System

SAMPLES = Path(os.environ.get("EVENTSEC_SAMPLES") or Path(__file__).parents[3] / "shared" / "samples")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample files (EVENTSEC_SAMPLES names their folder)")
async def test_a_second_push_changes_nothing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    system = System(environment | NO_MAINTENANCE, tmp_path)
    await system.create()
    try:
        report = await push_twice(system, SAMPLES)
    finally:
        await system.stop()
        await system.destroy()
    print("\n" + said(report))
    assert not report.changed
    for name, result in report.results.items():
        pushed = result.pushed
        assert not pushed.replies.keys() - {202, 207}, (name, pushed.replies)
        assert pushed.said.total() >= pushed.records
        # The writer adds what it finds to be another record under a known id.
        conflicts = result.quarantined.get("identity_conflict", 0)
        assert sum(result.quarantined.values()) - conflicts == pushed.said["rejected"]
