"""When a sensor's key was last used: to find dead keys before they are revoked, and old ones that are still shown."""

from collections.abc import Sequence

from alembic import op

revision: str = "3f7b2c6d9a11"
down_revision: str | None = "3f7b2c6d9a10"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Being used is no change of the key.
TOUCH_KEY = """
    CREATE TRIGGER touch_updated_at BEFORE UPDATE OF expires_at, revoked_at ON sensor_keys
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at()
"""
TOUCH = "CREATE TRIGGER touch_updated_at BEFORE UPDATE ON sensor_keys FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE sensor_keys ADD last_used_at timestamptz")
    op.execute("DROP TRIGGER touch_updated_at ON sensor_keys")
    op.execute(TOUCH_KEY)
    op.execute("GRANT SELECT (id, last_used_at), UPDATE (last_used_at) ON sensor_keys TO eventsec_indexer")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE SELECT (id), UPDATE (last_used_at) ON sensor_keys FROM eventsec_indexer")
    op.execute("DROP TRIGGER touch_updated_at ON sensor_keys")
    op.execute(TOUCH)
    op.execute("ALTER TABLE sensor_keys DROP last_used_at")
