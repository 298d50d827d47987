"""Retention finds the oldest events without a time of their own by an index; whole periods need none."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b0b"
down_revision: str | None = "a1f0c4d27b0a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("alert", "telemetry")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for kind in KINDS:
        op.execute(f"CREATE INDEX ix_events_{kind}_unclocked_time ON events_{kind}_unclocked (time)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for kind in KINDS:
        op.execute(f"DROP INDEX ix_events_{kind}_unclocked_time")
