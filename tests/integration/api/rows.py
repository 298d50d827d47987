"""Rows for the api's tests: all that a test does not care about has a default."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.auth import credentials
from shared import clock, ids
from shared.models import Alert, ApiToken, Batch, Event, Membership, Organization, QuarantinedRecord, Sensor, User
from shared.normalise.body import pack_body
from shared.search.indices import event_index


@dataclass(frozen=True)
class Tenant:
    """An organization, and a token of its own."""

    id: UUID
    token: str


async def make_tenant(session: AsyncSession, name: str) -> Tenant:
    organization = Organization(name=f"{name} {secrets.token_hex(4)}")
    session.add(organization)
    await session.flush()
    return Tenant(organization.id, await make_token(session, organization.id))


async def make_token(session: AsyncSession, organization_id: UUID, *scopes: str, **values: Any) -> str:
    credential = credentials.make(credentials.TOKEN)
    token = {"name": "test", "scopes": list(scopes or ["*"])} | values
    session.add(ApiToken(organization_id=organization_id, token_hash=credential.digest, **token))
    await session.commit()
    return credential.secret


PASSWORD = "correct horse battery"
# Of PASSWORD, with parameters so weak that a test does not wait for it.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def make_person(session: AsyncSession, tenant: Tenant | None, role: str = "analyst", **values: Any) -> User:
    """Somebody with the password PASSWORD, a member of the organization if there is one."""
    defaults = {
        "email": f"{secrets.token_hex(6)}@Example.org",
        "name": f"{role} {secrets.token_hex(2)}",
        "password_hash": PASSWORD_HASH,
    }
    user = User(**(defaults | values))
    session.add(user)
    await session.flush()
    if tenant is not None:
        session.add(Membership(user_id=user.id, organization_id=tenant.id, role=role))
    await session.commit()
    return user


async def make_sensor(session: AsyncSession, tenant: Tenant, **values: Any) -> Sensor:
    sensor = Sensor(**({"organization_id": tenant.id, "name": f"sensor {secrets.token_hex(4)}"} | values))
    session.add(sensor)
    await session.commit()
    return sensor


async def make_alert(session: AsyncSession, tenant: Tenant, **values: Any) -> Alert:
    now = clock.now()
    defaults = {
        "organization_id": tenant.id,
        "fingerprint": secrets.token_bytes(16),
        "fold_window": 690,
        "title": "SSH brute force",
        "severity": 3,
        "sensor_severity": 3,
        "risk": 60,
        "first_seen": now,
        "last_seen": now,
    }
    alert = Alert(**(defaults | values))
    session.add(alert)
    await session.commit()
    return alert


async def make_period(session: AsyncSession, moment: datetime, kind: str = "alert") -> str:
    """The day of that moment as a period; returns the bare name of its index."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    name = event_index("alert" if kind == "alert" else "telemetry", day.date())
    await session.execute(
        text("SELECT ensure_period(:kind, :starts, :ends, :name, 1::smallint)"),
        {"kind": kind, "starts": day, "ends": day + timedelta(days=1), "name": name},
    )
    await session.commit()
    return name


async def make_event(session: AsyncSession, tenant: Tenant, *, unclocked: bool = False, **values: Any) -> Event:
    time = values.get("time", clock.now())
    kind = values.get("kind", "alert")
    if not unclocked:
        await make_period(session, time, kind)
    event_id = ids.content_id(0 if unclocked else clock.milliseconds(time), secrets.token_bytes(10))
    document = orjson.dumps({"alert": {"title": values.pop("title", "A title")}})
    defaults = {
        "id": event_id,
        "organization_id": tenant.id,
        "sensor_id": ids.uuid7(),
        "batch_id": event_id,
        "time": time,
        "received_at": time,
        "severity": 3,
        "kind": kind,
        "digest": secrets.token_bytes(8),
        "body": pack_body(document, b"{}"),
    }
    event = Event(**(defaults | values))
    session.add(event)
    await session.commit()
    return event


async def make_batch(session: AsyncSession, tenant: Tenant, **values: Any) -> Batch:
    now = clock.now()
    defaults = {
        "batch_id": ids.uuid7(),
        "organization_id": tenant.id,
        "sensor_id": ids.uuid7(),
        "received_at": now,
        "correlation_id": "corr-1",
        "items": 3,
    }
    batch = Batch(**(defaults | values))
    session.add(batch)
    await session.commit()
    return batch


async def make_quarantined(session: AsyncSession, tenant: Tenant, **values: Any) -> QuarantinedRecord:
    record_id = ids.content_id(0, secrets.token_bytes(10))
    defaults = {
        "id": record_id,
        "organization_id": tenant.id,
        "sensor_id": ids.uuid7(),
        "batch_id": record_id,
        "received_at": clock.now(),
        "reason": "not_json",
        "detail": "expected one JSON object",
        "record": b"not for lists",
    }
    record = QuarantinedRecord(**(defaults | values))
    session.add(record)
    await session.commit()
    return record
