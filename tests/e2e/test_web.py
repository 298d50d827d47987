"""Journeys of people through the web UI, in a real browser against the whole product: `make journeys`.

Each file under web/tests is a test here; what the browser did is kept under reports/journeys where it failed.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SAID = 800
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


def failures(told: dict[str, Any]) -> Iterator[str]:
    """What went wrong in each, in few words: the whole is in the reports. `told` is Playwright's report, or a suite."""
    yield from (COLOURS.sub("", error["message"])[:SAID] for error in told.get("errors", ()))
    for spec in told.get("specs", ()):
        for error in (error for test in spec["tests"] for one in test["results"] for error in one["errors"]):
            at = error.get("location", {}).get("line", "?")
            yield f"{spec['title']} (line {at}): {COLOURS.sub('', error['message'])[:SAID]}"
    for suite in told.get("suites", ()):
        yield from failures(suite)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(journey: str, demo: Demo, chromium: Path) -> None:
    name = journey.removesuffix(".spec.ts")
    reports = ROOT / "reports" / "journeys"
    environment = {
        **demos.clean_environment(),
        "EVENTSEC_CHROMIUM": str(chromium),
        "EVENTSEC_DEMO_JSON": str(demo.directory / "demo.json"),
        "EVENTSEC_DEMO_DIR": str(demo.directory),
        "EVENTSEC_JOURNEYS_DIR": str(reports / name),
        "EVENTSEC_WEB_URL": demo.read("demo.json")["web_url"],
    }
    (reports / name / "result.json").unlink(missing_ok=True)
    done = subprocess.run(
        [*PLAYWRIGHT, journey], cwd=WEB, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    result = reports / name / "result.json"
    assert result.exists(), f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    told = json.loads(result.read_text(encoding="utf-8"))
    if done.returncode != 0:
        pytest.fail("\n".join(failures(told)) or done.stderr[-2000:], pytrace=False)
    stats = told["stats"]
    assert stats["expected"] > 0
    assert (stats["skipped"], stats["unexpected"], stats["flaky"]) == (0, 0, 0)
