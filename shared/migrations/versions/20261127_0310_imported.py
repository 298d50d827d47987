"""What was brought from other products, by the ids it had there."""

from collections.abc import Sequence

from alembic import op

revision: str = "e7a4c19d3b58"
down_revision: str | None = "e7a3b91d4c58"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

IMPORTED_ITEMS = """
    CREATE TABLE imported_items (
        organization_id uuid NOT NULL,
        source text NOT NULL,
        kind text NOT NULL,
        source_id text NOT NULL,
        target_id uuid NOT NULL,
        created_at timestamptz DEFAULT now() NOT NULL,
        CONSTRAINT pk_imported_items PRIMARY KEY (organization_id, source, kind, source_id),
        CONSTRAINT ck_imported_items_kind
            CHECK (kind IN ('case', 'task', 'note', 'observable', 'evidence', 'entry')),
        CONSTRAINT fk_imported_items_organization_id_organizations
            FOREIGN KEY (organization_id) REFERENCES organizations (id)
    )
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(IMPORTED_ITEMS)
    op.execute("GRANT SELECT, INSERT, UPDATE ON imported_items TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE imported_items")
