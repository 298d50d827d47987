"""Cases of TheHive 4 and 5, from an export as docs/importing.md has it made."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from services.api.importing import thehive_shapes as shapes
from services.api.importing import thehive_words as words
from services.api.importing.attached import bytes_of
from services.api.importing.cases import (
    OTHER,
    Attachment,
    Event,
    ImportedCase,
    Note,
    Observable,
    Refused,
    Source,
    Task,
)
from services.api.importing.export import Layout, whole
from services.api.importing.lines import Record, identifier
from services.api.importing.taking import Taking, observed, person, sha256
from services.api.importing.thehive_shapes import renamed
from shared import clock
from shared.domain.incident import Status, Tlp


def _identify(record: Record) -> str:
    return identifier(record.get("_id") or record.get("id"))


LAYOUT = Layout(
    _identify,
    {
        "tasks": "_case",
        "logs": "_task",
        "observables": "_case",
        "comments": "_case",
        "pages": "_case",
        "procedures": "_case",
        "attachments": "_case",
        "links": "_case",
    },
)


def read(path: Path) -> Iterator[ImportedCase | Refused]:
    """Each case of the export, or why it is none. Raises NotAnExport before the first."""
    root = path if path.is_dir() else path.parent
    for record in whole(path, LAYOUT):
        yield record if isinstance(record, Refused) else _case(record, root)


def version(record: Record) -> Source:
    """Which TheHive wrote a case: only 5 has stages, and only 4 is closed by the status Resolved."""
    if "stage" in record:
        return "thehive5"
    is_4 = "caseId" in record or record.get("status") in ("Open", "Resolved", "Deleted")
    return "thehive4" if is_4 else "thehive5"


def _case(record: Record, root: Path) -> ImportedCase | Refused:
    try:
        return _Reading(root, version(record)).case(renamed(record))
    except ValueError as error:
        return Refused(_identify(record), str(error))


class _Reading:
    """One case being read: its account, and the attachments met on the way."""

    def __init__(self, root: Path, source: Source) -> None:
        self._root = root
        self._source: Source = source
        self._taking = Taking()
        self._attachments: list[Attachment] = []

    def case(self, record: Record) -> ImportedCase:
        """Raises ValueError for what is no case, and for a deleted one."""
        taking = self._taking
        case = taking.shaped("case", record, shapes.Case)
        created = case.created_at if case.created_at is not None else case.start_date
        if created is None:
            raise ValueError("it does not say when it was created")
        status = words.status(case, taking)
        ended = case.end_date if case.end_date is not None else case.closed_date
        tasks = tuple(taking.each("tasks", case.tasks, self._task))
        files = taking.each("attachments", case.attachments, lambda one: self._file(one, "case", case.id))
        return ImportedCase(
            source=self._source,
            source_id=identifier(case.id),
            number=case.number,
            title=taking.title("case", case.title, f"Case {case.number or case.id}"),
            description=case.description,
            severity=words.severity(case.severity, taking),
            status=status,
            verdict=words.verdict(case) if status == Status.CLOSED else None,
            close_reason=words.close_reason(case),
            closing_summary=case.summary,
            tlp=self._tlp("case", case.tlp, case.tlp_label) or Tlp.AMBER,
            pap=words.pap(case.pap, taking),
            tags=taking.tags("case", case.tags),
            fields=words.fields(case.custom_fields, taking),
            assignee=person(case.assignee),
            created_at=clock.from_milliseconds(created),
            started_at=_moment(case.start_date),
            closed_at=_moment(ended) if status == Status.CLOSED else None,
            tasks=tasks,
            observables=tuple(taking.each("observables", case.observables, self._observable)),
            notes=self._notes(case),
            events=tuple(taking.each("procedures", case.procedures, self._procedure)),
            attachments=(*files, *self._attachments),
            links=self._links(case),
            left_out=taking.left_out(),
        )

    def _task(self, record: Record) -> Task:
        task = self._taking.shaped("tasks", renamed(record), shapes.Task)
        return Task(
            source_id=identifier(task.id),
            title=self._taking.title(f"task {task.id}", task.title, f"Task {task.id}"),
            group=task.group,
            status=words.task_status(task, self._taking),
            description=task.description,
            required=task.mandatory,
            assignee=person(task.assignee),
            due_at=_moment(task.due_date),
            started_at=_moment(task.start_date),
            ended_at=_moment(task.end_date),
            logs=tuple(self._taking.each("logs", task.logs, self._log)),
        )

    def _log(self, record: Record) -> Note:
        log = self._taking.shaped("logs", renamed(record), shapes.Log)
        if log.status == "Deleted":
            raise ValueError("it was deleted")
        files = log.attachments if log.attachment is None else [log.attachment]
        self._attachments += self._taking.each("attachments", files, lambda one: self._file(one, "task log", log.id))
        at = next((one for one in (log.date, log.start_date, log.created_at) if one is not None), None)
        author = person(log.assignee or log.created_by)
        return Note(source_id=identifier(log.id), text=log.message, author=author, at=_moment(at))

    def _observable(self, record: Record) -> Observable:
        one = self._taking.shaped("observables", renamed(record), shapes.Observable)
        source_id = identifier(one.id)
        file = None if one.attachment is None else self._file(one.attachment, "observable", source_id)
        if file is None and not one.data:
            raise ValueError("it has neither a value nor a file")
        kind, value = observed(words.OBSERVABLES.get(one.data_type.lower()), one.data) if one.data else (OTHER, "")
        if file is not None and not one.data:
            value = file.name
        return Observable(
            source_id=source_id,
            source_type=one.data_type,
            type=kind,
            value=value,
            ioc=one.ioc,
            sighted=one.sighted,
            tlp=self._tlp(f"observable {source_id}", one.tlp, one.tlp_label),
            tags=self._taking.tags(f"observable {source_id}", one.tags),
            message=one.message,
            added_by=person(one.created_by),
            at=_moment(one.created_at),
            attachment=file,
        )

    def _notes(self, case: shapes.Case) -> tuple[Note, ...]:
        comments = self._taking.each("comments", case.comments, self._comment)
        return (*comments, *self._taking.each("pages", case.pages, self._page))

    def _comment(self, record: Record) -> Note:
        one = self._taking.shaped("comments", renamed(record), shapes.Comment)
        author = person(one.created_by)
        return Note(source_id=identifier(one.id), text=one.message, author=author, at=_moment(one.created_at))

    def _page(self, record: Record) -> Note:
        page = self._taking.shaped("pages", renamed(record), shapes.Page)
        return Note(
            source_id=identifier(page.id),
            title=self._taking.title(f"page {page.id}", " / ".join(filter(None, (page.category, page.title))), ""),
            text=page.content,
            author=person(page.created_by),
            at=_moment(page.created_at),
        )

    def _procedure(self, record: Record) -> Event:
        one = self._taking.shaped("procedures", renamed(record), shapes.Procedure)
        return Event(
            source_id=identifier(one.id),
            at=clock.from_milliseconds(one.occur_date),
            title=" ".join(filter(None, (one.pattern_id, one.pattern_name, one.tactic and f"({one.tactic})"))),
            text=one.description,
            author=person(one.created_by),
        )

    def _file(self, record: Record, kind: str, owner: str) -> Attachment:
        file = self._taking.shaped("attachments", record, shapes.File)
        # Version 4 knows a file by its hash alone, and the same file may hang on more than one thing.
        source_id = identifier(file.own_id or f"{owner}:{file.hash_id}")
        path = None
        try:
            path = bytes_of(self._root, [file.own_id, file.hash_id], file.size)
        except ValueError as error:
            self._taking.leave(f"bytes of attachment {source_id}", str(error))
        return Attachment(
            source_id=source_id,
            name=self._taking.title(f"attachment {source_id}", file.name, "unnamed"),
            size=file.size,
            sha256=sha256([*file.hashes, file.hash_id]),
            media_type=file.content_type,
            on=f"{kind} {owner}",
            path=path,
            added_by=person(file.created_by),
            at=_moment(file.created_at),
        )

    def _links(self, case: shapes.Case) -> tuple[str, ...]:
        linked: list[object] = [*case.merge_from, case.merge_into]
        linked += [one.get("_id") if isinstance(one, dict) else one for one in case.links]
        links: dict[str, None] = {}
        for one in linked:
            try:
                if one is not None:
                    links[identifier(one)] = None
            except ValueError as error:
                self._taking.leave("link", str(error))
        return tuple(links)

    def _tlp(self, what: str, number: int | None, label: str | None) -> Tlp | None:
        return words.tlp(what, number, label, self._taking, labelled=self._source == "thehive5")


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else clock.from_milliseconds(milliseconds)
