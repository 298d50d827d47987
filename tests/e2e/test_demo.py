"""`make demo DETACH=1` as a user runs it, on servers of its own: from nothing to a found event, and back to nothing."""

import os
import re
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from deploy.demo.generator import FORMATS
from deploy.stack import control, place, ports, process
from deploy.stack.providers import SERVERS
from tests.e2e import demos
from tests.e2e.demos import ROOT, Demo

pytestmark = pytest.mark.stack

SECONDS = 30  # a machine that runs tests may be slow to answer
FEED_SECONDS = 10
RATE = 200


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demos.running("--rate", str(RATE), "--seconds", str(FEED_SECONDS), "--seed", "4") as demo:
        yield demo


@pytest.fixture(scope="module")
def variables(demo: Demo) -> dict[str, str]:
    return demo.variables()


@pytest.fixture
def api(variables: Mapping[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {variables['TOKEN']}"}
    with httpx.Client(base_url=f"{variables['API']}/api/v1", headers=headers, timeout=SECONDS) as client:
        yield client


def eventually(found: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
    return value


def test_it_says_when_the_first_event_was_stored_and_shows_no_secret(demo: Demo, variables: dict[str, str]) -> None:
    assert re.search(r"first event stored after \d+\.\d s", demo.printed)
    assert variables["INGEST"] in demo.printed
    assert not [value for value in variables.values() if value.startswith("ev") and value in demo.printed]


def test_two_people_were_at_work(demo: Demo, variables: dict[str, str], api: httpx.Client) -> None:
    for role in ("admin", "analyst"):
        body = {"email": variables[f"{role.upper()}_EMAIL"], "password": variables[f"{role.upper()}_PASSWORD"]}
        reply = httpx.post(f"{variables['API']}/api/v1/auth/login", json=body, timeout=SECONDS)
        assert reply.status_code == 200, reply.text
        assert [one["role"] for one in reply.json()["memberships"]] == [role]
        assert body["password"] not in demo.printed
    for status in ("new", "acknowledged", "in_progress", "closed"):
        assert api.get("/alerts", params={"status": status}).json()["items"], status


def test_incidents_stand_in_several_states_and_the_closed_one_has_a_report(demo: Demo, api: httpx.Client) -> None:
    found = api.get("/incidents", params={"updated_since": "2000-01-01T00:00:00Z"}).raise_for_status().json()["items"]
    assert sorted(one["status"] for one in found) == ["closed", "investigating", "on_hold", "open", "resolved"]
    (closed,) = [one for one in found if one["status"] == "closed"]
    assert closed["closed_by_id"] not in (None, closed["assignee_id"])
    path = f"incidents/{closed['id']}/report?format=markdown"
    assert path in demo.printed
    report = api.get(f"/{path}").raise_for_status().text
    assert f"\n# Incident {closed['number']}: {closed['title']}\n" in report


def test_a_shift_was_handed_over_and_another_waits(api: httpx.Client) -> None:
    day, night = api.get("/handovers").raise_for_status().json()["items"]
    assert (day["shift"], day["status"], night["shift"], night["status"]) == ("Day", "signed", "Night", "accepted")
    assert (day["outgoing_id"], day["incoming_id"]) == (night["incoming_id"], night["outgoing_id"])
    items = api.get(f"/handovers/{day['id']}").raise_for_status().json()["items"]
    assert sorted(one["status"] for one in items) == ["investigating", "on_hold", "open", "resolved"]
    assert all(one["next_step"] for one in items)


def test_demo_json_is_for_scripts_of_its_owner(demo: Demo) -> None:
    assert stat.S_IMODE((demo.directory / "demo.json").stat().st_mode) == 0o600
    found = demo.read("demo.json")
    assert found.keys() == {"ingest_url", "api_url", "web_url", "users", "api_token", "sensors"}
    assert found["sensors"].keys() == set(FORMATS)
    assert all(sensor.keys() == {"id", "key"} for sensor in found["sensors"].values())


def test_each_process_is_ready(variables: dict[str, str]) -> None:
    for name in ("INGEST", "INDEXER", "API"):
        answer = httpx.get(f"{variables[name]}/readyz", timeout=SECONDS)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok"), (name, answer.text)


def test_a_line_of_suricata_goes_from_the_door_to_opensearch_once_though_sent_twice(
    variables: dict[str, str], api: httpx.Client
) -> None:
    line = {
        "timestamp": datetime.now(UTC).isoformat(), "event_type": "alert", "flow_id": 4711, "proto": "TCP",
        "src_ip": "203.0.113.9", "src_port": 40112, "dest_ip": "10.20.50.10", "dest_port": 443,
        "alert": {"signature_id": 9000001, "signature": "My first event", "severity": 1},
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {variables['KEY_SURICATA_EVE']}"}
    sent = [
        httpx.post(f"{variables['INGEST']}/ingest/v1/events", headers=headers, json=line, timeout=SECONDS)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in sent] == [202, 202], sent[0].text
    (batch_id,) = {answer.json()["batch_id"] for answer in sent}

    def receipt(state: str) -> Any:
        found = api.get(f"/receipts/{batch_id}").raise_for_status().json()
        return found if found["state"] == state else None

    found = eventually(lambda: receipt("searchable"), seconds=60)
    assert found["event"]["alert_id"] is not None
    hits = httpx.get(
        f"{variables['OPENSEARCH']}/events/_search", params={"q": f"_id:{found['event']['id']}"}, timeout=SECONDS
    ).json()
    (hit,) = hits["hits"]["hits"]
    assert hit["_source"]["rule"]["name"] == "My first event"
    alert = api.get(f"/alerts/{found['event']['alert_id']}").raise_for_status().json()
    assert (alert["title"], alert["count"]) == ("My first event", 1)


def test_half_a_line_waits_in_quarantine(variables: dict[str, str], api: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {variables['KEY_SURICATA_EVE']}"}
    sent = httpx.post(
        f"{variables['INGEST']}/ingest/v1/events", headers=headers, content=b'{"event_type":"al', timeout=SECONDS
    )
    assert sent.status_code == 207
    found = eventually(
        lambda: (answer := api.get(f"/receipts/{sent.json()['batch_id']}").json())["state"] == "quarantined" and answer,
        seconds=60,
    )
    assert found["quarantine"]["reason"] == "not_json"


def test_the_commands_of_the_readme_do_what_it_says(demo: Demo) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    environment = {**os.environ, "EVENTSEC_STACK_DIR": str(demo.directory)}
    # It says to wait three seconds; a machine that runs tests may need more.
    script = "set -euo pipefail\n" + commands.replace("sleep 3", "sleep 10")
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"accepted":1' in done.stdout
    assert '"state":"searchable"' in done.stdout
    assert '"My first event"' in done.stdout
    assert '"in_flight_or_parked"' in done.stdout
    assert '"state":"redriven"' in done.stdout


def test_the_balance_closes_when_the_feed_has_ended(demo: Demo, variables: dict[str, str], api: httpx.Client) -> None:
    eventually(lambda: demo.read("demo-feed.json")["finished"], seconds=FEED_SECONDS + 30)
    fed = demo.read("demo-feed.json")["senders"]
    sensors = demo.read("demo.json")["sensors"]

    def sheets() -> dict[str, Any]:
        return {name: api.get(f"/sensors/{sensors[name]['id']}/accounts").json()["total"] for name in FORMATS}

    def closed() -> dict[str, Any] | None:
        found = sheets()
        told = all(found[name]["accepted"] >= fed[name]["accepted"] + fed[name]["rejected"] for name in FORMATS)
        return found if told and all(sheet["in_flight_or_parked"] == 0 for sheet in found.values()) else None

    found = eventually(closed, seconds=60)
    for name, sheet in found.items():
        # Four more of Suricata and one of plain JSON: the lines of the tests above.
        more = {"suricata_eve": 4, "json": 1}.get(name, 0)
        assert sheet["accepted"] == fed[name]["accepted"] + fed[name]["rejected"] + more
        assert sheet["unreported"] == 0
        assert sheet["stored"] > 0 or not fed[name]["accepted"]
    assert found["suricata_eve"]["quarantined"] > 0
    assert found["suricata_eve"]["duplicate"] > 0
    assert sum(sheet["stored"] for sheet in found.values()) > 100

    def searchable() -> int:
        httpx.post(f"{variables['OPENSEARCH']}/events/_refresh", timeout=SECONDS)
        return int(httpx.get(f"{variables['OPENSEARCH']}/events/_count", timeout=SECONDS).json()["count"])

    stored = sum(sheet["stored"] for sheet in found.values())
    eventually(lambda: searchable() == stored, seconds=30)


# What the page on the API prints of an incident, from the alerts it is made of to its being taken apart.
INCIDENT = "\n".join(
    (
        r"200", r"200", r"[0-9a-f-]{36}", r"Ari Analyst", r"2", r"downloaded",
        r"investigating", r"contained", r"on_hold", r"true", r"contained", r"resolved",
        r"closing_incomplete",
        r'\[{"kind": "summary", .*}, {"kind": "task", "name": "Close port 22 to the world", "id": ".*"}\]',
        r"resolved", r"done", r"review_needed", r"Ari Analyst", r"not_permitted", r"sent_back", r"approved", r"closed",
        r"# Incident \d+: SSH brute force from 198\.51\.100\.0/24", r"## Reviews", r"", r".*", r".*",
        r".* Sent back \| Since when is it closed\? \|", r".* Approved .*",
        r"200", r"investigating", r"merged", r"\[\d+\]", r"investigating", r"open", r"",
    )
)  # fmt: skip


def follow(demo: Demo, script: str) -> str:
    """What it prints, run as the page says."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EVENTSEC_")}
    clean |= {"EVENTSEC_STACK_DIR": str(demo.directory)}
    ended = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=ROOT, env=clean, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout


def script_of(page: str) -> str:
    """The examples of a page as one script."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```bash\n(.*?)^```", text, flags=re.M | re.S))


def test_the_page_on_the_api_holds_without_opensearch(demo: Demo, api: httpx.Client) -> None:
    """All but what it says needs search, and the tampering, which is for the end; then all of it is found again."""
    script = script_of("api.md").partition("EVENTSEC_POSTGRES_URL=")[0]
    control.down(demo.directory, ["opensearch"])
    try:
        # Other hosts than in the page's own run; what went before must not be counted as well.
        for ours, other in (("9000022", "9000023"), ("worked", "outage"), ("note-1", "note-2"), ("close-1", "close-2")):
            script = script.replace(ours, other)
        printed = follow(demo, script)
        assert re.search(f"^{INCIDENT}", printed, re.MULTILINE), printed
        found = api.get("/alerts", params={"query": "title:outage", "limit": 1}).raise_for_status().json()
        assert found["degraded"]
        refused = api.get("/events", params={"query": 'rule.id:"1:9000023"'})
        assert (refused.status_code, refused.json()["code"]) == (503, "search_unavailable")
    finally:
        control.up(demo.directory, ["opensearch"], environ={})

    def found_again() -> bool:
        reply = api.get("/alerts", params={"query": "title:outage", "limit": 1, "with_total": True})
        told = reply.raise_for_status().json()
        events = api.get("/events", params={"query": 'rule.id:"1:9000023"', "limit": 200})
        return (told["degraded"], told["total"]) == (None, 200) and len(events.json().get("items", ())) == 200

    eventually(found_again, seconds=90)


def test_the_page_on_the_api_holds(demo: Demo) -> None:
    """Its examples are one script; the last of them tampers with the audit, and nothing else here reads that."""
    printed = follow(demo, script_of("api.md"))
    assert re.search(f"^{INCIDENT}", printed, re.MULTILINE), printed


def test_no_secret_is_in_any_log(demo: Demo) -> None:
    found = demo.read("demo.json")
    secrets = [found["api_token"], *(sensor["key"] for sensor in found["sensors"].values())]
    for log in (demo.directory / "log").iterdir():
        text = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], log


def test_starting_it_again_finds_it_running(demo: Demo) -> None:
    before = demo.read("demo.json")
    again = demo.run("up", "--detach")
    assert again.returncode == 0
    assert "already running" in again.stdout
    assert demo.read("demo.json") == before


def test_a_service_that_dies_comes_back(demo: Demo, variables: dict[str, str]) -> None:
    pid = demo.read("demo-state.json")["processes"]["api"]["pid"]
    os.kill(pid, 9)

    def back() -> bool:
        try:
            return httpx.get(f"{variables['API']}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    eventually(lambda: demo.read("demo-state.json")["processes"]["api"]["pid"] != pid, seconds=20)
    eventually(back, seconds=30)


def test_stop_leaves_no_process_and_no_port(demo: Demo) -> None:
    listening = [*demo.read("demo-state.json")["ports"].values()]
    servers = control.status(demo.directory, environ={}).values()
    listening += [port for server in servers for port in dict(server["ports"]).values()]  # type: ignore[call-overload]
    assert len(listening) >= 6
    stopped = demo.run("stop")
    assert stopped.returncode == 0, stopped.stderr
    where = place.settle(demo.directory)
    for name in ("demo", *SERVERS):
        assert process.family([], where.mark(name)) == []
    assert [port for port in listening if not ports.is_free(port)] == []
    assert demo.run("stop").returncode == 0
    assert demo.run("status").returncode == 1
