"""How much of an export an incident has room for: what bounds it for people bounds it here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.importing import parts
from services.api.importing.cases import LeftOut, Observable
from services.api.importing.parts import Parts
from services.api.incidents import queries
from services.api.incidents.evidence_files import MAX_FILES, TooMuchEvidence
from services.api.incidents.observables import TooManyObservables
from services.api.incidents.tasks import MAX_TASKS, TooManyTasks
from shared.domain.observable import MAX_PER_INCIDENT, identify
from shared.models import Evidence, IncidentObservable, IncidentTask

Said = tuple[tuple[str, str], Sequence[Observable]]
"""Type and value, and what the other product says of it."""

NO_TASK, NO_FILE, NO_OBSERVABLE = (str(error()) for error in (TooManyTasks, TooMuchEvidence, TooManyObservables))


@dataclass(frozen=True)
class Room:
    """How many more of each there may be, and which of a case's values are there already."""

    tasks: int
    files: int
    observables: int
    there: frozenset[UUID]

    def values(self, organization_id: UUID, found: Iterable[Observable]) -> dict[UUID, Said]:
        """Those that become observables of the incident: of our types, new to it, and as many as there may be."""
        return dict(islice(self._new(organization_id, found), self.observables))

    def beyond(self, organization_id: UUID, new: Parts) -> tuple[LeftOut, ...]:
        """What there is no room for, files aside, and why, in the words of who adds it by hand; notes tell of it."""
        values = islice(self._new(organization_id, new.observables.values()), self.observables, None)
        observables = (one.source_id for _, (_, same) in values for one in same)
        return (
            *(LeftOut(f"task {part}", NO_TASK) for part in islice(new.tasks, self.tasks, None)),
            *(LeftOut(f"observable {part}", NO_OBSERVABLE) for part in observables),
        )

    def _new(self, organization_id: UUID, found: Iterable[Observable]) -> Iterator[tuple[UUID, Said]]:
        for pair, same in parts.by_value(found).items():
            if (key := identify(organization_id, *pair)) not in self.there:
                yield key, (pair, same)


async def room_in(session: AsyncSession, organization_id: UUID, incident_id: UUID | None, new: Parts) -> Room:
    """What there is room for in an incident, or what it was merged into; in one that is yet to be made, for None."""
    if incident_id is None:
        return Room(MAX_TASKS, MAX_FILES, MAX_PER_INCIDENT, frozenset())
    whole = await session.scalar(queries.whole_of(incident_id))
    wanted = [identify(organization_id, *pair) for pair in parts.by_value(new.observables.values())]
    there = select(IncidentObservable.observable_id).where(
        IncidentObservable.incident_id == whole, IncidentObservable.observable_id.in_(wanted)
    )

    async def left(model: Any, most: int) -> int:
        number = select(func.count()).select_from(model).where(model.incident_id == whole)
        return max(0, most - (await session.scalar(number) or 0))

    return Room(
        await left(IncidentTask, MAX_TASKS),
        await left(Evidence, MAX_FILES),
        await left(IncidentObservable, MAX_PER_INCIDENT),
        frozenset(await session.scalars(there)),
    )
