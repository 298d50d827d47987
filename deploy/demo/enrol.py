"""Gets the demo its organization, its token and a sensor for each format, or finds again those it had."""

import subprocess
from collections.abc import Mapping
from typing import Any

import httpx

from deploy.demo.commands import ROOT, module
from deploy.demo.folder import Folder, read_json, write_json
from deploy.demo.generator import FORMATS
from deploy.stack.errors import StackError

ORGANIZATION = "Alderbrook"
TOKEN_SECONDS = 120  # seconds on a quiet machine; minutes where everything starts at once
_KEY_OVERLAP = {"overlap_seconds": 300}


def enrol(
    folder: Folder,
    urls: Mapping[str, str],
    env: Mapping[str, str],
    users: Mapping[str, Mapping[str, str]],
    transport: httpx.BaseTransport | None = None,
) -> dict[str, Any]:
    """Write `demo.json` and return what is in it. Raises `StackError` when the API refuses.

    `urls` are those of `ingest`, `api` and `web`. Of a UI that is left out nobody answers there.

    Every secret that still works is kept: scripts that read the file stay right over restarts.
    """
    before = read_json(folder.demo)
    with httpx.Client(base_url=f"{urls['api']}/api/v1", timeout=15, transport=transport) as api:
        token = _token(api, before, env)
        api.headers["Authorization"] = f"Bearer {token}"
        known = before.get("sensors", {})
        sensors = {name: _sensor(api, name, known.get(name, {})) for name in FORMATS}
    demo = {
        "ingest_url": urls["ingest"],
        "api_url": urls["api"],
        "web_url": urls["web"],
        "users": users,
        "api_token": token,
        "sensors": sensors,
    }
    write_json(folder.demo, demo)
    return demo


def _token(api: httpx.Client, before: Mapping[str, Any], env: Mapping[str, str]) -> str:
    if token := before.get("api_token"):
        answer = api.get("/sensors", params={"limit": 1}, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == httpx.codes.OK:
            return str(token)
    argv = module("services.api.tokens", "create", "--organization", ORGANIZATION, "--name", "demo")
    made = subprocess.run(
        argv, env=dict(env), cwd=ROOT, capture_output=True, text=True, timeout=TOKEN_SECONDS, check=False
    )
    if made.returncode != 0:
        raise StackError(f"no API token could be made:\n    {made.stderr.strip()[-800:]}")
    return made.stdout.strip()


def _sensor(api: httpx.Client, name: str, known: Mapping[str, str]) -> dict[str, str]:
    if known and _still_works(api, known):
        return {"id": known["id"], "key": known["key"]}
    title = f"demo-{name.replace('_', '-')}"
    if found := _by_name(api, title):
        _ask(api, "PATCH", f"/sensors/{found}", {"status": "active", "format": name})
        key = _ask(api, "POST", f"/sensors/{found}/keys", _KEY_OVERLAP)["key"]
        return {"id": found, "key": key}
    made = _ask(api, "POST", "/sensors", {"name": title, "format": name})
    return {"id": made["id"], "key": made["key"]["key"]}


def _still_works(api: httpx.Client, known: Mapping[str, str]) -> bool:
    """Asked of the API, not tried at the door: a try would stand in the sensor's account."""
    answer = api.get(f"/sensors/{known['id']}")
    if answer.status_code != httpx.codes.OK:
        return False
    sensor = answer.json()
    good = [key["prefix"] for key in sensor["keys"] if not key["revoked_at"] and not key["expires_at"]]
    return sensor["status"] == "active" and any(known["key"].startswith(prefix) for prefix in good)


def _by_name(api: httpx.Client, title: str) -> str | None:
    cursor: str | None = None
    while True:
        page = _ask(api, "GET", "/sensors", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        for sensor in page["items"]:
            if sensor["name"] == title:
                return str(sensor["id"])
        cursor = page["next_cursor"]
        if cursor is None:
            return None


def _ask(
    api: httpx.Client, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None
) -> Any:
    # However it is now: the demo's sensors are its own.
    answer = api.request(method, path, json=body, params=params, headers={"If-Match": "*"})
    if answer.is_error:
        raise StackError(f"the API answers {answer.status_code} to {method} {path}:\n    {answer.text[:400]}")
    return answer.json()
