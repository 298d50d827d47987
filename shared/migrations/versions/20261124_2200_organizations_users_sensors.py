"""Organizations, users, API tokens, sensors and their keys, and the controls processes share."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b01"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = (
    """
    CREATE TABLE organizations (
        id uuid NOT NULL,
        name text NOT NULL,
        settings jsonb NOT NULL DEFAULT '{}'::jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_organizations PRIMARY KEY (id),
        CONSTRAINT uq_organizations_name UNIQUE (name)
    )
    """,
    """
    CREATE TABLE users (
        id uuid NOT NULL,
        email text NOT NULL,
        name text NOT NULL,
        password_hash text,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_users PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_users_email ON users (lower(email))",
    """
    CREATE TABLE api_tokens (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        name text NOT NULL,
        token_hash bytea NOT NULL,
        scopes text[] NOT NULL DEFAULT '{}'::text[],
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        created_by_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_api_tokens PRIMARY KEY (id),
        CONSTRAINT uq_api_tokens_token_hash UNIQUE (token_hash),
        CONSTRAINT fk_api_tokens_organization_id_organizations
            FOREIGN KEY (organization_id) REFERENCES organizations (id),
        CONSTRAINT fk_api_tokens_created_by_id_users FOREIGN KEY (created_by_id) REFERENCES users (id)
    )
    """,
    "CREATE INDEX ix_api_tokens_organization_id ON api_tokens (organization_id)",
    """
    CREATE TABLE sensors (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        name text NOT NULL,
        format text,
        zone text NOT NULL DEFAULT 'UTC',
        rate_per_second integer,
        ignored_types text[] NOT NULL DEFAULT '{suricata_eve:stats}'::text[],
        severity_overrides jsonb NOT NULL DEFAULT '{}'::jsonb,
        expected_interval interval,
        status text NOT NULL DEFAULT 'active',
        last_seen_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_sensors PRIMARY KEY (id),
        CONSTRAINT uq_sensors_organization_id_name UNIQUE (organization_id, name),
        CONSTRAINT ck_sensors_status CHECK (status IN ('active', 'disabled')),
        CONSTRAINT ck_sensors_rate_per_second CHECK (rate_per_second > 0),
        CONSTRAINT fk_sensors_organization_id_organizations
            FOREIGN KEY (organization_id) REFERENCES organizations (id)
    )
    """,
    """
    CREATE TABLE sensor_keys (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        sensor_id uuid NOT NULL,
        key_hash bytea NOT NULL,
        prefix text NOT NULL,
        expires_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_sensor_keys PRIMARY KEY (id),
        CONSTRAINT uq_sensor_keys_key_hash UNIQUE (key_hash),
        CONSTRAINT fk_sensor_keys_organization_id_organizations
            FOREIGN KEY (organization_id) REFERENCES organizations (id),
        CONSTRAINT fk_sensor_keys_sensor_id_sensors
            FOREIGN KEY (sensor_id) REFERENCES sensors (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_sensor_keys_sensor_id ON sensor_keys (sensor_id)",
    """
    CREATE TABLE process_controls (
        key text NOT NULL,
        value jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_process_controls PRIMARY KEY (key)
    )
    """,
)

TOUCH = """
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = greatest(now(), OLD.updated_at);
    RETURN NEW;
END
$$
"""
TOUCHED = ("organizations", "users", "sensor_keys", "process_controls")

# Doors watch `updated_at` for changed settings; being seen is none.
TOUCH_SENSOR = """
CREATE TRIGGER touch_updated_at BEFORE UPDATE OF name, format, zone, rate_per_second, ignored_types,
    severity_overrides, expected_interval, status ON sensors
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
"""

INSTALLED = """
INSERT INTO process_controls (key, value) VALUES ('installed_at', jsonb_build_object(
    'at', to_jsonb(now() AT TIME ZONE 'UTC') #>> '{}' || 'Z',
    'year', extract(year FROM now() AT TIME ZONE 'UTC')::int
))
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Before PostgreSQL 15 anyone could make tables in `public`, and a cluster that was upgraded still lets them.
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for statement in TABLES:
        op.execute(statement)
    op.execute(TOUCH)
    op.execute("REVOKE ALL ON FUNCTION touch_updated_at() FROM PUBLIC")
    for table in TOUCHED:
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    op.execute(TOUCH_SENSOR)
    op.execute(INSTALLED)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("process_controls", "sensor_keys", "sensors", "api_tokens", "users", "organizations"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION touch_updated_at()")
