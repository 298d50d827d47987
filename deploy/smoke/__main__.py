"""Starts the product in containers under a name of its own, looks at it as a user would, and removes it.

Where no Docker engine answers it says so, and that is no failure but with `--require`. EVENTSEC_ENGINE_UP may name a
program that starts one; who names one wants one, so it is a failure then as well.
"""

import argparse
import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import httpx

from deploy.demo.interrupts import Interrupted, interruptible, undisturbed
from deploy.smoke import engine, facts
from deploy.smoke.engine import Project
from deploy.stack.errors import StackError

IMAGES = ("services", "web", "demo")
SEARCHABLE_SECONDS = 60

Check = Callable[[Project], str]


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.smoke", description=__doc__)
    parser.add_argument("--require", action="store_true", help="fail where no Docker engine answers")
    required = parser.parse_args(arguments).require or bool(os.environ.get(engine.STARTER))
    if lacking := _lacking_engine():
        print(f"smoke: {'failed' if required else 'skipped'}: {lacking}")
        return 1 if required else 0
    try:
        with interruptible():
            return _smoke(Project())
    except StackError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    except Interrupted:
        return 130


def _lacking_engine() -> str:
    """Why there is no engine, and none could be started; empty when there is one."""
    if engine.answers():
        return ""
    try:
        engine.start(os.environ)
    except StackError as error:
        return f"no Docker engine with compose answers: {error}"
    if engine.answers():
        return ""
    command = os.environ.get(engine.STARTER)
    way = f"{engine.STARTER}={command} ended well" if command else f"{engine.STARTER} may name what starts one"
    return f"no Docker engine with compose answers ({way})"


def _smoke(project: Project) -> int:
    print(f"smoke: starting {project.name} at {project.url}", flush=True)
    began = time.monotonic()
    try:
        project.up()
        print(f"ok    built, started and healthy after {time.monotonic() - began:.0f} s", flush=True)
        passed = [_passes(check, project) for check in CHECKS]
    finally:
        with undisturbed():
            project.down()
    print(f"smoke: {sum(passed)} passed, {len(passed) - sum(passed)} failed", flush=True)
    return 0 if all(passed) else 1


def _passes(check: Check, project: Project) -> bool:
    what = check.__name__.lstrip("_").replace("_", " ")
    try:
        print(f"ok    {what}: {check(project)}", flush=True)
    except (StackError, httpx.HTTPError) as error:
        print(f"FAIL  {what}: {error}", flush=True)
        return False
    return True


def _all_healthy(project: Project) -> str:
    containers = project.containers()
    _none(facts.unwell(containers))
    return ", ".join(sorted(facts.service_of(one) for one in containers))


def _limits_and_rights(project: Project) -> str:
    containers = project.containers()
    _none(facts.unguarded(containers))
    return f"{len(containers)} containers have limits, an ordinary user and no rights to spare"


def _stores_unreachable(project: Project) -> str:
    _none(facts.reachable(project.containers()))
    return "no port is open but the web's, and that to this machine only"


def _ui_served(project: Project) -> str:
    with httpx.Client(base_url=project.url, timeout=10) as client:
        page = client.get("/").raise_for_status()
        policy = str(page.headers.get("Content-Security-Policy", ""))
        if 'id="root"' not in page.text or "script-src 'self'" not in policy or "unsafe" in policy:
            raise StackError(f"not the UI with its policy: {policy!r} {page.text[:200]!r}")
        return policy


def _event_to_search(project: Project) -> str:
    """As README.md has it: sent with a sensor's key, followed by its receipt until a search finds it."""
    words = shlex.split(project.run_in("demo", "python", "-m", "deploy.demo.join", "env"))
    known = dict(word.split("=", 1) for word in words)
    record = {
        "timestamp": datetime.now(UTC).isoformat(), "event_type": "alert", "flow_id": 7, "proto": "TCP",
        "src_ip": "203.0.113.9", "dest_ip": "10.20.50.10", "dest_port": 443,
        "alert": {"signature_id": 9000001, "signature": "Smoke", "severity": 1},
    }  # fmt: skip
    key, token = known["KEY_SURICATA_EVE"], known["TOKEN"]
    with httpx.Client(base_url=project.url, timeout=10) as client:
        began = time.monotonic()
        sent = client.post("/ingest/v1/events", content=json.dumps(record), headers={"Authorization": f"Bearer {key}"})
        receipt, state = sent.raise_for_status().json()["batch_id"], ""
        while state != "searchable":
            if time.monotonic() - began > SEARCHABLE_SECONDS:
                raise StackError(f"receipt {receipt} is {state or 'unknown'} after {SEARCHABLE_SECONDS} s")
            time.sleep(0.2)
            asked = client.get(f"/api/v1/receipts/{receipt}", headers={"Authorization": f"Bearer {token}"})
            state = asked.json()["state"] if asked.is_success else str(asked.status_code)
        return f"searchable {time.monotonic() - began:.1f} s after it was sent"


def _memory(project: Project) -> str:
    names = sorted(project.stats().items())
    return "; ".join(f"{name.removeprefix(f'{project.name}-')} {used}" for name, used in names)


def _images(project: Project) -> str:
    return "; ".join(f"{name}: {facts.of_image(engine.image(f'eventsec/{name}:local'))}" for name in IMAGES)


def _none(faults: list[str]) -> None:
    if faults:
        raise StackError("; ".join(faults))


CHECKS: tuple[Check, ...] = (
    _all_healthy, _limits_and_rights, _stores_unreachable, _ui_served, _event_to_search, _memory, _images,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
