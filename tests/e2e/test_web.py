"""Journeys of people through the web UI, in a real browser against the whole product: `make journeys`.

Each file under web/tests is a test here; what the browser did is kept under reports/journeys where it failed.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import browser
from deploy.stack.errors import StackError
from tests.e2e import demos
from tests.e2e.demos import ROOT, Demo

pytestmark = pytest.mark.stack

RATE = 20
SECONDS = 900
WEB = ROOT / "web"
JOURNEYS = sorted(path.name for path in (WEB / "tests").glob("*.spec.ts"))
PLAYWRIGHT = ("node", "node_modules/@playwright/test/cli.js", "test")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demos.running("--rate", str(RATE), "--seed", "5") as demo:
        assert "  web     http" in demo.printed, f"The UI was left out:\n{demo.told}"
        yield demo


@pytest.fixture(scope="module")
def chromium() -> Path:
    try:
        return browser.chromium()
    except StackError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(journey: str, demo: Demo, chromium: Path) -> None:
    name = journey.removesuffix(".spec.ts")
    reports = ROOT / "reports" / "journeys"
    environment = {
        **os.environ,
        "EVENTSEC_CHROMIUM": str(chromium),
        "EVENTSEC_DEMO_JSON": str(demo.directory / "demo.json"),
        "EVENTSEC_DEMO_DIR": str(demo.directory),
        "EVENTSEC_JOURNEYS_DIR": str(reports / name),
        "EVENTSEC_WEB_URL": demo.read("demo.json")["web_url"],
    }
    done = subprocess.run(
        [*PLAYWRIGHT, journey], cwd=WEB, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    stats = json.loads((reports / name / "result.json").read_text(encoding="utf-8"))["stats"]
    assert stats["expected"] > 0
    assert (stats["skipped"], stats["unexpected"], stats["flaky"]) == (0, 0, 0)
