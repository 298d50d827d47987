"""What exports make, and what retention needs to look at."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b12"
down_revision: str | None = "a1f0c4d27b11"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE job_outputs (
            job_id uuid NOT NULL,
            ordinal bigint NOT NULL,
            content bytea NOT NULL,
            CONSTRAINT pk_job_outputs PRIMARY KEY (job_id, ordinal),
            CONSTRAINT fk_job_outputs_job_id_jobs FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
        )
        """
    )
    op.execute("GRANT SELECT, INSERT ON job_outputs TO eventsec_api")
    op.execute("GRANT SELECT (job_id), DELETE ON job_outputs TO eventsec_indexer")
    op.execute("GRANT SELECT (caller_id, key) ON idempotency_keys TO eventsec_indexer")
    op.execute("CREATE INDEX ix_alerts_suppressed ON alerts (last_seen) WHERE status = 'suppressed'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE SELECT (caller_id, key) ON idempotency_keys FROM eventsec_indexer")
    op.execute("DROP INDEX ix_alerts_suppressed")
    op.execute("DROP TABLE job_outputs")
