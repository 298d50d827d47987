"""GuardDuty: ends of a connection by its direction, updates of one finding, EventBridge's envelope."""

from typing import Any

import orjson
import pytest

from tests.unit.normalise.given import at, changed, event, lines, rejection

NETWORK, API, BRIDGE = lines("guardduty.ndjson")


def test_a_finding() -> None:
    found = event(NETWORK)
    assert (found.kind, found.severity, found.dataset) == ("alert", 3, "aws.guardduty")
    assert found.rule_id == "UnauthorizedAccess:EC2/ExampleBruteForce"
    assert found.time.isoformat() == "2026-11-20T10:25:00+00:00"
    assert (at(found, "source.ip"), at(found, "source.port")) == ("203.0.113.40", 51000)
    assert (at(found, "destination.ip"), at(found, "destination.port")) == ("10.1.2.3", 22)
    assert at(found, "rule.category") == "UnauthorizedAccess:EC2"
    assert (at(found, "cloud.account.id"), at(found, "cloud.region")) == ("111100001111", "eu-central-1")
    assert (at(found, "host.id"), at(found, "event.severity")) == ("i-0example1", 5)
    assert at(found, "event.start") == "2026-11-20T10:00:00.000Z"
    assert at(found, "event.type") == ["info"]


def test_the_ends_follow_the_direction() -> None:
    found = event(NETWORK.replace(b'"INBOUND"', b'"OUTBOUND"').replace(b'"blocked":false', b'"blocked":true'))
    assert (at(found, "source.ip"), at(found, "destination.ip")) == ("10.1.2.3", "203.0.113.40")
    assert (at(found, "network.direction"), at(found, "event.type")) == ("outbound", ["denied"])


@pytest.mark.parametrize(
    ("role", "direction", "source"),
    [("ACTOR", None, "10.1.2.3"), ("TARGET", None, "203.0.113.40"), ("ACTOR", "INBOUND", "203.0.113.40"),
     ("TARGET", "OUTBOUND", "10.1.2.3"), (None, None, "203.0.113.40")],
)  # fmt: skip
def test_without_a_direction_the_actor_is_the_source(role: str | None, direction: str | None, source: str) -> None:
    record = orjson.loads(NETWORK)
    record["service"]["resourceRole"] = role
    record["service"]["action"]["networkConnectionAction"]["connectionDirection"] = direction
    assert at(event(record), "source.ip") == source


def test_a_time_without_zone_is_utc_whatever_the_sensors_zone() -> None:
    found = event(API)
    assert found.time.isoformat() == "2026-11-20T11:01:00.500000+00:00"
    assert at(found, "user.name") == "build-example"
    assert at(found, "source.ip") == "203.0.113.41"
    assert at(found, "threat.tactic.id") == ["TA0003"]
    assert "sample" in at(found, "tags")


def test_eventbridges_envelope_is_taken_off_and_sequences_name_techniques() -> None:
    found = event(BRIDGE)
    assert (found.severity, found.title) == (5, "Example: a sequence of steps.")
    assert found.techniques == ["T1098.003", "T1078"]
    bare = event(orjson.dumps(orjson.loads(BRIDGE)["detail"]))
    assert (bare.id, bare.digest) == (found.id, found.digest)


def test_an_update_is_another_event_of_the_same_alert() -> None:
    first, later = event(NETWORK), event(changed(NETWORK, updatedAt="2026-11-20T12:00:00.000Z"))
    assert first.id != later.id
    assert first.fingerprint == later.fingerprint
    assert event(changed(NETWORK, id="other")).fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("number", "severity"),
    [(1, 2), (3.9, 2), (4.0, 3), (6.9, 3), (7, 4), (8.9, 4), (9, 5), (10, 5), (0, 3), (11, 3), ("5", 3), (None, 3)],
)
def test_severity(number: object, severity: int) -> None:
    found = event(changed(NETWORK, severity=number))
    assert found.severity == severity
    assert ("severity_unmapped" in (at(found, "tags") or [])) == (number in (0, 11, "5", None))


def test_probed_ports_say_who_probed() -> None:
    action = {
        "actionType": "PORT_PROBE",
        "portProbeAction": {
            "blocked": False,
            "portProbeDetails": [
                {"localPortDetails": {"port": 9200}, "remoteIpDetails": {"ipAddressV4": "203.0.113.50"}}
            ],
        },
    }
    record = orjson.loads(NETWORK)
    record["service"]["action"] = action
    found = event(record)
    assert (at(found, "source.ip"), at(found, "destination.port")) == ("203.0.113.50", 9200)


def test_without_an_id_it_is_told_apart_by_its_content() -> None:
    bare = orjson.loads(NETWORK)
    del bare["id"]
    assert event(bare).id != event({**bare, "description": "other"}).id


@pytest.mark.parametrize("part", ["resource", "service"])
def test_parts_of_another_type_do_no_harm(part: str) -> None:
    values: tuple[Any, ...] = (None, [], "x", 7, {"action": [], "networkInterfaces": 1, "detectorId": "d"})
    for value in values:
        record = {**orjson.loads(NETWORK), part: value}
        if part == "service" and not isinstance(value, dict):
            assert rejection(record, hint="guardduty") == "wrong_shape"
        else:
            assert event(record).severity == 3
