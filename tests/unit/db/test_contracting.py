"""A migration that takes something away says which code it stops."""

import re
from pathlib import Path

import pytest

from shared.migrations import head

# Where the first release stands: nobody runs what came before.
FIRST = "20261127_0930"
TAKES = re.compile(
    r"\bDROP (TABLE|COLUMN)\b|\bRENAME\b|\bSET NOT NULL\b|drop_(table|column)|rename_table|nullable=False",
    re.IGNORECASE,
)


def silent(source: str) -> bool:
    """True for a migration whose `upgrade` takes something away and does not say so."""
    upgrade = source.partition("def upgrade")[2].partition("def downgrade")[0]
    return bool(TAKES.search(upgrade)) and "code_must_know(" not in upgrade


def test_every_migration_that_contracts_says_so() -> None:
    files = (Path(head.__file__).parent / "versions").glob("[0-9]*.py")
    assert [file.name for file in files if file.name[: len(FIRST)] > FIRST and silent(file.read_text())] == []


@pytest.mark.parametrize(
    "body, expected",
    [
        ('op.execute("ALTER TABLE a DROP COLUMN b")', True),
        ('op.drop_column("a", "b")', True),
        ('op.alter_column("a", "b", nullable=False)', True),
        ('op.execute("ALTER TABLE a DROP COLUMN b")\n    op.execute(code_must_know("x"))', False),
        ('op.execute("ALTER TABLE a ADD COLUMN b text")', False),
    ],
)
def test_what_contracts(body: str, expected: bool) -> None:
    down = 'def downgrade() -> None:\n    op.drop_column("a", "c")\n'
    assert silent(f"def upgrade() -> None:\n    {body}\n\n\n{down}") is expected
