"""A migration that takes something away says which code it stops."""

import re
from pathlib import Path

import pytest

from shared.migrations import head

# Where the first release stands: nobody runs what came before.
FIRST = "20261127_0930"

# Its docstring, and what is run only on the way down; constants and helpers are looked at with `upgrade`.
ASIDE = re.compile(r'\A""".*?"""|^def downgrade\b.*?(?=^\S|\Z)', re.MULTILINE | re.DOTALL)
CLAUSE = re.compile(r";|\bop\.|,\s*(?=(?:ADD|ALTER|DROP)\b)", re.IGNORECASE)
# Nothing needs an index that only hastens, nor what only refuses; ON CONFLICT may need what is unique.
TAKES = re.compile(
    r"""
    \bDROP\s+(?!NOT\s+NULL\b|STATISTICS\b|(?:INDEX|CONSTRAINT)\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?(?:ix|ck|fk)_)
    | \bRENAME\b | \bREVOKE\b(?!\s+ALL\s+ON\s+FUNCTION\b[^"]*\bFROM\s+PUBLIC\b) | \bSET\s+NOT\s+NULL\b
    | \bALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b
    | \bADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:CHECK|UNIQUE|EXCLUDE|PRIMARY|FOREIGN)\b
    | \A(?:drop_(?!index\("ix_)|rename_|create_\w+_constraint|create_foreign_key)
    | \Aalter_column\(.*\b(?:nullable=False|type_=|new_column_name=)
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
ADDS = re.compile(r"\bADD\b|\Aadd_column\(", re.IGNORECASE)
NEVER_NULL = re.compile(r"\bNOT\s+NULL\b|\bnullable=False\b", re.IGNORECASE)
FILLED = re.compile(r"\bDEFAULT\b|\bGENERATED\b|\bserver_default=", re.IGNORECASE)
SAYS_SO = re.compile(r"\bcode_must_know\(|# Serves older code: \w")


def contracts(clause: str) -> bool:
    """True for what older code may trip over: it knows nothing of a column that has to be given, say."""
    added = ADDS.search(clause) and NEVER_NULL.search(clause) and not FILLED.search(clause)
    return bool(TAKES.search(clause) or added)


def silent(source: str) -> bool:
    """True for a migration that takes something away on the way up and says neither whom that stops nor why nobody."""
    up = ASIDE.sub("", source)
    return any(map(contracts, CLAUSE.split(up))) and not SAYS_SO.search(up)


def test_every_migration_that_contracts_says_so() -> None:
    files = (Path(head.__file__).parent / "versions").glob("[0-9]*.py")
    assert [file.name for file in files if file.name[: len(FIRST)] > FIRST and silent(file.read_text())] == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE a DROP COLUMN b",
        "ALTER TABLE a DROP b",
        "ALTER TABLE a ADD COLUMN c text, DROP b",
        "ALTER TABLE a ALTER b DROP DEFAULT",
        "ALTER TABLE a DROP CONSTRAINT uq_a_b",
        "DROP TABLE a",
        "DROP INDEX IF EXISTS uq_a_b",
        "DROP FUNCTION ensure_period(text, date)",
        "DROP TRIGGER raise_version ON a",
        "ALTER TABLE a RENAME b TO c",
        "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
        "ALTER TABLE a ALTER COLUMN b TYPE bigint",
        "ALTER TABLE a ALTER b SET DATA TYPE bigint",
        "ALTER TABLE a ADD COLUMN b text NOT NULL",
        "ALTER TABLE a ADD b text NOT NULL",
        "ALTER TABLE a ADD COLUMN b text NOT NULL, ADD COLUMN c text DEFAULT ''",
        "ALTER TABLE a ADD CONSTRAINT ck_a_b CHECK (b > 0)",
        "ALTER TABLE a ADD CHECK (b > 0)",
        "ALTER TABLE a ADD CONSTRAINT {NAME} UNIQUE (b)",
        "REVOKE UPDATE ON a FROM eventsec_api",
    ],
)
def test_a_statement_that_contracts(statement: str) -> None:
    execute = f'op.execute(f"{statement}")'
    assert silent(migration(execute))
    assert silent(migration("op.execute(DO)", f'DO = "{statement}"'))
    assert not silent(migration(f'{execute}\n    op.execute(code_must_know("x"))'))
    assert not silent(migration(f"# Serves older code: it never wrote b.\n    {execute}"))
    assert not silent(migration("pass", down=execute))


@pytest.mark.parametrize(
    "call",
    [
        'op.drop_column("a", "b")',
        'op.drop_constraint("uq_a_b", "a")',
        'op.rename_table("a", "b")',
        'op.alter_column("a", "b", nullable=False)',
        'op.alter_column("a", "b", type_=sa.BigInteger())',
        'op.add_column("a", sa.Column("b", sa.Text(), nullable=False))',
        'op.create_check_constraint("ck_a_b", "a", "b > 0")',
    ],
)
def test_a_call_that_contracts(call: str) -> None:
    assert silent(migration(call))


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("ALTER TABLE a ADD COLUMN b text")',
        'op.execute("ALTER TABLE a ADD COLUMN b numeric(10, 2) NOT NULL DEFAULT 0, ADD COLUMN c text")',
        "op.execute(\"ALTER TABLE a ADD COLUMN b smallint[] DEFAULT '{}'::smallint[] NOT NULL\")",
        'op.execute("ALTER TABLE a ALTER b DROP NOT NULL")',
        'op.execute("CREATE TABLE a (b text NOT NULL, CONSTRAINT ck_a_b CHECK (b > 0))")',
        'op.execute("ALTER TABLE a ADD COLUMN b text")\n    op.execute("CREATE TABLE c (d text NOT NULL)")',
        'op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_a_b")',
        'op.execute("REVOKE ALL ON FUNCTION a(text) FROM PUBLIC")',
        'op.add_column("a", sa.Column("b", sa.Text(), nullable=False, server_default=""))',
        'op.create_table("a", sa.Column("b", sa.Text(), nullable=False))',
    ],
)
def test_what_only_adds(body: str) -> None:
    assert not silent(migration(body))


def migration(body: str, constant: str = "", down: str = 'op.drop_column("a", "c")') -> str:
    """A file of one."""
    return f'''"""A rename, in words alone."""
{constant}

def upgrade() -> None:
    {body}


def downgrade() -> None:
    {down}
'''
