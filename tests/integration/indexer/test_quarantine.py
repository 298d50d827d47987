"""What the door could not read: kept whole, each record once, and booked."""

import asyncio

from shared import ids
from shared.bus.messages import Quarantined, QuarantinedItem, Request, encode
from shared.normalise.quarantine_id import quarantine_id
from tests.integration.indexer.conftest import NOW, Bench, eve


def quarantined(bench: Bench, records: list[bytes]) -> bytes:
    """A door's message of one request."""
    request = Request(ids.uuid7(), bench.sensors[0], NOW, "/p", "c-1", None, len(records), "json")
    items = [
        QuarantinedItem(0, index, 0, quarantine_id(
            bench.organization_id, bench.sensors[0], record, ordinal=0, idempotency=None,
        ), record, "not_json", "expected a value")
        for index, record in enumerate(records)
    ]  # fmt: skip
    return encode(Quarantined(ids.uuid7(), bench.organization_id, [request], items))


async def test_kept_whole_with_the_reason(bench: Bench) -> None:
    assert await bench.writer.settle_quarantined([quarantined(bench, [b"{", b"\x00\xff"])]) == [None]
    rows = await bench.rows("SELECT record, reason, detail, path, hint, status FROM quarantine ORDER BY record_index")
    assert [row["record"] for row in rows] == [b"{", b"\x00\xff"]
    assert dict(rows[0]) | {"record": b""} == {
        "record": b"", "reason": "not_json", "detail": "expected a value", "path": "/p", "hint": "json",
        "status": "open",
    }  # fmt: skip
    (batch,) = await bench.rows("SELECT items, quarantined, stored_at, searchable_at FROM batches")
    assert (batch["items"], batch["quarantined"]) == (2, 2)
    assert batch["stored_at"] and batch["searchable_at"]


async def test_a_redelivery_changes_nothing_and_a_repeat_is_a_duplicate(bench: Bench) -> None:
    first = quarantined(bench, [b"{"])
    await bench.writer.settle_quarantined([first, first])
    await bench.writer.settle_quarantined([first, quarantined(bench, [b"{"])])
    assert await bench.count("quarantine") == 1
    accounts = await bench.rows("SELECT sum(quarantined)::int AS q, sum(duplicate)::int AS d FROM sensor_accounts")
    assert accounts == [{"q": 1, "d": 1}]


async def test_two_writers_at_once_keep_it_once(bench: Bench) -> None:
    second = bench.second_writer()
    for number in range(10):
        records = [b"{%d" % number, b"[%d" % number]
        await asyncio.gather(
            bench.writer.settle_quarantined([quarantined(bench, records)]),
            second.settle_quarantined([quarantined(bench, records[::-1])]),
        )
    assert await bench.count("quarantine") == 20


async def test_what_is_no_such_message_is_parked(bench: Bench) -> None:
    endings = await bench.writer.settle_quarantined([bench.envelope([eve(1)]), quarantined(bench, [b"{"])])
    assert endings[0] is not None
    assert endings[1] is None
    assert await bench.count("quarantine") == 1
