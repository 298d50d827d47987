"""OpenSearch away, refusing, or behind: everything is remembered in Postgres and catches up by itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from services.indexer import projection
from services.indexer.periods import PeriodBook
from services.indexer.projector import Projector
from shared.bus.messages import Changed, encode
from shared.errors import Unavailable
from shared.search import bulk
from shared.search.bulk import Result
from tests.integration.indexer.conftest import PLANS, Bench, eve
from tests.integration.indexer.incident_rows import dress, make_person, open_incident
from tests.waiting import until


@asynccontextmanager
async def blocked(bench: Bench) -> AsyncIterator[None]:
    """Every index of this test refuses writes, as on a full disk."""
    indices = f"{bench.search.names.prefix}*"
    await bench.search.client.indices.put_settings(index=indices, body={"index.blocks.write": True})
    try:
        yield
    finally:
        await bench.search.client.indices.put_settings(index=indices, body={"index.blocks.write": False})


async def due_now(bench: Bench) -> None:
    await bench.pool.execute("UPDATE projection_pending SET next_try_at = now()")


async def test_a_blocked_cluster_delays_only_the_search(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    async with blocked(bench):
        assert await bench.send(bench.envelope([eve(2), eve(3, signature=2)])) == [None]
        assert await bench.count("events") == 3
        assert len(await bench.found("events")) == 1
        pending = await bench.rows("SELECT kind, event_kind FROM projection_pending ORDER BY kind, event_kind")
        assert [row["kind"] for row in pending] == ["alert", "alert", "event", "event"]
        await due_now(bench)
        await bench.projector.catch_up()
        assert await bench.count("projection_pending") == 4
    await due_now(bench)
    while await bench.projector.catch_up():
        pass
    assert await bench.count("projection_pending") == 0
    assert len(await bench.found("events")) == 3
    versions = {str(row["id"]): row["version"] for row in await bench.rows("SELECT id, version FROM alerts")}
    assert {key: found["_version"] for key, found in (await bench.found("alerts")).items()} == versions
    assert await bench.rows("SELECT searchable_at IS NOT NULL AS found FROM batches WHERE items = 2") == [
        {"found": True}
    ]


async def test_a_record_that_came_twice_in_one_batch_waits_once(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    async with blocked(bench):
        assert await bench.send(bench.envelope([eve(2)]), bench.envelope([eve(3), eve(2)])) == [None, None]
        pending = await bench.rows("SELECT kind FROM projection_pending ORDER BY kind")
        assert [row["kind"] for row in pending] == ["alert", "event", "event"]
    await due_now(bench)
    await bench.projector.catch_up()
    assert len(await bench.found("events")) == 3
    assert await bench.rows("SELECT searchable_at IS NOT NULL AS found FROM batches") == [{"found": True}]


async def test_another_process_finds_the_period_of_a_pending_event(bench: Bench) -> None:
    """A row is given up only when its event is gone, not when this process has not heard of its period."""
    await bench.send(bench.envelope([eve(1)]))
    (row,) = await bench.rows("SELECT id, organization_id FROM events")
    await bench.pool.execute(
        "INSERT INTO projection_pending (kind, id, organization_id, event_kind, version) "
        "VALUES ('event', $1, $2, 'alert', 0)",
        row["id"],
        row["organization_id"],
    )
    await bench.search.client.delete(index=(await bench.found("events"))[str(row["id"])]["_index"], id=str(row["id"]))
    newcomer = Projector(bench.pool, PeriodBook(PLANS), bench.projection)
    assert await newcomer.catch_up() == 1
    assert str(row["id"]) in await bench.found("events")


async def test_a_document_the_mapping_refuses_comes_without_the_vendors_record(
    bench: Bench,
) -> None:
    events = bench.events([eve(1), eve(2)])
    # What only a defect lets through: a leaf too long for an index, past the normaliser's clipping.
    ordinal, event = events[0]
    huge = event.document.replace(b'"sensor":{', b'"sensor":{"huge":"' + b"x" * 40000 + b'",', 1)
    assert huge != event.document
    events[0] = (ordinal, msgspec.structs.replace(event, document=huge))
    await bench.send(bench.envelope([], events=events))
    found = await bench.found("events")
    assert len(found) == 2
    reduced = found[str(event.id)]
    assert "projection_reduced" in reduced["tags"]
    assert "sensor" not in reduced
    assert await bench.count("projection_pending") == 0


async def test_what_is_refused_even_so_stays_pending_with_the_reason(bench: Bench) -> None:
    events = bench.events([eve(1), eve(2)])
    ordinal, event = events[0]
    broken = event.document[:-2] + b',"no_such_field":1}}'
    events[0] = (ordinal, msgspec.structs.replace(event, document=broken))
    await bench.send(bench.envelope([], events=events))
    (row,) = await bench.rows("SELECT id, reason, attempts FROM projection_pending WHERE kind = 'event'")
    assert row["id"] == event.id
    assert "strict_dynamic_mapping_exception" in row["reason"]
    assert await bench.count("events") == 2
    assert await bench.count("quarantine") == 0, "quarantine holds only what is not stored"


async def test_a_row_that_cannot_be_read_does_not_keep_its_neighbours_waiting(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    async with blocked(bench):
        await bench.send(bench.envelope([eve(2), eve(3)]))
    (damaged, sound) = await bench.rows("SELECT id FROM projection_pending WHERE kind = 'event' ORDER BY id")
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE events SET body = 'damaged' WHERE id = $1", damaged["id"])
    await due_now(bench)
    await bench.projector.catch_up()
    found = await bench.found("events")
    assert str(sound["id"]) in found
    assert str(damaged["id"]) not in found
    (row,) = await bench.rows("SELECT id, reason FROM projection_pending")
    assert row["id"] == damaged["id"]
    assert row["reason"].startswith("unreadable")


async def test_an_older_version_never_wins(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    async with bench.pool.acquire() as connection:
        (alert,) = await bench.rows("SELECT id FROM alerts")
        (stale,) = await projection.read_changing(connection, "alert", [alert["id"]])
    await bench.send(bench.envelope([eve(2)]))
    await bench.projection.write([stale])
    ((_, document),) = (await bench.found("alerts")).items()
    assert document["count"] == 2


async def test_a_hanging_cluster_is_left_alone_for_longer_than_it_hung(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers nothing for half a second a time; storing must not wait for that again and again."""
    really, hangs, asked = bulk.write_with_reduction, True, 0

    async def ping(*_: object, within: float) -> None:
        nonlocal asked
        asked += 1
        if hangs:
            raise Unavailable("no answer in time")

    async def write(*given: Any) -> list[Result]:
        if hangs:
            await asyncio.sleep(0.5)
            raise Unavailable("no answer in time")
        written: list[Result] = await really(*given)
        return written

    monkeypatch.setattr(bulk, "write_with_reduction", write)
    monkeypatch.setattr(projection, "ping", ping)
    monkeypatch.setattr(projection, "REST_SECONDS", 0.1)
    began = time.monotonic()
    for number in range(20):
        await bench.send(bench.envelope([eve(number)]))
    assert time.monotonic() - began < 5, "one hang, then rest"
    assert asked == 0
    await until(lambda: not bench.projection.resting)
    await bench.send(bench.envelope([eve(100)]))
    assert asked == 1, "a small question goes first"
    hangs = False
    await until(lambda: not bench.projection.resting)
    await due_now(bench)
    while await bench.projector.catch_up():
        pass
    assert len(await bench.found("events")) == 21


async def test_whatever_goes_wrong_behind_the_commit_the_rows_are_pending(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("a defect")

    monkeypatch.setattr(bulk, "write_with_reduction", broken)
    assert await bench.send(bench.envelope([eve(1)])) == [None]
    assert await bench.count("projection_pending") == 2


async def test_the_document_of_a_row_that_is_gone_goes_by_way_of_pending(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1), eve(2, signature=2)]))
    (alert, kept) = await bench.rows("SELECT id, version FROM alerts ORDER BY id")
    (event, _) = await bench.rows("SELECT id FROM events ORDER BY id")
    async with bench.pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM alerts WHERE id = $1", alert["id"])
        await connection.execute("DELETE FROM events WHERE kind = 'alert' AND id = $1", event["id"])
        await connection.execute(
            "INSERT INTO projection_pending (kind, id, organization_id, event_kind, version) VALUES "
            "('alert', $1, $4, NULL, $2), ('event', $3, $4, 'alert', 0)",
            alert["id"], alert["version"], event["id"], bench.organization_id,
        )  # fmt: skip
    assert await bench.projector.catch_up() == 2
    assert set(await bench.found("alerts")) == {str(kept["id"])}
    assert len(await bench.found("events")) == 1
    assert await bench.count("projection_pending") == 0


async def test_a_delete_takes_its_version_and_older_ones(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    await bench.send(bench.envelope([eve(2)]))
    (alert,) = await bench.rows("SELECT id, version FROM alerts")
    assert alert["version"] == 2
    await bench.projection.remove([projection.Gone("alert", alert["id"], 1)])
    assert len(await bench.found("alerts")) == 1
    assert await bench.projection.remove([projection.Gone("alert", alert["id"], 2)]) == [True]
    assert not await bench.found("alerts")
    assert await bench.projection.remove([projection.Gone("alert", alert["id"], 2)]) == [True], "and again"


async def test_an_incident_is_found_with_what_hangs_on_it(bench: Bench) -> None:
    person = await make_person(bench)
    incident_id = await open_incident(
        bench, restricted=True, tags=["vip"], fields='{"team": "blue"}', summary="Somebody got in", assignee_id=person
    )
    await dress(bench, incident_id, person)
    message = encode(Changed(bench.organization_id, "incident", [incident_id, bench.organization_id]))
    assert await bench.projector.settle_changed([message]) == [None]
    ((found_id, document),) = (await bench.found("incidents")).items()
    assert found_id == str(incident_id)
    assert document["_version"] == document["version"] == 1
    assert document["member_ids"] == [str(person)]
    assert document["notes"] == ["Lateral movement"]
    assert document["observables"] == document["observable.ip"] == ["203.0.113.9"]
    assert document["fields"] == {"team": "blue"}
    assert (document["title"], document["tags"], document["restricted"]) == ("A break-in", ["vip"], True)


async def test_an_incident_that_could_not_be_written_comes_from_pending(bench: Bench) -> None:
    incident_id = await open_incident(bench)
    message = encode(Changed(bench.organization_id, "incident", [incident_id]))
    async with blocked(bench):
        assert await bench.projector.settle_changed([message]) == [None]
        assert await bench.rows("SELECT kind, id FROM projection_pending") == [{"kind": "incident", "id": incident_id}]
    await bench.pool.execute("UPDATE incidents SET title = 'Changed meanwhile'")
    await due_now(bench)
    assert await bench.projector.catch_up() == 1
    ((_, document),) = (await bench.found("incidents")).items()
    assert (document["title"], document["_version"]) == ("Changed meanwhile", 2)
    assert await bench.count("projection_pending") == 0
    assert await bench.found("alerts") == {}
