"""Longer outages: what the sender sees, that memory stays flat, and that everything heals by itself."""

import asyncio
import time
from pathlib import Path

import asyncpg
import httpx

from tests.faults.incident_workers import at_work
from tests.faults.oracle import Oracle
from tests.faults.sender import Sender
from tests.faults.service import Service
from tests.faults.system import System
from tests.faults.verdict import judge

MIB = 1 << 20


def resident(service: Service) -> int:
    """Bytes of memory the process holds."""
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


async def readiness(service: Service) -> dict[str, dict[str, str]]:
    """The checks of its /readyz."""
    async with httpx.AsyncClient(timeout=2) as client:
        reply = await client.get(f"{service.url}/readyz")
        checks: dict[str, dict[str, str]] = reply.json()["checks"]
        return checks


async def until_down(service: Service, dependency: str) -> None:
    """Return when the service says that the dependency is down."""
    async with asyncio.timeout(20):
        while (await readiness(service))[dependency]["status"] == "ok":
            await asyncio.sleep(0.2)


async def test_opensearch_away_for_a_whole_load_of_20_000(staffed: System) -> None:
    system, oracle = staffed, Oracle(seed=3)
    await system.start()
    await system.stop_server("opensearch")
    sender = Sender(system, oracle, batch=100)
    async with at_work(system, seed=3) as worked:
        await sender.send(200)
    connection = await asyncpg.connect(system.owner_url)
    async with asyncio.timeout(120):
        while await connection.fetchval("SELECT count(*) FROM events") < 20_000:
            await asyncio.sleep(0.5)
    await connection.close()
    assert sender.replies == {"202": 200}, "nothing was refused"
    await until_down(system.indexer, "opensearch")  # it asks every two seconds, and a fast machine stores in less

    await system.start_server("opensearch")
    started = time.monotonic()
    verdict = await judge(system, oracle, worked=worked)

    print(f"all 20,000 searchable {time.monotonic() - started:.1f} s after OpenSearch answered")
    assert verdict.stored == verdict.searchable == 20_000
    assert verdict.clean, verdict.as_dict()


async def test_a_broker_alarm_is_told_to_the_sender_at_once(staffed: System) -> None:
    system, oracle = staffed, Oracle(seed=4)
    await system.start()
    sender = Sender(system, oracle)
    await sender.send(20)
    held = resident(system.ingest)
    await system.rabbitmqctl("set_vm_memory_high_watermark", "0.00001")
    try:
        sending = asyncio.create_task(sender.send(100))
        await until_down(system.ingest, "rabbitmq")
        sender.worst_seconds = 0.0
        await asyncio.sleep(5)
        worst = sender.worst_seconds
        # What people do asks no broker.
        async with at_work(system, seed=4) as worked:
            pass
    finally:
        await system.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")
    await asyncio.wait_for(sending, 60)
    verdict = await judge(system, oracle, worked=worked)

    assert sender.replies.keys() == {"202", "503"}
    assert worst < 2, f"a blocked broker is no reason to let the sender wait {worst:.1f} s"
    assert resident(system.ingest) - held < 50 * MIB
    assert verdict.acknowledged == verdict.stored == 6000
    assert verdict.clean, verdict.as_dict()


async def test_postgres_stopped_is_not_the_senders_problem(staffed: System) -> None:
    system, oracle = staffed, Oracle(seed=5)
    await system.start()
    sender = Sender(system, oracle)
    await sender.send(20)
    async with at_work(system, seed=5) as worked:
        held = resident(system.ingest), resident(system.indexer)
        await system.stop_server("postgres")
        try:
            await until_down(system.indexer, "postgres")
            await sender.send(200)
            grown = resident(system.ingest) - held[0], resident(system.indexer) - held[1]
        finally:
            await system.start_server("postgres")
    verdict = await judge(system, oracle, worked=worked)

    assert sender.replies.keys() == {"202"}
    assert max(grown) < 50 * MIB, f"grew by {grown}"
    assert not system.indexer.deaths
    assert verdict.acknowledged == verdict.stored == 11_000
    assert verdict.clean, verdict.as_dict()
