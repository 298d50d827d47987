"""The kinds that a timeline may be filtered by are those of the entries that are written."""

import ast
from collections.abc import Iterator
from pathlib import Path

from services.api import incidents
from services.indexer import following
from services.indexer.stores import unfollowed
from shared.models.incident_entry import ENTRY_KINDS

SOURCES = Path(str(incidents.__file__)).parent.glob("*.py")


def written() -> Iterator[str]:
    """The constant that each call leaves an entry as: `enter`, and whatever is told by `said`."""
    for call in (node for path in SOURCES for node in ast.walk(ast.parse(path.read_text()))):
        if not isinstance(call, ast.Call):
            continue
        enters = ast.unparse(call.func) == "work.enter"
        if enters or any(keyword.arg == "said" for keyword in call.keywords):
            yield from (one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_kind_that_is_written_can_be_asked_for() -> None:
    found = set(written())
    assert {"created", "observables_added", "sent_back"} <= found
    assert found - set(ENTRY_KINDS) == set()
    assert {following.REPEATED, unfollowed.KIND} <= set(ENTRY_KINDS)
