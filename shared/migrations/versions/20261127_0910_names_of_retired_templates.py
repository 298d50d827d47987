"""A template that was retired gives its name free: the one that takes its place is called the same."""

from collections.abc import Sequence

from alembic import op

revision: str = "e06a2f9d41b7"
down_revision: str | None = "5b9d03c7e8a1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNIQUE = "CREATE UNIQUE INDEX uq_incident_templates_name ON incident_templates (organization_id, lower(name))"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX uq_incident_templates_name")
    op.execute(f"{UNIQUE} WHERE retired_at IS NULL")


def downgrade() -> None:
    """Of those that share a name all but one get their id to it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX uq_incident_templates_name")
    op.execute("""
        UPDATE incident_templates t SET name = left(name, 150) || ' ' || id
        WHERE retired_at IS NOT NULL AND EXISTS (
            SELECT FROM incident_templates o
            WHERE o.organization_id = t.organization_id AND lower(o.name) = lower(t.name) AND o.id <> t.id)
    """)
    op.execute(UNIQUE)
