"""Records come out of quarantine: somebody asks for it, the indexer does it, the accounts move along."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b08"
down_revision: str | None = "a1f0c4d27b07"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The bytes received, and what the indexer alone says of a record, are not the api's to change.
EDITED = "edited_record, edited_hint, requested, requested_at, requested_by, history, updated_at"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        ALTER TABLE quarantine
            ADD COLUMN edited_hint text,
            ADD COLUMN requested text,
            ADD COLUMN requested_at timestamptz,
            ADD COLUMN requested_by text,
            ADD CONSTRAINT ck_quarantine_requested CHECK (requested IN ('redrive', 'discard'))
        """
    )
    op.execute("CREATE INDEX ix_quarantine_requested ON quarantine (requested_at, id) WHERE requested IS NOT NULL")
    op.execute("ALTER TABLE sensor_accounts ADD COLUMN discarded bigint NOT NULL DEFAULT 0")
    op.execute("REVOKE UPDATE ON quarantine FROM eventsec_api")
    op.execute(f"GRANT UPDATE ({EDITED}) ON quarantine TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"REVOKE UPDATE ({EDITED}) ON quarantine FROM eventsec_api")
    op.execute("GRANT UPDATE ON quarantine TO eventsec_api")
    op.execute("ALTER TABLE sensor_accounts DROP COLUMN discarded")
    op.execute("DROP INDEX ix_quarantine_requested")
    op.execute(
        """
        ALTER TABLE quarantine
            DROP COLUMN requested_by,
            DROP COLUMN requested_at,
            DROP COLUMN requested,
            DROP COLUMN edited_hint
        """
    )
