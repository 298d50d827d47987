"""Out of quarantine: read anew and stored once, or discarded, with the accounts and the history moved along."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from pydantic import SecretStr

from services.indexer import quarantine, redrive
from services.indexer.redrive import Redriver
from services.indexer.settings import IndexerSettings
from shared import ids
from shared.bus.messages import Quarantined, QuarantinedItem, Request, encode
from shared.normalise import pipeline
from shared.normalise.event import Rejected, SensorProfile
from shared.normalise.quarantine_id import quarantine_id
from tests.integration.indexer.conftest import NOW, Bench, eve

ROOT = Path(__file__).resolve().parents[3]


def refused(bench: Bench, records: list[bytes], *, hint: str | None = None, key: str | None = None) -> bytes:
    """A door's message: none of these records could be read."""
    request = Request(ids.uuid7(), bench.sensors[0], NOW, "/p", "c-1", None, len(records), hint, key)
    items = [
        QuarantinedItem(0, index, 0, _id_of(bench, record, None if key is None else (key, index)), record, "x", "y")
        for index, record in enumerate(records)
    ]
    return encode(Quarantined(ids.uuid7(), bench.organization_id, [request], items))


def _id_of(bench: Bench, record: bytes, idempotency: tuple[str, int] | None = None) -> UUID:
    return quarantine_id(bench.organization_id, bench.sensors[0], record, ordinal=0, idempotency=idempotency)


async def request(bench: Bench, what: str = "redrive") -> None:
    await bench.pool.execute("UPDATE quarantine SET requested = $1, requested_at = now(), requested_by = 'me'", what)


async def work(bench: Bench) -> Counter[str]:
    return await Redriver(bench.pool, bench.periods).work()


async def accounts(bench: Bench) -> dict[str, int]:
    (row,) = await bench.rows(
        "SELECT sum(stored)::int AS stored, sum(duplicate)::int AS duplicate, sum(quarantined)::int AS quarantined, "
        "sum(discarded)::int AS discarded FROM sensor_accounts"
    )
    return row


async def test_five_hundred_records_of_a_broken_parser_are_stored_once_each_with_its_history(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [eve(flow) for flow in range(500)]
    broken = Rejected("normaliser_error", "a mistake of ours: KeyError: 'x'")
    await bench.writer.settle_quarantined([refused(bench, records)])
    assert await accounts(bench) == {"stored": 0, "duplicate": 0, "quarantined": 500, "discarded": 0}

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "normalise", lambda *_, **__: broken)
        await request(bench)
        assert await work(bench) == {"open": 100}, "the parser is still broken"
    rows = await bench.rows("SELECT status, requested, reason FROM quarantine WHERE requested IS NULL")
    assert rows == [{"status": "open", "requested": None, "reason": "normaliser_error"}] * 100

    await request(bench)
    done: Counter[str] = Counter()
    while settled := await work(bench):
        done += settled
    assert done == {"stored": 500}
    assert await bench.count("events") == 500
    (alert,) = await bench.rows("SELECT count FROM alerts")
    assert alert["count"] == 500
    assert await accounts(bench) == {"stored": 500, "duplicate": 0, "quarantined": 0, "discarded": 0}
    (batch,) = await bench.rows("SELECT items, stored, quarantined, searchable_at FROM batches")
    assert (batch["items"], batch["stored"], batch["quarantined"]) == (500, 500, 0)
    assert batch["searchable_at"] is None
    rows = await bench.rows("SELECT status, event_id, record, history FROM quarantine")
    events = {row["id"] for row in await bench.rows("SELECT id FROM events")}
    assert {row["event_id"] for row in rows} == events
    assert {row["record"] for row in rows} == set(records)
    histories = Counter(
        tuple((entry["by"], entry["what"].partition(" as ")[0]) for entry in orjson.loads(row["history"]))
        for row in rows
    )
    assert histories == {
        (("me", "stored"),): 400,
        (("me", "still normaliser_error"), ("me", "stored")): 100,
    }

    await bench.pool.execute("UPDATE projection_pending SET next_try_at = now()")
    assert await bench.projector.catch_up() == 500
    assert set(await bench.found()) == set(map(str, events))
    (batch,) = await bench.rows("SELECT searchable_at FROM batches")
    assert batch["searchable_at"] is not None
    assert await bench.count("outbox") >= 1


async def test_what_the_door_took_meanwhile_is_a_duplicate(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(1)])])
    await bench.send(bench.envelope([eve(1)]))
    await request(bench)
    assert await work(bench) == {"duplicate": 1}
    assert await bench.count("events") == 1
    assert await accounts(bench) == {"stored": 1, "duplicate": 1, "quarantined": 0, "discarded": 0}


async def test_a_record_that_comes_again_after_its_re_drive_is_a_duplicate(bench: Bench) -> None:
    message = refused(bench, [eve(1)])
    await bench.writer.settle_quarantined([message])
    await request(bench)
    await work(bench)
    await bench.send(bench.envelope([eve(1)]))
    await bench.writer.settle_quarantined([refused(bench, [eve(1)])])
    assert await bench.count("events") == 1
    assert await accounts(bench) == {"stored": 1, "duplicate": 2, "quarantined": 0, "discarded": 0}


async def test_the_edited_copy_is_read_and_the_bytes_received_are_kept(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [b'{"half'])])
    await request(bench)
    assert await work(bench) == {"open": 1}
    await bench.pool.execute("UPDATE quarantine SET edited_record = $1", eve(7))
    await request(bench)
    assert await work(bench) == {"stored": 1}
    (row,) = await bench.rows("SELECT record, status, event_id FROM quarantine")
    assert (row["record"], row["status"]) == (b'{"half', "redriven")
    assert await bench.rows("SELECT id FROM events") == [{"id": row["event_id"]}]


async def test_another_format_can_be_named(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [b'{"event": {"id": "x"}, "m": 1}'], hint="falco")])
    await request(bench)
    assert await work(bench) == {"open": 1}
    (row,) = await bench.rows("SELECT reason FROM quarantine")
    await bench.pool.execute("UPDATE quarantine SET edited_hint = 'json'")
    await request(bench)
    assert await work(bench) == {"stored": 1}
    assert row["reason"] == "wrong_shape"


async def test_without_time_id_or_key_the_place_in_quarantine_is_the_identity(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [b'{"message": "a"}', b'{"message": "b"}'])])
    await request(bench)
    await work(bench)
    first = await bench.rows("SELECT id FROM events ORDER BY id")
    # As if the answer of the database had been lost after the commit.
    await bench.pool.execute("UPDATE quarantine SET status = 'open', requested = 'redrive'")
    assert await work(bench) == {"duplicate": 2}
    assert await bench.rows("SELECT id FROM events ORDER BY id") == first


async def test_what_the_sensor_leaves_out_is_discarded(bench: Bench) -> None:
    async with bench.postgres.connect() as owner:
        await owner.execute(
            "INSERT INTO sensors (id, organization_id, name, ignored_types) VALUES ($1, $2, 's', $3)",
            bench.sensors[0],
            bench.organization_id,
            ["suricata_eve:alert"],
        )
    await bench.writer.settle_quarantined([refused(bench, [eve(1)])])
    await request(bench)
    assert await work(bench) == {"discarded": 1}
    assert await accounts(bench) == {"stored": 0, "duplicate": 0, "quarantined": 0, "discarded": 1}


async def test_discarding_keeps_the_row_and_says_who(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [b"{"])])
    await request(bench, "discard")
    assert await work(bench) == {"discarded": 1}
    (row,) = await bench.rows("SELECT status, history, requested FROM quarantine")
    assert (row["status"], row["requested"]) == ("discarded", None)
    assert [entry["by"] for entry in orjson.loads(row["history"])] == ["me"]
    assert await accounts(bench) == {"stored": 0, "duplicate": 0, "quarantined": 0, "discarded": 1}


async def test_two_redrivers_at_once_store_each_once(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(flow) for flow in range(300)])])
    await request(bench)

    async def all_of_it() -> Counter[str]:
        total: Counter[str] = Counter()
        for _ in range(6):
            total += await work(bench)
        return total

    first, second = await asyncio.gather(all_of_it(), all_of_it())
    assert first + second == {"stored": 300}
    assert await bench.count("events") == 300


async def test_a_chunk_is_bounded_by_its_bytes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive, "CHUNK_BYTES", 3 * len(eve(1)))
    await bench.writer.settle_quarantined([refused(bench, [eve(flow) for flow in range(1, 8)])])
    await request(bench)
    assert [await work(bench) for _ in range(4)] == [{"stored": 3}, {"stored": 3}, {"stored": 1}, {}]
    monkeypatch.setattr(redrive, "CHUNK_BYTES", 1)
    await bench.writer.settle_quarantined([refused(bench, [eve(9)])])
    await request(bench)
    assert (await work(bench))["stored"] == 1, "one that is larger alone still goes"


async def test_the_history_is_bounded(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [b"{"])])
    for _ in range(3):
        await bench.pool.execute(
            "UPDATE quarantine SET history = (SELECT jsonb_agg(n) FROM generate_series(1, 100) n), status = 'open'"
        )
        await request(bench)
        await work(bench)
    (row,) = await bench.rows("SELECT history FROM quarantine")
    assert len(orjson.loads(row["history"])) == 100


async def test_a_record_that_holds_several_is_not_stored_by_halves(bench: Bench) -> None:
    log = b"#separator \\x09\n#path\tconn\n#fields\tts\tuid\n#types\ttime\tstring\n1763625600.1\tC1\n1763625600.2\tC2\n"
    await bench.writer.settle_quarantined([refused(bench, [log], hint="zeek_tsv")])
    await request(bench)
    assert await work(bench) == {"open": 1}
    (row,) = await bench.rows("SELECT reason, detail FROM quarantine")
    assert (row["reason"], row["detail"]) == ("several_records", "holds 2 records: send it to the door")
    assert await bench.count("events") == 0


async def test_a_period_that_retention_dropped_is_made_again(bench: Bench) -> None:
    old = NOW - timedelta(days=40)
    await bench.send(bench.envelope([eve(1, time=old)]))
    await bench.writer.settle_quarantined([refused(bench, [eve(2, time=old)])])
    async with bench.postgres.connect() as owner:
        (period,) = await owner.fetch("SELECT kind, starts_at FROM event_periods WHERE dropped_at IS NULL")
        await owner.execute("SELECT drop_period($1, $2)", period["kind"], period["starts_at"])
    await request(bench)
    assert await work(bench) == {"stored": 1}


async def test_one_that_always_fails_stays_open_and_its_neighbours_do_not_wait(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(flow) for flow in range(5)])])
    await request(bench)
    monkeypatch.setattr(redrive, "_one", failing_at(3))
    assert await work(bench) == {"stored": 4, "open": 1}
    (row,) = await bench.rows("SELECT reason, requested, record FROM quarantine WHERE status = 'open'")
    assert (row["reason"], row["requested"], b'"flow_id":3' in row["record"]) == ("redrive_failed", None, True)


async def test_nobody_is_blamed_for_a_record_that_somebody_else_has_by_now(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(flow) for flow in range(5)])])
    await request(bench)
    monkeypatch.setattr(redrive, "_one", failing_at(3))
    give_up = Redriver._give_up

    async def while_another_has_it(*arguments: Any) -> Counter[str]:
        async with bench.pool.acquire() as other, other.transaction():
            await other.execute("SELECT 1 FROM quarantine WHERE record = $1 FOR UPDATE", eve(3))
            return await give_up(*arguments)

    monkeypatch.setattr(Redriver, "_give_up", while_another_has_it)
    assert await work(bench) == {"stored": 4}
    (row,) = await bench.rows("SELECT reason, requested, record FROM quarantine WHERE status = 'open'")
    assert row == {"reason": "x", "requested": "redrive", "record": eve(3)}


def failing_at(flow: int) -> Callable[[redrive.Waiting, SensorProfile | None], object]:
    """What a record becomes, with a defect of ours that meets one of them."""
    one = redrive._one

    def sometimes(row: redrive.Waiting, sensor: SensorProfile | None) -> object:
        if b'"flow_id":%d,' % flow in row.record:
            raise KeyError("x")
        return one(row, sensor)

    return sometimes


async def test_receipts_are_locked_before_accounts_as_the_writer_does(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(1), eve(2)])])
    await request(bench)
    async with bench.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM batches FOR UPDATE")
        redriving = asyncio.create_task(work(bench))
        while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.02)
        # The other order would hold this one by now, and each would wait for the other.
        await other.execute("SELECT 1 FROM sensor_accounts FOR UPDATE NOWAIT")
    assert await redriving == {"stored": 2}


async def test_the_command_line(bench: Bench, tmp_path: Path) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(flow) for flow in range(150)] + [b'{"half'])])
    (summary,) = await command(bench, "summary")
    assert (summary["records"], summary["reason"], summary["status"]) == (151, "x", "open")
    assert len(await command(bench, "list", "--limit", "20")) == 20
    assert await command(bench, "redrive", "--all", status=1) == [
        {"stored": 150, "open": 1, "reasons": {"not_json": 1}}
    ]
    (left,) = await command(bench, "list")
    assert left["reason"] == "not_json"
    (shown,) = await command(bench, "show", left["id"])
    assert shown["record"] == '{"half'
    assert shown["history"][-1]["what"] == "still not_json"
    mended = tmp_path / "mended.json"
    mended.write_bytes(eve(7777))
    await command(bench, "edit", left["id"], "--file", str(mended))
    assert await bench.pool.fetchval("SELECT revision FROM quarantine WHERE id = $1", left["id"]) == 2
    assert await command(bench, "redrive", left["id"]) == [{"stored": 1}]
    assert await bench.count("events") == 151
    assert await command(bench, "list") == []
    assert await command(bench, "summary") == []
    await command(bench, "redrive", status=2)


async def test_the_command_line_says_whose_a_record_is(bench: Bench) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(flow) for flow in range(3)])])
    async with bench.postgres.connect() as owner:
        wanted = (bench.sensors[0], bench.organization_id)
        await owner.execute("INSERT INTO sensors (id, organization_id, name) VALUES ($1, $2, 'ids-1')", *wanted)
    listed = await command(bench, "list", "--limit", "2")
    assert [row["sensor"] for row in listed] == ["ids-1", "ids-1"]
    assert [row["sensor"] for row in await command(bench, "list", "--after", listed[-1]["id"])] == ["ids-1"]


async def test_the_command_line_says_what_became_of_its_records_whoever_settled_them(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Beaten(Redriver):
        """Finds nothing to do, because an indexer was faster."""

        async def work(self) -> Counter[str]:
            await super().work()
            return Counter()

    monkeypatch.setattr(quarantine, "Redriver", Beaten)
    await bench.send(bench.envelope([eve(1)]))
    await bench.writer.settle_quarantined(
        [refused(bench, [eve(1), eve(2), b'{"half', b'{"a":' * 99 + b"1" + b"}" * 99])]
    )
    assert await carry_out(bench, "redrive", "--reason", "x") == 1
    assert said(capsys.readouterr().out) == {
        "stored": 1, "duplicate": 1, "open": 2, "reasons": {"not_json": 1, "too_deep": 1},
    }  # fmt: skip


async def test_the_command_line_answers_for_its_own_records_only(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(1), eve(2), b'{"half'])])
    await request(bench)
    await bench.pool.execute("UPDATE quarantine SET requested = NULL WHERE record = $1", eve(2))
    (own,) = await bench.rows("SELECT id FROM quarantine WHERE requested IS NULL")
    assert await carry_out(bench, "redrive", str(own["id"])) == 0, "what another asked for failed, not this"
    assert said(capsys.readouterr().out) == {"stored": 1}
    assert await bench.count("quarantine WHERE requested IS NOT NULL") == 0, "it does what was waiting as well"


async def test_the_command_line_answers_for_what_was_requested_before(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    await bench.writer.settle_quarantined([refused(bench, [eve(1), b'{"half'])])
    assert await carry_out(bench, "redrive", "--all", "--no-wait") == 0
    assert await carry_out(bench, "redrive", "--all") == 1
    captured = capsys.readouterr()
    assert said(captured.out) == {"stored": 1, "open": 1, "reasons": {"not_json": 1}}
    assert captured.err.splitlines() == ["2 records to redrive"] * 2


def said(out: str) -> dict[str, Any]:
    """The last line, behind those of the log."""
    line: dict[str, Any] = orjson.loads(out.splitlines()[-1])
    return line


async def carry_out(bench: Bench, *arguments: str) -> int:
    """The command in this process; its exit status."""
    settings = IndexerSettings(postgres_url=SecretStr(bench.postgres.url("indexer")))
    return await quarantine.carry_out(quarantine._parser().parse_args(arguments), settings)


async def command(bench: Bench, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    """Run the command; its lines."""
    environment = os.environ | {"EVENTSEC_INDEXER_POSTGRES_URL": bench.postgres.url("indexer")}
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.indexer.quarantine", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == status, ran.stderr.decode()
    return [orjson.loads(line) for line in ran.stdout.splitlines()]
