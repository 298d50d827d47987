"""What the files say of our revisions is what Alembic makes of them, and none waits for a lock without end."""

import inspect
import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from shared.migrations.__main__ import alembic_config
from shared.migrations.revisions import known_revisions, schema_head


def test_head_and_revisions_are_those_of_alembic() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert schema_head() == scripts.get_current_head()
    assert known_revisions() == {script.revision for script in scripts.walk_revisions()}


def test_every_migration_says_how_long_it_waits_for_a_lock() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    upgrades = {script.path: inspect.getsource(script.module.upgrade) for script in scripts.walk_revisions()}
    assert [path for path, source in upgrades.items() if "lock_timeout" not in source] == []


@pytest.mark.parametrize("process", ["services.api.app", "services.indexer.roles"])
def test_a_process_starts_without_alembic(process: str) -> None:
    program = f"import sys, {process}; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=120, check=False).returncode == 0
