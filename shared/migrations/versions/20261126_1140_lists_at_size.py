"""Lists of all alerts in the order of the queue or of time, and alerts by what was seen in them, each by an index."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27d10"
down_revision: str | None = "3f7b2c6d9a11"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The one of rules has all that figures per rule count, which are so read from it alone.
COUNTED = "rule_id, status, verdict, created_at, closed_at, last_fired_at"
# Lists by status alone are short walks along the first two, so the one by status makes room for them. Keywords are
# compared without case, addresses by what they are: as shared.query.to_sql writes it.
INDEXES = (
    "CREATE INDEX ix_alerts_risk ON alerts (organization_id, risk DESC, last_seen DESC, id)",
    "CREATE INDEX ix_alerts_last_seen ON alerts (organization_id, last_seen DESC, id) INCLUDE (severity, status)",
    'CREATE INDEX ix_alerts_rule_id ON alerts (organization_id, lower(rule_id COLLATE "C"), last_seen) '
    f"INCLUDE ({COUNTED})",
    'CREATE INDEX ix_observables_value ON observables (lower(value COLLATE "C"))',
    "CREATE INDEX ix_observables_address ON observables (CAST(CASE WHEN type = 'ip' THEN value END AS inet))",
)
# Cost writers nothing, and tell the planner how many alerts a word or a module finds.
STATISTICS = {
    "st_alerts_title": "lower(title)",
    "st_alerts_module": 'lower(module COLLATE "C")',
    "st_alerts_dataset": 'lower(dataset COLLATE "C")',
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_alerts_status, ix_alerts_rule_id")
    for statement in INDEXES:
        op.execute(statement)
    for name, expression in STATISTICS.items():
        op.execute(f"CREATE STATISTICS {name} ON ({expression}) FROM alerts")
    op.execute("ANALYZE alerts, observables")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in STATISTICS:
        op.execute(f"DROP STATISTICS {name}")
    op.execute(
        "DROP INDEX ix_alerts_risk, ix_alerts_last_seen, ix_alerts_rule_id, "
        "ix_observables_value, ix_observables_address"
    )
    op.execute("CREATE INDEX ix_alerts_status ON alerts (organization_id, status, last_seen)")
    op.execute("CREATE INDEX ix_alerts_rule_id ON alerts (organization_id, rule_id, last_seen)")
