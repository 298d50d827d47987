"""What an import has done so far, for its progress and its summary."""

from collections import Counter
from typing import Any

import msgspec

from services.api.importing.cases import ImportedCase, LeftOut, Refused
from services.api.importing.parts import Kind
from services.api.importing.writing import Brought

MOST_SAID = 1000
"""Of what was left out, and of what was refused, so many are said one by one; all are counted."""


class LeftOutOf(msgspec.Struct, frozen=True):
    """What was left out, and of which case."""

    case: str
    what: str
    reason: str


class Account:
    """Counts; memory does not grow with the number of cases."""

    def __init__(self, dry_run: bool) -> None:
        self.dry_run = dry_run
        self.stopped = False
        self.refused_count = self.left_out_count = 0
        self._cases: Counter[str] = Counter(new=0, continued=0, unchanged=0)
        self._written: Counter[Kind] = Counter()
        self._refused: list[Refused] = []
        self._left_out: list[LeftOutOf] = []

    @property
    def seen(self) -> int:
        """How many cases were met, also those that were refused."""
        return self._cases.total() + self.refused_count

    def take(self, case: ImportedCase, brought: Brought) -> None:
        """A case was brought, or was there already."""
        written = brought.written
        self._cases["new" if written["case"] else "continued" if written else "unchanged"] += 1
        self._written += written
        self._leave(case.source_id, brought.left_out)

    def refuse(self, refused: Refused) -> None:
        """Something of the export is no case, or cannot be one here."""
        self.refused_count += 1
        if len(self._refused) < MOST_SAID:
            self._refused.append(refused)

    def progress(self) -> str:
        """In a line."""
        cases = ", ".join(f"{count} {name}" for name, count in self._cases.items())
        return f"{self.seen} cases: {cases}, {self.refused_count} refused"

    def summary(self) -> dict[str, Any]:
        """As a program reads it. `written` counts by kind; in a dry run it is what would be."""
        return {
            "dry_run": self.dry_run,
            "stopped": self.stopped,
            "cases": dict(self._cases),
            "written": dict(self._written),
            "refused_count": self.refused_count,
            "refused": self._refused,
            "left_out_count": self.left_out_count,
            "left_out": self._left_out,
        }

    def _leave(self, case: str, left_out: tuple[LeftOut, ...]) -> None:
        self.left_out_count += len(left_out)
        room = MOST_SAID - len(self._left_out)
        self._left_out += [LeftOutOf(case, one.what, one.reason) for one in left_out[:room]]
