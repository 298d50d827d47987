"""The revision of a sensor's settings, its ETag: two people who edit it see each other."""

from collections.abc import Sequence

from alembic import op

revision: str = "5c1e0a9b7d30"
down_revision: str | None = "a1f0c4d27c10"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sensors ADD revision bigint NOT NULL DEFAULT 1")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sensors DROP revision")
