"""Suppressions, every version of them, and the alerts in which one on trial would have hidden something."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b0f"
down_revision: str | None = "a1f0c4d27b0e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "suppressions": """
        CREATE TABLE suppressions (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            name text NOT NULL,
            query text NOT NULL,
            reason text NOT NULL,
            mode text NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            recurrence text,
            duration interval,
            zone text,
            owner_id uuid,
            created_by_id uuid,
            needs_approval boolean NOT NULL DEFAULT false,
            approved_by_id uuid,
            approved_at timestamptz,
            ended_by_id uuid,
            ended_at timestamptz,
            proposed_by_alert_id uuid,
            revision bigint NOT NULL DEFAULT '1',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_suppressions PRIMARY KEY (id),
            CONSTRAINT ck_suppressions_mode CHECK (mode IN ('active', 'monitor')),
            CONSTRAINT ck_suppressions_ends CHECK (ends_at > starts_at),
            CONSTRAINT ck_suppressions_recurrence
                CHECK ((recurrence IS NULL) = (duration IS NULL) AND (recurrence IS NULL) = (zone IS NULL)),
            CONSTRAINT ck_suppressions_approved CHECK ((approved_by_id IS NULL) = (approved_at IS NULL)),
            CONSTRAINT fk_suppressions_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_suppressions_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id),
            CONSTRAINT fk_suppressions_created_by_id_users FOREIGN KEY (created_by_id) REFERENCES users (id),
            CONSTRAINT fk_suppressions_approved_by_id_users FOREIGN KEY (approved_by_id) REFERENCES users (id),
            CONSTRAINT fk_suppressions_ended_by_id_users FOREIGN KEY (ended_by_id) REFERENCES users (id)
        )
    """,
    "suppression_versions": """
        CREATE TABLE suppression_versions (
            suppression_id uuid NOT NULL,
            revision bigint NOT NULL,
            content jsonb NOT NULL,
            changed_by_id uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_suppression_versions PRIMARY KEY (suppression_id, revision),
            CONSTRAINT fk_suppression_versions_suppression_id_suppressions
                FOREIGN KEY (suppression_id) REFERENCES suppressions (id) ON DELETE CASCADE,
            CONSTRAINT fk_suppression_versions_changed_by_id_users FOREIGN KEY (changed_by_id) REFERENCES users (id)
        )
    """,
    "suppression_matches": """
        CREATE TABLE suppression_matches (
            suppression_id uuid NOT NULL,
            alert_id uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_suppression_matches PRIMARY KEY (suppression_id, alert_id),
            CONSTRAINT fk_suppression_matches_suppression_id_suppressions
                FOREIGN KEY (suppression_id) REFERENCES suppressions (id) ON DELETE CASCADE,
            CONSTRAINT fk_suppression_matches_alert_id_alerts
                FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE
        )
    """,
}

INDEXES = (
    "CREATE INDEX ix_suppressions_organization_id ON suppressions (organization_id, ends_at, id)",
    "CREATE INDEX ix_suppression_matches_alert_id ON suppression_matches (alert_id)",
)

GRANTS = {
    "eventsec_api": {
        "suppressions": "SELECT, INSERT, UPDATE",
        "suppression_versions": "SELECT, INSERT",
        "suppression_matches": "SELECT",
    },
    "eventsec_indexer": {
        "suppressions": "SELECT",
        "suppression_matches": "SELECT, INSERT, DELETE",
    },
}

ALERT_INDEXES = {
    "ix_alerts_suppression_id": "(suppression_id) WHERE suppression_id IS NOT NULL",
    "ix_alerts_rule_id": "(organization_id, rule_id, last_seen)",
    "ix_alerts_assignee_id": "(assignee_id) WHERE status IN ('new', 'acknowledged', 'in_progress')",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    for table in ("suppressions",):
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    op.execute(
        "ALTER TABLE alerts ADD CONSTRAINT fk_alerts_suppression_id_suppressions "
        "FOREIGN KEY (suppression_id) REFERENCES suppressions (id)"
    )
    for name, definition in ALERT_INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON alerts {definition}")
    for role, tables in GRANTS.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ALERT_INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("ALTER TABLE alerts DROP CONSTRAINT fk_alerts_suppression_id_suppressions")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
