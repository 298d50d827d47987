"""An export on disk: files of JSON lines that are joined to whole cases, one case in memory at a time.

Children are found by an index in SQLite's own temporary file, which keeps where each line lies and not what it says.
Nothing is unpacked, so that nothing can be larger than it looks.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from services.api.importing.cases import Refused
from services.api.importing.index import CASES, Index, Parent
from services.api.importing.lines import MAX_RECORD, Record, decoded, lines
from shared.errors import Invalid

_SUFFIX = ".ndjson"


class NotAnExport(Invalid):
    """There is no export at this path, or it is none that is read here."""

    code = "not_an_export"


class Layout(msgspec.Struct, frozen=True):
    """How one product's export lies on disk: how a case says its id, and which files there are beside `cases.ndjson`.

    `identify` raises ValueError. `parts` says of each file under which key its lines name what they belong to.
    """

    identify: Callable[[Record], str]
    parts: Mapping[str, Parent]


def whole(path: Path, layout: Layout) -> Iterator[Record | Refused]:
    """Each case of the export once, with its parts in lists under the names of their files.

    What cannot be read, comes twice, or belongs to no case of the export is refused and the rest go on.
    Raises NotAnExport before the first.
    """
    if not path.exists():
        raise NotAnExport(f"{path} is not there.")
    with closing(Index()) as index:
        if path.is_dir():
            yield from _folder(path, layout, index)
        else:
            yield from _once(_file(path), layout, index)


def _folder(root: Path, layout: Layout, index: Index) -> Iterator[Record | Refused]:
    cases = root / f"{CASES}{_SUFFIX}"
    if not cases.is_file():
        raise NotAnExport(f"{root} has no {cases.name}.")
    yield from _strangers(root, layout)
    for kind, parent in layout.parts.items():
        file = root / f"{kind}{_SUFFIX}"
        if file.is_file():
            yield from index.add(kind, parent, file)
    yield from _once(_file(cases), layout, index)
    yield from index.orphans()


def _strangers(root: Path, layout: Layout) -> Iterator[Refused]:
    """Files that nobody asks for: most often a misspelt name, whose content would be missed."""
    known = {f"{name}{_SUFFIX}" for name in (CASES, *layout.parts)} | {"attachments"}
    for entry in sorted(root.iterdir()):
        if entry.name not in known:
            yield Refused(entry.name, f"not read: the files of an export are {', '.join(sorted(known))}")


def _once(records: Iterator[Record | Refused], layout: Layout, index: Index) -> Iterator[Record | Refused]:
    for record in records:
        if isinstance(record, Refused):
            yield record
            continue
        try:
            case_id = layout.identify(record)
        except ValueError as error:
            yield Refused("?", str(error))
            continue
        if not index.is_new(CASES, case_id):
            yield Refused(case_id, "it comes a second time; the first was taken")
            continue
        try:
            yield index.completed(record, case_id)
        except ValueError as error:
            yield Refused(case_id, str(error))


def _file(path: Path) -> Iterator[Record | Refused]:
    if path.suffix == ".json":
        yield from _document(path)
        return
    with path.open("rb") as file:
        for line in lines(file):
            if isinstance(line.read, str):
                yield Refused(f"{path.name} line {line.number}", line.read)
            elif line.read is not None:
                yield line.read


def _document(path: Path) -> Iterator[Record | Refused]:
    if path.stat().st_size > MAX_RECORD:
        lines_of_it = f"jq -c '.[]' {path.name} > {path.stem}.ndjson"
        raise NotAnExport(f"{path} is over {MAX_RECORD >> 20} MiB. As JSON lines it may have any size: {lines_of_it}")
    try:
        read = decoded(path.read_bytes())
    except ValueError as error:
        raise NotAnExport(f"{path}: {error}") from None
    for number, record in enumerate(read if isinstance(read, list) else [read], 1):
        yield record if isinstance(record, dict) else Refused(f"{path.name} entry {number}", "no JSON object")
