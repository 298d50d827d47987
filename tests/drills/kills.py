"""Each store and each service killed once under load: it comes back by itself, and nothing is lost or doubled."""

import asyncio
import time

from deploy.smoke import facts
from tests.drills.containers import Broken, Containers
from tests.drills.load import sender_of, under_load
from tests.drills.options import Options
from tests.faults.sender import Sender

SERVICES = ("api", "web", "ingest", "indexer")  # brought back by their restart policy
STORES = ("postgres", "rabbitmq", "opensearch")  # stay away for a while
AWAY_SECONDS = 8.0
WARM_SECONDS = 5.0


async def kills(there: Containers, options: Options) -> None:
    """With the demo's feed and a load of ours; at its end both stores are compared, the demo's records too."""
    there.tell(f"all healthy after {await there.up():.1f} s, the demo feeds")
    await there.enrol()
    sender = sender_of(there, options)
    async with under_load(there, sender):
        await asyncio.sleep(WARM_SECONDS)
        there.tell(f"before any kill searchable after {await there.searchable(sender):.1f} s")
        for service in (*SERVICES, *STORES):
            await _killed(there, sender, service)
    there.tell(f"{len(sender.oracle.records):,} records sent, replies {dict(sender.replies)}, {dict(sender.reasons)}")
    _restarted_as_killed(there)
    await there.compose("stop", "demo")
    await there.judge(sender.oracle, sender)


async def _killed(there: Containers, sender: Sender, service: str) -> None:
    before, began = there.of(service), time.monotonic()
    if service in STORES:
        await there.take_away(service)
        await asyncio.sleep(AWAY_SECONDS)
        await there.bring_back(service)
    else:
        await there.kill(service)
    await there.healthy(service, since=before)
    healthy = time.monotonic() - began
    searchable = await there.searchable(sender)
    away = f", away {AWAY_SECONDS:g} s of it" if service in STORES else ""
    there.tell(f"{service} killed: healthy after {healthy:.1f} s{away}; then searchable after {searchable:.1f} s")


def _restarted_as_killed(there: Containers) -> None:
    """What was not killed by us was not started anew: another's outage is a state, not an accident."""
    counts = {facts.service_of(one): one["RestartCount"] for one in there.project.containers()}
    there.tell(f"started anew: {', '.join(f'{name} {count}' for name, count in counts.items() if count)}")
    expected = {name: int(name in SERVICES) for name in counts}
    if counts != expected:
        raise Broken(f"containers were started anew {counts}, and {expected} is what was killed")
