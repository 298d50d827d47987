"""The version that comes after this one: its code with one more migration, in a folder of its own."""

import shutil
from pathlib import Path

from shared.migrations.revisions import schema_head
from tests.faults.service import ROOT

REVISION = "fffffffffff1"
PACKAGES = ("services", "shared")
ADDS = (
    "ALTER TABLE alerts ADD COLUMN of_the_next text",
    "ALTER TABLE incidents ADD COLUMN of_the_next text",
    "CREATE TABLE of_the_next (id uuid PRIMARY KEY, told text)",
)
"""To tables that all the load goes through."""

_MIGRATION = '''"""What the next version needs, and this one does not."""

from alembic import op

revision: str = "{revision}"
down_revision: str | None = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in {statements!r}:
        op.execute(statement)
'''
# Said by every process that has imported the copy, so that its log tells whose code it ran.
_SAYS = "\nimport sys\n\nsys.stderr.write(f'{__name__} is of {__file__}\\n')\n"


def make_next_version(root: Path, statements: tuple[str, ...] = ADDS) -> None:
    """Write it below that folder, for processes that are started there."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, root / name)
        with (root / name / "__init__.py").open("a", encoding="utf-8") as package:
            package.write(_SAYS)
    migration = _MIGRATION.format(revision=REVISION, before=schema_head(), statements=statements)
    (root / "shared/migrations/versions/99991231_2359_next.py").write_text(migration, encoding="utf-8")


def imported_from(log: bytes, root: Path) -> bool:
    """True when a process with that log has imported both packages from there."""
    return all(f"{name} is of {root / name / '__init__.py'}".encode() in log for name in PACKAGES)
