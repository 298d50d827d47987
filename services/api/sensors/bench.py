"""The test bench: paste a record, see the event it would become at the door, or why it would wait in quarantine."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import APIRouter

from services.api.auth.permissions import SensorReader
from services.api.deps import Session
from services.api.errors import problems
from services.api.sensors import service
from services.api.sensors.schemas import RecordTrial, UnregisteredTrial
from services.api.trial import Trial, trial
from shared import clock, ids
from shared.models import Sensor
from shared.normalise import pipeline, reread
from shared.normalise.event import Outcome, Rejected, SensorProfile
from shared.normalise.profile import profile

router = APIRouter(prefix="/sensors", tags=["sensors"])

_SETTINGS = ("id", "organization_id", "name", "format", "zone", "ignored_types", "severity_overrides")


@router.post("/test", responses=problems(413, 415))
async def try_record(wanted: UnregisteredTrial, caller: SensorReader) -> Trial:
    """What the door would make of a record of a sensor that is not registered yet. Nothing is stored.

    Ids hold the sensor, so those of the real one's events are others.
    """
    home = ids.plain(caller.home(wanted.organization_id))
    sensor = SensorProfile(ids.plain(ids.NIL), home, format=wanted.format, zone=wanted.zone)
    return await _tried(wanted, sensor)


@router.post("/{sensor_id}/test", responses=problems(404, 413, 415))
async def try_sensor_record(sensor_id: UUID, wanted: RecordTrial, caller: SensorReader, session: Session) -> Trial:
    """What the door would make of a record of this sensor, as it is set now. Nothing is stored."""
    return await _tried(wanted, _profile(await service.one(session, sensor_id, by=caller)))


def _profile(sensor: Sensor) -> SensorProfile:
    return profile({name: getattr(sensor, name) for name in _SETTINGS})


async def _tried(wanted: RecordTrial, sensor: SensorProfile) -> Trial:
    read = partial(read_as_sent, wanted.record.encode(), hint=wanted.format, sensor=sensor, received_at=clock.now())
    return await asyncio.to_thread(trial, read)


def read_as_sent(record: bytes, *, hint: str | None, sensor: SensorProfile, received_at: datetime) -> Sequence[Outcome]:
    """What the door makes of a request with this one record and no Idempotency-Key."""
    pieces = reread.pieces_of(record, hint or sensor.format)
    if pieces is None:
        return [Rejected("several_records", f"holds more than {reread.MAX_PIECES} records")]
    outcomes = pipeline.normalise_request(pieces, hint=hint, sensor=sensor, received_at=received_at)
    return [outcome for _, outcome in outcomes]
