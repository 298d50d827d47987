"""Real sensors' records, read where they lie: none is lost, the fields are there, ids and groups come out as counted.

The files are not ours to keep, so they are looked for at EVENTSEC_SAMPLES, or beside the repository.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.normalise import pipeline
from shared.normalise.event import Event
from shared.normalise.reading import get
from tests.unit.normalise.conformity import faults
from tests.unit.normalise.given import sensor

ROOT = Path(os.environ.get("EVENTSEC_SAMPLES") or Path(__file__).parents[4] / "shared" / "samples")
RECEIVED_AT = datetime(2026, 11, 24, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no samples of real sensors at {ROOT}")


def events(folder: str, hint: str | None = None) -> list[Event]:
    """The events of all records in the folder's files."""
    records = [
        part
        for path in sorted((ROOT / folder).glob("*.ndjson"))
        for line in path.read_bytes().splitlines()
        for part in pipeline.split(line, hint)
    ]
    given = {"hint": hint, "sensor": sensor(ignored_types=frozenset()), "received_at": RECEIVED_AT}
    outcomes = [found for _, found in pipeline.normalise_request(records, **given)]
    assert [found for found in outcomes if not isinstance(found, Event)] == []
    return [found for found in outcomes if isinstance(found, Event)]


def documents(found: list[Event], step: int = 7) -> list[dict[str, Any]]:
    """Every seventh document, parsed, each proved to fit the list of fields."""
    for each in found[::step]:
        assert faults(each.document) == [], each.original
    return [orjson.loads(each.document) for each in found[::step]]


def share(found: list[dict[str, Any]], group: str, name: str) -> float:
    return sum(name in document.get(group, {}) for document in found) / len(found)


def test_suricata() -> None:
    found = events("suricata_eve")
    assert len({each.id for each in found}) == len(found)
    assert all(each.twin_id for each in found)
    alerts = [each for each in found if each.kind == "alert"]
    assert all(each.rule_id for each in alerts)
    assert len({each.fingerprint for each in alerts}) < len(alerts)
    assert share(documents(found), "source", "ip") == 1
    assert share(documents(found), "host", "ip") > 0.9


def test_zeek() -> None:
    found = events("zeek_json")
    assert len({each.id for each in found}) == len(found)
    weird = [each for each in found if each.dataset == "zeek.weird"]
    # 322 in the 24,202 records of the whole capture; half of it is here.
    assert 150 <= len({each.fingerprint for each in weird}) <= 322
    notices = [each for each in found if each.kind == "alert"]
    assert len({each.fingerprint for each in notices}) >= len(notices) - 4
    assert share(documents(found), "source", "ip") > 0.99


def test_wazuh4() -> None:
    found = events("wazuh4")
    different = {orjson.dumps(orjson.loads(each.original), option=orjson.OPT_SORT_KEYS) for each in found}
    assert len({each.id for each in found}) == len(different)
    assert all(each.rule_id for each in found)
    assert share(documents(found, 3), "host", "name") == 1


def test_falco() -> None:
    found = events("falco")
    assert len({each.id for each in found}) == len(found)
    assert sum(bool(each.techniques) for each in found) / len(found) > 0.8
    assert share(documents(found), "host", "name") == 1
    assert share(documents(found), "process", "name") > 0.9


def test_alertmanager() -> None:
    found = events("alertmanager")
    known = {
        (alert["fingerprint"], alert["startsAt"], alert["status"])
        for each in found
        for alert in [orjson.loads(each.original)]
    }
    assert len({each.id for each in found}) == len(known)
    assert len({each.fingerprint for each in found}) == len({fingerprint for fingerprint, _, _ in known})
    assert any(each.resolves for each in found)
    assert documents(found, 1)


def test_wazuh5() -> None:
    found = events("wazuh5_ecs")
    assert len({each.id for each in found}) == len(found)
    assert all(each.kind == "alert" and each.rule_id and each.techniques for each in found)
    assert share(documents(found), "host", "name") == 1
    assert not any("severity_unmapped" in document["tags"] for document in documents(found))


def test_ocsf() -> None:
    found = events("ocsf")
    different = {orjson.dumps(orjson.loads(each.original), option=orjson.OPT_SORT_KEYS) for each in found}
    assert len({each.id for each in found}) == len(different)
    # Prowler writes seconds; a passed check is no alert.
    assert all(each.time.year < 2026 for each in found)
    assert all(each.kind == "telemetry" for each in found if b'"PASS"' in each.original)
    assert documents(found, 1)


def test_windows() -> None:
    found = events("windows_raw")
    # Equal records without a number of their own are told apart by their place in the request.
    assert len({each.id for each in found}) == len(found)
    assert all(each.rule_id and each.time < RECEIVED_AT for each in found)
    assert share(documents(found), "host", "name") == 1
    assert share(documents(found), "event", "category") > 0.8


def test_ecs_documents_say_what_their_labels_expect() -> None:
    lines = (ROOT / "ecs_beats" / "sekoia_intake.ndjson").read_bytes().splitlines()
    same = ("@timestamp", "event.code", "file.hash.sha256", "host.name", "process.executable", "source.port")
    for record in map(orjson.loads, lines):
        found = pipeline.normalise(record["raw"].encode(), hint=None, sensor=sensor(), received_at=RECEIVED_AT)
        assert isinstance(found, Event)
        assert faults(found.document) == []
        document = orjson.loads(found.document)
        assert document["alert"]["transport"]["format"] == "ecs"
        for name in same:
            expected = get(record["expected"], *name.split("."))
            if expected is not None:
                assert str(get(document, *name.split(".")))[:23] == str(expected)[:23], (name, record["src"])


@pytest.mark.parametrize("folder", ["vendor_json_labelled", "guardduty", "crowdsec", "ecs_beats"])
def test_any_json(folder: str) -> None:
    documents(events(folder), 5)


@pytest.mark.parametrize("folder", ["syslog", "cef", "leef", "alerts_other", "logs_other"])
def test_raw_lines_within_their_records(folder: str) -> None:
    for path in sorted((ROOT / folder).glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            record = orjson.loads(line)
            raw = next((record[name] for name in ("raw", "template", "log", "text") if name in record), record)
            data = raw.encode() if isinstance(raw, str) else orjson.dumps(raw)
            found = pipeline.normalise(data, hint=None, sensor=sensor(), received_at=RECEIVED_AT)
            if isinstance(found, Event):
                assert faults(found.document) == [], line
            else:
                assert getattr(found, "reason", "") in {"not_json", "not_an_object"}, found
