"""*Hot*: fifty people edit one alert that 500 events a second fold into: nothing lost, nobody refused by folding."""

import argparse
import asyncio
import itertools
import random
import time
from collections import Counter
from uuid import UUID

import asyncpg
import orjson

from tests.faults.analysts import one_history
from tests.faults.system import System
from tests.faults.verdict import quiet
from tests.load.analysts.at_work import Found, People, feeding, record, send_all

HOLDS = ("count_is_events", "revision_is_edits", "tags_are_the_last", "entries_are_edits", "one_history")


async def prove(system: System, people: People, options: argparse.Namespace) -> Found:
    """Fifty editors on one alert under folding."""
    flows = itertools.count(1)
    endless = (record(flow, 1, "hot") for flow in flows)
    await send_all(system, [next(endless)])
    alert = (await people.ask("/alerts", status="new"))["items"][0]
    done: Counter[str] = Counter()
    held: set[str] = set()
    ends = time.monotonic() + options.seconds

    async def edit(number: int) -> None:
        """Puts a tag of one's own on and takes it off; who is late looks again and thinks."""
        client, tag, on, revision = people.at[number % 2], f"editor-{number}", False, alert["revision"]
        while time.monotonic() < ends:
            body = {"remove": [tag]} if on else {"add": [tag]}
            reply = await client.post(f"/alerts/{alert['id']}/tags", json=body, headers={"If-Match": f'"{revision}"'})
            done[str(reply.status_code)] += 1
            if reply.status_code == 503:
                await asyncio.sleep(float(reply.headers["retry-after"]))
                continue
            if reply.status_code == 412:
                # Somebody else's edit, never an event: the revision has moved on.
                done["412_without_an_edit"] += reply.json()["current"]["revision"] <= revision
                revision = reply.json()["current"]["revision"]
            else:
                assert reply.status_code == 200, reply.text
                revision, on = reply.json()["revision"], not on
                (held.add if on else held.discard)(tag)
            await asyncio.sleep(random.uniform(0, options.pause))

    began = time.monotonic()
    async with feeding(system, options.rate, endless) as sent:
        async with asyncio.TaskGroup() as group:
            for number in range(options.editors):
                group.create_task(edit(number))
        rate = sum(sent) / (time.monotonic() - began)
    await quiet(system)
    row = await people.ask(f"/alerts/{alert['id']}")
    connection = await asyncpg.connect(system.owner_url)
    entries = await connection.fetch(
        "SELECT changes FROM audit_log WHERE object_id = $1 AND action = 'alert.tagged'", UUID(alert["id"])
    )
    await connection.close()
    return {
        "editors": options.editors,
        "events_per_second": round(rate),
        "edits": done["200"],
        "late": done["412"],
        "late_without_an_edit": done["412_without_an_edit"],
        "busy": done["503"],
        "count_is_events": row["count"] == sum(sent) + 1,
        "revision_is_edits": row["revision"] == done["200"] + 1,
        "tags_are_the_last": set(row["tags"]) == held,
        "entries_are_edits": len(entries) == done["200"],
        "one_history": one_history([orjson.loads(entry["changes"])["tags"] for entry in entries]),
    }


def wrong(found: Found) -> list[str]:
    """What does not hold."""
    named = [name for name in HOLDS if not found[name]]
    return named + ["somebody was refused without an edit by somebody else"] * bool(found["late_without_an_edit"])
