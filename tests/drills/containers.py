"""The product in containers, as the sender and the oracle reach it, and the hands that hurt it.

The oracle asks the stores at their containers' addresses, which Linux reaches from the engine's machine.
"""

import asyncio
import os
import shlex
import signal
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.smoke import facts
from deploy.smoke.engine import ROOT, Project, docker
from deploy.stack.errors import StackError
from tests.faults.installation import Sensor, count_unsettled
from tests.faults.oracle import Oracle
from tests.faults.sender import Sender
from tests.faults.verdict import Verdict, judge

COMPOSE = Path(__file__).with_name("compose.yaml")
ORGANIZATION = "Drill"
SENSORS = ("suricata_eve", "alertmanager")
POLL_SECONDS = 0.5
PORTS = {"ingest": 8080, "api": 8081, "indexer": 8082}

Described = Mapping[str, Any]


class Broken(Exception):
    """A promise that does not hold, in words."""


class Containers:
    """One project, which a drill has for itself; it satisfies what the sender and the oracle ask of the product."""

    def __init__(self, drill: str, *, limit: float, feed_rate: float) -> None:
        """`limit` seconds are left to it from now on. The demo feeds that many events a second, where it is started."""
        self.project = Project(f"drill-{drill}", COMPOSE, {"DRILL_FEED_RATE": f"{feed_rate:g}"})
        self.door_urls = [self.project.url]
        self.sensors: dict[str, Sensor] = {}
        self.organization_id: UUID | None = None
        self.reports_lost_at: list[datetime] = []
        self.index_prefix, self.indices = "", "events-*,alerts-*,incidents-*"
        self._token = ""
        self._drill, self._began, self._limit = drill, time.monotonic(), limit

    @property
    def seconds_left(self) -> float:
        """Before the drill has to be at its end."""
        return max(1.0, self._began + self._limit - time.monotonic())

    def tell(self, words: str) -> None:
        """One step, with the seconds so far."""
        print(f"[{time.monotonic() - self._began:6.1f} s] {self._drill}: {words}", flush=True)

    @property
    def owner_url(self) -> str:
        """The database as its owner."""
        return f"postgresql://eventsec:{_secret('postgres_password')}@{self.addresses('postgres')[0]}:5432/eventsec"

    @property
    def search_url(self) -> str:
        """OpenSearch."""
        return f"http://{self.addresses('opensearch')[0]}:9200"

    def urls(self, service: str) -> list[str]:
        """Of each container of one of the three services."""
        return [f"http://{address}:{PORTS[service]}" for address in self.addresses(service)]

    def addresses(self, service: str) -> list[str]:
        """Of its containers that run, in the network of the stores."""
        network = f"{self.project.name}_stores"
        return [one["NetworkSettings"]["Networks"][network]["IPAddress"] for one in running(self.of(service))]

    def of(self, service: str) -> list[Described]:
        """Its containers as the engine describes them."""
        return [one for one in self.project.containers() if facts.service_of(one) == service]

    async def compose(self, *words: str) -> str:
        """What compose prints. Raises StackError when it fails or takes longer than there is left."""
        return await self.run(*self.project.command, *words)

    async def run(self, *words: str) -> str:
        """What a program prints, in the project's environment. It does not outlive this call. Raises StackError."""
        process = await asyncio.create_subprocess_exec(
            *words, cwd=ROOT, env=self.project.environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            said, complained = await asyncio.wait_for(process.communicate(), self.seconds_left)
        except TimeoutError:
            raise StackError(f"{shlex.join(words)}: no end in time") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            told = (complained or said).decode(errors="replace")[-1500:]
            raise StackError(f"{shlex.join(words)}: status {process.returncode}\n{told}")
        return said.decode(errors="replace")

    async def up(self, *services: str, options: Sequence[str] = ()) -> float:
        """Start these, or all, and wait until they are healthy; the seconds that it took. Raises StackError."""
        began = time.monotonic()
        await self.compose("up", "--wait", *options, *services)
        return time.monotonic() - began

    async def enrol(self) -> None:
        """An organization of ours with its sensors, as a customer makes them."""
        words = ("python", "-m", "services.api.tokens", "create", "--organization", ORGANIZATION, "--name", "drill")
        self._token = (await self.compose("exec", "--no-TTY", "api", *words)).strip()
        async with self.api() as api:
            for name in SENSORS:
                made = (await api.post("/sensors", json={"name": name, "format": name})).raise_for_status().json()
                self.sensors[name] = Sensor(UUID(made["id"]), made["key"]["key"])
        connection = await asyncpg.connect(self.owner_url)
        self.organization_id = await connection.fetchval("SELECT id FROM organizations WHERE name = $1", ORGANIZATION)
        await connection.close()
        await self._known_at_every_door()

    async def _known_at_every_door(self) -> None:
        """Doors hear of a new key within seconds; an empty body is refused for what it is once they know it."""
        for sensor in self.sensors.values():
            headers = {"authorization": f"Bearer {sensor.key}"}
            for door in self.urls("ingest"):
                async with httpx.AsyncClient(timeout=5, headers=headers) as client:
                    while (await client.post(f"{door}/ingest/v1/events")).status_code == httpx.codes.UNAUTHORIZED:
                        await asyncio.sleep(POLL_SECONDS)

    def api(self) -> httpx.AsyncClient:
        """The api at the web's address, as our organization's token may use it."""
        headers = {"authorization": f"Bearer {self._token}"}
        return httpx.AsyncClient(base_url=f"{self.project.url}/api/v1", timeout=10, headers=headers)

    async def unsettled(self) -> dict[str, int]:
        """Messages by queue that are ready or in the indexers' hands."""
        rabbitmq = f"amqp://eventsec:{_secret('rabbitmq_password')}@{self.addresses('rabbitmq')[0]}:5672/"
        return await count_unsettled(rabbitmq, self.urls("indexer"))

    async def searchable(self, sender: Sender) -> float:
        """Seconds until a few records sent now are found by a search, as their receipt says."""
        probe = Sender(
            self, sender.oracle, habits=sender.habits, attempts=sender.attempts, replies=sender.replies,
            reasons=sender.reasons,
        )  # fmt: skip
        began, state = time.monotonic(), ""
        try:
            async with self.api() as api:
                async with httpx.AsyncClient(timeout=probe.habits.patience) as client:
                    await probe.until_acknowledged(client, sender.oracle.batch(3))
                while state != "searchable":
                    try:
                        state = (await api.get(f"/receipts/{next(iter(probe.receipts))}")).json().get("state", "")
                    except httpx.HTTPError as error:
                        state = type(error).__name__
                    await asyncio.sleep(0.1)
        finally:
            sender.receipts |= probe.receipts
        return time.monotonic() - began

    async def kill(self, service: str) -> None:
        """SIGKILL for its process, as from the kernel; what its container does then is the restart policy's affair."""
        for one in running(self.of(service)):
            _kill(one)
        if service == "ingest":
            self.reports_lost_at.append(datetime.now(UTC))

    async def take_away(self, service: str) -> None:
        """SIGKILL by the engine, which does not bring back what it was told to end."""
        await asyncio.to_thread(docker, "kill", "--signal", "KILL", *(one["Id"] for one in self.of(service)))

    async def bring_back(self, service: str) -> None:
        """What was taken away, as it was."""
        await asyncio.to_thread(docker, "start", *(one["Id"] for one in self.of(service)))

    async def healthy(self, service: str, *, since: Sequence[Described] = ()) -> None:
        """Return when its containers are, and none is as it was `since`."""
        before = {one["State"]["StartedAt"] for one in since}

        def well() -> bool:
            now = self.of(service)
            return not unhealthy(now) and not before & {one["State"]["StartedAt"] for one in now}

        while not await asyncio.to_thread(well):
            await asyncio.sleep(POLL_SECONDS)

    async def judge(self, oracle: Oracle, sender: Sender) -> Verdict:
        """The oracle's verdict on our organization's records, and on both stores whole. Raises Broken."""
        verdict = await judge(self, oracle, sender=sender, only_of=self.organization_id, within=self.seconds_left)
        told = verdict.as_dict()
        self.tell("verdict: " + ", ".join(f"{name} {told[name]}" for name in told if name != "details" and told[name]))
        if not verdict.clean:
            raise Broken("; ".join(verdict.details) or "see the verdict")
        return verdict

    def keep_logs(self) -> Path:
        """Every container's log, in a file. Raises StackError."""
        file = ROOT / "reports" / "drills" / f"{self._drill}.log"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.project.compose("ps", "--all") + self.project.compose("logs", "--timestamps"), "utf-8")
        return file


def running(containers: Sequence[Described]) -> list[Described]:
    """Those that run."""
    return [one for one in containers if one["State"]["Running"]]


def state_of(container: Described) -> str:
    """Of one that runs and has a check, what that says; else what it is. The last word of a check outlives it."""
    state = container["State"]
    return str(state["Health"]["Status"] if state["Running"] and "Health" in state else state["Status"])


def unhealthy(containers: Sequence[Described]) -> list[str]:
    """Those that do not run or are not healthy, with what they are."""
    states = [(facts.service_of(one), state_of(one)) for one in containers]
    return [f"{service} is {state}" for service, state in states if state != "healthy"]


async def counted(url: str, name: str) -> int:
    """The sum of one of a process's counters."""
    async with httpx.AsyncClient(timeout=5) as client:
        text = (await client.get(f"{url}/metrics")).text
    families = [family for family in text_string_to_metric_families(text) if family.name == name]
    return int(sum(one.value for family in families for one in family.samples if one.name == f"{name}_total"))


def _kill(container: Described) -> None:
    pid, name = container["State"]["Pid"], container["Name"]
    try:
        # Where the engine runs in a machine of its own, the number is somebody else's here.
        if container["Id"] not in Path(f"/proc/{pid}/cgroup").read_text("ascii"):
            raise StackError(f"process {pid} is not {name}'s here: kills need the engine's own machine")
        os.kill(pid, signal.SIGKILL)
    except OSError as error:
        raise StackError(f"{name} cannot be killed from here, which needs root: {error}") from error


def _secret(name: str) -> str:
    return (ROOT / "deploy" / "secrets" / "demo" / name).read_text("ascii").strip()
