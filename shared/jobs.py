"""Jobs as their runners have them in common: the lease, whoever holds it, and who hears of the end.

A process takes a job for half a minute at a time. Each taking has its number (`fence`): a process that was frozen while
another took over finds another number, and changes nothing. `attempts` are the takings since the job last got on.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from shared import clock
from shared.domain.notification import Kind as About
from shared.normalise.event import KINDS, Kind
from shared.notices import Notice

LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 5

DRIFT, REPAIR, REINDEX, REBUILD = "drift", "repair", "reindex", "rebuild"
STORE_JOBS = (DRIFT, REPAIR, REINDEX, REBUILD)
"""Kinds of jobs on both stores, of which one runs at a time."""
PARKED_REQUEUE, PARKED_DROP = "parked_requeue", "parked_drop"
PARKED_JOBS = (PARKED_REQUEUE, PARKED_DROP)
"""Kinds of jobs on the parked queues."""

# Of a runner, of some kinds, after so many attempts at most, for so long: the one that was served longest ago. One that
# was tried too often comes back as failed.
TAKE = """
    UPDATE jobs SET
        attempts = attempts + 1,
        fence = fence + 1,
        started_at = coalesce(started_at, now()),
        lease_until = now() + $4::interval,
        status = CASE WHEN attempts < $3::int THEN 'running' ELSE 'failed' END,
        finished_at = CASE WHEN attempts < $3::int THEN NULL ELSE now() END,
        error = CASE WHEN attempts < $3::int THEN NULL ELSE 'given_up' END
    WHERE id = (
        SELECT id FROM jobs
        WHERE runner = $1 AND kind = ANY($2::text[]) AND status IN ('pending', 'running')
          AND (lease_until IS NULL OR lease_until < now())
        ORDER BY coalesce(lease_until, created_at), id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *
"""
# To others, after a while; a process that is asked to end, or has to wait, made no failed attempt.
LET_GO = """
    UPDATE jobs SET lease_until = now() + $3::interval, attempts = greatest(attempts - 1, 0)
    WHERE id = $1 AND fence = $2 AND status = 'running'
"""


def ended_notice(
    job_id: UUID,
    kind: str,
    status: str,
    *,
    organization_id: UUID,
    maker: UUID | None,
    done: int,
    skipped: int,
    error: str | None,
    correlation_id: str | None,
) -> Notice | None:
    """For whoever asked for the job and wants to know how it ended; a cancelled one they ended themselves."""
    if maker is None or status not in ("done", "failed"):
        return None
    return Notice(
        organization_id,
        About.JOB_DONE,
        str(job_id),
        f"Job {kind} is {status}",
        content={"done": done, "skipped": skipped, "error": error},
        object_kind="job",
        object_id=job_id,
        addressee=maker,
        correlation_id=correlation_id,
    )


def period(text: str) -> tuple[Kind, int]:
    """Kind and milliseconds of `alert/2026-11-23`, any day of the period, or `alert/unclocked`. Raises ValueError."""
    for kind in KINDS:
        day = text.removeprefix(f"{kind}/")
        if day == "unclocked":
            return kind, 0
        if day != text:
            return kind, clock.milliseconds(datetime.combine(date.fromisoformat(day), time(), UTC))
    raise ValueError(text)
