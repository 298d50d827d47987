"""`/incidents/{id}/evidence`: files that prove something, taken in as they come, given out as they were."""

from base64 import b64encode
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from fastapi import status as statuses
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from services.api import idempotency, pagination, preconditions, restricted
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.evidence_store.store import Look
from services.api.idempotency import Key
from services.api.incidents import custody, work
from services.api.incidents import evidence_files as files
from services.api.incidents.evidence_schemas import (
    CustodyRead,
    Description,
    EvidenceRead,
    EvidenceUpdate,
    Verified,
    shown,
    step,
)
from services.api.incidents.schemas import Reason
from services.api.middleware import BODY_LIMIT
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.text import Name
from shared import clock, ids
from shared.domain import incident as rules
from shared.models import Evidence, EvidenceCustody

router = APIRouter(prefix="/incidents/{incident_id}/evidence", tags=["incidents"], responses=problems(404))

# What the store's own setting may be at most; it says the rest.
_BYTES_IN_BODY = {
    BODY_LIMIT: 64 << 30,
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
    },
}


_HASHED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Repr-Digest": {
                "description": "The SHA-256 that the file came with, after RFC 9530.",
                "schema": {"type": "string"},
            }
        }
    }
}


@router.get("")
async def list_incident_evidence(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[EvidenceRead]:
    """The incident's files, the first one first; those that were removed too."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    incident = await work.one(session, incident_id, by=caller)
    found = select(Evidence).where(Evidence.incident_id == incident.id).order_by(Evidence.id).limit(limit + 1)
    rows = (await session.scalars(found if after is None else found.where(Evidence.id > after))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[shown(row, by=caller) for row in page], next_cursor=next_cursor)


@router.post(
    "",
    status_code=statuses.HTTP_201_CREATED,
    responses=problems(409, 413) | {415: {"description": files.SentAsForm.__doc__}},
    openapi_extra=_BYTES_IN_BODY,
)
async def upload_evidence(
    *,
    incident_id: UUID,
    name: Annotated[Name, Query(description="The file's name.")],
    description: Annotated[Description, Query()] = "",
    request: Request,
    caller: IncidentWriter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    later: BackgroundTasks,
    response: Response,
    key: Key = None,
) -> EvidenceRead:
    """Hand in a file: the body is its bytes, as they are, and no form. One that is cut off leaves nothing."""
    files.require_bytes(request.headers.get("content-type", ""))
    # In a session of its own: who uploads for an hour must hold no connection.
    async with resources.sessions.begin() as looking:
        await files.require_room(looking, await work.one(looking, incident_id, by=caller))
    file_id = ids.uuid7()
    chunks = files.something(request.stream())
    stored = await resources.evidence.write(file_id, chunks, resources.settings.evidence_max_bytes)

    async def keep() -> EvidenceRead:
        return shown(
            await files.keep(
                session, incident_id, file_id, stored, name=name, description=description, by=caller, trace=trace
            ),
            by=caller,
        )

    route = f"evidence {incident_id} {name} {stored.sha256.hex()}"
    made = await idempotency.once(session, key, None, keep, by=caller, route=route, reply=EvidenceRead)
    if made.id != file_id:
        later.add_task(resources.evidence.delete, file_id)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("/{evidence_id}")
async def get_evidence(
    incident_id: UUID, evidence_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> EvidenceRead:
    """What is known of one file."""
    row = await files.one(session, incident_id, evidence_id, by=caller)
    response.headers["ETag"] = etag(row.revision)
    return shown(row, by=caller)


@router.get("/{evidence_id}/custody")
async def list_evidence_custody(
    *,
    incident_id: UUID,
    evidence_id: UUID,
    caller: IncidentReader,
    session: Session,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CustodyRead]:
    """The file's way, the first step first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    row = await files.one(session, incident_id, evidence_id, by=caller)
    found = select(EvidenceCustody).where(EvidenceCustody.evidence_id == row.id).order_by(EvidenceCustody.id)
    found = found if after is None else found.where(EvidenceCustody.id > after)
    rows = (await session.scalars(found.limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda entry: (entry.id,))
    hidden = await restricted.hidden_numbers(session, caller, row.organization_id)
    return Page(items=[step(entry, hidden) for entry in page], next_cursor=next_cursor)


@router.get("/{evidence_id}/content", response_class=StreamingResponse, responses=problems(409) | _HASHED)
async def download_evidence(
    *,
    incident_id: UUID,
    evidence_id: UUID,
    caller: IncidentReader,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
) -> StreamingResponse:
    """The file as it came. It is hashed on its way out: of one that is not what it was, the end is never sent."""
    async with resources.sessions.begin() as looking:
        row = await files.there(looking, incident_id, evidence_id, by=caller)

    async def tampered(look: Look) -> None:
        async with resources.sessions.begin() as telling:
            await files.found(telling, await telling.get_one(Evidence, row.id), look, by=caller, trace=trace)

    pieces = custody.checked(resources.evidence, row, tampered)
    first = await custody.first_of(pieces)
    # With no lock held while the first piece was read, which may have told that it is not what it was.
    row = await files.there(session, incident_id, evidence_id, by=caller)
    custody.enter(session, row, "downloaded", by=caller)
    incident = await files.incident_of(session, row)
    await work.touch(session, incident, "evidence_downloaded", by=caller, trace=trace, **files.told_of(row))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}",
        "Content-Length": str(row.size),
        "Repr-Digest": f"sha-256=:{b64encode(row.sha256).decode()}:",
        # Whatever it is, no browser shows it as a page of ours.
        "Content-Security-Policy": "sandbox",
    }
    return StreamingResponse(custody.rejoined(first, pieces), media_type="application/octet-stream", headers=headers)


@router.post("/{evidence_id}/verify", responses=problems(409))
async def verify_evidence(
    *,
    incident_id: UUID,
    evidence_id: UUID,
    caller: IncidentWriter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
) -> Verified:
    """Read the file through and compare it with the hash it had when it came. What is found is kept."""
    async with resources.sessions.begin() as looking:
        row = await files.there(looking, incident_id, evidence_id, by=caller)
    look = await resources.evidence.verify(row.id, row.sha256, row.size)
    row = await files.there(session, incident_id, evidence_id, by=caller)
    await files.found(session, row, look, by=caller, trace=trace)
    return Verified(
        verdict=look.verdict.value,
        sha256=row.sha256.hex(),
        found_sha256=look.sha256.hex() if look.sha256 else None,
        verified_at=clock.now(),
    )


@router.patch("/{evidence_id}", responses=problems(409, 412, 415, 428))
async def describe_evidence(
    *,
    incident_id: UUID,
    evidence_id: UUID,
    wanted: EvidenceUpdate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> EvidenceRead:
    """Say something else of the file."""
    incident = await work.locked(session, incident_id, by=caller)
    rules.require_unmerged(incident)
    row = await files.one(session, incident_id, evidence_id, by=caller)
    preconditions.check(seen, row.revision, lambda: shown(row, by=caller).model_dump(mode="json"))
    if row.description != wanted.description:
        changes = {"description": (row.description, wanted.description)}
        row.description = wanted.description
        row.revision += 1
        await session.flush()
        custody.enter(session, row, "described", by=caller)
        await work.touch(
            session, incident, "evidence_described", by=caller, trace=trace, changes=changes, evidence_id=row.id
        )
    response.headers["ETag"] = etag(row.revision)
    return shown(row, by=caller)


@router.delete("/{evidence_id}", responses=problems(409))
async def remove_evidence(
    *,
    incident_id: UUID,
    evidence_id: UUID,
    reason: Annotated[Reason, Query(description="Why the bytes are deleted; the audit keeps it.")],
    caller: IncidentWriter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    later: BackgroundTasks,
    response: Response,
) -> EvidenceRead:
    """Delete the bytes. That the file was there, its hash and its way stay. Not under legal hold."""
    incident = await work.locked(session, incident_id, by=caller)
    rules.require_open(incident)
    rules.require_unheld(incident)
    row = await files.there(session, incident_id, evidence_id, by=caller)
    row.removed_at = clock.now()
    row.revision += 1
    await session.flush()
    custody.enter(session, row, "removed", by=caller, reason=reason)
    said = f"Evidence removed: {row.name}"
    await work.touch(
        session, incident, "evidence_removed", by=caller, trace=trace, said=said, reason=reason, **files.told_of(row)
    )
    # Behind the commit; what is left by a process that ends before, the sweep takes.
    later.add_task(resources.evidence.delete, row.id)
    response.headers["ETag"] = etag(row.revision)
    return shown(row, by=caller)
