"""Exports as jobs: alerts or incidents that were found when it was asked for, events of a span; piece by piece."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import Select, case, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api import queried, restricted, trail
from services.api.alerts import bulk
from services.api.alerts import service as alerts_service
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import AlertRead
from services.api.deps import Resources, Trace
from services.api.events import service as events
from services.api.events.schemas import EventListed
from services.api.events.service import Wanted
from services.api.exports import formats, incidents
from services.api.exports.formats import Format
from services.api.exports.schemas import ExportRequest
from services.api.jobs import queries as job_queries
from services.api.jobs import service as jobs
from services.api.jobs.runner import Chunk
from services.api.principal import NotPermitted, Principal
from services.api.timeline import interval_of
from shared.domain.permissions import Permission
from shared.errors import Conflict, Invalid, NotFound
from shared.ids import NIL
from shared.models import Alert, Job, JobItem, JobOutput
from shared.query.parse import parse
from shared.query.tree import EVERYTHING
from shared.query.values import Reader
from shared.search.catalogue import EVENTS

EXPORT_ALERTS, EXPORT_EVENTS, EXPORT_INCIDENTS = KINDS = ("alerts.export", "events.export", "incidents.export")

MAX_ROWS = 100_000
MAX_BYTES = 256 << 20
MAX_FIELDS = 200  # custom ones, as columns
MAX_KEPT_BYTES = 16 * MAX_BYTES  # of an organization, in the database of all
EVENTS_AT_ONCE = 200

ALERT_COLUMNS = tuple(AlertRead.model_fields)
EVENT_COLUMNS = tuple(EventListed.model_fields)

_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_ID = str(NIL).encode()

_READS = {"alerts": Permission.ALERTS_READ, "events": Permission.EVENTS_READ, "incidents": Permission.INCIDENTS_READ}


class ExportTooLarge(Invalid):
    """More than 100,000 rows, 256 MiB, or in CSV 200 custom fields; narrow the query or the span."""

    code = "export_too_large"


class TooManyExports(Conflict):
    """The organization's exports are as large, or may become, as it may keep; delete some, or wait until they end."""

    code = "too_many_exports"


class ExportGone(NotFound):
    """The export was deleted, or is older than exports are kept; ask for it anew."""

    code = "export_gone"


class NotReady(Conflict):
    """The job is no export, or has not ended well: there is nothing to fetch."""

    code = "export_not_ready"


async def begin(session: AsyncSession, wanted: ExportRequest, *, by: Principal, trace: Trace) -> Job:
    """The job. Raises NotPermitted, QueryError, BadSpan, ExportTooLarge, TooManyJobs and TooManyExports."""
    home = by.home(wanted.organization_id)
    await jobs.refuse_more(session, home)
    _require(_READS[wanted.of], home, by)
    if (await session.scalar(_kept(home)) or 0) > MAX_KEPT_BYTES - MAX_BYTES:
        raise TooManyExports
    parameters = wanted.model_dump(mode="json", exclude={"organization_id"})
    job = jobs.make(session, f"{wanted.of}.export", parameters, by=by, organization_id=home, trace=trace)
    await session.flush()
    job.total = await _found(session, job, wanted, by=by)
    if job.total > MAX_ROWS:
        raise ExportTooLarge
    await session.flush()
    trail.record(
        session,
        "export.started",
        by=by,
        trace=trace,
        organization_id=home,
        kind="job",
        object_id=job.id,
        exported={name: value for name, value in parameters.items() if value not in (None, [])},
    )
    return job


async def _found(session: AsyncSession, job: Job, wanted: ExportRequest, *, by: Principal) -> int:
    """How many rows the job has from the start; of events it is not known yet."""
    if wanted.of == "alerts":
        node = await queried.alerts(session, wanted.query, by=by)
        filters = Filters(tuple(wanted.status), last_seen_from=wanted.start, last_seen_to=wanted.end)
        return await bulk.fix_rows(session, job, node, by=by, filters=filters)
    if wanted.of == "incidents":
        node = await queried.incidents(session, wanted.query, by=by)
        return await incidents.fix_rows(session, job, wanted, node, by=by, most=MAX_ROWS)
    assert wanted.start is not None
    assert wanted.end is not None
    interval_of(wanted.start, wanted.end)
    await queried.events(session, wanted.query, by=by)
    return 0


async def do_alerts(_: Resources, chunk: Chunk) -> bool:
    """The next 200 of the alerts that were found; one that is gone by now is skipped."""
    items = await bulk.next_items(chunk)
    rows = await chunk.session.scalars(
        select(Alert).where(
            Alert.id.in_([item.target_id for item in items]),
            Alert.organization_id == chunk.job.organization_id,
            restricted.may_see(chunk.by),
        )
    )
    read = await alerts_service.shown(chunk.session, list(rows), AlertRead, by=chunk.by)
    shown = {one.id: one.model_dump(mode="json") for one in read}
    return _write_items(chunk, items, shown, ALERT_COLUMNS, "alert_not_found")


async def do_incidents(_: Resources, chunk: Chunk) -> bool:
    """The next 200 of the incidents that were found; one that is gone, or hidden by now, is skipped."""
    as_table = chunk.job.parameters["format"] == "csv"
    if as_table and "fields" not in chunk.job.result:
        names = await incidents.field_names(chunk, MAX_FIELDS)
        if len(names) > MAX_FIELDS:
            raise ExportTooLarge
        chunk.job.result = chunk.job.result | {"fields": names}
    items = await bulk.next_items(chunk)
    shown = await incidents.rows(chunk, [item.target_id for item in items])
    columns = incidents.COLUMNS
    if as_table:
        shown = {one: row | _spread(row["fields"]) for one, row in shown.items()}
        columns += tuple(_spread(dict.fromkeys(chunk.job.result["fields"])))
    return _write_items(chunk, items, shown, columns, "incident_not_found")


def _spread(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {f"fields.{name}": value for name, value in fields.items()}


async def do_events(resources: Resources, chunk: Chunk) -> bool:
    """The next 200 events of the span, the latest first. Raises Unavailable: the job then waits for OpenSearch."""
    wanted = ExportRequest.model_validate(chunk.job.parameters)
    assert wanted.start is not None
    assert wanted.end is not None
    # Relative times mean those of the moment it was asked for, however often it is taken up again.
    node = parse(wanted.query, EVENTS, Reader(now=chunk.job.created_at)) if wanted.query else EVERYTHING
    node = await restricted.unnamed(chunk.session, chunk.by, node)
    after = chunk.job.result.get("after")
    place = (int(after[0]), UUID(after[1])) if after else None
    asked = Wanted(node, wanted.start, wanted.end, wanted.kind, place, EVENTS_AT_ONCE, counted=after is None)
    found, end, total = await events.page(resources, chunk.session, asked, by=chunk.by)
    if total is not None:
        chunk.job.total = total
    if chunk.job.done + len(found) > MAX_ROWS:
        raise ExportTooLarge
    shown = [one.model_dump(mode="json", exclude={"fields"}) for one in found]
    if wanted.with_documents:
        documents = await events.documents(chunk.session, [one.id for one in found], by=chunk.by)
        shown = [one | {"document": documents.get(UUID(one["id"]))} for one in shown]
    chunk.job.total = max(chunk.job.total, chunk.job.done + len(shown))
    _write(chunk, shown, EVENT_COLUMNS)
    if end is not None:
        chunk.job.result = chunk.job.result | {"after": [end[0], str(end[1])]}
    return end is not None


def _write_items(
    chunk: Chunk, items: Sequence[JobItem], shown: Mapping[UUID, Mapping[str, Any]], columns: Sequence[str], lost: str
) -> bool:
    """Write down the items that can be shown, in their order, and skip the others; whether there may be more."""
    for item in items:
        item.status, item.reason = ("done", None) if item.target_id in shown else ("skipped", lost)
    _write(chunk, [shown[item.target_id] for item in items if item.status == "done"], columns)
    chunk.job.skipped += len(items) - len(shown)
    return len(items) == bulk.CHUNK


def _write(chunk: Chunk, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    ordinal = chunk.job.result.get("pieces", 0)
    if chunk.job.parameters["format"] == "csv":
        content = formats.table(rows, columns, header=ordinal == 0)
    else:
        content = formats.ndjson(rows)
    size = chunk.job.result.get("bytes", 0) + len(content)
    if size > MAX_BYTES:
        raise ExportTooLarge
    if content:
        chunk.session.add(JobOutput(job_id=chunk.job.id, ordinal=ordinal, content=content))
        ordinal += 1
    chunk.job.result = chunk.job.result | {"bytes": size, "pieces": ordinal}
    chunk.job.done += len(rows)


def _kept(organization_id: UUID) -> Select[int]:
    """Bytes of the organization's exports that are there, and those that live ones may still come to."""
    there = exists().where(JobOutput.job_id == Job.id)
    live = Job.status.in_(("pending", "running"))
    size = case((live, MAX_BYTES), (there, Job.result["bytes"].as_integer()), else_=0)
    return select(func.coalesce(func.sum(size), 0)).where(Job.organization_id == organization_id, Job.kind.in_(KINDS))


async def ready(session: AsyncSession, job_id: UUID, *, by: Principal) -> Job:
    """An export that is whole. Raises JobNotFound, NotReady, ExportGone and NotPermitted.

    One that holds alerts or incidents that are hidden from the caller by now is gone for them.
    """
    job = await jobs.one(session, job_id, by=by)
    if job.kind not in KINDS or job.status != "done":
        raise NotReady
    _require(_READS[job.parameters["of"]], job.organization_id, by)
    # The first piece goes first.
    first = exists().where(JobOutput.job_id == job.id, JobOutput.ordinal == 0)
    if job.result["bytes"] and not await session.scalar(select(first)):
        raise ExportGone
    if by.hidden and await session.scalar(select(exists().where(Job.id == job.id, job_queries.holds_hidden(by)))):
        raise ExportGone
    return job


async def forget(session: AsyncSession, job_id: UUID, *, by: Principal, trace: Trace) -> None:
    """Delete what was exported; the job stays. Raises what `ready` does."""
    job = await ready(session, job_id, by=by)
    await session.execute(delete(JobOutput).where(JobOutput.job_id == job.id))
    trail.record(
        session,
        "export.deleted",
        by=by,
        trace=trace,
        organization_id=job.organization_id,
        kind="job",
        object_id=job.id,
    )


def _require(permission: Permission, organization_id: UUID, by: Principal) -> None:
    if not by.may(permission, organization_id):
        raise NotPermitted(f"This needs the permission {permission}.")


def format_of(job: Job) -> Format:
    """As what it was asked for."""
    return next(one for one in get_args(Format) if one == job.parameters["format"])


async def hidden_from(session: AsyncSession, by: Principal) -> frozenset[bytes]:
    """The ids of alerts, as they are written, that what the caller fetches must not hold."""
    if not by.hidden:
        return frozenset()
    return frozenset(str(one).encode() for one in await session.scalars(restricted.alerts(by)))


async def content(
    sessions: async_sessionmaker[AsyncSession], job_id: UUID, *, hidden: frozenset[bytes] = frozenset()
) -> AsyncIterator[bytes]:
    """What the job has made, piece by piece; in place of the hidden ids stand zeros, so that it is as long as it was.

    A session a piece: whoever downloads slowly, or not at all, must not keep a connection from everybody else.
    """
    reached = -1
    while True:
        statement = (
            select(JobOutput.ordinal, JobOutput.content)
            .where(JobOutput.job_id == job_id, JobOutput.ordinal > reached)
            .order_by(JobOutput.ordinal)
            .limit(1)
        )
        async with sessions() as session:
            piece = (await session.execute(statement)).one_or_none()
        if piece is None:
            return
        reached = piece.ordinal
        yield await asyncio.to_thread(_blanked, piece.content, hidden) if hidden else piece.content


def _blanked(piece: bytes, hidden: frozenset[bytes]) -> bytes:
    return _ID.sub(lambda found: _NO_ID if found[0] in hidden else found[0], piece)
