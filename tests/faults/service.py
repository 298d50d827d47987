"""One process of the product that is started again whenever it dies, and can be told where to die next."""

import asyncio
import signal
import socket
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shared.crash import EXIT_STATUS, VARIABLE

ROOT = Path(__file__).resolve().parents[2]
CRASHES = (EXIT_STATUS, -signal.SIGKILL)
# What a door logs when the broker did not take the last report of its accounts.
UNREPORTED = b"accounts_not_reported"


LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Service:
    """`name` is the process's, `label` its own among several; `armed` is the crash point of its next life.

    `root` is the folder with the code of its next life.

    `reports_lost_at` are the ends after which its accounts lack something: crashes, and those that it says so of.
    """

    name: str
    command: list[str]
    port: int
    environment: dict[str, str]
    log: Path
    label: str = ""
    host: str = LOOPBACK
    root: Path = ROOT
    process: asyncio.subprocess.Process | None = None
    deaths: list[int] = field(default_factory=list)
    reports_lost_at: list[datetime] = field(default_factory=list)
    armed: str | None = None
    living_armed: str | None = None
    _may_live: asyncio.Event = field(default_factory=_set)
    _asked_at: int = 0  # bytes of its log when it was asked to end

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    async def start(self, **extra: str) -> None:
        """Start it; `extra` goes into its environment."""
        with self.log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.command,
                cwd=self.root,
                env={**self.environment, **extra},
                stdout=out,
                stderr=out,
                stdin=asyncio.subprocess.DEVNULL,
            )

    @property
    def alive(self) -> bool:
        """True while its process runs, frozen or not."""
        return self.process is not None and self.process.returncode is None

    def signal(self, number: signal.Signals) -> bool:
        """Send it a signal; False when there was nobody to get it."""
        if self.process is None or self.process.returncode is not None:
            return False
        if number is signal.SIGTERM:
            self._asked_at = self.log.stat().st_size
        self.process.send_signal(number)
        return True

    async def wait(self, within: float = 30.0) -> int:
        """Its exit status."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), within)

    async def keep_alive(self) -> None:
        """Start it again each time it dies, armed if it was told so; for ever."""
        while True:
            assert self.process is not None
            self.deaths.append(await self.process.wait())
            if self.deaths[-1] in CRASHES or UNREPORTED in self._last_words():
                self.reports_lost_at.append(datetime.now(UTC))
            await self._may_live.wait()
            self.living_armed, self.armed = self.armed, None
            await self.start(**({VARIABLE: self.living_armed} if self.living_armed else {}))

    def hold(self) -> None:
        """End it gently, and keep it from coming back."""
        self._may_live.clear()
        self.signal(signal.SIGTERM)

    def release(self) -> None:
        """Let it come back."""
        self._may_live.set()

    @property
    def crashed(self) -> bool:
        """True when it died at a crash point or by SIGKILL."""
        return any(status in CRASHES for status in self.deaths)

    def _last_words(self) -> bytes:
        return self.log.read_bytes()[self._asked_at :]
