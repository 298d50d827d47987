"""SQL over sensors and their keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, tuple_

from services.api.principal import Principal
from shared.models import Sensor, SensorKey

KEYS_SHOWN = 100


def visible_to(principal: Principal) -> Select[Sensor]:
    """The sensors of the caller's organizations."""
    return select(Sensor).where(Sensor.organization_id.in_(principal.organization_ids))


def page(principal: Principal, *, after: tuple[str, UUID] | None, limit: int) -> Select[Sensor]:
    """Sensors by name, behind `after`, one more than `limit`."""
    statement = visible_to(principal).order_by(Sensor.name, Sensor.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Sensor.name, Sensor.id) > tuple_(*after))
    return statement


def one(principal: Principal, sensor_id: UUID) -> Select[Sensor]:
    """That sensor, if the caller may see it."""
    return visible_to(principal).where(Sensor.id == sensor_id)


def keys_of(sensor_id: UUID) -> Select[SensorKey]:
    """The sensor's newest keys, good or not."""
    return (
        select(SensorKey)
        .where(SensorKey.sensor_id == sensor_id)
        .order_by(SensorKey.created_at.desc(), SensorKey.id.desc())
        .limit(KEYS_SHOWN)
    )


def good_keys_of(sensor_id: UUID, now: datetime) -> Select[SensorKey]:
    """The keys a sensor can sign in with."""
    return select(SensorKey).where(
        SensorKey.sensor_id == sensor_id,
        SensorKey.revoked_at.is_(None),
        or_(SensorKey.expires_at.is_(None), SensorKey.expires_at > now),
    )
