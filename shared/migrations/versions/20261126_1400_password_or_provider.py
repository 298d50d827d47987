"""An account has a password or a link to the identity provider: whoever had both keeps the link, and what it ends."""

from collections.abc import Sequence

from alembic import op

revision: str = "a1f0c4d27e6a"
down_revision: str | None = "a1f0c4d27e12"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Whoever knows the password may be somebody else, and so may whoever has been signed in.
    op.execute("""
        WITH linked AS (
            UPDATE users
            SET password_hash = NULL, must_change_password = false,
                totp_secret = NULL, totp_confirmed_at = NULL, recovery_hashes = '{}'
            WHERE oidc_subject IS NOT NULL AND password_hash IS NOT NULL
            RETURNING id
        ), signed_out AS (
            UPDATE sessions SET revoked_at = now() FROM linked WHERE user_id = linked.id AND revoked_at IS NULL
        )
        UPDATE api_tokens SET revoked_at = now() FROM linked WHERE created_by_id = linked.id AND revoked_at IS NULL
    """)
    op.execute(
        "ALTER TABLE users ADD CONSTRAINT ck_users_password_or_oidc "
        "CHECK (password_hash IS NULL OR oidc_subject IS NULL)"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE users DROP CONSTRAINT ck_users_password_or_oidc")
