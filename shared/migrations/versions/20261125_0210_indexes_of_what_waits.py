"""Indexes of what waits: a batch's events still to be projected, and resolved alerts still to be closed."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b07"
down_revision: str | None = "a1f0c4d27b06"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_projection_pending_batch_id ON projection_pending (batch_id) WHERE kind = 'event'")
    op.execute(
        """
        CREATE INDEX ix_alerts_resolved_at ON alerts (resolved_at)
        WHERE resolved_at IS NOT NULL AND closed_at IS NULL AND acknowledged_at IS NULL AND incident_id IS NULL
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_alerts_resolved_at")
    op.execute("DROP INDEX ix_projection_pending_batch_id")
