"""What became of what was sent (envelopes, batches, accounts, quarantine), and what is still to be told."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b04"
down_revision: str | None = "a1f0c4d27b03"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RECEIPTS = (
    """
    CREATE TABLE envelopes (
        envelope_id uuid NOT NULL,
        settled_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_envelopes PRIMARY KEY (envelope_id)
    )
    """,
    "CREATE INDEX ix_envelopes_settled_at ON envelopes (settled_at)",
    """
    CREATE TABLE batches (
        batch_id uuid NOT NULL,
        organization_id uuid NOT NULL,
        sensor_id uuid NOT NULL,
        received_at timestamptz NOT NULL,
        correlation_id text NOT NULL,
        items integer NOT NULL,
        stored integer NOT NULL DEFAULT 0,
        duplicate integer NOT NULL DEFAULT 0,
        quarantined integer NOT NULL DEFAULT 0,
        stored_at timestamptz,
        searchable_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_batches PRIMARY KEY (batch_id)
    )
    """,
    "CREATE INDEX ix_batches_received_at ON batches (received_at)",
    """
    CREATE TABLE sensor_accounts (
        sensor_id uuid NOT NULL,
        minute timestamptz NOT NULL,
        source text NOT NULL,
        organization_id uuid NOT NULL,
        requests bigint NOT NULL DEFAULT 0,
        accepted bigint NOT NULL DEFAULT 0,
        ignored bigint NOT NULL DEFAULT 0,
        unconfirmed bigint NOT NULL DEFAULT 0,
        refused jsonb NOT NULL DEFAULT '{}'::jsonb,
        stored bigint NOT NULL DEFAULT 0,
        duplicate bigint NOT NULL DEFAULT 0,
        quarantined bigint NOT NULL DEFAULT 0,
        CONSTRAINT pk_sensor_accounts PRIMARY KEY (sensor_id, minute, source)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX ix_sensor_accounts_organization_id_minute ON sensor_accounts (organization_id, minute)",
)

QUARANTINE = (
    """
    CREATE TABLE quarantine (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        sensor_id uuid NOT NULL,
        batch_id uuid NOT NULL,
        received_at timestamptz NOT NULL,
        hint text,
        ordinal integer NOT NULL DEFAULT 0,
        idempotency_key text,
        record_index integer NOT NULL DEFAULT 0,
        reason text NOT NULL,
        detail text NOT NULL DEFAULT '',
        path text NOT NULL DEFAULT '',
        record bytea NOT NULL,
        edited_record bytea,
        status text NOT NULL DEFAULT 'open',
        event_id uuid,
        history jsonb NOT NULL DEFAULT '[]'::jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_quarantine PRIMARY KEY (id),
        CONSTRAINT ck_quarantine_status CHECK (status IN ('open', 'redriven', 'discarded'))
    )
    """,
    "CREATE INDEX ix_quarantine_status ON quarantine (organization_id, status, created_at, id)",
    "CREATE INDEX ix_quarantine_sensor_id_reason ON quarantine (sensor_id, reason)",
)

# Rows of the outbox and of projection_pending live for moments: vacuum by their number, not by their share.
TO_TELL = (
    """
    CREATE TABLE outbox (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        routing_key text NOT NULL,
        kind text NOT NULL,
        ids uuid[] NOT NULL,
        correlation_id text,
        traceparent text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_outbox PRIMARY KEY (id)
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
    """,
    """
    CREATE TABLE projection_pending (
        kind text NOT NULL,
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        event_kind text,
        version bigint NOT NULL,
        batch_id uuid,
        attempts integer NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL DEFAULT now(),
        reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_projection_pending PRIMARY KEY (kind, id),
        CONSTRAINT ck_projection_pending_kind CHECK (kind IN ('event', 'alert', 'incident')),
        CONSTRAINT ck_projection_pending_event_kind CHECK (event_kind IN ('alert', 'telemetry')),
        CONSTRAINT ck_projection_pending_event_has_kind
            CHECK ((kind = 'event') = (event_kind IS NOT NULL))
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
    """,
    "CREATE INDEX ix_projection_pending_next_try_at ON projection_pending (next_try_at)",
    """
    CREATE TABLE search_generations (
        alias text NOT NULL,
        generation integer NOT NULL,
        index_name text NOT NULL,
        state text NOT NULL DEFAULT 'building',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_search_generations PRIMARY KEY (alias, generation),
        CONSTRAINT uq_search_generations_index_name UNIQUE (index_name),
        CONSTRAINT ck_search_generations_state CHECK (state IN ('building', 'active', 'retired'))
    )
    """,
    "CREATE UNIQUE INDEX uq_search_generations_active ON search_generations (alias) WHERE state = 'active'",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*RECEIPTS, *QUARANTINE, *TO_TELL):
        op.execute(statement)
    for table in ("quarantine", "search_generations"):
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (
        "search_generations",
        "projection_pending",
        "outbox",
        "quarantine",
        "sensor_accounts",
        "batches",
        "envelopes",
    ):
        op.execute(f"DROP TABLE {table}")
