"""What the fuzzer meets from the start: things of every kind, and in every state, with all that hangs on them.

Ids cannot be made up. A request that fits the description is asked of one of these, with bodies that name what is
there: so operations are reached with success, and not only told that there is nothing.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.domain.triage import REASONS, Verdict
from tests.waiting import until

HARMLESS = {"verdict": Verdict.TRUE_POSITIVE, "reason": REASONS[Verdict.TRUE_POSITIVE][0]}

Found = dict[str, Any]


@dataclass(frozen=True)
class Own:
    """What one operation alone may ask of, as it can do so once, or needs it to be in a state of its own."""

    ids: dict[str, str] = field(default_factory=dict)
    bodies: Found = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """Ids that belong together, by the names that paths have for them, and values of bodies by the names of theirs.

    `own` has both by operation, before these.
    """

    ids: dict[str, str]
    bodies: Found
    own: dict[str, Own]


class Person:
    """Somebody who is signed in and prepares the ground."""

    def __init__(self, client: httpx.AsyncClient, user_id: str) -> None:
        self.client, self.id = client, user_id

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What it was answered. Raises AssertionError when it is refused."""
        reply = await self.client.request(method, path, json=body, headers={"If-Match": "*"})
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    async def made(self, path: str, body: Any = None) -> str:
        """The id of what it made. Raises AssertionError when it is refused."""
        return str((await self.ask("POST", path, body))["id"])

    async def finished(self, job_id: str) -> str:
        """The job's id, when it is done."""

        async def done() -> bool:
            return bool((await self.ask("GET", f"jobs/{job_id}"))["status"] == "done")

        await until(done, within=60)
        return job_id

    async def items(self, path: str) -> Any:
        """A page of a list."""
        return (await self.ask("GET", path))["items"]
