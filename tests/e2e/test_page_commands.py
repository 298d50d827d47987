"""The commands of TROUBLESHOOTING and of the runbooks, run against a demo with the words of `make dev`.

Run are blocks of `sh` and, in tables and sentences, what begins with a word or one of the programs below. Not run is
what is done to containers or a cluster (`docker …`, `kubectl …`, and the words of both places, which
tests/unit/prometheus/test_runbook_words.py tries with recorders alone), to a checkout (`make …`) or to the machine.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.stack import control
from shared.migrations.revisions import schema_head
from tests import NATIVE
from tests.e2e import demos
from tests.e2e.demos import ROOT, Demo
from tests.runbook_words import words

pytestmark = pytest.mark.stack

PAGES = [ROOT / "docs" / "TROUBLESHOOTING.md", *sorted((ROOT / "docs" / "runbooks").glob("*.md"))]
SECONDS = 120

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROGRAMS = r"ask|log|run|restart|sql|rabbitmqctl|search|curl|psql|ss|df|free|fuser|python -m"
_INLINE = re.compile(rf"`((?:{_PROGRAMS}) [^`]*|states|room)`")

# Not run, each for its reason; everything else is.
NOT_HERE = {
    "python -m deploy.stack down --wipe": "ends the servers that the other commands need",
    "python -m deploy.stack --dir .stack/test down": "ends the servers of this very run",
    "python -m deploy.demo status": "is of the checkout's own demo, and tests/e2e/test_demo.py runs it",
    "python -m deploy.secrets": "would make them in this checkout, and tests/unit/test_secrets.py runs it",
    "restart ingest": "runs until it is ended, as it does all the time",
    "restart indexer": "runs until it is ended, as it does all the time",
    "restart api": "runs until it is ended, as it does all the time",
    "restart postgres": "would start the checkout's own servers beside those of this run",
    "restart rabbitmq": "would start the checkout's own servers beside those of this run",
    "restart opensearch": "would start the checkout's own servers beside those of this run",
    "run api python -m services.api.users reset": "takes somebody's tokens, which the other commands need",
    "python -m tests.load.reindex": "takes many minutes",
    'sql "SELECT pg_terminate_backend(PID)"': "PID is of a connection in trouble, and there is none",
}

# What a command may say with its exit status although nothing is wrong.
FINE = {
    "services.indexer.stores drift": 1,  # rows of this second are on their way
    "services.indexer.stores cancel": 2,  # there is no such job
    "services.indexer.quarantine redrive": 1,  # what nobody mended stays open
    "services.indexer.parked": 1,  # nothing is parked
    "_cluster/allocation/explain": 22,  # no shard is without a node
    "fuser": 1,  # nobody holds it
}

# Tell about a machine, where they are installed; what they find is the machine's affair.
OF_THE_MACHINE = ("timedatectl", "iostat")

# Each has labels, and shows nothing until something has failed; in a demo nothing need have.
OF_FAILURES = ("eventsec_background_failures_total", "eventsec_bus_publish_failures_total")

HELPERS = (
    """set -eu
python() { .venv/bin/python "$@"; }
curl() { command curl --silent --show-error --fail-with-body --max-time 30 "$@"; }
"""
    + "".join(f'{name}() {{ command {name} "$@" || true; }}\n' for name in OF_THE_MACHINE)
    + words()["native"]
)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demos.running("--rate", "50", "--seconds", "20", "--seed", "9") as demo:
        yield demo


@pytest.fixture(scope="module")
def environment(demo: Demo) -> dict[str, str]:
    """What a person's shell has: the servers' URLs, the demo's, and names for what the pages leave open."""
    own = demo.variables()
    headers = {"Authorization": f"Bearer {own['TOKEN']}"}
    records = httpx.get(f"{own['API']}/api/v1/quarantine", headers=headers, timeout=30).raise_for_status().json()
    psql = shutil.which("psql")
    assert psql, "psql comes with the server"
    return {
        **demos.clean_environment(), **control.environment(demo.directory, environ=NATIVE), **own,
        "KEY": own["KEY_SURICATA_EVE"], "RECORD": records["items"][0]["id"],
        "LOGS": str(demo.directory / "log"),
    }  # fmt: skip


def commands(text: str) -> list[str]:
    """Blocks whole, for their lines may need each other; then what stands in tables and sentences."""
    prose = _BLOCK.sub("", text)
    inline = [" ".join(found.split()) for found in _INLINE.findall(prose)]
    return [*(block for block in _BLOCK.findall(text)), *dict.fromkeys(inline)]


def left_out(command: str) -> bool:
    """Whether it is one of those that are not run here: whole, or with what follows it."""
    return command == "run indexer python -m services.indexer.stores" or any(
        re.fullmatch(rf"{re.escape(one)}(\s.*)?", command, re.DOTALL) for one in NOT_HERE
    )


def filled(command: str) -> str:
    """With this demo's own in place of what the page leaves to its reader."""
    command = re.sub(r"\bINDEX\b", "alerts", command)
    command = re.sub(r"\bID\b", "$RECORD", command)
    command = re.sub(r"\bREVISION\b", schema_head(), command)
    # Without a sample it still has its meaning, which every process tells.
    command = re.sub(rf"grep \^(?={'|'.join(OF_FAILURES)})", "grep ", command)
    return re.sub(r"alert/\d{4}-\d\d-\d\d", f"alert/{datetime.now(UTC):%Y-%m-%d}", command)


def run(command: str, environment: Mapping[str, str]) -> str:
    """What went wrong; empty when nothing did."""
    done = subprocess.run(
        ["bash", "-c", HELPERS + command], cwd=ROOT, env=dict(environment),
        capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode in {0, *(status for part, status in FINE.items() if part in command)}:
        return ""
    return f"{command.strip()}\n  -> {done.returncode}: {(done.stdout + done.stderr).strip()[-500:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_page(page: Path, environment: dict[str, str]) -> None:
    found = [one for one in commands(page.read_text(encoding="utf-8")) if not left_out(one)]
    troubles = [trouble for one in found if (trouble := run(filled(one), environment))]
    assert not troubles, "\n".join(troubles)


def test_what_is_left_out_still_stands_on_a_page() -> None:
    said = "\n".join(" ".join(page.read_text(encoding="utf-8").split()) for page in PAGES)
    assert [one for one in NOT_HERE if one not in said] == []
