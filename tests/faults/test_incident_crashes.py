"""A process dies in the middle of work on incidents: that is done wholly or not at all, and a job goes on."""

import random
from collections.abc import Awaitable, Callable, Sequence

from shared.crash import EXIT_STATUS
from tests.faults.analysts import Outcome, make_person
from tests.faults.incident_workers import CLOSED_AS, WORD, Json, Worked, Worker
from tests.faults.oracle import Oracle
from tests.faults.sender import Sender
from tests.faults.system import System
from tests.faults.test_verdict import owner
from tests.faults.verdict import judge, quiet
from tests.waiting import until

JOB, BEFORE, AFTER = "job_before_commit:2", "api_before_commit", "api_after_commit"
BY_JOB = 210
"""Alerts, of two chunks: the job dies in its second."""


class Desk:
    """Somebody at the api. What ends a life of that is told before it begins."""

    def __init__(self, system: System, headers: Json) -> None:
        self.system, self.api, self.worked = system, system.apis[0], Worked()
        worker = Worker(f"{self.api.url}/api/v1", self.worked, random.Random(1), "desk", headers)
        self.change, self.client = worker.change, worker.client

    async def open(self, *alert_ids: str) -> Json:
        """An incident that may be closed, as it is then."""
        made = await self.change("created", "/incidents", {"title": WORD, "alert_ids": alert_ids}, keyed=True)
        body = {"summary": WORD}
        return dict(await self.change("changed", f"/incidents/{made['id']}", body, made, seen=made, method="PATCH"))

    async def dies_of(self, work: Callable[[], Awaitable[object]], *, then: str | None) -> None:
        """Do what ends this life, and be there for the next, which ends at the point `then`."""
        self.api.armed, lives = then, len(self.api.deaths)
        await work()
        await until(lambda: len(self.api.deaths) > lives, within=60)
        await self.system.ready(self.api)

    def outcomes(self, action: str) -> dict[str, Outcome]:
        """What came of each change of a kind, by word, in their order."""
        return {word: self.worked.outcomes[word] for word, one in self.worked.tried.items() if one.action == action}


async def die_at_work(desk: Desk, alert_ids: Sequence[str]) -> None:
    """The api dies in the second chunk of a job, before a closing, behind a merge, and between a file and its row."""
    closing, target, source, proven = [await desk.open(*alert_ids[at : at + 2]) for at in (0, 2, 4, 6)]
    many = {"ids": alert_ids[8 : 8 + BY_JOB], "open": {"title": WORD}, "start": True}

    async def link() -> None:
        await desk.change("created", "/incidents/bulk", many, keyed=True, later=True)

    async def close() -> None:
        await desk.change("closed", f"/incidents/{closing['id']}/close", CLOSED_AS, closing, seen=closing)

    async def merge() -> None:
        body = {"incident_ids": [source["id"]], "reason": WORD}
        await desk.change("merged", f"/incidents/{target['id']}/merge", body, target, seen=target)

    async def upload() -> None:
        at = f"/incidents/{proven['id']}/evidence"
        await desk.change("evidence_added", at, {"name": WORD}, proven, keyed=True, file=True)

    await desk.dies_of(link, then=BEFORE)
    await desk.dies_of(close, then=AFTER)
    await desk.dies_of(merge, then=BEFORE)
    # Under its key until it is answered: by the life that follows.
    await desk.dies_of(upload, then=None)
    await close()
    await merge()


async def test_a_change_whose_process_dies_is_there_wholly_or_not_at_all(staffed: System) -> None:
    oracle = Oracle(seed=8)
    await staffed.start(crash_at={"api": JOB, "indexer": "follower_before_commit"})
    await Sender(staffed, oracle).send(8)
    await quiet(staffed)
    async with owner(staffed) as connection:
        alert_ids = [str(row["id"]) for row in await connection.fetch("SELECT id FROM alerts ORDER BY id")]
    desk = Desk(staffed, await make_person(staffed, "desk"))
    async with desk.client:
        await die_at_work(desk, alert_ids)
    verdict = await judge(staffed, oracle, worked=desk.worked)

    print("changes of incidents:", verdict.incident_changes)
    assert verdict.clean, verdict.as_dict()
    assert staffed.apis[0].deaths == [EXIT_STATUS] * 4, "the faults did not happen"
    assert staffed.indexer.deaths == [EXIT_STATUS], "the fault did not happen"
    assert list(desk.outcomes("incident.evidence_added").values()) == [Outcome.HELD]
    async with owner(staffed) as connection:
        told = {row["correlation_id"] for row in await connection.fetch("SELECT correlation_id FROM audit_log")}
        jobs = await connection.fetch("SELECT status, done, skipped FROM jobs")
    assert [(outcome, word in told) for word, outcome in desk.outcomes("incident.closed").items()] == [
        (Outcome.UNKNOWN, False), (Outcome.HELD, True)]  # fmt: skip
    assert [(outcome, word in told) for word, outcome in desk.outcomes("incident.merged").items()] == [
        (Outcome.UNKNOWN, True), (Outcome.REFUSED, False)]  # fmt: skip
    assert [tuple(job) for job in jobs] == [("done", BY_JOB, 0)]
