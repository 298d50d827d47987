"""Asks an api process over HTTP as the UI does, by one client at a time and by several at once, and keeps the times."""

import asyncio
import itertools
import math
import os
import platform
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson

from shared import clock
from tests.load import bench

AT_ONCE = (1, 8)
REQUESTS, LEAST_REQUESTS, WARM_UP = 100, 10, 5
PAGE = 5

Words = Callable[[random.Random], dict[str, str]]


@dataclass(frozen=True)
class Case:
    """A question; words in braces are others each time. `page` is reached by following cursors, unmeasured.

    With a `body` it is a POST. What is asked `together` is sent at once, and has been answered with its last reply.
    """

    name: str
    path: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    page: int = 1
    body: dict[str, Any] | None = None
    together: tuple["Case", ...] = ()

    def asked(self, words: dict[str, str]) -> "Case":
        """One request of it, or one of each together, with these words."""
        params = {name: one.format(**words) if isinstance(one, str) else one for name, one in self.params.items()}
        together = tuple(one.asked(words) for one in self.together)
        return replace(self, path=self.path.format(**words), params=params, together=together)


@dataclass(frozen=True)
class Figure:
    """What a case took, in milliseconds. `store` is what answered it, or whom.

    `refused` counts replies 503; `degraded` is what the replies said of being without search.
    """

    case: str
    store: str
    at_once: int
    requests: int
    p50_ms: float
    p95_ms: float
    target_p95_ms: float | None
    refused: int
    degraded: str
    load_average: float

    @property
    def missed(self) -> bool:
        """True when one client alone waits longer than the target; several share the machine with each other."""
        return self.at_once == 1 and self.target_p95_ms is not None and self.p95_ms > self.target_p95_ms

    @property
    def told(self) -> str:
        """In few words."""
        return f"{self.p50_ms:,.0f} / {self.p95_ms:,.0f}" + (f" ({self.refused} refused)" if self.refused else "")


class Asker:
    """Somebody at one api process: a program with its token, or a person with a session, as `headers` say."""

    def __init__(self, url: str, headers: dict[str, str], words: Words, seconds: float) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=60)
        self._words, self._seconds = words, seconds

    async def close(self) -> None:
        """End its connections."""
        await self._client.aclose()

    async def warm(self, case: Case) -> None:
        """A few replies that do not count: a JVM compiles, and pages come into memory."""
        chance = random.Random()
        for _ in range(WARM_UP):
            await self._send(case.asked(self._words(chance)))

    async def measure(self, case: Case, store: str, at_once: int, target_ms: float | None) -> Figure:
        """Ask until there are enough replies, or so many seconds are over and there are the fewest that will do."""
        chance = random.Random(case.name)
        began, times, refused, degraded = time.monotonic(), [], 0, ""
        numbers = itertools.count()

        async def ask() -> None:
            nonlocal refused, degraded
            while (number := next(numbers)) < LEAST_REQUESTS or (
                number < REQUESTS and time.monotonic() - began < self._seconds
            ):
                asked = await self._at_page(case.asked(self._words(chance)))
                start = time.monotonic()
                replies = await self._send(asked)
                times.append((time.monotonic() - start) * 1000)
                for reply in replies:
                    if reply.status_code == 503:
                        refused, degraded = refused + 1, reply.json()["code"]
                    else:
                        degraded = degraded_of(reply.raise_for_status()) or degraded

        await asyncio.gather(*(ask() for _ in range(at_once)))
        p50, p95 = (round(quantile(times, share), 1) for share in (0.5, 0.95))
        load = round(os.getloadavg()[0], 1)
        return Figure(case.name, store, at_once, len(times), p50, p95, target_ms, refused, degraded, load)

    async def _send(self, case: Case) -> Sequence[httpx.Response]:
        if case.together:
            return await asyncio.gather(*(self._one(one) for one in case.together))
        return [await self._one(case)]

    async def _one(self, case: Case) -> httpx.Response:
        if case.body is None:
            return await self._client.get(case.path, params=case.params)
        return await self._client.post(case.path, params=case.params, json=case.body)

    async def _at_page(self, case: Case) -> Case:
        for _ in range(case.page - 1):
            reply = await self._one(case)
            if reply.status_code == 503 or reply.json()["next_cursor"] is None:
                break
            case = replace(case, params={**case.params, "cursor": reply.json()["next_cursor"]})
        return case


def degraded_of(reply: httpx.Response) -> str:
    """What the reply says of being without search, if it is of a kind that says so."""
    said = reply.json() if reply.headers["content-type"] == "application/json" else None
    return said.get("degraded") or "" if isinstance(said, dict) else ""


def span_of(now: datetime) -> dict[str, str]:
    """The times that questions name: until now, and since a day, a month and a quarter of a year before."""
    days = {"end": 0, "day": 1, "month": 30, "quarter": 90}
    return {name: clock.isoformat(now - timedelta(days=number)) for name, number in days.items()}


def quantile(times: Sequence[float], share: float) -> float:
    """What this share of them took at most (the nearest rank)."""
    return sorted(times)[max(0, math.ceil(share * len(times)) - 1)]


def keep(path: Path, figures: Sequence[Figure], **more: Any) -> list[str]:
    """Write the report; the names of the cases that missed their target."""
    missed = [one.case for one in figures if one.missed]
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "commit": bench.commit(),
        **more,
        "missed": missed,
        "rows": [asdict(one) for one in figures],
    }
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return missed


def table(figures: Sequence[Figure], heads: dict[str, str]) -> str:
    """p50 / p95 by case: each store, under its head, one at a time and all at once."""
    columns = [(store, at_once) for store in heads for at_once in AT_ONCE]
    titles = [f"{heads[store]}, {at_once} at once" for store, at_once in columns]
    lines = ["| p50 / p95, ms | " + " | ".join(titles) + " |", "|---" * (len(columns) + 1) + "|"]
    told = {(one.case, one.store, one.at_once): one.told for one in figures}
    for name in dict.fromkeys(one.case for one in figures):
        lines.append(f"| {name} | " + " | ".join(told.get((name, *column), "–") for column in columns) + " |")
    return "\n".join(lines)
