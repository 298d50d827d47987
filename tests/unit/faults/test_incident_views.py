"""What the api does not show or find of a stored change is named."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.faults.incident_books import Kept
from tests.faults.incident_views import damaged, unseen
from tests.faults.incident_workers import bytes_of

KEY, FILE = (UUID(f"01940000-0000-7000-8000-00000000000{number}") for number in (1, 2))
ROW = {"number": 7, "title": "made", "summary": "", "severity": 3, "status": "open", "tags": [], "alerts_count": 0}
ROW |= {"revision": 3, "id": KEY}
KEPT = [
    Kept("incident.created", "made", KEY, None),
    Kept("incident.noted", "noted", KEY, None),
    Kept("incident.moved", "moved", KEY, None),
]
AT = f"/incidents/{KEY}"
SHOWN: dict[str, Any] = {
    AT: ROW | {"id": str(KEY)},
    f"{AT}/notes": {"items": [{"body": "noted"}], "next_cursor": None},
    f"{AT}/timeline": {"items": [{"kind": "moved", "details": {"reason": "moved"}}], "next_cursor": None},
    "/incidents": {"items": [{"id": str(KEY)}], "degraded": None},
}
NOTHING: dict[str, Any] = {"items": [], "next_cursor": None, "degraded": None}


async def looked(shown: dict[str, Any]) -> list[str]:
    """What is told of an api that shows this."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=shown[request.url.path]))
    async with httpx.AsyncClient(base_url="http://api", transport=transport) as client:
        return await unseen(client, KEPT, {KEY: ROW})


async def test_what_is_shown_as_it_is_stored_is_no_matter() -> None:
    assert await looked(SHOWN) == []


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        (AT, SHOWN[AT] | {"revision": 2}),
        (f"{AT}/notes", NOTHING),
        (f"{AT}/notes", {"items": [{"body": "noted"}] * 2, "next_cursor": None}),
        (f"{AT}/timeline", NOTHING),
        ("/incidents", NOTHING),
        ("/incidents", SHOWN["/incidents"] | {"degraded": "opensearch"}),
    ],
)
async def test_each_thing_that_is_not_shown_or_found_is_told(path: str, shows: dict[str, Any]) -> None:
    assert len(await looked(SHOWN | {path: shows})) == 1


async def test_a_second_page_is_read_too() -> None:
    pages = {f"{AT}/notes": [{"items": [], "next_cursor": "on"}, {"items": [{"body": "noted"}], "next_cursor": None}]}

    def reply(request: httpx.Request) -> httpx.Response:
        some = pages.get(request.url.path)
        return httpx.Response(200, json=some.pop(0) if some else SHOWN[request.url.path])

    async with httpx.AsyncClient(base_url="http://api", transport=httpx.MockTransport(reply)) as client:
        assert await unseen(client, KEPT, {KEY: ROW}) == []


def test_a_file_is_held_against_what_was_handed_in(tmp_path: Path) -> None:
    folder = tmp_path / "ab" / "cd"
    folder.mkdir(parents=True)
    assert damaged(tmp_path, {FILE: "word"}) == ["the file word is not what was handed in"]
    (folder / str(FILE)).write_bytes(bytes_of("word"))
    assert damaged(tmp_path, {FILE: "word"}) == []
    (folder / str(FILE)).write_bytes(bytes_of("word")[:-1])
    assert len(damaged(tmp_path, {FILE: "word"})) == 1
