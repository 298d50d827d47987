"""The balance sheet: doors against the writer, minute by minute, with what is missing named on its side."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import Sensor, SensorAccount
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_sensor

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAN = {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T13:00:00Z"}


@pytest.fixture
async def sensor(session: AsyncSession, acme: Tenant) -> Sensor:
    return await make_sensor(session, acme)


async def told(session: AsyncSession, sensor: Sensor, source: str, minute: int = 0, **counters: Any) -> None:
    session.add(
        SensorAccount(
            sensor_id=sensor.id,
            organization_id=sensor.organization_id,
            minute=NOON + timedelta(minutes=minute),
            source=source,
            **counters,
        )
    )
    await session.commit()


async def sheet(api: Api, sensor: Sensor, **params: str) -> dict[str, Any]:
    reply = await api.get(f"sensors/{sensor.id}/accounts", params=SPAN | params)
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


async def test_all_doors_are_added_up_and_what_is_missing_is_in_flight(
    api: Api, session: AsyncSession, sensor: Sensor
) -> None:
    await told(
        session, sensor, "door-1", requests=3, accepted=60, ignored=2, unconfirmed=5, refused={"record_too_large": 1}
    )
    await told(session, sensor, "door-2", requests=1, accepted=40, refused={"record_too_large": 2, "busy_requests": 4})
    await told(session, sensor, "writer", stored=70, duplicate=7, quarantined=2, discarded=1)
    found = await sheet(api, sensor)
    assert found["total"] == {
        "requests": 4,
        "accepted": 100,
        "stored": 70,
        "duplicate": 7,
        "quarantined": 2,
        "discarded": 1,
        "in_flight_or_parked": 20,
        "unreported": 0,
        "ignored": 2,
        "unconfirmed": 5,
        "refused": {"record_too_large": 3, "busy_requests": 4},
    }
    assert (found["from"], found["to"]) == (SPAN["from"], SPAN["to"])
    assert found["minutes"] is None


async def test_more_settled_than_told_is_unreported(api: Api, session: AsyncSession, sensor: Sensor) -> None:
    await told(session, sensor, "door", accepted=10)
    await told(session, sensor, "writer", stored=12, duplicate=2, discarded=1)
    total = (await sheet(api, sensor))["total"]
    assert (total["in_flight_or_parked"], total["unreported"]) == (0, 5)


async def test_an_unreported_minute_does_not_hide_what_is_in_flight_in_another(
    api: Api, session: AsyncSession, sensor: Sensor
) -> None:
    await told(session, sensor, "writer", minute=0, stored=5)
    await told(session, sensor, "door", minute=1, accepted=5, refused={"x": 1})
    found = await sheet(api, sensor, step="minute")
    total = found["total"]
    assert (total["in_flight_or_parked"], total["unreported"]) == (5, 5)
    assert total["accepted"] + total["unreported"] == (
        sum(total[name] for name in ("stored", "duplicate", "quarantined", "discarded", "in_flight_or_parked"))
    )
    first, second = found["minutes"]
    assert (first["minute"], first["unreported"], first["refused"]) == ("2026-11-24T12:00:00Z", 5, {})
    assert (second["minute"], second["in_flight_or_parked"], second["refused"]) == ("2026-11-24T12:01:00Z", 5, {"x": 1})


async def test_the_span_holds_its_first_minute_and_not_its_last(
    api: Api, session: AsyncSession, sensor: Sensor
) -> None:
    for minute, accepted in {-1: 1000, 0: 1, 59: 10, 60: 1000}.items():
        await told(session, sensor, "door", minute=minute, accepted=accepted)
    assert (await sheet(api, sensor))["total"]["accepted"] == 11


async def test_a_span_within_minutes_holds_them_whole(api: Api, session: AsyncSession, sensor: Sensor) -> None:
    await told(session, sensor, "door", minute=0, accepted=1)
    await told(session, sensor, "door", minute=1, accepted=10)
    found = await sheet(api, sensor, **{"from": "2026-11-24T13:00:30+01:00", "to": "2026-11-24T12:01:01Z"})
    assert found["total"]["accepted"] == 11
    assert (found["from"], found["to"]) == ("2026-11-24T12:00:00Z", "2026-11-24T12:02:00Z")


async def test_a_sensor_that_sent_nothing_has_an_empty_sheet(api: Api, sensor: Sensor) -> None:
    reply = await api.get(f"sensors/{sensor.id}/accounts", params={"step": "minute"})
    found = reply.json()
    assert found["minutes"] == []
    assert found["total"]["accepted"] == 0
    assert found["total"]["refused"] == {}
    assert datetime.fromisoformat(found["to"]) - datetime.fromisoformat(found["from"]) <= timedelta(minutes=62)


async def test_great_numbers_stay_whole(api: Api, session: AsyncSession, sensor: Sensor) -> None:
    for minute in range(3):
        await told(session, sensor, "door", minute=minute, accepted=2**61)
    assert (await sheet(api, sensor))["total"]["accepted"] == 3 * 2**61


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T12:00:00Z"},
        {"from": "2026-11-24T13:00:00Z", "to": "2026-11-24T12:00:00Z"},
        {"from": "2026-11-22T12:00:00Z", "to": "2026-11-24T12:00:00Z", "step": "minute"},
        {"from": "2025-11-22T12:00:00Z", "to": "2026-11-24T12:00:00Z"},
        {"from": "2026-11-24T12:00:00", "to": "2026-11-24T13:00:00Z"},
        {"from": "0001-01-01T00:00:00+14:00", "to": "0001-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59.999Z"},
        {"to": "0001-01-01T00:00:00Z"},
        {"step": "second"},
        {"from": "yesterday"},
    ],
)
async def test_a_span_that_is_none_is_refused(api: Api, sensor: Sensor, params: dict[str, str]) -> None:
    assert (await api.get(f"sensors/{sensor.id}/accounts", params=params)).status_code == 422
