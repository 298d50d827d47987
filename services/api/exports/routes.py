"""`/exports`: copies of what a query finds, made by a job, fetched when it is done; the audit knows both."""

from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses
from fastapi.responses import StreamingResponse

from services.api import idempotency, trail
from services.api.auth.permissions import Exporter
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.exports import service
from services.api.exports.formats import MEDIA_TYPES
from services.api.exports.schemas import ExportRequest
from services.api.idempotency import Key
from services.api.jobs.schemas import JobRead

router = APIRouter(prefix="/exports", tags=["exports"])


@router.post("", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(409, 415))
async def start_export(
    *, wanted: ExportRequest, caller: Exporter, session: Session, trace: RequestTrace, key: Key = None
) -> JobRead:
    """Have a copy made. `/jobs/{id}` tells how far it is; at most 100,000 rows. It is kept for days, not for ever."""

    async def work() -> JobRead:
        return JobRead.model_validate(await service.begin(session, wanted, by=caller, trace=trace))

    return await idempotency.once(session, key, wanted, work, by=caller, route="export", reply=JobRead)


@router.get("/{job_id}/content", response_class=StreamingResponse, responses=problems(404, 409))
async def fetch_export(
    job_id: UUID, caller: Exporter, session: Session, resources: OpenResources, trace: RequestTrace
) -> StreamingResponse:
    """The copy, once its job is done; `export_gone` when it is kept no longer."""
    job = await service.ready(session, job_id, by=caller)
    what = service.format_of(job)
    trail.record(
        session,
        "export.fetched",
        by=caller,
        trace=trace,
        organization_id=job.organization_id,
        kind="job",
        object_id=job.id,
        rows=job.done,
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{job.kind.partition(".")[0]}-{job_id}.{what}"',
        # One that is deleted meanwhile is seen to break off.
        "Content-Length": str(job.result["bytes"]),
    }
    hidden = await service.hidden_from(session, caller)
    pieces = service.content(resources.sessions, job_id, hidden=hidden)
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[what], headers=headers)


@router.delete("/{job_id}/content", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404, 409))
async def delete_export(job_id: UUID, caller: Exporter, session: Session, trace: RequestTrace) -> None:
    """Delete the copy, before its days are over."""
    await service.forget(session, job_id, by=caller, trace=trace)
