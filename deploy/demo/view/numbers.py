"""What the view shows, gathered from the same places an operator would ask; what does not answer is left as it was."""

import asyncio
import os
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.demo import state as states
from deploy.demo.folder import Folder, read_json
from deploy.demo.generator import FORMATS
from deploy.demo.view import exposition
from shared.search.indices import Names

SECONDS = 2.0  # a source that needs longer is left out this time
NEWEST = 40
SEVERITIES = (5, 4, 3, 2, 1)

Json = Mapping[str, Any]


@dataclass
class Numbers:
    """One look at everything. None and empty mean that nobody could tell."""

    began: str = ""
    feed: Json = field(default_factory=dict)
    ready: dict[str, Json] = field(default_factory=dict)
    accounts: dict[str, Json] = field(default_factory=dict)
    searchable: dict[str, int] = field(default_factory=dict)
    newest: datetime | None = None
    open_alerts: dict[int, int] = field(default_factory=dict)
    alerts: list[Json] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)


class Sources:
    """Asks them all, at once and again and again."""

    def __init__(self, folder: Folder, opensearch: str) -> None:
        self._folder = folder
        self._events = f"{opensearch.rstrip('/')}/{Names(os.environ.get('EVENTSEC_INDEX_PREFIX', '')).events}"
        self._client = httpx.AsyncClient(timeout=SECONDS)
        self.numbers = Numbers()

    async def close(self) -> None:
        await self._client.aclose()

    async def look(self) -> Numbers:
        """All numbers as they are now, or as they last were."""
        state, demo = states.read(self._folder), read_json(self._folder.demo)
        self.numbers.began, self.numbers.feed = state.began, read_json(self._folder.feed)
        self.numbers.silent = set()
        if state.ports and demo:
            api = f"{state.url('api')}/api/v1"
            headers = {"Authorization": f"Bearer {demo['api_token']}"}
            await asyncio.gather(
                *(self._try(name, self._ready(name, state.url(name))) for name in state.ports),
                self._try("metrics", self._metrics(state.url("indexer"))),
                self._try("accounts", self._accounts(api, headers, demo, state.began)),
                self._try("alerts", self._alerts(api, headers)),
                self._try("opensearch", self._search(demo, state.began)),
            )
        return self.numbers

    async def _try(self, name: str, asking: Awaitable[None]) -> None:
        try:
            await asking
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            self.numbers.silent.add(name)

    async def _get(self, url: str, headers: Mapping[str, str] | None = None, **params: Any) -> Any:
        answer = await self._client.get(url, headers=headers, params=params)
        answer.raise_for_status()
        return answer.json()

    async def _ready(self, name: str, url: str) -> None:
        self.numbers.ready[name] = {}
        self.numbers.ready[name] = (await self._client.get(f"{url}/readyz")).json()

    async def _metrics(self, indexer: str) -> None:
        answer = await self._client.get(f"{indexer}/metrics")
        self.numbers.metrics = exposition.read(answer.text)

    async def _accounts(self, api: str, headers: Mapping[str, str], demo: Json, began: str) -> None:
        async def one(name: str) -> None:
            sheet = await self._get(f"{api}/sensors/{demo['sensors'][name]['id']}/accounts", headers, **{"from": began})
            self.numbers.accounts[name] = sheet["total"]

        await asyncio.gather(*(one(name) for name in FORMATS))

    async def _alerts(self, api: str, headers: Mapping[str, str]) -> None:
        async def at_least(severity: int) -> int:
            page = await self._get(f"{api}/alerts", headers, min_severity=severity, with_total=True, limit=1)
            return int(page["total"])

        totals = await asyncio.gather(*(at_least(severity) for severity in SEVERITIES))
        above = (0, *totals)
        self.numbers.open_alerts = {
            severity: total - before for severity, total, before in zip(SEVERITIES, totals, above, strict=False)
        }
        since = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
        page = await self._get(f"{api}/alerts", headers, updated_since=since, min_severity=3, limit=200)
        self.numbers.alerts = sorted(page["items"], key=lambda alert: str(alert["created_at"]), reverse=True)[:NEWEST]

    async def _search(self, demo: Json, began: str) -> None:
        """How many documents of each sensor a search finds, and the time of the newest.

        From the whole minute in which the demo began, as the accounts are.
        """
        ids = {demo["sensors"][name]["id"]: name for name in FORMATS}
        body = {
            "size": 0,
            "query": {
                "bool": {
                    "filter": [
                        {"terms": {"alert.transport.sensor_id": list(ids)}},
                        {"range": {"event.ingested": {"gte": f"{began}||/m"}}},
                    ]
                }
            },
            "aggs": {
                "sensors": {"terms": {"field": "alert.transport.sensor_id", "size": len(ids)}},
                "newest": {"max": {"field": "event.ingested"}},
            },
        }
        answer = await self._client.post(f"{self._events}/_search", json=body)
        answer.raise_for_status()
        found = answer.json()["aggregations"]
        self.numbers.searchable = {ids[one["key"]]: one["doc_count"] for one in found["sensors"]["buckets"]}
        newest = found["newest"]["value"]
        self.numbers.newest = None if newest is None else datetime.fromtimestamp(newest / 1000, UTC)
