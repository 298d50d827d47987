"""Migrating: patient with a server that is busy, and quiet towards one that has everything."""

import asyncio
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from shared.errors import Unavailable
from shared.search.indices import Names
from shared.search.migrate import MigrateSettings, main, run
from tests.fakes.opensearch import FakeOpenSearch


def settings(fake: FakeOpenSearch, seconds: float = 10) -> MigrateSettings:
    return MigrateSettings(opensearch_url=SecretStr(fake.url), index_prefix="acme-", migrate_wait_seconds=seconds)


async def test_a_second_run_changes_nothing() -> None:
    async with FakeOpenSearch() as fake:
        await run(settings(fake))
        first = [request.path for request in fake.requests if request.method == "PUT"]
        assert len(first) == len(set(first)) == 11
        await run(settings(fake))
        assert len([request for request in fake.requests if request.method == "PUT"]) == 11


async def test_components_come_before_what_is_made_of_them() -> None:
    async with FakeOpenSearch() as fake:
        await run(settings(fake))
        order = [request.path.split("/")[1] for request in fake.requests if request.method == "PUT"]
        assert order[:7] == ["_component_template"] * 3 + ["_index_template"] * 4


async def test_a_busy_server_is_waited_for() -> None:
    async with FakeOpenSearch() as fake:
        fake.answer(503, "cluster_manager_not_discovered_exception", times=2)
        fake.answer(429, "circuit_breaking_exception", path="eventsec-alert")
        await run(settings(fake))
        assert set(fake.indices) == {
            "acme-alerts-v1-000001",
            "acme-incidents-v1-000001",
            "acme-events-alert-v1-unclocked",
            "acme-events-telemetry-v1-unclocked",
        }


async def test_a_server_that_stays_busy_is_given_up() -> None:
    async with FakeOpenSearch() as fake:
        fake.answer(503, times=99)
        with pytest.raises(Unavailable, match="503"):
            await run(settings(fake, seconds=0.3))
        assert len(fake.requests) >= 2


async def test_a_server_that_is_away_is_done_without_where_these_templates_were_put_before(tmp_path: Path) -> None:
    async with FakeOpenSearch() as fake:
        await run(settings(fake), tmp_path / "put")
        fake.answer(503, times=99)
        await run(settings(fake, seconds=0.3), tmp_path / "put")


@pytest.mark.parametrize("before", [None, b"{}"], ids=["the first time", "others"])
async def test_a_server_is_waited_for_past_the_limit_where_they_were_not(tmp_path: Path, before: bytes | None) -> None:
    remembered = tmp_path / "put"
    if before is not None:
        remembered.write_bytes(before)
    async with FakeOpenSearch() as fake:
        fake.answer(503, times=99)
        waiting = asyncio.create_task(run(settings(fake, seconds=0.1), remembered))
        await asyncio.sleep(0.8)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert (remembered.read_bytes() if remembered.exists() else None) == before


async def test_what_was_put_is_remembered_whole(tmp_path: Path) -> None:
    async with FakeOpenSearch() as fake:
        await run(settings(fake), tmp_path / "put")
    assert orjson.loads((tmp_path / "put").read_bytes()).keys() == Names("acme-").templates.hashes.keys()


def test_a_file_that_cannot_be_used_is_told_in_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--remember", str(tmp_path)]) == 1
    written = capfd.readouterr()
    (line,) = [one for one in (written.out + written.err).splitlines() if one]
    assert "search_migrate_failed" in line and f"{tmp_path}: Is a directory" in line
