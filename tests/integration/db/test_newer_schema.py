"""The schema moves before the processes do, and stays where it is when they go back: what older code does then."""

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from shared.db.engine import create_single_use_engine
from shared.errors import Conflict
from shared.migrations.__main__ import alembic_config, check, migrate
from shared.migrations.head import is_at_head, schema_revision
from shared.migrations.revisions import schema_head
from shared.migrations.settings import MigrateSettings
from tests.fixtures.postgres import Postgres

EXPANDING, CONTRACTING = "e41000000001", "e41000000002"
ADD = "ALTER TABLE sensors ADD COLUMN next_version text"
DROP = "ALTER TABLE sensors DROP COLUMN next_version"
MIGRATION = """
from alembic import op
from shared.migrations.contracting import code_may_know_any, code_must_know
revision, down_revision = "{revision}", "{before}"

def upgrade() -> None:
    for statement in {up}:
        op.execute(statement)

def downgrade() -> None:
    for statement in {down}:
        op.execute(statement)
"""


@pytest.fixture
def next_version(postgres: Postgres, tmp_path: Path) -> Config:
    """Alembic as the next version has it: our migrations, one that adds and one that takes away."""
    written = {
        EXPANDING: (schema_head(), f"[{ADD!r}]", f"[{DROP!r}]"),
        CONTRACTING: (EXPANDING, f"[{DROP!r}, code_must_know({EXPANDING!r})]", f"[code_may_know_any(), {ADD!r}]"),
    }
    for revision, (before, up, down) in written.items():
        text = MIGRATION.format(revision=revision, before=before, up=up, down=down)
        (tmp_path / f"{revision}.py").write_text(text)
    config = alembic_config()
    ours = Path(config.get_main_option("script_location", "")) / "versions"
    config.set_main_option("version_locations", f"{ours}:{tmp_path}")
    config.attributes["postgres_url"] = postgres.url("owner")
    return config


async def _serves(postgres: Postgres) -> tuple[bool, bool]:
    """Whether this code is ready on the schema, as the api and as the indexer ask."""
    engine = create_single_use_engine(postgres.url("api"), application_name="test")
    async with engine.connect() as session, postgres.connect("indexer") as bare:
        return await is_at_head(session), await is_at_head(bare)


async def _revision(postgres: Postgres) -> str | None:
    async with postgres.connect() as owner:
        return await schema_revision(owner)


async def test_older_code_works_on_what_only_adds_and_leaves_it(postgres: Postgres, next_version: Config) -> None:
    await asyncio.to_thread(command.upgrade, next_version, EXPANDING)
    assert await _serves(postgres) == (True, True)
    settings = MigrateSettings(postgres_url=SecretStr(postgres.url("owner")))
    await asyncio.to_thread(migrate, settings)
    assert await asyncio.to_thread(check, settings) is True
    assert await _revision(postgres) == EXPANDING


async def test_older_code_stops_where_what_it_uses_is_gone(postgres: Postgres, next_version: Config) -> None:
    await asyncio.to_thread(command.upgrade, next_version, "head")
    assert await _serves(postgres) == (False, False)
    settings = MigrateSettings(postgres_url=SecretStr(postgres.url("owner")))
    assert await asyncio.to_thread(check, settings) is False
    with pytest.raises(Conflict, match=f"at {CONTRACTING}, which needs newer code"):
        await asyncio.to_thread(migrate, settings)
    assert await _revision(postgres) == CONTRACTING
    await asyncio.to_thread(command.downgrade, next_version, EXPANDING)
    assert await _serves(postgres) == (True, True)


async def test_code_that_knows_what_is_needed_works_on(postgres: Postgres, next_version: Config) -> None:
    await asyncio.to_thread(command.upgrade, next_version, "head")
    async with postgres.connect() as owner:
        needed = f'{{"revision": "{schema_head()}"}}'
        await owner.execute("UPDATE process_controls SET value = $1 WHERE key = 'schema_needs'", needed)
    assert await _serves(postgres) == (True, True)
