"""Cases of DFIR-IRIS, from an export as docs/importing.md has it made."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.api.importing import iris_shapes as shapes
from services.api.importing import iris_words as words
from services.api.importing.attached import bytes_of
from services.api.importing.cases import Attachment, Event, ImportedCase, Note, Observable, Person, Refused, Task
from services.api.importing.export import Layout, whole
from services.api.importing.lines import Record, identifier
from services.api.importing.taking import Taking, observed, person, sha256
from shared.domain.incident import Status

_BESIDE = frozenset({"case", "export_date"})
_PARTS = ("tasks", "iocs", "assets", "notes", "comments", "timeline", "evidences", "datastore")


def _identify(record: Record) -> str:
    data = record.get("data", record)
    case = data.get("case", data) if isinstance(data, dict) else {}
    return identifier(case.get("case_id") if isinstance(case, dict) else None)


LAYOUT = Layout(_identify, dict.fromkeys(_PARTS, "_case"))


def read(path: Path) -> Iterator[ImportedCase | Refused]:
    """Each case of the export, or why it is none. Raises NotAnExport before the first."""
    root = path if path.is_dir() else path.parent
    for record in whole(path, LAYOUT):
        yield record if isinstance(record, Refused) else _case(record, root)


def _case(record: Record, root: Path) -> ImportedCase | Refused:
    try:
        return _Reading(root).case(*_apart(record))
    except ValueError as error:
        return Refused(_identify(record), str(error))


def _apart(record: Record) -> tuple[Record, dict[str, list[Any]]]:
    """The case and its parts: those of the reply it came in, then those that were in files of their own."""
    data = record.get("data", record)
    case = data.get("case", data)
    parts: dict[str, list[Any]] = {}
    for name in _PARTS:
        found = [data.get(name), record.get(name) if record is not data else None]
        if any(one is not None and not isinstance(one, list) for one in found):
            raise ValueError(f"its {name} are no list")
        parts[name] = [one for given in found for one in given or ()]
    beside = {} if data is case else {name: value for name, value in data.items() if name not in _BESIDE}
    return {name: value for name, value in {**beside, **case}.items() if name not in _PARTS}, parts


class _Reading:
    """One case being read: its account, and the comments met on the way."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taking = Taking()
        self._comments: list[Note] = []

    def case(self, record: Record, parts: dict[str, list[Any]]) -> ImportedCase:
        """Raises ValueError for what is no case."""
        taking = self._taking
        case = taking.shaped("case", record, shapes.Case)
        created = words.moment(case.initial_date) or words.moment(case.open_date)
        if created is None:
            raise ValueError("it does not say when it was opened")
        closed = words.moment(case.close_date)
        state = words.named(case.state, "state_name") or case.state_name
        status = words.status(state, closed is not None, taking)
        outcome = words.outcome(case.status_name, case.status)
        is_closed = status == Status.CLOSED
        tasks = self._each("task", parts["tasks"], self._task)
        notes = self._each("note", parts["notes"], self._note)
        severity = words.named(case.severity, "severity_name")
        return ImportedCase(
            source="iris",
            source_id=identifier(case.case_id),
            number=case.case_id,
            title=taking.title("case", case.name or case.case_name, f"Case {case.case_id}"),
            description=case.description or case.case_description,
            severity=words.severity(severity, case.severity_number, taking),
            status=status,
            verdict=words.verdict(outcome) if is_closed else None,
            close_reason=outcome if is_closed else "",
            closing_summary=case.closing_note,
            tags=taking.tags("case", [*self._case_tags(case), *_about(case)]),
            fields=words.fields(case.custom_attributes, taking),
            assignee=self._user(case.owner),
            created_at=created,
            started_at=words.moment(case.open_date),
            closed_at=closed if is_closed else None,
            tasks=tasks,
            observables=self._observables(parts),
            notes=(*notes, *self._each("comment", parts["comments"], self._comment), *self._comments),
            events=self._each("event", parts["timeline"], self._event),
            attachments=self._attachments(parts),
            left_out=taking.left_out(),
        )

    def _each(self, kind: str, records: Any, build: Callable[[Record], Any]) -> tuple[Any, ...]:
        return tuple(self._taking.each(kind, records, build))

    def _observables(self, parts: dict[str, list[Any]]) -> tuple[Observable, ...]:
        addresses = [one for one in parts["assets"] if isinstance(one, dict) and one.get("asset_ip")]
        return (
            *self._each("ioc", parts["iocs"], self._ioc),
            *self._each("asset", parts["assets"], self._asset),
            *self._each("asset", addresses, self._address),
        )

    def _attachments(self, parts: dict[str, list[Any]]) -> tuple[Attachment, ...]:
        evidence = self._each("evidence", parts["evidences"], self._evidence)
        return (*evidence, *self._each("file", parts["datastore"], self._stored))

    def _task(self, record: Record) -> Task:
        task = self._taking.shaped("task", record, shapes.Task)
        source_id = identifier(task.id if task.task_id is None else task.task_id)
        what = f"task {source_id}"
        name = task.task_status or task.status_name
        if task.task_tags:
            self._taking.leave(f"{what}: tags", f"tasks have none here: {task.task_tags}")
        return Task(
            source_id=source_id,
            title=self._taking.title(what, task.task_title, f"Task {source_id}"),
            status=words.task_status(name, task.task_status_id, what, self._taking),
            description=task.task_description,
            assignee=self._assignee(what, task.task_assignees),
            started_at=words.moment(task.task_open_date),
            ended_at=words.moment(task.task_close_date),
            logs=self._each("comment", task.comments, self._comment),
        )

    def _assignee(self, what: str, given: Any) -> Person | None:
        people = [self._user(one) for one in given] if isinstance(given, list) else []
        for other in people[1:]:
            self._taking.leave(f"{what}: assignee", f"a task has one: {other and other.name}")
        return people[0] if people else None

    def _ioc(self, record: Record) -> Observable:
        ioc = self._taking.shaped("ioc", record, shapes.Ioc)
        there = words.named(ioc.ioc_type, "type_name") or ioc.type_name
        marking = words.named(ioc.tlp, "tlp_name") or ioc.tlp_name
        what = f"ioc {ioc.ioc_id}"
        kind, value = observed(words.OBSERVABLES.get(there.lower()), ioc.ioc_value)
        return Observable(
            source_id=f"ioc:{ioc.ioc_id}",
            source_type=there,
            type=kind,
            value=value,
            ioc=True,
            tlp=words.tlp(what, marking, ioc.ioc_tlp_id, self._taking),
            tags=self._taking.tags(what, ioc.ioc_tags.split(",")),
            message=ioc.ioc_description,
            added_by=person(ioc.added_by),
        )

    def _asset(self, record: Record) -> Observable:
        asset = self._taking.shaped("asset", record, shapes.Asset)
        there = words.named(asset.asset_type, "asset_name") or asset.type
        kind, value = observed(words.asset_kind(there), asset.asset_name)
        domain = asset.asset_domain and f"Domain: {asset.asset_domain}"
        said = words.named(asset.analysis_status, "name")
        texts = (asset.asset_description, domain, asset.asset_info, said and f"Analysis: {said}")
        return Observable(
            source_id=f"asset:{asset.asset_id}",
            source_type=there,
            type=kind,
            value=value,
            sighted=asset.asset_compromise_status_id == 1,
            tags=self._taking.tags(f"asset {asset.asset_id}", asset.asset_tags.split(",")),
            message="\n".join(filter(None, texts)),
            at=words.moment(asset.date_added),
        )

    def _address(self, record: Record) -> Observable:
        """An asset's address is an observable of its own."""
        asset = Taking().shaped("asset", record, shapes.Asset)
        kind, value = observed("ip", asset.asset_ip)
        return Observable(
            source_id=f"asset:{asset.asset_id}:ip",
            source_type="asset_ip",
            type=kind,
            value=value,
            sighted=asset.asset_compromise_status_id == 1,
            message=f"Address of {asset.asset_name}",
        )

    def _note(self, record: Record) -> Note:
        note = self._taking.shaped("note", record, shapes.Note)
        what = f"note {note.note_id}"
        self._comments += self._each("comment", note.comments, self._comment)
        title = " / ".join(filter(None, (words.named(note.directory, "name"), note.note_title)))
        return Note(
            source_id=f"note:{note.note_id}",
            title=self._taking.title(what, title, ""),
            text=note.note_content,
            at=words.moment(note.note_creationdate),
        )

    def _comment(self, record: Record) -> Note:
        one = self._taking.shaped("comment", record, shapes.Comment)
        author = self._user(one.user) or self._user(one.comment_by) or person(one.name)
        at = words.moment(one.comment_date)
        return Note(source_id=f"comment:{one.comment_id}", text=one.comment_text, author=author, at=at)

    def _event(self, record: Record) -> Event:
        event = self._taking.shaped("event", record, shapes.Event)
        at = words.moment(event.event_date)
        if at is None:
            raise ValueError("it does not say when it happened")
        raw = event.event_raw and f"Raw: {event.event_raw}"
        about = {"Category": event.category, "Source": event.event_source, "Tags": event.event_tags}
        texts = (event.event_content, *(f"{name}: {said}" for name, said in about.items() if said), raw)
        return Event(
            source_id=identifier(event.event_id),
            at=at,
            title=self._taking.title(f"event {event.event_id}", event.event_title, f"Event {event.event_id}"),
            text="\n".join(filter(None, texts)),
            author=person(event.last_edited_by),
        )

    def _evidence(self, record: Record) -> Attachment:
        one = self._taking.shaped("evidence", record, shapes.Evidence)
        what = f"evidence {one.id}"
        digest = sha256([one.file_hash])
        self._taking.leave(f"bytes of {what}", "IRIS keeps its hash and not its bytes")
        hashed = f"Hash: {one.file_hash}" if one.file_hash and digest is None else ""
        return Attachment(
            source_id=f"evidence:{one.id}",
            name=self._taking.title(what, one.filename, "unnamed"),
            size=one.file_size,
            sha256=digest,
            description="\n".join(filter(None, (one.file_description, hashed))),
            on="evidence",
            added_by=person(one.added_by),
            at=words.moment(one.date_added),
        )

    def _stored(self, record: Record) -> Attachment:
        one = self._taking.shaped("file", record, shapes.Stored)
        path = None
        try:
            path = bytes_of(self._root, [str(one.file_id)], one.file_size)
        except ValueError as error:
            self._taking.leave(f"bytes of file {one.file_id}", str(error))
        tags = one.file_tags and f"Tags: {one.file_tags}"
        return Attachment(
            source_id=f"file:{one.file_id}",
            name=self._taking.title(f"file {one.file_id}", one.file_original_name, "unnamed"),
            size=one.file_size,
            sha256=sha256([one.file_sha256]),
            description="\n".join(filter(None, (one.file_description, tags))),
            on="datastore",
            path=path,
            at=words.moment(one.file_date_added),
        )

    def _case_tags(self, case: shapes.Case) -> list[str]:
        given = case.tags if isinstance(case.tags, list) else str(case.tags or "").split(",")
        return [words.named(one, "tag_title") for one in [*given, *case.case_tags.split(",")]]

    def _user(self, given: Any) -> Person | None:
        if isinstance(given, str):
            return person(given)
        if given is None:
            return None
        user = Taking().shaped("user", given, shapes.User)
        return person(user.user_login or user.user, name=user.user_name or user.name, email=user.user_email)


def _about(case: shapes.Case) -> list[str]:
    """Who a case is for, its number elsewhere and its class, which are tags here."""
    said = {
        "customer": words.named(case.client, "customer_name") or case.for_customer,
        "soc": case.soc_id or case.case_soc_id,
        "classification": words.named(case.classification, "name"),
    }
    return [f"{name}:{value}" for name, value in said.items() if value]
