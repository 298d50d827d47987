"""What happens to the records of one request: normalised, packed, published, and told apart in a result."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec

from services.ingest.accounts import Accounts, Minute
from services.ingest.limits import RateBudgets
from services.ingest.publisher import Item, Packer, event_item, quarantined_item
from services.ingest.refusals import Refused
from services.ingest.snapshot import Sensor
from shared import ids, log, metrics
from shared.bus import messages
from shared.errors import Unavailable
from shared.normalise import pipeline
from shared.normalise.event import MAX_RECORD_BYTES, Event, Ignored, Rejected
from shared.normalise.quarantine_id import quarantine_id

logger = log.get(__name__)

# Longest stretch of normalising before other requests get their turn.
TURN_SECONDS = 0.005
# What a record takes beside its bytes, in the budget's measure: memory is some four times what it counts.
RECORD_BYTES = 512
# How far what is made of a body may grow before it is held.
HELD_BYTES = 64 << 10
LOGGED_HEAD = 64
# Work on more than this much at once leaves the loop's thread.
THREAD_BYTES = 64 << 10
# What a sender is asked to wait after a failed publish, by its cause.
WAITS = {"broker_away": 2.0, "broker_blocked": 5.0, "queue_full": 5.0, "unconfirmed": 2.0, "unroutable": 5.0}


@dataclass(frozen=True)
class Origin:
    """Where the records of one request are from. `path` is the route's template, never a key."""

    sensor: Sensor
    hint: str | None
    path: str
    received_at: datetime
    correlation_id: str
    traceparent: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Kept:
    """A record that was read as an event."""

    event_id: UUID


@dataclass(frozen=True)
class Quarantined:
    """A record that did not, kept whole in quarantine."""

    quarantine_id: UUID
    reason: str
    detail: str


@dataclass(frozen=True)
class TooLarge:
    """A record that was not kept."""

    size: int


ItemResult = Kept | Quarantined | Ignored | TooLarge


@dataclass
class Result:
    """What became of each record, in order; returned only after the broker has confirmed all of it."""

    batch_id: UUID
    items: list[ItemResult]
    counts: Counter[type]


class Intake:
    """The way in that all doors share: native, facades, listeners."""

    def __init__(
        self, *, packer: Packer, budgets: RateBudgets, accounts: Accounts, max_records: int, max_bytes: int
    ) -> None:
        self._packer, self._budgets, self._accounts = packer, budgets, accounts
        self.max_records, self.max_bytes = max_records, max_bytes

    def check_budget(self, sensor: Sensor) -> None:
        """Raises Refused `rate_limited` before anything was read."""
        self._budgets.check(sensor.profile.id, sensor.rate)

    def count(self, sensor: Sensor, key_id: UUID, received_at: datetime) -> Minute:
        """Open the account of one request, which came with this key."""
        profile = sensor.profile
        return self._accounts.request(profile.organization_id, profile.id, key_id, received_at)

    async def take_in(
        self, records: Sequence[bytes], origin: Origin, minute: Minute, *, hold: Callable[[int], None]
    ) -> Result:
        """Normalise and publish; the result says what each record became.

        `hold` is told, from a thread too, of bytes that the records need beyond those of the body. Raises Refused
        for the whole request: `too_many_records`, `decoded_too_large`, `rate_limited`, `busy`, and the broker's
        reasons.
        """
        sensor = origin.sensor
        hint = origin.hint or sensor.profile.format
        if sum(map(len, records)) > THREAD_BYTES:
            records = await asyncio.to_thread(self._split, records, hint, hold)
        else:
            records = self._split(records, hint, hold)
        self._budgets.spend(sensor.profile.id, sensor.rate, len(records))
        batch = _Batch(origin)
        await batch.fill(records)
        try:
            await self._deliver(batch)
        except Refused:
            self._budgets.give_back(sensor.profile.id, sensor.rate, len(records))
            minute.unconfirmed += batch.kept
            minute.unreported = True
            raise
        _account(minute, batch)
        return batch.result

    def _split(self, records: Sequence[bytes], hint: str | None, hold: Callable[[int], None]) -> list[bytes]:
        """The records in the posts. Each alert repeats its group and each Zeek line its header, so a small post
        may grow large: what is made of it is bounded as a body is, held as it grows, and never made whole first."""
        parts: list[bytes] = []
        size, held = 0, sum(map(len, records))
        for record in records:
            for part in pipeline.split(record, hint):
                size += len(part)
                parts.append(part)
                if len(parts) > self.max_records:
                    raise Refused("too_many_records")
                if size > self.max_bytes:
                    raise Refused("decoded_too_large")
                if size - held > HELD_BYTES:
                    hold(size - held)
                    held = size
        if not parts:
            raise Refused("no_records")
        hold(max(0, size - held) + len(parts) * RECORD_BYTES)
        return parts

    async def _deliver(self, batch: "_Batch") -> None:
        profile = batch.origin.sensor.profile
        try:
            await self._packer.deliver(
                profile.organization_id, batch.request(), events=batch.events, quarantined=batch.quarantined
            )
        except Unavailable as error:
            code = error.code if error.code in WAITS else "unconfirmed"
            raise Refused(code, wait=WAITS[code]) from error


class _Batch:
    """The records of one request on their way to the bus."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.events: list[Item] = []
        self.quarantined: list[Item] = []
        self.items: list[ItemResult] = []
        self.counts: Counter[type] = Counter()
        self._normaliser = pipeline.Normaliser(
            hint=origin.hint,
            sensor=origin.sensor.profile,
            received_at=origin.received_at,
            idempotency_key=origin.idempotency_key,
        )

    @property
    def kept(self) -> int:
        """Records that the broker must confirm."""
        return len(self.events) + len(self.quarantined)

    @property
    def batch_id(self) -> UUID:
        """The own id of the only record that was kept; else one for the batch, which then has a receipt row."""
        if self.kept == 1:
            for item in self.items:
                match item:
                    case Kept(event_id):
                        return event_id
                    case Quarantined(only_id):
                        return only_id
        return self._own_id

    @cached_property
    def _own_id(self) -> UUID:
        return ids.uuid7(self.origin.received_at)

    @property
    def result(self) -> Result:
        return Result(self.batch_id, self.items, self.counts)

    def request(self) -> messages.Request:
        """The request as the writer sees it."""
        origin = self.origin
        return messages.Request(
            batch_id=self.batch_id,
            sensor_id=origin.sensor.profile.id,
            received_at=origin.received_at,
            path=origin.path,
            correlation_id=origin.correlation_id,
            traceparent=origin.traceparent,
            items_total=self.kept,
            hint=origin.hint,
            key=origin.idempotency_key,
        )

    async def fill(self, records: Sequence[bytes]) -> None:
        """Normalise all of them, letting others have their turn in between."""
        turn = time.perf_counter()
        for index, record in enumerate(records):
            if len(record) > THREAD_BYTES:
                # One record may take a second, if only the careful reader understands it.
                self.items.append(await asyncio.to_thread(self._item, index, record))
            else:
                self.items.append(self._item(index, record))
            if time.perf_counter() - turn > TURN_SECONDS:
                await asyncio.sleep(0)
                turn = time.perf_counter()
        self.counts = Counter(map(type, self.items))

    def _item(self, index: int, record: bytes) -> ItemResult:
        if len(record) > MAX_RECORD_BYTES:
            return self._too_large(index, record)
        ordinal, outcome = self._normaliser.outcome(index, record)
        if isinstance(outcome, Event):
            try:
                self.events.append(event_item(index, ordinal, outcome))
            except (ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
                detail = f"the event could not be encoded: {type(error).__name__}"
                return self._quarantine(index, record, ordinal, Rejected("unencodable", detail))
            return Kept(outcome.id)
        return self._quarantine(index, record, ordinal, outcome) if isinstance(outcome, Rejected) else outcome

    def _quarantine(self, index: int, record: bytes, ordinal: int, rejected: Rejected) -> Quarantined:
        profile = self.origin.sensor.profile
        kept_as = quarantine_id(
            profile.organization_id,
            profile.id,
            record,
            ordinal=ordinal,
            idempotency=self._normaliser.idempotency(index),
        )
        self.quarantined.append(quarantined_item(index, ordinal, kept_as, record, rejected))
        metrics.INGEST_REJECTIONS.labels(rejected.reason).inc()
        return Quarantined(kept_as, rejected.reason, rejected.detail)

    def _too_large(self, index: int, record: bytes) -> TooLarge:
        logger.warning(
            "record_refused",
            code="record_too_large",
            sensor_id=self.origin.sensor.profile.id,
            index=index,
            bytes=len(record),
            sha256=hashlib.sha256(record).hexdigest(),
            head=record[:LOGGED_HEAD].decode("utf-8", "replace"),
        )
        return TooLarge(len(record))


def _account(minute: Minute, batch: _Batch) -> None:
    minute.accepted += batch.kept
    minute.ignored += batch.counts[Ignored]
    if too_large := batch.counts[TooLarge]:
        minute.refused["record_too_large"] = minute.refused.get("record_too_large", 0) + too_large
    minute.unreported = True
    for kind, outcome in _OUTCOMES:
        if count := batch.counts[kind]:
            metrics.INGEST_RECORDS.labels(outcome).inc(count)


_OUTCOMES = ((Kept, "accepted"), (Quarantined, "quarantined"), (Ignored, "ignored"), (TooLarge, "refused"))
