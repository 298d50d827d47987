"""The view's sources: each by itself, and what one of them cannot tell leaves the others alone."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.demo import state as states
from deploy.demo.folder import Folder, write_json
from deploy.demo.generator import FORMATS
from deploy.demo.state import State
from deploy.demo.view.numbers import Numbers, Sources

BEGAN = "2026-11-24T12:00:30.500+00:00"
TOTALS = {"5": 2, "4": 5, "3": 9, "2": 9, "1": 30}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "stack")
    states.write(folder, State(phase="running", began=BEGAN, ports={"ingest": 1, "indexer": 2, "api": 3}))
    write_json(folder.demo, {"api_token": "evt_1", "sensors": {name: {"id": name, "key": "k"} for name in FORMATS}})
    return folder


def answer(request: httpx.Request) -> httpx.Response:
    path, query = request.url.path, request.url.params
    if path.endswith("/readyz"):
        return httpx.Response(200, json={"status": "ok", "checks": {}})
    if path.endswith("/metrics"):
        return httpx.Response(200, text="eventsec_projection_pending 4.0\n")
    if path.endswith("/accounts"):
        assert query["from"] == BEGAN
        return httpx.Response(200, json={"total": {"accepted": 11}})
    if path.endswith("/alerts") and "with_total" in query:
        return httpx.Response(200, json={"items": [], "total": TOTALS[query["min_severity"]]})
    if path.endswith("/alerts"):
        alerts = [{"title": str(day), "created_at": f"2026-11-{day}T12:00:00Z"} for day in (11, 13, 12)]
        return httpx.Response(200, json={"items": alerts})
    assert path == "/events/_search"
    found = {"sensors": {"buckets": [{"key": "falco", "doc_count": 7}]}, "newest": {"value": 1795521600000.0}}
    return httpx.Response(200, json={"aggregations": found})


async def look(folder: Folder, told: Callable[[httpx.Request], httpx.Response]) -> Numbers:
    sources = Sources(folder, "http://search/")
    sources._client = httpx.AsyncClient(transport=httpx.MockTransport(told))
    asking = asyncio.create_task(sources.run())
    for _ in range(200):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    return sources.numbers


async def test_everything_that_answers_is_known(folder: Folder) -> None:
    numbers = await look(folder, answer)
    assert numbers.silent == set()
    assert numbers.ready.keys() == {"ingest", "indexer", "api"}
    assert numbers.accounts == {name: {"accepted": 11} for name in FORMATS}
    assert numbers.searchable == {"falco": 7}
    assert numbers.newest is not None and numbers.newest.year == 2026
    assert numbers.open_alerts == {5: 2, 4: 3, 3: 4, 2: 0, 1: 21}
    assert [alert["title"] for alert in numbers.alerts] == ["13", "12", "11"]
    assert numbers.metrics["projection_pending"] == 4


@pytest.mark.parametrize(
    ("host", "silent"), [(("search", None), {"opensearch"}), (("127.0.0.1", 3), {"accounts", "alerts"})]
)
async def test_who_does_not_answer_is_named_and_the_rest_goes_on(
    folder: Folder, host: tuple[str, int | None], silent: set[str]
) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        if (request.url.host, request.url.port) == host:
            raise httpx.ConnectError("away")
        return answer(request)

    numbers = await look(folder, broken)
    assert numbers.silent == silent
    assert numbers.ready["ingest"]["status"] == "ok"
    assert numbers.ready["api"] == ({} if "alerts" in silent else {"status": "ok", "checks": {}})
    assert numbers.metrics["projection_pending"] == 4
