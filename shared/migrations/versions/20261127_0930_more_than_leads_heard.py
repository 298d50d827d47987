"""Of which severities there may be more alerts that are nobody's than leads were told of one by one."""

from collections.abc import Sequence

from alembic import op

revision: str = "c83d0f6b1e57"
down_revision: str | None = "a41c7e5d902f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert_clock_sums ADD COLUMN more smallint[] DEFAULT '{}'::smallint[] NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert_clock_sums DROP COLUMN more")
