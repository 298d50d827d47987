"""`/alerts/{id}/notes`: what people write about an alert; every version is kept."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi import status as statuses
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, notes, outbox, trail
from services.api.alerts import service, triage
from services.api.auth.permissions import AlertReader, AlertWriter
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.notes import NoteBase, NoteWrite, Versions
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.principal import Principal
from shared.domain.notification import Kind
from shared.models import Alert, AlertNote, AlertNoteVersion
from shared.notices import Notice

router = APIRouter(prefix="/alerts/{alert_id}/notes", tags=["alerts"], responses=problems(404))


class NoteRead(NoteBase):
    """A note on an alert; `revision` is its ETag. One that was taken back has an empty body."""

    alert_id: UUID


class NoteWithVersions(NoteRead, Versions):
    """A note and all its versions, the first one first; the latest hundred."""


@router.get("")
async def list_alert_notes(
    alert_id: UUID, caller: AlertReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[NoteRead]:
    """The alert's notes, the first one first."""
    alert = await service.one(session, alert_id, by=caller)
    page, next_cursor = await notes.page(session, AlertNote, AlertNote.alert_id == alert.id, cursor=cursor, limit=limit)
    return Page(items=[NoteRead.model_validate(note) for note in page], next_cursor=next_cursor)


@router.get("/{note_id}")
async def get_alert_note(
    alert_id: UUID, note_id: UUID, caller: AlertReader, session: Session, response: Response
) -> NoteWithVersions:
    """One note with its versions."""
    alert = await service.one(session, alert_id, by=caller)
    note = await _one(session, alert, note_id)
    shown = await notes.versions(session, AlertNoteVersion, note.id)
    response.headers["ETag"] = etag(note.revision)
    return NoteWithVersions(**NoteRead.model_validate(note).model_dump(), versions=shown)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def write_alert_note(
    *,
    alert_id: UUID,
    wanted: NoteWrite,
    caller: AlertWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> NoteRead:
    """Write a note; a closed alert takes them too."""

    async def work() -> NoteRead:
        alert = await triage.locked(session, alert_id, by=caller)
        (note,) = await add(session, [alert], wanted.body, by=caller, trace=trace)
        _tell_changed(session, alert, trace)
        return NoteRead.model_validate(note)

    route = f"note {alert_id}"
    made = await idempotency.once(session, key, wanted, work, by=caller, route=route, reply=NoteRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.put("/{note_id}", responses=problems(412, 415, 428))
async def rewrite_alert_note(
    *,
    alert_id: UUID,
    note_id: UUID,
    wanted: NoteWrite,
    caller: AlertWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> NoteRead:
    """Write one's note anew; the version before is kept."""
    note = await _rewrite(session, alert_id, note_id, wanted.body, by=caller, trace=trace, seen=seen)
    response.headers["ETag"] = etag(note.revision)
    return NoteRead.model_validate(note)


@router.delete("/{note_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(412, 428))
async def take_back_alert_note(
    *,
    alert_id: UUID,
    note_id: UUID,
    caller: AlertWriter,
    session: Session,
    trace: RequestTrace,
    seen: IfMatch = None,
) -> None:
    """Take one's note back; its versions are kept."""
    await _rewrite(session, alert_id, note_id, "", by=caller, trace=trace, seen=seen)


async def add(
    session: AsyncSession,
    alerts: Sequence[Alert],
    body: str,
    *,
    by: Principal,
    trace: Trace,
    told_of: UUID | None = None,
) -> list[AlertNote]:
    """The same note on each of these locked alerts of one organization; who calls it tells that they changed.

    Those named are told once of `told_of`: of the note itself, if it is left out.
    """
    mentions = await notes.mentioned(session, alerts[0].organization_id, body)
    written = [
        AlertNote(
            organization_id=alert.organization_id,
            alert_id=alert.id,
            author_id=by.user_id,
            author_name=by.name,
            body=body,
            mentions=mentions,
        )
        for alert in alerts
    ]
    session.add_all(written)
    await session.flush()
    await _keep(session, written, by, trace, "alert.noted")
    await _tell_mentioned(session, written[0], alerts[0], by, trace, told_of=told_of or written[0].id)
    return written


async def _rewrite(
    session: AsyncSession,
    alert_id: UUID,
    note_id: UUID,
    body: str,
    *,
    by: Principal,
    trace: Trace,
    seen: str | None,
) -> AlertNote:
    alert = await triage.locked(session, alert_id, by=by)
    note = await _one(session, alert, note_id)
    if await notes.rewrite(
        session, note, body, by=by, seen=seen, shown=lambda: NoteRead.model_validate(note).model_dump(mode="json")
    ):
        _tell_changed(session, alert, trace)
        await _keep(session, [note], by, trace, "alert.note_rewritten" if body else "alert.note_taken_back")
        await _tell_mentioned(session, note, alert, by, trace, told_of=note.id)
    return note


async def _keep(session: AsyncSession, written: Sequence[AlertNote], by: Principal, trace: Trace, action: str) -> None:
    """The versions, the entries, and new versions of the alerts, whose documents have the notes' text."""
    notes.keep(session, AlertNoteVersion, written, by)
    for note in written:
        trail.record(
            session,
            action,
            by=by,
            trace=trace,
            organization_id=note.organization_id,
            kind="alert",
            object_id=note.alert_id,
            note_id=note.id,
            revision=note.revision,
        )
    alert_ids = [note.alert_id for note in written]
    # No column changes: the trigger raises the version all the same, and the projection follows.
    await session.execute(
        update(Alert).where(Alert.id.in_(alert_ids)).values(id=Alert.id).execution_options(synchronize_session=False)
    )
    await session.flush()


def _tell_changed(session: AsyncSession, alert: Alert, trace: Trace) -> None:
    outbox.changed(session, "alert", [alert.id], organization_id=alert.organization_id, trace=trace)


async def _tell_mentioned(
    session: AsyncSession, note: AlertNote, alert: Alert, by: Principal, trace: Trace, *, told_of: UUID
) -> None:
    """Those named: each once, however often the note is written anew."""
    notices = [
        Notice(
            note.organization_id,
            Kind.NOTE_MENTION,
            str(told_of),
            f"{by.name} mentions you: {alert.title}",
            severity=alert.severity,
            object_kind="alert",
            object_id=alert.id,
            addressee=person,
            actor=by.user_id,
            correlation_id=trace.correlation_id,
        )
        for person in note.mentions
    ]
    await outbox.notify(session, *notices)


async def _one(session: AsyncSession, alert: Alert, note_id: UUID) -> AlertNote:
    note: AlertNote = await notes.one(session, AlertNote, AlertNote.alert_id == alert.id, note_id)
    return note
