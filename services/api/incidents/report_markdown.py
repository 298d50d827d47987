"""The report of an incident to be handed on as text: as Markdown."""

from services.api.incidents import markdown
from services.api.incidents.facts import Facts
from services.api.incidents.report_parts import Defang, Prose, Table, origin, parts, running, said, title


def as_markdown(facts: Facts, *, defang: Defang) -> str:
    """The report in GitHub's dialect of Markdown; nothing that somebody gave has a meaning as markup outside quotes."""
    line = f"**{facts.marking}** · {markdown.escaped(running(facts))}"
    lines = [line, "", f"# {markdown.escaped(title(facts))}"]
    for part in parts(facts, defang):
        lines += ["", f"## {part.heading}", ""]
        lines += _table_lines(part) if isinstance(part, Table) else _prose_lines(part)
        if more := facts.omitted.get(part.name):
            lines += ["", f"and {more} more"]
    return "\n".join([*lines, "", "---", "", line, "", markdown.escaped(origin(facts)), ""])


def _table_lines(table: Table) -> list[str]:
    if not table.rows:
        return ["None."]
    columns = table.columns or ("", "")
    cells = [[markdown.escaped(said(cell)) or "—" for cell in row] for row in table.rows]
    return [f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *cells)]


def _prose_lines(prose: Prose) -> list[str]:
    lines: list[str] = []
    for lead, text in prose.texts:
        lines += ["", f"**{markdown.escaped(lead)}**", ""] if lead else []
        lines.append(markdown.quoted(text))
    return lines or [prose.instead]
