"""The writer against real Postgres and OpenSearch: each event once, each count exact, whatever comes twice."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from services.indexer.periods import Plan
from services.indexer.projection import Item
from services.indexer.retention import floors_of, set_floors
from services.indexer.writer import Writer
from shared import ids
from shared.errors import Retry
from shared.search.bulk import Result
from tests.integration.indexer.conftest import NOW, Bench, eve, poisoned

DAY = timedelta(days=1)


async def test_an_event_becomes_a_row_an_alert_and_two_documents(bench: Bench) -> None:
    (body,) = [bench.envelope([eve(1), eve(2), eve(3, signature=2)])]
    assert await bench.send(body) == [None]

    assert await bench.count("events") == 3
    alerts = await bench.rows("SELECT id, count, rule_id, version, observables_count FROM alerts ORDER BY rule_id")
    assert [(alert["rule_id"], alert["count"], alert["observables_count"]) for alert in alerts] == [
        ("1:1", 2, 2),
        ("1:2", 1, 2),
    ]
    events = await bench.found("events")
    assert {UUID(event["alert"]["id"]) for event in events.values()} == {alert["id"] for alert in alerts}
    documents = await bench.found("alerts")
    assert {UUID(key): value["_version"] for key, value in documents.items()} == {
        alert["id"]: alert["version"] for alert in alerts
    }
    (batch,) = await bench.rows("SELECT * FROM batches")
    assert (batch["items"], batch["stored"], batch["duplicate"], batch["quarantined"]) == (3, 3, 0, 0)
    assert batch["stored_at"]
    assert batch["searchable_at"]


async def test_a_redelivered_envelope_changes_no_count(bench: Bench) -> None:
    body = bench.envelope([eve(1), eve(2)])
    await bench.send(body)
    before = await state(bench)
    await bench.send(body)
    await bench.send(body, body)
    assert await state(bench) == before


async def test_delivered_again_after_a_crash_the_alert_that_was_succeeded_is_found_as_it_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.send(bench.envelope([eve(1)]))
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE alerts SET status = 'closed', closed_at = $1", NOW - DAY)
    body = bench.envelope([eve(2)])

    async def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(bench.writer, "_project", dies)
        await bench.send(body)
    await bench.send(body)
    rows = {str(row["id"]): row["version"] for row in await bench.rows("SELECT id, version FROM alerts")}
    assert len(rows) == 2
    assert {key: document["_version"] for key, document in (await bench.found("alerts")).items()} == rows


async def test_a_request_sent_again_is_all_duplicates(bench: Bench) -> None:
    records = [eve(1), eve(2), eve(2, signature=3)]
    await bench.send(bench.envelope(records))
    before = await state(bench)
    await bench.send(bench.envelope(records), bench.envelope(records))
    after = await state(bench)
    assert after["accounts"] == [{"stored": 3, "duplicate": 6, "quarantined": 0}]
    assert {**after, "accounts": None} == {**before, "accounts": None}


async def test_events_of_two_requests_with_one_identity_are_one_row(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]), bench.envelope([eve(1)]))
    assert await bench.count("events") == 1
    assert (await bench.rows("SELECT count FROM alerts")) == [{"count": 1}]


async def test_a_resend_a_minute_later_is_booked_on_its_own_minute(bench: Bench) -> None:
    """In one batch with the original: each minute of receipt has to balance by itself."""
    events = bench.events([eve(1)])
    (_, event) = events[0]
    later = NOW + timedelta(minutes=1)
    await bench.send(
        bench.envelope([], events=events, batch_id=event.id),
        bench.envelope([], events=events, received_at=later, batch_id=event.id),
    )
    rows = await bench.rows("SELECT minute, stored, duplicate FROM sensor_accounts ORDER BY minute")
    assert [(row["minute"], row["stored"], row["duplicate"]) for row in rows] == [
        (NOW.replace(second=0), 1, 0),
        (later.replace(second=0), 0, 1),
    ]


async def test_a_receipt_of_duplicates_alone_becomes_searchable(bench: Bench) -> None:
    records = [eve(1), eve(2)]
    await bench.send(bench.envelope(records))
    await bench.send(bench.envelope(records))
    assert await bench.rows("SELECT stored, duplicate, searchable_at IS NOT NULL AS found FROM batches "
                            "ORDER BY stored DESC") == [
        {"stored": 2, "duplicate": 0, "found": True},
        {"stored": 0, "duplicate": 2, "found": True},
    ]  # fmt: skip


class TestTwins:
    """A record whose clock runs ahead has another id once that time has come; it stays one row."""

    ahead = NOW + 2 * DAY
    early, late = NOW, NOW + 1.5 * DAY

    def bodies(self, bench: Bench) -> tuple[bytes, bytes]:
        record = eve(1, time=self.ahead)
        first, second = (bench.events([record], received_at=moment) for moment in (self.early, self.late))
        assert first[0][1].id == second[0][1].twin_id, "the two receipts use the two forms"
        assert first[0][1].id != second[0][1].id
        return (
            bench.envelope([], events=first, received_at=self.early),
            bench.envelope([], events=second, received_at=self.late),
        )

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    async def test_in_either_order(self, bench: Bench, order: tuple[int, int]) -> None:
        bodies = self.bodies(bench)
        for number in order:
            await bench.send(bodies[number])
        await self.one_row(bench)

    async def test_in_one_batch(self, bench: Bench) -> None:
        await bench.send(*self.bodies(bench))
        await self.one_row(bench)

    async def test_at_once_in_two_processes(self, bench: Bench) -> None:
        for round_ in range(10):
            record = eve(100 + round_, time=self.ahead)
            envelopes = [bench.envelope([record], received_at=moment) for moment in (self.early, self.late)]
            writers = [bench.writer, bench.second_writer()]
            random.Random(round_).shuffle(writers)
            await asyncio.gather(
                *(writer.settle_events([body]) for writer, body in zip(writers, envelopes, strict=True))
            )
        assert await bench.count("events") == 10
        assert (await bench.rows("SELECT sum(count)::int AS count FROM alerts")) == [{"count": 10}]

    async def one_row(self, bench: Bench) -> None:
        assert await bench.count("events") == 1
        assert (await bench.rows("SELECT count FROM alerts")) == [{"count": 1}]
        assert len(await bench.found("events")) == 1
        assert await bench.rows("SELECT stored, duplicate FROM sensor_accounts ORDER BY stored DESC") in (
            [{"stored": 1, "duplicate": 0}, {"stored": 0, "duplicate": 1}],
            [{"stored": 1, "duplicate": 1}],
        )


async def test_two_writers_fold_into_the_same_alerts_and_every_count_is_exact(bench: Bench) -> None:
    chance = random.Random(3)
    records = [eve(number, signature=chance.randrange(5)) for number in range(300)]
    bodies = [bench.envelope(records[start : start + 20]) for start in range(0, 300, 20)]
    bodies += chance.sample(bodies, 5)
    # The alerts are there before the race: it is about folding, not about who opens them.
    await bench.send(bench.envelope([eve(1000 + signature, signature=signature) for signature in range(5)]))
    writers = [bench.writer, bench.second_writer(), bench.second_writer()]

    async def settle(writer: Writer, share: list[bytes]) -> None:
        for body in share:
            await writer.settle_events([body])

    await asyncio.gather(*(settle(writer, bodies[number::3]) for number, writer in enumerate(writers)))
    assert await bench.count("events") == 305
    assert await bench.rows("SELECT sum(count)::int AS n, count(*) AS alerts FROM alerts") == [{"n": 305, "alerts": 5}]
    wrong = await bench.rows(
        "SELECT a.id FROM alerts a WHERE a.count <> (SELECT count(*) FROM events e WHERE e.kind = 'alert' "
        "AND e.alert_id = a.id)"
    )
    assert not wrong
    versions = {row["id"]: row["version"] for row in await bench.rows("SELECT id, version FROM alerts")}
    assert {UUID(key): value["_version"] for key, value in (await bench.found("alerts")).items()} == versions


async def test_one_event_the_database_refuses_goes_to_quarantine_alone(bench: Bench) -> None:
    # Of a rule of its own, or its bad title would go nowhere when another event is its alert's latest.
    events = bench.events([eve(number, signature=99 if number == 13 else 1) for number in range(20)])
    ordinal, bad = events[13]
    events[13] = (ordinal, poisoned(bad))
    assert await bench.send(bench.envelope([], events=events)) == [None]
    assert await bench.count("events") == 19
    (row,) = await bench.rows("SELECT reason, detail, record, record_index, status FROM quarantine")
    assert (row["reason"], row["record"], row["record_index"]) == ("database_error", bad.original, 13)
    assert row["status"] == "open"
    (batch,) = await bench.rows("SELECT stored, quarantined, stored_at IS NOT NULL AS complete FROM batches")
    assert batch == {"stored": 19, "quarantined": 1, "complete": True}


async def test_the_same_identity_with_other_content_goes_to_quarantine(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    await bench.send(bench.envelope([eve(1, payload_printable="other")]))
    assert await bench.count("events") == 1
    (row,) = await bench.rows("SELECT reason, detail FROM quarantine")
    assert row["reason"] == "identity_conflict"
    await bench.send(bench.envelope([eve(1, payload_printable="other")]))
    assert await bench.count("quarantine") == 1, "the repeat of a quarantined record is a duplicate"


async def test_too_old_for_retention_goes_to_quarantine_but_a_duplicate_stays_one(bench: Bench) -> None:
    old = eve(1, time=NOW - 10 * DAY)
    await bench.send(bench.envelope([old]))
    await set_floors(bench.pool, floors_of({"alert": 5, "telemetry": 0}, NOW))
    await bench.send(bench.envelope([old, eve(2, time=NOW - 10 * DAY)]))
    assert await bench.count("events") == 1
    assert [row["reason"] for row in await bench.rows("SELECT reason FROM quarantine")] == ["older_than_retention"]
    accounts = await bench.rows("SELECT stored, duplicate, quarantined FROM sensor_accounts")
    assert accounts == [{"stored": 1, "duplicate": 1, "quarantined": 1}]


async def test_events_of_many_years_each_find_their_period(bench: Bench) -> None:
    years = (2001, 2013, 2020, NOW.year - 1, NOW.year)
    records = [eve(year, time=NOW.replace(year=year, month=1, day=2)) for year in years]
    await bench.send(bench.envelope(records))
    await bench.second_writer().settle_events([bench.envelope(records)])
    assert await bench.count("events") == 5
    assert len({event["_index"] for event in (await bench.found("events")).values()}) == 5


async def test_what_retention_refuses_gets_no_period(bench: Bench) -> None:
    await set_floors(bench.pool, floors_of({"alert": 5, "telemetry": 0}, NOW))
    await bench.send(bench.envelope([eve(year, time=NOW.replace(year=year, day=1)) for year in range(2001, 2011)]))
    assert await bench.count("quarantine") == 10
    assert await bench.count("event_periods") == 0


async def test_two_processes_may_cut_periods_by_different_settings(bench: Bench) -> None:
    """As while a change of the setting is rolled out: one makes weeks, the other days."""
    monday = NOW - NOW.weekday() * DAY
    by_days = bench.second_writer({"alert": Plan("day", 1), "telemetry": Plan("day", 1)})
    for week in range(1, 4):
        moments = [monday - week * 7 * DAY + day * DAY for day in range(7)]
        bodies = [bench.envelope([eve(100 * week + n, time=moment)]) for n, moment in enumerate(moments)]
        await asyncio.gather(
            *(by_days.settle_events([body]) for body in bodies[::2]), *(bench.send(body) for body in bodies[1::2])
        )
    assert await bench.count("events") == 21
    assert await bench.count("quarantine") == 0


async def test_it_is_not_usable_while_postgres_takes_no_write(bench: Bench) -> None:
    """A full disk answers questions and takes nothing."""
    assert await bench.writer.usable()
    async with bench.postgres.connect() as owner:
        await owner.execute(f'ALTER DATABASE "{bench.postgres.name}" SET default_transaction_read_only = on')
    await bench.pool.expire_connections()
    with pytest.raises(Retry):
        await bench.writer.usable()


async def test_a_database_that_is_not_set_up_yet_is_waited_for(bench: Bench) -> None:
    """Boot order never matters, nor a grant that comes late: nothing is parked for it."""
    body = bench.envelope([eve(1)])
    async with bench.postgres.connect() as owner:
        await owner.execute("ALTER TABLE events RENAME TO not_yet")
        for settle in (bench.writer.settle_events, bench.second_writer().settle_events):
            with pytest.raises(Retry) as raised:
                await settle([body])
            assert raised.value.code == "postgres_unprepared"
        await owner.execute("ALTER TABLE not_yet RENAME TO events")
    assert await bench.send(body) == [None]
    assert await bench.count("events") == 1


async def test_a_batch_is_not_called_searchable_while_its_events_are_on_their_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other half is settled meanwhile, by the other consumer, and finds nothing pending."""
    batch_id = ids.uuid7()
    events = [(ordinal, event) for ordinal, event in bench.events([eve(1), eve(2)])]
    first = bench.envelope([], events=events[:1], batch_id=batch_id, items_total=2)
    second = bench.envelope([], events=events[1:], batch_id=batch_id, items_total=2)
    on_the_way, go_on = asyncio.Event(), asyncio.Event()
    really = bench.projection.write

    async def slowly(items: Sequence[Item]) -> list[Result]:
        on_the_way.set()
        await go_on.wait()
        return await really(items)

    monkeypatch.setattr(bench.projection, "write", slowly)
    held = asyncio.create_task(bench.send(first))
    await on_the_way.wait()
    await bench.second_writer().settle_events([second])
    state = "SELECT stored_at IS NOT NULL AS stored, searchable_at IS NOT NULL AS searchable, projecting FROM batches"
    (batch,) = await bench.rows(state)
    assert (batch["stored"], batch["searchable"], len(batch["projecting"])) == (True, False, 1)
    go_on.set()
    await held
    (batch,) = await bench.rows(state)
    assert (batch["stored"], batch["searchable"], batch["projecting"]) == (True, True, [])


class TestBrake:
    def broken(self, bench: Bench, sensor: int, count: int) -> bytes:
        # Each its own alert, or the bad title of an event that is not its alert's latest would go nowhere.
        records = [eve(1000 * sensor + number, signature=1000 + number) for number in range(count)]
        events = [(ordinal, poisoned(event)) for ordinal, event in bench.events(records, sensor=sensor)]
        return bench.envelope([], events=events, sensor=sensor)

    async def test_one_broken_sensor_stops_nobody(self, bench: Bench) -> None:
        await bench.send(self.broken(bench, 0, 60), bench.envelope([eve(1)], sensor=1))
        assert await bench.count("events") == 1
        assert await bench.count("quarantine") == 60

    async def test_two_stop_the_writer_with_nothing_written_until_somebody_releases_it(self, bench: Bench) -> None:
        bodies = [self.broken(bench, 0, 30), self.broken(bench, 1, 30), bench.envelope([eve(1)], sensor=2)]
        with pytest.raises(Retry) as raised:
            await bench.send(*bodies)
        assert raised.value.code == "brake_held"
        assert bench.brake.held
        assert await bench.count("quarantine") == await bench.count("events") == await bench.count("envelopes") == 0
        assert not await bench.writer.usable()

        await bench.pool.execute(
            "UPDATE process_controls SET value = value || jsonb_build_object('released_until', "
            "(now() + interval '1 hour')::text) WHERE key = 'brake'"
        )
        assert await bench.writer.usable()
        assert await bench.send(*bodies) == [None, None, None]
        assert (await bench.count("quarantine"), await bench.count("events")) == (60, 1)


async def test_what_cannot_be_decoded_is_parked_and_its_neighbours_are_not(bench: Bench) -> None:
    endings = await bench.send(b"no envelope", bench.envelope([eve(1)]))
    assert endings[0] is not None
    assert endings[0].code == "envelope_not_zstd"
    assert endings[1] is None
    assert await bench.count("events") == 1


async def state(bench: Bench) -> dict[str, object]:
    """All that a repeat must leave alone, and the accounts."""
    return {
        "events": await bench.rows("SELECT id, alert_id, digest, body FROM events ORDER BY id"),
        "alerts": await bench.rows("SELECT * FROM alerts ORDER BY id"),
        "observables": await bench.rows("SELECT alert_id, observable_id FROM alert_observables ORDER BY 1, 2"),
        "quarantine": await bench.rows("SELECT id, reason FROM quarantine ORDER BY id"),
        "event documents": await bench.found("events"),
        "alert documents": await bench.found("alerts"),
        "accounts": await bench.rows("SELECT stored, duplicate, quarantined FROM sensor_accounts"),
    }
