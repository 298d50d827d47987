"""How far our documents agree with the ECS that the makers of other parsers expect of the same records; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

FIELDS = (
    "@timestamp",
    "source.ip", "source.port", "destination.ip", "destination.port", "destination.domain",
    "source.bytes", "destination.bytes", "network.transport", "network.protocol",
    "host.name", "host.ip", "host.id",
    "user.name", "user.domain", "user.id", "user.email",
    "rule.id", "rule.name",
    "event.action", "event.category", "event.code", "event.outcome", "event.reason",
    "url.full", "url.original", "url.domain", "url.path",
    "http.request.method", "http.response.status_code", "user_agent.original",
    "dns.question.name",
    "email.from.address", "email.to.address", "email.subject",
    "file.name", "file.path", "file.hash.md5", "file.hash.sha1", "file.hash.sha256",
    "process.name", "process.pid", "process.executable", "process.command_line",
    "process.parent.name", "process.parent.pid", "process.parent.command_line",
    "observer.vendor", "observer.product", "cloud.account.id",
)  # fmt: skip

SAME, OTHER, ABSENT = "same", "other", "absent"


def compare(expected: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
    """For each field that is expected: `same`, `other` or `absent`.

    Letters' case, the order of lists and whether one value stands in a list do not matter, nor that we say more.
    A time is the same to the second.
    """
    return {
        name: _word(name, wanted, set(_texts(name, at(document, name))))
        for name in FIELDS
        if (wanted := set(_texts(name, at(expected, name))))
    }


def _word(name: str, wanted: set[str], ours: set[str]) -> str:
    if not ours:
        return ABSENT
    return SAME if wanted <= ours else OTHER


def at(document: dict[str, Any], name: str) -> Any:
    """The value at a dotted name, whichever of its dots are nesting; None where there is none."""
    if name in document:
        return document[name]
    head, dot, rest = name.partition(".")
    while dot:
        inner = document.get(head)
        if isinstance(inner, dict) and (found := at(inner, rest)) is not None:
            return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _texts(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(name, item)
    elif value is not None and value != "":
        text = str(value).casefold()
        yield text[:19].replace(" ", "t") if name == "@timestamp" else text


class Agreement:
    """Counts by folder and field."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[tuple[str, str]]] = {}

    def add(self, folder: str, words: dict[str, str]) -> None:
        """What `compare` said of one record."""
        self.counts.setdefault(folder, Counter()).update(words.items())

    def shares(self) -> Iterator[tuple[str, dict[str, tuple[int, int]]]]:
        """By field, and by folder: in how many records it is the same, and in how many it is expected."""
        for name in FIELDS:
            row = {
                folder: (counts[name, SAME], sum(counts[name, word] for word in (SAME, OTHER, ABSENT)))
                for folder, counts in self.counts.items()
            }
            if any(expected for _, expected in row.values()):
                yield name, row

    def table(self) -> str:
        """A line a field, a column a folder, and the total: `same/expected`, and of those that differ how many."""
        names = list(self.counts)
        lines = [_line("same/expected", [*names, "all", "other", "absent"])]
        for name, row in self.shares():
            cells = [f"{same}/{expected}" if expected else "" for same, expected in row.values()]
            whole = f"{sum(same for same, _ in row.values())}/{sum(expected for _, expected in row.values())}"
            rest = [str(sum(counts[name, word] for counts in self.counts.values())) for word in (OTHER, ABSENT)]
            lines.append(_line(name, [*cells, whole, *rest]))
        return "\n".join(lines)


def _line(head: str, cells: Iterable[str]) -> str:
    return f"{head:<28}" + "".join(f"{cell:>14}" for cell in cells)
