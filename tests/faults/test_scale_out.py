"""Two doors and three indexers on the one queue: everything is stored once, whoever took it."""

import asyncio

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.oracle import Mix, Oracle
from tests.faults.sender import Habits, Sender
from tests.faults.service import Service
from tests.faults.system import System
from tests.faults.verdict import judge

EVENTS = 6_000


async def counted(service: Service, name: str) -> float:
    """The sum of one of its counters."""
    async with httpx.AsyncClient(timeout=5) as client:
        text = (await client.get(f"{service.url}/metrics")).text
    families = [family for family in text_string_to_metric_families(text) if family.name == name]
    return sum(sample.value for family in families for sample in family.samples if sample.name == f"{name}_total")


async def test_two_doors_and_three_indexers_count_as_one(crowd: System) -> None:
    oracle = Oracle(9, Mix(telemetry=0.1, unreadable=0.01, alertmanager=0.1))
    # Half of everything twice, and much of that at the same time, through both doors.
    sender = Sender(crowd, oracle, lanes=8, batch=100, habits=Habits(resends=0.5, twins=0.5))
    await crowd.start()
    enough = asyncio.Event()
    sending = asyncio.create_task(sender.keep_sending(enough))
    async with asyncio.timeout(120):
        while len(oracle.records) < EVENTS:
            await asyncio.sleep(0.1)
    enough.set()
    await asyncio.wait_for(sending, 60)

    verdict = await judge(crowd, oracle, sender=sender)

    assert verdict.acknowledged == verdict.attempted >= EVENTS
    assert sum(sender.receipts.values()) > 1.3 * EVENTS, "there were hardly any duplicates"
    assert verdict.clean, verdict.as_dict()
    assert not [one.label for one in crowd.services if one.deaths]
    for door in crowd.doors:
        assert await counted(door, "eventsec_ingest_records") > 0, f"{door.label} had nothing to do"
    for indexer in crowd.indexers:
        assert await counted(indexer, "eventsec_writer_events") > 0, f"{indexer.label} had nothing to do"
