"""A case as any other product had it, in our words: what the readers give, and the importer writes.

Times are aware UTC. `source_id` is the other product's own and never changes, so that a second import of the same
export knows what is there already. Long texts are whole: whoever writes them decides how they are split.
"""

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict

Source = Literal["thehive4", "thehive5", "iris"]
FieldKind = Literal["text", "number", "boolean", "date", "choice"]
TaskStatus = Literal["open", "in_progress", "done", "cancelled"]

OTHER = "other"
"""The type of an observable that is none of ours, or whose value is not worth a pivot; its value is as given."""


class LeftOut(msgspec.Struct, frozen=True):
    """What could not be taken, and why; `what` says where it stood, as `task ~12` or `observables.reports`."""

    what: str
    reason: str


class Person(msgspec.Struct, frozen=True):
    """Somebody as the other product names them; the address only where it gives one."""

    name: str
    email: str | None = None


class CustomField(msgspec.Struct, frozen=True):
    """A field of one's own. A date is in RFC 3339; a choice is one of `choices`."""

    name: str
    kind: FieldKind
    value: str | int | float | bool
    choices: tuple[str, ...] = ()


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A text that somebody wrote: a comment, a page, or an entry of a task's log."""

    source_id: str
    title: str = ""
    text: str
    author: Person | None = None
    at: datetime | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file. `path` is where its bytes lie in the export, None where they are not there; `sha256` is in lower case
    and as the other product gave it, so it has to be checked. `on` is what it hung on, as `task log ~12`.
    """

    source_id: str
    name: str
    size: int | None = None
    sha256: str | None = None
    media_type: str | None = None
    description: str = ""
    on: str = ""
    path: Path | None = None
    added_by: Person | None = None
    at: datetime | None = None


class Observable(msgspec.Struct, frozen=True, kw_only=True):
    """A value or a file. `type` and `value` are as `shared.normalise.observables` keeps them, or `other`, as given."""

    source_id: str
    source_type: str
    type: str
    value: str
    ioc: bool = False
    sighted: bool = False
    tlp: Tlp | None = None
    tags: tuple[str, ...] = ()
    message: str = ""
    added_by: Person | None = None
    at: datetime | None = None
    attachment: Attachment | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be done, and what was written while it was."""

    source_id: str
    title: str
    group: str = ""
    status: TaskStatus = "open"
    description: str = ""
    required: bool = False
    assignee: Person | None = None
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    logs: tuple[Note, ...] = ()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, for the timeline."""

    source_id: str
    at: datetime
    title: str
    text: str = ""
    author: Person | None = None


class ImportedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A whole case. What closed it is in the other product's own words in `close_reason` and `closing_summary`; it has
    a verdict exactly when it is closed.
    """

    source: Source
    source_id: str
    number: int | None = None
    title: str
    description: str = ""
    severity: int
    status: Status
    verdict: Verdict | None = None
    close_reason: str = ""
    closing_summary: str = ""
    tlp: Tlp = Tlp.AMBER
    pap: Pap = Pap.AMBER
    tags: tuple[str, ...] = ()
    fields: tuple[CustomField, ...] = ()
    assignee: Person | None = None
    created_at: datetime
    started_at: datetime | None = None
    closed_at: datetime | None = None
    tasks: tuple[Task, ...] = ()
    observables: tuple[Observable, ...] = ()
    notes: tuple[Note, ...] = ()
    events: tuple[Event, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """What of an export is no case, and why: a case's id, or the file and line where no id could be read."""

    source_id: str
    reason: str
