"""A sensor's balance sheet over a stretch of time: everything accepted is somewhere, and this says where."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.auth.permissions import SensorReader
from services.api.deps import Session
from services.api.errors import problems
from services.api.principal import Principal
from services.api.sensors import balance, service
from services.api.text import Moment
from shared import clock
from shared.errors import Invalid

router = APIRouter(prefix="/sensors", tags=["sensors"])

DEFAULT_SPAN = timedelta(hours=1)
MOST = {"minute": timedelta(hours=24), "total": timedelta(days=100)}
MINUTE = timedelta(minutes=1)


class Account(BaseModel):
    """accepted + unreported = stored + duplicate + quarantined + discarded + in_flight_or_parked.

    A record that is taken out of quarantine moves on, in its minute of receipt, to stored, duplicate or discarded.

    The rest stands beside: records left out by the sensor's settings, refused ones by reason (`…_requests` are
    whole requests), and those the broker did not confirm, which the sender was told to send again.
    """

    requests: int = 0
    accepted: int = Field(
        default=0,
        description="All that the broker has confirmed: what the door's reply calls `accepted`, and its `rejected`, "
        "which are in quarantine.",
    )
    stored: int = 0
    duplicate: int = 0
    quarantined: int = Field(default=0, description="Waiting there now.")
    discarded: int = Field(
        default=0,
        description="Taken out of quarantine and not stored: somebody said so, or the sensor leaves that type out.",
    )
    in_flight_or_parked: int = 0
    unreported: int = Field(
        default=0,
        description="Settled, but not accepted by any door's account yet: doors report every few seconds. What stays "
        "is of a door that was killed before it could tell, or what the broker took and did not confirm in time.",
    )
    ignored: int = Field(default=0, description="Left out by the sensor's settings: neither accepted nor kept.")
    unconfirmed: int = 0
    refused: dict[str, int] = Field(default_factory=dict)


class MinuteAccount(Account):
    """One minute of receipt."""

    minute: datetime


class BalanceSheet(BaseModel):
    """Whole minutes of receipt from `from` up to, and without, `to`. `minutes` has those in which anything came."""

    sensor_id: UUID
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    total: Account
    minutes: list[MinuteAccount] | None = None


class BadSpan(Invalid):
    """`from` must lie before `to`, at most 24 hours by minute and 100 days in total."""

    code = "bad_span"


Step = Literal["total", "minute"]


@router.get("/{sensor_id}/accounts", responses=problems(404))
async def get_accounts(
    *,
    sensor_id: UUID,
    caller: SensorReader,
    session: Session,
    from_: Annotated[Moment | None, Query(alias="from", description="An hour ago, if left out.")] = None,
    to: Annotated[Moment | None, Query(description="Now, if left out; the minute it lies in is shown.")] = None,
    step: Annotated[Step, Query(description="`minute` adds each minute, over 24 hours at most.")] = "total",
) -> BalanceSheet:
    """The sensor's balance sheet."""
    sensor = await service.one(session, sensor_id, by=caller)
    starts_at, ends_at = span(from_, to, step, now=clock.now())
    return await _sheet(session, sensor.id, starts_at, ends_at, step=step, by=caller)


def span(
    wanted_from: datetime | None, wanted_to: datetime | None, step: Step, *, now: datetime
) -> tuple[datetime, datetime]:
    """Whole minutes that hold the wanted stretch. Raises BadSpan."""
    to = wanted_to or now
    try:
        ends_at = _floor(to) if to == _floor(to) else _floor(to) + MINUTE
        starts_at = _floor(wanted_from or to - DEFAULT_SPAN)
        if not timedelta() < ends_at - starts_at <= MOST[step] + MINUTE:
            raise BadSpan
    except OverflowError:
        raise BadSpan from None
    return starts_at, ends_at


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


async def _sheet(
    session: AsyncSession, sensor_id: UUID, starts_at: datetime, ends_at: datetime, *, step: Step, by: Principal
) -> BalanceSheet:
    visible = balance.visible_to(by, sensor_id, starts_at, ends_at)
    minutes = balance.balanced(visible)
    sums = (await session.execute(balance.total(minutes))).one()
    refused = (await session.execute(balance.refused(visible, each_minute=False))).all()
    sheet = BalanceSheet(sensor_id=sensor_id, from_=starts_at, to=ends_at, total=_account(sums))
    sheet.total.refused = {row.key: row.refused for row in refused}
    if step == "minute":
        rows = (await session.execute(balance.by_minute(minutes))).all()
        by_minute: defaultdict[datetime, dict[str, int]] = defaultdict(dict)
        for minute, reason, count in await session.execute(balance.refused(visible, each_minute=True)):
            by_minute[minute][reason] = count
        sheet.minutes = [
            MinuteAccount(minute=row.minute, **_account(row, by_minute[row.minute]).model_dump()) for row in rows
        ]
    return sheet


def _account(row: Row[*tuple[int, ...]], refused: dict[str, int] | None = None) -> Account:
    counts = {name: getattr(row, name) or 0 for name in (*balance.COUNTERS, *balance.REMAINDERS)}
    return Account(**counts, refused=refused or {})
