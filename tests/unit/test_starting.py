"""A process whose settings are refused says so in one line, without what was set, and ends with EX_CONFIG."""

import os
import subprocess
import sys

import pytest

from services.api.settings import ApiSettings
from shared import starting

SECRET = "hunter2-hunter2"
REFUSED = [
    ({"EVENTSEC_API_PORT": SECRET}, "EVENTSEC_API_PORT"),
    ({"EVENTSEC_OUTGOING_ALLOW": SECRET}, "outgoing_allow"),
    (
        {"EVENTSEC_POSTGRES_URL": f"postgresql://eve:{SECRET}@db/x", "EVENTSEC_POSTGRES_PASSWORD": SECRET},
        "EVENTSEC_POSTGRES_PASSWORD",
    ),
    ({"EVENTSEC_RABBITMQ_PASSWORD": SECRET}, "EVENTSEC_RABBITMQ_PASSWORD"),
    ({"EVENTSEC_SECRET_KEYS_FILE": "/nowhere"}, "EVENTSEC_SECRET_KEYS_FILE"),
]


@pytest.mark.parametrize(("variables", "named"), REFUSED)
def test_a_refused_setting_is_one_line(
    variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        starting.read(ApiSettings)
    said = capsys.readouterr().err
    assert ended.value.code == os.EX_CONFIG
    assert said.startswith("settings: ") and said.count("\n") == 1
    assert named in said and SECRET not in said


@pytest.mark.parametrize("program", ["services.ingest", "shared.migrations", "alembic current"])
def test_a_process_ends_with_that_line_alone(program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *program.split()],
        env={**os.environ, "EVENTSEC_SHUTDOWN_SECONDS": "-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == os.EX_CONFIG
    assert ended.stderr == "settings: EVENTSEC_SHUTDOWN_SECONDS: Input should be greater than 0\n"
