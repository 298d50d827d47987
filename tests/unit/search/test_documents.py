"""Documents: spliced, reduced and built from rows."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from shared.domain.observable import MAX_PER_ALERT
from shared.models import Alert
from shared.search import documents
from shared.search.templates import alerts, incidents

ID = UUID("0192f0c1-2345-7abc-8def-0123456789ab")
MOMENT = datetime(2026, 11, 24, 10, 0, 0, 123000, tzinfo=UTC)

EVENT = (
    b'{"@timestamp":"2026-11-24T10:00:00.123Z","sensor":{"a":{"b":"c"}},'
    b'"alert":{"severity_id":3,"transport":{"path":"/x"}}}'
)

_SAMPLES: dict[str, Any] = {
    "keyword": "word",
    "match_only_text": "some words",
    "flat_object": {"team": "blue"},
    "byte": 4,
    "short": 80,
    "integer": 7,
    "long": 12,
    "boolean": True,
    "date": MOMENT,
}


def row(columns: dict[str, str], **given: Any) -> dict[str, Any]:
    return {name: _SAMPLES[kind] for name, kind in columns.items()} | given


def test_the_alerts_id_goes_into_alert() -> None:
    spliced = orjson.loads(documents.event_document(EVENT, ID))
    assert spliced["alert"] == {"severity_id": 3, "transport": {"path": "/x"}, "id": str(ID)}
    del spliced["alert"]["id"]
    assert spliced == orjson.loads(EVENT)


def test_telemetry_keeps_its_bytes() -> None:
    assert documents.event_document(EVENT, None) is EVENT


@pytest.mark.parametrize(
    "document",
    [b"", b"}}", b"{}", b'{"alert":{}}', b'{"message":"x"}', EVENT[:-2], EVENT + b" ", b'{"alert":{"a":1},"x":[{}]}'],
)
def test_bytes_of_another_shape_are_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match="alert"):
        documents.event_document(document, ID)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(None, ["projection_reduced"]), ("one", ["one", "projection_reduced"]), (["a"], ["a", "projection_reduced"])],
)
def test_reduced_loses_the_vendors_record_and_says_so(tags: Any, expected: list[str]) -> None:
    event = orjson.loads(EVENT) | ({} if tags is None else {"tags": tags})
    small = documents.reduced(orjson.dumps(event))
    fields = orjson.loads(small)
    assert "sensor" not in fields
    assert fields["tags"] == expected
    assert {**fields, "sensor": event["sensor"], "tags": tags} == {**event, "tags": tags}


def test_reduced_keeps_the_shape_that_is_spliced() -> None:
    small = documents.reduced(EVENT)
    assert orjson.loads(documents.event_document(small, ID))["alert"]["id"] == str(ID)


@pytest.mark.parametrize("document", [b"", b"[1]", b"{", b"nonsense"])
def test_reduced_refuses_what_is_no_object(document: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        documents.reduced(document)


def test_an_alert_is_flat_and_named_as_its_columns() -> None:
    built = orjson.loads(
        documents.alert_document(
            row(alerts.COLUMNS, id=ID, fingerprint=b"\x01\xff", assignee_id=None, tags=["a", "b"]),
            observables=[
                ("ip", "192.0.2.1", ["source.ip", "host.ip"]),
                ("user", "eve", []),
                ("user", "bob", ["user.name"]),
            ],
            notes=["seen before"],
        )
    )
    assert built["id"] == str(ID)
    assert built["fingerprint"] == "01ff"
    assert "assignee_id" not in built
    assert built["tags"] == ["a", "b"]
    assert built["last_seen"] == "2026-11-24T10:00:00.123000Z"
    seen = {
        "observables": ["192.0.2.1", "eve", "bob"],
        "observable.ip": ["192.0.2.1"],
        "observable.user": ["eve", "bob"],
        "source.ip": ["192.0.2.1"],
        "host.ip": ["192.0.2.1"],
        "user.name": ["bob"],
    }
    assert seen.items() <= built.items()
    assert built["notes"] == ["seen before"]
    assert built.keys() == {*alerts.COLUMNS, *seen, "notes"} - {"assignee_id"}


def test_a_drivers_own_uuid_is_an_id_too() -> None:
    class DriversUuid(UUID):
        pass

    built = documents.alert_document(row(alerts.COLUMNS, id=DriversUuid(str(ID))))
    assert orjson.loads(built)["id"] == str(ID)


def test_a_row_without_a_column_is_an_error() -> None:
    incomplete = row(alerts.COLUMNS)
    del incomplete["risk"]
    with pytest.raises(KeyError, match="risk"):
        documents.alert_document(incomplete)


def test_a_value_without_a_place_is_an_error() -> None:
    with pytest.raises(TypeError):
        documents.alert_document(row(alerts.COLUMNS, title=object()))


def test_observables_and_notes_are_bounded() -> None:
    built = orjson.loads(
        documents.alert_document(
            row(alerts.COLUMNS),
            observables=[("ip", f"v{n}", ("source.ip",)) for n in range(1001)],
            notes=["x" * 60_000, "y" * 60_000, "z"],
        )
    )
    assert len(built["observables"]) == len(built["source.ip"]) == MAX_PER_ALERT == 1000
    assert [len(note) for note in built["notes"]] == [60_000, 40_000]


def test_an_incident_says_who_may_see_it() -> None:
    built = orjson.loads(
        documents.incident_document(
            row(incidents.COLUMNS, id=ID, verdict=None), member_ids=[ID], observables=[("cve", "CVE-2026-1")]
        )
    )
    assert built["member_ids"] == [str(ID)]
    assert built["fields"] == {"team": "blue"}
    assert built["observables"] == built["observable.cve"] == ["CVE-2026-1"]
    assert built.keys() == {*incidents.COLUMNS, "member_ids", "observables", "observable.cve", "notes"} - {"verdict"}


def test_every_field_of_an_alerts_document_is_a_column_of_its_table() -> None:
    assert alerts.COLUMNS.keys() <= {column.name for column in Alert.__table__.columns}
