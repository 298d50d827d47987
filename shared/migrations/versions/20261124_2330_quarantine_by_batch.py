"""Quarantine is found by its batch: of a single record the sender knows only the id the door gave it."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b06"
down_revision: str | None = "a1f0c4d27b05"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_quarantine_batch_id ON quarantine (batch_id)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_quarantine_batch_id")
