"""Handovers from one shift to the next."""

from collections.abc import Sequence

from alembic import op

revision: str = "e7a3b91d4c58"
down_revision: str | None = "d5e8f2a61c07"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "handovers": """
        CREATE TABLE handovers (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            shift text NOT NULL,
            snapshot jsonb DEFAULT '{}'::jsonb NOT NULL,
            notes text DEFAULT '' NOT NULL,
            outgoing_id uuid NOT NULL,
            signed_at timestamptz,
            incoming_id uuid,
            accepted_at timestamptz,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_handovers PRIMARY KEY (id),
            CONSTRAINT ck_handovers_notes CHECK (char_length(notes) <= 50000),
            CONSTRAINT ck_handovers_two CHECK (incoming_id <> outgoing_id),
            CONSTRAINT ck_handovers_signed CHECK (signed_at IS NULL OR incoming_id IS NOT NULL),
            CONSTRAINT ck_handovers_accepted CHECK (accepted_at IS NULL OR signed_at IS NOT NULL),
            CONSTRAINT fk_handovers_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_handovers_outgoing_id_users FOREIGN KEY (outgoing_id) REFERENCES users (id),
            CONSTRAINT fk_handovers_incoming_id_users FOREIGN KEY (incoming_id) REFERENCES users (id)
        )
    """,
    "handover_items": """
        CREATE TABLE handover_items (
            handover_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            next_step text DEFAULT '' NOT NULL,
            position integer DEFAULT 0 NOT NULL,
            CONSTRAINT pk_handover_items PRIMARY KEY (handover_id, incident_id),
            CONSTRAINT ck_handover_items_next_step CHECK (char_length(next_step) <= 2000),
            CONSTRAINT fk_handover_items_handover_id_handovers
                FOREIGN KEY (handover_id) REFERENCES handovers (id) ON DELETE CASCADE,
            CONSTRAINT fk_handover_items_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id) ON DELETE CASCADE
        )
    """,
}

INDEXES = (
    "CREATE INDEX ix_handovers_organization_id ON handovers (organization_id, id)",
    "CREATE INDEX ix_handover_items_incident_id ON handover_items (incident_id)",
)

GRANTS = {"handovers": "SELECT, INSERT, UPDATE", "handover_items": "SELECT, INSERT, UPDATE, DELETE"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER touch_updated_at BEFORE UPDATE ON handovers FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
    )
    for table, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON {table} TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
