"""Alerts with the trigger that raises their version, observables, and the links between them."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b03"
down_revision: str | None = "a1f0c4d27b02"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ALERTS = """
CREATE TABLE alerts (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    fold_window integer NOT NULL,
    suppression_id uuid,
    current boolean NOT NULL DEFAULT true,
    title text NOT NULL,
    severity smallint NOT NULL,
    sensor_severity smallint NOT NULL,
    severity_by_hand boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'new',
    verdict text,
    reason text,
    assignee_id uuid,
    created_by_id uuid,
    acknowledged_by_id uuid,
    closed_by_id uuid,
    count bigint NOT NULL DEFAULT 0,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    latest_time timestamptz,
    latest_id uuid,
    last_fired_at timestamptz,
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_count bigint,
    closed_at timestamptz,
    again boolean NOT NULL DEFAULT false,
    incident_id uuid,
    previous_alert_id uuid,
    quiet_until timestamptz,
    risk smallint NOT NULL DEFAULT 0,
    tags text[] NOT NULL DEFAULT '{}'::text[],
    techniques text[] NOT NULL DEFAULT '{}'::text[],
    rule_id text,
    module text NOT NULL DEFAULT '',
    dataset text NOT NULL DEFAULT '',
    sensor_id uuid,
    observables_count integer NOT NULL DEFAULT 0,
    observables_dropped bigint NOT NULL DEFAULT 0,
    explanation jsonb NOT NULL DEFAULT '{}'::jsonb,
    revision bigint NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_alerts PRIMARY KEY (id),
    CONSTRAINT ck_alerts_status
        CHECK (status IN ('new', 'acknowledged', 'in_progress', 'closed', 'suppressed')),
    CONSTRAINT ck_alerts_verdict
        CHECK (verdict IN ('true_positive', 'benign_positive', 'false_positive', 'undetermined')),
    CONSTRAINT ck_alerts_severity CHECK (severity BETWEEN 1 AND 5),
    CONSTRAINT ck_alerts_sensor_severity CHECK (sensor_severity BETWEEN 1 AND 5),
    CONSTRAINT ck_alerts_risk CHECK (risk BETWEEN 0 AND 100),
    CONSTRAINT ck_alerts_succeeded_is_closed CHECK (current OR status = 'closed'),
    CONSTRAINT fk_alerts_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_alerts_assignee_id_users FOREIGN KEY (assignee_id) REFERENCES users (id),
    CONSTRAINT fk_alerts_created_by_id_users FOREIGN KEY (created_by_id) REFERENCES users (id),
    CONSTRAINT fk_alerts_acknowledged_by_id_users FOREIGN KEY (acknowledged_by_id) REFERENCES users (id),
    CONSTRAINT fk_alerts_closed_by_id_users FOREIGN KEY (closed_by_id) REFERENCES users (id),
    CONSTRAINT fk_alerts_previous_alert_id_alerts FOREIGN KEY (previous_alert_id) REFERENCES alerts (id)
) WITH (fillfactor = 70)
"""

# "One current row a key" together with "only a closed row can be succeeded" implies the rule that counts:
# one row a key that is not closed.
INDEXES = (
    """
    CREATE UNIQUE INDEX uq_alerts_current ON alerts (
        organization_id, fingerprint, fold_window,
        coalesce(suppression_id, '00000000-0000-0000-0000-000000000000'::uuid)
    ) WHERE current
    """,
    """
    CREATE INDEX ix_alerts_queue ON alerts (organization_id, risk DESC, last_seen DESC, id)
        WHERE status IN ('new', 'acknowledged', 'in_progress')
    """,
    "CREATE INDEX ix_alerts_status ON alerts (organization_id, status, last_seen)",
    "CREATE INDEX ix_alerts_updated ON alerts (organization_id, updated_at, id)",
    "CREATE INDEX ix_alerts_incident_id ON alerts (incident_id) WHERE incident_id IS NOT NULL",
    """
    CREATE INDEX ix_alerts_previous_alert_id ON alerts (previous_alert_id)
        WHERE previous_alert_id IS NOT NULL
    """,
)

# On every update, whether a column changed or not: a change of a child that the alert's document shows is
# told by updating the alert.
RAISE_VERSION = """
CREATE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version = OLD.version + 1;
    NEW.updated_at = greatest(now(), OLD.updated_at);
    RETURN NEW;
END
$$
"""

OBSERVABLES = """
CREATE TABLE observables (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    type text NOT NULL,
    value text NOT NULL,
    ioc boolean NOT NULL DEFAULT false,
    verdict text,
    tlp text,
    tags text[] NOT NULL DEFAULT '{}'::text[],
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_observables PRIMARY KEY (id),
    CONSTRAINT uq_observables_organization_id_type_value UNIQUE (organization_id, type, value),
    CONSTRAINT ck_observables_type CHECK (char_length(type) BETWEEN 1 AND 64),
    CONSTRAINT ck_observables_value_length CHECK (char_length(value) BETWEEN 1 AND 1024),
    CONSTRAINT ck_observables_value_bytes CHECK (octet_length(value) <= 2560),
    CONSTRAINT ck_observables_tlp CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
    CONSTRAINT fk_observables_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id)
)
"""

ALERT_OBSERVABLES = """
CREATE TABLE alert_observables (
    alert_id uuid NOT NULL,
    observable_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_alert_observables PRIMARY KEY (alert_id, observable_id),
    CONSTRAINT fk_alert_observables_alert_id_alerts
        FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE,
    CONSTRAINT fk_alert_observables_observable_id_observables
        FOREIGN KEY (observable_id) REFERENCES observables (id)
)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ALERTS)
    for statement in INDEXES:
        op.execute(statement)
    op.execute(RAISE_VERSION)
    op.execute("REVOKE ALL ON FUNCTION raise_version() FROM PUBLIC")
    op.execute("CREATE TRIGGER raise_version BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION raise_version()")
    op.execute(OBSERVABLES)
    op.execute(
        "CREATE TRIGGER touch_updated_at BEFORE UPDATE ON observables FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
    )
    op.execute(ALERT_OBSERVABLES)
    op.execute("CREATE INDEX ix_alert_observables_observable_id ON alert_observables (observable_id)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("alert_observables", "observables", "alerts"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION raise_version()")
