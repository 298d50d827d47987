"""What the notifier needs: when it told a target last, retention of what was told, and trying again by hand."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27c10"
down_revision: str | None = "a1f0c4d27b12"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CARRIER = "fk_notifications_sent_with_id_notifications"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_notifications_sent_at ON notifications (sent_at) WHERE sent_at IS NOT NULL")
    op.execute(f"ALTER TABLE notifications DROP CONSTRAINT {CARRIER}")
    op.execute(
        f"ALTER TABLE notifications ADD CONSTRAINT {CARRIER} "
        "FOREIGN KEY (sent_with_id) REFERENCES notifications (id) ON DELETE SET NULL"
    )
    op.execute("GRANT UPDATE (status, due_at, attempts) ON notifications TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE UPDATE (status, due_at, attempts) ON notifications FROM eventsec_api")
    op.execute(f"ALTER TABLE notifications DROP CONSTRAINT {CARRIER}")
    op.execute(
        f"ALTER TABLE notifications ADD CONSTRAINT {CARRIER} FOREIGN KEY (sent_with_id) REFERENCES notifications (id)"
    )
    op.execute("DROP INDEX ix_notifications_sent_at")
