"""In which fields of an alert's events an observable was seen: the source of an attack is not its target."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b11"
down_revision: str | None = "a1f0c4d27b10"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert_observables ADD fields text[] NOT NULL DEFAULT '{}'::text[]")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alert_observables DROP fields")
