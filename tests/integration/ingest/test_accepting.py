"""What goes in at the door is in the queue, record by record, and the reply says what became of each."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest
import zstandard

from shared.bus import messages
from shared.bus.messages import EventBatch, Quarantined
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.ingest.doors import Client, Registered, alert, gzipped, make_sensor, ndjson, taken

RECEIVED, QUARANTINED = "events.received", "events.quarantined"


def events_of(envelopes: list[EventBatch]) -> dict[UUID, messages.EventItem]:
    return {item.event.id: item for envelope in envelopes for item in envelope.items}


async def test_every_accepted_event_is_in_the_queue_as_it_was_sent(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    lines = [orjson.dumps(alert(number)) for number in range(450)]
    reply = await door.post(sensor, b"\n".join(lines), x_request_id="trace-me")
    assert reply.status_code == 202
    body = reply.json()
    assert (body["accepted"], body["rejected"], body["ignored"], body["refused"]) == (450, 0, 0, 0)
    assert [item["index"] for item in body["items"]] == list(range(450))
    envelopes = await taken(rabbitmq, RECEIVED, EventBatch)
    assert len(envelopes) >= 3
    assert all(len(envelope.items) <= messages.MAX_ENVELOPE_EVENTS for envelope in envelopes)
    stored = events_of(envelopes)
    for item in body["items"]:
        found = stored[UUID(item["event_id"])]
        assert found.event.original == lines[item["index"]]
        assert found.index == item["index"]
    request = envelopes[0].requests[0]
    assert request.sensor_id == sensor.id
    assert request.items_total == 450
    assert request.correlation_id == "trace-me" == reply.headers["x-request-id"]
    assert str(request.batch_id) == body["batch_id"]
    assert {envelope.organization_id for envelope in envelopes} == {sensor.organization_id}


async def test_a_message_carries_correlation_and_trace(door: Client, sensor: Registered, rabbitmq: Rabbitmq) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    reply = await door.post(sensor, ndjson(alert(1)), traceparent=trace)
    assert reply.headers["x-request-id"] == "0af7651916cd43dd8448eb211c80319c"
    [message] = await rabbitmq.take(RECEIVED)
    assert message.correlation_id == "0af7651916cd43dd8448eb211c80319c"
    assert message.headers["traceparent"] == trace
    assert message.headers["x-schema"] == "EventBatch.v1"
    assert message.routing_key == f"events.received.{sensor.organization_id}"
    envelope = messages.decode(message.body, EventBatch)
    assert envelope.requests[0].traceparent == trace


async def test_one_record_is_named_by_its_own_id(door: Client, sensor: Registered) -> None:
    good = (await door.post(sensor, orjson.dumps(alert(1)))).json()
    assert good["batch_id"] == good["items"][0]["event_id"]
    bad = (await door.post(sensor, b'{"broken":')).json()
    assert bad["batch_id"] == bad["items"][0]["quarantine_id"]


async def test_sent_again_it_has_the_same_ids(door: Client, sensor: Registered) -> None:
    body = ndjson(alert(1), alert(2)) + b'{"broken":\n'
    first, second = [(await door.post(sensor, body)).json()["items"] for _ in range(2)]
    assert first == [
        item | {"problem": {**item["problem"], "correlation_id": old["problem"]["correlation_id"]}}
        if "problem" in item
        else item
        for item, old in zip(second, first, strict=True)
    ]


async def test_a_bad_line_goes_to_quarantine_and_its_neighbours_do_not(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    lines = [orjson.dumps(alert(1)), b'{"event_type":"alert","x":', orjson.dumps(alert(2)), b'{"a":"\xff"}']
    reply = await door.post(sensor, b"\r\n".join(lines) + b"\r\n\r\n", "/ingest/v1/events/suricata_eve")
    assert reply.status_code == 207
    body = reply.json()
    assert (body["accepted"], body["rejected"]) == (2, 2)
    assert [item["status"] for item in body["items"]] == [202, 422, 202, 422]
    problem = body["items"][1]["problem"]
    assert problem["index"] == 1
    assert problem["code"] == "not_json"
    assert problem["detail"]
    assert problem["correlation_id"] == reply.headers["x-request-id"]
    [envelope] = await taken(rabbitmq, QUARANTINED, Quarantined)
    kept = {item.index: item for item in envelope.items}
    assert {index: item.record for index, item in kept.items()} == {1: lines[1], 3: lines[3]}
    assert {str(item.id) for item in envelope.items} == {body["items"][n]["quarantine_id"] for n in (1, 3)}
    assert envelope.requests[0].hint == "suricata_eve"
    assert envelope.requests[0].items_total == 4
    assert len(events_of(await taken(rabbitmq, RECEIVED, EventBatch))) == 2


async def test_ignored_types_are_counted_and_not_published(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    stats = {"timestamp": "2026-11-24T10:00:00.000000+0000", "event_type": "stats", "stats": {"uptime": 1}}
    reply = await door.post(sensor, ndjson(stats, alert(1)))
    assert reply.status_code == 202
    assert (reply.json()["accepted"], reply.json()["ignored"]) == (1, 1)
    assert reply.json()["items"][0] == {"index": 0, "status": 200, "ignored": "suricata_eve:stats"}
    assert len(events_of(await taken(rabbitmq, RECEIVED, EventBatch))) == 1


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "GZIP", "x-gzip", "identity", "none said"])
async def test_compressed_bodies(door: Client, sensor: Registered, rabbitmq: Rabbitmq, encoding: str) -> None:
    plain = ndjson(*(alert(number) for number in range(20)))
    sent = {"zstd": zstandard.compress(plain), "identity": plain}.get(encoding, gzipped(plain))
    headers = {} if encoding == "none said" else {"content_encoding": encoding}
    reply = await door.post(sensor, sent, **headers)
    assert (reply.status_code, reply.json()["accepted"]) == (202, 20)
    assert len(events_of(await taken(rabbitmq, RECEIVED, EventBatch))) == 20


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", orjson.dumps([alert(1), alert(2)])),
        ("application/json", orjson.dumps(alert(1), option=orjson.OPT_INDENT_2) * 2),
        ("text/plain", ndjson(alert(1), alert(2))),
        ("application/x-www-form-urlencoded", ndjson(alert(1), alert(2))),
        ("application/vnd.elasticsearch+x-ndjson; compatible-with=9", b"\xef\xbb\xbf" + ndjson(alert(1), alert(2))),
    ],
)
async def test_the_bytes_say_what_they_are(door: Client, sensor: Registered, content_type: str, body: bytes) -> None:
    reply = await door.post(sensor, body, content_type=content_type)
    assert reply.json()["accepted"] in (1, 2)
    assert reply.status_code == 202


async def test_a_record_over_a_mebibyte_is_refused_in_its_item(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    huge = orjson.dumps(alert(1, payload="x" * (1 << 20)))
    reply = await door.post(sensor, huge + b"\n" + orjson.dumps(alert(2)))
    assert reply.status_code == 207
    body = reply.json()
    assert (body["accepted"], body["rejected"], body["refused"]) == (1, 0, 1)
    assert body["items"][0]["status"] == 413
    assert body["items"][0]["problem"]["code"] == "record_too_large"
    alone = await door.post(sensor, huge)
    assert alone.status_code == 413
    assert alone.json()["code"] == "record_too_large"
    assert len(events_of(await taken(rabbitmq, RECEIVED, EventBatch))) == 1
    assert await rabbitmq.take(QUARANTINED) == []


async def test_small_requests_of_one_organization_share_an_envelope(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    replies = await asyncio.gather(
        *(door.post(sensor, orjson.dumps(alert(number)), x_request_id=f"r{number}") for number in range(40))
    )
    assert {reply.status_code for reply in replies} == {202}
    envelopes = await taken(rabbitmq, RECEIVED, EventBatch)
    assert len(envelopes) < 40
    stored = events_of(envelopes)
    for envelope in envelopes:
        for item in envelope.items:
            assert envelope.requests[item.request].batch_id == item.event.id
    assert {UUID(reply.json()["batch_id"]) for reply in replies} == set(stored)


async def test_items_can_be_left_out(door: Client, sensor: Registered) -> None:
    reply = await door.post(sensor, ndjson(alert(1)), "/ingest/v1/events?items=none")
    assert "items" not in reply.json()
    assert (await door.post(sensor, ndjson(alert(1)), "/ingest/v1/events?items=some")).status_code == 400


async def test_an_idempotency_key_is_identity_where_there_is_none(door: Client, sensor: Registered) -> None:
    def of(reply: Any) -> list[str]:
        return [item["event_id"] for item in reply.json()["items"]]

    body = b'{"msg":"hello"}\n{"msg":"hello"}'
    first = of(await door.post(sensor, body, idempotency_key="k-1"))
    assert len(set(first)) == 2
    assert of(await door.post(sensor, body, idempotency_key="k-1")) == first
    assert set(of(await door.post(sensor, body, idempotency_key="k-2"))).isdisjoint(first)
    assert set(of(await door.post(sensor, body))).isdisjoint(of(await door.post(sensor, body)))
    refused = await door.post(sensor, body, idempotency_key="k" * 256)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_idempotency_key")


LIKE_ZEEKS = b"#separator \\x09\n#fields\tts\nCEF:0|Example|Guard|1|7|Malware found|9|\n# important\n"


@pytest.mark.parametrize(("path", "records"), [("", 2), ("/zeek_tsv", 2), ("/cef", 4), ("/suricata_eve", 4)])
async def test_a_header_like_zeeks_counts_only_where_the_format_allows(
    door: Client, sensor: Registered, path: str, records: int
) -> None:
    reply = await door.post(sensor, LIKE_ZEEKS, path=f"/ingest/v1/events{path}")
    assert len(reply.json()["items"]) == records


async def test_nor_where_the_format_is_the_sensors_own(door: Client, postgres: Postgres) -> None:
    sensor = await make_sensor(postgres, format="cef")
    reply = await door.post(sensor, LIKE_ZEEKS)
    assert len(reply.json()["items"]) == 4


async def test_a_hook_takes_the_key_in_its_path(door: Client, sensor: Registered, rabbitmq: Rabbitmq) -> None:
    for path in (f"/ingest/v1/hook/{sensor.key}", f"/ingest/v1/hook/{sensor.key}/suricata_eve"):
        reply = await door.http.post(path, content=orjson.dumps(alert(1)))
        assert reply.status_code == 202
    [*envelopes] = await taken(rabbitmq, RECEIVED, EventBatch)
    paths = {request.path for envelope in envelopes for request in envelope.requests}
    assert paths == {"/ingest/v1/hook/{key}", "/ingest/v1/hook/{key}/{format}"}


async def test_the_envelope_line_names_every_correlation_id(
    door: Client, sensor: Registered, caplog: pytest.LogCaptureFixture
) -> None:
    named = [f"grep-me-{number}" for number in range(5)]
    await asyncio.gather(
        *(door.post(sensor, orjson.dumps(alert(number)), x_request_id=name) for number, name in enumerate(named))
    )
    lines: list[Any] = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    published = [line for line in lines if line["event"] == "envelope_published"]
    assert sorted(name for line in published for name in line["correlation_ids"]) == named
    assert not any("correlation_id" in line for line in published)  # it is not one request's line
