"""A job's takings are numbered apart from those that came to nothing, so that a long job is not given up half-done."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27e11"
down_revision: str | None = "a1f0c4d27e10"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE jobs ADD COLUMN fence bigint NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE jobs DROP COLUMN fence")
