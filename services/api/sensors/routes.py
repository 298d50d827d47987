"""`/sensors`: registered senders, their keys, and what became of what they sent."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from services.api import pagination
from services.api.auth.permissions import SensorReader, SensorWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import SHOWN_ONCE
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.sensors import service
from services.api.sensors.schemas import (
    KeyCreated,
    KeyRead,
    KeyRotate,
    SensorCreate,
    SensorCreated,
    SensorDetail,
    SensorRead,
    SensorUpdate,
)
from shared.models import SensorKey

router = APIRouter(prefix="/sensors", tags=["sensors"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(409, 413, 415), dependencies=[SHOWN_ONCE])
async def create_sensor(
    wanted: SensorCreate, caller: SensorWriter, session: Session, trace: RequestTrace, response: Response
) -> SensorCreated:
    """Register a sensor. The reply holds its key, this once."""
    sensor, key, credential = await service.create(session, wanted, by=caller, trace=trace)
    response.headers["ETag"] = etag(sensor.revision)
    return SensorCreated(**service.shown(sensor).model_dump(), key=_created(key, credential.secret))


@router.get("")
async def list_sensors(
    caller: SensorReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[SensorRead]:
    """Sensors by name."""
    after = pagination.decode(cursor, str, UUID) if cursor is not None else None
    rows = await service.page(session, by=caller, after=after, limit=limit)
    items, next_cursor = pagination.cut(rows, limit, lambda sensor: (sensor.name, sensor.id))
    return Page(items=[service.shown(sensor) for sensor in items], next_cursor=next_cursor)


@router.get("/{sensor_id}", responses=problems(404))
async def get_sensor(sensor_id: UUID, caller: SensorReader, session: Session, response: Response) -> SensorDetail:
    """One sensor with its keys."""
    sensor = await service.one(session, sensor_id, by=caller)
    response.headers["ETag"] = etag(sensor.revision)
    keys = [KeyRead.model_validate(key) for key in await service.keys(session, sensor)]
    return SensorDetail(**service.shown(sensor).model_dump(), keys=keys)


@router.patch("/{sensor_id}", responses=problems(404, 409, 412, 413, 415, 428))
async def update_sensor(
    *,
    sensor_id: UUID,
    wanted: SensorUpdate,
    caller: SensorWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> SensorRead:
    """Rename a sensor, enable or disable it, or change its settings."""
    sensor = await service.update(session, sensor_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(sensor.revision)
    return service.shown(sensor)


@router.post(
    "/{sensor_id}/keys",
    status_code=status.HTTP_201_CREATED,
    responses=problems(404, 409, 413, 415),
    dependencies=[SHOWN_ONCE],
)
async def rotate_key(
    sensor_id: UUID,
    caller: SensorWriter,
    session: Session,
    trace: RequestTrace,
    wanted: KeyRotate | None = None,
) -> KeyCreated:
    """Make a fresh key. The old ones stay good for the overlap, so that nothing is lost while it is handed out."""
    key, credential = await service.rotate_key(
        session, sensor_id, overlap_seconds=(wanted or KeyRotate()).overlap_seconds, by=caller, trace=trace
    )
    return _created(key, credential.secret)


@router.delete("/{sensor_id}/keys/{key_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(404))
async def revoke_key(
    sensor_id: UUID, key_id: UUID, caller: SensorWriter, session: Session, trace: RequestTrace
) -> None:
    """End a key: doors hear of it within seconds, or when they can read the database again."""
    await service.revoke_key(session, sensor_id, key_id, by=caller, trace=trace)


def _created(key: SensorKey, secret: str) -> KeyCreated:
    return KeyCreated(**KeyRead.model_validate(key).model_dump(), key=secret)
