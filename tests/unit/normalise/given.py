"""What the tests of normalising start from: a sensor, a receipt, our own samples, and short ways to an event."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import orjson

from shared.normalise import pipeline
from shared.normalise.event import Event, Outcome, Rejected, SensorProfile

SAMPLES = Path(__file__).parents[2] / "samples"
RECEIVED_AT = datetime(2026, 11, 21, 6, 0, 0, 7000, tzinfo=UTC)
SENSOR = SensorProfile(
    id=UUID("01980000-0000-7000-8000-000000000001"),
    organization_id=UUID("01980000-0000-7000-8000-000000000002"),
    zone="Europe/Berlin",
)


def sensor(**changes: Any) -> SensorProfile:
    """The sensor with other settings."""
    return msgspec.structs.replace(SENSOR, **changes)


def lines(name: str) -> list[bytes]:
    """The lines of one of our sample files."""
    return (SAMPLES / name).read_bytes().splitlines()


def encoded(record: bytes | dict[str, Any]) -> bytes:
    """The record's bytes."""
    return record if isinstance(record, bytes) else orjson.dumps(record)


def outcome(record: bytes | dict[str, Any], **changes: Any) -> Outcome:
    """What becomes of the record."""
    given = {"hint": None, "sensor": SENSOR, "received_at": RECEIVED_AT, **changes}
    return pipeline.normalise(encoded(record), **given)


def event(record: bytes | dict[str, Any], **changes: Any) -> Event:
    """The event the record must become."""
    found = outcome(record, **changes)
    assert isinstance(found, Event), found
    return found


def rejection(record: bytes | dict[str, Any], **changes: Any) -> str:
    """The reason for which the record must be rejected."""
    found = outcome(record, **changes)
    assert isinstance(found, Rejected), found
    return found.reason


def document(found: Event) -> dict[str, Any]:
    """The event's document, parsed."""
    parsed = orjson.loads(found.document)
    assert isinstance(parsed, dict)
    return parsed


def at(found: Event, path: str) -> Any:
    """The document's value at a dotted path; None where there is none."""
    value: Any = document(found)
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def changed(line: bytes, **changes: Any) -> bytes:
    """The record of that line with other members."""
    return orjson.dumps({**orjson.loads(line), **changes})


_BLANKS = {
    "mark": "<134>", "bsd": "Nov 20 14:00:02", "bsdyear": "Nov 20 2026 14:00:02", "iso": "2026-11-20T14:00:02.123",
    "iso_header": "2026-11-20T14:00:02.123", "timestamp": "2026-11-20T14:00:02.123Z", "epoch": "1795183202",
    "aruba_time": "2026-11-20 14:00:02,123", "date": "2026-11-20", "time": "14:00:02", "avi_time": "14:00:02",
    "year": "2026", "tzname": "CET", "tzoffset": "+01:00", "wsatime": "1795183202.123", "millisec": "123",
    "microsec": "123456", "seq": "4711", "pid": "77", "host": "gate-1", "app": "program", "program": "program",
}  # fmt: skip
_BLANK = re.compile(r"\{\{ ?(\w+) ?\}\}")


def filled(template: str) -> str:
    """A line whose `{{ … }}` are filled: a mark, a time of the named shape, or a name."""
    return _BLANK.sub(lambda found: _BLANKS.get(found[1], "x1"), template)


def every_record() -> list[bytes]:
    """All records of our own samples, as the door splits them; without those that test the wrappings of shippers."""
    return [
        part
        for path in sorted(SAMPLES.iterdir())
        if path.name != "shippers.ndjson"
        # A line of columns means nothing without the lines above it.
        for post in ([path.read_bytes()] if path.name == "zeek_tsv.log" else lines(path.name))
        for part in pipeline.split(post, None)
    ]
