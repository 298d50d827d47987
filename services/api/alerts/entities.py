"""What an alert is about, as the queue tells it: a host, a user, and the addresses that it went between."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import AlertObservable, Observable

MAX_ENTITIES = 6

# What is asked first of an alert comes first. What somebody saw who opened one by hand stood in no field.
_FIELDS = ("host.name", "user.name", "source.ip", "destination.ip")
_TYPES = ("host", "user", "ip")
_NOWHERE = len(_FIELDS)


class EntityRead(BaseModel):
    """One of what an alert is about."""

    type: str
    value: str
    field: str | None = Field(description="The ECS field it stood in; null where somebody saw it.")


class Seen(NamedTuple):
    """An observable of an alert: where it stood, and the how manieth it was of all alike."""

    alert_id: UUID
    place: int
    number: int
    type: str
    value: str


async def of(session: AsyncSession, alert_ids: Sequence[UUID]) -> dict[UUID, list[EntityRead]]:
    """The entities of each, from one statement for all."""
    if not alert_ids:
        return {}
    by_alert: dict[UUID, list[Seen]] = defaultdict(list)
    for row in await session.execute(_seen(alert_ids)):
        by_alert[row.alert_id].append(Seen(*row))
    return {alert_id: [_read(one) for one in chosen(seen)] for alert_id, seen in by_alert.items()}


def chosen(seen: Iterable[Seen]) -> list[Seen]:
    """A few of one alert, in the order of entities: one of each, before there are more of any."""
    turns: dict[int, Iterator[int]] = defaultdict(count)
    in_turn = [(next(turns[_rank(one)]), _rank(one), one) for one in sorted(seen, key=lambda one: one.number)]
    first = sorted(in_turn, key=lambda each: each[:2])[:MAX_ENTITIES]
    return [one for _, _, one in sorted(first, key=lambda each: (each[1], each[0]))]


def _rank(one: Seen) -> int:
    return _TYPES.index(one.type) if one.place == _NOWHERE else one.place


def _seen(alert_ids: Sequence[UUID]) -> Select[Any]:
    fields, nowhere = AlertObservable.fields, func.cardinality(AlertObservable.fields) == 0
    place = case(
        *((fields.contains([name]), literal(place)) for place, name in enumerate(_FIELDS)), else_=literal(_NOWHERE)
    )
    # Those that were seen first stay the first, whatever else an alert goes on to see. Of hundreds of addresses a few
    # are chosen before any of them is looked up.
    order = (AlertObservable.created_at, AlertObservable.observable_id)
    number = func.row_number().over(partition_by=(AlertObservable.alert_id, place), order_by=order)
    found = (
        select(AlertObservable.alert_id, AlertObservable.observable_id, place.label("place"), number.label("number"))
        .where(AlertObservable.alert_id.in_(alert_ids), or_(fields.overlap(_FIELDS), nowhere))
        .subquery()
    )
    told = or_(
        and_(found.c.place != _NOWHERE, found.c.number <= MAX_ENTITIES),
        and_(found.c.place == _NOWHERE, Observable.type.in_(_TYPES)),
    )
    return (
        select(found.c.alert_id, found.c.place, found.c.number, Observable.type, Observable.value)
        .join(Observable, Observable.id == found.c.observable_id)
        .where(told)
    )


def _read(one: Seen) -> EntityRead:
    return EntityRead(type=one.type, value=one.value, field=None if one.place == _NOWHERE else _FIELDS[one.place])
