"""What people write about alerts, put off, and look for again; and work that outlives a request."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b0e"
down_revision: str | None = "a1f0c4d27b0d"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "alert_notes": """
        CREATE TABLE alert_notes (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            alert_id uuid NOT NULL,
            author_id uuid,
            author_name text NOT NULL,
            body text NOT NULL,
            mentions uuid[] NOT NULL DEFAULT '{}'::uuid[],
            revision bigint NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_alert_notes PRIMARY KEY (id),
            CONSTRAINT ck_alert_notes_body CHECK (char_length(body) <= 20000),
            CONSTRAINT fk_alert_notes_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_alert_notes_alert_id_alerts FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE,
            CONSTRAINT fk_alert_notes_author_id_users FOREIGN KEY (author_id) REFERENCES users (id)
        )
    """,
    "alert_note_versions": """
        CREATE TABLE alert_note_versions (
            note_id uuid NOT NULL,
            revision bigint NOT NULL,
            author_id uuid,
            author_name text NOT NULL,
            body text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_alert_note_versions PRIMARY KEY (note_id, revision),
            CONSTRAINT fk_alert_note_versions_note_id_alert_notes
                FOREIGN KEY (note_id) REFERENCES alert_notes (id) ON DELETE CASCADE,
            CONSTRAINT fk_alert_note_versions_author_id_users FOREIGN KEY (author_id) REFERENCES users (id)
        )
    """,
    "snoozes": """
        CREATE TABLE snoozes (
            alert_id uuid NOT NULL,
            user_id uuid NOT NULL,
            until timestamptz NOT NULL,
            until_event boolean NOT NULL DEFAULT false,
            count bigint NOT NULL,
            severity smallint NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_snoozes PRIMARY KEY (alert_id, user_id),
            CONSTRAINT fk_snoozes_alert_id_alerts FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE,
            CONSTRAINT fk_snoozes_user_id_users FOREIGN KEY (user_id) REFERENCES users (id)
        )
    """,
    "saved_views": """
        CREATE TABLE saved_views (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            owner_id uuid NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            query text NOT NULL,
            sort text,
            columns text[] NOT NULL DEFAULT '{}'::text[],
            shared boolean NOT NULL DEFAULT false,
            revision bigint NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_saved_views PRIMARY KEY (id),
            CONSTRAINT uq_saved_views_owner_id_organization_id_kind_name UNIQUE (owner_id, organization_id, kind, name),
            CONSTRAINT ck_saved_views_kind CHECK (kind IN ('alert', 'event', 'incident')),
            CONSTRAINT fk_saved_views_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_saved_views_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id)
        )
    """,
    "close_reasons": """
        CREATE TABLE close_reasons (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            verdict text NOT NULL,
            name text NOT NULL,
            retired_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_close_reasons PRIMARY KEY (id),
            CONSTRAINT uq_close_reasons_organization_id_verdict_name UNIQUE (organization_id, verdict, name),
            CONSTRAINT ck_close_reasons_verdict
                CHECK (verdict IN ('true_positive', 'benign_positive', 'false_positive', 'undetermined')),
            CONSTRAINT fk_close_reasons_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id)
        )
    """,
    "jobs": """
        CREATE TABLE jobs (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            kind text NOT NULL,
            runner text NOT NULL DEFAULT 'api',
            status text NOT NULL DEFAULT 'pending',
            parameters jsonb NOT NULL DEFAULT '{}'::jsonb,
            result jsonb NOT NULL DEFAULT '{}'::jsonb,
            error text,
            total bigint NOT NULL DEFAULT 0,
            done bigint NOT NULL DEFAULT 0,
            skipped bigint NOT NULL DEFAULT 0,
            failed bigint NOT NULL DEFAULT 0,
            undo_of_id uuid,
            created_by_id uuid,
            actor jsonb NOT NULL DEFAULT '{}'::jsonb,
            correlation_id text,
            cancel_requested_at timestamptz,
            lease_until timestamptz,
            attempts integer NOT NULL DEFAULT 0,
            started_at timestamptz,
            finished_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_jobs PRIMARY KEY (id),
            CONSTRAINT ck_jobs_status CHECK (status IN ('draft', 'pending', 'running', 'done', 'failed', 'cancelled')),
            CONSTRAINT ck_jobs_runner CHECK (runner IN ('api', 'maintenance')),
            CONSTRAINT ck_jobs_counts CHECK (done + skipped + failed <= total),
            CONSTRAINT fk_jobs_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_jobs_undo_of_id_jobs FOREIGN KEY (undo_of_id) REFERENCES jobs (id),
            CONSTRAINT fk_jobs_created_by_id_users FOREIGN KEY (created_by_id) REFERENCES users (id)
        )
    """,
    "job_items": """
        CREATE TABLE job_items (
            job_id uuid NOT NULL,
            ordinal integer NOT NULL,
            target_id uuid NOT NULL,
            status text NOT NULL DEFAULT 'pending',
            reason text,
            before jsonb,
            revision bigint,
            CONSTRAINT pk_job_items PRIMARY KEY (job_id, ordinal),
            CONSTRAINT ck_job_items_status CHECK (status IN ('pending', 'done', 'skipped', 'failed')),
            CONSTRAINT fk_job_items_job_id_jobs FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
        )
    """,
}

INDEXES = (
    "CREATE INDEX ix_alert_notes_alert_id ON alert_notes (alert_id, id)",
    "CREATE INDEX ix_snoozes_user_id ON snoozes (user_id)",
    "CREATE INDEX ix_saved_views_organization_id ON saved_views (organization_id, kind, name)",
    "CREATE INDEX ix_jobs_due ON jobs (runner, lease_until) WHERE status IN ('pending', 'running')",
    "CREATE INDEX ix_jobs_organization_id ON jobs (organization_id, id)",
    "CREATE UNIQUE INDEX uq_jobs_undo_of_id ON jobs (undo_of_id) WHERE undo_of_id IS NOT NULL",
    "CREATE INDEX ix_job_items_status ON job_items (job_id, status, ordinal)",
    "CREATE UNIQUE INDEX uq_job_items_target ON job_items (job_id, target_id)",
)

GRANTS = {
    "eventsec_api": {
        "alert_notes": "SELECT, INSERT, UPDATE",
        "alert_note_versions": "SELECT, INSERT",
        "snoozes": "SELECT, INSERT, UPDATE, DELETE",
        "saved_views": "SELECT, INSERT, UPDATE, DELETE",
        "close_reasons": "SELECT, INSERT, UPDATE",
        "jobs": "SELECT, INSERT, UPDATE",
        "job_items": "SELECT, INSERT, UPDATE",
    },
    "eventsec_indexer": {
        "alert_notes": "SELECT, DELETE",
        "alert_note_versions": "SELECT, DELETE",
        "snoozes": "SELECT, DELETE",
        "jobs": "SELECT, INSERT, UPDATE, DELETE",
        "job_items": "SELECT, INSERT, UPDATE, DELETE",
        "login_throttles": "SELECT, DELETE",
        "sessions": "SELECT (id, expires_at), DELETE",
        "idempotency_keys": "SELECT (created_at), DELETE",
    },
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    for table in ("alert_notes", "saved_views", "jobs"):
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
