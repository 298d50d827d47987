"""A crash point ends the process the first time it is passed, or as late as it was told."""

import os
import subprocess
import sys

import pytest

from shared.crash import EXIT_STATUS, VARIABLE
from shared.errors import Invalid
from shared.settings import Settings

PASSES = """
from shared import crash

for turn in (1, 2, 3):
    crash.point("other")
    crash.point("here")
    print(turn)
"""


@pytest.mark.parametrize(
    ("armed", "passed", "status"),
    [("", "1 2 3", 0), ("here", "", EXIT_STATUS), ("here:2", "1", EXIT_STATUS), ("here:4", "1 2 3", 0)],
)
def test_it_dies_the_time_it_was_told(armed: str, passed: str, status: int) -> None:
    told = subprocess.run(
        [sys.executable, "-u", "-c", PASSES], env=os.environ | {VARIABLE: armed}, capture_output=True, check=False
    )
    assert (told.stdout.decode().split(), told.returncode) == (passed.split(), status)


def test_production_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "api_before_commit")
    Settings(env="demo")
    with pytest.raises(Invalid, match=VARIABLE):
        Settings(env="production")
