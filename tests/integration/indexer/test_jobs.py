"""Jobs that operators asked for: done with the command's own results, by one process, whatever becomes of it."""

import asyncio
import base64
import os
import sys
from typing import Any
from uuid import UUID

import aio_pika
import orjson
import pytest
from pydantic import SecretStr

from services.indexer import jobs, parked
from services.indexer.jobs import JobRunner, Kind, Task
from services.indexer.roles import job_runners
from services.indexer.settings import IndexerSettings
from services.indexer.stores import compare, refill
from services.indexer.stores.job import alone
from shared import ids
from shared.errors import Unavailable
from shared.jobs import MOST_ATTEMPTS
from shared.lifecycle import Stop
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.indexer.conftest import Bench, eve
from tests.integration.indexer.incident_rows import open_incident
from tests.integration.indexer.test_parked import PARKED, QUEUE, depth, park_three
from tests.integration.indexer.test_refill import MANY
from tests.waiting import until

NOBODY = "amqp://guest:guest@127.0.0.1:1/"
POLICY: dict[str, Any] = {
    "queue": PARKED, "limit": 100, "origin": None, "reason": None, "schema": None, "older_than_hours": None,
    "attempts": None, "rate": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(refill, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(refill, "HUSHED_SECONDS", 0.5)
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.05)


def settings_of(bench: Bench, rabbitmq_url: str = NOBODY) -> IndexerSettings:
    return IndexerSettings(
        postgres_url=SecretStr(bench.postgres.url("indexer")),
        opensearch_url=bench.search.settings.opensearch_url,
        index_prefix=bench.search.names.prefix,
        rabbitmq_url=SecretStr(rabbitmq_url),
    )


async def asked(bench: Bench, kind: str, **parameters: Any) -> UUID:
    job_id = ids.uuid7()
    actor = {"actor": "user", "id": str(ids.uuid7()), "name": "Olga", "address": "192.0.2.1"}
    await bench.pool.execute(
        "INSERT INTO jobs (id, organization_id, kind, runner, parameters, actor) "
        "VALUES ($1, $2, $3, 'maintenance', $4::text::jsonb, $5::text::jsonb)",
        job_id, bench.organization_id, kind, orjson.dumps(parameters).decode(), orjson.dumps(actor).decode(),
    )  # fmt: skip
    return job_id


async def job_of(bench: Bench, job_id: UUID) -> dict[str, Any]:
    (row,) = await bench.rows("SELECT * FROM jobs WHERE id = $1", job_id)
    return row | {"result": orjson.loads(row["result"])}


async def worked(bench: Bench, rabbitmq_url: str = NOBODY) -> None:
    """What is due is done, or left for later."""
    for runner in job_runners(bench.pool, settings_of(bench, rabbitmq_url)):
        await runner.work(Stop())


async def done(bench: Bench, kind: str, rabbitmq_url: str = NOBODY, **parameters: Any) -> dict[str, Any]:
    job_id = await asked(bench, kind, **parameters)
    await worked(bench, rabbitmq_url)
    return await job_of(bench, job_id)


async def run_out(bench: Bench) -> None:
    """The leases of all jobs run out."""
    await bench.pool.execute("UPDATE jobs SET lease_until = now() - interval '1 second'")


async def audited(bench: Bench) -> list[dict[str, Any]]:
    rows = await bench.rows("SELECT actor_name, action, object_id, details FROM audit_log ORDER BY id")
    return [row | {"details": orjson.loads(row["details"])} for row in rows]


async def building(bench: Bench) -> bool:
    return bool(await bench.rows("SELECT FROM search_generations WHERE state = 'building'"))


async def test_a_comparison_tells_its_numbers_and_a_repair_mends(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1), eve(2, signature=2)]))
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}' WHERE title LIKE '%2'")
    await bench.settle()
    job = await done(bench, "drift", index=None)
    assert (job["status"], job["error"]) == ("done", None)
    assert {name: job["result"][name] for name in ("drift", "stale", "missing", "repaired")} == {
        "drift": True, "stale": 1, "missing": 0, "repaired": 0,
    }  # fmt: skip
    (differs,) = job["result"]["differ"]
    assert (differs["index"], differs["rows"], differs["documents"]) == ("alerts-v1-000001", 2, 2)
    assert job["done"] == job["total"] == job["result"]["parts"] > 1
    mended = await done(bench, "repair", index="alerts")
    assert (mended["result"]["drift"], mended["result"]["repaired"], mended["total"]) == (False, 1, 1)
    assert (await done(bench, "drift", index=None))["result"]["drift"] is False
    first, *_ = await audited(bench)
    assert first == {
        "actor_name": "Olga",
        "action": "job.ended",
        "object_id": job["id"],
        "details": {"of": "drift", "status": "done", "done": job["done"], "skipped": 0, "error": None},
    }
    told = await bench.rows("SELECT FROM outbox WHERE kind = 'job' AND ids = ARRAY[$1::uuid]", job["id"])
    assert len(told) >= 2, "of its beginning and of its end"


async def test_what_cannot_be_done_says_why(bench: Bench) -> None:
    job = await done(bench, "drift", index="nobodys")
    assert (job["status"], job["error"], job["result"]) == ("failed", "not_found", {"detail": "no index nobodys"})
    job = await done(bench, "rebuild", period="alert/2001-01-01")
    assert (job["status"], job["error"]) == ("failed", "not_found")


async def test_one_period_is_rebuilt(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1), eve(2)]))
    await bench.settle()
    ((day, line),) = [
        (f"{row['starts_at']:%Y-%m-%d}", row["index_name"])
        for row in await bench.rows("SELECT starts_at, index_name FROM event_periods WHERE kind = 'alert'")
        if "unclocked" not in row["index_name"]
    ]
    job = await done(bench, "rebuild", period=f"alert/{day}")
    assert (job["status"], job["done"], job["result"]) == (
        "done",
        2,
        {"outcome": "switched", "index": f"{line}-000002"},
    )


async def test_incidents_move_to_a_new_index(bench: Bench) -> None:
    incidents = {str(await open_incident(bench)) for _ in range(3)}
    job = await done(bench, "reindex", what="incidents")
    assert (job["status"], job["result"]["index"]) == ("done", "incidents-v2-000001")
    assert await bench.behind("incidents") == {"incidents-v2-000001"}
    assert await bench.behind("alerts") == {"alerts-v1-000001"}
    assert (await bench.found("incidents")).keys() == incidents


async def test_a_killed_process_leaves_its_job_to_another_which_goes_on(bench: Bench) -> None:
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY, bench.organization_id, 2500)
    job_id = await asked(bench, "reindex")
    environment = {
        "EVENTSEC_INDEXER_POSTGRES_URL": bench.postgres.url("indexer"),
        "EVENTSEC_OPENSEARCH_URL": bench.search.settings.opensearch_url.get_secret_value(),
        "EVENTSEC_INDEX_PREFIX": bench.search.names.prefix,
        "EVENTSEC_RABBITMQ_URL": NOBODY,
        "EVENTSEC_INDEXER_ROLES": '["maintenance"]',
        "EVENTSEC_INDEXER_PORT": "0",
        "EVENTSEC_CRASH_AT": "refill_page:2",
        "PATH": os.environ["PATH"],
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.indexer", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await asyncio.wait_for(process.wait(), 60) == 137
    left = await job_of(bench, job_id)
    assert (left["status"], left["fence"]) == ("running", 1)
    await worked(bench)
    assert (await job_of(bench, job_id))["fence"] == 1, "its lease has not run out"
    await run_out(bench)
    await worked(bench)
    job = await job_of(bench, job_id)
    assert (job["status"], job["fence"], job["done"], job["total"]) == ("done", 2, 2500, 2500)
    assert await bench.behind("alerts") == {"alerts-v2-000001"}
    states = await bench.rows("SELECT index_name FROM search_generations ORDER BY index_name")
    assert [row["index_name"] for row in states] == ["alerts-v1-000001", "alerts-v2-000001"], "the same index, gone on"
    assert (await done(bench, "drift", index="alerts"))["result"]["drift"] is False


async def test_a_cancelled_job_ends_at_its_next_page_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refill, "PAGE", 50)
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY, bench.organization_id, 5000)
    job_id = await asked(bench, "reindex")
    working = asyncio.create_task(worked(bench))

    async def under_way() -> bool:
        return bool(await bench.rows("SELECT FROM jobs WHERE done > 0"))

    await until(under_way)
    await bench.pool.execute("UPDATE jobs SET cancel_requested_at = now() WHERE id = $1", job_id)
    await asyncio.wait_for(working, 20)
    job = await job_of(bench, job_id)
    assert (job["status"], 0 < job["done"] < 5000) == ("cancelled", True)
    assert await bench.behind("alerts") == {"alerts-v1-000001"}
    assert not await building(bench)


async def test_a_job_that_was_cancelled_while_nobody_had_it_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: str) -> None:
        raise RuntimeError

    job_id = await asked(bench, "reindex")
    with monkeypatch.context() as patch:
        patch.setattr("services.indexer.stores.refill.crash.point", killed)
        with pytest.raises(RuntimeError):
            await worked(bench)
    assert await building(bench)
    await bench.pool.execute("UPDATE jobs SET cancel_requested_at = now() WHERE id = $1", job_id)
    await run_out(bench)
    await worked(bench)
    assert (await job_of(bench, job_id))["status"] == "cancelled"
    assert not await building(bench)


async def test_a_job_waits_for_the_command_line(bench: Bench) -> None:
    job_id = await asked(bench, "drift", index=None)
    async with alone(bench.stores(), "repair"):
        await worked(bench)
    waiting = await job_of(bench, job_id)
    assert (waiting["status"], waiting["attempts"]) == ("running", 0)
    await run_out(bench)
    await worked(bench)
    assert (await job_of(bench, job_id))["status"] == "done"


async def _stopped(task: Task) -> None:
    await task.stop.wait()


async def test_who_lost_the_lease_changes_nothing(bench: Bench) -> None:
    job_id = await asked(bench, "drift", index=None)

    async def do(task: Task) -> dict[str, Any]:
        await bench.pool.execute("UPDATE jobs SET fence = 7 WHERE id = $1", job_id)
        await _stopped(task)
        return {"mine": True}

    await JobRunner(bench.pool, {"drift": Kind(do)}).work(Stop())
    job = await job_of(bench, job_id)
    assert (job["status"], job["fence"], job["result"]) == ("running", 7, {})
    assert await audited(bench) == []


@pytest.mark.parametrize("away", [False, True])
async def test_a_process_that_ends_leaves_the_job_at_once(bench: Bench, away: bool) -> None:
    job_id, stop = await asked(bench, "drift", index=None), Stop()

    async def do(task: Task) -> None:
        stop.set()
        await _stopped(task)
        if away:
            raise Unavailable

    await JobRunner(bench.pool, {"drift": Kind(do)}).work(stop)
    job = await job_of(bench, job_id)
    assert (job["status"], job["attempts"]) == ("running", 0)
    assert job["lease_until"] <= await bench.pool.fetchval("SELECT now()")


async def test_what_fails_again_and_again_is_given_up(bench: Bench) -> None:
    job_id = await asked(bench, "drift", index=None)
    await bench.pool.execute("UPDATE jobs SET attempts = $1", MOST_ATTEMPTS)
    await worked(bench)
    job = await job_of(bench, job_id)
    assert (job["status"], job["error"]) == ("failed", "given_up")
    assert [entry["details"]["error"] for entry in await audited(bench)] == ["given_up"]


async def test_parked_messages_are_requeued_by_policy(bench: Bench, rabbitmq: Rabbitmq) -> None:
    await park_three(rabbitmq)
    none = await done(bench, "parked_requeue", rabbitmq.url, **POLICY | {"origin": "records.changed"})
    assert (none["status"], none["done"], none["skipped"], none["total"]) == ("done", 0, 3, 3)
    some = await done(bench, "parked_requeue", rabbitmq.url, **POLICY | {"limit": 2, "attempts": 1, "rate": 1000.0})
    assert (some["done"], some["result"]) == (2, {"were_there": 3, "matched": 2})
    assert [message.body for message in await rabbitmq.take(QUEUE)] == [b"body 0", b"body 1"]
    assert await depth(rabbitmq, PARKED) == 1
    assert [entry["details"]["done"] for entry in await audited(bench)] == [0, 2]


async def test_parked_messages_that_are_dropped_stay_with_the_job(
    bench: Bench, rabbitmq: Rabbitmq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is kept, and its process killed before it is taken off the queue."""
    await park_three(rabbitmq)
    job_id = await asked(bench, "parked_drop", **POLICY)
    acknowledge = aio_pika.message.IncomingMessage.ack
    times = 0

    async def once(message: aio_pika.message.IncomingMessage, multiple: bool = False) -> None:
        nonlocal times
        times += 1
        if times == 2:
            raise RuntimeError
        await acknowledge(message, multiple)

    with monkeypatch.context() as patch:
        patch.setattr(aio_pika.message.IncomingMessage, "ack", once)
        with pytest.raises(RuntimeError):
            await worked(bench, rabbitmq.url)
    await run_out(bench)
    await until(lambda: _has(rabbitmq, 2))
    await worked(bench, rabbitmq.url)
    job = await job_of(bench, job_id)
    assert (job["status"], job["done"], job["fence"]) == ("done", 3, 2)
    assert await depth(rabbitmq, PARKED) == 0
    rows = await bench.rows("SELECT reason, before FROM job_items WHERE job_id = $1 ORDER BY ordinal", job_id)
    kept = [orjson.loads(row["before"]) for row in rows]
    assert [base64.b64decode(one["body"]) for one in kept] == [b"body 0", b"body 1", b"body 2"]
    assert {(row["reason"], one["queue"]) for row, one in zip(rows, kept, strict=True)} == {("rejected", QUEUE)}


async def _has(rabbitmq: Rabbitmq, number: int) -> bool:
    return await depth(rabbitmq, PARKED) == number


async def test_a_copy_is_kept_of_whatever_bytes(bench: Bench, rabbitmq: Rabbitmq) -> None:
    async with rabbitmq.channel() as channel:
        message = aio_pika.Message(b"\0\xff", correlation_id="a\0b", headers={"x-schema": 7})
        await channel.default_exchange.publish(message, PARKED)
    job = await done(bench, "parked_drop", rabbitmq.url, **POLICY)
    assert (job["status"], job["done"]) == ("done", 1)
    (row,) = await bench.rows("SELECT before FROM job_items")
    assert base64.b64decode(orjson.loads(row["before"])["body"]) == b"\0\xff"


async def test_a_job_waits_for_a_broker_that_is_away(bench: Bench, rabbitmq: Rabbitmq) -> None:
    await park_three(rabbitmq)
    job_id = await asked(bench, "parked_requeue", **POLICY)
    await worked(bench)
    waiting = await job_of(bench, job_id)
    assert (waiting["status"], waiting["error"], waiting["attempts"]) == ("running", None, 0)
    await worked(bench, rabbitmq.url)
    assert (await job_of(bench, job_id))["done"] == 0, "for as long as a lease"
    await run_out(bench)
    await worked(bench, rabbitmq.url)
    job = await job_of(bench, job_id)
    assert (job["status"], job["done"]) == ("done", 3)


async def test_a_job_with_a_lost_lease_takes_no_message(bench: Bench, rabbitmq: Rabbitmq) -> None:
    await park_three(rabbitmq)
    task = Task(await asked(bench, "parked_drop", **POLICY), 1, bench.organization_id, "parked_drop", POLICY)
    with pytest.raises(jobs.LeaseLost):
        await parked.do(settings_of(bench, rabbitmq.url), bench.pool, task)
    await until(lambda: _has(rabbitmq, 3))
    assert await bench.count("job_items") == 0
