"""The doors' own counts: the greatest value wins in any order, and they tell when sensors and keys were last heard."""

from datetime import timedelta
from uuid import UUID

from shared import ids
from shared.bus.messages import Accounts, MinuteAccount, encode
from tests.integration.indexer.conftest import NOW, Bench


async def test_a_doors_counters_keep_their_greatest_value_in_any_order(bench: Bench) -> None:
    boot = UUID(int=5)
    reports = [
        encode(
            Accounts(
                boot,
                [
                    MinuteAccount(
                        bench.organization_id, bench.sensors[0], NOW.replace(second=0), n, 10 * n, 0, 0, {"429": n}
                    )
                ],
            )
        )
        for n in (1, 2, 3)
    ]
    await bench.writer.settle_accounts([reports[2], reports[0]])
    await bench.writer.settle_accounts([reports[1]])
    (row,) = await bench.rows("SELECT requests, accepted, refused FROM sensor_accounts")
    assert (row["requests"], row["accepted"], row["refused"]) == (3, 30, '{"429": 3}')


async def test_a_sensor_was_last_seen_in_the_last_minute_it_sent_in(bench: Bench) -> None:
    minute = NOW.replace(second=0)
    async with bench.postgres.connect() as owner:
        await owner.executemany(
            "INSERT INTO sensors (id, organization_id, name) VALUES ($1, $2, $3)",
            [(sensor, bench.organization_id, f"sensor {number}") for number, sensor in enumerate(bench.sensors)],
        )

    def report(sensor: int, ago: int, requests: int) -> bytes:
        account = MinuteAccount(
            bench.organization_id, bench.sensors[sensor], minute - timedelta(minutes=ago), requests, 0, 0, 0, {}
        )
        return encode(Accounts(UUID(int=7), [account]))

    await bench.writer.settle_accounts([report(0, 1, 1), report(0, 9, 1), report(1, 5, 1), report(2, 0, 0)])
    await bench.writer.settle_accounts([report(1, 7, 1)])
    rows = await bench.rows("SELECT id, last_seen_at FROM sensors")
    assert {row["id"]: row["last_seen_at"] for row in rows} == {
        bench.sensors[0]: minute - timedelta(minutes=1),
        bench.sensors[1]: minute - timedelta(minutes=5),
        bench.sensors[2]: None,
    }


async def test_a_key_was_last_used_in_the_last_minute_it_was_shown_in(bench: Bench) -> None:
    minute, sensor = NOW.replace(second=0), bench.sensors[0]
    old, fresh, dead = (ids.uuid7() for _ in range(3))
    async with bench.postgres.connect() as owner:
        await owner.execute(
            "INSERT INTO sensors (id, organization_id, name) VALUES ($1, $2, 'x')", sensor, bench.organization_id
        )
        await owner.executemany(
            "INSERT INTO sensor_keys (id, organization_id, sensor_id, key_hash, prefix) VALUES ($1, $2, $3, $4, 'x')",
            [(key, bench.organization_id, sensor, key.bytes * 2) for key in (old, fresh, dead)],
        )
        made = await owner.fetchval("SELECT max(updated_at) FROM sensor_keys")

    def report(ago: int, *keys: UUID) -> bytes:
        at = minute - timedelta(minutes=ago)
        account = MinuteAccount(bench.organization_id, sensor, at, 1, 0, 0, 0, {}, list(keys))
        return encode(Accounts(UUID(int=7), [account]))

    await bench.writer.settle_accounts([report(1, old, fresh), report(0, fresh), report(9, old), report(2, ids.NIL)])
    await bench.writer.settle_accounts([report(5, fresh)])
    async with bench.postgres.connect() as owner:
        rows = await owner.fetch("SELECT id, last_used_at, updated_at FROM sensor_keys")
    assert {row["id"]: row["last_used_at"] for row in rows} == {
        old: minute - timedelta(minutes=1),
        fresh: minute,
        dead: None,
    }
    assert {row["updated_at"] for row in rows} == {made}, "being used is no change"
