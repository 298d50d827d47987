"""What people do with sensors and their keys; every change leaves word in the outbox."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, preconditions, trail
from services.api.auth import credentials
from services.api.auth.credentials import Credential
from services.api.deps import Trace
from services.api.principal import Principal
from services.api.sensors import queries
from services.api.sensors.schemas import SensorCreate, SensorRead, SensorUpdate
from shared import clock
from shared.domain.sensor import is_silent
from shared.errors import Conflict, NotFound
from shared.models import Sensor, SensorKey

# A sensor needs two while it changes over; the rest is for fleets that change over slowly.
MOST_GOOD_KEYS = 20
_NAME_IS_UNIQUE = "uq_sensors_organization_id_name"
_COLUMNS = SensorRead.model_fields.keys() - {"silent"}


class SensorNotFound(NotFound):
    """There is no such sensor."""

    code = "sensor_not_found"


class KeyNotFound(NotFound):
    """The sensor has no such key."""

    code = "key_not_found"


class SensorNameTaken(Conflict):
    """Another sensor of the organization has this name."""

    code = "sensor_name_taken"


class TooManyKeys(Conflict):
    """The sensor has as many keys as it may; revoke one, or rotate with a shorter overlap."""

    code = "too_many_keys"


async def create(
    session: AsyncSession, wanted: SensorCreate, *, by: Principal, trace: Trace
) -> tuple[Sensor, SensorKey, Credential]:
    """A sensor with its first key. Raises SensorNameTaken, and what Principal.home does."""
    settings = wanted.model_dump(exclude_unset=True, exclude={"organization_id"})
    sensor = Sensor(organization_id=by.home(wanted.organization_id), **settings)
    session.add(sensor)
    await _flush(session)
    key, credential = _add_key(session, sensor)
    await _told(session, "sensor.created", sensor, by=by, trace=trace, key=key.prefix)
    return sensor, key, credential


async def one(session: AsyncSession, sensor_id: UUID, *, by: Principal) -> Sensor:
    """The sensor. Raises SensorNotFound."""
    sensor = await session.scalar(queries.one(by, sensor_id))
    if sensor is None:
        raise SensorNotFound
    return sensor


async def page(session: AsyncSession, *, by: Principal, after: tuple[str, UUID] | None, limit: int) -> Sequence[Sensor]:
    """Sensors by name, one more than `limit` if there are."""
    return (await session.scalars(queries.page(by, after=after, limit=limit))).all()


async def keys(session: AsyncSession, sensor: Sensor) -> Sequence[SensorKey]:
    """The sensor's newest keys."""
    return (await session.scalars(queries.keys_of(sensor.id))).all()


async def update(
    session: AsyncSession,
    sensor_id: UUID,
    wanted: SensorUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> Sensor:
    """Change what `wanted` names. Raises SensorNotFound, SensorNameTaken, and what preconditions.check does."""
    sensor = await _locked(session, sensor_id, by)
    preconditions.check(expected, sensor.revision, lambda: shown(sensor).model_dump(mode="json"))
    values = wanted.model_dump(exclude_unset=True)
    before = trail.snapshot(sensor, values)
    for name, value in values.items():
        setattr(sensor, name, value)
    if changes := trail.differences(sensor, before):
        sensor.revision += 1
        await _flush(session)
        await _told(session, "sensor.changed", sensor, by=by, trace=trace, changes=changes)
    return sensor


async def rotate_key(
    session: AsyncSession, sensor_id: UUID, *, overlap_seconds: int, by: Principal, trace: Trace
) -> tuple[SensorKey, Credential]:
    """A fresh key; those that are good stay so for the overlap, unless they end before, or end at once.

    Raises SensorNotFound, TooManyKeys.
    """
    sensor = await _locked(session, sensor_id, by)
    now = clock.now()
    old = (await session.scalars(queries.good_keys_of(sensor.id, now))).all()
    if overlap_seconds and len(old) >= MOST_GOOD_KEYS:
        raise TooManyKeys
    until = now + timedelta(seconds=overlap_seconds)
    for key in old:
        if not overlap_seconds:
            key.revoked_at = now
        elif key.expires_at is None or key.expires_at > until:
            key.expires_at = until
    key, credential = _add_key(session, sensor)
    await _told(session, "sensor.key_made", sensor, by=by, trace=trace, key=key.prefix, overlap_seconds=overlap_seconds)
    return key, credential


async def revoke_key(session: AsyncSession, sensor_id: UUID, key_id: UUID, *, by: Principal, trace: Trace) -> None:
    """End a key at once; one that was revoked before stays as it was. Raises SensorNotFound, KeyNotFound."""
    sensor = await _locked(session, sensor_id, by)
    key = await session.get(SensorKey, key_id)
    if key is None or key.sensor_id != sensor.id:
        raise KeyNotFound
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        await _told(session, "sensor.key_revoked", sensor, by=by, trace=trace, key=key.prefix)


def shown(sensor: Sensor) -> SensorRead:
    """The sensor as callers see it."""
    silent = is_silent(
        heard_at=sensor.last_seen_at,
        made_at=sensor.created_at,
        expected=sensor.expected_interval,
        active=sensor.status == "active",
        now=clock.now(),
    )
    return SensorRead.model_validate({name: getattr(sensor, name) for name in _COLUMNS} | {"silent": silent})


async def _locked(session: AsyncSession, sensor_id: UUID, by: Principal) -> Sensor:
    """The sensor, which nobody else changes until the transaction ends: two rotations must see each other."""
    sensor = await session.scalar(queries.one(by, sensor_id).with_for_update(key_share=True))
    if sensor is None:
        raise SensorNotFound
    return sensor


def _add_key(session: AsyncSession, sensor: Sensor) -> tuple[SensorKey, Credential]:
    credential = credentials.make(credentials.SENSOR_KEY)
    key = SensorKey(
        organization_id=sensor.organization_id,
        sensor_id=sensor.id,
        key_hash=credential.digest,
        prefix=credential.prefix,
    )
    session.add(key)
    return key, credential


async def _told(
    session: AsyncSession,
    action: str,
    sensor: Sensor,
    *,
    by: Principal,
    trace: Trace,
    changes: trail.Changes | None = None,
    **details: Any,
) -> None:
    trail.record_of(session, action, sensor, by=by, trace=trace, changes=changes, name=sensor.name, **details)
    outbox.changed(session, "sensor", [sensor.id], organization_id=sensor.organization_id, trace=trace)
    await session.flush()


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        if _NAME_IS_UNIQUE in str(error.orig):
            raise SensorNameTaken from error
        raise
