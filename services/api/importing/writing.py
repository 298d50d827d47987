"""Writes imported cases: each in one transaction with the ids by which a later import knows it again.

Whoever ends the process at any time leaves whole cases only, and the next run goes on behind them. Files are handed in
before the transaction, once, however often that is begun anew; of one that never came to be, the sweep of the store
takes them.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, any_, func, literal, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api import outbox, trail
from services.api.deps import Trace
from services.api.evidence_store.store import EvidenceStore
from services.api.importing import filing, parts, rows
from services.api.importing.cases import Attachment, ImportedCase, LeftOut
from services.api.importing.filing import Filed, Files
from services.api.importing.inserting import Inserting
from services.api.importing.parts import Key, Kind, Parts
from services.api.importing.room import NO_FILE, room_in
from services.api.importing.rows import PROGRAM, Members, Place
from services.api.incidents import locking, queries
from shared import ids, retry
from shared.db.failures import is_broken_off
from shared.domain.incident import Tlp
from shared.errors import Invalid
from shared.models import (
    ImportedItem,
    Incident,
    Membership,
    User,
)

MOST_RESTARTS = 5
_RESTART = retry.Backoff(first=0.05, most=1.0)


class OwnerNeeded(Invalid):
    """The case is TLP:RED and so restricted to its members; `--owner` says who that is."""

    code = "owner_needed"


@dataclass(frozen=True)
class Home:
    """The organization that cases are brought to; `owner` is let in to those that are restricted."""

    organization_id: UUID
    members: Members
    owner: UUID | None = None


class Brought(msgspec.Struct, frozen=True):
    """What became of a case: what was written by kind, or would be in a dry run, and what was left out."""

    written: Counter[Kind]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _New:
    """What of a case is not there yet; of the files, those whose being left out no note tells of."""

    incident_id: UUID | None
    parts: Parts
    files: Files
    left_out: tuple[LeftOut, ...]
    written: Counter[Kind]


async def members_of(session: AsyncSession, organization_id: UUID) -> Members:
    """Those who work there and are not disabled, by e-mail address in lower case."""
    found = (
        select(func.lower(User.email), User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id, User.disabled_at.is_(None))
    )
    return {row[0]: row[1] for row in await session.execute(found)}


class Writer:
    """Brings cases to one organization; files have at most `file_limit` bytes."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], store: EvidenceStore, home: Home, *, file_limit: int
    ) -> None:
        self._sessions, self._store, self._home = sessions, store, home
        self._file_limit = file_limit
        self._trace = Trace(str(ids.uuid7()), None)

    async def bring(self, case: ImportedCase, *, dry_run: bool = False) -> Brought:
        """What of the case is not there yet, written; in a dry run, what would be.

        Begun anew when the server breaks it off for the sake of others. Raises OwnerNeeded, what the store does, and
        SQLAlchemy's errors, with nothing of the case written.
        """
        filed: dict[str, Filed] = {}
        for restarts in range(MOST_RESTARTS):
            try:
                return await self._bring(case, filed, dry_run=dry_run)
            except DBAPIError as error:
                if not is_broken_off(error):
                    raise
            await asyncio.sleep(_RESTART.pause(restarts))
        return await self._bring(case, filed, dry_run=dry_run)

    async def _bring(self, case: ImportedCase, filed: dict[str, Filed], *, dry_run: bool) -> Brought:
        """`filed` are the files that have been handed in, also by an attempt before this one."""
        new = await self._new(case)
        if new.written and not dry_run:
            await self._write(case, new, filed)
        return Brought(new.written, new.left_out if new.written else ())

    async def _new(self, case: ImportedCase) -> _New:
        """What of the case is not there yet. Raises OwnerNeeded."""
        all_parts = parts.parts_of(case)
        known = await self._known(case, parts.keys(case, all_parts))
        incident_id = known.get(parts.case_key(case))
        if case.tlp == Tlp.RED:
            await self._require_confidence(incident_id)

        def is_known(kind: Kind, part: str) -> bool:
            return parts.part_key(case, kind, part) in known

        new = all_parts.new(is_known)
        if incident_id is not None and not any(new.counts().values()):
            return _New(incident_id, new, Files(), (), Counter())
        files = await filing.looked_at(new.evidence, self._file_limit)
        async with self._sessions() as session:
            room = await room_in(session, self._home.organization_id, incident_id, new)
        for part in [*files.good][room.files :]:
            files.untaken[part] = NO_FILE
            del files.good[part]
        untold = {part: why for part, why in files.untaken.items() if not is_known("note", parts.file_note(part))}
        is_new = incident_id is None
        written = Counter(new.counts())
        written.update({"case": int(is_new), "note": int(is_new) + len(untold), "evidence": -len(files.untaken)})
        told = (LeftOut(f"file {part}", why) for part, why in untold.items())
        beyond = room.beyond(self._home.organization_id, new)
        left_out = (*case.left_out, *all_parts.twice, *told, *beyond)
        return _New(incident_id, new, Files(files.good, untold), left_out, +written)

    async def _require_confidence(self, incident_id: UUID | None) -> None:
        """Of what is RED nothing is written where all would see it. Raises OwnerNeeded."""
        if incident_id is None and self._home.owner is None:
            raise OwnerNeeded
        if incident_id is not None:
            async with self._sessions() as session:
                where = Incident.id.in_(queries.whole_of(incident_id))
                if not await session.scalar(select(Incident.restricted).where(where)):
                    raise OwnerNeeded("The case became RED since it was imported: restrict the incident first.")

    async def _known(self, case: ImportedCase, wanted: set[str]) -> dict[Key, UUID]:
        found = select(ImportedItem.kind, ImportedItem.source_id, ImportedItem.target_id).where(
            ImportedItem.organization_id == self._home.organization_id,
            ImportedItem.source == case.source,
            ImportedItem.source_id == any_(literal(sorted(wanted), ARRAY(Text))),
        )
        async with self._sessions() as session:
            return {(row.kind, row.source_id): row.target_id for row in await session.execute(found)}

    async def _write(self, case: ImportedCase, new: _New, filed: dict[str, Filed]) -> None:
        for part, file in new.files.good.items():
            if part not in filed:
                filed[part] = await self._hand_in(case, file)
        handed_in = {part: filed[part] for part in new.files.good}
        async with self._sessions.begin() as session:
            place = await self._place(session, case, new.incident_id)
            inserting = Inserting(session, place)
            if new.incident_id is None:
                await inserting.open(self._home.owner, new.left_out)
            await inserting.add(new.parts, handed_in, new.files.untaken)
            await inserting.remember()
            self._tell(session, place, new)

    def _tell(self, session: AsyncSession, place: Place, new: _New) -> None:
        trail.record_program(
            session,
            "incident.imported" if new.incident_id is None else "incident.import_continued",
            program=PROGRAM,
            organization_id=place.organization_id,
            kind="incident",
            object_id=place.incident_id,
            source=place.case.source,
            source_id=place.case.source_id,
            written=dict(new.written),
        )
        home, changed = place.organization_id, [place.incident_id]
        outbox.changed(session, "incident", changed, organization_id=home, trace=self._trace)

    async def _hand_in(self, case: ImportedCase, file: Attachment) -> Filed:
        key = rows.id_of(file.at or case.created_at)
        return await filing.hand_in(self._store, key, file, self._file_limit)

    async def _place(self, session: AsyncSession, case: ImportedCase, incident_id: UUID | None) -> Place:
        """Where the parts go: to a new incident, or the one there, or what that was merged into.

        Locked with all that was merged into it, in the order that everybody locks in.
        """
        if incident_id is None:
            return Place(self._home.organization_id, ids.uuid7(), case, self._home.members)
        whole = await locking.hold_whole(session, incident_id)
        place = Place(self._home.organization_id, whole, case, self._home.members)
        await _touch(session, place)
        return place


async def _touch(session: AsyncSession, place: Place) -> None:
    # No column changes: the trigger raises the version all the same, and the projection follows.
    await session.execute(update(Incident).where(Incident.id == place.incident_id).values(id=Incident.id))
