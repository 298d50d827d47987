"""Whether several incidents fit into one: what bounds each of them bounds the whole."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import evidence_files, links, observables, picking, queries, tasks
from shared.domain.observable import MAX_PER_INCIDENT
from shared.errors import Conflict
from shared.models import Evidence, Incident, IncidentEvent, IncidentObservable, IncidentTask


class TooManyMerged(Conflict):
    """At most 200 incidents are merged into one, with all that was merged into them; link the others to it."""

    code = "too_many_merged"


async def require(session: AsyncSession, incidents: Sequence[Incident]) -> None:
    """Raises what adding the same to one incident would, and TooManyMerged."""
    if sum(one.alerts_count for one in incidents) > links.MAX_LINKED:
        raise links.TooManyAlerts
    theirs = [one.id for one in incidents]
    for number, most, error in (
        # Who changes the members of the whole locks and changes each of them.
        (_merged(theirs), queries.MAX_MERGED, TooManyMerged),
        # What several have, the whole has once.
        (_observables(theirs), MAX_PER_INCIDENT, observables.TooManyObservables),
        (_number(IncidentTask, IncidentTask.id, theirs), tasks.MAX_TASKS, tasks.TooManyTasks),
        (_number(Evidence, Evidence.id, theirs), evidence_files.MAX_FILES, evidence_files.TooMuchEvidence),
        (_picked(theirs), picking.MAX_PICKED, picking.TooManyPicked),
    ):
        if (await session.scalar(number) or 0) > most:
            raise error


def _merged(incident_ids: Sequence[UUID]) -> Select[int]:
    """How many there are beside the one that all become."""
    return select(func.count() - 1).select_from(queries.families(incident_ids).subquery())


def _observables(incident_ids: Sequence[UUID]) -> Select[int]:
    return _number(IncidentObservable, IncidentObservable.observable_id, incident_ids)


def _picked(incident_ids: Sequence[UUID]) -> Select[int]:
    return _number(IncidentEvent, IncidentEvent.event_id, incident_ids).where(IncidentEvent.picked)


def _number(model: Any, column: Any, incident_ids: Sequence[UUID]) -> Select[int]:
    return select(func.count(column.distinct())).where(model.incident_id.in_(incident_ids))
