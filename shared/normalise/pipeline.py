"""From a record's bytes to its outcome: the functions the door, re-drives and the sensor test call.

Pure: the same input gives the same outcome, but for the one case the contract names (a record with neither
time, id nor idempotency key gets a fresh id). Nothing here raises, whatever the bytes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared import clock, ids
from shared.domain import severity
from shared.normalise import alertmanager, clock_rules, detect, document, formats, identity, zeek_tsv
from shared.normalise.decode import REPAIRED
from shared.normalise.document import Draft
from shared.normalise.event import Event, Ignored, Outcome, Rejected, SensorProfile
from shared.normalise.fields import ECS_FIELDS
from shared.normalise.reading import Context, Format, Reading
from shared.normalise.unwrap import Unwrapped

FORMATS: tuple[str, ...] = tuple(formats.ALL)
"""The words a hint may be."""

NORMALISER_ERROR = "normaliser_error"
TIME_FROM_SHIPPER = "time_from_shipper"

MAX_TITLE = 512
MAX_RULE_ID = 256

Idempotency = tuple[str, int]

_MICROSECOND = timedelta(microseconds=1)


def is_format(name: str) -> bool:
    """True for a word that may be a hint."""
    return name in formats.ALL


def fingerprint_fields(grouping: str) -> list[str]:
    """The fields whose equality made events fold, for `Event.grouping`. Raises KeyError for an unknown one."""
    return formats.grouping_fields(grouping)


def is_columns(body: bytes, hint: str | None) -> bool:
    """True for a body that only `split` can tell apart: each of its lines needs the header above it."""
    return detect.is_columns(body, formats.ALL.get(hint or ""))


def split(record: bytes, hint: str | None) -> Iterable[bytes]:
    """The records in one post: the one it is, an Alertmanager post's alerts, or the lines of a Zeek log.

    These may be many times as large as the post, and the log may have no line at all.
    """
    if record[:1] == b"#" and b"\n" in record and is_columns(record, hint):
        return zeek_tsv.split(record)
    if hint is not None and hint != alertmanager.FORMAT.name:
        return [record]
    try:
        return alertmanager.split(record)
    except Exception:  # a post that cannot be split is one record, and `normalise` says what is wrong with it
        return [record]


class Ordinals:
    """Numbers equal records of one request: 0 for the first, 1 for the next that equals it."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def next(self, content: bytes) -> int:
        """The ordinal of one more record with that content."""
        ordinal = self._seen.get(content, -1) + 1
        self._seen[content] = ordinal
        return ordinal

    def of(self, prepared: Draft | Rejected | Ignored, record: bytes) -> int:
        """The ordinal of a prepared record: by digest without shipper fields, or by its bytes if unread.

        Where it goes into the id, by time, origin and identity too: records that differ in those are told apart by
        them, and an ordinal would make others of them when they are sent again with other neighbours.
        """
        if not isinstance(prepared, Draft):
            return self.next(identity.digest(record))
        content = prepared.format_name.encode() + prepared.digest
        if prepared.reading.by_ordinal:
            content += identity.canonical([prepared.moment, prepared.origin, *prepared.reading.identity])
        return self.next(content)


class Normaliser:
    """Takes the records of one request in their order, as `split` made them of it."""

    def __init__(
        self,
        *,
        hint: str | None,
        sensor: SensorProfile,
        received_at: datetime,
        idempotency_key: str | None = None,
    ) -> None:
        self._hint, self._sensor, self._received_at, self._key = hint, sensor, received_at, idempotency_key
        self._ordinals = Ordinals()

    def outcome(self, index: int, record: bytes) -> tuple[int, Outcome]:
        """The ordinal of the request's next record among equal ones, and what it becomes."""
        prepared = _prepare(record, self._hint, self._sensor, self._received_at)
        ordinal = self._ordinals.of(prepared, record)
        return ordinal, _outcome(prepared, ordinal, self.idempotency(index))

    def idempotency(self, index: int) -> Idempotency | None:
        """What stands for a record of the request that has no identity of its own."""
        return None if self._key is None else (self._key, index)


def normalise_request(records: Iterable[bytes], **given: Any) -> list[tuple[int, Outcome]]:
    """Ordinal and outcome of each record of a request, in order; `given` is the Normaliser's."""
    normaliser = Normaliser(**given)
    return [normaliser.outcome(index, record) for index, record in enumerate(records)]


def normalise(
    record: bytes,
    *,
    hint: str | None,
    sensor: SensorProfile,
    received_at: datetime,
    ordinal: int = 0,
    idempotency: Idempotency | None = None,
) -> Outcome:
    """The outcome of one record whose ordinal among equal ones of its request is known (re-drives)."""
    return _outcome(_prepare(record, hint, sensor, received_at), ordinal, idempotency)


def _prepare(
    record: bytes, hint: str | None, sensor: SensorProfile, received_at: datetime
) -> Draft | Rejected | Ignored:
    """A record read, grouped and placed in time; all of its event but the id."""
    try:
        return _prepared(record, hint, sensor, received_at)
    except Exception as error:  # the last resort: one record's surprise must not stop its neighbours
        return _normaliser_error(error)


def _outcome(prepared: Draft | Rejected | Ignored, ordinal: int, idempotency: Idempotency | None) -> Outcome:
    if not isinstance(prepared, Draft):
        return prepared
    try:
        return _finished(prepared, ordinal, idempotency)
    except Exception as error:  # as in `_prepare`
        return _normaliser_error(error)


def _normaliser_error(error: Exception) -> Rejected:
    return Rejected(NORMALISER_ERROR, f"a mistake of ours: {type(error).__name__}: {error}"[:512])


def _prepared(
    record: bytes, hint: str | None, sensor: SensorProfile, received_at: datetime
) -> Draft | Rejected | Ignored:
    wanted = formats.ALL.get(hint or sensor.format or "")
    unwrapped = detect.detect(record, wanted)
    if isinstance(unwrapped, Rejected):
        return unwrapped
    found = unwrapped.format or formats.ALL["json"]
    kind = f"{found.name}:{found.type_of(unwrapped.value)}" if sensor.ignored_types else ""
    if kind in sensor.ignored_types:
        return Ignored(kind)
    context = Context(
        clock_rules.zone(sensor.zone),
        received_at,
        unwrapped.stream,
        unwrapped.transport.get("document_id"),
        str(sensor.id),
        unwrapped.transport.get("wrapper") == "beats",
        {name: said for name, said in unwrapped.origin.items() if name in ECS_FIELDS},
    )
    reading = found.read(unwrapped.value, context)
    if isinstance(reading, Rejected):
        return reading
    reading.fields.update(unwrapped.fields)
    return _draft(record, unwrapped, reading, found=found, context=context, sensor=sensor)


def _draft(
    record: bytes,
    unwrapped: Unwrapped,
    reading: Reading,
    *,
    found: Format,
    context: Context,
    sensor: SensorProfile,
) -> Draft:
    tags: list[str] = []
    if unwrapped.repaired:
        tags.append(REPAIRED)
    time = reading.time
    if time is None and unwrapped.shipped_at is not None:
        time = clock_rules.read(unwrapped.shipped_at, context.zone)
        if time is not None:
            tags.append(TIME_FROM_SHIPPER)
    placed = clock_rules.place(time, context.received_at, certain=reading.time_is_certain)
    if placed.tag is not None:
        tags.append(placed.tag)
    kept = unwrapped.value if reading.kept is None else reading.kept
    own = identity.canonical(kept)
    grouping, group_by = reading.grouping, reading.group_by
    if reading.by_title:
        grouping, group_by = f"{grouping}+title", (*group_by, identity.without_numbers(reading.title))
    _bound(reading)
    level = sensor.severity_overrides.get(reading.rule_id or "", reading.severity)
    return Draft(
        reading=reading,
        format_name=found.name,
        placed=placed,
        received_at=context.received_at,
        sensor=sensor,
        severity=severity.clamp(level),
        grouping=grouping,
        fingerprint=identity.fingerprint(sensor.organization_id, found.name, group_by),
        digest=identity.digest(_digested(own, unwrapped.value, reading, found)),
        record=kept,
        canonical=own,
        moment=None if time is None or not reading.time_is_certain else (time - clock.EPOCH) // _MICROSECOND,
        transport=unwrapped.transport,
        tags=tags,
        original=record,
        origin=unwrapped.origin,
    )


def _digested(own: bytes, record: Any, reading: Reading, found: Format) -> bytes:
    if reading.digest_of is not None:
        return identity.canonical(reading.digest_of)
    if not found.undigested.isdisjoint(record):
        return identity.canonical({key: value for key, value in record.items() if key not in found.undigested})
    return own


def _bound(reading: Reading) -> None:
    reading.title = _one_line(reading.title) or reading.module
    if reading.rule_id is not None:
        reading.rule_id = reading.rule_id[:MAX_RULE_ID]


def _one_line(title: str) -> str:
    if len(title) <= MAX_TITLE and title.isprintable():
        return title
    # Controls and direction marks would let a sender draw over the analyst's screen.
    words = "".join(letter if letter.isprintable() else " " for letter in title[: 4 * MAX_TITLE]).split()
    return " ".join(words)[:MAX_TITLE]


def _finished(draft: Draft, ordinal: int, idempotency: Idempotency | None) -> Event:
    event_id, twin_id = _ids(draft, ordinal, idempotency)
    reading = draft.reading
    body, found = document.build(draft, event_id)
    return Event(
        id=event_id,
        twin_id=twin_id,
        time=draft.placed.time,
        received_at=draft.received_at,
        kind=reading.kind,
        fingerprint=draft.fingerprint,
        severity=draft.severity,
        title=reading.title,
        rule_id=reading.rule_id,
        module=reading.module,
        dataset=reading.dataset,
        resolved_at=reading.resolved_at,
        grouping=draft.grouping,
        observables=found.pairs(),
        techniques=list(reading.attack.techniques) if reading.attack is not None else [],
        digest=draft.digest,
        document=body,
        original=draft.original,
        observable_fields=found.fields(),
    )


def _ids(draft: Draft, ordinal: int, idempotency: Idempotency | None) -> tuple[UUID, UUID | None]:
    reading, placed, sensor = draft.reading, draft.placed, draft.sensor
    who: list[Any] = [sensor.organization_id, sensor.id, draft.format_name]
    if placed.tag == clock_rules.TIME_MISSING and not reading.has_id:
        if idempotency is None:
            return ids.uuid7(draft.received_at), None
        who += ["key", *idempotency]
    else:
        who += [draft.moment, *reading.identity]
        if reading.by_content:
            who.append(draft.digest.hex())
        if reading.by_ordinal:
            who += [draft.origin, ordinal] if draft.origin else [ordinal]
    return identity.content_ids(placed, identity.canonical(who))
