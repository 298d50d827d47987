"""The rows of one imported case in its transaction, and the ids by which they are known again."""

from itertools import islice
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.importing import parts, rows, texts
from services.api.importing.cases import LeftOut, Note, Observable, Task
from services.api.importing.filing import Filed
from services.api.importing.parts import ABOUT, Key, Kind, Parts
from services.api.importing.room import NO_FILE, Room, room_in
from services.api.importing.rows import Place
from services.api.incidents import members, work
from shared import clock, ids
from shared.domain import sla
from shared.domain.incident import UNFINISHED
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
    IncidentWatch,
)
from shared.models import Observable as Value


class Inserting:
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
            await members.enter(self._session, incident, owner, row["assignee_id"], added_by=None)
        if row["status"] in UNFINISHED:
            # All that could be told, so that what is late already is not: it became so there.
            told = [str(word) for word in sla.every_word(row["severity"])]
            await self._insert(IncidentWatch, [{"incident_id": place.incident_id, "due_at": clock.now(), "told": told}])
        said = f"Incident #{number} imported from {texts.PRODUCTS[case.source]}"
        opened = {"id": ids.uuid7(), **place.owned, **place.author(None), "kind": "created", "message": said}
        await self._insert(IncidentEntry, [opened | {"occurred_at": clock.now()}])
        assignee = case.assignee if row["assignee_id"] is None else None
        await self._notes({ABOUT: Note(source_id=ABOUT, text=texts.about(case, assignee, left_out))})

    async def add(self, new: Parts, filed: dict[str, Filed], untaken: dict[str, str]) -> None:
        """The parts that are not there yet; of what there is no room for, notes tell."""
        place = self._place
        room = await room_in(self._session, place.organization_id, place.incident_id, new)
        tasks = dict(islice(new.tasks.items(), room.tasks))
        kept = dict(islice(filed.items(), room.files))
        untaken |= {part: NO_FILE for part in filed if part not in kept}
        await self._tasks(tasks)
        await self._notes(new.notes)
        await self._entries(new)
        await self._evidence(kept)
        await self._list("task", "Tasks without a place", {
            part: texts.task(one, parts.task_text(one)) for part, one in new.tasks.items() if part not in tasks
        })  # fmt: skip
        await self._list("note", "Files that were not taken", {
            parts.file_note(part): texts.attachment(new.evidence[part], reason) for part, reason in untaken.items()
        })  # fmt: skip
        unplaced = await self._observables(room, list(new.observables.values()))
        await self._list("observable", "Observables without a place", {
            one.source_id: texts.observable(one) for one in unplaced
        })  # fmt: skip

    async def remember(self) -> None:
        """The ids of everything that was written."""
        await self._insert(ImportedItem, self._items)

    async def _tasks(self, found: dict[str, Task]) -> None:
        order = {one.source_id: position for position, one in enumerate(self._place.case.tasks)}
        made = {part: rows.task(self._place, one, order[part]) for part, one in found.items()}
        await self._insert(IncidentTask, list(made.values()))
        self._remember_parts("task", {part: row["id"] for part, row in made.items()})

    async def _notes(self, found: dict[str, Note]) -> None:
        made = {part: rows.notes(self._place, one) for part, one in found.items()}
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

    async def _observables(self, room: Room, found: list[Observable]) -> list[Observable]:
        """Those that have no row of their own: of no type of ours, there already, where people may have judged, or
        too many.
        """
        by_id = room.values(self._place.organization_id, found)
        values = [
            {"id": one, "organization_id": self._place.organization_id, "type": kind, "value": value}
            for one, ((kind, value), _) in sorted(by_id.items(), key=lambda item: item[1][0])
        ]
        if values:
            await self._session.execute(upsert(Value).on_conflict_do_nothing(), values)
        links = [rows.observable(self._place, one, same) for one, (_, same) in by_id.items()]
        await self._insert(IncidentObservable, links)
        for link in links:
            _, same = by_id[link["observable_id"]]
            self._remember_parts("observable", {one.source_id: link["id"] for one in same})
        placed = {one.source_id for _, same in by_id.values() for one in same}
        return [one for one in found if one.source_id not in placed]

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
