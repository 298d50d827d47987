"""The parts of a case under the ids by which a later import knows them again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import msgspec

from services.api.importing import texts
from services.api.importing.cases import OTHER, Attachment, Event, ImportedCase, LeftOut, Note, Observable, Task
from services.api.importing.taking import Identified
from shared.models.evidence import MAX_DESCRIPTION
from shared.models.incident import MAX_SUMMARY
from shared.models.incident_entry import MAX_ENTRY
from shared.models.incident_observable import MAX_OBSERVABLE_NOTE
from shared.models.incident_task import MAX_TASK_DESCRIPTION

Kind = Literal["case", "task", "note", "observable", "evidence", "entry"]
Key = tuple[Kind, str]
"""A kind, and the id that is mapped: of a case its own, of a part `case/part`."""

ABOUT = "about"
"""The note that says where the case comes from."""

P = TypeVar("P", bound=Identified)


@dataclass(frozen=True)
class Parts:
    """What hangs on a case, by the part's id: texts too long for their place are notes too, and logs are notes."""

    tasks: dict[str, Task] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    observables: dict[str, Observable] = field(default_factory=dict)
    entries: dict[str, Event] = field(default_factory=dict)
    evidence: dict[str, Attachment] = field(default_factory=dict)
    twice: tuple[LeftOut, ...] = ()

    def new(self, is_known: Callable[[Kind, str], bool]) -> "Parts":
        """Those that are not known yet."""
        return replace(
            self,
            tasks={name: one for name, one in self.tasks.items() if not is_known("task", name)},
            notes={name: one for name, one in self.notes.items() if not is_known("note", name)},
            observables={name: one for name, one in self.observables.items() if not is_known("observable", name)},
            entries={name: one for name, one in self.entries.items() if not is_known("entry", name)},
            evidence={name: one for name, one in self.evidence.items() if not is_known("evidence", name)},
        )

    def counts(self) -> dict[Kind, int]:
        """How many of each kind."""
        return {
            "task": len(self.tasks),
            "note": len(self.notes),
            "observable": len(self.observables),
            "entry": len(self.entries),
            "evidence": len(self.evidence),
        }


def case_key(case: ImportedCase) -> Key:
    """How the case itself is mapped."""
    return ("case", case.source_id)


def part_key(case: ImportedCase, kind: Kind, part: str) -> Key:
    """How a part is mapped: within its case, for another may have a part of the same id."""
    return (kind, f"{case.source_id}/{part}")


def file_note(source_id: str) -> str:
    """The id of the note that tells of a file whose bytes were not taken; with them it becomes evidence yet."""
    return f"file:{source_id}"


def keys(case: ImportedCase, parts: Parts) -> set[str]:
    """Every id under which something of the case may be mapped."""
    own = (*parts.tasks, *parts.notes, *parts.observables, *parts.entries, *parts.evidence)
    named = (*own, *map(file_note, parts.evidence))
    return {case.source_id, *(part_key(case, "note", one)[1] for one in named)}


def parts_of(case: ImportedCase) -> Parts:
    """Everything of the case, once; a part whose id another of its kind has is left out."""
    twice: list[LeftOut] = []
    hanging = (one.attachment for one in case.observables if one.attachment is not None)
    return Parts(
        tasks=_once("task", case.tasks, twice),
        notes=_once("note", _notes(case), twice),
        observables=_once("observable", case.observables, twice),
        entries=_once("event", case.events, twice),
        evidence=_once("file", (*case.attachments, *hanging), twice),
        twice=tuple(twice),
    )


def _once(kind: str, found: Iterable[P], twice: list[LeftOut]) -> dict[str, P]:
    kept: dict[str, P] = {}
    for one in found:
        if one.source_id in kept:
            twice.append(LeftOut(f"{kind} {one.source_id}", "it comes a second time; the first was taken"))
        else:
            kept[one.source_id] = one
    return kept


def _notes(case: ImportedCase) -> Iterator[Note]:
    yield from case.notes
    for task in case.tasks:
        for log in task.logs:
            title = " / ".join(filter(None, (f"Task {task.title}", log.title)))
            yield msgspec.structs.replace(log, source_id=f"log:{log.source_id}", title=title)
    yield from _long(case)


def _long(case: ImportedCase) -> Iterator[Note]:
    """What is too long for its place, whole."""
    if len(texts.summary(case)) > MAX_SUMMARY:
        yield Note(source_id="summary", title="Summary", text=texts.summary(case))
    for task in case.tasks:
        if len(task_text(task)) > MAX_TASK_DESCRIPTION:
            yield Note(source_id=f"task:{task.source_id}", title=f"Task {task.title}", text=task_text(task))
    for event in case.events:
        if len(event_text(event)) > MAX_ENTRY:
            yield Note(source_id=f"event:{event.source_id}", title=event.title, text=event.text, at=event.at)
    for (_, value), same in by_value(case.observables).items():
        if len(said_of(same)) > MAX_OBSERVABLE_NOTE:
            first = same[0]
            yield Note(source_id=f"observable:{first.source_id}", title=value, text=said_of(same), at=first.at)
    for file in case.attachments:
        if len(file_text(file)) > MAX_DESCRIPTION:
            yield Note(source_id=f"description:{file.source_id}", title=file.name, text=file_text(file), at=file.at)


def task_text(task: Task, *, is_member: bool = False) -> str:
    """A task's description, with what has no column: its assignee is named unless a member."""
    started = f"Started: {task.started_at:%Y-%m-%d %H:%M} UTC" if task.started_at else ""
    assigned = f"Assigned to: {texts.named(task.assignee)}" if task.assignee and not is_member else ""
    return texts.paragraphs(task.description, "\n".join(filter(None, (started, assigned))))


def event_text(event: Event) -> str:
    """An entry of the timeline; an empty one says that it has no title."""
    return "\n".join(filter(None, (event.title, event.text))) or "Event without a title"


def file_text(file: Attachment) -> str:
    """What is said of a file, what it hung on, and by whom it was added."""
    on = f"On: {file.on}" if file.on else ""
    by = f"Added by: {texts.named(file.added_by)}" if file.added_by else ""
    return "\n".join(filter(None, (file.description, on, by)))


def by_value(observables: Iterable[Observable]) -> dict[tuple[str, str], list[Observable]]:
    """Those of our types, by type and value in the order in which everybody locks them."""
    found: dict[tuple[str, str], list[Observable]] = {}
    for one in observables:
        if one.type != OTHER:
            found.setdefault((one.type, one.value), []).append(one)
    return dict(sorted(found.items()))


def said_of(same: Iterable[Observable]) -> str:
    """What was said of one value, each thing once."""
    return "\n".join(dict.fromkeys(filter(None, (one.message for one in same))))
