"""The document of an event: one JSON object of at most 256 KiB whose last key is `alert`, so that it ends in `}}`."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
import orjson

from shared.domain import severity
from shared.normalise import conform
from shared.normalise.clock_rules import Placed
from shared.normalise.event import MAX_DOCUMENT_BYTES, SensorProfile
from shared.normalise.fields import KEY_BYTES, TEXT_BYTES
from shared.normalise.identity import canonical
from shared.normalise.observables import Observables
from shared.normalise.reading import Reading, Ready

CLIPPED = "clipped"
ECS_VERSION = "9.0"

# Lucene refuses a term of 32,766 bytes, and flat_object makes one of path and value together.
_MAX_PATH = 16 << 10
_MAX_SKELETON_TEXT = 1 << 10


class Draft(msgspec.Struct):
    """A record read and placed in time: an event but for its id.

    `moment` is its time in microseconds since 1970, whatever the clock rules made of it; `origin` is Unwrapped's.
    """

    reading: Reading
    format_name: str
    placed: Placed
    moment: int | None
    received_at: datetime
    sensor: SensorProfile
    severity: int
    grouping: str
    fingerprint: bytes
    digest: bytes
    record: Any
    canonical: bytes
    transport: dict[str, str]
    tags: list[str]
    original: bytes
    origin: dict[str, Any]


def build(draft: Draft, event_id: UUID) -> tuple[bytes, Observables]:
    """The document's bytes and the event's observables."""
    reading, found = draft.reading, Observables()
    document: dict[str, Any] = _frame(draft, event_id)
    if reading.attack is not None and reading.ready is None:
        reading.fields.update(reading.attack.fields())
    clipped = conform.place(reading.fields, document, found)
    if reading.ready is not None:
        clipped = _add_ready(reading.ready, document, found) or clipped
    for kind, value in reading.observables:
        found.add(kind, value)
    if related := found.related():
        document["related"] = related
    vendor, cut = _vendor_record(draft)
    tags = [*draft.tags, *([CLIPPED] if clipped or cut else [])]
    if tags or reading.tags:
        document["tags"] = _tags(tags, reading.tags)
    if vendor is not None:
        document["sensor"] = vendor
    document["alert"] = _alert(draft, found)
    return _within_limit(document, draft, event_id), found


def _add_ready(ready: Ready, document: dict[str, Any], found: Observables) -> bool:
    for name, part in ready.document.items():
        if name in document:
            document[name].update(part)
        else:
            document[name] = part
    for kind, value, fields in ready.observables:
        found.add(kind, value, fields)
    return ready.clipped


def _frame(draft: Draft, event_id: UUID) -> dict[str, Any]:
    reading = draft.reading
    return {
        "@timestamp": conform.written(draft.placed.time),
        "ecs": {"version": ECS_VERSION},
        "organization": {"id": draft.sensor.organization_id},
        "event": {
            "id": event_id,
            "kind": "alert" if reading.kind == "alert" else "event",
            "module": reading.module,
            "dataset": reading.dataset,
            "ingested": _written(draft.received_at),
            "risk_score": severity.RISK_SCORES[draft.severity],
        },
    }


@lru_cache(maxsize=64)
def _written(received_at: datetime) -> str:
    # One receipt for all the records of a request.
    return conform.written(received_at)


def _alert(draft: Draft, found: Observables | None) -> dict[str, Any]:
    reading = draft.reading
    alert: dict[str, Any] = {
        "title": reading.title,
        "severity": severity.WORDS[draft.severity],
        "severity_id": draft.severity,
        "fingerprint": draft.fingerprint.hex(),
        "grouping": draft.grouping,
        "transport": {"sensor_id": draft.sensor.id, "format": draft.format_name, **draft.transport},
    }
    if found is not None and (listed := list(found.documents())):
        alert["observables"] = listed
    if reading.attack is not None and reading.attack.techniques:
        alert["techniques"] = list(reading.attack.techniques)
    if reading.resolved_at is not None:
        alert["resolved_at"] = conform.written(reading.resolved_at)
    if draft.placed.sensor_time is not None:
        alert["sensor_time"] = conform.written(draft.placed.sensor_time)
    if reading.source_id is not None:
        alert["source_id"] = conform.clip(reading.source_id, 1024)
    if reading.source_url is not None:
        alert["source_url"] = conform.clip(reading.source_url)
    return alert


def _tags(ours: list[str], sensors: list[str]) -> list[str]:
    kept = [conform.clip(tag, 256) for tag in sensors[: conform.MAX_LIST] if tag]
    return list(dict.fromkeys([*ours, *kept]))


def _vendor_record(draft: Draft) -> tuple[Any, bool]:
    """The parsed record, short enough for flat_object; and whether that cost any of it.

    A record shorter than the limit of one text cannot hold a longer one, nor a path that makes too long a term.
    """
    if not draft.reading.keep_record:
        return None, False
    if len(draft.canonical) <= TEXT_BYTES and b'"":' not in draft.canonical:
        return orjson.Fragment(draft.canonical), False
    if len(draft.canonical) > 2 * MAX_DOCUMENT_BYTES:
        return None, True
    shortened = _shortened(draft.record, 0)
    data = canonical(shortened)
    return orjson.Fragment(data), data != draft.canonical


def _shortened(value: Any, path: int) -> Any:
    kind = type(value)
    if kind is str:
        return conform.clip(value)
    if kind is list:
        return [_shortened(item, path) for item in value]
    if kind is not dict:
        return value
    # An empty key has no path in flat_object.
    named = ((conform.clip(key, KEY_BYTES) or "_", item) for key, item in value.items())
    return {key: _shortened(item, path + len(key.encode()) + 1) for key, item in named if path + len(key) < _MAX_PATH}


def _within_limit(document: dict[str, Any], draft: Draft, event_id: UUID) -> bytes:
    data = orjson.dumps(document)
    if len(data) <= MAX_DOCUMENT_BYTES:
        return data
    document.pop("sensor", None)
    document["tags"] = _tags([*draft.tags, CLIPPED], draft.reading.tags)
    # The order of keys is the order of their setting, and `alert` must stay the last.
    document["alert"] = document.pop("alert")
    data = orjson.dumps(document)
    return data if len(data) <= MAX_DOCUMENT_BYTES else _skeleton(draft, event_id)


def _skeleton(draft: Draft, event_id: UUID) -> bytes:
    """Only what is ours: for records that fill field after field with as much as each takes."""
    document = _frame(draft, event_id)
    message = draft.reading.fields.get("message")
    if type(message) is str:
        document["message"] = conform.clip(message, _MAX_SKELETON_TEXT)
    document["tags"] = [*draft.tags, CLIPPED]
    document["alert"] = _alert(draft, None)
    return orjson.dumps(document)
