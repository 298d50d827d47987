"""Notes on anything: Markdown that its author may write anew, every version kept, people named in it told."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import pagination, preconditions
from services.api.principal import NotPermitted, Principal
from services.api.text import NoteText
from shared.errors import NotFound
from shared.models import AlertNote, AlertNoteVersion, IncidentNote, IncidentNoteVersion, Membership, User

# As `@ann@example.org`: people have no other name that is unique.
_MENTION = re.compile(r"(?<![\w.])@([\w.+-]{1,64}@[\w.-]{1,189}\w)")
MAX_MENTIONS = 20
MAX_VERSIONS = 100

Note = AlertNote | IncidentNote
NoteModel = type[AlertNote] | type[IncidentNote]
VersionModel = type[AlertNoteVersion] | type[IncidentNoteVersion]


class NoteNotFound(NotFound):
    """There is no such note here."""

    code = "note_not_found"


class NoteWrite(BaseModel):
    """Markdown. Who is named by e-mail address, as `@ann@example.org`, is told."""

    model_config = ConfigDict(extra="forbid")

    body: NoteText


class NoteBase(BaseModel):
    """A note; `revision` is its ETag. One that was taken back has an empty body."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    author_id: UUID | None
    author_name: str
    body: str
    mentions: list[UUID]
    revision: int
    created_at: datetime
    updated_at: datetime


class NoteVersionRead(BaseModel):
    """A note as it read from then on."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    author_id: UUID | None
    author_name: str
    body: str
    created_at: datetime


class Versions(BaseModel):
    """All versions of a note, the first one first; the latest hundred."""

    versions: list[NoteVersionRead] = Field(max_length=MAX_VERSIONS)


async def page(
    session: AsyncSession, model: Any, on: ColumnElement[bool], *, cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """A page of the notes on one thing, the first one first, and its cursor. Raises BadCursor."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    statement = select(model).where(on).order_by(model.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(model.id > after)
    rows = (await session.scalars(statement)).all()
    return pagination.cut(rows, limit, lambda note: (note.id,))


async def one(session: AsyncSession, model: Any, on: ColumnElement[bool], note_id: UUID) -> Any:
    """That note on that thing. Raises NoteNotFound."""
    note = await session.scalar(select(model).where(model.id == note_id, on))
    if note is None:
        raise NoteNotFound
    return note


async def versions(session: AsyncSession, model: Any, note_id: UUID) -> list[NoteVersionRead]:
    """Its versions, the first one first."""
    found = select(model).where(model.note_id == note_id).order_by(model.revision.desc()).limit(MAX_VERSIONS)
    rows = (await session.scalars(found)).all()
    return [NoteVersionRead.model_validate(version) for version in reversed(rows)]


async def rewrite(
    session: AsyncSession,
    note: Note,
    body: str,
    *,
    by: Principal,
    seen: str | None,
    shown: Callable[[], Any],
) -> bool:
    """Write one's note anew; of an empty body, take it back. False where nothing changed.

    Raises NotPermitted for another's, and what preconditions.check does with `shown`.
    """
    if note.author_id is None or note.author_id != by.user_id:
        raise NotPermitted("Only who wrote a note can change it.")
    preconditions.check(seen, note.revision, shown)
    if body == note.body:
        return False
    note.body, note.mentions = body, await mentioned(session, note.organization_id, body)
    note.revision += 1
    await session.flush()
    return True


def keep(session: AsyncSession, model: VersionModel, notes: Sequence[Note], by: Principal) -> None:
    """Keep the notes as they read now."""
    session.add_all(
        model(note_id=note.id, revision=note.revision, author_id=by.user_id, author_name=by.name, body=note.body)
        for note in notes
    )


async def mentioned(session: AsyncSession, organization_id: UUID, body: str) -> list[UUID]:
    """Who is named in it, of the organization's people; the first twenty."""
    emails = list(dict.fromkeys(found.lower() for found in _MENTION.findall(body)))[:MAX_MENTIONS]
    if not emails:
        return []
    people = await session.scalars(
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id, func.lower(User.email).in_(emails))
        .order_by(User.id)
    )
    return list(people)
