"""Alerts whose clock runs are found by when it began, without reading the others."""

from collections.abc import Sequence

from alembic import op

revision: str = "c7e4150fa9d2"
down_revision: str | None = "2f6c81ab4e07"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# In the words of shared.models.alert.
RUNNING = """
    CREATE INDEX CONCURRENTLY {name} ON alerts (organization_id, severity, coalesce(new_since, created_at))
    WHERE status = 'new' AND incident_id IS NULL AND (acknowledged_at IS NULL OR acknowledged_at < new_since)
      AND assignee_id IS {whose}
"""
INDEXES = {"ix_alerts_running_owned": "NOT NULL", "ix_alerts_running_unowned": "NULL"}


def upgrade() -> None:
    """Alerts go on being written meanwhile. What a run left half made, which was ended in it, is made anew."""
    with op.get_context().autocommit_block():
        # Nobody waits behind it, and it waits for each transaction that began before it: longer than others' 5 seconds.
        op.execute("SET lock_timeout = '60s'")
        for name, whose in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(RUNNING.format(name=name, whose=whose))
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '60s'")
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("RESET lock_timeout")
