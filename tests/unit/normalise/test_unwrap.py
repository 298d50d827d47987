"""Shippers' wrappings: the record within is the same event, by whatever way it comes."""

import orjson
import pytest

from shared.normalise import pipeline
from shared.normalise.event import Event
from tests.unit.normalise.given import RECEIVED_AT, SENSOR, at, event, lines, outcome, rejection

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


BEAT = {"type": "filebeat", "version": "8.17.0", "ephemeral_id": "e"}
PLACE = {"log": {"offset": 100, "file": {"path": "/a"}}, "host": {"name": "web1"}, "agent": BEAT}
ELSEWHERE = (
    {"host": {"name": "web2"}},
    {"log": {"offset": 100, "file": {"path": "/b"}}},
    {"log": {"offset": 190, "file": {"path": "/a"}}},
    {"container": {"id": "c-1"}},
    {"kubernetes": {"namespace": "shop", "pod": {"name": "a-1"}}},
    {"kubernetes": {"namespace_name": "shop", "pod_name": "a-2"}},
    {"kubernetes": {"namespace_name": "other", "pod_name": "a-2"}},
    {"stream": "stderr"},
    {"service": {"name": "billing"}},
)
NO_ID = (
    "2026-11-20 10:00:00 backup finished",
    "Nov 20 10:00:00 CRON[1]: ok",
    "<13>1 2026-11-20T10:00:00Z - app 1 - - ok",
    "CEF:0|Example|Guard|1|100|Thing happened|5|rt=1795183202000",
    "LEEF:1.0|V|P|1|E|devTime=Nov 20 2026 14:00:02",
    '{"time":"2026-11-20T08:00:00Z","msg":"started"}',
)


@pytest.mark.parametrize("line", NO_ID)
def test_what_has_no_id_of_its_own_is_told_apart_by_where_the_shipper_read_it(line: str) -> None:
    sent = {"@timestamp": "2026-11-20T10:00:05Z", "message": line} | PLACE
    records = [sent, *(sent | place for place in ELSEWHERE)]
    assert len({event(record).id for record in records}) == len(records)
    # A second reading of the same place is the same record, whoever comes with it.
    again = [record | {"agent": BEAT | {"ephemeral_id": "f"}} for record in (*reversed(records), sent)]
    given = {"hint": None, "sensor": SENSOR, "received_at": RECEIVED_AT}
    found = pipeline.normalise_request([orjson.dumps(record) for record in again], **given)
    assert [ordinal for ordinal, _ in found] == [*([0] * len(records)), 1]
    assert [getattr(one, "id", None) for _, one in found[:-1]] == [event(record).id for record in reversed(records)]


def test_an_unknown_sensors_record_among_a_beats_words_is_told_apart_by_them() -> None:
    sent = {"@timestamp": "2026-11-20T10:00:05Z", "time": "2026-11-20T10:00:00Z", "msg": "started"} | PLACE
    assert len({event(sent | place).id for place in ({}, *ELSEWHERE[:3])}) == 4
    assert at(event(sent), "host.name") == "web1"


@pytest.mark.parametrize("line", NO_ID[:3] + NO_ID[-1:])
def test_where_a_record_does_not_say_its_host_the_shippers_counts(line: str) -> None:
    pod = {"namespace_name": "shop", "pod_name": "a-1", "container_name": "app", "docker_id": "d-1"}
    found = event({"date": 1763622965.5, "host": "node-1", "log": line, "kubernetes": pod})
    assert at(found, "host.name") == "node-1"
    assert (at(found, "container.id"), at(found, "container.name")) == ("d-1", "app")
    assert (at(found, "orchestrator.namespace"), at(found, "orchestrator.resource.name")) == ("shop", "a-1")
    said = {"host": "node-1", "log": '{"time":"2026-11-20T08:00:00Z","host":"web1"}'}
    assert at(event(said), "host.name") == "web1"
    assert at(event({"host": "node-1", "log": "Nov 20 10:00:00 web1 app: ok"}), "host.name") == "web1"


def test_a_sensors_host_is_not_its_shippers() -> None:
    for carried in (CEF, ALERT):
        found = event({"@timestamp": "2026-11-20T10:00:05Z", "message": carried.decode()} | PLACE)
        assert at(found, "host.name") is None
        assert at(found, "alert.transport.host") == "web1"


CEF = NO_ID[3].encode()


def test_a_record_behind_a_header_is_its_hosts() -> None:
    line = '<13>1 2026-11-20T10:00:00Z %s app 1 - - @cee:{"time":"2026-11-20T08:00:00Z","msg":"started"}'
    first, second = (event((line % host).encode(), hint="syslog") for host in ("web1", "web2"))
    assert first.id != second.id
    assert at(second, "host.name") == "web2"


@pytest.mark.parametrize(
    "words",
    [
        ({"input": {"type": "text", "value": "A"}}, {"input": {"type": "text", "value": "B"}}),
        ({"source_type": "card"}, {"source_type": "cash"}),
        ({"source_type": "card", "file": "/a"}, {"source_type": "card", "file": "/b"}),
        ({"log": {"file": "a"}}, {"log": {"file": "b"}}),
        ({"beat": 1}, {"beat": 2}),
    ],
)
def test_the_words_of_an_unknown_sensor_are_its_own(words: tuple[dict[str, object], ...]) -> None:
    first, second = ({"time": "2026-11-20T08:00:00Z", "msg": "query", **own} for own in words)
    assert (event(first).id, event(first).digest) != (event(second).id, event(second).digest)
    assert event(first).digest != event(second).digest
    assert at(event(first), "sensor") == first


def test_what_stands_around_an_unknown_sensors_event_tells_it_apart() -> None:
    around = {"time": "2026-11-20T08:00:00Z", "event": {"action": "login"}}
    assert event(around | {"service": "billing"}).id != event(around | {"service": "web"}).id


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
