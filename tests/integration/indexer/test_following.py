"""What comes on a linked alert reaches its incident: once, whatever dies, and without holding up the writer."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.indexer import following
from services.indexer.following import Follower
from services.indexer.stores import expire
from shared import clock, metrics
from shared.bus.messages import Changed, encode
from shared.domain.controls import RETENTION_FLOORS
from shared.domain.incident import KEPT_EVENTS
from shared.domain.observable import MAX_PER_INCIDENT
from shared.lifecycle import Stop
from shared.normalise.body import unpack_body
from tests.integration.indexer.conftest import NOW, Bench, eve, no_step
from tests.integration.indexer.incident_rows import link, open_incident
from tests.waiting import until

LONG_AGO = NOW - timedelta(days=100)
READ = """
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables
    WHERE relname LIKE 'events_alert%'
"""
COPIES = "SELECT * FROM incident_events ORDER BY time, event_id"


async def send(bench: Bench, first: int, number: int, *, since: Any = None, **more: Any) -> None:
    """So many events of one alert, a second apart, numbered from `first`."""
    began = since or NOW - timedelta(days=1)
    records = [eve(n, time=began + timedelta(seconds=n), **more) for n in range(first, first + number)]
    assert await bench.send(bench.envelope(records)) == [None]


async def linked(bench: Bench, **columns: Any) -> tuple[UUID, UUID]:
    """An incident with the one alert there is, both as ids."""
    (alert,) = await bench.rows("SELECT id FROM alerts")
    incident_id = await open_incident(bench, **columns)
    await link(bench, incident_id, [alert["id"]])
    return incident_id, alert["id"]


async def follow(bench: Bench) -> int:
    """Follow what there is, due or not."""
    await bench.pool.execute("UPDATE incident_following SET due_at = now()")
    return await Follower(bench.pool).follow_due()


async def copied(bench: Bench) -> list[UUID]:
    return [row["event_id"] for row in await bench.rows(COPIES)]


async def events(bench: Bench) -> list[UUID]:
    return [row["id"] for row in await bench.rows("SELECT id FROM events ORDER BY time, id")]


async def entries(bench: Bench) -> list[tuple[int, str]]:
    rows = await bench.rows("SELECT count, message FROM incident_entries ORDER BY id")
    return [(row["count"], row["message"]) for row in rows]


async def test_the_first_and_the_last_hundred_are_copied_as_they_were_stored(bench: Bench) -> None:
    await send(bench, 0, 250)
    incident_id, alert_id = await linked(bench)
    assert await follow(bench) == 1
    stored = await events(bench)
    assert await copied(bench) == stored[:KEPT_EVENTS] + stored[-KEPT_EVENTS:]
    bodies = {row["id"]: row["body"] for row in await bench.rows("SELECT id, body FROM events")}
    for row in await bench.rows(COPIES):
        assert (row["incident_id"], row["alert_id"], row["event_kind"]) == (incident_id, alert_id, "alert")
        assert row["body"] == bodies[row["event_id"]]
        assert row["sha256"] == sha256(row["body"]).digest()
    assert await bench.count("incident_following") == 0
    assert await entries(bench) == [], "what had come before it was linked is nothing new"


async def test_as_more_come_the_middle_goes_but_for_what_was_picked(bench: Bench) -> None:
    await send(bench, 0, 210)
    await linked(bench)
    await follow(bench)
    picked = (await copied(bench))[150]
    await bench.pool.execute("UPDATE incident_events SET picked = true WHERE event_id = $1", picked)
    for first in range(210, 610, 80):
        await send(bench, first, 80)
        await follow(bench)
    stored = await events(bench)
    assert len(stored) == 610
    assert await copied(bench) == [*stored[:KEPT_EVENTS], picked, *stored[-KEPT_EVENTS:]]


async def test_how_severe_an_alert_became_is_kept_where_that_is_more(bench: Bench) -> None:
    await send(bench, 0, 2)
    _, alert_id = await linked(bench, severity=4)
    for severity, kept in ((3, None), (5, 5), (2, 5)):
        await bench.pool.execute("UPDATE alerts SET severity = $2, count = count + 1 WHERE id = $1", alert_id, severity)
        await follow(bench)
        (row,) = await bench.rows("SELECT severity, peak_severity FROM incidents")
        assert (row["severity"], row["peak_severity"]) == (4, kept)


async def test_what_sensors_gave_an_alert_counts_though_it_is_less_by_hand(bench: Bench) -> None:
    await send(bench, 0, 2)
    _, alert_id = await linked(bench, severity=3)
    await bench.pool.execute(
        "UPDATE alerts SET severity = 2, severity_by_hand = true, sensor_severity = 5, count = count + 1 WHERE id = $1",
        alert_id,
    )
    await follow(bench)
    (row,) = await bench.rows("SELECT severity, peak_severity FROM incidents")
    assert (row["severity"], row["peak_severity"]) == (3, 5)


async def test_what_comes_late_with_an_early_time_takes_its_place(bench: Bench) -> None:
    await send(bench, 0, 250)
    await linked(bench)
    await follow(bench)
    await send(bench, 1000, 5, since=NOW - timedelta(days=2))
    await follow(bench)
    stored = await events(bench)
    assert await copied(bench) == stored[:KEPT_EVENTS] + stored[-KEPT_EVENTS:]


MANY = """
    INSERT INTO events (kind, id, organization_id, sensor_id, batch_id, alert_id, severity, time, received_at, digest,
                        body)
    SELECT kind, overlay(id::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, organization_id, sensor_id, batch_id,
           alert_id, severity, time + n * interval '1 millisecond', received_at, digest, body
    FROM events, generate_series(1, 20000) AS n
"""


async def test_of_an_alert_with_many_events_only_the_ends_are_read(bench: Bench) -> None:
    await send(bench, 0, 1)
    incident_id, alert_id = await linked(bench)
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY)
        await owner.execute("UPDATE alerts SET last_seen = (SELECT max(time) FROM events)")
        await owner.execute("ANALYZE events")
    (alert,) = await bench.rows("SELECT first_seen, last_seen FROM alerts")
    of_it = following.Linked(alert_id, "A title", [], alert["first_seen"], alert["last_seen"], 0, 3)
    async with bench.pool.acquire() as connection, connection.transaction():
        for copied_now in (2 * KEPT_EVENTS, 0):
            before = await connection.fetchval(READ)
            assert await following.follow(connection, incident_id, bench.organization_id, [of_it]) == copied_now
            assert await connection.fetchval(READ) - before < 4 * KEPT_EVENTS


async def test_events_without_a_time_of_their_own_are_copied_too(bench: Bench) -> None:
    await send(bench, 0, 2)
    await linked(bench)
    ahead = eve(3, time=NOW + timedelta(days=9))
    assert await bench.send(bench.envelope([ahead])) == [None]
    assert len(await bench.rows("SELECT id FROM alerts")) == 1
    await follow(bench)
    assert await copied(bench) == await events(bench)


async def test_one_entry_a_day_counts_what_came_since_the_alert_was_linked(bench: Bench) -> None:
    await send(bench, 0, 3)
    incident_id, alert_id = await linked(bench)
    await send(bench, 3, 1)
    await follow(bench)
    assert await entries(bench) == [(1, "1 more event on “EVENTSEC test rule 1”")]
    await send(bench, 4, 11)
    await follow(bench)
    assert await entries(bench) == [(12, "12 more events on “EVENTSEC test rule 1”")]
    assert await follow(bench) == 0
    await bench.pool.execute("UPDATE incident_entries SET coalesce_key = replace(coalesce_key, ' 20', ' 19')")
    await send(bench, 15, 2)
    await follow(bench)
    assert [count for count, _ in await entries(bench)] == [12, 2]
    (latest,) = await bench.rows("SELECT * FROM incident_entries ORDER BY id DESC LIMIT 1")
    assert (latest["incident_id"], latest["kind"]) == (incident_id, "alert_repeated")
    assert latest["coalesce_key"] == f"alert {alert_id} {clock.now():%Y-%m-%d}"
    (last,) = await bench.rows("SELECT last_seen FROM alerts")
    assert latest["occurred_at"] == last["last_seen"]


async def test_values_and_techniques_reach_the_incident_and_its_document(bench: Bench) -> None:
    await send(bench, 0, 1)
    incident_id, alert_id = await linked(bench, techniques=["T1566"])
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE alerts SET techniques = '{T1021}'")
    (said, *_) = await bench.rows("SELECT observable_id FROM alert_observables ORDER BY observable_id")
    await bench.pool.execute(
        "INSERT INTO incident_observables (id, organization_id, incident_id, observable_id, ioc, note) "
        "VALUES (gen_random_uuid(), $1, $2, $3, true, 'ours')",
        bench.organization_id, incident_id, said["observable_id"],
    )  # fmt: skip
    await follow(bench)
    rows = await bench.rows("SELECT observable_id, in_alerts, ioc, note FROM incident_observables")
    of_alert = await bench.rows("SELECT observable_id FROM alert_observables WHERE alert_id = $1", alert_id)
    assert {row["observable_id"] for row in rows} == {row["observable_id"] for row in of_alert}
    assert len(rows) > 1
    assert all(row["in_alerts"] for row in rows)
    assert [(row["ioc"], row["note"]) for row in rows if row["observable_id"] == said["observable_id"]] == [
        (True, "ours")
    ]
    (incident,) = await bench.rows("SELECT techniques, version FROM incidents")
    assert incident["techniques"] == ["T1021", "T1566"]
    (owed,) = await bench.rows("SELECT kind, routing_key, ids FROM outbox WHERE kind = 'incident'")
    assert (owed["routing_key"], owed["ids"]) == ("incident.changed", [incident_id])
    await bench.projector.settle_changed([encode(Changed(bench.organization_id, "incident", [incident_id]))])
    document = (await bench.found("incidents"))[str(incident_id)]
    assert document["_version"] == incident["version"]
    assert "198.51.100.7" in document["observable.ip"]


async def test_an_incident_takes_so_many_values(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    most = f"{MAX_PER_INCIDENT} -"
    assert most in following.ADD_OBSERVABLES
    monkeypatch.setattr(following, "ADD_OBSERVABLES", following.ADD_OBSERVABLES.replace(most, "4 -"))
    incident_id = await open_incident(bench)
    for first in (1, 4):
        records = [eve(n, src_ip=f"198.51.100.{n}") for n in range(first, first + 3)]
        assert await bench.send(bench.envelope(records)) == [None]
        alerts = await bench.rows("SELECT id FROM alerts WHERE incident_id IS NULL")
        await link(bench, incident_id, [alert["id"] for alert in alerts])
        assert await follow(bench) == 3
    assert await bench.count("observables") > 4
    assert await bench.count("incident_observables") == 4


async def test_a_process_that_dies_before_it_is_done_leaves_all_to_be_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(bench, 0, 3)
    await linked(bench)
    await send(bench, 3, 4)
    with monkeypatch.context() as broken:
        broken.setattr(
            following, "FORGET", "SELECT pg_terminate_backend(pg_backend_pid()) WHERE $1::uuid[] IS NOT NULL"
        )
        with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
            await follow(bench)
    assert await copied(bench) == []
    assert await entries(bench) == []
    assert await follow(bench) == 1
    assert len(await copied(bench)) == 7
    assert [count for count, _ in await entries(bench)] == [4]


async def test_two_at_once_do_it_once(bench: Bench) -> None:
    await send(bench, 0, 3)
    await linked(bench)
    await send(bench, 3, 40)
    await bench.pool.execute("UPDATE incident_following SET due_at = now()")
    done = await asyncio.gather(*(Follower(bench.pool).follow_due() for _ in range(6)))
    assert sum(done) == 1
    assert [count for count, _ in await entries(bench)] == [40]
    assert len(await copied(bench)) == 43


async def test_one_that_cannot_be_followed_holds_up_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.send(bench.envelope([eve(1), eve(2, signature=2)]))
    alerts = [row["id"] for row in await bench.rows("SELECT id FROM alerts ORDER BY id")]
    sick, sound = [await open_incident(bench) for _ in alerts]
    await link(bench, sick, alerts[:1])
    await link(bench, sound, alerts[1:])
    really = following.follow

    async def follow_all_but_one(connection: Any, incident_id: UUID, *rest: Any) -> int:
        if incident_id == sick:
            raise LookupError("a defect")
        return await really(connection, incident_id, *rest)

    monkeypatch.setattr(following, "follow", follow_all_but_one)
    assert await follow(bench) == 1
    assert {row["incident_id"] for row in await bench.rows(COPIES)} == {sound}
    assert await Follower(bench.pool).follow_due() == 0, "it is put off"
    monkeypatch.setattr(following, "follow", really)
    assert await follow(bench) == 1
    assert {row["incident_id"] for row in await bench.rows(COPIES)} == {sick, sound}


async def test_a_hot_alert_is_followed_now_and_then_and_its_writer_does_not_wait(bench: Bench) -> None:
    await send(bench, 0, 50)
    incident_id, _ = await linked(bench)
    stop, slowest, sent = Stop(), 0.0, 50
    stopped = asyncio.create_task(Follower(bench.pool).run(stop))
    other = asyncio.create_task(Follower(bench.pool).run(stop))
    began = time.monotonic()
    while time.monotonic() - began < 12:
        at = time.monotonic()
        await send(bench, sent, 50)
        sent += 50
        slowest = max(slowest, time.monotonic() - at)
    (incident,) = await bench.rows("SELECT version FROM incidents WHERE id = $1", incident_id)
    # Once for the link, and once in five seconds.
    assert 3 <= incident["version"] <= 5

    async def followed() -> bool:
        return await bench.count("incident_following") == 0

    await until(followed)
    stop.set()
    await asyncio.gather(stopped, other)
    assert [count for count, _ in await entries(bench)] == [sent - 50]
    stored = await events(bench)
    assert len(stored) == sent
    assert await copied(bench) == stored[:KEPT_EVENTS] + stored[-KEPT_EVENTS:]
    assert slowest < 5


async def test_what_moves_with_a_merge_is_told_where_it_is_now(bench: Bench) -> None:
    await send(bench, 0, 3)
    _, alert_id = await linked(bench)
    await follow(bench)
    target = await open_incident(bench)
    await send(bench, 3, 2)
    await link(bench, target, [alert_id])
    await send(bench, 5, 1)
    await follow(bench)
    told = await bench.rows("SELECT incident_id, count FROM incident_entries")
    assert told == [{"incident_id": target, "count": 3}]


async def test_what_is_unlinked_is_followed_no_longer_and_counts_anew_when_it_is_linked_again(bench: Bench) -> None:
    await send(bench, 0, 3)
    incident_id, alert_id = await linked(bench)
    await follow(bench)
    await send(bench, 3, 2)
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE alerts SET incident_id = NULL")
    await send(bench, 5, 2)
    await link(bench, incident_id, [alert_id])
    await send(bench, 7, 1)
    await follow(bench)
    assert [count for count, _ in await entries(bench)] == [1]
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE alerts SET incident_id = NULL")
    await bench.pool.execute(
        "INSERT INTO incident_following (alert_id, organization_id) VALUES ($1, $2)", alert_id, bench.organization_id
    )
    assert await follow(bench) == 1
    assert await bench.count("incident_following") == 0


LOST = "Events of “EVENTSEC test rule 1” were too old to keep; some may be gone before they were copied"


def unfollowed() -> float:
    return float(metrics.UNFOLLOWED._value.get())


async def tired_of_waiting(bench: Bench) -> None:
    await bench.pool.execute("UPDATE incident_following SET created_at = now() - interval '25 hours'")


async def dropped(bench: Bench) -> Sequence[str]:
    """The periods that retention drops now, with all of last year's."""
    before = clock.isoformat(NOW - timedelta(days=50))
    await bench.pool.execute(
        "INSERT INTO process_controls (key, value) VALUES ($1, jsonb_build_object('alert', $2::text)) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        RETENTION_FLOORS, before,
    )  # fmt: skip
    return await expire.drop_periods(bench.stores(), no_step)


async def test_a_period_waits_for_its_events_to_be_copied_and_they_are_read_after_it(bench: Bench) -> None:
    await send(bench, 0, 5, since=LONG_AGO)
    await linked(bench)
    assert await dropped(bench) == []
    assert await bench.count("events") == 5
    await follow(bench)
    assert len(await dropped(bench)) == 1
    assert await bench.count("events") == 0
    copies = await bench.rows(COPIES)
    assert len(copies) == 5
    for copy in copies:
        document, original = unpack_body(copy["body"])
        assert b"EVENTSEC test rule" in document
        assert b"flow_id" in original
        assert sha256(copy["body"]).digest() == copy["sha256"]


async def test_a_follower_that_is_broken_does_not_keep_periods_for_ever(bench: Bench) -> None:
    await send(bench, 0, 5, since=LONG_AGO)
    await linked(bench)
    assert await dropped(bench) == []
    assert await entries(bench) == []
    await tired_of_waiting(bench)
    lost = unfollowed()
    assert len(await dropped(bench)) == 1
    assert unfollowed() == lost + 1
    assert await entries(bench) == [(0, LOST)]


async def test_events_without_a_time_wait_as_well(bench: Bench) -> None:
    ahead = eve(3, time=NOW + timedelta(days=9))
    assert await bench.send(bench.envelope([ahead], received_at=LONG_AGO)) == [None]
    await linked(bench)
    await dropped(bench)
    assert await expire.delete_unclocked(bench.stores(), "alert", no_step) == 0
    await follow(bench)
    assert await expire.delete_unclocked(bench.stores(), "alert", no_step) == 1
    assert len(await copied(bench)) == 1


async def test_events_without_a_time_that_waited_too_long_are_missed_aloud(bench: Bench) -> None:
    ahead = eve(3, time=NOW + timedelta(days=9))
    assert await bench.send(bench.envelope([ahead], received_at=LONG_AGO)) == [None]
    incident_id, alert_id = await linked(bench)
    await dropped(bench)
    await tired_of_waiting(bench)
    lost = unfollowed()
    assert await expire.delete_unclocked(bench.stores(), "alert", no_step) == 1
    assert unfollowed() == lost + 1
    (told,) = await bench.rows("SELECT incident_id, kind, message, details FROM incident_entries")
    assert (told["incident_id"], told["kind"], told["message"]) == (incident_id, "events_lost", LOST)
    assert str(alert_id) in told["details"]


async def test_what_was_copied_before_is_not_missed(bench: Bench) -> None:
    ahead = eve(3, time=NOW + timedelta(days=9))
    assert await bench.send(bench.envelope([ahead], received_at=LONG_AGO)) == [None]
    _, alert_id = await linked(bench)
    await follow(bench)
    await bench.pool.execute(
        "INSERT INTO incident_following (alert_id, organization_id) VALUES ($1, $2)", alert_id, bench.organization_id
    )
    await tired_of_waiting(bench)
    await dropped(bench)
    assert await expire.delete_unclocked(bench.stores(), "alert", no_step) == 1
    assert await entries(bench) == []
