"""A summary of what waits in quarantine reads one index of that, not every record that ever was there."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b0a"
down_revision: str | None = "a1f0c4d27b09"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE INDEX ix_quarantine_open ON quarantine (organization_id, sensor_id, reason, requested, received_at)
        WHERE status = 'open'
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_quarantine_open")
