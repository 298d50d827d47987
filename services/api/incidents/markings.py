"""How all values of an incident are marked, for its texts may name those too that no list of a report has room for."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import facts, queries
from shared.domain.incident import Tlp, strictest
from shared.models import IncidentObservable, Observable

Marks = Mapping[tuple[str, str], Tlp]
"""By type and value, of what is marked alone."""


async def strictest_of(session: AsyncSession, incident_id: UUID) -> tuple[Marks, Marks]:
    """Of the values that the incident has, and of those that only others have which are one with it.

    Each is marked as strictly as in any of them. What bounds the values of an incident bounds these.
    """
    here: dict[tuple[str, str], Tlp] = {}
    elsewhere: dict[tuple[str, str], Tlp] = {}
    for kind, value, tlps, is_here in await session.execute(_marked(incident_id)):
        (here if is_here else elsewhere)[kind, value] = strictest(*map(Tlp, tlps))
    return here, elsewhere


def _marked(incident_id: UUID) -> Select[str, str, list[str], bool]:
    said = IncidentObservable.tlp
    return (
        select(
            Observable.type,
            Observable.value,
            func.array_agg(said.distinct()).filter(said.is_not(None)),
            func.bool_or(IncidentObservable.incident_id == incident_id),
        )
        .join(Observable, Observable.id == IncidentObservable.observable_id)
        .where(IncidentObservable.incident_id.in_(queries.family_of(incident_id)))
        .group_by(Observable.id)
        .having(func.count(said) > 0)
    )


def values(marks: Marks, *, but: Iterable[facts.Observable] = ()) -> tuple[facts.Observable, ...]:
    """The values that are marked so, without those that are listed."""
    listed = {(one.type, one.value) for one in but}
    return tuple(
        facts.Observable(type=kind, value=value, tlp=tlp)
        for (kind, value), tlp in marks.items()
        if (kind, value) not in listed
    )
