"""How long what waits in Postgres has waited, whichever process should have done it: for whoever is to be called."""

from functools import partial

from prometheus_client import Gauge

from services.indexer.folding import Connection
from services.indexer.retention import read_floors
from shared import metrics

_COUNT, _AGE = "count(*) AS rows", "extract(epoch FROM clock_timestamp() - {})::float8 AS seconds"

# How many rows wait, and for how long the first of them, each table read once. Whose age alone is told has an index for
# it; what is counted is short, but for projection_pending while OpenSearch is away.
WAITING: tuple[tuple[Gauge | None, Gauge | None, str], ...] = (
    (
        metrics.PROJECTION_PENDING,
        metrics.PROJECTION_SECONDS,
        f"SELECT {_COUNT}, {_AGE.format('min(created_at)')} FROM projection_pending",
    ),
    (metrics.OUTBOX_ROWS, None, f"SELECT {_COUNT} FROM outbox"),
    (None, metrics.OUTBOX_SECONDS, f"SELECT {_AGE.format('created_at')} FROM outbox ORDER BY id LIMIT 1"),
    (
        None,
        metrics.NOTIFICATIONS_SECONDS,
        f"SELECT {_AGE.format('min(due_at)')} FROM notifications WHERE status = 'pending'",
    ),
    # By its key, which begins with the entry's time: it has no other index, and grows while nobody seals.
    (None, metrics.AUDIT_SECONDS, f"SELECT {_AGE.format('created_at')} FROM audit_pending ORDER BY audit_id LIMIT 1"),
    (
        metrics.FOLLOWING,
        metrics.FOLLOWING_SECONDS,
        f"SELECT {_COUNT}, {_AGE.format('min(due_at)')} FROM incident_following",
    ),
    (metrics.GENERATIONS_BUILDING, None, f"SELECT {_COUNT} FROM search_generations WHERE state = 'building'"),
)
# A job that is being done has a lease that is renewed; whose is over waits for another process to go on with it.
UNTAKEN = f"""
    SELECT runner, {_AGE.format("min(coalesce(lease_until, created_at))")} FROM jobs
    WHERE status IN ('pending', 'running') AND coalesce(lease_until, created_at) < now() GROUP BY runner
"""
UNDROPPED = "SELECT min(ends_at) FROM event_periods WHERE kind = $1 AND dropped_at IS NULL AND ends_at <= $2"
"""A period may be dropped as soon as the floor is at its end, and floors rise at midnight."""


async def measure(connection: Connection) -> None:
    """Set the gauges of what waits. Raises the first failure, once everything else was asked."""
    steps = [partial(_measure_waiting, connection, *waiting) for waiting in WAITING]
    failed: Exception | None = None
    for step in (*steps, partial(_measure_jobs, connection), partial(measure_retention, connection)):
        try:
            await step()
        except Exception as error:  # one that takes too long keeps no other from being told
            failed = failed or error
    if failed is not None:
        raise failed


async def _measure_waiting(connection: Connection, rows: Gauge | None, seconds: Gauge | None, sql: str) -> None:
    found = await connection.fetchrow(sql)
    if rows is not None:
        rows.set(found["rows"] if found else 0)
    if seconds is not None:
        seconds.set(max(0.0, (found["seconds"] if found else None) or 0.0))


async def _measure_jobs(connection: Connection) -> None:
    untaken = await connection.fetch(UNTAKEN)
    metrics.JOBS_SECONDS.clear()
    for row in untaken:
        metrics.JOBS_SECONDS.labels(row["runner"]).set(row["seconds"])


async def measure_retention(connection: Connection) -> None:
    """Set for how long the oldest period has been there that should be gone."""
    floors = await read_floors(connection)
    late = [
        (floor - ends_at).total_seconds()
        for kind, floor in floors.before.items()
        if (ends_at := await connection.fetchval(UNDROPPED, kind, floor)) is not None
    ]
    metrics.RETENTION_SECONDS.set(max(late, default=0.0))


def forget() -> None:
    """Another process shows them from now on."""
    for rows, seconds, _ in WAITING:
        for gauge in filter(None, (rows, seconds)):
            gauge.set(0)
    metrics.RETENTION_SECONDS.set(0)
    metrics.JOBS_SECONDS.clear()
