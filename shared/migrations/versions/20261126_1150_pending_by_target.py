"""What waits for one target is found without reading what waits for all."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b5e"
down_revision: str | None = "a1f0c4d27d10"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE INDEX ix_notifications_pending_target ON notifications (organization_id, kind, channel_id, user_id)
        WHERE status = 'pending'
    """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_notifications_pending_target")
