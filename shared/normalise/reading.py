"""What a format's module takes in and gives back, and the table row by which it joins the others."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from shared.normalise.decode import JsonObject
from shared.normalise.event import Kind, Rejected
from shared.normalise.mitre import Attack


class Context(msgspec.Struct, frozen=True):
    """What a format may know beside the record.

    `zone` is for times without one; `received_at` only for a year that a line leaves out and for an end
    that a source does not tell; `stream` is a lower-case word of the shipper's or the path's on where the
    record is from (`notice.log`); `document_id` the id the shipper gave the document; `sensor_id` the sensor's;
    `is_beats` says that a Beat's words about itself were taken off; `place` are ECS fields for the machine and the
    container, as the shipper names them.
    """

    zone: tzinfo
    received_at: datetime
    stream: str = ""
    document_id: str | None = None
    sensor_id: str = ""
    is_beats: bool = False
    place: dict[str, Any] = {}

    def placed(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields, and the shipper's where these say nothing: for what is logged on the machine it is about."""
        if not self.place:
            return fields
        return {**fields, **{name: said for name, said in self.place.items() if fields.get(name) is None}}


class Ready(msgspec.Struct, frozen=True):
    """Fields that are the same for every record of a rule, as `conform.place` left them."""

    document: dict[str, Any]
    observables: list[tuple[str, str, str]]
    clipped: bool


class Reading(msgspec.Struct):
    """A record as its format understands it; the pipeline makes the event from it.

    `fields` are dotted ECS names with the sensor's raw values, fitted to the mapping later; None is "not
    there". `identity` are the values that make it this record (beside its time); `by_content` adds the
    digest to them and `by_ordinal`, where the record has no id of its own, what the shipper tells of its origin and the
    ordinal among equal records. `has_id` says that they identify it even
    without a time. `group_by` are the values of the table `grouping`;
    `by_title` adds the title to them where the table's rule field is missing. `digest_of` replaces the record in the
    digest where a repeat may differ and still be the same. `observables` are those that no field holds; `kept` is the
    record as the document shows it, where that leaves something out.
    """

    kind: Kind
    severity: int
    title: str
    module: str
    dataset: str
    fields: dict[str, Any]
    time: datetime | None
    identity: tuple[Any, ...]
    grouping: str
    group_by: tuple[Any, ...]
    rule_id: str | None = None
    has_id: bool = False
    by_content: bool = False
    by_ordinal: bool = False
    by_title: bool = False
    tags: list[str] = []
    attack: Attack | None = None
    resolved_at: datetime | None = None
    digest_of: Any = None
    observables: list[tuple[str, Any]] = []
    kept: Any = None
    source_id: str | None = None
    source_url: str | None = None
    # Parts of the document that were fitted before, shared by all records of a rule: never changed.
    ready: Ready | None = None
    # False where the time cannot be had without `Context.received_at`: then it may not go into an id.
    time_is_certain: bool = True
    # False where the record is its message and would be kept twice.
    keep_record: bool = True


class Format(msgspec.Struct, frozen=True):
    """A format: its name, its tables of grouping fields, and its functions.

    `matches` tells by shape; `read` needs `matches` to be true and never raises; `type_of` gives the word
    for `SensorProfile.ignored_types`. `shipped` are words that a shipper's dataset or file name starts with.
    `undigested` are fields of the record that change from receipt to receipt. `shape` says in words what
    `matches` looks for: it is what the sender of another shape is told.
    A format of lines has no shape among objects, so its `matches` is false; `parse` makes the record of a line that
    begins with `mark`, or is None for one that only seems to. `programs` are the names under which the sensor writes
    its objects to syslog.
    """

    name: str
    shape: str
    groupings: dict[str, tuple[str, ...]]
    matches: Callable[[JsonObject], bool]
    read: Callable[[JsonObject, Context], Reading | Rejected]
    type_of: Callable[[JsonObject], str]
    undigested: frozenset[str] = frozenset()
    parse: Callable[[str], JsonObject | None] | None = None
    mark: str = ""
    programs: tuple[str, ...] = ()


def never(record: JsonObject) -> bool:
    """`Format.matches` of the formats of lines, which are told as lines and never by shape."""
    return False


def get(record: JsonObject, *path: str) -> Any:
    """The value at that path of nested objects, or None."""
    value: Any = record
    for name in path:
        if type(value) is not dict:
            return None
        value = value.get(name)
    return value


def inner(record: JsonObject, name: str) -> JsonObject:
    """The object under that name; an empty one where there is none."""
    value = record.get(name)
    return value if type(value) is dict else {}


def listed(value: Any) -> list[Any]:
    """The value as a list: itself, one of one, or an empty one for None."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def first_text(*values: Any) -> str | None:
    """The first non-blank string (or number, as text) among the values."""
    for value in values:
        if type(value) is str:
            if value and not value.isspace():
                return value
        elif type(value) is int:
            return str(value)
    return None
