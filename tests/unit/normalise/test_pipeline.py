"""The public functions: hints, requests and ordinals, tables of grouping, the last resort."""

from datetime import timedelta

import orjson
import pytest

from shared import ids
from shared.normalise import formats, identity, pipeline
from shared.normalise.event import Event, Ignored, Rejected
from tests.unit.normalise.given import RECEIVED_AT, SENSOR, event, lines, outcome, sensor

ALERT = lines("suricata_eve.ndjson")[0]
APP = lines("json.ndjson")[1]


def test_the_hints() -> None:
    assert pipeline.FORMATS == (
        "suricata_eve", "wazuh4", "zeek_json", "falco", "alertmanager", "guardduty", "crowdsec", "wazuh5", "ocsf",
        "windows", "ecs", "json", "cef", "leef", "syslog", "text",
        "aws_network_firewall", "falcosidekick", "zeek_tsv",
    )  # fmt: skip
    assert pipeline.is_format("falco")
    assert not pipeline.is_format("Falco")
    assert not pipeline.is_format("")


def test_each_grouping_names_its_fields() -> None:
    assert pipeline.fingerprint_fields("suricata_eve@1") == [
        "rule.id", "source.ip", "destination.ip", "destination.port",
    ]  # fmt: skip
    assert pipeline.fingerprint_fields("json@1+title")[-1] == "title"
    with pytest.raises(KeyError):
        pipeline.fingerprint_fields("suricata_eve@0")
    for name in pipeline.FORMATS:
        assert formats.ALL[name].groupings


def test_a_request_numbers_equal_records_without_shippers_fields() -> None:
    wrapped = orjson.dumps({"message": APP.decode(), "date": 5.5})
    records = [APP, ALERT, APP, wrapped, b"{", b"{", lines("suricata_eve.ndjson")[-1]]
    results = pipeline.normalise_request(records, hint=None, sensor=SENSOR, received_at=RECEIVED_AT)
    assert [ordinal for ordinal, _ in results] == [0, 0, 1, 2, 0, 1, 0]
    kinds = [type(found) for _, found in results]
    assert kinds == [Event, Event, Event, Event, Rejected, Rejected, Ignored]
    ids = [found.id for _, found in results if isinstance(found, Event)]
    assert len(set(ids)) == 4


CEF = b"CEF:0|Example|Guard|1|100|malware found|8|src=192.0.2.1"


@pytest.mark.parametrize(
    "headed",
    [
        b"<13>1 2026-11-20T14:00:0%dZ gate-1 a 1 - - " + CEF,
        b"<13>Nov 20 14:00:0%d gate-1 " + CEF,
        b'{"@timestamp":"2026-11-20T14:00:0%dZ","message":"just words"}',
    ],
)
def test_a_record_that_its_time_tells_apart_is_the_same_whoever_is_sent_with_it(headed: bytes) -> None:
    records = [headed % second for second in (1, 2, 3, 3)]
    given = {"hint": None, "sensor": SENSOR, "received_at": RECEIVED_AT}
    first, again = (pipeline.normalise_request(some, **given) for some in (records, records[1:]))
    assert [ordinal for ordinal, _ in first] == [0, 0, 0, 1]
    assert [getattr(found, "id", None) for _, found in first[1:]] == [getattr(found, "id", None) for _, found in again]


def test_a_redrive_with_the_stored_ordinal_meets_the_same_id() -> None:
    results = pipeline.normalise_request([APP, APP], hint=None, sensor=SENSOR, received_at=RECEIVED_AT)
    for ordinal, found in results:
        later = RECEIVED_AT + timedelta(days=40)
        assert isinstance(found, Event)
        assert event(APP, ordinal=ordinal, received_at=later).id == found.id


def test_the_key_and_the_index_identify_what_has_nothing_else() -> None:
    given = {"hint": None, "sensor": SENSOR, "received_at": RECEIVED_AT}
    first = pipeline.normalise_request([b"words", b"words"], idempotency_key="k", **given)
    again = pipeline.normalise_request([b"words", b"words"], idempotency_key="k", **given)
    assert first == again
    assert first[0][1] != first[1][1]


def test_organizations_and_sensors_never_share_an_id() -> None:
    elsewhere, beside = sensor(organization_id=ids.first_of(5)), sensor(id=ids.first_of(5))
    here = event(ALERT)
    assert len({here.id, event(ALERT, sensor=elsewhere).id, event(ALERT, sensor=beside).id}) == 3
    assert event(ALERT, sensor=beside).fingerprint == here.fingerprint
    assert event(ALERT, sensor=elsewhere).fingerprint != here.fingerprint


def test_neighbouring_identity_values_cannot_be_shifted_into_one_another() -> None:
    first = orjson.loads(ALERT)
    second = {**first, "src_port": [51515, "10.20.0.5"], "dest_ip": None}
    assert event(first).id != event(second).id


def test_titles_and_rule_ids_are_bounded() -> None:
    found = event({"rule": {"id": "r" * 999, "name": "n" * 999}, "event": {"module": "M o d" * 99}})
    assert (len(found.title), len(found.rule_id or "")) == (512, 256)
    assert len(found.module) <= 64
    assert len(found.dataset) <= 64


def test_a_mistake_of_ours_rejects_one_record_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(identity, "fingerprint", broken)
    found = outcome(ALERT)
    assert isinstance(found, Rejected)
    assert found.reason == pipeline.NORMALISER_ERROR
    assert "planted" in found.detail
