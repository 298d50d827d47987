"""No quiet hours are SQL's NULL: those of routes made over the API were JSON's, which the notifier took for hours."""

from collections.abc import Sequence

from alembic import op

revision: str = "c4d7e18a2f95"
down_revision: str | None = "b6e2d90f3a51"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE notification_routes SET quiet_hours = NULL WHERE quiet_hours = 'null'")


def downgrade() -> None:
    """Nothing to put back: both are read alike."""
