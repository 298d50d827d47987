"""What the view shows, gathered from the same places an operator would ask; what does not answer is left as it was."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from deploy.demo import state as states
from deploy.demo.commands import SERVICES
from deploy.demo.folder import Folder, read_json
from deploy.demo.generator import FORMATS
from deploy.demo.state import State
from deploy.demo.view import exposition
from shared.domain.alert import OPEN
from shared.search.indices import Names

SECONDS = 10.0  # a source that needs longer counts as silent
PERIOD_SECONDS = 1.0
NEWEST = 40
SEVERITIES = (5, 4, 3, 2, 1)

Json = Mapping[str, Any]
Ask = Callable[[State, Json], Awaitable[None]]


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
    """Asks each again and again, at its own speed: one that is slow holds up none of the others."""

    def __init__(self, folder: Folder, opensearch: str) -> None:
        self._folder = folder
        self._events = f"{opensearch.rstrip('/')}/{Names(os.environ.get('EVENTSEC_INDEX_PREFIX', '')).events}"
        self._client = httpx.AsyncClient(timeout=SECONDS)
        self.numbers = Numbers()

    async def run(self) -> None:
        """For ever; cancel to end. What is known so far is in `numbers`."""
        asked: dict[str, Ask] = {
            **{name: partial(self._ready, name) for name in SERVICES},
            "metrics": self._metrics,
            "accounts": self._accounts,
            "alerts": self._alerts,
            "opensearch": self._search,
        }
        try:
            await asyncio.gather(*(self._keep_asking(name, ask) for name, ask in asked.items()))
        finally:
            await self._client.aclose()

    async def _keep_asking(self, name: str, ask: Ask) -> None:
        while True:
            # Read anew each time: services move and keys change when the demo starts again.
            state, demo = states.read(self._folder), read_json(self._folder.demo)
            self.numbers.began, self.numbers.feed = state.began, read_json(self._folder.feed)
            try:
                await ask(state, demo)
                self.numbers.silent.discard(name)
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                self.numbers.silent.add(name)
            await asyncio.sleep(PERIOD_SECONDS)

    async def _api(self, state: State, demo: Json, path: str, **params: Any) -> Any:
        headers = {"Authorization": f"Bearer {demo['api_token']}"}
        answer = await self._client.get(f"{state.url('api')}/api/v1{path}", headers=headers, params=params)
        answer.raise_for_status()
        return answer.json()

    async def _ready(self, name: str, state: State, _: Json) -> None:
        try:
            self.numbers.ready[name] = (await self._client.get(f"{state.url(name)}/readyz")).json()
        except httpx.HTTPError:
            self.numbers.ready[name] = {}

    async def _metrics(self, state: State, _: Json) -> None:
        answer = await self._client.get(f"{state.url('indexer')}/metrics")
        self.numbers.metrics = exposition.read(answer.text)

    async def _accounts(self, state: State, demo: Json) -> None:
        async def one(name: str) -> None:
            path = f"/sensors/{demo['sensors'][name]['id']}/accounts"
            sheet = await self._api(state, demo, path, **{"from": state.began})
            self.numbers.accounts[name] = sheet["total"]

        await asyncio.gather(*(one(name) for name in FORMATS))

    async def _alerts(self, state: State, demo: Json) -> None:
        async def at_least(severity: int) -> int:
            page = await self._api(state, demo, "/alerts", min_severity=severity, with_total=True, limit=1)
            return int(page["total"])

        totals = await asyncio.gather(*(at_least(severity) for severity in SEVERITIES))
        above = (0, *totals)
        self.numbers.open_alerts = {
            severity: total - before for severity, total, before in zip(SEVERITIES, totals, above, strict=False)
        }
        since = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
        page = await self._api(state, demo, "/alerts", updated_since=since, status=OPEN, min_severity=3, limit=200)
        self.numbers.alerts = sorted(page["items"], key=lambda alert: str(alert["created_at"]), reverse=True)[:NEWEST]

    async def _search(self, state: State, demo: Json) -> None:
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
                        {"range": {"event.ingested": {"gte": f"{state.began}||/m"}}},
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
