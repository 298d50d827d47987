"""The doors' own counts: the greatest value wins in any order, and they tell when a sensor was last heard."""

from datetime import timedelta
from uuid import UUID

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
