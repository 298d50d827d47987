"""Every alert that names an incident is looked at in a transaction of its own: alerts go on being written meanwhile."""

from collections.abc import Sequence

from alembic import op

revision: str = "a84e6b20d7f1"
down_revision: str | None = "c3d1f7a95e20"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alerts VALIDATE CONSTRAINT fk_alerts_incident_id_incidents")


def downgrade() -> None:
    """What was looked at is right either way."""
