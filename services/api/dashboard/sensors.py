"""Which sensors are heard of, and which are silent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.dashboard import queries
from services.api.dashboard.schemas import SensorHealth, SilentSensor
from services.api.principal import Principal
from shared.domain.sensor import is_silent


async def health(session: AsyncSession, *, by: Principal, now: datetime) -> SensorHealth:
    """Of the sensors of the caller's organizations."""
    rows = (await session.execute(queries.all_sensors(by))).all()
    active = [row for row in rows if row.status == "active"]
    quiet = silent(active, now)
    return SensorHealth(
        active=len(active),
        silent=len(quiet),
        disabled=len(rows) - len(active),
        silent_sensors=[SilentSensor.model_validate(row) for row in quiet[: queries.TOP]],
    )


def silent(rows: Sequence[Row[Any]], now: datetime) -> list[Row[Any]]:
    """Those of `queries.all_sensors` from which nothing came for longer than is normal."""
    return [
        row
        for row in rows
        if is_silent(
            heard_at=row.last_seen_at,
            made_at=row.created_at,
            expected=row.expected_interval,
            active=row.status == "active",
            now=now,
        )
    ]
