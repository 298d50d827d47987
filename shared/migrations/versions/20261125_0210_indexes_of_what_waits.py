"""What waits is found by an index, and a batch knows which of its envelopes are still on their way to search."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b07"
down_revision: str | None = "a1f0c4d27b06"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_projection_pending_batch_id ON projection_pending (batch_id) WHERE kind = 'event'")
    op.execute("CREATE INDEX ix_sensor_accounts_minute ON sensor_accounts (minute)")
    op.execute("CREATE INDEX ix_quarantine_settled ON quarantine (updated_at) WHERE status <> 'open'")
    op.execute("ALTER TABLE batches ADD COLUMN projecting uuid[] NOT NULL DEFAULT '{}'")
    op.execute(
        """
        CREATE INDEX ix_alerts_resolved_at ON alerts (resolved_at)
        WHERE resolved_at IS NOT NULL AND closed_at IS NULL AND acknowledged_at IS NULL AND incident_id IS NULL
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_alerts_resolved_at")
    op.execute("ALTER TABLE batches DROP COLUMN projecting")
    op.execute("DROP INDEX ix_quarantine_settled")
    op.execute("DROP INDEX ix_sensor_accounts_minute")
    op.execute("DROP INDEX ix_projection_pending_batch_id")
