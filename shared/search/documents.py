"""What OpenSearch is given: bytes of events as they are kept, and flat documents of alert and incident rows."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import orjson

from shared.domain.observable import MAX_PER_ALERT, MAX_PER_INCIDENT
from shared.search.templates import alerts, incidents

MAX_NOTES_CHARACTERS = 100_000
MAX_MEMBERS = 1000
REDUCED_TAG = "projection_reduced"

Row = Mapping[str, Any]
Pair = tuple[str, str]
Seen = tuple[str, str, Sequence[str]]


def event_document(document: bytes, alert_id: UUID | None) -> bytes:
    """An event's document, naming the alert it was folded into.

    `alert` is the last key of every document and never empty, so the id is spliced in without decoding.
    Raises ValueError for bytes of another shape.
    """
    if not document.endswith(b"}}") or document[-3:-2] in b"{,":
        raise ValueError("an event's document ends with a filled `alert` object")
    if alert_id is None:
        return document
    return b'%b,"id":"%b"}}' % (document[:-2], str(alert_id).encode())


def reduced(document: bytes) -> bytes:
    """The same document without the vendor's record, tagged, for when the mapping refused the whole.

    Raises ValueError for bytes that are not a JSON object.
    """
    fields = orjson.loads(document)
    if not isinstance(fields, dict):
        raise ValueError("an event's document is a JSON object")
    fields.pop("sensor", None)
    alert = fields.pop("alert", None)
    fields["tags"] = [*_listed(fields.get("tags")), REDUCED_TAG]
    if alert is not None:
        fields["alert"] = alert
    return orjson.dumps(fields)


def alert_document(row: Row, *, observables: Iterable[Seen] = (), notes: Sequence[str] = ()) -> bytes:
    """The document of an `alerts` row with its observables (type, value, ECS fields) and the texts of its notes.

    Each value stands under all of `observables`, under its type, and under its fields. An alert has no
    more than MAX_PER_ALERT. Raises KeyError when the row lacks a column.
    """
    return _document(row, alerts.COLUMNS, **_listed_by_name(islice(observables, MAX_PER_ALERT)), notes=_bounded(notes))


def incident_document(
    row: Row,
    *,
    member_ids: Sequence[UUID] = (),
    observables: Iterable[Pair] = (),
    notes: Sequence[str] = (),
) -> bytes:
    """The document of an `incidents` row; `member_ids` are who may see it when it is restricted.

    Each value stands under all of `observables` and under its type, as in an alert's. Raises KeyError when the row
    lacks a column.
    """
    seen = ((kind, value, ()) for kind, value in islice(observables, MAX_PER_INCIDENT))
    return _document(
        row,
        incidents.COLUMNS,
        **_listed_by_name(seen),
        member_ids=list(member_ids),
        notes=_bounded(notes),
    )


def _document(row: Row, columns: Iterable[str], **more: Any) -> bytes:
    filled = {name: value for name in columns if (value := row[name]) is not None}
    return orjson.dumps(filled | more, default=_plain, option=orjson.OPT_UTC_Z)


def _listed_by_name(observables: Iterable[Seen]) -> dict[str, list[str]]:
    listed: dict[str, dict[str, None]] = {}
    for kind, value, fields in observables:
        for name in ("observables", f"observable.{kind}", *fields):
            listed.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in listed.items()}


def _bounded(notes: Sequence[str]) -> list[str]:
    """Notes in the order given, up to 100,000 characters in all, the last of them cut."""
    kept: list[str] = []
    room = MAX_NOTES_CHARACTERS
    for note in notes:
        if room <= 0:
            break
        kept.append(note[:room])
        room -= len(note)
    return kept


def _listed(tags: Any) -> list[Any]:
    if tags is None:
        return []
    return tags if isinstance(tags, list) else [tags]


def _plain(value: object) -> str:
    # A driver's own subclass of UUID is not what orjson knows as one.
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return value.hex()
    raise TypeError(f"no place in a document for {type(value).__name__}")
