"""SQL of the balance sheet: what doors accepted of a sensor against what the writer settled.

Each minute of receipt is balanced by itself and the remainders are added up, so that a minute one door could not
report any more does not hide what is still in flight in another.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, cast, func, select, true

from services.api.principal import Principal
from shared.models import SensorAccount

COUNTERS = ("requests", "accepted", "stored", "duplicate", "quarantined", "discarded", "ignored", "unconfirmed")
REMAINDERS = ("in_flight_or_parked", "unreported")


def visible_to(
    principal: Principal, sensor_id: UUID, starts_at: datetime, ends_at: datetime
) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a sensor's rows from one moment up to, and without, another."""
    return (
        SensorAccount.organization_id.in_(principal.organization_ids),
        SensorAccount.sensor_id == sensor_id,
        SensorAccount.minute >= starts_at,
        SensorAccount.minute < ends_at,
    )


def balanced(visible: tuple[ColumnElement[bool], ...]) -> Subquery:
    """One row for each minute that has anything, all sources together, with the two remainders.

    `in_flight_or_parked` is accepted − (stored + duplicate + quarantined + discarded) where that is positive,
    `unreported` its opposite where it is negative: more was settled than any door has told of.
    """
    sums = (_whole(func.sum(getattr(SensorAccount, name))).label(name) for name in COUNTERS)
    summed = select(SensorAccount.minute, *sums).where(*visible).group_by(SensorAccount.minute).subquery("summed")
    there = summed.c
    remainder = there.accepted - (there.stored + there.duplicate + there.quarantined + there.discarded)
    return select(
        *there,
        func.greatest(remainder, 0).label("in_flight_or_parked"),
        func.greatest(-remainder, 0).label("unreported"),
    ).subquery("balanced")


def by_minute(minutes: Subquery) -> Select[Any]:
    """The minutes in their order."""
    return select(minutes).order_by(minutes.c.minute)


def total(minutes: Subquery) -> Select[Any]:
    """The minutes added up; one row, of nulls where there are none."""
    sums: list[ColumnElement[Any]] = [
        _whole(func.sum(minutes.c[name])).label(name) for name in (*COUNTERS, *REMAINDERS)
    ]
    return select(*sums)


def refused(visible: tuple[ColumnElement[bool], ...], *, each_minute: bool) -> Select[Any]:
    """How much doors refused, by reason, and by minute where each is wanted."""
    reasons = func.jsonb_each_text(SensorAccount.refused).table_valued("key", "value").render_derived("reasons")
    groups = [SensorAccount.minute, reasons.c.key] if each_minute else [reasons.c.key]
    return (
        select(*groups, _whole(func.sum(_whole(reasons.c.value))).label("refused"))
        .select_from(SensorAccount)
        .join(reasons, true())
        .where(*visible)
        .group_by(*groups)
    )


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    """Sums of bigint are numeric in Postgres; ours never leave bigint."""
    return cast(value, BigInteger)
