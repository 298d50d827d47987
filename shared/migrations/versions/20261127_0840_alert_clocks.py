"""Clocks of alerts: since when one is new once more, and what people were told."""

from collections.abc import Sequence

from alembic import op

revision: str = "2f6c81ab4e07"
down_revision: str | None = "5b0d9e73c1f4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Words name no alert by a foreign key: it would lock the alert, which events fold into. Those of one that is gone go.
TABLES = (
    """
    CREATE TABLE alert_clock_words (
        alert_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        severity smallint NOT NULL,
        breached boolean NOT NULL,
        told_at timestamptz DEFAULT now() NOT NULL,
        CONSTRAINT pk_alert_clock_words PRIMARY KEY (alert_id),
        CONSTRAINT fk_alert_clock_words_organization_id_organizations
            FOREIGN KEY (organization_id) REFERENCES organizations (id)
    )
    """,
    """
    CREATE TABLE alert_clock_sums (
        organization_id uuid NOT NULL,
        breached boolean NOT NULL,
        told_at timestamptz NOT NULL,
        CONSTRAINT pk_alert_clock_sums PRIMARY KEY (organization_id, breached),
        CONSTRAINT fk_alert_clock_sums_organization_id_organizations
            FOREIGN KEY (organization_id) REFERENCES organizations (id)
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON alert_clock_words TO eventsec_api")
    op.execute("GRANT SELECT, INSERT, UPDATE ON alert_clock_sums TO eventsec_api")
    op.execute("ALTER TABLE alerts ADD COLUMN new_since timestamptz")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE alerts DROP COLUMN new_since")
    op.execute("DROP TABLE alert_clock_sums, alert_clock_words")
