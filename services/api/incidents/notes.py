"""`/incidents/{id}/notes`: what people write about an incident; every version is kept."""

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi import status as statuses
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, notes, outbox, restricted
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents import members, work
from services.api.notes import NoteBase, NoteWrite, Versions
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.principal import Principal
from shared.domain import incident as rules
from shared.domain.notification import Kind
from shared.models import Incident, IncidentNote, IncidentNoteVersion

router = APIRouter(prefix="/incidents/{incident_id}/notes", tags=["incidents"], responses=problems(404))


class IncidentNoteRead(NoteBase):
    """A note on an incident; `origin_id` is the one it was written on, where that was merged into this."""

    incident_id: UUID
    origin_id: UUID | None


class IncidentNoteWithVersions(IncidentNoteRead, Versions):
    """A note and all its versions, the first one first; the latest hundred."""


@router.get("")
async def list_incident_notes(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[IncidentNoteRead]:
    """The incident's notes, the first one first."""
    incident = await work.one(session, incident_id, by=caller)
    on = IncidentNote.incident_id == incident.id
    page, next_cursor = await notes.page(session, IncidentNote, on, cursor=cursor, limit=limit)
    return Page(items=[_shown(note, caller) for note in page], next_cursor=next_cursor)


@router.get("/{note_id}")
async def get_incident_note(
    incident_id: UUID, note_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> IncidentNoteWithVersions:
    """One note with its versions."""
    incident = await work.one(session, incident_id, by=caller)
    note = await _one(session, incident, note_id)
    response.headers["ETag"] = etag(note.revision)
    versions = await notes.versions(session, IncidentNoteVersion, note.id)
    return IncidentNoteWithVersions(**_shown(note, caller).model_dump(), versions=versions)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def write_incident_note(
    *,
    incident_id: UUID,
    wanted: NoteWrite,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> IncidentNoteRead:
    """Write a note; a closed incident takes them too."""

    async def write() -> IncidentNoteRead:
        incident = await work.locked(session, incident_id, by=caller)
        note = await add(session, incident, wanted.body, by=caller, trace=trace)
        return IncidentNoteRead.model_validate(note)

    route = f"incident note {incident_id}"
    made = await idempotency.once(session, key, wanted, write, by=caller, route=route, reply=IncidentNoteRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.put("/{note_id}", responses=problems(409, 412, 415, 428))
async def rewrite_incident_note(
    *,
    incident_id: UUID,
    note_id: UUID,
    wanted: NoteWrite,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> IncidentNoteRead:
    """Write one's note anew; the version before is kept."""
    note = await _rewrite(session, incident_id, note_id, wanted.body, by=caller, trace=trace, seen=seen)
    response.headers["ETag"] = etag(note.revision)
    return _shown(note, caller)


@router.delete("/{note_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(409, 412, 428))
async def take_back_incident_note(
    *,
    incident_id: UUID,
    note_id: UUID,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    seen: IfMatch = None,
) -> None:
    """Take one's note back; its versions are kept. Not under legal hold."""
    await _rewrite(session, incident_id, note_id, "", by=caller, trace=trace, seen=seen)


def _shown(note: IncidentNote, by: Principal) -> IncidentNoteRead:
    return restricted.moved(IncidentNoteRead.model_validate(note), by=by)


async def add(session: AsyncSession, incident: Incident, body: str, *, by: Principal, trace: Trace) -> IncidentNote:
    """A note on a locked incident. Raises IncidentMerged and NotAMember."""
    rules.require_unmerged(incident)
    mentions = await notes.mentioned(session, incident.organization_id, body)
    await members.require_seers(session, incident, mentions)
    note = IncidentNote(
        organization_id=incident.organization_id,
        incident_id=incident.id,
        author_id=by.user_id,
        author_name=by.name,
        body=body,
        mentions=mentions,
    )
    session.add(note)
    await session.flush()
    await _keep(session, incident, note, "noted", by=by, trace=trace)
    return note


async def _rewrite(
    session: AsyncSession, incident_id: UUID, note_id: UUID, body: str, *, by: Principal, trace: Trace, seen: str | None
) -> IncidentNote:
    incident = await work.locked(session, incident_id, by=by)
    rules.require_unmerged(incident)
    if not body:
        rules.require_unheld(incident)
    note = await _one(session, incident, note_id)

    def shown() -> object:
        return _shown(note, by).model_dump(mode="json")

    told = set(note.mentions)
    if await notes.rewrite(session, note, body, by=by, seen=seen, shown=shown):
        await members.require_seers(session, incident, [one for one in note.mentions if one not in told])
        await _keep(session, incident, note, "note_rewritten" if body else "note_taken_back", by=by, trace=trace)
    return note


async def _keep(
    session: AsyncSession, incident: Incident, note: IncidentNote, action: str, *, by: Principal, trace: Trace
) -> None:
    """The version, word in audit and stream, and word to whom it names: each once, however often it is written anew."""
    notes.keep(session, IncidentNoteVersion, [note], by)
    await work.touch(session, incident, action, by=by, trace=trace, note_id=note.id, revision=note.revision)
    told = (
        work.notice(
            incident, Kind.NOTE_MENTION, f"{note.id} {person}", f"{by.name} mentions you", to=person, by=by, trace=trace
        )
        for person in note.mentions
    )
    await outbox.notify(session, *told)


async def _one(session: AsyncSession, incident: Incident, note_id: UUID) -> IncidentNote:
    note: IncidentNote = await notes.one(session, IncidentNote, IncidentNote.incident_id == incident.id, note_id)
    return note
