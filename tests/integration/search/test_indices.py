"""Indices on a real server: made once by many, always findable, never usable when made in passing."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from shared.search import bulk, indices
from shared.search.bulk import Ending, Operation
from shared.search.indices import KnownIndices
from tests.fixtures.opensearch import Search

DAY = indices.event_index("alert", date(2026, 11, 24))
DOCUMENT = b'{"@timestamp":"2026-11-24T10:00:00.000Z","message":"x","alert":{"severity_id":3}}'


def operation(index: str) -> Operation:
    return Operation("create", index, uuid4(), None, DOCUMENT)


async def test_many_make_one_index_with_its_alias(search: Search) -> None:
    client, names = search.client, search.names
    made = await asyncio.gather(
        *(indices.ensure_event_index(client, names, DAY, kind="alert", shards=2) for _ in range(8))
    )
    assert sorted(made) == [False] * 7 + [True]
    (settings,) = (await client.indices.get_settings(index=names.of(DAY))).values()
    assert settings["settings"]["index"]["number_of_shards"] == "2"
    assert names.of(DAY) in await client.indices.get_alias(name=names.events)


async def test_a_name_of_the_other_kind_is_refused(search: Search) -> None:
    with pytest.raises(ValueError, match="telemetry"):
        await indices.ensure_event_index(search.client, search.names, DAY, kind="telemetry")


async def test_an_index_made_in_passing_takes_nothing_until_it_is_adopted(search: Search) -> None:
    client, names = search.client, search.names
    await client.indices.create(index=names.of(DAY))  # as a cluster that creates indices by itself does
    write = operation(names.of(DAY))
    (result,) = await bulk.write(client, [write])
    assert result.ending is Ending.RETRY
    assert "index write" in result.reason
    assert await indices.ensure_event_index(client, names, DAY, kind="alert") is False
    assert await bulk.write(client, [write]) == [bulk.DONE]
    assert names.of(DAY) in await client.indices.get_alias(name=names.events)


@pytest.mark.parametrize("block", ["read_only", "read_only_allow_delete", "write"])
async def test_an_index_blocked_on_purpose_stays_blocked_and_its_writes_wait(search: Search, block: str) -> None:
    client, names = search.client, search.names
    await indices.ensure_event_index(client, names, DAY, kind="alert")
    await client.indices.put_settings(index=names.of(DAY), body={"index": {"blocks": {block: True}}})
    try:
        assert not await indices.ensure_event_index(client, names, DAY, kind="alert")
        (result,) = await bulk.write(client, [operation(names.of(DAY))])
        assert result.ending is Ending.RETRY, result
    finally:
        await client.indices.put_settings(index=names.of(DAY), body={"index": {"blocks": {block: None}}})
    assert await bulk.write(client, [operation(names.of(DAY))]) == [bulk.DONE]


async def test_a_closed_index_makes_its_writes_wait(search: Search) -> None:
    client, names = search.client, search.names
    await indices.ensure_event_index(client, names, DAY, kind="alert")
    await client.indices.close(index=names.of(DAY))
    (result,) = await bulk.write(client, [operation(names.of(DAY))])
    assert result.ending is Ending.RETRY, result


async def test_a_dropped_index_is_made_again_after_forget(search: Search) -> None:
    known = KnownIndices(search.client, search.names)
    index = await known.ensure(DAY, kind="alert")
    assert index == search.names.of(DAY)
    await search.client.indices.delete(index=index)
    assert await known.ensure(DAY, kind="alert") == index
    assert not await search.client.indices.exists(index=index)
    (result,) = await bulk.write(search.client, [operation(index)])
    assert result.ending is Ending.RETRY
    known.forget(index)
    await known.ensure(DAY, kind="alert")
    assert await bulk.write(search.client, [operation(index)]) == [bulk.DONE]
