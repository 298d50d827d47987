"""The test bench: what the door would make of a record, without storing anything."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.sensors import bench
from services.api.settings import ApiSettings
from shared import clock
from shared.models import OutboxMessage, QuarantinedRecord
from shared.normalise import pipeline
from shared.normalise.event import Event, SensorProfile
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import Tenant, make_sensor

ALERT = (
    '{"timestamp": "2026-11-24T10:00:00.000001+0000", "flow_id": 1001, "event_type": "alert", "src_ip": "10.0.0.1",'
    ' "dest_ip": "192.0.2.7", "proto": "TCP", "alert": {"signature_id": 2001219, "gid": 1, "rev": 20, "severity": 2,'
    ' "signature": "ET SCAN Potential SSH Scan", "category": "Attempted Information Leak", "action": "allowed"}}'
)


async def outcome(api: Api, path: str, **body: Any) -> dict[str, Any]:
    reply = await api.post(path, body)
    assert reply.status_code == 200, reply.text
    (found,) = reply.json()["outcomes"]
    return dict(found)


async def test_a_record_becomes_what_the_door_makes_of_it(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor = await make_sensor(session, acme, format="suricata_eve", severity_overrides={"1:2001219": 5, "2001219": 5})
    found = await outcome(api, f"sensors/{sensor.id}/test", record=ALERT)
    profile = SensorProfile(sensor.id, acme.id, sensor.name, "suricata_eve", severity_overrides={"2001219": 5})
    ((_, event),) = pipeline.normalise_request([ALERT.encode()], hint=None, sensor=profile, received_at=clock.now())
    assert isinstance(event, Event)
    assert (found["outcome"], found["id"], found["fingerprint"]) == ("event", str(event.id), event.fingerprint.hex())
    assert (found["kind"], found["title"], found["severity"]) == ("alert", "ET SCAN Potential SSH Scan", 5)
    assert found["document"]["source"]["ip"] == "10.0.0.1"
    for table in (OutboxMessage, QuarantinedRecord):
        ours = select(func.count()).select_from(table).where(table.organization_id == acme.id)
        assert await session.scalar(ours) == 0


async def test_a_record_that_would_wait_says_why(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor = await make_sensor(session, acme, format="suricata_eve")
    found = await outcome(api, f"sensors/{sensor.id}/test", record='{"half')
    assert (found["outcome"], found["reason"]) == ("rejected", "not_json")


async def test_a_record_the_sensor_leaves_out_says_so(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor = await make_sensor(session, acme, ignored_types=["suricata_eve:alert"])
    found = await outcome(api, f"sensors/{sensor.id}/test", record=ALERT)
    assert found == {"outcome": "ignored", "type": "suricata_eve:alert"}


async def test_the_format_in_the_path_wins(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor = await make_sensor(session, acme, format="suricata_eve")
    found = await outcome(api, f"sensors/{sensor.id}/test", record="some words", format="text")
    assert found["outcome"] == "event"


async def test_nobody_needs_a_sensor_to_try(api: Api) -> None:
    record = "<34>Oct 11 22:14:15 gate su: failed for root"
    found = await outcome(api, "sensors/test", record=record, format="syslog", zone="Europe/Vienna")
    assert (found["outcome"], found["document"]["host"]["name"]) == ("event", "gate")
    assert found["time"].endswith("20:14:15Z"), "summer time in Vienna"
    assert (await outcome(api, "sensors/test", record=ALERT))["kind"] == "alert"


async def test_where_several_are_sent_in_one_all_are_shown(api: Api) -> None:
    alerts = [{"status": "firing", "labels": {"alertname": name}, "startsAt": "2026-11-24T10:00:00Z"} for name in "abc"]
    post = orjson.dumps({"version": "4", "groupKey": "{}", "status": "firing", "alerts": alerts}).decode()
    reply = (await api.post("sensors/test", {"record": post})).json()
    assert [one["outcome"] for one in reply["outcomes"]] == ["event"] * 3


@pytest.mark.parametrize("record", ["", "x" * 65_537, "\u00fc" * 32_769])
async def test_a_record_has_its_bounds(api: Api, record: str) -> None:
    reply = await api.post("sensors/test", {"record": record})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "#/record")


def test_a_log_of_too_many_lines_is_refused_and_not_read() -> None:
    header = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\n#types\ttime\tstring\n"
    log = header + "1.0\tC1\n" * 101
    sensor = SensorProfile(UUID(int=1), UUID(int=2))
    (rejected,) = bench.read_as_sent(log.encode(), hint="zeek_json", sensor=sensor, received_at=clock.now())
    assert getattr(rejected, "reason", None) == "several_records"


@pytest.mark.parametrize(
    ("settings", "door"),
    [
        ({"ingest_public_url": "https://door.example.org/"}, "https://door.example.org/ingest/v1/events"),
        ({"public_url": "https://soc.example.org"}, "https://soc.example.org/ingest/v1/events"),
        ({}, "http://api/ingest/v1/events"),
    ],
)
async def test_a_snippet_knows_where_the_door_is_and_no_key(
    bare_settings: ApiSettings, acme: Tenant, session: AsyncSession, settings: dict[str, str], door: str
) -> None:
    async with running(bare_settings.model_copy(update=settings), acme.token) as api:
        made = (await api.post("sensors", {"name": "edge"})).json()
        reply = await api.get(f"sensors/{made['id']}/snippet", params={"shipper": "curl"})
    assert reply.status_code == 200
    assert f'"{door}"' in reply.json()["text"]
    assert made["key"]["prefix"] not in reply.text
