"""The files of evidence of an incident: kept, found again, and what a look at one has shown."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.deps import Trace
from services.api.evidence_store.store import Look, Stored, Verdict
from services.api.incidents import custody, work
from services.api.principal import Principal
from shared.domain import incident as rules
from shared.errors import Conflict, Invalid, NotFound, Unsupported
from shared.models import Evidence, Incident

MAX_FILES = 1000


class EvidenceNotFound(NotFound):
    """The incident has no such evidence."""

    code = "evidence_not_found"


class EvidenceRemoved(Conflict):
    """The file was removed; what is known of it stays."""

    code = "evidence_removed"


class SentAsForm(Unsupported):
    """A form is not the file in it: send the bytes as the body, as `curl --data-binary @file` does."""


class EmptyEvidence(Invalid):
    """The body is empty: there is nothing to keep."""

    code = "empty_evidence"


class TooMuchEvidence(Conflict):
    """An incident has at most 1,000 files."""

    code = "too_much_evidence"


async def keep(
    session: AsyncSession,
    incident_id: UUID,
    file_id: UUID,
    stored: Stored,
    *,
    name: str,
    description: str,
    by: Principal,
    trace: Trace,
) -> Evidence:
    """The row of a file whose bytes are stored. Raises what `require_room` does."""
    incident = await work.locked(session, incident_id, by=by)
    await require_room(session, incident)
    row = Evidence(
        id=file_id,
        organization_id=incident.organization_id,
        incident_id=incident.id,
        name=name,
        size=stored.size,
        sha256=stored.sha256,
        media_type=stored.media_type,
        description=description,
        added_by_id=by.user_id,
    )
    session.add(row)
    await session.flush()
    custody.enter(session, row, "uploaded", by=by, sha256=row.sha256.hex(), size=row.size)
    said = f"Evidence added: {row.name}"
    await work.touch(session, incident, "evidence_added", by=by, trace=trace, said=said, **told_of(row))
    return row


def told_of(row: Evidence) -> dict[str, Any]:
    """What the audit and the timeline say of the file."""
    return {"evidence_id": row.id, "name": row.name, "sha256": row.sha256.hex(), "size": row.size}


def require_bytes(content_type: str) -> None:
    """Raises SentAsForm for a file in an envelope, which would be kept with it, under another hash."""
    if content_type.strip().lower().startswith("multipart/"):
        raise SentAsForm


async def something(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes. Raises EmptyEvidence at the end where there were none."""
    seen = False
    async for chunk in chunks:
        seen = seen or bool(chunk)
        yield chunk
    if not seen:
        raise EmptyEvidence


async def require_room(session: AsyncSession, incident: Incident) -> None:
    """Raises TooMuchEvidence where it has as many as it may, and what `require_unmerged` does."""
    rules.require_unmerged(incident)
    kept = select(func.count()).where(Evidence.incident_id == incident.id)
    if (await session.scalar(kept) or 0) >= MAX_FILES:
        raise TooMuchEvidence


async def found(session: AsyncSession, row: Evidence, look: Look, *, by: Principal, trace: Trace) -> None:
    """Keep what a look at the file has shown; of one that is not what it was, the timeline tells too."""
    verdict = look.verdict
    action = {Verdict.INTACT: "verified", Verdict.CHANGED: "found_changed", Verdict.MISSING: "found_missing"}[verdict]
    other = {"found_sha256": look.sha256.hex()} if verdict is Verdict.CHANGED and look.sha256 else {}
    custody.enter(session, row, action, by=by, **other)
    said = None if verdict is Verdict.INTACT else f"Evidence {row.name} was found {verdict.value}"
    told = told_of(row) | {"verdict": verdict.value} | other
    await work.touch(
        session, await incident_of(session, row), "evidence_verified", by=by, trace=trace, said=said, **told
    )


async def incident_of(session: AsyncSession, row: Evidence) -> Incident:
    """The file's incident, locked: a merge moves both."""
    return await session.get_one(Incident, row.incident_id, with_for_update=True)


async def one(session: AsyncSession, incident_id: UUID, evidence_id: UUID, *, by: Principal) -> Evidence:
    """What is known of a file. Raises IncidentNotFound and EvidenceNotFound."""
    incident = await work.one(session, incident_id, by=by)
    of_it = select(Evidence).where(Evidence.id == evidence_id, Evidence.incident_id == incident.id)
    row = await session.scalar(of_it)
    if row is None:
        raise EvidenceNotFound
    return row


async def there(session: AsyncSession, incident_id: UUID, evidence_id: UUID, *, by: Principal) -> Evidence:
    """A file that was not removed. Raises EvidenceNotFound and EvidenceRemoved."""
    row = await one(session, incident_id, evidence_id, by=by)
    if row.removed_at is not None:
        raise EvidenceRemoved
    return row
