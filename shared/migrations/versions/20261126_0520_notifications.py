"""Whom we tell of what, where, and what became of each telling."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b10"
down_revision: str | None = "a1f0c4d27b0f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "notification_channels": """
        CREATE TABLE notification_channels (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            settings jsonb NOT NULL DEFAULT '{}'::jsonb,
            secret bytea,
            disabled_at timestamptz,
            revision bigint NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_notification_channels PRIMARY KEY (id),
            CONSTRAINT uq_notification_channels_organization_id_name UNIQUE (organization_id, name),
            CONSTRAINT ck_notification_channels_kind CHECK (kind IN ('email', 'webhook')),
            CONSTRAINT fk_notification_channels_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id)
        )
    """,
    "notification_routes": """
        CREATE TABLE notification_routes (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            channel_id uuid,
            user_id uuid,
            kinds text[] NOT NULL DEFAULT '{}'::text[],
            min_severity smallint NOT NULL DEFAULT 1,
            quiet_hours jsonb,
            coalesce_seconds integer NOT NULL DEFAULT 60,
            disabled_at timestamptz,
            revision bigint NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_notification_routes PRIMARY KEY (id),
            CONSTRAINT ck_notification_routes_one_target CHECK ((channel_id IS NULL) <> (user_id IS NULL)),
            CONSTRAINT ck_notification_routes_min_severity CHECK (min_severity BETWEEN 1 AND 5),
            CONSTRAINT ck_notification_routes_coalesce_seconds CHECK (coalesce_seconds BETWEEN 0 AND 3600),
            CONSTRAINT fk_notification_routes_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_notification_routes_channel_id_notification_channels
                FOREIGN KEY (channel_id) REFERENCES notification_channels (id),
            CONSTRAINT fk_notification_routes_user_id_users FOREIGN KEY (user_id) REFERENCES users (id)
        )
    """,
    "notifications": """
        CREATE TABLE notifications (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            kind text NOT NULL,
            dedupe_key text NOT NULL,
            severity smallint NOT NULL DEFAULT 1,
            subject text NOT NULL,
            content jsonb NOT NULL DEFAULT '{}'::jsonb,
            object_kind text,
            object_id uuid,
            channel_id uuid,
            user_id uuid,
            status text NOT NULL DEFAULT 'pending',
            due_at timestamptz NOT NULL,
            attempts integer NOT NULL DEFAULT 0,
            last_error text,
            sent_at timestamptz,
            sent_with_id uuid,
            correlation_id text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_notifications PRIMARY KEY (id),
            CONSTRAINT uq_notifications_dedupe_key UNIQUE (dedupe_key),
            CONSTRAINT ck_notifications_status CHECK (status IN ('pending', 'sent', 'coalesced', 'failed')),
            CONSTRAINT ck_notifications_one_target CHECK ((channel_id IS NULL) <> (user_id IS NULL)),
            CONSTRAINT fk_notifications_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_notifications_channel_id_notification_channels
                FOREIGN KEY (channel_id) REFERENCES notification_channels (id),
            CONSTRAINT fk_notifications_user_id_users FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT fk_notifications_sent_with_id_notifications
                FOREIGN KEY (sent_with_id) REFERENCES notifications (id)
        )
    """,
}

INDEXES = (
    "CREATE INDEX ix_notification_routes_organization_id ON notification_routes (organization_id)",
    "CREATE INDEX ix_notifications_due ON notifications (due_at) WHERE status = 'pending'",
    "CREATE INDEX ix_notifications_organization_id ON notifications (organization_id, id)",
    "CREATE INDEX ix_notifications_sent_with_id ON notifications (sent_with_id) WHERE sent_with_id IS NOT NULL",
    "CREATE INDEX ix_notifications_user_id ON notifications (user_id, id) WHERE user_id IS NOT NULL",
)

GRANTS = {
    "eventsec_api": {
        "notification_channels": "SELECT, INSERT, UPDATE, DELETE",
        "notification_routes": "SELECT, INSERT, UPDATE, DELETE",
        "notifications": "SELECT, INSERT",
    },
    "eventsec_indexer": {
        "notification_channels": "SELECT",
        "notification_routes": "SELECT",
        "notifications": "SELECT, INSERT, UPDATE, DELETE",
    },
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    for table in ("notification_channels", "notification_routes", "notifications"):
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    for role, tables in GRANTS.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
