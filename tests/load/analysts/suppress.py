"""*Suppress*: a suppression and a maintenance window under load hide exactly what they match, until they end.

The same 2,000 records are sent three times beside a feed: before, of which the dry run tells; while both are in force;
and after they have ended. The first hides what its query matches, the window one signature.
"""

import argparse
import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import asyncpg
import orjson

from shared import clock
from shared.normalise.body import unpack_body
from tests.faults.system import System
from tests.faults.verdict import quiet
from tests.load.analysts.at_work import Found, People, feeding, record, send_all

SIGNATURES, TIMES = 40, 50
MATCHED, IN_WINDOW = range(3_000_003, 3_000_006), 3_000_010
# What could hide critical events would wait for a second person.
QUERY = 'rule.id:("1:3000003" OR "1:3000004" OR "1:3000005") AND severity:<=high'
WINDOW_QUERY = 'rule.id:"1:3000010" AND severity:<=high'
SOON, WINDOW_SECONDS, FOUND_SECONDS = timedelta(seconds=4), 60, 120
HIDDEN = """
    SELECT e.body, a.suppression_id, a.status FROM events e JOIN alerts a ON a.id = e.alert_id
    WHERE e.kind = 'alert' AND starts_with(a.title, 'suppressed')
"""


def corpus(flows: Iterator[int]) -> list[bytes]:
    """Each signature as often, each record its own event."""
    return [record(next(flows), 3_000_000 + number, "suppressed") for _ in range(TIMES) for number in range(SIGNATURES)]


async def prove(system: System, people: People, options: argparse.Namespace) -> Found:
    """What the dry run said, what was hidden and when, and whether that is what was sent and matched."""
    flows, others = itertools.count(1), itertools.count(10_000_000)
    feed = (record(flow, 2_000_000 + flow % 1000, "feed") for flow in others)
    async with feeding(system, options.rate, feed):
        await send_all(system, corpus(flows), rest=False)
        dry = await _dry_run(people, {"query": QUERY})
        starts = clock.now() + SOON
        ends = starts + timedelta(seconds=WINDOW_SECONDS)
        made = {"reason": "the proof of suppressions", "starts_at": clock.isoformat(starts)}
        suppression = await people.make("/suppressions", name="one", query=QUERY, ends_at=clock.isoformat(ends), **made)
        recurring = {"rule": "FREQ=DAILY", "duration_seconds": WINDOW_SECONDS}
        window = await people.make(
            "/suppressions", name="window", query=WINDOW_QUERY, recurrence=recurring,
            ends_at=clock.isoformat(starts + timedelta(days=2)), **made,
        )  # fmt: skip
        assert not suppression["needs_approval"] | window["needs_approval"]
        await _until(starts)
        await send_all(system, corpus(flows), rest=False)
        during = clock.now()
        await _until(ends)
        await send_all(system, corpus(flows), rest=False)
    await quiet(system)
    return {
        "dry_run": {name: dry[name] for name in ("events", "alerts", "alerts_gone", "true_positives")},
        "sent_in_time": starts < during < ends,
        **await _seen(system, {suppression["id"]: "suppression", window["id"]: "window"}, starts, ends),
    }


async def _dry_run(people: People, wanted: dict[str, object]) -> Found:
    """Its figures once what was sent is found."""
    found: Found = {}
    deadline = time.monotonic() + FOUND_SECONDS
    while time.monotonic() < deadline and found.get("events") != len(MATCHED) * TIMES:
        await asyncio.sleep(1)
        reply = await people.at[0].post("/suppressions/dry-run", json={"days": 1, **wanted})
        reply.raise_for_status()
        found = reply.json()
    return found


async def _until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - clock.now()).total_seconds()) + 0.01)


async def _seen(system: System, names: dict[str, str], starts: datetime, ends: datetime) -> Found:
    """What each hid, of how many events that it should have; and what was hidden beside."""
    hidden: Counter[str] = Counter()
    alerts: dict[str, set[object]] = {name: set() for name in names.values()}
    astray = 0
    connection = await asyncpg.connect(system.owner_url)
    for row in await connection.fetch(HIDDEN):
        sent = orjson.loads(unpack_body(row["body"])[1])
        signature = sent["alert"]["signature_id"]
        should = "suppression" if signature in MATCHED else "window" if signature == IN_WINDOW else ""
        if not starts <= datetime.fromisoformat(sent["timestamp"]) < ends:
            should = ""
        did = names.get(str(row["suppression_id"]), "")
        astray += did != should
        hidden[did] += 1
        if did:
            alerts[did].add(signature)
    whole = await connection.fetchval(
        "SELECT (SELECT coalesce(sum(count), 0) FROM alerts) = (SELECT count(*) FROM events WHERE kind = 'alert')"
    )
    await connection.close()
    return {
        "hidden": {name: hidden[name] for name in alerts},
        "alerts_hidden": {name: len(found) for name, found in alerts.items()},
        "shown": hidden[""],
        "astray": astray,
        "counts_are_events": whole,
    }


def wrong(found: Found) -> list[str]:
    """What does not hold."""
    dry, told = found["dry_run"], []
    if found["astray"] or not found["counts_are_events"] or not found["sent_in_time"]:
        told.append("hidden was not what matched, when it was in force")
    if found["hidden"] != {"suppression": len(MATCHED) * TIMES, "window": TIMES}:
        told.append("not all that matched was hidden")
    if (dry["events"], dry["alerts"]) != (found["hidden"]["suppression"], found["alerts_hidden"]["suppression"]):
        told.append("the dry run told otherwise")
    return told
