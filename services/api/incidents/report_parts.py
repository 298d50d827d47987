"""What a report of an incident says, part by part, whatever it is written as."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from services.api.incidents.facts import Facts, LeftOut, Link, Value
from shared import clock
from shared.domain import severity
from shared.domain.incident import Status

Defang = Callable[[str, str], str]
"""Makes a value of a type such that nobody opens it by a click: `(value, type)`."""

Cell = Value | timedelta | Sequence[str]
Row = tuple[Cell, ...]

_REVERSE = {
    "duplicate_of": "Has as duplicate",
    "caused_by": "Cause of",
    "split_from": "Split into",
    "recurrence_of": "Recurred as",
}
"""Relations as they are read from the other end; a plain one is the same from both."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; without columns each row is a name and its value. `name` is that of the list in Facts."""

    name: str
    heading: str
    columns: tuple[str, ...]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Prose:
    """People's Markdown, each under a line of ours that says whose it is; `instead` is said where there is none."""

    name: str
    heading: str
    texts: list[tuple[str, str]]
    instead: str = "None."


Part = Table | Prose


def parts(facts: Facts, defang: Defang) -> list[Part]:
    """All of it, in the order in which it is read."""
    summary = [("", facts.summary)] if facts.summary.strip() else []
    return [
        _overview(facts),
        Prose("summary", "Summary", summary),
        Table("times", "Times", (), [(_word(one.name), getattr(facts.times, one.name)) for one in fields(facts.times)]),
        *_measured(facts),
        Table("fields", "Fields", (), [(one.label, one.value) for one in facts.fields]),
        _alerts(facts),
        Table("techniques", "ATT&CK techniques", ("Technique",), [(one,) for one in facts.techniques]),
        _observables(facts, defang),
        *_worked(facts),
        *_proven(facts),
        _reviews(facts),
        _links(facts),
    ]


def _overview(facts: Facts) -> Table:
    people = facts.people
    merged = facts.status == Status.MERGED
    into = "another incident" if facts.merged_into is None else f"Incident {facts.merged_into}"
    rows: list[Row] = [
        *([("Merged into", f"{into}; what came of it is told there")] if merged else ()),
        ("Organization", facts.organization_name),
        ("Severity", _severity(facts.severity)),
        ("Status", _word(facts.status)),
        ("Verdict", _word(facts.verdict)),
        ("Reason", facts.reason),
        ("Marking", f"{facts.marking}, PAP:{facts.pap.upper()}"),
        *([("Left out", [_left_out(one) for one in facts.left_out])] if facts.left_out else ()),
        ("Restricted to its members", facts.restricted),
        ("Assignee", people.assignee),
        ("Reporter", people.reporter),
        ("Reviewer", people.reviewer),
        ("Closed by", people.closed_by),
        ("Tags", facts.tags),
        *([] if merged else [("Merged from", [f"Incident {number}" for number in facts.merged_from])]),
    ]
    return Table("overview", "Overview", (), rows)


def _left_out(one: LeftOut) -> str:
    """As `2 observables are left out: TLP:RED`."""
    what = one.name if one.count > 1 else one.name.removesuffix("s")
    return f"{one.count} {what} {'are' if one.count > 1 else 'is'} left out: TLP:{one.tlp.upper()}"


def _measured(facts: Facts) -> list[Table]:
    clocks: list[Row] = [(one.name, one.target, one.due_at, one.met_at, one.breached) for one in facts.clocks]
    measures: list[Row] = [(one.name, one.formula, one.value) for one in facts.measures]
    return [
        Table("clocks", "Clocks", ("Clock", "Target", "Due", "Met", "Breached"), clocks),
        Table("measures", "Measures", ("Measure", "Formula", "Value"), measures),
    ]


def _alerts(facts: Facts) -> Table:
    columns = (
        "Title",
        "Rule",
        "Severity",
        "Events",
        "First seen",
        "Last seen",
        "Verdict",
        "Sensor",
        "Techniques",
        "Id",
    )
    rows: list[Row] = [
        (
            one.title, one.rule_id, _severity(one.severity), one.count, one.first_seen, one.last_seen,
            _word(one.verdict), one.sensor_name, one.techniques, str(one.id),
        )
        for one in facts.alerts
    ]  # fmt: skip
    return Table("alerts", "Alerts", columns, rows)


def _observables(facts: Facts, defang: Defang) -> Table:
    columns = ("Type", "Value, defanged", "Verdict", "Indicator", "TLP", "Tags", "Note")
    rows: list[Row] = [
        (one.type, defang(one.value, one.type), one.verdict, one.ioc, one.tlp and one.tlp.upper(), one.tags, one.note)
        for one in facts.observables
    ]
    return Table("observables", "Observables", columns, rows)


def _worked(facts: Facts) -> list[Part]:
    tasks: list[Row] = [
        (one.title, one.group, _word(one.status), one.assignee, one.required, one.done_at) for one in facts.tasks
    ]
    entries: list[Row] = [(one.occurred_at, _word(one.kind), one.text, one.by) for one in facts.entries]
    notes = [(f"{one.by}, {clock.isoformat(one.at)}", one.text) for one in facts.notes or ()]
    return [
        Table("tasks", "Tasks", ("Task", "Group", "Status", "Assignee", "Required", "Done"), tasks),
        Table("entries", "Timeline", ("Time", "Kind", "What happened", "By"), entries),
        Prose("notes", "Notes", notes, "Left out of this report." if facts.notes is None else "None."),
    ]


def _proven(facts: Facts) -> list[Table]:
    columns = ("File", "Bytes", "SHA-256", "Media type", "By", "Added", "Description", "Removed")
    files: list[Row] = [
        (one.name, one.size, one.sha256, one.media_type, one.by, one.at, one.description, one.removed_at)
        for one in facts.evidence
    ]
    steps: list[Row] = [
        (file.name, _word(step.action), step.by, step.at) for file in facts.evidence for step in file.custody
    ]
    return [
        Table("evidence", "Evidence", columns, files),
        Table("custody", "Chain of custody", ("File", "Step", "By", "Time"), steps),
    ]


def _reviews(facts: Facts) -> Table:
    columns = ("Requested by", "Requested", "Why", "Decided by", "Decided", "Decision", "Comment")
    rows: list[Row] = [
        (
            one.requested_by,
            one.requested_at,
            one.comment,
            one.decided_by,
            one.decided_at,
            _word(one.decision),
            one.decision_comment,
        )
        for one in facts.reviews
    ]
    return Table("reviews", "Reviews", columns, rows)


def _links(facts: Facts) -> Table:
    rows: list[Row] = [(_relation(one), one.number, one.title) for one in facts.links]
    return Table("links", "Other incidents", ("Relation", "Incident", "Title"), rows)


def _relation(link: Link) -> str | None:
    """What this incident is to the other one."""
    from_there = _REVERSE.get(link.relation) if link.reverse else None
    return from_there or _word(link.relation)


def _severity(number: int) -> str:
    return f"{number} ({severity.word(number)})"


def _word(name: str | None) -> str | None:
    return name and name.removesuffix("_at").replace("_", " ").capitalize()


def title(facts: Facts) -> str:
    """What stands at the top."""
    return f"Incident {facts.number}: {facts.title}"


def running(facts: Facts) -> str:
    """What stands on every page, beside the marking."""
    return f"Incident {facts.number} · {facts.organization_name}"


def origin(facts: Facts) -> str:
    """What stands at the end."""
    return f"Generated {clock.isoformat(facts.generated_at)} by {facts.generated_by}."


def said(cell: Cell) -> str:
    """A cell as text."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return clock.isoformat(cell)
    if isinstance(cell, timedelta):
        return f"-{-cell}" if cell < timedelta(0) else str(cell)
    if isinstance(cell, str | int | float):
        return str(cell)
    return ", ".join(cell or ())
