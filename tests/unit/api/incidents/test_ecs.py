"""The ECS document, held against the fields that our own events have and read by our own reader."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given

from services.api.incidents.ecs import as_ecs
from services.api.incidents.facts import Facts, Observable, Times
from shared.domain.incident import Status
from shared.normalise.fields import ECS_FIELDS
from tests.unit.api.incidents.given import ALERT, DIGEST, INCIDENT, NOON, ORGANIZATION, after, calm, facts, made_facts
from tests.unit.normalise.given import at, event

# Of ECS 9, and not among those that events of ours have.
MORE = {
    "event.created": "date",
    "event.end": "date",
    "event.provider": "keyword",
    "event.severity": "long",
    "event.start": "date",
    "labels.pap": "keyword",
    "labels.tlp": "keyword",
    "message": "match_only_text",
    "observer.product": "keyword",
    "observer.vendor": "keyword",
    "organization.name": "keyword",
    "threat.framework": "keyword",
    "threat.technique.subtechnique.id": "keyword",
}
KNOWN = MORE | dict(ECS_FIELDS)


def read(of: Facts) -> Any:
    return orjson.loads(orjson.dumps(as_ecs(of)))


def leaves(document: dict[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{under}{name}.")
        else:
            yield f"{under}{name}", value


def fits(kind: str, value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(fits(kind, one) for one in value)
    return isinstance(value, int) if kind == "long" else isinstance(value, str) and value != ""


def test_an_incident_with_everything() -> None:
    document = read(facts())
    own = document.pop("eventsec")["incident"]
    assert document == {
        "@timestamp": "2026-11-24T12:05:00.000Z",
        "ecs": {"version": "9.0.0"},
        "message": "Incident 12: Password spraying from abroad",
        "event": {
            "kind": "alert",
            "category": ["intrusion_detection"],
            "type": ["info"],
            "module": "eventsec",
            "dataset": "eventsec.incident",
            "provider": "eventsec",
            "id": str(INCIDENT),
            "action": "incident-closed",
            "severity": 4,
            "reason": "attack",
            "created": "2026-11-24T12:06:00.000Z",
            "start": "2026-11-24T12:00:00.000Z",
            "end": "2026-11-24T16:00:00.000Z",
        },
        "observer": {"vendor": "EventSec", "product": "EventSec"},
        "organization": {"id": str(ORGANIZATION), "name": "Harbour Works"},
        "rule": {"id": ["vpn-401"]},
        "threat": {
            "framework": "MITRE ATT&CK",
            "technique": {"id": ["T1110", "T1078"], "subtechnique": {"id": ["T1110.003"]}},
        },
        "related": {
            "ip": ["203.0.113.7"],
            "hash": [DIGEST[::-1], DIGEST],
            "hosts": ["login.example.net"],
            "user": ["svc-backup"],
        },
        "labels": {"tlp": "AMBER+STRICT", "pap": "GREEN"},
        "tags": ["vpn", "spraying"],
    }
    assert own["number"] == 12
    assert own["people"]["closed_by"] == "Edsger"
    assert own["times"]["contained_at"] == "2026-11-24T13:00:00.000Z"
    assert own["measures"] == [{"name": "time to detect", "milliseconds": 300_000}]
    assert own["fields"][0] == {"name": "customers", "kind": "boolean", "value": ["False"]}
    assert own["alerts"][0]["id"] == str(ALERT)
    assert own["omitted"] == {"alerts": 17}


@calm
@given(made_facts)
def test_outside_its_own_place_it_has_fields_of_ecs_only_and_of_their_types(of: Facts) -> None:
    document = read(of)
    document.pop("eventsec")
    for name, value in leaves(document):
        assert fits(KNOWN[name], value), (name, value)


@calm
@given(made_facts)
def test_nothing_in_it_is_empty(of: Facts) -> None:
    assert all(value not in (None, "", []) for _, value in leaves(read(of)))


@pytest.mark.parametrize("value", ["203.0.113.0/24", "fe80::1%eth0", "not an address", ""])
def test_what_the_store_would_refuse_as_an_address_is_not_offered_as_one(value: str) -> None:
    document = read(facts(observables=(Observable(type="ip", value=value),)))
    assert "ip" not in document["related"]


def test_its_time_is_when_it_was_detected_or_else_received() -> None:
    assert read(facts())["@timestamp"] == "2026-11-24T12:05:00.000Z"
    only_received = read(facts(times=Times(received_at=after(6)), status=Status.ON_HOLD))
    assert only_received["@timestamp"] == "2026-11-24T12:06:00.000Z"
    assert only_received["event"]["start"] == "2026-11-24T12:00:00.000Z", "when its first alert was first seen"
    assert only_received["event"]["action"] == "incident-on-hold"
    assert facts().alerts[0].first_seen == NOON


def test_false_and_nothing_are_told_apart() -> None:
    assert read(facts(restricted=False))["eventsec"]["incident"]["restricted"] is False
    assert "verdict" not in read(facts(verdict=None))["eventsec"]["incident"]


def test_our_own_reader_takes_it_for_an_alert() -> None:
    found = event(as_ecs(facts()), hint="ecs")
    assert found.kind == "alert"
    assert at(found, "message") == "Incident 12: Password spraying from abroad"
    assert at(found, "related.hosts") == ["login.example.net"]
