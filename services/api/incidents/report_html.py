"""The report of an incident to be read and printed: as one HTML file that needs no other.

There is no PDF of our own. A PDF carries its fonts, and what a sensor or a person wrote may be in any script: fpdf2
2.8 refuses all beyond Latin-1 until it is handed fonts, and WeasyPrint stands on libraries of the system. A browser
has the fonts, and the print style sheet makes of its pages what a PDF would be.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from html import escape

from services.api.incidents import markdown
from services.api.incidents.facts import Facts
from services.api.incidents.report_parts import Cell, Defang, Part, Prose, Table, origin, parts, running, said, title

# The colours are FIRST's for TLP 2.0, as are black behind them, the right edge and the 12 points of the label.
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fff; --faint: #56565e; --line: #c9c9d2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6ea; --paper: #17181c; --faint: #a9a9b3; --line: #43444c; }
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
@page { size: A4; margin: 12mm; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #444; --line: #999; }
  body { font-size: 10pt; }
  .sheet { display: table; table-layout: fixed; width: 100%; max-width: none; padding: 0; }
  .sheet > header { display: table-header-group; break-inside: avoid; }
  .sheet > footer { display: table-footer-group; break-inside: avoid; }
  .sheet > main { display: table-row-group; }
  .wide { overflow: visible; font-size: 8.5pt; }
  #entries, #evidence { break-before: page; }
}
"""
_LONGEST_WORD = 24
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)


def as_html(facts: Facts, *, defang: Defang) -> str:
    """The report as a page that runs no script and loads nothing, on screens light or dark and on paper."""
    line, heading = _running_html(facts), _text(title(facts))
    body = "\n".join(_part_html(part, facts.omitted.get(part.name, 0)) for part in parts(facts, defang))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{facts.marking} {heading}</title>
<style>{_STYLE}</style>
</head>
<body>
<div class="sheet">
<header>{line}</header>
<main>
<h1>{heading}</h1>
{body}
<p class="faint">{_text(origin(facts))}</p>
</main>
<footer>{line}</footer>
</div>
</body>
</html>
"""


def _running_html(facts: Facts) -> str:
    label = f'<strong class="tlp tlp-{facts.strictest.replace("+", "-")}">{facts.marking}</strong>'
    return f'<p class="running"><span>{_text(running(facts))}</span> {label}</p>'


def _part_html(part: Part, more: int) -> str:
    content = _table_html(part) if isinstance(part, Table) else _prose_html(part)
    rest = f'\n<p class="faint">and {more} more</p>' if more else ""
    heading = f'<h2 id="{part.name}-heading">{escape(part.heading)}</h2>'
    return f'<section id="{part.name}" aria-labelledby="{part.name}-heading">\n{heading}\n{content}{rest}\n</section>'


def _table_html(part: Table) -> str:
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
    first = f'<th scope="row">{_text(said(row[0]))}</th>' if named else ""
    return first + "".join(map(_cell_html, row[1:] if named else row))


def _cell_html(cell: Cell) -> str:
    text = said(cell)
    if isinstance(cell, datetime):
        day, _, hour = text.partition("T")
        return f'<td><time datetime="{text}"><span>{day}</span> <span>{hour}</span></time></td>'
    # A digest may break anywhere, lest it pushes the other columns off the paper; a word had better not.
    is_long = any(len(word) > _LONGEST_WORD for word in text.split())
    kind = ' class="long"' if is_long else ""
    return f"<td{kind}>{_text(text) or '—'}</td>"


def _prose_html(prose: Prose) -> str:
    shown = [
        (f"<h3>{_text(lead)}</h3>\n" if lead else "") + f'<div class="prose">{markdown.to_html(text, heading=4)}</div>'
        for lead, text in prose.texts
    ]
    return "\n".join(shown) or f"<p>{prose.instead}</p>"


def _text(text: str) -> str:
    return escape(markdown.visible(text))
