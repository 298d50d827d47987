"""What an imported case says in words: long texts in pieces, and what has no place of its own."""

from collections.abc import Iterable, Iterator

from services.api.importing.cases import Attachment, ImportedCase, LeftOut, Observable, Person, Source, Task
from services.api.incidents.markdown import escaped, quoted
from shared import clock

PRODUCTS: dict[Source, str] = {"thehive4": "TheHive 4", "thehive5": "TheHive 5", "iris": "DFIR-IRIS"}

_MARK = 32
"""Characters that the mark of a piece may take."""


def split(text: str, most: int) -> list[str]:
    """The text in pieces of at most `most` characters, at the end of a line where there is one; several are marked
    with their place, as `(2/3)`, and are the text again without that.
    """
    if len(text) <= most:
        return [text]
    pieces = list(_pieces(text, most - _MARK))
    return [f"({place}/{len(pieces)})\n\n{piece}" for place, piece in enumerate(pieces, 1)]


def _pieces(text: str, most: int) -> Iterator[str]:
    begin = 0
    while begin < len(text):
        end = begin + most
        if end < len(text):
            end = text.rfind("\n", begin + most // 2, end) + 1 or end
        yield text[begin:end]
        begin = end


def shortened(text: str, most: int) -> str:
    """As much of the text as there is room for, and that a note has the whole."""
    if len(text) <= most:
        return text
    said = "… (a note has the whole text)"
    return text[: most - len(said)] + said


def paragraphs(*texts: str) -> str:
    """The texts that say something, with a blank line between."""
    return "\n\n".join(text for text in texts if text.strip())


def named(person: Person) -> str:
    """A person as the other product has them."""
    return f"{person.name} <{person.email}>" if person.email and person.email != person.name else person.name


def summary(case: ImportedCase) -> str:
    """What the case is about, and what came of it."""
    closing = f"## Closing summary\n\n{case.closing_summary}" if case.closing_summary.strip() else ""
    return paragraphs(case.description, closing)


def about(case: ImportedCase, assignee: Person | None, left_out: Iterable[LeftOut]) -> str:
    """Where the case comes from, and what of it has no place here; the assignee where that is no member."""
    said = {
        "Case": f"{case.number or ''} {case.source_id}".strip(),
        "Created": clock.isoformat(case.created_at),
        "Started": case.started_at and clock.isoformat(case.started_at),
        "Assigned to": assignee and named(assignee),
        "Outcome": case.close_reason,
        "Linked cases": ", ".join(case.links),
    }
    lines = [f"- {name}: {escaped(str(value))}" for name, value in said.items() if value]
    missed = [f"- {escaped(one.what)}: {escaped(one.reason)}" for one in left_out]
    return paragraphs(
        f"**Imported from {PRODUCTS[case.source]}**",
        "\n".join(lines),
        "Not taken, or taken otherwise:" if missed else "",
        "\n".join(missed),
    )


def observable(one: Observable) -> str:
    """An observable that is none of ours, with all that was said of it."""
    marks = ("ioc" if one.ioc else "", "sighted" if one.sighted else "", f"TLP:{one.tlp}" if one.tlp else "")
    said = ", ".join(filter(None, (*marks, *one.tags, f"by {named(one.added_by)}" if one.added_by else "")))
    return paragraphs(
        f"**{escaped(one.source_type) or 'other'}**" + (f" ({escaped(said)})" if said else ""),
        quoted(one.value),
        quoted(one.message) if one.message else "",
    )


def task(one: Task, text: str) -> str:
    """A task that has no place of its own; `text` is all that is said of it."""
    about = ", ".join(filter(None, (one.status, one.group)))
    return paragraphs(f"**{escaped(one.title)}** ({escaped(about)})", quoted(text) if text.strip() else "")


def attachment(one: Attachment, reason: str) -> str:
    """A file that was not taken, and why."""
    said = (
        f"{one.size} bytes" if one.size is not None else "",
        f"SHA-256 {one.sha256}" if one.sha256 else "",
        f"on {one.on}" if one.on else "",
        f"by {named(one.added_by)}" if one.added_by else "",
    )
    about = escaped(", ".join(filter(None, said)))
    return paragraphs(
        f"**{escaped(one.name)}**: {escaped(reason)}" + (f" ({about})" if about else ""),
        quoted(one.description) if one.description else "",
    )
