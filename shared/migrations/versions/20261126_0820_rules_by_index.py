"""Figures per rule are read from their index alone, not from a row for each alert of the month."""

from collections.abc import Sequence

from alembic import op

revision: str = "3f7b2c6d9a12"
down_revision: str | None = "3f7b2c6d9a11"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = "organization_id, rule_id, last_seen"
COUNTED = "status, verdict, created_at, closed_at, last_fired_at"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_alerts_rule_id")
    op.execute(f"CREATE INDEX ix_alerts_rule_id ON alerts ({KEY}) INCLUDE ({COUNTED})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_alerts_rule_id")
    op.execute(f"CREATE INDEX ix_alerts_rule_id ON alerts ({KEY})")
