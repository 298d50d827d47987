"""OpenSearch is late at the first start, and away at a later one: what needs it waits, and the rest takes events."""

import asyncio
import time
from typing import Any

import asyncpg
import httpx

from tests.drills.containers import Broken, Containers, running, state_of, unhealthy
from tests.drills.load import sender_of
from tests.drills.options import Options
from tests.faults.oracle import Kind, State
from tests.faults.sender import Sender

WITHOUT_SEARCH = ("ingest", "indexer", "api", "web")  # and by their dependencies all but OpenSearch
WAITING = {"templates": "running", "api": "created", "ingest": "healthy", "indexer": "healthy", "web": "healthy"}
WATCH_SECONDS = 5.0
BATCHES = 50
HELD = """
    SELECT (SELECT count(*) FROM events WHERE organization_id = $1)
         + (SELECT count(*) FROM quarantine WHERE organization_id = $1)
"""


async def absent(there: Containers, options: Options) -> None:
    """Both starts, and records that are sent while it is away."""
    await _first_start(there, options.absent_seconds)
    await there.enrol()
    sender = sender_of(there, options)
    there.tell(f"searchable after {await there.searchable(sender):.1f} s")
    await _later_start(there)
    await _stored_without_search(there, sender)
    there.tell(f"OpenSearch is back, healthy after {await _comes(there):.1f} s")
    began = time.monotonic()
    there.tell(f"searchable after {await there.searchable(sender):.1f} s")
    await there.judge(sender.oracle, sender)
    there.tell(f"all searchable {time.monotonic() - began:.1f} s after it was back")


async def _first_start(there: Containers, seconds: float) -> None:
    """`up` as a user gives it, while OpenSearch is not there; it is to wait, and to end well once it is."""
    starting = asyncio.create_task(there.up(*WITHOUT_SEARCH))
    began = time.monotonic()
    try:
        states: dict[str, str] = {}
        while (passed := time.monotonic() - began) < seconds or states != WAITING:
            await asyncio.sleep(WATCH_SECONDS)
            if starting.done():
                await starting
                raise Broken("`up` was at its end without OpenSearch")
            _waits_calmly(there)
            states = {name: state_of(there.of(name)[0]) for name in WAITING}
        there.tell(f"after {passed:.0f} s without OpenSearch: {states}, nothing was started anew")
        there.tell(f"OpenSearch healthy after {await _comes(there):.1f} s")
        there.tell(f"all healthy, `up` ended well after {await starting:.1f} s in all")
        _waits_calmly(there)
    finally:
        starting.cancel()


async def _comes(there: Containers) -> float:
    """Start OpenSearch; the seconds until it is healthy, which may be more than its own grace on a busy machine."""
    began = time.monotonic()
    await there.compose("up", "--detach", "opensearch")
    await there.healthy("opensearch")
    return time.monotonic() - began


async def _later_start(there: Containers) -> None:
    await there.compose("stop")
    took = await there.up(*WITHOUT_SEARCH)
    if running(there.of("opensearch")):
        raise Broken("OpenSearch runs")
    _waits_calmly(there)
    if unwell := unhealthy([one for name in WITHOUT_SEARCH for one in there.of(name)]):
        raise Broken("; ".join(unwell))
    there.tell(f"started again without OpenSearch: {', '.join(WITHOUT_SEARCH)} healthy after {took:.1f} s")


async def _stored_without_search(there: Containers, sender: Sender) -> None:
    began, before = time.monotonic(), len(sender.oracle.records)
    await sender.send(BATCHES)
    sent = len(sender.oracle.records)
    acknowledged = len(sender.oracle.numbers(State.ACKNOWLEDGED))
    connection = await asyncpg.connect(there.owner_url)
    try:
        while (held := await connection.fetchval(HELD, there.organization_id)) < sent:
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    unreadable = sum(record.kind is Kind.UNREADABLE for record in sender.oracle.records.values())
    there.tell(f"{sent - before:,} records sent without OpenSearch, {acknowledged:,} of {sent:,} acknowledged and "
               f"{held:,} in Postgres ({unreadable} in quarantine) after {time.monotonic() - began:.1f} s")  # fmt: skip
    if running(there.of("opensearch")):
        raise Broken("OpenSearch runs")
    await _says_so(there)


async def _says_so(there: Containers) -> None:
    """The api is ready and says that the search is not; a search says when to ask again."""
    async with httpx.AsyncClient(timeout=10) as client:
        ready = await client.get(f"{there.urls('api')[0]}/readyz")
    async with there.api() as api:
        asked = await api.get("/events", params={"limit": 1})
    told: dict[str, Any] = ready.json()
    there.tell(
        f"/readyz of the api is {ready.status_code}: {told}; a search is {asked.status_code}: {asked.text[:200]}"
    )
    if ready.status_code != httpx.codes.OK or told["status"] != "degraded":
        raise Broken("the api is not ready, or does not say that its search is away")
    if not says_when(asked):
        raise Broken("the api does not say of a search when to ask again")


def says_when(asked: httpx.Response) -> bool:
    """Whether a search was refused by the api itself, which nginx' own word for an api away is not, with a time."""
    if asked.status_code != httpx.codes.SERVICE_UNAVAILABLE or not asked.headers.get("Retry-After", "").isdigit():
        return False
    return bool(asked.json()["code"] == "search_unavailable")


def _waits_calmly(there: Containers) -> None:
    anew = {one["Name"]: one["RestartCount"] for one in there.project.containers() if one["RestartCount"]}
    if anew:
        raise Broken(f"started anew for want of OpenSearch: {anew}")
