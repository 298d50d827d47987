"""Knows what was sent and what must come of it, outside the system and untouched by its faults."""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson

# With times of two weeks, enough alerts in some seconds that a listing of all has a second page.
RULES, SOURCES = 40, 50
# Far enough back to be of another period of either kind, and so far ahead that no clock is believed.
LATE, AHEAD = timedelta(days=8), timedelta(days=2)
FOLD_WINDOW = timedelta(days=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SURICATA, ALERTMANAGER = "suricata_eve", "alertmanager"

# Ours for Suricata's, of which 1 is the worst; written down here again, so that a wrong table shows.
SEVERITIES = {1: 4, 2: 3, 3: 2}
CRITICAL = 5

_NUMBER = re.compile(rb'"fault_id":(\d+)')


class State(StrEnum):
    """What the sender knows of a record."""

    ATTEMPTED = "attempted"
    ACKNOWLEDGED = "acknowledged"
    INDETERMINATE = "indeterminate"
    REJECTED = "rejected"


class Kind(StrEnum):
    """What must become of a record: an event of one of two kinds, or a row in quarantine."""

    ALERT = "alert"
    TELEMETRY = "telemetry"
    UNREADABLE = "unreadable"


class Fate(StrEnum):
    """What becomes of a record in quarantine: of one read again as it is, of one mended, of one given up."""

    OPEN = "open"
    REDRIVEN = "redriven"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Mix:
    """Shares of the load that are no Suricata alert; the rest is."""

    telemetry: float = 0.0
    unreadable: float = 0.0
    alertmanager: float = 0.0  # of the batches
    late: float = 0.0  # of Suricata's records, as is the next
    ahead: float = 0.0


@dataclass(frozen=True, slots=True)
class Record:
    """One record; everything in it follows from the seed and its number.

    `group` is the rule and source of the alert it folds into. `mended` is what a person makes of an unreadable one.
    `time` is None where the sensor's is not taken: then the event's is that of its receipt, and its id is unclocked.
    """

    number: int
    sensor: str
    kind: Kind
    time: datetime | None
    line: bytes
    group: tuple[str, str] = ("", "")
    severity: int = 0
    resolved_at: datetime | None = None
    mended: bytes = b""


@dataclass(frozen=True)
class Folded:
    """What an alert says of its records; the severity is ours, of which 5 is the worst.

    `keys` are the rule, source and window of 30 days of each of its records: one, if nothing is folded that differs.
    """

    keys: frozenset[tuple[str, str, int]]
    count: int
    first_seen: datetime
    last_seen: datetime
    severity: int
    resolved_at: datetime | None = None


@dataclass
class Oracle:
    """Makes records and remembers each one's state; what is found is compared with it at the end."""

    seed: int
    mix: Mix = field(default_factory=Mix)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    records: dict[int, Record] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)  # those in quarantine that a person has asked for

    def batch(self, size: int) -> list[Record]:
        """The next records, all of one sensor, attempted from now on."""
        first = len(self.records)
        make = self._suricata
        if self._chance(first).random() < self.mix.alertmanager:
            make = self._alertmanager
        made = [make(number) for number in range(first, first + size)]
        self.records |= {record.number: record for record in made}
        self.states |= dict.fromkeys((record.number for record in made), State.ATTEMPTED)
        return made

    def mark(self, batch: Iterable[Record], state: State) -> None:
        """Note what the sender learnt; an acknowledgement is never taken back, and doubt outlives a rejection."""
        for record in batch:
            known = self.states[record.number]
            doubtful = known is State.INDETERMINATE and state is State.REJECTED
            if known is not State.ACKNOWLEDGED and not doubtful:
                self.states[record.number] = state

    def numbers(self, *states: State) -> set[int]:
        """The records in any of these states."""
        return {number for number, state in self.states.items() if state in states}

    @staticmethod
    def fate(number: int) -> Fate:
        """What is to become of it in quarantine: a third is read again, a third mended, a third given up."""
        return tuple(Fate)[number % 3]

    def fates(self, number: int) -> set[Fate]:
        """What can have become of a record in quarantine: its fate, or, where nobody asked for sure, nothing yet."""
        return {self.fate(number)} | (set() if number in self.asked else {Fate.OPEN})

    def number_in(self, original: bytes) -> int:
        """The number of the record in these bytes; -1 for bytes that are not of this oracle."""
        found = _NUMBER.search(original)
        number = int(found[1]) - self.seed * 10**9 if found else -1
        return number if number in self.records else -1

    def placed(self, number: int, received_at: datetime) -> tuple[datetime, int]:
        """The time of the record's event when it was received then, and the milliseconds that its id begins with."""
        time = self.records[number].time
        return (received_at, 0) if time is None else (time, (time - EPOCH) // timedelta(milliseconds=1))

    def folded(self, received_at: Mapping[int, datetime]) -> Folded:
        """What an alert of these records says, by when each was received."""
        records = [self.records[number] for number in received_at]
        times = [self.placed(number, moment)[0] for number, moment in received_at.items()]
        windows = [(time - EPOCH) // FOLD_WINDOW for time in times]
        return Folded(
            frozenset((*record.group, window) for record, window in zip(records, windows, strict=True)),
            len(records),
            min(times),
            max(times),
            max(record.severity for record in records),
            max((record.resolved_at for record in records if record.resolved_at), default=None),
        )

    def _chance(self, number: int) -> random.Random:
        return random.Random(self.seed * 1_000_003 + number)

    def _suricata(self, number: int) -> Record:
        chance = self._chance(number)
        rule, source = chance.randrange(RULES), f"198.51.100.{chance.randrange(SOURCES)}"
        severity, kind = chance.randrange(1, 4), chance.random()
        astray = self._astray(chance.random())
        told = self.started_at + timedelta(milliseconds=number % 60_000) + astray
        time = None if astray == AHEAD else told
        flow: dict[str, Any] = {
            "fault_id": self.seed * 10**9 + number,
            "timestamp": told.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
            "flow_id": self.seed * 10**9 + number,
            "event_type": "alert",
            "src_ip": source,
            "src_port": 40000 + rule,
            "dest_ip": "192.0.2.10",
            "dest_port": 443,
            "proto": "TCP",
        }
        alert = {
            "action": "allowed",
            "gid": 1,
            "signature_id": 9_000_000 + rule,
            "rev": 1,
            "signature": f"EVENTSEC fault test rule {rule}",
            "category": "Misc activity",
            "severity": severity,
        }
        line, group = orjson.dumps(flow | {"alert": alert}), (f"1:{9_000_000 + rule}", source)
        if kind < self.mix.telemetry:
            line = orjson.dumps(flow | {"event_type": "flow", "flow": {"pkts_toserver": rule, "bytes_toserver": 1500}})
            return Record(number, SURICATA, Kind.TELEMETRY, time, line)
        ours = SEVERITIES[severity]
        if kind < self.mix.telemetry + self.mix.unreadable:
            return Record(number, SURICATA, Kind.UNREADABLE, time, line[:-40], group, ours, mended=line)
        return Record(number, SURICATA, Kind.ALERT, time, line, group, ours)

    def _astray(self, chance: float) -> timedelta:
        """How far the sensor's clock is away."""
        if chance < self.mix.late:
            return -LATE
        return AHEAD if chance < self.mix.late + self.mix.ahead else timedelta()

    def _alertmanager(self, number: int) -> Record:
        """Even numbers fire, odd ones resolve what the number before them fired."""
        firing, resolves = number - number % 2, number % 2 == 1
        time = self.started_at + timedelta(milliseconds=firing % 60_000)
        ends_at = time + timedelta(minutes=2)
        name = f"Fault{self.seed}x{firing}"
        line = orjson.dumps(
            {
                "fault_id": self.seed * 10**9 + number,
                "status": "resolved" if resolves else "firing",
                "labels": {"alertname": name, "severity": "critical", "instance": "db-1.example.net:9100"},
                "annotations": {"summary": "invented for a fault test"},
                "startsAt": time.isoformat(),
                "endsAt": ends_at.isoformat() if resolves else "0001-01-01T00:00:00Z",
                "fingerprint": f"{self.seed:06x}{firing:010x}",
            }
        )
        resolved_at = ends_at if resolves else None
        return Record(number, ALERTMANAGER, Kind.ALERT, time, line, (name, ""), CRITICAL, resolved_at)
