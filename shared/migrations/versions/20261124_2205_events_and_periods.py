"""Events with their partitions, and the two functions that make and drop a period."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b02"
down_revision: str | None = "a1f0c4d27b01"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("alert", "telemetry")

EVENTS = """
CREATE TABLE events (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    sensor_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    alert_id uuid,
    time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    severity smallint NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (kind, id),
    CONSTRAINT ck_events_kind CHECK (kind IN ('alert', 'telemetry')),
    CONSTRAINT ck_events_severity CHECK (severity BETWEEN 1 AND 5)
) PARTITION BY LIST (kind)
"""

EVENT_PERIODS = """
CREATE TABLE event_periods (
    kind text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    index_name text NOT NULL,
    shards smallint NOT NULL,
    dropped_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_event_periods PRIMARY KEY (kind, starts_at),
    CONSTRAINT ck_event_periods_kind CHECK (kind IN ('alert', 'telemetry')),
    CONSTRAINT ck_event_periods_bounds CHECK (starts_at < ends_at),
    CONSTRAINT ck_event_periods_shards CHECK (shards BETWEEN 1 AND 1024)
)
"""

FIRST_ID_OF = """
CREATE FUNCTION first_id_of(milliseconds bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT (lpad(to_hex(milliseconds), 12, '0') || repeat('0', 20))::uuid $$
"""

# The services own no table, so these two run as the owner. Whoever may call them can therefore make and drop
# periods and nothing else: every input is checked, every name is quoted and qualified, and the search path
# holds nothing a caller could put an object of their own into.
# CREATE then ATTACH locks the parent so that readers and writers go on (SHARE UPDATE EXCLUSIVE); CREATE TABLE …
# PARTITION OF would stop them. The lock number is shared.db.locks.Lock.PERIODS.
ENSURE_PERIOD = """
CREATE FUNCTION ensure_period(
    kind text, starts_at timestamptz, ends_at timestamptz, index_name text, shards smallint
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    parent text;
    partition text;
    existing public.event_periods;
BEGIN
    IF num_nulls(kind, starts_at, ends_at, index_name, shards) > 0
        OR kind NOT IN ('alert', 'telemetry')
        OR starts_at <> date_trunc('day', starts_at, 'UTC')
        OR ends_at <> date_trunc('day', ends_at, 'UTC')
        OR starts_at >= ends_at
        OR ends_at > starts_at + interval '366 days'
        OR starts_at < timestamptz '2000-01-01 00:00Z'
        OR ends_at > now() + interval '400 days'
        OR index_name !~ '^[a-z0-9][a-z0-9._-]{0,199}$'
        OR shards NOT BETWEEN 1 AND 1024
    THEN
        RAISE EXCEPTION 'not a period: kind %, from % to %, index %, % shards',
            kind, starts_at, ends_at, index_name, shards USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(17750, 2);
    SELECT * INTO existing FROM public.event_periods p
        WHERE p.kind = ensure_period.kind AND p.dropped_at IS NULL
        AND p.starts_at < ensure_period.ends_at AND p.ends_at > ensure_period.starts_at
        ORDER BY p.starts_at LIMIT 1;
    IF existing.starts_at = starts_at AND existing.ends_at = ends_at THEN
        RETURN false;
    ELSIF existing.starts_at IS NOT NULL THEN
        RAISE EXCEPTION 'period from % to % overlaps the one from % to %',
            starts_at, ends_at, existing.starts_at, existing.ends_at
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    parent := 'events_' || kind;
    partition := parent || '_' || to_char(starts_at AT TIME ZONE 'UTC', 'YYYYMMDD');
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE '
        'INCLUDING INDEXES)', partition, parent);
    EXECUTE format(
        'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', parent, partition,
        public.first_id_of((extract(epoch FROM starts_at) * 1000)::bigint),
        public.first_id_of((extract(epoch FROM ends_at) * 1000)::bigint));
    INSERT INTO public.event_periods AS p (kind, starts_at, ends_at, index_name, shards)
        VALUES (kind, starts_at, ends_at, index_name, shards)
        ON CONFLICT ON CONSTRAINT pk_event_periods DO UPDATE SET ends_at = excluded.ends_at,
            index_name = excluded.index_name, shards = excluded.shards, dropped_at = NULL,
            created_at = excluded.created_at;
    RETURN true;
END
$$
"""

# Dropping a partition stops readers and writers of its kind for a moment; the lock timeout keeps it from
# holding them up behind a long query. Whoever called gets 55P03 and tries again later.
DROP_PERIOD = """
CREATE FUNCTION drop_period(kind text, starts_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    existing public.event_periods;
BEGIN
    PERFORM pg_advisory_xact_lock(17750, 2);
    SELECT * INTO existing FROM public.event_periods p
        WHERE p.kind = drop_period.kind AND p.starts_at = drop_period.starts_at AND p.dropped_at IS NULL;
    IF existing.starts_at IS NULL THEN
        RETURN false;
    END IF;
    IF existing.ends_at > now() THEN
        RAISE EXCEPTION 'the period from % to % has not ended', existing.starts_at, existing.ends_at
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('DROP TABLE public.%I',
        'events_' || existing.kind || '_' || to_char(existing.starts_at AT TIME ZONE 'UTC', 'YYYYMMDD'));
    UPDATE public.event_periods p SET dropped_at = now()
        WHERE p.kind = existing.kind AND p.starts_at = existing.starts_at;
    RETURN true;
END
$$
"""

FUNCTIONS = (
    "first_id_of(bigint)",
    "ensure_period(text, timestamptz, timestamptz, text, smallint)",
    "drop_period(text, timestamptz)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(EVENTS)
    # The body is compressed already; EXTERNAL spares the server trying again, and a moved body is read in slices.
    op.execute("ALTER TABLE events ALTER COLUMN body SET STORAGE EXTERNAL")
    for kind in KINDS:
        op.execute(f"CREATE TABLE events_{kind} PARTITION OF events FOR VALUES IN ('{kind}') PARTITION BY RANGE (id)")
        # No default partition: an event without a period is an error that is tried again, not a misplaced row.
        op.execute(
            f"CREATE TABLE events_{kind}_unclocked PARTITION OF events_{kind} FOR VALUES "
            "FROM ('00000000-0000-0000-0000-000000000000') TO ('00000000-0001-0000-0000-000000000000')"
        )
    op.execute("CREATE INDEX ix_events_alert_alert_id_time ON events_alert (alert_id, time)")
    op.execute(EVENT_PERIODS)
    for function in (FIRST_ID_OF, ENSURE_PERIOD, DROP_PERIOD):
        op.execute(function)
    for signature in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE event_periods")
    op.execute("DROP TABLE events")
