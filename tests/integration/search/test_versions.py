"""Every document of an index is read once by the numbers of its writes, whatever was written and deleted before."""

from uuid import UUID

from shared import ids
from shared.search import versions
from tests.fixtures.opensearch import Search


async def test_each_document_of_each_shard_is_found_in_one_window(search: Search) -> None:
    client, index = search.client, search.names.of("alerts-v9-000001")
    await client.indices.create(
        index=index, body={"settings": {"number_of_shards": 3, "number_of_replicas": 0, "blocks.write": False}}
    )
    assert await versions.last_written(client, index) == (-1, 3)
    known = [ids.uuid7() for _ in range(40)]
    for one in [*known, *known[:15]]:
        await client.index(index=index, id=str(one), body={})
    for one in known[:5]:
        await client.delete(index=index, id=str(one))
    await client.index(index=index, id="not one of ours", body={})
    assert await versions.count(client, index) == 36
    last, _ = await versions.last_written(client, index)
    found: list[UUID | str] = []
    for low in range(0, last + 1, 4):
        found += await versions.written(client, index, low, low + 4)
    assert sorted(found, key=str) == sorted([*known[5:], "not one of ours"], key=str)
