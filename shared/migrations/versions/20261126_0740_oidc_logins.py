"""People sign in through an identity provider: which browsers are on their way there."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27b2a"
down_revision: str | None = "5c1e0a9b7d30"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE oidc_logins (
            key bytea NOT NULL,
            return_to text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_oidc_logins PRIMARY KEY (key)
        )
    """)
    op.execute("CREATE INDEX ix_oidc_logins_created_at ON oidc_logins (created_at)")
    op.execute("GRANT SELECT, INSERT, DELETE ON oidc_logins TO eventsec_api")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE oidc_logins")
