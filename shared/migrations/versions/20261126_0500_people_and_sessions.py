"""People sign in: what they are in each organization, where they are signed in, how often somebody failed to."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b0c"
down_revision: str | None = "a1f0c4d27b0b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "memberships": """
        CREATE TABLE memberships (
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            organization_id uuid NOT NULL,
            role text NOT NULL,
            source text NOT NULL DEFAULT 'local',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_memberships PRIMARY KEY (id),
            CONSTRAINT uq_memberships_user_id_organization_id UNIQUE (user_id, organization_id),
            CONSTRAINT ck_memberships_role CHECK (role IN ('viewer', 'analyst', 'lead', 'operator', 'admin')),
            CONSTRAINT ck_memberships_source CHECK (source IN ('local', 'oidc')),
            CONSTRAINT fk_memberships_user_id_users FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT fk_memberships_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id)
        )
    """,
    "sessions": """
        CREATE TABLE sessions (
            id uuid NOT NULL,
            user_id uuid NOT NULL,
            token_hash bytea NOT NULL,
            address text NOT NULL,
            user_agent text NOT NULL,
            expires_at timestamptz NOT NULL,
            last_used_at timestamptz NOT NULL,
            revoked_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_sessions PRIMARY KEY (id),
            CONSTRAINT fk_sessions_user_id_users FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT uq_sessions_token_hash UNIQUE (token_hash)
        )
    """,
    "login_throttles": """
        CREATE TABLE login_throttles (
            key bytea NOT NULL,
            failures integer NOT NULL,
            blocked_until timestamptz NOT NULL,
            last_failed_at timestamptz NOT NULL,
            CONSTRAINT pk_login_throttles PRIMARY KEY (key)
        )
    """,
    "idempotency_keys": """
        CREATE TABLE idempotency_keys (
            caller_id uuid NOT NULL,
            key text NOT NULL,
            request_hash bytea NOT NULL,
            status smallint NOT NULL,
            headers jsonb NOT NULL,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_idempotency_keys PRIMARY KEY (caller_id, key)
        )
    """,
}

INDEXES = (
    "CREATE INDEX ix_memberships_organization_id ON memberships (organization_id)",
    "CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)",
    "CREATE INDEX ix_sessions_user_id ON sessions (user_id, created_at)",
    "CREATE INDEX ix_login_throttles_last_failed_at ON login_throttles (last_failed_at)",
    "CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at)",
)

GRANTS = {
    "eventsec_api": {
        "memberships": "SELECT, INSERT, UPDATE, DELETE",
        "sessions": "SELECT, INSERT, UPDATE, DELETE",
        "login_throttles": "SELECT, INSERT, UPDATE, DELETE",
        "idempotency_keys": "SELECT, INSERT, UPDATE, DELETE",
    },
    "eventsec_indexer": {
        "memberships": "SELECT",
        "users": "SELECT (email, preferences)",
    },
}

USER_COLUMNS = (
    "password_changed_at timestamptz",
    "must_change_password boolean NOT NULL DEFAULT false",
    "oidc_issuer text",
    "oidc_subject text",
    "totp_secret bytea",
    "totp_confirmed_at timestamptz",
    "totp_step bigint NOT NULL DEFAULT 0",
    "recovery_hashes bytea[] NOT NULL DEFAULT '{}'::bytea[]",
    "preferences jsonb NOT NULL DEFAULT '{}'::jsonb",
    "last_login_at timestamptz",
    "CONSTRAINT ck_users_oidc CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE users " + ", ".join(f"ADD {column}" for column in USER_COLUMNS))
    op.execute("CREATE UNIQUE INDEX uq_users_oidc ON users (oidc_issuer, oidc_subject)")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    for table in ("memberships",):
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    for role, tables in GRANTS.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX uq_users_oidc")
    op.execute("ALTER TABLE users DROP CONSTRAINT ck_users_oidc")
    for column in reversed(USER_COLUMNS[:-1]):
        op.execute(f"ALTER TABLE users DROP {column.split()[0]}")
    op.execute("REVOKE SELECT (email) ON users FROM eventsec_indexer")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
