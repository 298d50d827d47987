"""What is linked while retention drops its period: either its events are copied first, or they were gone before."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.indexer.folding import Connection
from services.indexer.following import Follower
from services.indexer.stores import expire, unfollowed
from shared import clock
from shared.domain.controls import RETENTION_FLOORS
from tests.integration.indexer.conftest import NOW, Bench, eve, no_step
from tests.integration.indexer.incident_rows import link, open_incident
from tests.waiting import until

LONG_AGO = NOW - timedelta(days=100)
LINK = "UPDATE alerts SET incident_id = $1"
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'incident_following'::regclass)"


@pytest.fixture
async def alert_id(bench: Bench) -> UUID:
    """An alert of three events of a period that retention drops now."""
    records = [eve(number, time=LONG_AGO + timedelta(seconds=number)) for number in range(3)]
    assert await bench.send(bench.envelope(records)) == [None]
    before = clock.isoformat(NOW - timedelta(days=50))
    floors = "INSERT INTO process_controls (key, value) VALUES ($1, jsonb_build_object('alert', $2::text))"
    await bench.pool.execute(floors, RETENTION_FLOORS, before)
    (alert,) = await bench.rows("SELECT id FROM alerts")
    found: UUID = alert["id"]
    return found


async def dropped(bench: Bench) -> int:
    return len(await expire.drop_periods(bench.stores(), no_step))


async def copied_before_it_goes(bench: Bench) -> None:
    """The period waits for the copies, and then goes."""
    assert await dropped(bench) == 0
    assert await bench.count("events") == 3
    assert await Follower(bench.pool).follow_due() == 1
    assert await dropped(bench) == 1
    assert (await bench.count("events"), await bench.count("incident_events")) == (0, 3)
    assert await bench.count("incident_entries") == 0, "nothing is missed"


async def test_a_link_that_is_made_between_question_and_drop_keeps_the_period(
    bench: Bench, alert_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident_id = await open_incident(bench)

    async def meanwhile(_: Connection, owed: Sequence[Any]) -> None:
        assert owed == []
        await link(bench, incident_id, [alert_id])

    with monkeypatch.context() as patched:
        patched.setattr(unfollowed, "tell", meanwhile)
        assert await dropped(bench) == 0
    await copied_before_it_goes(bench)


async def test_a_link_that_is_being_made_keeps_the_period(bench: Bench, alert_id: UUID) -> None:
    incident_id = await open_incident(bench)
    async with bench.postgres.connect("api") as linking:
        async with linking.transaction():
            await linking.execute(LINK, incident_id)
            assert await dropped(bench) == 0
        await copied_before_it_goes(bench)


async def test_a_link_that_is_committed_while_the_drop_waits_keeps_the_period(
    bench: Bench, alert_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough to be seen waiting.
    monkeypatch.setattr(unfollowed, "HOLD", ("SET LOCAL lock_timeout = '30s'", *unfollowed.HOLD[1:]))
    incident_id = await open_incident(bench)
    async with bench.postgres.connect("api") as linking, bench.postgres.connect() as looking:
        async with linking.transaction():
            await linking.execute(LINK, incident_id)
            dropping = asyncio.create_task(dropped(bench))
            await until(lambda: looking.fetchval(WAITS))
        assert await dropping == 0
    await copied_before_it_goes(bench)


async def test_a_link_that_comes_later_waits_for_the_drop_to_end(
    bench: Bench, alert_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident_id, require_no_more = await open_incident(bench), unfollowed.require_no_more
    async with bench.postgres.connect("api") as linking, bench.postgres.connect() as looking:
        late: list[asyncio.Task[str]] = []

        async def and_then(connection: Connection, *given: Any) -> None:
            await require_no_more(connection, *given)
            late.append(asyncio.create_task(linking.execute(LINK, incident_id)))
            await until(lambda: looking.fetchval(WAITS))

        monkeypatch.setattr(unfollowed, "require_no_more", and_then)
        assert await dropped(bench) == 1
        await late[0]
    assert await Follower(bench.pool).follow_due() == 1
    assert await bench.count("incident_events") == 0
