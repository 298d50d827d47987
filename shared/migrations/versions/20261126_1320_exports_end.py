"""Exports end before their jobs: the api deletes those of jobs that failed, the indexer those that are old."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27e12"
down_revision: str | None = "a1f0c4d27e11"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("GRANT DELETE ON job_outputs TO eventsec_api")
    op.execute("GRANT SELECT (ordinal) ON job_outputs TO eventsec_indexer")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE SELECT (ordinal) ON job_outputs FROM eventsec_indexer")
    op.execute("REVOKE DELETE ON job_outputs FROM eventsec_api")
