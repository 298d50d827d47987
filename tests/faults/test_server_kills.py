"""Each server killed once under load and work: everybody is told to wait, all heals, nothing is lost or doubled."""

import asyncio

import pytest

from tests.faults.incident_workers import at_work
from tests.faults.oracle import Oracle
from tests.faults.sender import Habits, Sender
from tests.faults.system import System
from tests.faults.verdict import judge


@pytest.mark.parametrize("server", ["rabbitmq", "postgres", "opensearch"])
async def test_a_killed_server_costs_time_and_nothing_else(staffed: System, server: str) -> None:
    system, oracle = staffed, Oracle(seed=2)
    await system.start()
    sender = Sender(system, oracle, habits=Habits(pause=0.1))
    enough = asyncio.Event()
    async with at_work(system, seed=2) as worked:
        sending = asyncio.create_task(sender.keep_sending(enough))
        await asyncio.sleep(1.5)
        before = len(oracle.records)
        await system.kill_server(server)
        await asyncio.sleep(3)
        await system.start_server(server)
        enough.set()
        await asyncio.wait_for(sending, 180)

    verdict = await judge(system, oracle, worked=worked)

    assert 0 < before < len(oracle.records), "the fault came before the load"
    if server == "rabbitmq":
        assert sender.replies.keys() - {"202"}, "the sender never noticed the broker's death"
    else:
        assert sender.replies.keys() == {"202"}, "only the broker stands between the sender and its receipt"
    assert verdict.acknowledged == verdict.stored == verdict.attempted
    assert verdict.clean, verdict.as_dict()
    assert not system.indexer.deaths, "a dependency's outage is a state, not an accident"
    assert not system.ingest.deaths
    assert not system.apis[0].deaths
