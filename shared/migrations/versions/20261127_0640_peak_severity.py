"""How severe an incident was before it was lowered: who reviews a closing must not depend on the last word alone."""

from collections.abc import Sequence

from alembic import op

revision: str = "c3d1f7a95e20"
down_revision: str | None = "e7a4c19d3b58"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE incidents ADD COLUMN peak_severity smallint")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE incidents DROP COLUMN peak_severity")
