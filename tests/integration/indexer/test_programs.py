"""What an operator sees of `python -m services.indexer.stores`: exit statuses, JSON, progress, signals."""

import asyncio
import json
import signal

import pytest

from services.indexer.settings import IndexerSettings
from services.indexer.stores import expire, refill
from tests.integration.indexer import programs
from tests.integration.indexer.conftest import NOW, Bench, eve
from tests.integration.indexer.test_refill import MANY
from tests.waiting import until


async def test_drift_is_told_by_the_exit_status_and_as_json(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    await bench.settle()
    status, out, _ = await programs.run(bench, "drift")
    assert (status, out.splitlines()[-1]) == (0, "the stores agree")
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}'")
    await bench.settle()
    status, out, err = await programs.run(bench, "drift", "--json")
    result = json.loads(out)
    assert (status, result["drift"], result["stale"]) == (1, True, 1)
    assert "store_job" in err, "progress goes to standard error"
    status, out, _ = await programs.run(bench, "repair")
    assert status == 0
    assert "1 repaired" in out
    assert (await programs.run(bench, "drift", "--index", "alerts"))[0] == 0
    assert (await programs.run(bench, "drift", "--index", "nobodys"))[0] == 2


async def test_retention_and_disk(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1), eve(2, time=NOW.replace(year=NOW.year - 2))]))
    assert (await programs.run(bench, "retention"))[0] == 0
    assert await bench.count("events") == 2, "no floor is in force, whatever the settings of this shell"
    await expire.raise_floors(bench.stores(), IndexerSettings())
    status, out, _ = await programs.run(bench, "retention", "--dry-run")
    planned = json.loads(out)
    assert (status, len(planned["periods"])) == (0, 1)
    status, out, _ = await programs.run(bench, "retention")
    assert (status, json.loads(out)["periods"]) == (0, planned["periods"])
    assert await bench.count("events") == 1
    status, out, _ = await programs.run(bench, "disk")
    assert {one["store"] for one in json.loads(out)["disks"]} == {"opensearch", "postgres"}
    assert status in (0, 1), "this machine's disk may be nearly full"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_a_reindex_ended_by_a_signal_goes_on_from_there(bench: Bench, number: signal.Signals) -> None:
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY, bench.organization_id, 10_000)
    process = await programs.start(bench, "reindex", "alerts")

    async def under_way() -> bool:
        done = await bench.pool.fetchval("SELECT (value->>'done')::int FROM process_controls WHERE key LIKE 'job:%'")
        return bool(done)

    await until(under_way)
    process.send_signal(number)
    _, err = await process.communicate()
    assert process.returncode == (-signal.SIGKILL if number is signal.SIGKILL else 130)
    assert ("goes on from here" in err.decode()) == (number is not signal.SIGKILL)
    assert await bench.behind("alerts") == {"alerts-v1-000001"}
    status, out, _ = await programs.run(bench, "reindex", "alerts")
    assert (status, json.loads(out)["done"]) == (0, 10_000)
    assert await bench.behind("alerts") == {"alerts-v2-000001"}
    assert (await programs.run(bench, "drift", "--index", "alerts"))[0] == 0


async def test_cancel_ends_a_job_that_nobody_runs_and_one_that_somebody_runs(bench: Bench) -> None:
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY, bench.organization_id, 10_000)
    assert (await programs.run(bench, "cancel", "reindex:alerts"))[0] == 2, "there is none"
    assert (await programs.run(bench, "reindex", "alerts", crash_at="refill_page"))[0] == 137
    _, out, _ = await programs.run(bench, "status")
    assert json.loads(out)["reindex:alerts"]["phase"] == "filling"
    assert (await programs.run(bench, "cancel", "reindex:alerts"))[0] == 0
    assert await bench.rows("SELECT FROM search_generations WHERE state = 'building'") == []
    process = await programs.start(bench, "reindex", "alerts")
    await until(lambda: _building(bench))
    process.send_signal(signal.SIGSTOP)
    assert (await programs.run(bench, "drift"))[0] == 2, "one job at a time"
    status, _, err = await programs.run(bench, "cancel", "reindex:alerts")
    assert (status, "ends at its next page" in err) == (0, True)
    process.send_signal(signal.SIGCONT)
    _, said = await asyncio.wait_for(process.communicate(), 30 + refill.GRACE_SECONDS)
    assert process.returncode == 130
    assert "cancelled" in said.decode()
    assert await bench.behind("alerts") == {"alerts-v1-000001"}
    assert await bench.rows("SELECT FROM search_generations WHERE state = 'building'") == []


async def _building(bench: Bench) -> bool:
    sql = "SELECT FROM process_controls WHERE key = 'job:reindex:alerts' AND (value->>'done')::int > 0"
    return bool(await bench.rows(f"{sql} AND value->>'finished_at' IS NULL"))
