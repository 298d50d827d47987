"""The three roles the services run as, and the least each of them needs."""

from collections.abc import Sequence

from alembic import op

from shared.migrations.roles import ensure_role

revision: str = "a1f0c4d27b05"
down_revision: str | None = "a1f0c4d27b04"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

READ = "SELECT"
APPEND = "SELECT, INSERT"
EDIT = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"

# UPDATE on the outbox and on projection_pending is what `FOR UPDATE SKIP LOCKED` asks for.
GRANTS = {
    "eventsec_ingest": {
        "organizations": READ,
        "sensors": READ,
        "sensor_keys": READ,
    },
    "eventsec_indexer": {
        "alembic_version": READ,
        "organizations": READ,
        "users": "SELECT (id, name, disabled_at)",
        "sensors": "SELECT, UPDATE (last_seen_at)",
        "events": "SELECT, INSERT, DELETE",
        "event_periods": READ,
        "envelopes": "SELECT, INSERT, DELETE",
        "alerts": ALL,
        "observables": ALL,
        "alert_observables": ALL,
        "quarantine": ALL,
        "batches": ALL,
        "sensor_accounts": ALL,
        "outbox": ALL,
        "projection_pending": ALL,
        "search_generations": ALL,
        "process_controls": EDIT,
    },
    "eventsec_api": {
        "alembic_version": READ,
        "organizations": EDIT,
        "users": EDIT,
        "api_tokens": ALL,
        "sensors": ALL,
        "sensor_keys": ALL,
        "events": READ,
        "event_periods": READ,
        "alerts": EDIT,
        "observables": EDIT,
        "alert_observables": ALL,
        "quarantine": "SELECT, UPDATE",
        "batches": READ,
        "sensor_accounts": READ,
        "outbox": APPEND,
        "projection_pending": READ,
        "search_generations": READ,
        "process_controls": EDIT,
    },
}

FUNCTIONS = (
    "first_id_of(bigint)",
    "ensure_period(text, timestamptz, timestamptz, text, smallint)",
    "drop_period(text, timestamptz)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for role, tables in GRANTS.items():
        op.execute(ensure_role(role))
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")
    for signature in FUNCTIONS:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO eventsec_indexer")
    op.execute("GRANT EXECUTE ON FUNCTION first_id_of(bigint) TO eventsec_api")


def downgrade() -> None:
    """Takes the grants back; the roles stay: they belong to the cluster, and other databases may use them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for role in GRANTS:
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM {role}")
