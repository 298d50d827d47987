"""Where the parts of each case lie in an export's files, so that a case is joined without keeping the others."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from services.api.importing.cases import Refused
from services.api.importing.lines import MAX_RECORD, Record, decoded, identifier, lines

Parent = Literal["_case", "_task"]

CASES, TASKS = "cases", "tasks"


class Index:
    """Where the parts of each case lie, and which ids were met. The nameless database is a file that SQLite removes."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            """
            PRAGMA journal_mode = OFF;
            CREATE TABLE parts (kind TEXT, parent_key TEXT, parent TEXT, start INTEGER, length INTEGER);
            CREATE INDEX parts_of ON parts (parent_key, parent);
            CREATE TABLE met (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
            """
        )
        self._files: dict[str, BinaryIO] = {}

    def close(self) -> None:
        """Let the files go."""
        self._database.close()
        for file in self._files.values():
            file.close()

    def add(self, kind: str, parent_key: Parent, path: Path) -> Iterator[Refused]:
        """Take in the lines of a file; those that cannot be read, or do not say what they belong to, are refused."""
        file = self._files[kind] = path.open("rb")
        self._database.execute("BEGIN")
        for line in lines(file):
            if line.read is None:
                continue
            try:
                if isinstance(line.read, str):
                    raise ValueError(line.read)
                parent = _parent(line.read, parent_key)
            except ValueError as error:
                yield Refused(f"{path.name} line {line.number}", str(error))
                continue
            row = (kind, parent_key, parent, line.start, line.length)
            self._database.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", row)
        self._database.execute("COMMIT")

    def is_new(self, kind: str, source_id: str) -> bool:
        """True the first time."""
        done = self._database.execute("INSERT OR IGNORE INTO met VALUES (?, ?)", (kind, source_id))
        return done.rowcount == 1

    def completed(self, case: Record, case_id: str) -> Record:
        """The case with its parts. Raises ValueError where all of it is too much."""
        left = self._attach(case, "_case", case_id, MAX_RECORD)
        tasks = case.get(TASKS)
        for task in tasks if isinstance(tasks, list) else []:
            task_id = (task.get("_id") or task.get("id")) if isinstance(task, dict) else None
            if isinstance(task_id, str | int):
                self.is_new(TASKS, str(task_id))
                left = self._attach(task, "_task", str(task_id), left)
        return case

    def _attach(self, record: Record, parent_key: Parent, parent: str, left: int) -> int:
        rows = self._database.execute(
            "SELECT kind, start, length FROM parts WHERE parent_key = ? AND parent = ? ORDER BY rowid",
            (parent_key, parent),
        )
        for kind, start, length in rows:
            left -= length
            if left < 0:
                raise ValueError(f"with all that belongs to it, it is over {MAX_RECORD >> 20} MiB")
            file = self._files[kind]
            file.seek(start)
            if (nested := record.get(kind)) is None:
                nested = record[kind] = []
            if not isinstance(nested, list):
                raise ValueError(f"its {kind} are no list")
            nested.append(decoded(file.read(length)))
        return left

    def orphans(self) -> Iterator[Refused]:
        """The parts whose case or task was not met."""
        rows = self._database.execute(
            """
            SELECT kind, parent, count(*) FROM parts
            WHERE (CASE parent_key WHEN '_case' THEN 'cases' ELSE 'tasks' END, parent) NOT IN (SELECT kind, id FROM met)
            GROUP BY kind, parent
            """
        )
        for kind, parent, count in rows:
            yield Refused(f"{kind} of {parent}", f"{count} without what they belong to, which is not in the export")


def _parent(record: Record, key: Parent) -> str:
    try:
        return identifier(record.get(key))
    except ValueError:
        raise ValueError(f"it does not say in {key} what it belongs to") from None
