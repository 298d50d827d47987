"""Who has an account elsewhere joins an organization by themselves."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27e10"
down_revision: str | None = "c3d81f6a4e52"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE invitations (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            email text NOT NULL,
            role text NOT NULL,
            code_hash bytea NOT NULL,
            expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_invitations PRIMARY KEY (id),
            CONSTRAINT uq_invitations_code_hash UNIQUE (code_hash),
            CONSTRAINT ck_invitations_role CHECK (role IN ('viewer', 'analyst', 'lead', 'operator', 'admin')),
            CONSTRAINT fk_invitations_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id)
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_invitations_email ON invitations (organization_id, lower(email))")
    op.execute("GRANT SELECT, INSERT, DELETE ON invitations TO eventsec_api")
    # FOR UPDATE, so that one code is accepted once.
    op.execute("GRANT UPDATE (code_hash) ON invitations TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE invitations")
