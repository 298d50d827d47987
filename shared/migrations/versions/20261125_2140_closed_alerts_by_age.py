"""Retention finds the alerts that were closed long ago by an index, not by reading all alerts every ten minutes."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b09"
down_revision: str | None = "a1f0c4d27b08"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_alerts_closed_at ON alerts (closed_at) WHERE status = 'closed'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_alerts_closed_at")
