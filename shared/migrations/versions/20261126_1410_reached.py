"""Of an e-mail that some of its addresses refused for now, who has got it is kept: the next attempt is for the rest."""

from collections.abc import Sequence

from alembic import op

revision: str = "b6e2d90f3a51"
down_revision: str | None = "a1f0c4d27e6a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE notifications ADD COLUMN reached text[] NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE notifications DROP COLUMN reached")
