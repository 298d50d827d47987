"""Plain JSON: ECS names taken over, common names understood, nothing believed about the tenant."""

import orjson

from shared.normalise.event import Event
from tests.unit.normalise.given import RECEIVED_AT, SENSOR, at, event, lines

EDR, APP, DOTTED, HELLO, NO_TIME = lines("json.ndjson")


def test_ecs_is_taken_over() -> None:
    found = event(EDR, hint="json")
    assert (found.kind, found.severity, found.module, found.dataset) == (
        "alert", 4, "example_edr", "example_edr.alerts",
    )  # fmt: skip
    assert (found.title, found.rule_id) == ("Example credential dump", "R-1")
    assert found.techniques == ["T1003"]
    assert at(found, "process.pid") == 4242
    assert ("email", "bob@example.com") in found.observables
    assert at(found, "event.action") == "blocked"


def test_the_tenant_is_ours_whatever_the_record_says() -> None:
    assert at(event(EDR), "organization.id") == str(SENSOR.organization_id)
    assert at(event(EDR), "event.id") == str(event(EDR).id)


def test_its_own_id_may_be_that_of_a_session() -> None:
    found = event(EDR, hint="json")
    assert found.id == event(EDR, hint="json").id
    others = (EDR.replace(b"High", b"Low"), EDR.replace(b"evt-1", b"evt-2"))
    assert len({found.id, event(EDR, hint="json", ordinal=1).id, *(event(one, hint="json").id for one in others)}) == 4
    assert at(found, "alert.source_id") == "evt-1"
    untimed = {"event": {"id": "e-1"}, "msg": "x"}
    assert event(untimed).id == event(untimed).id


def test_common_names_are_understood() -> None:
    found = event(APP)
    assert (found.kind, found.severity, found.title) == ("telemetry", 3, "Disk nearly full")
    assert at(found, "host.name") == "db-3"
    assert at(found, "source.ip") == "10.20.4.5"
    assert at(found, "user.name") == "svc"
    assert found.time.isoformat() == "2025-11-20T13:00:01+00:00"


def test_dotted_names_are_taken_over() -> None:
    found = event(DOTTED, hint="json")
    assert (found.kind, found.severity, found.title) == ("alert", 5, "Dotted names")
    assert at(found, "source.ip") == "198.51.100.70"


def test_content_and_ordinal_identify_what_has_no_id() -> None:
    assert event(APP).id == event(APP).id
    assert event(APP).id != event(APP, ordinal=1).id
    assert event(APP).id == event(APP[:-1] + b"   }").id
    assert event(APP).id == event(dict(reversed(orjson.loads(APP).items()))).id
    assert event(APP).id != event(APP.replace(b"nearly", b"quite")).id


def test_neither_time_nor_id_needs_the_key() -> None:
    keyed = event(NO_TIME, idempotency=("k", 0))
    assert keyed.id == event(NO_TIME, idempotency=("k", 0)).id
    assert keyed.id != event(NO_TIME, idempotency=("k", 1)).id
    assert keyed.id.int >> 80 == 0
    fresh = event(NO_TIME)
    assert fresh.id != event(NO_TIME).id
    assert fresh.id.version == 7
    assert (fresh.twin_id, fresh.time) == (None, RECEIVED_AT)


def test_what_says_nothing_is_kept_all_the_same() -> None:
    found: Event = event(HELLO)
    assert (found.kind, found.title) == ("telemetry", "JSON record: hello")
    assert at(found, "sensor.hello") == "world"


def test_an_alert_without_a_known_severity_is_medium_and_says_so() -> None:
    found = event({"event.kind": "alert", "severity": 77, "time": "2026-11-20T00:00:00Z"})
    assert found.severity == 3
    assert "severity_unmapped" in at(found, "tags")


def test_a_number_is_no_log_level() -> None:
    found = event({"severity": 8, "title": "Finding", "@timestamp": "2026-11-20T00:00:00Z"})
    assert (at(found, "log"), at(found, "event.severity"), found.title) == (None, 8, "Finding")


def test_the_shippers_document_id_is_an_identity() -> None:
    first = {"a": 1, "@metadata": {"_id": "d-1"}}
    assert event(first).id == event({**first, "@metadata": {"_id": "d-1", "beat": "x"}}).id
    assert event(first).id != event({**first, "@metadata": {"_id": "d-2"}}).id
    assert event(first).id == event({"_id": "d-1", "_source": {"a": 1}}).id
