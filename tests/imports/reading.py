"""What the tests of every reader need: an export written, read, counted, and the memory that took."""

import multiprocessing
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from services.api.importing.cases import ImportedCase, Refused
from tests.imports.exports import ndjson

MEMORY = 4 << 20
"""Bytes that reading 2,000 cases may take: Python's own tables of names and of addresses, which grow by steps of 2 MiB,
and one case.
"""

Read = Callable[[Path], Iterator[ImportedCase | Refused]]


def folder(root: Path, **files: list[dict[str, Any]]) -> Path:
    """An export with these files."""
    for name, records in files.items():
        ndjson(root / f"{name}.ndjson", records)
    return root


def split(read: Read, path: Path) -> tuple[list[ImportedCase], list[Refused]]:
    """The cases, and what was refused."""
    found = list(read(path))
    cases = [one for one in found if isinstance(one, ImportedCase)]
    return cases, [one for one in found if isinstance(one, Refused)]


def only(read: Read, path: Path) -> ImportedCase:
    """The one case there is; nothing was refused."""
    cases, refused = split(read, path)
    assert refused == []
    assert len(cases) == 1
    return cases[0]


def counted(read: Read, path: Path) -> tuple[Counter[str], int]:
    """How much of each kind there is, of one case after the other, and the most bytes of Python's that took.

    In a process of its own: in one that has run other tests, Python's tables of names grow by larger steps.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_counted, read, path).result()


def _counted(read: Read, path: Path) -> tuple[Counter[str], int]:
    tally: Counter[str] = Counter()
    tracemalloc.start()
    try:
        for one in read(path):
            tally.update(_tally(one))
        return tally, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _tally(one: ImportedCase | Refused) -> dict[str, int]:
    if isinstance(one, Refused):
        return {"refused": 1}
    return {
        "cases": 1,
        "tasks": len(one.tasks),
        "logs": sum(len(task.logs) for task in one.tasks),
        "observables": len(one.observables),
        "notes": len(one.notes),
        "events": len(one.events),
        "attachments": len(one.attachments),
        "files": sum(file.path is not None for file in one.attachments),
    }


def left(case: ImportedCase) -> dict[str, str]:
    """What was left out, with its reason."""
    return {one.what: one.reason for one in case.left_out}
