"""Knows what was sent and what must come of it, outside the system and untouched by its faults."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import orjson

RULES = 40
SOURCES = 25


class State(StrEnum):
    """What the sender knows of a record."""

    ATTEMPTED = "attempted"
    ACKNOWLEDGED = "acknowledged"
    INDETERMINATE = "indeterminate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Record:
    """One Suricata alert; everything in it follows from the seed and its number."""

    number: int
    group: tuple[int, str]
    severity: int
    time: datetime
    line: bytes


@dataclass(frozen=True)
class Folded:
    """What an alert says of its records; the severity is Suricata's, of which 1 is the worst."""

    count: int
    first_seen: datetime
    last_seen: datetime
    severity: int


@dataclass
class Oracle:
    """Makes records and remembers each one's state; `found` is compared with it at the end."""

    seed: int
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    records: dict[int, Record] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)

    def batch(self, size: int) -> list[Record]:
        """The next records, attempted from now on."""
        made = [self._record(len(self.records) + n) for n in range(size)]
        self.records |= {record.number: record for record in made}
        self.states |= dict.fromkeys((record.number for record in made), State.ATTEMPTED)
        return made

    def mark(self, batch: Iterable[Record], state: State) -> None:
        """Note what the sender learnt; an acknowledgement is never taken back."""
        for record in batch:
            if self.states[record.number] is not State.ACKNOWLEDGED:
                self.states[record.number] = state

    def numbers(self, *states: State) -> set[int]:
        """The records in any of these states."""
        return {number for number, state in self.states.items() if state in states}

    def folded(self, numbers: Iterable[int]) -> dict[tuple[int, str], Folded]:
        """What these records come to, by the group of each alert."""
        groups: dict[tuple[int, str], list[Record]] = {}
        for number in numbers:
            groups.setdefault(self.records[number].group, []).append(self.records[number])
        return {
            group: Folded(
                len(records),
                min(record.time for record in records),
                max(record.time for record in records),
                min(record.severity for record in records),
            )
            for group, records in groups.items()
        }

    def _record(self, number: int) -> Record:
        chance = random.Random(self.seed * 1_000_003 + number)
        rule, source = chance.randrange(RULES), f"198.51.100.{chance.randrange(SOURCES)}"
        severity = chance.randrange(1, 4)
        time = self.started_at + timedelta(milliseconds=number % 60_000)
        line = orjson.dumps(
            {
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
                "flow_id": self.seed * 10**9 + number,
                "event_type": "alert",
                "src_ip": source,
                "src_port": 40000 + rule,
                "dest_ip": "192.0.2.10",
                "dest_port": 443,
                "proto": "TCP",
                "alert": {
                    "action": "allowed",
                    "gid": 1,
                    "signature_id": 9_000_000 + rule,
                    "rev": 1,
                    "signature": f"EVENTSEC fault test rule {rule}",
                    "category": "Misc activity",
                    "severity": severity,
                },
            }
        )
        return Record(number, (9_000_000 + rule, source), severity, time, line)
