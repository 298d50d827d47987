"""The revision of a quarantined record, its ETag: two people who edit it see each other."""

from collections.abc import Sequence

from alembic import op

revision: str = "3f7b2c6d9a10"
down_revision: str | None = "a1f0c4d27b2a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE quarantine ADD revision bigint NOT NULL DEFAULT 1")
    op.execute("GRANT UPDATE (revision) ON quarantine TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE quarantine DROP revision")
