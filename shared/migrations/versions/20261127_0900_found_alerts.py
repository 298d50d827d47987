"""What an alert was before it was linked: unlinking gives it back to the queue, and to nobody, as it was."""

from collections.abc import Sequence

from alembic import op

revision: str = "5b9d03c7e8a1"
down_revision: str | None = "c7e4150fa9d2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        ALTER TABLE incident_alerts
            ADD COLUMN found_status text,
            ADD COLUMN found_assignee_id uuid,
            ADD CONSTRAINT fk_incident_alerts_found_assignee_id_users
                FOREIGN KEY (found_assignee_id) REFERENCES users (id)
    """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE incident_alerts DROP COLUMN found_status, DROP COLUMN found_assignee_id")
