"""Alerts are made and changed at whole milliseconds: OpenSearch has no finer times, and lists go on in either store."""

from collections.abc import Sequence

from alembic import op

revision: str = "c3d81f6a4e52"
down_revision: str | None = "a1f0c4d27b5e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RAISE_VERSION = """
CREATE OR REPLACE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version = OLD.version + 1;
    NEW.updated_at = greatest({now}, OLD.updated_at);
    RETURN NEW;
END
$$
"""
NOW = "date_trunc('milliseconds', now())"

# Documents have these times already, so that nothing has to be written anew: the versions stay.
CUT = """
UPDATE alerts SET created_at = date_trunc('milliseconds', created_at),
                  updated_at = date_trunc('milliseconds', updated_at)
WHERE created_at <> date_trunc('milliseconds', created_at) OR updated_at <> date_trunc('milliseconds', updated_at)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _made_and_changed(NOW)
    op.execute("ALTER TABLE alerts DISABLE TRIGGER raise_version")
    op.execute(CUT)
    op.execute("ALTER TABLE alerts ENABLE TRIGGER raise_version")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _made_and_changed("now()")


def _made_and_changed(now: str) -> None:
    for column in ("created_at", "updated_at"):
        op.execute(f"ALTER TABLE alerts ALTER {column} SET DEFAULT {now}")
    op.execute(RAISE_VERSION.format(now=now))
