"""Shippers' wrappings: the record within is the same event, by whatever way it comes."""

import orjson
import pytest

from shared.normalise.event import Event
from tests.unit.normalise.given import at, event, lines, outcome, rejection

ALERT = lines("suricata_eve.ndjson")[1]
SHIPPERS = lines("shippers.ndjson")


def shipped(shipper: bytes, line: bytes = ALERT) -> bytes:
    return shipper.replace(b'"@@object"', line).replace(b'"@@"', orjson.dumps(line.decode()))


@pytest.mark.parametrize("shipper", SHIPPERS)
def test_the_same_record_has_the_same_id_and_digest_by_every_way(shipper: bytes) -> None:
    bare, wrapped = event(ALERT), event(shipped(shipper))
    assert (bare.id, bare.twin_id, bare.digest) == (wrapped.id, wrapped.twin_id, wrapped.digest)
    assert (bare.fingerprint, bare.title) == (wrapped.fingerprint, wrapped.title)
    assert at(wrapped, "alert.transport.wrapper")
    assert wrapped.original == shipped(shipper)


def test_what_is_useful_of_the_wrapping_stays() -> None:
    transport = at(event(shipped(SHIPPERS[0])), "alert.transport")
    assert transport["shipper"] == "filebeat 8.17.0"
    assert transport["file"] == "/var/log/suricata/eve.json"
    assert transport["host"] == "ids-east"
    assert at(event(shipped(SHIPPERS[5])), "alert.transport.document_id") == "d-1"


@pytest.mark.parametrize(
    ("zone", "region"),
    [("eu-central-1a", "eu-central-1"), ("us-gov-west-1b", "us-gov-west-1"), ("us-west-2-lax-1a", "us-west-2"),
     ("euc1-az1", None)],
)  # fmt: skip
def test_aws_network_firewall_says_where_suricata_ran(zone: str, region: str | None) -> None:
    wrapped = shipped(SHIPPERS[4].replace(b"eu-1a", zone.encode()))
    found = event(wrapped, hint="aws_network_firewall")
    assert (found.module, found.id) == ("suricata", event(ALERT).id)
    assert at(found, "cloud") == {
        "provider": "aws", "availability_zone": zone, **({"region": region} if region else {}),
    }  # fmt: skip
    assert at(found, "observer.name") == "edge"
    assert at(found, "alert.transport.wrapper") == "aws_network_firewall"


def test_what_is_not_quite_aws_network_firewall() -> None:
    assert at(event(shipped(SHIPPERS[4].replace(b'"edge"', b'["edge"]'))), "cloud") is None
    assert at(event(shipped(SHIPPERS[4].replace(b'"eu-1a"', b"7"))), "cloud") is None
    assert rejection(b'{"firewall_name":"edge"}', hint="aws_network_firewall") == "wrong_shape"


def test_a_wrapping_in_a_wrapping() -> None:
    assert event(shipped(SHIPPERS[1], shipped(SHIPPERS[2]))).id == event(ALERT).id


@pytest.mark.parametrize(
    "fields",
    [
        {"date": 1763622965.5},
        {"@timestamp": "2026-11-20T08:16:05Z", "@version": "1"},
        {"source_type": "file", "file": "/x"},
        {
            "agent": {"type": "filebeat", "version": "8.17.0", "ephemeral_id": "e"},
            "log": {"file": {"path": "/x"}, "offset": 9},
            "input": {"type": "log"},
            "ecs": {"version": "8"},
            "event": {"dataset": "suricata.eve"},
        },
    ],
)
def test_shippers_fields_among_the_records_own_do_not_count(fields: dict[str, object]) -> None:
    merged = event({**orjson.loads(ALERT), **fields})
    assert (merged.id, merged.digest) == (event(ALERT).id, event(ALERT).digest)


def test_the_hosts_agent_of_wazuh_is_not_a_shippers() -> None:
    line = lines("wazuh4.ndjson")[0]
    sent = orjson.loads(line)
    sent.update({"@timestamp": "2026-11-20T10:00:01Z", "input": {"type": "log"}, "ecs": {"version": "1"}})
    assert event(sent).id == event(line).id
    assert at(event(sent), "agent.name") == "web-11"


def test_a_second_reading_of_a_plain_json_log_changes_nothing_but_the_time() -> None:
    first = {"message": '{"a":1,"time":"2026-11-20T08:00:00Z"}', "date": 1.5e9}
    second = {**first, "date": 1.6e9}
    assert event(first).id == event(second).id
    assert event(first).module == "json"


def test_a_shipped_line_of_text_has_the_shippers_time() -> None:
    found = event(shipped(SHIPPERS[0], b"just words"))
    assert (found.module, found.title) == ("text", "just words")
    assert found.time.isoformat() == "2026-11-20T08:16:05+00:00"
    assert at(found, "tags") == ["time_from_shipper"]


def test_a_log_whose_message_holds_json_is_not_taken_apart() -> None:
    found = event({"level": "error", "app": "shop", "message": ALERT.decode()})
    assert found.module == "suricata"
    odd = event({"level": "error", "app": "shop", "message": '{"a":1}'})
    assert at(odd, "sensor.app") == "shop"


def test_a_hint_that_does_not_fit_gives_way_to_the_shape() -> None:
    assert event(ALERT, hint="wazuh4").module == "suricata"
    assert rejection({"a": 1}, hint="wazuh4") == "wrong_shape"


def test_the_path_comes_before_the_sensors_setting() -> None:
    assert event(b'{"a":1}', hint="text").module == "text"
    assert event(ALERT, hint="json").module == "json"


def test_no_chain_of_wrappings_is_followed_for_ever() -> None:
    record = ALERT
    for _ in range(30):
        record = orjson.dumps({"message": record.decode()})
        if len(record) > 500_000:
            break
    assert isinstance(outcome(record), Event)
