"""Waits for the first of the feed's events to be stored, by its receipt, as any sender could."""

import time
from collections.abc import Callable
from datetime import datetime

import httpx

from deploy.demo import state as states
from deploy.demo.folder import Folder, read_json
from deploy.stack.errors import StackError

SECONDS = 60


def seconds_until_stored(folder: Folder, began: float) -> float:
    """From `began` (Unix time) to when it was in Postgres. Raises `StackError` when it never is."""
    demo, state = read_json(folder.demo), states.read(folder)
    headers = {"Authorization": f"Bearer {demo['api_token']}"}
    with httpx.Client(base_url=f"{state.url('api')}/api/v1", headers=headers, timeout=5) as api:
        receipt = _until(lambda: read_json(folder.feed).get("first"), "the door has accepted nothing", folder)
        stored = _until(lambda: _stored_at(api, str(receipt)), "nothing is stored", folder)
    return datetime.fromisoformat(str(stored)).timestamp() - began


def _stored_at(api: httpx.Client, receipt: str) -> str | None:
    try:
        answer = api.get(f"/receipts/{receipt}")
    except httpx.HTTPError:
        return None
    return answer.json().get("stored_at") if answer.status_code == httpx.codes.OK else None


def _until(found: Callable[[], object], otherwise: str, folder: Folder) -> object:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if value := found():
            return value
        if not states.read(folder).is_alive("supervisor"):
            raise StackError(f"the demo ended. Its last words:\n{folder.tail('demo')}")
        time.sleep(0.05)
    trouble = read_json(folder.feed).get("trouble") or "see the logs"
    raise StackError(
        f"{otherwise} after {SECONDS} s: {trouble}.\n  The indexer's last words:\n{folder.tail('indexer')}"
    )
