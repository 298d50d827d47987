"""RabbitMQ away, blocked and slow; nobody sends; nobody takes."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import httpx

from tests.faults.alarms.causes import cause
from tests.faults.alarms.ground import Ground
from tests.faults.alarms.people import again_and_again, tell_a_list

PULSE_SECONDS, BETWEEN_SECONDS = 1.8, 0.4
QUEUE_BYTES = 1 << 20


@cause("no sensor sends", "EventsStopped")
@contextlib.asynccontextmanager
async def quiet(ground: Ground) -> AsyncIterator[None]:
    ground.feeding.clear()
    try:
        yield
    finally:
        ground.feeding.set()


@cause("RabbitMQ stops for two seconds at a time", "PublishSlow", "DoorSlow")
@contextlib.asynccontextmanager
async def slow(ground: Ground) -> AsyncIterator[None]:
    async def pulse() -> None:
        while True:
            async with ground.frozen("rabbitmq"):
                await asyncio.sleep(PULSE_SECONDS)
            await asyncio.sleep(BETWEEN_SECONDS)

    task = asyncio.create_task(pulse())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await ground.system.kill_server("rabbitmq", signal.SIGCONT)


@cause("RabbitMQ has an alarm of memory", "RabbitmqBlocked")
@contextlib.asynccontextmanager
async def blocked(ground: Ground) -> AsyncIterator[None]:
    await ground.system.rabbitmqctl("set_vm_memory_high_watermark", "0.00001")
    try:
        yield
    finally:
        await ground.system.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")


@cause("RabbitMQ is ended", "RabbitmqDown")
@contextlib.asynccontextmanager
async def down(ground: Ground) -> AsyncIterator[None]:
    await ground.system.stop_server("rabbitmq")
    try:
        yield
    finally:
        await ground.system.start_server("rabbitmq")


@cause(
    "the indexer that does the work is ended while much arrives",
    *("QueueNotConsumed", "QueueGrows", "QueueNearlyFull", "OutboxStuck", "AuditUnsealed", "NotificationsLate"),
    "IncidentsBehind",
)
@contextlib.asynccontextmanager
async def idle(ground: Ground) -> AsyncIterator[None]:
    policy = f"/api/policies/{ground.system.name}/small"
    body = {
        "pattern": "^events.received$",
        "definition": {"max-length-bytes": QUEUE_BYTES},
        "priority": 20,
        "apply-to": "queues",
    }
    alerts = (await ground.ask("GET", "/alerts"))["items"]

    async def burst(client: httpx.AsyncClient) -> None:
        (record,) = ground.oracle.batch(1)
        await ground.send(client, record.line, sensor=record.sensor)

    async with ground.held(ground.work), ground.system.management() as management:
        (await management.put(policy, json=body)).raise_for_status()
        try:
            await ground.ask("POST", "/incidents", {"alert_ids": [alerts[0]["id"]]})
            await tell_a_list(ground, "late")
            async with again_and_again(burst, 0.02):
                yield
        finally:
            await management.delete(policy)
