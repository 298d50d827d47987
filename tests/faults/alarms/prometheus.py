"""A real Prometheus over the processes, with the rules we ship in a fraction of their time."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import yaml

from deploy import promtool
from tests.faults.service import free_port
from tests.prometheus_rules import FILE

FASTER = 20
# Under this a window holds too few scrapes for a rate, and a `for` no second look.
LEAST_SECONDS = 8
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_WINDOW = re.compile(r"\[(\d+)([smhd])\]")
_OFFSET = re.compile(r"offset (\d+)([smhd])")


def shorter(number: str, unit: str) -> str:
    """A duration at our pace."""
    return f"{max(LEAST_SECONDS, int(number) * SECONDS[unit] // FASTER)}s"


def shortened(text: str) -> str:
    """The rules with each `for`, window and offset at our pace; what they say of the values is untouched."""
    document = yaml.safe_load(text)
    for group in document["groups"]:
        for rule in group["rules"]:
            expr = _WINDOW.sub(lambda found: f"[{shorter(*found.groups())}]", rule["expr"])
            rule["expr"] = _OFFSET.sub(lambda found: f"offset {shorter(*found.groups())}", expr)
            if "for" in rule:
                rule["for"] = shorter(rule["for"][:-1], rule["for"][-1])
    return str(yaml.safe_dump(document))


class Prometheus:
    """Scrapes every two seconds, and says what fires."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._url = f"http://127.0.0.1:{free_port()}"
        self._process: asyncio.subprocess.Process | None = None
        self.since: dict[str, float] = {}  # when each that fires now was first seen to

    async def start(self, ports: Mapping[str, Sequence[int]]) -> None:
        """`ports` by job; returns when each was scraped: what counts up before that has no increase.

        Raises TimeoutError when that takes a minute.
        """
        self._directory.mkdir()
        (self._directory / "rules.yml").write_text(shortened(FILE.read_text(encoding="utf-8")))
        configuration = {
            "global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in some]}]}
                for job, some in ports.items()
            ],
        }
        (self._directory / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        with (self._directory / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                await asyncio.to_thread(promtool.find, "prometheus"),
                "--config.file=prometheus.yml",
                f"--web.listen-address={self._url.removeprefix('http://')}",
                "--storage.tsdb.path=data",
                cwd=self._directory,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wanted = sum(map(len, ports.values()))
        async with asyncio.timeout(60), httpx.AsyncClient(timeout=2) as client:
            while await self._scraped(client) < wanted:
                await asyncio.sleep(0.3)

    async def _scraped(self, client: httpx.AsyncClient) -> int:
        """How many processes answered at their last scrape; none while Prometheus itself does not answer."""
        try:
            reply = await client.get(f"{self._url}/api/v1/query", params={"query": "sum(up)"})
        except httpx.HTTPError:
            return 0
        found = reply.json()["data"]["result"] if reply.is_success else []
        return int(found[0]["value"][1]) if found else 0

    async def watch(self) -> None:
        """Keep `since` true; for ever."""
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                try:
                    found = (await client.get(f"{self._url}/api/v1/alerts")).json()["data"]["alerts"]
                except httpx.HTTPError:
                    continue  # it is busy; what fired a second ago still does
                firing = {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}
                now = time.monotonic()
                self.since = {name: self.since.get(name, now) for name in firing}
                await asyncio.sleep(0.5)

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
