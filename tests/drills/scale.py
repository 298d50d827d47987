"""Two doors and three indexers behind one web: everything is stored once, whoever took it, and all had a part."""

import asyncio
import time

from tests.drills.containers import Broken, Containers, counted
from tests.drills.options import Options
from tests.faults.oracle import Mix, Oracle
from tests.faults.sender import Habits, Sender

DOORS, INDEXERS = 2, 3
LANES, BATCH = 8, 100
TWICE_SECONDS = 10.0
MIX = Mix(telemetry=0.5, unreadable=0.005, alertmanager=0.05, late=0.02, ahead=0.02)
# After the plain load, much of it once more or at the same time.
HABITS = Habits(resends=0.5, twins=0.5)


async def scale(there: Containers, options: Options) -> None:
    """Load from eight lanes, then the same and new records twice at once; each replica must have done something."""
    scaled = ("--scale", f"ingest={DOORS}", "--scale", f"indexer={INDEXERS}")
    took = await there.up("opensearch", "api", "indexer", "web", options=scaled)
    there.tell(f"{DOORS} ingest and {INDEXERS} indexers healthy after {took:.1f} s")
    await there.enrol()
    oracle = Oracle(options.seed, MIX)
    sender = Sender(there, oracle, lanes=LANES, batch=BATCH, habits=HABITS)
    await _at_full_rate(there, sender, options.records)
    await _twice(there, sender)
    verdict = await there.judge(oracle, sender)
    if verdict.acknowledged != verdict.attempted:
        raise Broken(f"{verdict.attempted - verdict.acknowledged} records were not acknowledged")
    await _all_had_a_part(there, "ingest", "eventsec_ingest_records")
    await _all_had_a_part(there, "indexer", "eventsec_writer_events")


async def _at_full_rate(there: Containers, sender: Sender, records: int) -> None:
    began = time.monotonic()
    await sender.send(records // BATCH)
    seconds = time.monotonic() - began
    there.tell(f"{len(sender.oracle.records):,} records acknowledged in {seconds:.1f} s, {records / seconds:,.0f}/s")


async def _twice(there: Containers, sender: Sender) -> None:
    enough = asyncio.Event()
    sending = asyncio.create_task(sender.keep_sending(enough))
    await asyncio.sleep(TWICE_SECONDS)
    enough.set()
    await sending
    sent, records = sum(sender.receipts.values()), len(sender.oracle.records)
    there.tell(f"{records:,} records sent {sent:,} times in all, replies {dict(sender.replies)}")
    if sent <= records:
        raise Broken("nothing was sent twice")


async def _all_had_a_part(there: Containers, service: str, counter: str) -> None:
    parts = [await counted(url, counter) for url in there.urls(service)]
    there.tell(f"{service}: {counter} of each {', '.join(f'{part:,}' for part in parts)}")
    if not all(parts):
        raise Broken(f"one of {service} had nothing to do")
