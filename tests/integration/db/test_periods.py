"""`ensure_period` and `drop_period`: what they make, what they refuse, who else may go on meanwhile."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared import clock, ids
from shared.domain.periods import Period
from tests.fixtures.postgres import Connection, Postgres

DAY = timedelta(days=1)
TODAY = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
START = TODAY - 10 * DAY

ENSURE = "SELECT ensure_period($1, $2, $3, $4, $5)"
DROP = "SELECT drop_period($1, $2)"
INSERT = """
    INSERT INTO events (id, organization_id, sensor_id, batch_id, time, received_at, severity, kind, digest, body)
    VALUES ($1, $1, $1, $1, now(), now(), 3, $2, ''::bytea, $3)
"""


async def ensure(connection: Connection, starts_at: datetime = START, days: float = 1, **other: Any) -> bool:
    values = {"kind": "alert", "index_name": "events-alert-v1-x", "shards": 1} | other
    made = await connection.fetchval(
        ENSURE, values["kind"], starts_at, starts_at + days * DAY, values["index_name"], values["shards"]
    )
    assert isinstance(made, bool)
    return made


async def insert(connection: Connection, moment: datetime | None, kind: str = "alert", body: bytes = b"") -> UUID:
    event_id = ids.content_id(clock.milliseconds(moment) if moment else 0, ids.uuid7().bytes)
    await connection.execute(INSERT, event_id, kind, body)
    return event_id


async def test_an_event_goes_into_its_period_and_nowhere_else(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
            await insert(connection, START)
        assert await ensure(connection) is True
        first = await insert(connection, START)
        last = await insert(connection, START + DAY - clock.MILLISECOND)
        with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
            await insert(connection, START + DAY)
        with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
            await insert(connection, START - clock.MILLISECOND)
        with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
            await insert(connection, START, kind="telemetry")
    name = f"events_alert_{START:%Y%m%d}"
    async with postgres.connect("owner") as owner:
        assert {row["id"] for row in await owner.fetch(f"SELECT id FROM {name}")} == {first, last}


@pytest.mark.parametrize("kind", ["alert", "telemetry"])
async def test_unclocked_events_need_no_period(postgres: Postgres, kind: str) -> None:
    async with postgres.connect("indexer") as connection:
        event_id = await insert(connection, None, kind=kind)
        assert await connection.fetchval("SELECT id FROM events WHERE kind = $1 AND id = $2", kind, event_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(INSERT, event_id, kind, b"")


async def test_a_partition_is_like_its_parent(postgres: Postgres) -> None:
    """The second index, the checks, and a body that the server does not try to compress."""
    async with postgres.connect("indexer") as connection:
        await ensure(connection)
        await insert(connection, START, body=b"\0" * 10_000)
    name = f"events_alert_{START:%Y%m%d}"
    async with postgres.connect("owner") as owner:
        indexes = await owner.fetch("SELECT indexdef FROM pg_indexes WHERE tablename = $1", name)
        assert sorted(row["indexdef"].rpartition(" ON ")[2] for row in indexes) == [
            f'public.{name} USING btree (alert_id, "time")',
            f"public.{name} USING btree (kind, id)",
        ]
        assert await owner.fetchval(f"SELECT pg_column_size(body) FROM {name}") == 10_000
        with pytest.raises(asyncpg.CheckViolationError, match="ck_events_severity"):
            await owner.execute(f"UPDATE {name} SET severity = 6")
        invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        assert await owner.fetchval(invalid) == 0


async def test_twice_is_once(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        assert await ensure(connection) is True
        assert await ensure(connection, index_name="events-alert-v1-y", shards=9) is False
        rows = await connection.fetch("SELECT index_name, shards FROM event_periods")
    assert [tuple(row) for row in rows] == [("events-alert-v1-x", 1)]


async def test_twenty_at_once_make_one(postgres: Postgres) -> None:
    async def one() -> bool:
        async with postgres.connect("indexer") as connection:
            return await ensure(connection)

    made = await asyncio.gather(*(one() for _ in range(20)))
    assert sorted(made) == [False] * 19 + [True]


async def test_it_is_the_callers_transaction(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        transaction = connection.transaction()
        await transaction.start()
        assert await ensure(connection) is True
        await transaction.rollback()
        assert await connection.fetchval("SELECT count(*) FROM event_periods") == 0
        assert await ensure(connection) is True


async def test_readers_and_writers_of_the_kind_go_on_while_a_period_is_made(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as busy, postgres.connect("indexer") as connection:
        await ensure(connection)
        async with busy.transaction():
            await insert(busy, START)
            await busy.fetchval("SELECT count(*) FROM events")
            async with asyncio.timeout(3), connection.transaction():
                await ensure(connection, START + DAY)
                await insert(busy, START)


@pytest.mark.parametrize(
    ("starts_at", "days", "other"),
    [
        pytest.param(START, 1, {"kind": "noise"}, id="kind"),
        pytest.param(START, 1, {"kind": None}, id="null"),
        pytest.param(START, 0, {}, id="empty"),
        pytest.param(START, -1, {}, id="backwards"),
        pytest.param(START, 367, {}, id="too long"),
        pytest.param(START + timedelta(hours=1), 23 / 24, {}, id="starts within a day"),
        pytest.param(START, 23 / 24, {}, id="ends within a day"),
        pytest.param(datetime(1999, 12, 31, tzinfo=UTC), 1, {}, id="before 2000"),
        pytest.param(TODAY + 400 * DAY, 1, {}, id="far ahead"),
        pytest.param(START, 1, {"index_name": "Events"}, id="index in capitals"),
        pytest.param(START, 1, {"index_name": "a,b"}, id="two indices"),
        pytest.param(START, 1, {"index_name": "-a"}, id="index starts with a dash"),
        pytest.param(START, 1, {"index_name": "a\nb"}, id="index of two lines"),
        pytest.param(START, 1, {"index_name": "a'; DROP TABLE events; --"}, id="index with a quote"),
        pytest.param(START, 1, {"index_name": "a" * 201}, id="index too long"),
        pytest.param(START, 1, {"shards": 0}, id="no shard"),
        pytest.param(START, 1, {"shards": 1025}, id="too many shards"),
    ],
)
async def test_bad_input_makes_nothing(
    postgres: Postgres, starts_at: datetime, days: float, other: dict[str, Any]
) -> None:
    async with postgres.connect("indexer") as connection:
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await ensure(connection, starts_at, days, **other)
        assert await connection.fetchval("SELECT count(*) FROM event_periods") == 0


@pytest.mark.parametrize("moment", ["infinity", "-infinity"])
async def test_infinite_bounds_are_refused(postgres: Postgres, moment: str) -> None:
    async with postgres.connect("indexer") as connection:
        for call in (
            f"SELECT ensure_period('alert', '{moment}', '2026-01-02', 'x', 1::smallint)",
            f"SELECT ensure_period('alert', '2026-01-01', '{moment}', 'x', 1::smallint)",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await connection.fetchval(call)
        assert await connection.fetchval("SELECT count(*) FROM event_periods") == 0


@pytest.mark.parametrize(("offset", "days"), [(-1, 2), (0, 2), (1, 5), (2, 1), (6, 2), (-3, 20)])
async def test_overlaps_are_refused(postgres: Postgres, offset: int, days: int) -> None:
    async with postgres.connect("indexer") as connection:
        await ensure(connection, START, 7)
        with pytest.raises(asyncpg.InvalidParameterValueError, match="overlaps"):
            await ensure(connection, START + offset * DAY, days)
        assert await ensure(connection, START - DAY, 1) is True
        assert await ensure(connection, START + 7 * DAY, 1) is True


async def test_kinds_have_periods_of_their_own(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        assert await ensure(connection, START, 7) is True
        assert await ensure(connection, START, 1, kind="telemetry") is True


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
async def test_the_callers_zone_and_search_path_change_nothing(postgres: Postgres, zone: str) -> None:
    """A day is a UTC day, and an object that the caller put in the way is not used."""
    async with postgres.connect("indexer") as connection:
        await connection.execute(f"SET timezone = '{zone}'")
        await connection.execute("CREATE TEMP TABLE event_periods (LIKE public.event_periods)")
        await connection.execute("SET search_path = pg_temp, public")
        assert await connection.fetchval(f"SELECT public.{ENSURE[7:]}", "alert", START, START + DAY, "x", 1)
        assert await connection.fetchval("SELECT count(*) FROM pg_temp.event_periods") == 0
        assert await connection.fetchval("SELECT starts_at FROM public.event_periods") == START
    async with postgres.connect("owner") as owner:
        assert await owner.fetchval("SELECT to_regclass($1)", f"events_alert_{START:%Y%m%d}")


async def test_dropping_takes_the_rows_and_can_be_said_twice(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        await ensure(connection)
        await insert(connection, START)
        kept = await insert(connection, None)
        assert await connection.fetchval(DROP, "alert", START) is True
        assert await connection.fetchval(DROP, "alert", START) is False
        assert await connection.fetchval(DROP, "telemetry", START) is False
        assert [row["id"] for row in await connection.fetch("SELECT id FROM events")] == [kept]
        assert await connection.fetchval("SELECT dropped_at IS NOT NULL FROM event_periods")


async def test_two_drops_at_once(postgres: Postgres) -> None:
    async def drop() -> Any:
        async with postgres.connect("indexer") as connection:
            return await connection.fetchval(DROP, "alert", START)

    async with postgres.connect("indexer") as connection:
        await ensure(connection)
    assert sorted(await asyncio.gather(drop(), drop())) == [False, True]


async def test_a_dropped_period_can_be_made_again_and_differently(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        await ensure(connection, START, 7)
        await connection.fetchval(DROP, "alert", START)
        assert await ensure(connection, START, 1, index_name="events-alert-v1-z") is True
        rows = await connection.fetch("SELECT ends_at, index_name, dropped_at FROM event_periods")
        assert [tuple(row) for row in rows] == [(START + DAY, "events-alert-v1-z", None)]
        await insert(connection, START)


async def test_a_period_that_has_not_ended_is_not_dropped(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        await ensure(connection, TODAY, 1)
        with pytest.raises(asyncpg.InvalidParameterValueError, match="has not ended"):
            await connection.fetchval(DROP, "alert", TODAY)


async def test_a_drop_gives_up_rather_than_hold_everyone_up(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as busy, postgres.connect("indexer") as connection:
        await ensure(connection)
        async with busy.transaction():
            await busy.fetchval("SELECT count(*) FROM events WHERE kind = 'alert'")
            async with asyncio.timeout(20):
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await connection.fetchval(DROP, "alert", START)
        assert await connection.fetchval(DROP, "alert", START) is True


async def test_bounds_in_sql_are_those_in_python(postgres: Postgres) -> None:
    moments = [0, 1, 946_684_800_000, clock.milliseconds(TODAY), (1 << 48) - 1]
    async with postgres.connect("indexer") as connection:
        for milliseconds in moments:
            assert await connection.fetchval("SELECT first_id_of($1)", milliseconds) == ids.first_of(milliseconds)
        await ensure(connection)
    async with postgres.connect("owner") as owner:
        bound = await owner.fetchval(
            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = $1", f"events_alert_{START:%Y%m%d}"
        )
    first, end = (ids.first_of(clock.milliseconds(moment)) for moment in Period(START, START + DAY))
    assert bound == f"FOR VALUES FROM ('{first}') TO ('{end}')"


async def test_a_look_up_by_id_touches_one_partition(postgres: Postgres) -> None:
    """Pruning, also for the writer's join: range bounds on `e.id` leave one partition in the plan."""
    async with postgres.connect("owner") as connection:
        for number in range(5):
            await ensure(connection, START + number * DAY)
        low, high = (ids.first_of(clock.milliseconds(START + number * DAY)) for number in (2, 3))
        point = await _plan(connection, f"SELECT 1 FROM events WHERE kind = 'alert' AND id = '{low}'")
        join = await _plan(
            connection,
            "SELECT e.id FROM unnest(ARRAY[gen_random_uuid()]) w (id) JOIN events e ON e.id = w.id "
            f"AND e.kind = 'alert' AND e.id >= '{low}' AND e.id < '{high}'",
        )
        everything = await _plan(connection, "SELECT 1 FROM events")
    wanted = {f"events_alert_{START + 2 * DAY:%Y%m%d}"}
    assert _partitions(point) == wanted
    assert _partitions(join) == wanted
    assert len(_partitions(everything)) == 7


async def _plan(connection: Connection, query: str) -> str:
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN (COSTS OFF) {query}"))


def _partitions(plan: str) -> set[str]:
    return set(re.findall(r" on (events_\w+)", plan))
