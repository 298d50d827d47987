"""Hostile bytes: each case has an outcome of its own, and none is a mistake of ours."""

import time
import tracemalloc
from typing import Any

import orjson
import pytest

from shared.normalise import conform, device_events, line_times
from shared.normalise.event import MAX_DOCUMENT_BYTES, MAX_OBSERVABLES, Event, Rejected
from shared.normalise.pipeline import NORMALISER_ERROR
from tests.unit.normalise.conformity import faults
from tests.unit.normalise.given import at, document, event, lines, outcome, rejection

ALERT = lines("suricata_eve.ndjson")[0]
TITLE = b"EXAMPLE TROJAN Beacon to known server"


def titled(raw: bytes) -> bytes:
    return ALERT.replace(TITLE, raw)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (b"a\\u0000b", "ab"),
        (b"a\\ud800b", "a\ufffdb"),
        (b"a\\udc00\\ud83db", "a\ufffd\ufffdb"),
        (b"a\xffb", "aÿb"),
        (b"a\xe9\xe8b", "aéèb"),
        (b"a\tb", "a b"),
        (b"a\x00b", "ab"),
    ],
)
def test_a_bad_value_is_repaired_so_that_it_cannot_hide_an_alert(raw: bytes, title: str) -> None:
    found = event(titled(raw))
    assert (found.kind, found.title, found.rule_id) == ("alert", title, "1:9000001")
    assert ("repaired" in at(found, "tags")) == (raw != b"a\tb")
    assert b"\x00" not in found.document
    assert b"\\u0000" not in found.document
    assert found.original == titled(raw)


def test_a_whole_surrogate_pair_is_a_character() -> None:
    found = event(titled(b"a\\ud83d\\ude00b"))
    assert found.title == "a\U0001f600b"
    assert "repaired" not in at(found, "tags")


def test_controls_and_direction_marks_stay_out_of_titles() -> None:
    found = event(titled(b"x\\u001b[2Jy\\u202ez\\n q"))
    assert found.title == "x [2Jy z q"
    assert at(found, "rule.name") == "x\x1b[2Jy\u202ez\n q"


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        (b"18446744073709551615", 18446744073709551615),
        (b"18446744073709551616", "18446744073709551616"),
        (b"-9223372036854775808", -9223372036854775808),
        (b"-9223372036854775809", "-9223372036854775809"),
        (b"9" * 5000, "9" * 5000),
        (b"1e400", "1e400"),
        (b"-1e400", "-1e400"),
        (b"NaN", "NaN"),
        (b"Infinity", "Infinity"),
        (b"-Infinity", "-Infinity"),
        (b"1e5", 1e5),
        (b"1763636400123456789", 1763636400123456789),
        (b'"00000000000000000000000000000000"', "0" * 32),
    ],
)
def test_numbers_are_exact_or_words(number: bytes, kept: Any) -> None:
    found = event(ALERT[:-1] + b',"n":' + number + b"}")
    assert at(found, "sensor.n") == kept
    assert type(at(found, "sensor.n")) is type(kept)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\x00\x00", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"{", "not_json"),
        (b'{"a":1', "not_json"),
        (b'{"a":1}}', "not_json"),
        (b'{"a":01}', "not_json"),
        (b"{'a':1}", "not_json"),
        (b"[]", "not_an_object"),
        (b'[{"a":1}]', "not_an_object"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}", "too_deep"),
    ],
)
def test_what_is_no_object_is_rejected(record: bytes, reason: str) -> None:
    assert rejection(record, hint="json") == reason


def test_64_levels_are_kept() -> None:
    assert isinstance(outcome(b'{"a":' * 64 + b"1" + b"}" * 64), Event)
    assert isinstance(outcome(b'{"a":"' + b"{[" * 500 + b'"}'), Event)


@pytest.mark.parametrize("record", [b"true", b"null", b"12", b'"words"', b"\xff\xfe\x00", b"[half", b"\x80\x81"])
def test_without_a_hint_what_is_no_object_is_a_line(record: bytes) -> None:
    assert event(record).module == "text"
    assert rejection(record, hint="suricata_eve") in {"not_json", "not_an_object"}


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert event(b"\xef\xbb\xbf" + ALERT).id == event(ALERT).id
    assert event(ALERT.decode().encode("utf-16")).id == event(ALERT).id


def test_of_equal_keys_the_last_counts_and_the_document_has_one() -> None:
    found = event(b'{"event_type":"flow",' + ALERT[1:])
    assert found.kind == "alert"
    assert found.document.count(b'"event_type"') == 1


def test_an_empty_key_gets_a_name() -> None:
    assert at(event({"": 1, "b": {"": 2}}), "sensor") == {"_": 1, "b": {"_": 2}}


def test_long_strings_and_keys_are_clipped_and_say_so() -> None:
    found = event({"a": "é" * 9000, "k" * 600: 1, "message": "m" * 9000})
    assert len(at(found, "sensor.a").encode()) == 8192
    assert max(len(key) for key in at(found, "sensor")) == 512
    assert len(at(found, "message")) == 8192
    assert "clipped" in at(found, "tags")
    assert "clipped" not in (at(event({"a": "x" * 8000}), "tags") or [])


def test_a_path_of_many_long_keys_makes_no_immense_term() -> None:
    record: Any = "v" * 8000
    for _ in range(60):
        record = {"k" * 512: record}
    found = document(event({"a": record}))
    assert _longest_term(found["sensor"]) < 32_766
    assert "clipped" in found["tags"]


def test_what_is_remembered_of_long_words_is_short() -> None:
    tracemalloc.start()
    try:
        for number in range(200):
            word = f"{number:09}" + "x" * (100 << 10)
            device_events.judged(word)
            conform.slug(word)
            line_times.zone_of(word)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2 << 20


def test_ten_megabytes_in_one_string() -> None:
    found = event(titled(b"x" * 10_000_000))
    assert len(found.title) == 512
    assert len(found.document) < 64_000
    assert event(b"y" * 10_000_000).title == "y" * 512


def test_a_hundred_thousand_keys_drop_the_vendors_record() -> None:
    found = event({**orjson.loads(ALERT), **{f"key{n}": n for n in range(100_000)}})
    assert len(found.document) <= MAX_DOCUMENT_BYTES
    assert "sensor" not in document(found)
    assert "clipped" in at(found, "tags")
    assert found.rule_id == "1:9000001"


def test_every_field_as_full_as_it_goes() -> None:
    full = ["\x01" * 8192] * 100
    names = ("message", "rule", "user_agent", "url", "user", "host", "action", "file_path", "process", "severity")
    record = {"event": {"reason": full, "code": full, "kind": "alert"}, **dict.fromkeys(names, "\x01" * 8192)}
    found = event(record)
    assert len(found.document) <= MAX_DOCUMENT_BYTES
    assert found.document.endswith(b"}}")
    assert document(found)["alert"]["severity_id"] == 3


def test_observables_are_at_most_a_hundred() -> None:
    answers = [f"198.51.{high}.{low}" for high in range(4) for low in range(100)]
    found = event({"dns": {"resolved_ip": answers}})
    assert len(found.observables) == MAX_OBSERVABLES


JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1 << 63, "", " ", "x" * 3000, "127.0.0.1", [], [[]], [None], [{}], {}, {"": {}},
    {"a": [1]}, ["a", 1, None], "9" * 30, "\ud7ff", [["x"] * 200],
)  # fmt: skip
SAMPLES = [
    line
    for name in (
        "suricata_eve", "zeek_json", "wazuh4", "falco", "alertmanager", "guardduty", "crowdsec", "wazuh5", "ocsf",
        "windows", "ecs", "json",
    )
    for line in lines(f"{name}.ndjson")
]  # fmt: skip


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in ((*path, key), *_paths(item, (*path, key)))]


@pytest.mark.parametrize("line", SAMPLES)
def test_any_value_anywhere_is_no_mistake_of_ours(line: bytes) -> None:
    for path in _paths(orjson.loads(line)):
        for junk in JUNK:
            record = orjson.loads(line)
            holder = record
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = junk
            found = outcome(record)
            assert not (isinstance(found, Rejected) and found.reason == NORMALISER_ERROR), (path, junk, found)


LINES = [line for name in ("cef", "leef", "syslog") for line in lines(f"{name}.txt")]
ODD = (b"\\", b"|", b"=", b"\xff", b"\x00", b"]", b'"', b"<1>", b"CEF:", b"\xe2\x80\xae", b" " * 300, b"9" * 300)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("hint", [None, "cef", "leef", "syslog"])
def test_a_line_cut_or_with_anything_in_it_is_no_mistake_of_ours(line: bytes, hint: str | None) -> None:
    hostile = [line[:at] for at in range(len(line))]
    hostile += [line[:at] + odd + line[at:] for at in range(0, len(line), 7) for odd in ODD]
    for record in hostile:
        found = outcome(record, hint=hint)
        assert not (isinstance(found, Rejected) and found.reason == NORMALISER_ERROR), (record, found)
        if isinstance(found, Event):
            assert faults(found.document) == [], record


@pytest.mark.parametrize(
    "line",
    [
        b"CEF:0|" + b"a" * 1_000_000,
        b"CEF:0|v|p|1|id|name|5|" + b"a=b " * 250_000,
        b"CEF:0|v|p|1|id|name|5|" + b"\\" * 1_000_001,
        b"CEF:0|v|p|1|id|name|5|msg=" + b"a " * 500_000,
        b"LEEF:2.0|v|p|1|id|^|" + b"a=b^" * 250_000,
        b"<13>1 2026-11-20T14:00:02Z h a 1 - [a " + b'b="' * 300_000,
        b"<13>" + b": " * 500_000,
        b"<13>Nov 20 14:00:02 " + b"a:" * 500_000,
    ],
    ids=range(8),
)
def test_a_megabyte_of_one_thing_costs_little(line: bytes) -> None:
    started = time.process_time()
    found = outcome(line)
    assert isinstance(found, Event)
    assert len(found.document) <= MAX_DOCUMENT_BYTES
    assert time.process_time() - started < 5


def _longest_term(value: Any, path: int = 0) -> int:
    if isinstance(value, dict):
        return max((_longest_term(item, path + len(key) + 1) for key, item in value.items()), default=path)
    return path + len(str(value))
