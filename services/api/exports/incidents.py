"""Incidents as rows of an export: each with what hangs on it counted, how long its stages took, and its own fields."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.exports.schemas import ExportRequest
from services.api.incidents import clocks, queries, search
from services.api.incidents.schemas import Counts, IncidentRead
from services.api.jobs.runner import Chunk
from services.api.principal import Principal
from shared import clock
from shared.domain import mttx
from shared.models import Incident, Job, JobItem, User
from shared.query.tree import Node

PEOPLE = ("assignee", "reporter", "reviewer", "closed_by")
COUNTED = tuple(name for name in Counts.model_fields if name not in ("alerts", "entries"))
COLUMNS = (
    *IncidentRead.model_fields,
    *PEOPLE,
    "merged_into_number",
    "review_asked_at",
    "review_asked_by",
    *(f"{one.name}_seconds" for one in mttx.MEASURES),
    *COUNTED,
)
"""Of CSV, which has behind them a column for each custom field; an object of NDJSON has them in `fields`."""


async def fix_rows(
    session: AsyncSession, job: Job, wanted: ExportRequest, node: Node, *, by: Principal, most: int
) -> int:
    """Write down which incidents the export is of, by their numbers; how many, `most` + 1 at most."""
    filters = search.Filters(wanted.status)
    matching = search.matching(filters, node, by).where(
        Incident.organization_id == job.organization_id, *_opened(wanted)
    )
    # So many first, and only those in order: as of alerts.
    some = matching.with_only_columns(Incident.number, Incident.id).limit(most + 1).subquery()
    place = func.row_number().over(order_by=some.c.number) - 1
    rows = select(literal(job.id, JobItem.job_id.type), place, some.c.id)
    await session.execute(insert(JobItem).from_select(["job_id", "ordinal", "target_id"], rows))
    return await session.scalar(select(func.count()).where(JobItem.job_id == job.id)) or 0


def _opened(wanted: ExportRequest) -> list[ColumnElement[bool]]:
    narrowed = []
    if wanted.start is not None:
        narrowed.append(Incident.created_at >= wanted.start)
    if wanted.end is not None:
        narrowed.append(Incident.created_at < wanted.end)
    return narrowed


async def field_names(chunk: Chunk, most: int) -> list[str]:
    """The names of the custom fields that the incidents of the job have, those it sees; `most` + 1 at most."""
    of_it = exists().where(JobItem.job_id == chunk.job.id, JobItem.target_id == Incident.id)
    name = func.jsonb_object_keys(Incident.fields).label("name")
    names = _seen(chunk).where(of_it).with_only_columns(name).distinct().order_by(name).limit(most + 1)
    return list(await chunk.session.scalars(names))


async def rows(chunk: Chunk, incident_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What is written of each that is there, and that who asked for the export sees now."""
    session = chunk.session
    found = (await session.scalars(_seen(chunk).where(Incident.id.in_(incident_ids)))).all()
    counts = {row.id: row for row in await session.execute(queries.counts(incident_ids, by=chunk.by))}
    reviews = {one.incident_id: one for one in await session.scalars(queries.waiting_reviews(incident_ids))}
    names = {row.id: row.name for row in await session.execute(_names(found))}
    numbers = {row.id: row.number for row in await session.execute(_numbers(found, chunk.by))}
    return {
        one.id: _row(one, names)
        | {
            "merged_into_number": numbers.get(one.merged_into_id),
            "review_asked_at": clock.isoformat(reviews[one.id].created_at) if one.id in reviews else None,
            "review_asked_by": reviews[one.id].requested_by_name if one.id in reviews else None,
        }
        | {name: getattr(counts[one.id], name) for name in COUNTED}
        | {"fields": one.fields}
        for one in found
    }


def _seen(chunk: Chunk) -> Select[Incident]:
    return queries.visible_to(chunk.by).where(Incident.organization_id == chunk.job.organization_id)


def _names(found: Sequence[Incident]) -> Select[UUID, str]:
    people = {getattr(one, f"{name}_id") for one in found for name in PEOPLE} - {None}
    return select(User.id, User.name).where(User.id.in_(people))


def _numbers(found: Sequence[Incident], by: Principal) -> Select[UUID, int]:
    into = {one.merged_into_id for one in found} - {None}
    return select(Incident.id, Incident.number).where(Incident.id.in_(into), queries.may_see(by))


def _row(incident: Incident, names: Mapping[UUID, str]) -> dict[str, Any]:
    return (
        IncidentRead.model_validate(incident).model_dump(mode="json")
        | {name: names.get(getattr(incident, f"{name}_id")) for name in PEOPLE}
        | {f"{one.name}_seconds": one.seconds for one in clocks.measures(incident)}
    )
