"""What was told of an incident's clocks is kept beside them: notifications end, and a breach is not told again then."""

from collections.abc import Sequence

from alembic import op

revision: str = "5b0d9e73c1f4"
down_revision: str | None = "a84e6b20d7f1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE incident_watches ADD COLUMN told text[] NOT NULL DEFAULT '{}'::text[]")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE incident_watches DROP COLUMN told")
