"""Which sensor a key belongs to, answered from memory; refreshed behind the door's back."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from services.ingest.refusals import Refused
from services.ingest.snapshot import Connection, Key, Sensor, Snapshot, from_database, from_file, to_file
from shared import clock, log, metrics
from shared.credentials import Url
from shared.db.engine import compare_clocks, connect, unfit_role
from shared.errors import EventSecError, Invalid

logger = log.get(__name__)

CONNECT_SECONDS = 2.0
REFRESH_SECONDS = 15.0
EARLY_SECONDS = 1.0
REWRITE = timedelta(minutes=5)
# How the API's own tokens begin: a sender that shows one mixed the two up.
API_PREFIX = "evt_"


class Registry:
    """A snapshot of sensors and keys; `run` keeps it fresh, a file keeps it over restarts.

    A key that is not in it waits for the next refresh, at most one a second whoever asks: a fresh sensor works
    at once, a stranger cannot hammer the database, and nobody is called unknown on what was read before he asked
    (a shipper drops what is answered 401).
    """

    def __init__(
        self,
        postgres_url: Url,
        path: Path,
        *,
        production: bool = False,
        on_change: Callable[[set[UUID]], None] = lambda _: None,
    ) -> None:
        self._url, self._path, self._production = postgres_url, path, production
        self._on_change = on_change
        self._connection: Connection | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._tried = self._read = float("-inf")
        self._written: datetime | None = None
        self._fresh: bool | None = None
        self._unfit: str | None = None
        self._snapshot: Snapshot | None = None
        self._keys: dict[bytes, Key] = {}
        self._sensors: dict[UUID, Sensor] = {}

    @property
    def loaded(self) -> bool:
        """True once a snapshot was had, from the database or from the file."""
        return self._snapshot is not None

    @property
    def age(self) -> float:
        """Seconds since the snapshot was taken; infinite without one."""
        if self._snapshot is None:
            return float("inf")
        return (clock.now() - self._snapshot.taken_at).total_seconds()

    @property
    def trouble(self) -> str | None:
        """Why the door is not to be ready; None if it may be. A role is judged as it was when last connected."""
        if not self.loaded:
            return "no sensor registry loaded yet"
        # One that starts from the file would be ready for the moment until its role is known.
        return "the database was not asked yet" if self._fresh is None else self._unfit

    async def identify(self, key: str) -> tuple[Sensor, UUID]:
        """The sensor with this key, and the key's id.

        Raises Refused: `unknown_key`, `not_a_sensor_key`, `sensor_disabled`, `key_not_checked`, `registry_not_loaded`.
        """
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
        found, read = self._find(digest), True
        if found is None:
            read = await self._read_anew()
            found = self._find(digest)
        if not self.loaded:
            raise Refused("registry_not_loaded", wait=2.0)
        if found is None:
            if not read:
                raise Refused("key_not_checked", wait=2.0)
            raise Refused("not_a_sensor_key" if key.startswith(API_PREFIX) else "unknown_key")
        if found[0].disabled:
            raise Refused("sensor_disabled")
        return found

    def load_file(self) -> None:
        """Start from what the last process knew; a file that is missing or not ours changes nothing."""
        try:
            snapshot = from_file(self._path)
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("registry_file_unusable", error=type(error).__name__)
            return
        if snapshot is not None:
            self._adopt(snapshot)
            logger.info("registry_from_file", sensors=len(snapshot.sensors), age_seconds=round(self.age))

    async def refresh(self) -> None:
        """Read the database now; joins a refresh that is under way. Raises what that raised."""
        if self._refreshing is None or self._refreshing.done():
            self._tried = time.monotonic()
            self._refreshing = asyncio.create_task(self._refresh())
        await asyncio.shield(self._refreshing)

    async def keep_fresh(self) -> None:
        """Refresh; a failure is remembered and said once, the snapshot stays."""
        try:
            await self.refresh()
        except Exception as error:  # whatever it is, the door goes on with what it knows
            metrics.BACKGROUND_FAILURES.labels("registry").inc()
            if self._fresh is not False:
                reason = error.code if isinstance(error, EventSecError) else type(error).__name__
                logger.warning("registry_not_refreshed", error=reason, loaded=self.loaded)
            self._fresh = False
        else:
            if self._fresh is False:
                logger.info("registry_refreshed_again")
            self._fresh = True
        metrics.INGEST_REGISTRY_AGE.set(self.age)

    async def close(self) -> None:
        """Stop refreshing and let go of the database."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        self._disconnect()

    def _find(self, digest: bytes) -> tuple[Sensor, UUID] | None:
        key = self._keys.get(digest)
        # The dictionary has compared hashes of a secret, not secrets; this closes even that.
        if key is None or not hmac.compare_digest(key.digest, digest):
            return None
        if key.expires_at is not None and key.expires_at <= clock.now():
            return None
        sensor = self._sensors.get(key.sensor_id)
        return None if sensor is None else (sensor, key.id)

    async def _read_anew(self) -> bool:
        """True once the snapshot is of a reading that began after this call; False if none could be had."""
        asked = time.monotonic()
        try:
            async with asyncio.timeout(EARLY_SECONDS + CONNECT_SECONDS):
                while self._read < asked:
                    if (pause := self._tried + EARLY_SECONDS - time.monotonic()) > 0:
                        await asyncio.sleep(pause)
                    else:
                        await self.refresh()
        except Exception:  # whoever refreshes periodically says why; here only the answer counts
            return False
        return True

    async def _refresh(self) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(REFRESH_SECONDS):
                connection = await self._connected()
                snapshot = await from_database(connection)
                await compare_clocks(connection)
        except BaseException:
            self._disconnect()
            raise
        changed = self._adopt(snapshot)
        self._read = began
        if changed or self._written is None or clock.now() - self._written > REWRITE:
            await self._write(snapshot)

    async def _write(self, snapshot: Snapshot) -> None:
        try:
            await asyncio.to_thread(to_file, snapshot, self._path)
            self._written = clock.now()
        except OSError as error:  # it works without, until a restart while the database is away
            logger.warning("registry_file_not_written", error=type(error).__name__)

    def _adopt(self, snapshot: Snapshot) -> bool:
        changed = self._snapshot is None or snapshot.content != self._snapshot.content
        self._snapshot = snapshot
        if changed:
            self._sensors = {sensor.profile.id: sensor for sensor in snapshot.sensors}
            self._keys = {key.digest: key for key in snapshot.keys}
            self._on_change(set(self._sensors))
            logger.info("registry_changed", sensors=len(self._sensors), keys=len(self._keys))
        return changed

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(
                self._url,
                timeout=CONNECT_SECONDS,
                statement_cache_size=0,
                server_settings={"application_name": "eventsec ingest"},
            )
            self._unfit = await unfit_role(self._connection) if self._production else None
            if self._unfit:
                raise Invalid(self._unfit, code="unfit_role")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
