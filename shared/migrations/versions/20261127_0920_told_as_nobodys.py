"""What leads were told of alerts that are nobody's is remembered of each, as what owners were told is.

What they were told before is known of none: of what is late when this runs they are told once more.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "a41c7e5d902f"
down_revision: str | None = "e06a2f9d41b7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert_clock_words ADD COLUMN owned boolean DEFAULT true NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM alert_clock_words WHERE NOT owned")
    op.execute("ALTER TABLE alert_clock_words DROP COLUMN owned")
