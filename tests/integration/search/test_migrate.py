"""Templates and first indices on a real server: put twice at once, checked by hash, waited for."""

import asyncio
import sys
from typing import Any

import pytest
from opensearchpy.exceptions import RequestError

from shared.errors import Unavailable
from shared.search import indices
from shared.search.migrate import MigrateSettings, migrate, run
from tests.fixtures.opensearch import Search

FIRST = {
    "alerts-v1-000001": {"alerts"},
    "incidents-v1-000001": {"incidents"},
    "events-alert-v1-unclocked": {"events"},
    "events-telemetry-v1-unclocked": {"events"},
}


async def aliases(search: Search) -> dict[str, set[str]]:
    """Bare name of each index of ours to the bare names of its aliases."""
    prefix = search.names.prefix
    found = await search.client.indices.get_alias(index=f"{prefix}*")
    return {
        index.removeprefix(prefix): {alias.removeprefix(prefix) for alias in entry["aliases"]}
        for index, entry in found.items()
    }


async def test_everything_is_there_after_one_run_and_a_second_does_nothing(bare_search: Search) -> None:
    client, names = bare_search.client, bare_search.names
    assert not await indices.templates_at_hash(client, names)
    done = await migrate(client, names)
    assert len([line for line in done if line.startswith("put template")]) == 7
    assert len([line for line in done if line.startswith("created index")]) == 4
    assert await indices.templates_at_hash(client, names)
    assert await aliases(bare_search) == FIRST
    assert await migrate(client, names) == []


async def test_what_was_rebuilt_under_another_name_does_not_come_back_empty(bare_search: Search) -> None:
    client, names = bare_search.client, bare_search.names
    await migrate(client, names)
    first, rebuilt = indices.unclocked_index("alert"), f"{indices.unclocked_index('alert')}-000002"
    await indices.ensure_hidden(client, names, rebuilt)
    await indices.switch(client, names, indices.EVENTS, to=rebuilt, away_from=[first])
    await indices.drop(client, names, [first])
    assert await migrate(client, names) == []


async def test_many_at_once_agree(bare_search: Search) -> None:
    client, names = bare_search.client, bare_search.names
    runs = await asyncio.gather(*(migrate(client, names) for _ in range(4)))
    created = [line for done in runs for line in done if line.startswith("created")]
    assert len(created) == len(set(created)) == 4
    assert await indices.templates_at_hash(client, names)
    assert await aliases(bare_search) == FIRST


@pytest.mark.parametrize("part", ["component", "index"])
async def test_a_template_of_another_version_counts_as_away(bare_search: Search, part: str) -> None:
    client, names = bare_search.client, bare_search.names
    await migrate(client, names)
    name = names.of("eventsec-ecs" if part == "component" else "eventsec-alerts")
    wanted: dict[str, Any] = {**names.templates.components, **names.templates.indices}[name]
    older = {**wanted, "_meta": {"eventsec_hash": "older"}}
    if part == "component":
        await client.cluster.put_component_template(name=name, body=older)
    else:
        await client.indices.put_index_template(name=name, body=older)
    assert not await indices.templates_at_hash(client, names)
    with pytest.raises(Unavailable, match="templates"):
        await indices.ensure_event_index(client, names, "events-alert-v1-2026.11.24", kind="alert")
    assert "events-alert-v1-2026.11.24" not in await aliases(bare_search)
    assert await migrate(client, names) == [f"put template {name}"]
    assert await indices.ensure_event_index(client, names, "events-alert-v1-2026.11.24", kind="alert")


async def test_no_index_without_templates(bare_search: Search) -> None:
    with pytest.raises(Unavailable, match="templates"):
        await indices.ensure_generation(bare_search.client, bare_search.names, "alerts")
    assert not await bare_search.client.indices.exists(index=bare_search.names.of("alerts-v1-000001"))


async def test_a_later_generation_is_left_alone(search: Search) -> None:
    client, names = search.client, search.names
    later = names.of("alerts-v2-000001")
    await client.indices.create(index=later, body={"aliases": {names.alerts: {}}})
    await client.indices.delete(index=names.of("alerts-v1-000001"))
    assert await migrate(client, names) == []
    assert set(await client.indices.get_alias(name=names.alerts)) == {later}


async def test_a_foreign_template_over_our_names_is_not_waited_for(bare_search: Search) -> None:
    client, names = bare_search.client, bare_search.names
    foreign = names.of("eventsec-foreign")
    await client.indices.put_index_template(
        name=foreign, body={"index_patterns": [names.of("*")], "priority": 500, "template": {}}
    )
    try:
        with pytest.raises(RequestError):
            await migrate(client, names)
    finally:
        await client.indices.delete_index_template(name=foreign)


async def test_two_programs_at_once_both_succeed_and_say_what_they_did(
    bare_search: Search, opensearch_url: str
) -> None:
    environment = {
        "EVENTSEC_OPENSEARCH_URL": opensearch_url,
        "EVENTSEC_INDEX_PREFIX": bare_search.names.prefix,
        "PATH": "/usr/bin:/bin",
    }
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "shared.search.migrate", env=environment, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    outputs = [(await program.communicate())[0].decode() for program in programs]
    assert [program.returncode for program in programs] == [0, 0], outputs
    assert all("search_ready" in output for output in outputs)
    assert sum(output.count("created index") for output in outputs) == 4
    assert await aliases(bare_search) == FIRST


async def test_it_waits_for_its_server(bare_search: Search, opensearch_url: str) -> None:
    """A gate that opens late stands for a server that starts late."""
    host, port = opensearch_url.removeprefix("http://").rstrip("/").split("@")[-1].split(":")
    gate = await _reserve_port()
    settings = MigrateSettings(
        opensearch_url=f"http://127.0.0.1:{gate}",  # type: ignore[arg-type]
        index_prefix=bare_search.names.prefix,
        migrate_wait_seconds=30,
    )
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(run(settings))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        server = await asyncio.start_server(_pipe_to(host, int(port)), "127.0.0.1", gate)
        await asyncio.wait_for(waiting, 30)
        server.close()
    assert await indices.templates_at_hash(bare_search.client, bare_search.names)


async def test_it_gives_up_in_time() -> None:
    settings = MigrateSettings(
        opensearch_url=f"http://127.0.0.1:{await _reserve_port()}",  # type: ignore[arg-type]
        migrate_wait_seconds=0.3,
    )
    with pytest.raises(Unavailable, match="no connection"):
        await asyncio.wait_for(run(settings), 10)


async def _reserve_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


def _pipe_to(host: str, port: int) -> Any:
    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer), return_exceptions=True)

    return accept
