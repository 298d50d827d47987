"""Who did what: rows that may only be added, and the chain that shows a change of them."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b0d"
down_revision: str | None = "a1f0c4d27b0c"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "audit_log": """
        CREATE TABLE audit_log (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            actor text NOT NULL,
            actor_id uuid,
            actor_name text NOT NULL,
            action text NOT NULL,
            kind text NOT NULL,
            object_id uuid,
            changes jsonb NOT NULL DEFAULT '{}'::jsonb,
            details jsonb NOT NULL DEFAULT '{}'::jsonb,
            correlation_id text,
            address text,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_audit_log PRIMARY KEY (id),
            CONSTRAINT ck_audit_log_actor CHECK (actor IN ('user', 'token', 'system'))
        )
    """,
    "audit_pending": """
        CREATE TABLE audit_pending (
            audit_id uuid NOT NULL,
            organization_id uuid NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_audit_pending PRIMARY KEY (audit_id)
        )
    """,
    "audit_seals": """
        CREATE TABLE audit_seals (
            organization_id uuid NOT NULL,
            sequence bigint NOT NULL,
            audit_id uuid NOT NULL,
            hash bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_audit_seals PRIMARY KEY (organization_id, sequence),
            CONSTRAINT uq_audit_seals_audit_id UNIQUE (audit_id),
            CONSTRAINT fk_audit_seals_audit_id_audit_log FOREIGN KEY (audit_id) REFERENCES audit_log (id)
        )
    """,
}

INDEXES = (
    "CREATE INDEX ix_audit_log_actor_id ON audit_log (actor_id, id) WHERE actor_id IS NOT NULL",
    "CREATE INDEX ix_audit_log_object ON audit_log (object_id, id) WHERE object_id IS NOT NULL",
    "CREATE INDEX ix_audit_log_organization_id ON audit_log (organization_id, id)",
)

GRANTS = {
    "eventsec_api": {
        "audit_log": "SELECT, INSERT",
        "audit_pending": "SELECT",
        "audit_seals": "SELECT",
    },
    "eventsec_indexer": {
        "audit_log": "SELECT, INSERT",
        "audit_pending": "SELECT, DELETE",
        "audit_seals": "SELECT, INSERT",
    },
}

# Every entry waits for the sealer, whoever wrote it: the writer cannot leave it out, nor write here itself.
AWAIT_SEAL = """
CREATE FUNCTION await_audit_seal() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.audit_pending (audit_id, organization_id) VALUES (NEW.id, NEW.organization_id);
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    op.execute(AWAIT_SEAL)
    op.execute("REVOKE ALL ON FUNCTION await_audit_seal() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER await_audit_seal AFTER INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION await_audit_seal()"
    )
    for role, tables in GRANTS.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION await_audit_seal()")
