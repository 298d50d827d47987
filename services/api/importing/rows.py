"""An imported case as rows of ours: plain values, by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.api.importing import parts, texts
from services.api.importing.cases import Event, ImportedCase, Note, Observable, Person, Task
from services.api.importing.filing import Filed
from shared import clock, ids
from shared.domain.incident import UNFINISHED, Status, Tlp
from shared.domain.tags import MAX_TAGS
from shared.models.alert_note import MAX_NOTE
from shared.models.evidence import MAX_DESCRIPTION
from shared.models.incident import MAX_SUMMARY
from shared.models.incident_entry import MAX_ENTRY
from shared.models.incident_observable import MAX_OBSERVABLE_NOTE
from shared.models.incident_task import MAX_TASK_DESCRIPTION

MAX_PHASE = 64
PROGRAM = "services.api.importing"

Row = dict[str, Any]
Members = Mapping[str, UUID]
"""Those who work in the organization, by their e-mail address in lower case."""


@dataclass(frozen=True)
class Place:
    """What every row of a case needs: its incident, whose it is, and who is known there."""

    organization_id: UUID
    incident_id: UUID
    case: ImportedCase
    members: Members

    def member(self, person: Person | None) -> UUID | None:
        """The id of somebody who is a member."""
        return self.members.get(person.email.lower()) if person is not None and person.email else None

    def author(self, person: Person | None) -> Row:
        """Who wrote something: by id where that is a member, and by name; the product where nobody is named."""
        return {
            "author_id": self.member(person),
            "author_name": person.name if person is not None else texts.PRODUCTS[self.case.source],
        }

    def at(self, moment: datetime | None) -> datetime:
        """When it came about, or else when the case did."""
        return clock.whole_milliseconds(moment or self.case.created_at)

    @property
    def owned(self) -> Row:
        """The columns that say whose a row is."""
        return {"organization_id": self.organization_id, "incident_id": self.incident_id}


def id_of(moment: datetime) -> UUID:
    """A fresh id of that moment: what is listed by id is listed in the order in which it came about."""
    return ids.uuid7(max(moment, clock.EPOCH))


def incident(place: Place, number: int, now: datetime) -> Row:
    """The incident. Closed without a time, it is closed when it was made; RED is restricted."""
    case = place.case
    created = clock.whole_milliseconds(min(max(case.created_at, clock.EPOCH), now))
    is_closed = case.status == Status.CLOSED
    closed = place.at(case.closed_at) if is_closed else None
    detected = min(created, now)
    began = case.started_at
    return {
        "id": place.incident_id,
        "organization_id": place.organization_id,
        "number": number,
        "title": case.title,
        "severity": case.severity,
        "status": case.status,
        "verdict": case.verdict if is_closed else None,
        "reason": case.close_reason[:MAX_PHASE] or None if is_closed else None,
        "assignee_id": place.member(case.assignee),
        "tlp": case.tlp,
        "pap": case.pap,
        "restricted": case.tlp == Tlp.RED,
        "summary": texts.shortened(texts.summary(case), MAX_SUMMARY),
        "tags": list(case.tags[:MAX_TAGS]),
        "fields": {one.name: one.value for one in case.fields},
        "received_at": created,
        # What people set later has to follow these in time, so none may be before the one before it.
        "occurred_at": began if began is not None and began <= detected else None,
        "detected_at": detected,
        # Of what was done there without saying when, the clocks must not run on: it is as good as done at once. What is
        # resolved is acknowledged by that, and would only make the means of the team better than they are.
        "acknowledged_at": created if case.status in UNFINISHED and case.status != Status.OPEN else None,
        "contained_at": created if case.status == Status.CONTAINED else None,
        "resolved_at": closed if is_closed else created if case.status == Status.RESOLVED else None,
        "closed_at": closed,
        "created_at": created,
    }


def task(place: Place, one: Task, position: int) -> Row:
    """A task, in the place that it had there."""
    assignee = place.member(one.assignee)
    text = parts.task_text(one, is_member=assignee is not None)
    made = place.at(one.started_at)
    return {
        "id": id_of(made),
        **place.owned,
        "title": one.title,
        "description": texts.shortened(text, MAX_TASK_DESCRIPTION),
        "phase": one.group[:MAX_PHASE],
        "status": one.status,
        "required": one.required,
        "position": position,
        "due_at": one.due_at,
        "assignee_id": assignee,
        "done_at": one.ended_at if one.status in ("done", "cancelled") else None,
        "created_at": made,
    }


def notes(place: Place, one: Note) -> list[Row]:
    """A note, or several where it is too long for one."""
    text = texts.paragraphs(f"**{one.title}**" if one.title else "", one.text) or "(no text)"
    made, pieces = place.at(one.at), texts.split(text, MAX_NOTE)
    # Of one millisecond, and yet in their order.
    in_order = sorted(id_of(made) for _ in pieces)
    return [
        {"id": note_id, **place.owned, **place.author(one.author), "body": piece, "created_at": made}
        for note_id, piece in zip(in_order, pieces, strict=True)
    ]


def first_version(note: Row) -> Row:
    """The note as it reads from the beginning."""
    kept = {name: note[name] for name in ("author_id", "author_name", "body", "created_at")}
    return {"note_id": note["id"], "revision": 1, **kept}


def entry(place: Place, one: Event) -> Row:
    """An entry of the timeline, at the time when that happened."""
    return {
        "id": ids.uuid7(),
        **place.owned,
        **place.author(one.author),
        "kind": "observed",
        "occurred_at": one.at,
        "message": texts.shortened(parts.event_text(one), MAX_ENTRY),
        "created_at": place.at(one.at),
    }


def observable(place: Place, observable_id: UUID, same: Sequence[Observable]) -> Row:
    """What is said of one value, which the other product may have more than once."""
    by = next((one.added_by for one in same if one.added_by is not None), None)
    tags = [tag for one in same for tag in (*one.tags, *(["sighted"] if one.sighted else []))]
    made = place.at(min((one.at for one in same if one.at is not None), default=None))
    return {
        "id": id_of(made),
        **place.owned,
        "observable_id": observable_id,
        "added_by_id": place.member(by),
        "ioc": any(one.ioc for one in same),
        "tlp": max((one.tlp for one in same if one.tlp is not None), key=list(Tlp).index, default=None),
        "tags": list(dict.fromkeys(tags))[:MAX_TAGS],
        "note": texts.shortened(parts.said_of(same), MAX_OBSERVABLE_NOTE),
        "created_at": made,
    }


def evidence(place: Place, filed: Filed) -> Row:
    """A file that the store has."""
    return {
        "id": filed.key,
        **place.owned,
        "name": filed.file.name,
        "size": filed.stored.size,
        "sha256": filed.stored.sha256,
        "media_type": filed.stored.media_type,
        "description": texts.shortened(parts.file_text(filed.file), MAX_DESCRIPTION),
        "added_by_id": place.member(filed.file.added_by),
        "created_at": place.at(filed.file.at),
    }


def custody(place: Place, filed: Filed) -> Row:
    """The first step of its way here; the time is that of the import."""
    told = {"sha256": filed.stored.sha256.hex(), "size": filed.stored.size, "source": place.case.source}
    return {
        "id": ids.uuid7(),
        "evidence_id": filed.key,
        "action": "uploaded",
        "actor_name": f"python -m {PROGRAM}",
        "details": {**told, "source_id": f"{place.case.source_id}/{filed.file.source_id}"},
    }
