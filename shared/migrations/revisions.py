"""Which schema this code was written for. Needs nothing but Python, for programs that run before all is installed."""

import re
from functools import cache
from pathlib import Path

_SAID = re.compile(r'^(revision|down_revision): .* = "(\w+)"$', re.MULTILINE)


@cache
def schema_head() -> str:
    """The newest revision this code knows; read from the migration files once a process."""
    (head,) = known_revisions() - set(_lineage().values())
    return head


@cache
def known_revisions() -> frozenset[str]:
    """Every revision this code knows."""
    return frozenset(_lineage())


@cache
def _lineage() -> dict[str, str | None]:
    """Each revision and the one before it. To import Alembic only for that would cost every start half a second."""
    said = [dict(_SAID.findall(file.read_text())) for file in (Path(__file__).parent / "versions").glob("[0-9]*.py")]
    return {one["revision"]: one.get("down_revision") for one in said}
