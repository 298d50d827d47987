"""Connections to a broker that is not there."""

import asyncio
import gc

import aio_pika
import pytest
from aio_pika.abc import AbstractConnection

from shared.bus.connection import connect, keep_connected
from shared.retry import Backoff

NOWHERE = "amqp://user:secret@127.0.0.1:9/"  # the discard port: nobody listens


async def test_a_failed_attempt_is_closed_and_not_left_to_its_finaliser() -> None:
    with pytest.raises(OSError) as raised:
        await connect(NOWHERE, name="tests", within=2)
    left = [found for found in gc.get_objects() if type(found) is aio_pika.Connection]
    assert left, raised  # the traceback still holds it
    assert all(connection.is_closed for connection in left)


async def test_it_keeps_trying_and_ends_when_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    async def session(_: AbstractConnection) -> None:
        raise AssertionError("never connected")

    trying = asyncio.create_task(
        keep_connected(NOWHERE, name="tests", session=session, backoff=Backoff(first=0.01, most=0.01))
    )
    await asyncio.sleep(0.2)
    assert not trying.done()
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    said = [str(record.msg) for record in caplog.records if "broker_away" in str(record.msg)]
    assert len(said) <= 1  # once an outage
    assert "secret" not in caplog.text
