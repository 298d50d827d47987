"""The publisher's deadlines, which the watcher may bring forward at any moment of their lives."""

import asyncio

import pytest

from shared.bus.publisher import Publisher


async def waiting(publisher: Publisher, deadlines: list[asyncio.Timeout]) -> None:
    async with publisher._deadline(30):
        deadlines.extend(publisher._deadlines)
        await asyncio.sleep(30)


async def test_blocking_ends_what_waits() -> None:
    publisher = Publisher("amqp://nowhere", name="tests")
    tasks = [asyncio.create_task(waiting(publisher, [])) for _ in range(3)]
    await asyncio.sleep(0)
    publisher._turn_blocked(blocked=True)
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert [type(result) for result in results] == [TimeoutError] * 3
    assert publisher.blocked


async def test_blocking_spares_a_deadline_that_is_expiring_anyway() -> None:
    publisher = Publisher("amqp://nowhere", name="tests")
    deadlines: list[asyncio.Timeout] = []
    task = asyncio.create_task(waiting(publisher, deadlines))
    await asyncio.sleep(0)
    deadlines[0].reschedule(0)
    await asyncio.sleep(0)  # the timeout has fired, its task has not run yet
    assert not task.done()
    publisher._turn_blocked(blocked=True)
    with pytest.raises(TimeoutError):
        await task
