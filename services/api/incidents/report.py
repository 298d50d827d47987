"""The report of an incident, to be read, printed, and handed on: as Markdown, and as one HTML file that needs no other.

There is no PDF of our own. A PDF carries its fonts, and what a sensor or a person wrote may be in any script: fpdf2
2.8 refuses all beyond Latin-1 until it is handed fonts, and WeasyPrint stands on libraries of the system. A browser
has the fonts, and the print style sheet makes of its pages what a PDF would be.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape

from services.api.incidents import markdown
from services.api.incidents.facts import Facts, Value
from shared import clock
from shared.domain import severity

Defang = Callable[[str, str], str]
"""Makes a value of a type such that nobody opens it by a click: `(value, type)`."""

Cell = Value | timedelta | Sequence[str]
Row = tuple[Cell, ...]

# The colours are FIRST's for TLP 2.0, as are black behind them, the right edge and the 12 points of the label.
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fff; --faint: #56565e; --line: #c9c9d2; --link: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6ea; --paper: #17181c; --faint: #a9a9b3; --line: #43444c; --link: #8ab4f8; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
.sheet { max-width: 70rem; margin: 0 auto; padding: 1rem; }
.running { display: flex; justify-content: space-between; gap: 1rem; color: var(--faint); }
.tlp { padding: 0 .5em; background: #000; font-size: 12pt; white-space: nowrap; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.tlp-red { color: #ff2b2b; }
.tlp-amber, .tlp-amber-strict { color: #ffc000; }
.tlp-green { color: #33ff00; }
.tlp-clear { color: #fff; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; break-after: avoid; overflow-wrap: anywhere; }
h2 { margin-top: 2rem; border-bottom: 1px solid var(--line); }
h1, td, .prose { unicode-bidi: plaintext; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
td { white-space: pre-line; }
td.long { min-width: 9em; overflow-wrap: anywhere; }
time span { white-space: nowrap; }
th[scope=row] { width: 14rem; }
tr, blockquote { break-inside: avoid; }
.prose { overflow-wrap: anywhere; }
.prose pre { white-space: pre-wrap; border: 1px solid var(--line); padding: .5rem; }
blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--line); }
.faint { color: var(--faint); }
a { color: var(--link); }
@page { size: A4; margin: 12mm; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #444; --line: #999; --link: #000; }
  body { font-size: 10pt; }
  .sheet { display: table; table-layout: fixed; width: 100%; max-width: none; padding: 0; }
  .sheet > header { display: table-header-group; break-inside: avoid; }
  .sheet > footer { display: table-footer-group; break-inside: avoid; }
  .sheet > main { display: table-row-group; }
  .wide { overflow: visible; font-size: 8.5pt; }
  #entries, #evidence { break-before: page; }
  .prose a[href]::after { content: " (" attr(href) ")"; }
}
"""
_LONGEST_WORD = 24
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows under columns; without columns each row is a name and its value. `name` is that of the list in Facts."""

    name: str
    heading: str
    columns: tuple[str, ...]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class _Prose:
    """People's Markdown, each under a line of ours that says whose it is; `instead` is said where there is none."""

    name: str
    heading: str
    texts: list[tuple[str, str]]
    instead: str = "None."


_Part = _Table | _Prose


def as_markdown(facts: Facts, *, defang: Defang) -> str:
    """The report in GitHub's dialect of Markdown; nothing that somebody gave has a meaning as markup outside quotes."""
    running = f"**{facts.marking}** · {markdown.escaped(_running(facts))}"
    lines = [running, "", f"# {markdown.escaped(_title(facts))}"]
    for part in _parts(facts, defang):
        lines += ["", f"## {part.heading}", ""]
        lines += _table_lines(part) if isinstance(part, _Table) else _prose_lines(part)
        if more := facts.omitted.get(part.name):
            lines += ["", f"and {more} more"]
    return "\n".join([*lines, "", "---", "", running, "", markdown.escaped(_origin(facts)), ""])


def as_html(facts: Facts, *, defang: Defang) -> str:
    """The report as a page that runs no script and loads nothing, on screens light or dark and on paper."""
    running, title = _running_html(facts), _text(_title(facts))
    body = "\n".join(_part_html(part, facts.omitted.get(part.name, 0)) for part in _parts(facts, defang))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{facts.marking} {title}</title>
<style>{_STYLE}</style>
</head>
<body>
<div class="sheet">
<header>{running}</header>
<main>
<h1>{title}</h1>
{body}
<p class="faint">{_text(_origin(facts))}</p>
</main>
<footer>{running}</footer>
</div>
</body>
</html>
"""


def _title(facts: Facts) -> str:
    return f"Incident {facts.number}: {facts.title}"


def _running(facts: Facts) -> str:
    return f"Incident {facts.number} · {facts.organization_name}"


def _origin(facts: Facts) -> str:
    return f"Generated {clock.isoformat(facts.generated_at)} by {facts.generated_by}."


def _parts(facts: Facts, defang: Defang) -> list[_Part]:
    summary = [("", facts.summary)] if facts.summary.strip() else []
    return [
        _overview(facts),
        _Prose("summary", "Summary", summary),
        _Table(
            "times", "Times", (), [(_word(one.name), getattr(facts.times, one.name)) for one in fields(facts.times)]
        ),
        *_measured(facts),
        _Table("fields", "Fields", (), [(one.label, one.value) for one in facts.fields]),
        _alerts(facts),
        _Table("techniques", "ATT&CK techniques", ("Technique",), [(one,) for one in facts.techniques]),
        _observables(facts, defang),
        *_worked(facts),
        *_proven(facts),
        _reviews(facts),
        _links(facts),
    ]


def _overview(facts: Facts) -> _Table:
    people = facts.people
    rows: list[Row] = [
        ("Organization", facts.organization_name),
        ("Severity", _severity(facts.severity)),
        ("Status", _word(facts.status)),
        ("Verdict", _word(facts.verdict)),
        ("Reason", facts.reason),
        ("Marking", f"{facts.marking}, PAP:{facts.pap.upper()}"),
        ("Restricted to its members", facts.restricted),
        ("Assignee", people.assignee),
        ("Reporter", people.reporter),
        ("Reviewer", people.reviewer),
        ("Closed by", people.closed_by),
        ("Tags", facts.tags),
        ("Merged from", [f"Incident {number}" for number in facts.merged_from]),
    ]
    return _Table("overview", "Overview", (), rows)


def _measured(facts: Facts) -> list[_Table]:
    clocks: list[Row] = [(one.name, one.target, one.due_at, one.met_at, one.breached) for one in facts.clocks]
    measures: list[Row] = [(one.name, one.formula, one.value) for one in facts.measures]
    return [
        _Table("clocks", "Clocks", ("Clock", "Target", "Due", "Met", "Breached"), clocks),
        _Table("measures", "Measures", ("Measure", "Formula", "Value"), measures),
    ]


def _alerts(facts: Facts) -> _Table:
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
    return _Table("alerts", "Alerts", columns, rows)


def _observables(facts: Facts, defang: Defang) -> _Table:
    columns = ("Type", "Value, defanged", "Verdict", "Indicator", "TLP", "Tags", "Note")
    rows: list[Row] = [
        (one.type, defang(one.value, one.type), one.verdict, one.ioc, one.tlp and one.tlp.upper(), one.tags, one.note)
        for one in facts.observables
    ]
    return _Table("observables", "Observables", columns, rows)


def _worked(facts: Facts) -> list[_Part]:
    tasks: list[Row] = [
        (one.title, one.group, _word(one.status), one.assignee, one.required, one.done_at) for one in facts.tasks
    ]
    entries: list[Row] = [(one.occurred_at, _word(one.kind), one.text, one.by) for one in facts.entries]
    notes = [(f"{one.by}, {clock.isoformat(one.at)}", one.text) for one in facts.notes or ()]
    return [
        _Table("tasks", "Tasks", ("Task", "Group", "Status", "Assignee", "Required", "Done"), tasks),
        _Table("entries", "Timeline", ("Time", "Kind", "What happened", "By"), entries),
        _Prose("notes", "Notes", notes, "Left out of this report." if facts.notes is None else "None."),
    ]


def _proven(facts: Facts) -> list[_Table]:
    columns = ("File", "Bytes", "SHA-256", "Media type", "By", "Added", "Description", "Removed")
    files: list[Row] = [
        (one.name, one.size, one.sha256, one.media_type, one.by, one.at, one.description, one.removed_at)
        for one in facts.evidence
    ]
    steps: list[Row] = [
        (file.name, _word(step.action), step.by, step.at) for file in facts.evidence for step in file.custody
    ]
    return [
        _Table("evidence", "Evidence", columns, files),
        _Table("custody", "Chain of custody", ("File", "Step", "By", "Time"), steps),
    ]


def _reviews(facts: Facts) -> _Table:
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
    return _Table("reviews", "Reviews", columns, rows)


def _links(facts: Facts) -> _Table:
    rows: list[Row] = [(_word(one.relation), one.number, one.title) for one in facts.links]
    return _Table("links", "Other incidents", ("Relation", "Incident", "Title"), rows)


def _severity(number: int) -> str:
    return f"{number} ({severity.word(number)})"


def _word(name: str | None) -> str | None:
    return name and name.removesuffix("_at").replace("_", " ").capitalize()


def _said(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return clock.isoformat(cell)
    if isinstance(cell, timedelta):
        return f"-{-cell}" if cell < timedelta(0) else str(cell)
    if isinstance(cell, str | int | float):
        return str(cell)
    return ", ".join(cell or ())


def _table_lines(table: _Table) -> list[str]:
    if not table.rows:
        return ["None."]
    columns = table.columns or ("", "")
    cells = [[markdown.escaped(_said(cell)) or "—" for cell in row] for row in table.rows]
    return [f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *cells)]


def _prose_lines(prose: _Prose) -> list[str]:
    lines: list[str] = []
    for lead, text in prose.texts:
        lines += ["", f"**{markdown.escaped(lead)}**", ""] if lead else []
        lines.append(markdown.quoted(text))
    return lines or [prose.instead]


def _running_html(facts: Facts) -> str:
    label = f'<strong class="tlp tlp-{facts.tlp.replace("+", "-")}">{facts.marking}</strong>'
    return f'<p class="running"><span>{_text(_running(facts))}</span> {label}</p>'


def _part_html(part: _Part, more: int) -> str:
    content = _table_html(part) if isinstance(part, _Table) else _prose_html(part)
    rest = f'\n<p class="faint">and {more} more</p>' if more else ""
    heading = f'<h2 id="{part.name}-heading">{escape(part.heading)}</h2>'
    return f'<section id="{part.name}" aria-labelledby="{part.name}-heading">\n{heading}\n{content}{rest}\n</section>'


def _table_html(part: _Table) -> str:
    if not part.rows:
        return "<p>None.</p>"
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in part.columns)
    head = f"<thead><tr>{names}</tr></thead>\n" if names else ""
    rows = "\n".join(f"<tr>{_row_html(row, named=not names)}</tr>" for row in part.rows)
    label = f'aria-labelledby="{part.name}-heading"'
    table = f"<table {label}>\n{head}<tbody>\n{rows}\n</tbody></table>"
    # A box that scrolls has to be reachable by keyboard, and to have a name once it is.
    return f'<div class="wide" role="region" tabindex="0" {label}>{table}</div>'


def _row_html(row: Sequence[Cell], *, named: bool) -> str:
    first = f'<th scope="row">{_text(_said(row[0]))}</th>' if named else ""
    return first + "".join(map(_cell_html, row[1:] if named else row))


def _cell_html(cell: Cell) -> str:
    said = _said(cell)
    if isinstance(cell, datetime):
        day, _, hour = said.partition("T")
        return f'<td><time datetime="{said}"><span>{day}</span> <span>{hour}</span></time></td>'
    # A digest may break anywhere, lest it pushes the other columns off the paper; a word had better not.
    is_long = any(len(word) > _LONGEST_WORD for word in said.split())
    kind = ' class="long"' if is_long else ""
    return f"<td{kind}>{_text(said) or '—'}</td>"


def _prose_html(prose: _Prose) -> str:
    shown = [
        (f"<h3>{_text(lead)}</h3>\n" if lead else "") + f'<div class="prose">{markdown.to_html(text, heading=4)}</div>'
        for lead, text in prose.texts
    ]
    return "\n".join(shown) or f"<p>{prose.instead}</p>"


def _text(text: str) -> str:
    return escape(markdown.visible(text))
