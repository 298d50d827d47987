"""Puts the dashboard together: each block from one or two bounded statements."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts.search import bound
from services.api.dashboard import queries, sensors
from services.api.dashboard.schemas import (
    Ages,
    Dashboard,
    Open,
    OpenIncidents,
    Owned,
    Pipeline,
    Share,
    Source,
    Time,
    Times,
    TopRule,
    TopSources,
    Verdicts,
    WorkTimes,
)
from services.api.deps import Resources
from services.api.principal import Principal
from shared import clock
from shared.domain.permissions import Permission
from shared.domain.triage import Verdict

FORMULAS = {
    "mtta": "acknowledged_at − received_at, over the incidents received in the span that were acknowledged",
    "mttr": "resolved_at − received_at, over the incidents received in the span that are resolved; holds are counted",
}


async def dashboard(resources: Resources, days: int, *, by: Principal) -> Dashboard:
    """How things stand now; times and verdicts of the last days. Raises TooSlow where a statement reads too much.

    In sessions of their own, at once: none waits for what another reads.
    """
    now = clock.now()
    since = now - timedelta(days=days)
    parts = await asyncio.gather(
        _part(resources, _of_incidents, by, now, since),
        _part(resources, _of_alerts, _where(by, Permission.ALERTS_READ), now, since),
        _part(resources, _of_sensors, _where(by, Permission.SENSORS_READ), now, since),
    )
    return Dashboard(at=now, **{name: block for part in parts for name, block in part.items()})


Blocks = dict[str, Any]
Ask = Callable[[AsyncSession, Principal, datetime, datetime], Awaitable[Blocks]]


async def _part(resources: Resources, ask: Ask, by: Principal | None, now: datetime, since: datetime) -> Blocks:
    if by is None:
        return {}
    async with resources.sessions.begin() as session:
        await bound(session)
        return await ask(session, by, now, since)


async def _of_incidents(session: AsyncSession, by: Principal, now: datetime, since: datetime) -> Blocks:
    return {
        "incidents": await open_incidents(session, by=by, now=now),
        "times": await work_times(session, since, by=by),
    }


async def _of_alerts(session: AsyncSession, by: Principal, now: datetime, since: datetime) -> Blocks:
    return {
        "alerts": await open_alerts(session, by=by, now=now),
        "top_sources": await top_sources(session, by=by, now=now),
        "top_rules": await top_rules(session, by=by, now=now),
        "verdicts": await verdicts(session, since, by=by),
    }


async def _of_sensors(session: AsyncSession, by: Principal, now: datetime, _: datetime) -> Blocks:
    return {
        "sensors": await sensors.health(session, by=by, now=now),
        "pipeline": await pipeline(session, by=by, now=now),
    }


def _where(by: Principal, permission: Permission) -> Principal | None:
    """The caller where it may do this too, or nobody."""
    both = tuple(one for one in by.organization_ids if by.may(permission, one))
    return replace(by, organization_ids=both) if both else None


async def open_incidents(session: AsyncSession, *, by: Principal, now: datetime) -> OpenIncidents:
    """Unfinished incidents."""
    rows = (await session.execute(queries.open_incidents(by, now))).all()
    return OpenIncidents(
        **_open(rows),
        on_hold=sum(row.number for row in rows if row.on_hold),
        in_review=await session.scalar(queries.in_review(by)) or 0,
    )


async def open_alerts(session: AsyncSession, *, by: Principal, now: datetime) -> Open:
    """Open alerts."""
    return Open(**_open((await session.execute(queries.open_alerts(by, now))).all()))


def _open(rows: Iterable[Row[Any]]) -> dict[str, Any]:
    """The marginal sums of counts by severity, age and owner."""
    severities, ages, owners = Counter[int](), Counter[str](), Counter[UUID | None]()
    for row in rows:
        severities[row.severity] += row.number
        ages[row.age] += row.number
        owners[row.owner] += row.number
    nobodys = owners.pop(None, 0)
    most = sorted(((count, one) for one, count in owners.items() if one), key=lambda pair: (-pair[0], pair[1]))
    return {
        "total": severities.total(),
        "by_severity": {severity: severities[severity] for severity in range(1, 6)},
        "by_age": Ages(**ages),
        "by_owner": [Owned(assignee_id=one, count=count) for count, one in most[: queries.TOP]],
        "unassigned": nobodys,
    }


async def work_times(session: AsyncSession, since: datetime, *, by: Principal) -> WorkTimes:
    """MTTA and MTTR of the incidents received since."""
    rows = {row.severity: _times(row) for row in await session.execute(queries.times(by, since))}
    return WorkTimes(
        since=since,
        all=rows.pop(None),
        by_severity=rows,
        formulas=FORMULAS,
    )


def _times(row: Row[Any]) -> Times:
    return Times(
        received=row.received,
        acknowledge=Time(
            count=row.acknowledged, mean_seconds=row.acknowledged_mean, median_seconds=row.acknowledged_median
        ),
        resolve=Time(count=row.resolved, mean_seconds=row.resolved_mean, median_seconds=row.resolved_median),
    )


async def top_sources(session: AsyncSession, *, by: Principal, now: datetime) -> TopSources:
    """Where the latest open alerts come from."""
    alert_ids = list(await session.scalars(queries.alerts_with_sources(by, now)))
    found = await session.execute(queries.top_sources(alert_ids))
    return TopSources(of_alerts=len(alert_ids), items=[Source(value=value, alerts=count) for value, count in found])


async def top_rules(session: AsyncSession, *, by: Principal, now: datetime) -> list[TopRule]:
    """What fires most."""
    return [TopRule.model_validate(row) for row in await session.execute(queries.top_rules(by, now))]


async def verdicts(session: AsyncSession, since: datetime, *, by: Principal) -> Verdicts:
    """What closed alerts turned out to be."""
    counts = Counter[str]()
    for verdict, count in await session.execute(queries.verdicts(by, since)):
        counts[verdict] = count
    total = counts.total()
    shares = {one: Share(count=counts[one], share=counts[one] / total if total else 0.0) for one in Verdict}
    return Verdicts(of_alerts=total, by_verdict=shares)


async def pipeline(session: AsyncSession, *, by: Principal, now: datetime) -> Pipeline:
    """What came in, and what became of it."""
    sums = (await session.execute(queries.pipeline(by, now))).one()
    return Pipeline(**{name: getattr(sums, name) or 0 for name in Pipeline.model_fields})
