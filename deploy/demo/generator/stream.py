"""The endless stream of requests: stories over noise, bursts, repeats, re-sent batches and damage."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

import orjson

from deploy.demo.generator import damage
from deploy.demo.generator.batch import Batch, Shape
from deploy.demo.generator.happening import Happening
from deploy.demo.generator.noise import BY_FORMAT
from deploy.demo.generator.stories import ALL, Scene, Story

Clock = Callable[[], datetime]

# How often a format's turn comes, and how many records it sends then; webhooks send one.
_WEIGHTS = {"suricata_eve": 40, "zeek_json": 25, "wazuh4": 15, "json": 14, "falco": 4, "alertmanager": 2}
_SIZES = {"suricata_eve": (20, 80), "zeek_json": (20, 60), "wazuh4": (5, 25), "json": (1, 10)}
_MOST = 500

_SHAPES: dict[str, tuple[Shape, ...]] = {
    "suricata_eve": ("ndjson", "ndjson", "array"),
    "zeek_json": ("ndjson",),
    "wazuh4": ("ndjson", "array", "array"),
    "json": ("array", "ndjson", "single"),
    "falco": ("hook",),
    "alertmanager": ("hook",),
}

RESENT = 0.02
DAMAGED = 0.005
# Only lines can be broken without their neighbours, so their share there makes up for the rest.
_DAMAGED_LINES = DAMAGED * 1.45
_KEYED = 0.3
_COMPRESSED = 0.35

_LATE = timedelta(seconds=1)
_BETWEEN_STORIES = (18.0, 40.0)


def generate(seed: int, clock: Clock) -> Iterator[Batch]:
    """Requests for ever, the same for the same seed and the same times from `clock` (aware UTC).

    The clock is read once per request; records carry times up to then. How fast it is asked is the caller's
    pace: stories go by the clock, noise fills what is asked for.
    """
    stream = _Stream(Random(seed))  # noqa: S311  reproducible on purpose
    while True:
        yield stream.next(clock())


class Plot:
    """What is going to happen: the tellings under way, and when the next one begins."""

    def __init__(
        self, rng: Random, stories: Sequence[Story] = ALL, pause: tuple[float, float] = _BETWEEN_STORIES
    ) -> None:
        self._rng = rng
        self._stories = stories
        self._pause = pause
        self._deck: list[int] = [0]
        self._next: datetime | None = None
        self._waiting: dict[str, list[tuple[datetime, int, Happening]]] = {name: [] for name in BY_FORMAT}
        self._told = 0

    def advance(self, now: datetime) -> None:
        """Begin every story whose time has come."""
        self._next = self._next or now
        # After a long sleep of the machine, one new story is enough.
        self._next = max(self._next, now - timedelta(minutes=1))
        while self._next <= now:
            self._tell(self._next)
            self._next += timedelta(seconds=self._rng.uniform(*self._pause))

    def due(self, name: str, now: datetime, most: int) -> list[Happening]:
        """What that format's sensor has seen up to now, oldest first."""
        heap = self._waiting[name]
        found: list[Happening] = []
        while heap and heap[0][0] <= now and len(found) < most:
            found.append(heappop(heap)[2])
        return found

    def latest(self, now: datetime) -> str | None:
        """The format that has waited longest, if it has waited too long."""
        waiting = [(heap[0][0], name) for name, heap in self._waiting.items() if heap]
        moment, name = min(waiting, default=(now, ""))
        return name if now - moment > _LATE else None

    def _tell(self, begin: datetime) -> None:
        if not self._deck:
            self._deck = self._rng.sample(range(len(self._stories)), len(self._stories))
        for happening in self._stories[self._deck.pop()](Scene(self._rng, begin)):
            self._told += 1
            heappush(self._waiting[happening.format], (happening.at, self._told, happening))


class _Stream:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._plot = Plot(rng)
        self._again: deque[tuple[int, Batch]] = deque()
        self._count = 0

    def next(self, now: datetime) -> Batch:
        self._count += 1
        if self._again and self._again[0][0] <= self._count:
            return replace(self._again.popleft()[1], resent=True)
        self._plot.advance(now)
        batch = self._batch(self._plot.latest(now) or self._pick(), now)
        if self._rng.random() < RESENT:
            self._again.append((self._count + self._rng.randrange(1, 9), batch))
        return batch

    def _pick(self) -> str:
        return self._rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]

    def _batch(self, name: str, now: datetime) -> Batch:
        rng, shape = self._rng, self._rng.choice(_SHAPES[name])
        single = shape in {"single", "hook"}
        happenings = self._plot.due(name, now, 1 if single else _MOST)
        size = 1 if single else rng.randint(*_SIZES[name])
        happenings += [
            BY_FORMAT[name](rng, now - timedelta(microseconds=rng.randrange(900_000)))
            for _ in range(size - len(happenings))
        ]
        records, damaged = self._records(happenings, lines=shape == "ndjson")
        return Batch(
            format=name,
            records=records,
            shape=shape,
            compressed=not single and rng.random() < _COMPRESSED,
            idempotency_key=f"{name}-{rng.getrandbits(64):016x}" if rng.random() < _KEYED else None,
            damaged=damaged,
        )

    def _records(self, happenings: list[Happening], *, lines: bool) -> tuple[tuple[bytes, ...], frozenset[int]]:
        rng, records, damaged = self._rng, [encode(one) for one in happenings], set[int]()
        for place in range(len(records) if lines else 0):
            if rng.random() < _DAMAGED_LINES:
                records[place] = rng.choice(damage.KINDS)(rng, records[place])
                damaged.add(place)
        return tuple(records), frozenset(damaged)


def encode(happening: Happening) -> bytes:
    """The record as its sensor writes it."""
    return orjson.dumps(happening.record)
