"""Writes imported cases: each in one transaction with the ids by which a later import knows it again.

Whoever ends the process at any time leaves whole cases only, and the next run goes on behind them. Files are handed in
before the transaction; of one that never came to be, the sweep of the store takes them.
"""

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, any_, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api import outbox, trail
from services.api.deps import Trace
from services.api.evidence_store.store import EvidenceStore
from services.api.importing import filing, parts, rows, texts
from services.api.importing.cases import Attachment, ImportedCase, LeftOut, Note, Observable
from services.api.importing.filing import Filed, Files
from services.api.importing.parts import ABOUT, Key, Kind, Parts
from services.api.importing.rows import PROGRAM, Members, Place
from services.api.incidents import members, work
from shared import clock, ids
from shared.domain.incident import Tlp
from shared.domain.observable import identify
from shared.errors import Invalid
from shared.models import (
    Evidence,
    EvidenceCustody,
    ImportedItem,
    Incident,
    IncidentEntry,
    IncidentNote,
    IncidentNoteVersion,
    IncidentObservable,
    IncidentSummaryVersion,
    IncidentTask,
    Membership,
    User,
)
from shared.models import Observable as Value


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

        Raises OwnerNeeded, what the store does, and SQLAlchemy's errors, with nothing of the case written.
        """
        new = await self._new(case)
        if new.written and not dry_run:
            await self._write(case, new)
        return Brought(new.written, new.left_out if new.written else ())

    async def _new(self, case: ImportedCase) -> _New:
        """What of the case is not there yet. Raises OwnerNeeded."""
        all_parts = parts.parts_of(case)
        known = await self._known(case, parts.keys(case, all_parts))
        incident_id = known.get(parts.case_key(case))
        if incident_id is None and case.tlp == Tlp.RED and self._home.owner is None:
            raise OwnerNeeded

        def is_known(kind: Kind, part: str) -> bool:
            return parts.part_key(case, kind, part) in known

        new = all_parts.new(is_known)
        files = await filing.looked_at(new.evidence, self._file_limit)
        untold = {part: why for part, why in files.untaken.items() if not is_known("note", parts.file_note(part))}
        is_new = incident_id is None
        written = Counter(new.counts())
        written.update({"case": int(is_new), "note": int(is_new) + len(untold), "evidence": -len(files.untaken)})
        told = (LeftOut(f"file {part}", why) for part, why in untold.items())
        left_out = (*case.left_out, *all_parts.twice, *told)
        return _New(incident_id, new, Files(files.good, untold), left_out, +written)

    async def _known(self, case: ImportedCase, wanted: set[str]) -> dict[Key, UUID]:
        found = select(ImportedItem.kind, ImportedItem.source_id, ImportedItem.target_id).where(
            ImportedItem.organization_id == self._home.organization_id,
            ImportedItem.source == case.source,
            ImportedItem.source_id == any_(literal(sorted(wanted), ARRAY(Text))),
        )
        async with self._sessions() as session:
            return {(row.kind, row.source_id): row.target_id for row in await session.execute(found)}

    async def _write(self, case: ImportedCase, new: _New) -> None:
        filed = {part: await self._hand_in(case, file) for part, file in new.files.good.items()}
        async with self._sessions.begin() as session:
            place = await self._place(session, case, new.incident_id)
            writing = _Writing(session, place)
            if new.incident_id is None:
                await writing.open(self._home.owner, new.left_out)
            await writing.add(new.parts, filed, new.files.untaken)
            await writing.remember()
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
        """Where the parts go: to a new incident, or the one there, which is locked, and for a merged one its target."""
        place = Place(self._home.organization_id, incident_id or ids.uuid7(), case, self._home.members)
        while incident_id is not None:
            place = replace(place, incident_id=incident_id)
            found = select(Incident.merged_into_id).where(Incident.id == incident_id).with_for_update()
            incident_id = (await session.execute(found)).scalar_one()
            if incident_id is None:
                await _touch(session, place)
        return place


async def _touch(session: AsyncSession, place: Place) -> None:
    # No column changes: the trigger raises the version all the same, and the projection follows.
    await session.execute(update(Incident).where(Incident.id == place.incident_id).values(id=Incident.id))


class _Writing:
    """One case in its transaction, and what of it is to be remembered."""

    def __init__(self, session: AsyncSession, place: Place) -> None:
        self._session, self._place = session, place
        self._items: list[rows.Row] = []

    async def open(self, owner: UUID | None, left_out: tuple[LeftOut, ...]) -> None:
        """The incident under the organization's next number, its members if it is restricted, and where it is from."""
        place, case = self._place, self._place.case
        number = await work.next_number(self._session, place.organization_id)
        row = rows.incident(place, number, clock.now())
        await self._insert(Incident, [row])
        self._remember(parts.case_key(case), place.incident_id)
        if row["summary"]:
            author = place.author(None)
            version = {"incident_id": place.incident_id, "revision": 1, "body": row["summary"], **author}
            await self._insert(IncidentSummaryVersion, [version | {"created_at": row["created_at"]}])
        if row["restricted"]:
            incident = await self._session.get_one(Incident, place.incident_id)
            await members.admit(self._session, incident, owner, row["assignee_id"], added_by=None)
        said = f"Incident #{number} imported from {texts.PRODUCTS[case.source]}"
        opened = {"id": ids.uuid7(), **place.owned, **place.author(None), "kind": "created", "message": said}
        await self._insert(IncidentEntry, [opened | {"occurred_at": clock.now()}])
        assignee = case.assignee if row["assignee_id"] is None else None
        await self._notes({ABOUT: Note(source_id=ABOUT, text=texts.about(case, assignee, left_out))})

    async def add(self, new: Parts, filed: dict[str, Filed], untaken: dict[str, str]) -> None:
        """The parts that are not there yet."""
        await self._tasks(new)
        await self._notes(new.notes)
        await self._entries(new)
        await self._evidence(filed)
        await self._list("note", "Files that were not taken", {
            parts.file_note(part): texts.attachment(new.evidence[part], reason) for part, reason in untaken.items()
        })  # fmt: skip
        unplaced = await self._observables(list(new.observables.values()))
        await self._list("observable", "Observables without a place", {
            one.source_id: texts.observable(one) for one in unplaced
        })  # fmt: skip

    async def remember(self) -> None:
        """The ids of everything that was written."""
        await self._insert(ImportedItem, self._items)

    async def _tasks(self, new: Parts) -> None:
        order = {one.source_id: position for position, one in enumerate(self._place.case.tasks)}
        made = {part: rows.task(self._place, one, order[part]) for part, one in new.tasks.items()}
        await self._insert(IncidentTask, list(made.values()))
        self._remember_parts("task", {part: row["id"] for part, row in made.items()})

    async def _notes(self, found: dict[str, Note]) -> None:
        made: dict[str, list[rows.Row]] = {part: rows.notes(self._place, one) for part, one in found.items()}
        await self._insert_notes([row for pieces in made.values() for row in pieces])
        self._remember_parts("note", {part: pieces[0]["id"] for part, pieces in made.items()})

    async def _insert_notes(self, made: list[rows.Row]) -> None:
        await self._insert(IncidentNote, made)
        await self._insert(IncidentNoteVersion, [rows.first_version(row) for row in made])

    async def _list(self, kind: Kind, title: str, said: dict[str, str]) -> None:
        """One note of all these texts, or several where that is too long."""
        if said:
            pieces = rows.notes(self._place, Note(source_id="", title=title, text=texts.paragraphs(*said.values())))
            await self._insert_notes(pieces)
            first: UUID = pieces[0]["id"]
            self._remember_parts(kind, dict.fromkeys(said, first))

    async def _entries(self, new: Parts) -> None:
        made = {part: rows.entry(self._place, one) for part, one in new.entries.items()}
        await self._insert(IncidentEntry, list(made.values()))
        self._remember_parts("entry", {part: row["id"] for part, row in made.items()})

    async def _evidence(self, filed: dict[str, Filed]) -> None:
        await self._insert(Evidence, [rows.evidence(self._place, one) for one in filed.values()])
        await self._insert(EvidenceCustody, [rows.custody(self._place, one) for one in filed.values()])
        self._remember_parts("evidence", {part: one.key for part, one in filed.items()})

    async def _observables(self, found: list[Observable]) -> list[Observable]:
        """Those that have no row of their own: of no type of ours, or there already, where people may have judged."""
        place, home = self._place, self._place.organization_id
        by_id = {identify(home, *pair): (pair, same) for pair, same in parts.by_value(found).items()}
        there = await self._there(list(by_id))
        values = [
            {"id": one, "organization_id": home, "type": kind, "value": value}
            for one, ((kind, value), _) in by_id.items()
        ]
        if values:
            await self._session.execute(upsert(Value).on_conflict_do_nothing(), values)
        links = [rows.observable(place, one, same) for one, (_, same) in by_id.items() if one not in there]
        await self._insert(IncidentObservable, links)
        for link in links:
            _, same = by_id[link["observable_id"]]
            self._remember_parts("observable", {one.source_id: link["id"] for one in same})
        placed = {one.source_id for link in links for one in by_id[link["observable_id"]][1]}
        return [one for one in found if one.source_id not in placed]

    async def _there(self, wanted: list[UUID]) -> set[UUID]:
        found = select(IncidentObservable.observable_id).where(
            IncidentObservable.incident_id == self._place.incident_id, IncidentObservable.observable_id.in_(wanted)
        )
        return set(await self._session.scalars(found)) if wanted else set()

    async def _insert(self, model: type, made: list[rows.Row]) -> None:
        if made:
            await self._session.execute(insert(model), made)

    def _remember(self, key: Key, target: UUID) -> None:
        kind, source_id = key
        self._items.append(
            {
                "organization_id": self._place.organization_id,
                "source": self._place.case.source,
                "kind": kind,
                "source_id": source_id,
                "target_id": target,
            }
        )

    def _remember_parts(self, kind: Kind, made: dict[str, UUID]) -> None:
        for part, target in made.items():
            self._remember(parts.part_key(self._place.case, kind, part), target)
