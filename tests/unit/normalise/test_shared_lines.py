"""Real devices' lines, read where they lie: all are read, with shares of fields that may only grow.

Each share was counted when the formats were written; a line that is quarantined or a field that is lost lowers one.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from shared.normalise import device_events, pipeline
from shared.normalise.event import Event
from tests.unit.normalise.conformity import faults
from tests.unit.normalise.given import at, document, filled, sensor
from tests.unit.normalise.test_shared_samples import RECEIVED_AT, ROOT

pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no samples of real sensors at {ROOT}")

# What rsyslog leaves of a line whose mark it took for a program's name, and two marks of F5's.
_MARKLESS = (
    (re.compile(r"0\||[A-Z]{3}:CEF:"), "cef"),
    (re.compile(r"[12]\.0\|"), "leef"),
)
_WIRE = "syslog_wire/syslog_wire_live"


def records(*folders: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The raw lines in those folders, each with what holds it."""
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*.ndjson")):
            for line in path.read_bytes().splitlines():
                holder = orjson.loads(line)
                raw = filled(holder["template"]) if "template" in holder else holder.get("raw")
                if isinstance(raw, str):
                    yield raw, holder


def read(line: bytes | str, hint: str | None = None) -> Event:
    """The event that the line must become."""
    data = line.encode() if isinstance(line, str) else line
    found = pipeline.normalise(data, hint=hint, sensor=sensor(zone="UTC"), received_at=RECEIVED_AT)
    assert isinstance(found, Event), (line, found)
    assert faults(found.document) == [], line
    return found


def shares(found: list[Event]) -> dict[str, int]:
    """Of each field, in how many of a hundred events it is."""
    tests = {
        "own time": [
            at(each, "@timestamp") is not None and "time_missing" not in (at(each, "tags") or []) for each in found
        ],
        "rule": [each.rule_id is not None for each in found],
        "source ip": [at(each, "source.ip") is not None for each in found],
        "host": [at(each, "host.name") is not None for each in found],
        "severity": [_own_severity(each) for each in found],
    }
    return {name: 100 * sum(values) // len(values) for name, values in tests.items()}


def _own_severity(found: Event) -> bool:
    record = at(found, "sensor") or {}
    given = record.get("severity") or record.get("attributes", {}).get("sev")
    if given is None:
        return at(found, "event.severity") is not None
    return device_events.graded(given, record.get("vendor", "")) is not None


def formats_of(found: list[Event]) -> dict[str, int]:
    names = [at(each, "alert.transport.format") for each in found]
    return {name: names.count(name) for name in sorted(set(names))}


def test_cef() -> None:
    found = [read(raw, _hint(raw)) for raw, _ in records("cef")]
    # The one that is not is behind a word that no header has.
    assert formats_of(found) == {"cef": 159, "syslog": 1}
    assert at_least(shares(found), {"own time": 79, "rule": 97, "source ip": 58, "host": 61, "severity": 97})
    assert len({each.fingerprint for each in found}) < len(found)


def test_leef() -> None:
    found = [read(raw) for raw, _ in records("leef")]
    assert formats_of(found) == {"leef": 45}
    assert at_least(shares(found), {"own time": 44, "rule": 100, "source ip": 95, "host": 44, "severity": 68})


def test_syslog() -> None:
    found = [read(raw) for raw, _ in records("syslog")]
    assert formats_of(found) == {"syslog": 382}
    assert at_least(shares(found), {"own time": 94, "host": 84, "severity": 100})


def test_frames_that_rsyslog_sent_are_the_sensors_records() -> None:
    counted = list(_octet_counted((ROOT / _WIRE / "tcp_rfc5424_octet_counted.raw").read_bytes()))
    datagrams = list(_length_prefixed((ROOT / _WIRE / "udp_rfc3164.len32be.bin").read_bytes()))
    assert len(counted) == len(datagrams) == 207
    by_tcp, by_udp = ({read(frame, "syslog").id for frame in frames} for frames in (counted, datagrams))
    assert by_tcp == by_udp
    assert formats_of([read(frame, "syslog") for frame in counted]) == {"suricata_eve": 207}
    assert formats_of([read(frame) for frame in counted]) == {"syslog": 207}
    assert {read(b"%d %s" % (len(frame), frame), "syslog").id for frame in counted} == by_tcp


def _octet_counted(data: bytes) -> Iterator[bytes]:
    while data:
        count, _, data = data.partition(b" ")
        yield data[: int(count)]
        data = data[int(count) :]


def _length_prefixed(data: bytes) -> Iterator[bytes]:
    while data:
        length = int.from_bytes(data[:4], "big")
        yield data[4 : 4 + length]
        data = data[4 + length :]


def test_labelled_logs_are_read_as_they_are() -> None:
    lines = [
        found[1]
        for path in sorted((ROOT / "rawlog_labelled").glob("*/*.ini"))
        for line in path.read_text(errors="replace").splitlines()
        if (found := re.match(r"log \d+ (?:pass|fail) = (.*\S)", line))
    ]
    assert len(lines) > 1000
    assert {"text", "cef", "leef", "json"} <= set(formats_of([read(line) for line in lines]))


# Of a hundred lines for which somebody else wrote down the fields, those where we have the same value.
_AGREED = {
    "source.ip": 84, "source.port": 100, "destination.ip": 100, "destination.port": 100, "user.name": 76, "rule.id": 97,
    "url.original": 78, "url.path": 81, "host.name": 76, "event.action": 76, "event.kind": 100, "event.severity": 100,
    "http.request.method": 100, "network.transport": 100, "network.protocol": 97, "observer.version": 100,
    "email.from.address": 100, "event.start": 100, "@timestamp": 94, "source.bytes": 100, "destination.bytes": 100,
}  # fmt: skip


def test_agreement_with_fields_that_others_wrote_down() -> None:
    pairs = [
        (document(read(raw, hint)), holder["expected"])
        for raw, holder in records("cef", "leef", "logs_other", "alerts_other")
        if "expected" in holder and ((hint := _hint(raw)) or raw.startswith(("CEF:", "LEEF:")))
    ]
    assert len(pairs) > 150
    agreed = {name: _agreement(pairs, name) for name in _AGREED}
    assert at_least(agreed, _AGREED)


def _agreement(pairs: list[tuple[dict[str, Any], dict[str, Any]]], name: str) -> int:
    values = [(_plain(ours, name), _plain(theirs, name)) for ours, theirs in pairs]
    known = [ours == theirs for ours, theirs in values if theirs is not None]
    return 100 * sum(known) // len(known)


def _plain(value: Any, name: str) -> str | None:
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value is None else re.sub(r"(?:\.\d+)?Z\Z", "", str(value)).lower()


def _hint(raw: str) -> str | None:
    return next((hint for pattern, hint in _MARKLESS if pattern.match(raw)), None)


def at_least(found: dict[str, int], expected: dict[str, int]) -> bool:
    """True where no share is below its floor."""
    assert {name: share for name, share in found.items() if share < expected.get(name, 0)} == {}, found
    return True
