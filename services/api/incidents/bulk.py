"""`/incidents/bulk`: an incident of hundreds of alerts, opened or added to by a job, and taken apart again."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses
from pydantic import Field, model_validator
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, queried
from services.api.alerts import bulk
from services.api.alerts.bulk import Selection
from services.api.auth.permissions import IncidentWriter
from services.api.deps import RequestTrace, Resources, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents import links, service, work
from services.api.incidents.schemas import IncidentCreate, Reason
from services.api.jobs import service as jobs
from services.api.jobs.runner import Chunk
from services.api.jobs.schemas import JobRead
from services.api.principal import Principal
from shared.domain import incident as rules
from shared.domain.alert import SUPPRESSED
from shared.domain.incident import Tlp
from shared.models import Alert, Incident, IncidentTemplate, Job, JobItem
from shared.query.tree import Node

router = APIRouter(prefix="/incidents/bulk", tags=["incidents"])

LINK, UNLINK = "incidents.link", "incidents.unlink"
UNDONE_BY = {LINK: UNLINK}


class Opening(IncidentCreate):
    """The incident to be opened; its alerts are those that are selected."""

    alert_ids: list[UUID] = Field(default_factory=list, max_length=0)

    @model_validator(mode="after")
    def _is_of_the_selections_organization(self) -> Self:
        if self.organization_id:
            raise ValueError("the organization is that of the selection")
        return self


class BulkLinking(Selection):
    """Which alerts, and to which incident: one that there is, or one to be opened when the job starts."""

    incident_id: UUID | None = None
    open: Opening | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_one_incident(self) -> Self:
        if (self.incident_id is None) == (self.open is None):
            raise ValueError("name an incident by incident_id, or open one")
        return self


@router.post("", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(404, 409, 415))
async def prepare_bulk_linking(
    *, wanted: BulkLinking, caller: IncidentWriter, session: Session, trace: RequestTrace, key: Key = None
) -> JobRead:
    """Link many alerts, as a job: a draft that shows how many, or done at once; 5,000 at most.

    `result.will_skip` of a draft counts those that would be left out, by reason. When it has begun, `result` names the
    incident.
    """

    async def prepare() -> JobRead:
        node = await queried.alerts(session, wanted.query, by=caller)
        job = JobRead.model_validate(await _prepare(session, wanted, node, by=caller, trace=trace))
        if wanted.start:
            return job
        # In this reply alone: whoever else reads the job may see fewer of its alerts.
        return job.model_copy(update={"result": {"will_skip": await _will_skip(session, job.id, wanted.incident_id)}})

    return await idempotency.once(session, key, wanted, prepare, by=caller, route="incident bulk", reply=JobRead)


@router.post("/{job_id}/undo", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(404, 409))
async def undo_bulk_linking(job_id: UUID, caller: IncidentWriter, session: Session, trace: RequestTrace) -> JobRead:
    """Take the alerts out again, as a job: those that are still in the incident. The incident stays."""
    return JobRead.model_validate(await jobs.undo(session, job_id, UNDONE_BY, by=caller, trace=trace))


async def _prepare(session: AsyncSession, wanted: BulkLinking, node: Node, *, by: Principal, trace: Trace) -> Job:
    parameters: dict[str, Any] = {"reason": wanted.reason}
    if wanted.incident_id is not None:
        incident = await work.one(session, wanted.incident_id, by=by)
        rules.require_open(incident)
        parameters["incident_id"] = str(incident.id)
        wanted = wanted.model_copy(update={"organization_id": incident.organization_id})
    if wanted.open is not None:
        parameters["open"] = wanted.open.model_dump(mode="json", exclude_unset=True)
        if await _is_red(session, wanted.open.template_id):
            # For whoever sees the job before the incident is there.
            parameters["open"] |= {"restricted": True}
    return await bulk.of(session, LINK, parameters, wanted, node, by=by, trace=trace, at_most=links.MAX_LINKED)


async def _will_skip(session: AsyncSession, job_id: UUID, incident_id: UUID | None) -> dict[str, int]:
    of_job = select(Alert.incident_id, Alert.status, func.count()).join(JobItem, JobItem.target_id == Alert.id)
    of_job = of_job.where(JobItem.job_id == job_id).group_by(Alert.incident_id, Alert.status)
    skipped: Counter[str] = Counter()
    for held_by, status, number in await session.execute(of_job):
        if reason := _stands_against(held_by, status, incident_id):
            skipped[reason] += number
    return dict(skipped)


async def _is_red(session: AsyncSession, template_id: UUID | None) -> bool:
    marked = select(IncidentTemplate.tlp).where(IncidentTemplate.id == template_id)
    return template_id is not None and await session.scalar(marked) == Tlp.RED


async def link(_: Resources, chunk: Chunk) -> bool:
    """The next 200 alerts into the incident, which the first of them open where there is none."""
    items, alerts = await bulk.next_alerts(chunk)
    incident = await _locked(chunk)
    taken = [item for item in items if _fits(incident, item, alerts.get(item.target_id))]
    some = [alerts[item.target_id] for item in taken]
    if incident is None and some:
        incident = await _open(chunk, some)
    elif incident is not None:
        reason = chunk.job.parameters.get("reason")
        await links.add(chunk.session, incident, some, by=chunk.by, trace=chunk.trace, reason=reason)
    if incident is not None:
        chunk.job.result = chunk.job.result | {"incident_id": str(incident.id), "number": incident.number}
    return await _counted(chunk, items, taken, alerts)


async def _locked(chunk: Chunk) -> Incident | None:
    """The job's incident, behind its alerts; None before it was opened. Raises IncidentClosed and IncidentMerged."""
    known = chunk.job.result.get("incident_id") or chunk.job.parameters.get("incident_id")
    if known is None:
        return None
    # Whoever asked could see it; a job works on, whoever is a member meanwhile.
    incident = (await chunk.session.scalars(select(Incident).where(Incident.id == UUID(known)).with_for_update())).one()
    rules.require_open(incident)
    return incident


async def _open(chunk: Chunk, alerts: Sequence[Alert]) -> Incident:
    given = chunk.job.parameters["open"] | {
        "alert_ids": [alert.id for alert in alerts],
        "organization_id": chunk.job.organization_id,
    }
    return await service.create(chunk.session, IncidentCreate.model_validate(given), by=chunk.by, trace=chunk.trace)


def _fits(incident: Incident | None, item: JobItem, alert: Alert | None) -> bool:
    incident_id = incident.id if incident is not None else None
    reason = _stands_against(alert.incident_id, alert.status, incident_id) if alert is not None else "alert_not_found"
    if reason is not None:
        bulk.skip(item, reason)
    return reason is None


def _stands_against(held_by: UUID | None, status: str, incident_id: UUID | None) -> str | None:
    """Why an alert is not linked to this incident, if so; None is one that is yet to be opened."""
    if held_by is not None:
        return "unchanged" if held_by == incident_id else "alert_linked"
    return "alert_suppressed" if status == SUPPRESSED else None


async def unlink(_: Resources, chunk: Chunk) -> bool:
    """The next 200 alerts of a linking that is taken back, out of its incident."""
    if chunk.job.total == 0:
        await bulk.take_over(chunk)
    items, alerts = await bulk.next_alerts(chunk)
    linking = await chunk.session.get_one(Job, chunk.job.undo_of_id)
    found = select(Incident).where(Incident.id == UUID(linking.result["incident_id"]))
    incident = (await chunk.session.scalars(found.with_for_update())).one()
    rules.require_open(incident)
    taken = [item for item in items if _is_in(incident, item, alerts.get(item.target_id))]
    some = [alerts[item.target_id] for item in taken]
    await links.remove(chunk.session, incident, some, by=chunk.by, trace=chunk.trace)
    return await _counted(chunk, items, taken, alerts)


def _is_in(incident: Incident, item: JobItem, alert: Alert | None) -> bool:
    if alert is not None and alert.incident_id == incident.id:
        return True
    bulk.skip(item, "alert_not_found" if alert is None else "changed_since")
    return False


async def _counted(chunk: Chunk, items: Sequence[JobItem], taken: Sequence[JobItem], alerts: dict[UUID, Alert]) -> bool:
    for item in taken:
        item.status, item.revision = "done", alerts[item.target_id].revision
    chunk.job.done += len(taken)
    chunk.job.skipped += len(items) - len(taken)
    await chunk.session.flush()
    return len(items) == bulk.CHUNK
