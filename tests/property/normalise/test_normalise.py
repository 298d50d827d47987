"""Whatever the bytes: an outcome, the same each time, within its bounds, and never a mistake of ours."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import clock
from shared.normalise import pipeline
from shared.normalise.event import MAX_DOCUMENT_BYTES, MAX_OBSERVABLES, Event, Ignored, Rejected
from tests.unit.normalise.conformity import faults
from tests.unit.normalise.given import RECEIVED_AT, every_record, outcome, sensor

RECORDS = every_record()
OBJECTS = [record for record in RECORDS if record.startswith(b"{")]

words = st.text(max_size=30) | st.sampled_from(
    [
        "127.0.0.1",
        "::1",
        "0",
        "-",
        "2026-11-20T10:00:00Z",
        "T1059",
        "mitre_execution",
        "a@b.c",
        "Critical",
        "\0",
        "\u202e",
    ]
)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | words
values = st.recursive(
    scalars,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(words, inside, max_size=4),
    max_leaves=12,
)
_names = sorted({name for record in OBJECTS for name in orjson.loads(record)} | {"", "rule", "event", "message"})
objects = st.dictionaries(st.sampled_from(_names) | words, values, max_size=12)
hints = st.none() | st.sampled_from(pipeline.FORMATS)
receipts = st.integers(1_000_000_000_000, 3_800_000_000_000).map(clock.from_milliseconds)

# The machine that runs this may be busy; what is made of the records is the matter, not how fast.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """One of our samples with some values replaced, anywhere in it."""
    record: dict[str, Any] = orjson.loads(draw(st.sampled_from(OBJECTS)))
    for _ in range(draw(st.integers(1, 4))):
        holder: Any = record
        while True:
            if not holder:
                break
            key = draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
            if isinstance(holder[key], dict | list) and draw(st.booleans()):
                holder = holder[key]
            else:
                holder[key] = draw(values)
                break
    return record


def sound(record: bytes, **given_: Any) -> Any:
    """The outcome, after the promises that hold for each."""
    found = outcome(record, **given_)
    if isinstance(found, Rejected):
        assert found.reason != pipeline.NORMALISER_ERROR, found.detail
        return found
    if isinstance(found, Ignored):
        return found
    assert len(found.document) <= MAX_DOCUMENT_BYTES
    assert found.document.endswith(b"}}")
    assert b"\\u0000" not in found.document.replace(b"\\\\", b"")
    document = orjson.loads(found.document)
    assert list(document)[-1] == "alert"
    assert faults(found.document) == []
    columns = [found.title, found.rule_id or "", found.module, found.dataset, *found.techniques]
    columns += [text for pair in found.observables for text in pair]
    assert all(b"\0" not in text.encode() for text in columns)
    assert found.title.isprintable()
    assert 1 <= len(found.title) <= 512
    assert len(found.rule_id or "") <= 256
    assert all(re.fullmatch(r"[a-z0-9._-]{1,64}", word, re.A) for word in (found.module, found.dataset))
    assert 1 <= found.severity <= 5
    assert len(found.observables) <= MAX_OBSERVABLES
    assert all(0 < len(value.encode()) <= 1024 for _, value in found.observables)
    assert (len(found.fingerprint), len(found.digest)) == (16, 8)
    assert found.time.tzinfo is UTC
    assert found.time.microsecond % 1000 == 0
    assert pipeline.fingerprint_fields(found.grouping)
    assert found.original == record
    return found


@calm
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")), hints)
def test_any_bytes_have_an_outcome(record: bytes, hint: str | None) -> None:
    sound(record, hint=hint)
    assert pipeline.split(record, hint)


@calm
@given(objects, hints)
def test_any_object_has_an_outcome(record: dict[str, Any], hint: str | None) -> None:
    sound(orjson.dumps(record), hint=hint)


@calm
@given(mutated(), hints)
def test_any_mutated_sample_has_an_outcome(record: dict[str, Any], hint: str | None) -> None:
    data = orjson.dumps(record)
    sound(data, hint=hint, sensor=sensor(ignored_types=frozenset()))
    assert pipeline.split(data, hint)


@calm
@given(st.sampled_from(RECORDS), st.integers(0, 4000), st.binary(min_size=1, max_size=8))
def test_any_damaged_sample_has_an_outcome(record: bytes, place: int, noise: bytes) -> None:
    place %= len(record)
    sound(record[:place] + noise + record[place + len(noise) :])
    sound(record[:place])


@calm
@given(mutated() | objects, receipts, st.integers(0, 20_000 * 86_400).map(lambda seconds: timedelta(seconds=seconds)))
def test_the_pair_of_ids_is_the_same_whenever_its_record_is_received(
    record: dict[str, Any], received_at: datetime, later: timedelta
) -> None:
    data = orjson.dumps(record)
    first, again = (
        sound(data, received_at=moment, idempotency=("k", 0)) for moment in (received_at, received_at + later)
    )
    if isinstance(first, Event):
        assert {first.id, first.twin_id} == {again.id, again.twin_id}
        assert (first.digest, first.fingerprint, first.kind) == (again.digest, again.fingerprint, again.kind)


@calm
@given(st.sampled_from(RECORDS), receipts, receipts)
def test_the_pair_of_a_samples_ids_is_the_same_whenever_it_is_received(
    record: bytes, one: datetime, other: datetime
) -> None:
    first, again = (outcome(record, received_at=moment, idempotency=("k", 0)) for moment in (one, other))
    if isinstance(first, Event) and isinstance(again, Event):
        assert {first.id, first.twin_id} == {again.id, again.twin_id}


@calm
@given(mutated() | objects, st.integers(0, 3))
def test_the_same_record_has_the_same_outcome(record: dict[str, Any], ordinal: int) -> None:
    data = orjson.dumps(record)
    given_ = {"ordinal": ordinal, "idempotency": ("k", 0)}
    assert outcome(data, **given_) == outcome(data, **given_)


@calm
@given(st.sampled_from(OBJECTS), st.sampled_from(["message", "log", "MESSAGE", "line"]), st.floats(1e9, 2e9))
def test_a_shippers_wrapping_changes_neither_id_nor_digest(record: bytes, holder: str, date: float) -> None:
    wrapped = orjson.dumps({holder: record.decode(), "date": date, "source_type": "x"})
    bare, held = (outcome(data, idempotency=("k", 0)) for data in (record, wrapped))
    assert type(bare) is type(held)
    if isinstance(bare, Event) and isinstance(held, Event):
        assert bare.digest == held.digest
        if "time_missing" not in bare.document.decode():
            assert (bare.id, bare.twin_id) == (held.id, held.twin_id)


@calm
@given(st.lists(st.sampled_from(RECORDS), max_size=12))
def test_ordinals_count_equal_records_from_nought(records: list[bytes]) -> None:
    results = pipeline.normalise_request(records, hint=None, sensor=sensor(), received_at=RECEIVED_AT)
    assert len(results) == len(records)
    seen: dict[bytes, list[int]] = {}
    for record, (ordinal, _) in zip(records, results, strict=True):
        seen.setdefault(record, []).append(ordinal)
    assert all(ordinals == list(range(len(ordinals))) for ordinals in seen.values())


@calm
@given(st.lists(st.sampled_from(RECORDS), max_size=8))
def test_records_sent_twice_in_one_request_keep_their_ids_when_it_is_sent_again(records: list[bytes]) -> None:
    given_: dict[str, Any] = {"hint": None, "sensor": sensor(), "idempotency_key": "k"}
    first = pipeline.normalise_request(records, received_at=RECEIVED_AT, **given_)
    again = pipeline.normalise_request(records, received_at=RECEIVED_AT + timedelta(days=90), **given_)
    for (_, one), (_, other) in zip(first, again, strict=True):
        if isinstance(one, Event) and isinstance(other, Event):
            assert {one.id, one.twin_id} == {other.id, other.twin_id}
