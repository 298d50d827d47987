"""The next version is this one with a migration more, in a folder of its own."""

import subprocess
import sys
from pathlib import Path

from shared.migrations.revisions import known_revisions, schema_head
from tests.faults.next_version import REVISION, imported_from, make_next_version


def test_its_code_is_imported_from_there_and_knows_one_revision_more(tmp_path: Path) -> None:
    make_next_version(tmp_path)
    program = "import services, shared.migrations.revisions as of; print(of.schema_head(), len(of.known_revisions()))"
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert ended.stdout.decode().split() == [REVISION, str(len(known_revisions()) + 1)]
    assert imported_from(ended.stderr, tmp_path)
    assert not imported_from(ended.stderr, tmp_path / "elsewhere")
    assert schema_head() != REVISION
