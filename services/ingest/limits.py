"""What keeps memory and a sensor's share bounded: the in-flight budget and the rate budgets."""

import math
import random
import threading
import time
from collections.abc import Callable
from uuid import UUID

from services.ingest.refusals import Refused
from shared import metrics

# A token short by less than this is a whole one, lost in the clock's rounding.
_ROUNDING = 1e-6

Clock = Callable[[], float]

# What a full door asks for: about the time one envelope takes on a busy broker, times a few.
BUSY_WAIT_SECONDS = 1.0


class InFlight:
    """Bytes and requests that are read and not answered yet, over the whole process."""

    def __init__(self, *, max_bytes: int, max_requests: int) -> None:
        self.max_bytes, self.max_requests = max_bytes, max_requests
        self.bytes = 0
        self.requests = 0
        self.lock = threading.Lock()

    @property
    def full(self) -> bool:
        """True when the next request would be refused."""
        return self.requests >= self.max_requests or self.bytes >= self.max_bytes

    def enter(self) -> "Slot":
        """A place for one request. Raises Refused `busy`."""
        if self.full:
            raise Refused("busy", wait=BUSY_WAIT_SECONDS)
        self.requests += 1
        metrics.INGEST_IN_FLIGHT_REQUESTS.set(self.requests)
        return Slot(self)


class Slot:
    """One request's share of the budget; a context manager that gives everything back."""

    def __init__(self, budget: InFlight) -> None:
        self._budget = budget
        self._bytes = 0

    def grow(self, count: int) -> None:
        """Hold that many bytes more. Raises Refused `busy` where the door has no room for them.

        A request that is alone is always let in, however small the budget. May be called in a thread.
        """
        budget = self._budget
        with budget.lock:
            if budget.bytes + count > budget.max_bytes and budget.bytes > self._bytes:
                raise Refused("busy", wait=BUSY_WAIT_SECONDS)
            self._bytes += count
            budget.bytes += count

    def __enter__(self) -> "Slot":
        return self

    def __exit__(self, *_: object) -> None:
        with self._budget.lock:
            self._budget.bytes -= self._bytes
            self._bytes = 0
        self._budget.requests -= 1
        metrics.INGEST_IN_FLIGHT_BYTES.set(self._budget.bytes)
        metrics.INGEST_IN_FLIGHT_REQUESTS.set(self._budget.requests)


class Bucket:
    """A token bucket that may go into debt: a request of any size passes once there is a token at all.

    So over any span of t seconds a sensor gets at most rate * t + burst + one request, and a batch larger
    than the burst is delayed, never refused for ever.
    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self.burst = rate, burst
        self._tokens = burst
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until the next request may come; 0 when it may come now."""
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = max(now, self._at)
        return 0.0 if self._tokens > 1 - _ROUNDING else (1 - self._tokens) / self.rate

    def take(self, records: int) -> None:
        """Spend; negative gives back what a request did not use after all."""
        self._tokens = min(self.burst, self._tokens - records)


class RateBudgets:
    """One bucket per sensor. `default_rate` 0 means that a sensor without a rate has no budget."""

    def __init__(self, *, default_rate: float, burst_seconds: float, clock: Clock = time.monotonic) -> None:
        self._default_rate = default_rate
        self._burst_seconds = burst_seconds
        self._clock = clock
        self._buckets: dict[UUID, Bucket] = {}

    def check(self, sensor_id: UUID, rate: float | None) -> None:
        """Raises Refused `rate_limited` while the sensor's budget is used up; spends nothing."""
        bucket = self._bucket(sensor_id, rate)
        if bucket is not None and (wait := bucket.wait(self._clock())) > 0:
            detail = (
                f"The sensor's {bucket.rate:,.10g} records a second are used up; send again after {math.ceil(wait)} s."
            )
            raise Refused("rate_limited", wait=wait, detail=detail)

    def spend(self, sensor_id: UUID, rate: float | None, records: int) -> None:
        """Take that many records from the sensor's budget. Raises Refused `rate_limited`."""
        self.check(sensor_id, rate)
        self.give_back(sensor_id, rate, -records)

    def give_back(self, sensor_id: UUID, rate: float | None, records: int) -> None:
        """Return what was spent on a request that was not accepted, so that its re-send is not punished."""
        if (bucket := self._bucket(sensor_id, rate)) is not None:
            bucket.take(-records)

    def keep(self, sensor_ids: set[UUID]) -> None:
        """Forget the buckets of sensors that are gone."""
        for gone in self._buckets.keys() - sensor_ids:
            del self._buckets[gone]

    def _bucket(self, sensor_id: UUID, rate: float | None) -> Bucket | None:
        rate = rate or self._default_rate
        if not rate:
            self._buckets.pop(sensor_id, None)
            return None
        bucket = self._buckets.get(sensor_id)
        if bucket is None or bucket.rate != rate:
            bucket = Bucket(rate, max(1.0, rate * self._burst_seconds), self._clock())
            self._buckets[sensor_id] = bucket
        return bucket


def retry_after(wait: float) -> int:
    """Whole seconds for `Retry-After`: never less than `wait`, up to half as long again so that
    senders refused together do not come back together."""
    least = max(1, math.ceil(wait))
    return least + random.randint(0, max(1, least // 2))  # noqa: S311 - jitter, not a secret
