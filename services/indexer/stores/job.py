"""A long job on the stores: one at a time, with progress that outlives its process, ending when it is asked to.

Its state is a row of `process_controls`, `job:<name>`. A job that died goes on from there when it is started again.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from services.indexer.locks import KEEP
from services.indexer.stores.opened import Stores
from shared import clock, log
from shared.db.locks import CLASS, Lock
from shared.domain.controls import STORE_JOB
from shared.errors import Conflict, NotFound

logger = log.get(__name__)

KEY = STORE_JOB
LOCK_SECONDS = 3
SAVE_SECONDS, TELL_SECONDS = 1.0, 2.0

SAVE = """
    INSERT INTO process_controls AS c (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = c.value || excluded.value RETURNING value
"""
BEGIN = """
    INSERT INTO process_controls (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING value
"""


Show = Callable[[dict[str, Any]], None]
Action = Callable[[Stores, "Job"], Awaitable[dict[str, Any]]]


class Running(Conflict):
    """Somebody runs a job on the stores."""

    code = "job_running"


class Ended(Exception):
    """The job was asked to end: `cancelled` for good, or by a signal, to go on another time."""

    def __init__(self, *, cancelled: bool) -> None:
        super().__init__("cancelled" if cancelled else "stopped")
        self.cancelled = cancelled


class Job:
    """What runs under `alone`. `state` is the job's row as last read: `phase`, `done`, `total`, and its own words."""

    def __init__(
        self, stores: Stores, alone: asyncpg.pool.PoolConnectionProxy, name: str, show: Show | None = None
    ) -> None:
        self.name = name
        self.state: dict[str, Any] = {}
        self._stores = stores
        self._alone = alone
        self._show = show
        self._told = self._saved = 0.0

    @property
    def unfinished(self) -> bool:
        """True when an earlier process left it half done."""
        return bool(self.state) and self.state.get("finished_at") is None

    def is_recent(self, most: timedelta) -> bool:
        """True when its state was written less than so long ago."""
        return clock.now() - datetime.fromisoformat(self.state["updated_at"]) < most

    async def load(self) -> None:
        """Read the state that an earlier process left."""
        self.state = await read(self._stores, self.name)

    async def begin(self, **members: Any) -> None:
        """Start over."""
        await self._write(BEGIN, {"started_at": clock.isoformat(clock.now()), "finished_at": None, **members})

    async def step(self) -> None:
        """Between two pages: look whether the job was asked to end, as `save` does, but not more than once a second."""
        if self._stores.stop.requested or time.monotonic() - self._saved >= SAVE_SECONDS:
            await self.save()

    async def save(self, **members: Any) -> None:
        """Keep progress. Raises Ended when the job was asked to end, by a signal or by `cancel`.

        Raises what the driver raises when the session that holds the lock is gone: then somebody else may run.
        """
        await self._alone.execute("SELECT 1")
        await self._stores.patiently(lambda: self._write(SAVE, members))
        self._saved = time.monotonic()
        if time.monotonic() - self._told >= TELL_SECONDS:
            self.tell()
        if self.state.get("cancel"):
            raise Ended(cancelled=True)
        if self._stores.stop.requested:
            raise Ended(cancelled=False)

    async def finish(self, outcome: str, **members: Any) -> None:
        """Note how it ended."""
        await self._stores.patiently(
            lambda: self._write(SAVE, {"finished_at": clock.isoformat(clock.now()), "outcome": outcome, **members})
        )
        self.tell()

    def tell(self) -> None:
        """A line on how far it is."""
        self._told = time.monotonic()
        shown = ("phase", "done", "total", "outcome")
        logger.info("store_job", job=self.name, **{key: self.state[key] for key in shown if key in self.state})

    async def _write(self, statement: str, members: dict[str, Any]) -> None:
        members["updated_at"] = clock.isoformat(clock.now())
        value = await self._stores.pool.fetchval(statement, KEY + self.name, orjson.dumps(members).decode())
        self.state = orjson.loads(value)
        if self._show is not None:
            self._show(self.state)


@contextlib.asynccontextmanager
async def alone(stores: Stores, name: str, show: Show | None = None) -> AsyncIterator[Job]:
    """Run one job; nobody else runs one meanwhile. `show` is given each new state. Raises Running when somebody does.

    The lock is a transaction's, which a pooler keeps on one session; the job's own work uses other connections.
    """
    async with stores.pool.acquire() as connection, connection.transaction():
        # Not at once: maintenance holds it for a moment each minute.
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        try:
            await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", CLASS, Lock.STORES)
        except asyncpg.LockNotAvailableError:
            raise Running("another job on the stores is running") from None
        await connection.execute(KEEP)
        job = Job(stores, connection, name, show)
        await job.load()
        yield job


async def carry_out(stores: Stores, name: str, action: Action, show: Show | None = None) -> dict[str, Any]:
    """Run that job from where it was left; its result. Raises Running, Ended, and what the action raises."""
    async with alone(stores, name, show) as running:
        try:
            return await action(stores, running)
        except Ended as ended:
            if ended.cancelled:
                await running.finish("cancelled")
            raise


async def read(stores: Stores, name: str) -> dict[str, Any]:
    """A job's state; empty when it never ran."""
    value = await stores.pool.fetchval("SELECT value FROM process_controls WHERE key = $1", KEY + name)
    return dict(orjson.loads(value)) if value else {}


async def read_all(stores: Stores) -> dict[str, dict[str, Any]]:
    """The states of all jobs by name."""
    rows = await stores.pool.fetch("SELECT key, value FROM process_controls WHERE starts_with(key, $1)", KEY)
    return {row["key"].removeprefix(KEY): orjson.loads(row["value"]) for row in rows}


async def cancel(stores: Stores, name: str) -> None:
    """Ask a job to end for good; whoever runs it hears at its next page. Raises NotFound where none is under way."""
    state = await read(stores, name)
    if not state or state.get("finished_at"):
        raise NotFound(f"no job {name} is under way")
    await stores.pool.execute(SAVE, KEY + name, orjson.dumps({"cancel": True}).decode())
