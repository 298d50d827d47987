"""How all is marked that the texts of an incident may name: values that no list has room for, incidents one with it."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Select, func, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import facts, queries
from shared.domain.incident import Tlp, strictest
from shared.models import Incident, IncidentLink, IncidentObservable, Observable

Marks = Mapping[tuple[str, str], Tlp]
"""By type and value, of what is marked alone."""

MOST_SPLITS = 50
"""The latest; each other end has as many values as an incident may have."""


async def of_its_way(session: AsyncSession, incident_id: UUID) -> Tlp:
    """How it is marked, or what it went into where that is marked more strictly."""
    tlps = select(Incident.tlp).where(Incident.id.in_(queries.way_of(incident_id)))
    return strictest(*map(Tlp, await session.scalars(tlps)))


async def relatives(session: AsyncSession, incident_id: UUID) -> tuple[facts.Link, ...]:
    """The incidents that are one with it, which are told of by their numbers alone."""
    found = select(Incident.number, Incident.tlp, Incident.restricted).where(
        Incident.id.in_(queries.family_of(incident_id)), Incident.id != incident_id
    )
    return tuple(
        facts.Link(number=row.number, title="", relation="", tlp=Tlp(row.tlp), restricted=row.restricted)
        for row in await session.execute(found)
    )


async def strictest_of(session: AsyncSession, incident_id: UUID) -> tuple[Marks, Marks]:
    """Of the values that the incident has, and of those that only others have which are or were one with it.

    Each is marked as strictly as in any of them. What bounds the values of an incident, and the splits that are looked
    at, bounds these.
    """
    here: dict[tuple[str, str], Tlp] = {}
    elsewhere: dict[tuple[str, str], Tlp] = {}
    for kind, value, tlps, is_here in await session.execute(_marked(incident_id)):
        (here if is_here else elsewhere)[kind, value] = strictest(*map(Tlp, tlps))
    return here, elsewhere


def _marked(incident_id: UUID) -> Select[str, str, list[str], bool]:
    said, family = IncidentObservable.tlp, queries.family_of(incident_id)
    return (
        select(
            Observable.type,
            Observable.value,
            func.array_agg(said.distinct()).filter(said.is_not(None)),
            func.bool_or(IncidentObservable.incident_id == incident_id),
        )
        .join(Observable, Observable.id == IncidentObservable.observable_id)
        .where(IncidentObservable.incident_id.in_(union(family, _split(family))))
        .group_by(Observable.id)
        .having(func.count(said) > 0)
    )


def _split(family: Select[UUID]) -> Select[UUID]:
    """What was split off from any of these, and what any was split off from: texts that stayed name what went."""
    ends = (IncidentLink.incident_id, IncidentLink.other_id)
    far = union_all(
        *(
            select(IncidentLink.id, other.label("far")).where(IncidentLink.relation == "split_from", one.in_(family))
            for one, other in (ends, ends[::-1])
        )
    ).subquery()
    return select(select(far.c.far).order_by(far.c.id.desc()).limit(MOST_SPLITS).subquery().c.far)


def values(marks: Marks, *, but: Iterable[facts.Observable] = ()) -> tuple[facts.Observable, ...]:
    """The values that are marked so, without those that are listed."""
    listed = {(one.type, one.value) for one in but}
    return tuple(
        facts.Observable(type=kind, value=value, tlp=tlp)
        for (kind, value), tlp in marks.items()
        if (kind, value) not in listed
    )
