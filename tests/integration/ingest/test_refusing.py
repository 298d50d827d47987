"""What the door says no to, and how: status, code, Retry-After, and nothing published."""

import base64
from collections.abc import Iterator
from pathlib import Path

import orjson
import zstandard

from services.ingest.refusals import REFUSALS
from shared import problem
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.ingest.doors import (
    Client,
    Registered,
    accounted,
    alert,
    fresh_key,
    gzipped,
    key_id_of,
    make_sensor,
    ndjson,
    running,
    settings,
)

GOOD = orjson.dumps(alert(1))


def pair(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def test_every_form_of_a_key_is_understood(door: Client, sensor: Registered) -> None:
    key = sensor.key
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"bearer   {key}"},
        {"Authorization": f"ApiKey {pair(f'id:{key}')}"},
        {"Authorization": f"APIKey {pair(f'id:{key}')}"},
        {"Authorization": f"Basic {pair(f'elastic:{key}')}"},
        {"X-API-Key": key},
    ):
        reply = await door.http.post("/ingest/v1/events", content=GOOD, headers=headers)
        assert reply.status_code == 202, headers


async def test_a_key_that_is_missing_or_unknown(door: Client, sensor: Registered) -> None:
    wrong = sensor.key[:-1] + ("A" if sensor.key[-1] != "A" else "B")
    for headers, code in (
        ({}, "no_key"),
        ({"Authorization": "Digest x"}, "no_key"),
        ({"Authorization": "Basic !!!"}, "no_key"),
        ({"Authorization": f"Bearer {wrong}"}, "unknown_key"),
        ({"Authorization": f"Bearer {fresh_key()}"}, "unknown_key"),
        ({"X-API-Key": "\u00e9" * 20}, "unknown_key"),
    ):
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        reply = await door.http.post("/ingest/v1/events", content=GOOD, headers=encoded)
        assert (reply.status_code, reply.json()["code"]) == (401, code), headers
        assert reply.headers["www-authenticate"].startswith("Bearer")
    reply = await door.http.post(f"/ingest/v1/hook/{fresh_key()}", content=GOOD)
    assert (reply.status_code, reply.json()["code"]) == (401, "unknown_key")


async def test_a_disabled_sensor(rabbitmq: Rabbitmq, postgres: Postgres, tmp_path: Path) -> None:
    sensor = await make_sensor(postgres, status="disabled")
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path)) as door:
        reply = await door.post(sensor, GOOD)
        assert (reply.status_code, reply.json()["code"]) == (403, "sensor_disabled")


def hopeless_bodies() -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """The code expected, the body, and its headers."""
    gzip, zstd = {"content_encoding": "gzip"}, {"content_encoding": "zstd"}
    yield "no_records", b"", {}
    yield "no_records", b" \r\n\n", {}
    yield "no_records", b"[]", {}
    yield "no_records", gzipped(b""), gzip
    yield "undecodable_body", b"\x1f\x8bnot gzip", {}
    yield "undecodable_body", gzipped(GOOD)[:-6], gzip
    yield "undecodable_body", GOOD, gzip
    yield "undecodable_body", zstandard.compress(GOOD)[:-3], zstd
    yield "unsupported_encoding", GOOD, {"content_encoding": "br"}
    yield "unsupported_encoding", GOOD, {"content_encoding": "gzip, gzip"}
    yield "unsupported_media_type", GOOD, {"content_type": "multipart/form-data; boundary=x"}
    yield "unsupported_media_type", GOOD, {"content_type": "Image/PNG"}
    yield "too_many_records", b"x\n" * 10_001, {}
    yield "body_too_large", b"x" * ((50 << 20) + 1), {}
    yield "body_too_large", b"x" * ((10 << 20) + 1), zstd
    yield "decoded_too_large", gzipped(b"x" * ((50 << 20) + 1)), gzip
    yield "decoded_too_large", zstandard.compress(b"x" * ((50 << 20) + 1)), zstd


async def test_bodies_that_hold_no_records(door: Client, sensor: Registered, rabbitmq: Rabbitmq) -> None:
    for code, body, headers in hopeless_bodies():
        reply = await door.post(sensor, body, x_request_id="mine", **headers)
        said = reply.json()
        assert (reply.status_code, said["code"]) == (REFUSALS[code].status, code)
        assert reply.headers["content-type"] == problem.MEDIA_TYPE
        assert said["correlation_id"] == "mine"
        assert said["detail"]
        assert ("gzip" in reply.headers.get("accept-encoding", "")) == (reply.status_code == 415)
    assert await rabbitmq.take("events.received") == await rabbitmq.take("events.quarantined") == []


async def test_paths_and_methods(door: Client, sensor: Registered) -> None:
    assert (await door.post(sensor, GOOD, "/ingest/v1/events/nonsense")).json()["code"] == "unknown_format"
    assert (await door.post(sensor, GOOD, "/ingest/v1/events/Suricata_EVE")).status_code == 202
    reply = await door.http.get("/ingest/v1/events")
    assert (reply.status_code, reply.headers["allow"], reply.json()["code"]) == (405, "POST", "method_not_allowed")
    reply = await door.http.post("/ingest/v2/events", content=GOOD)
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


async def test_the_sensors_budget(rabbitmq: Rabbitmq, postgres: Postgres, tmp_path: Path) -> None:
    slow = await make_sensor(postgres, rate_per_second=1)
    other = await make_sensor(postgres)
    wanted = settings(rabbitmq, postgres.url("ingest"), tmp_path, ingest_burst_seconds=5)
    async with running(wanted) as door:
        assert (await door.post(slow, ndjson(*(alert(n) for n in range(20))))).status_code == 202
        await rabbitmq.take("events.received")
        reply = await door.post(slow, GOOD)
        assert (reply.status_code, reply.json()["code"]) == (429, "rate_limited")
        assert 16 <= int(reply.headers["retry-after"]) <= 25
        assert await rabbitmq.take("events.received") == []
        assert (await door.post(other, GOOD)).status_code == 202


async def test_refusals_are_accounted_and_reported_until_confirmed(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq, postgres: Postgres
) -> None:
    stats = {"timestamp": "2026-11-24T10:00:00.000000+0000", "event_type": "stats", "stats": {"uptime": 1}}
    await door.post(sensor, ndjson(alert(1), alert(2), stats) + b'{"broken":\n' + b"x" * ((1 << 20) + 1))
    await door.post(sensor, b"")
    await door.post(sensor, GOOD, content_encoding="br")
    await door.app.parts.accounts.report()
    rows = await accounted(rabbitmq)
    assert {row.sensor_id for row in rows} == {sensor.id}
    assert {tuple(row.keys) for row in rows} == {(await key_id_of(postgres, sensor),)}
    assert sum(row.requests for row in rows) == 3
    assert sum(row.accepted for row in rows) == 3  # two events, one in quarantine
    assert sum(row.ignored for row in rows) == 1
    assert {code: count for row in rows for code, count in row.refused.items()} == {
        "record_too_large": 1,
        "no_records_requests": 1,
        "unsupported_encoding_requests": 1,
    }
