"""How long what waits in Postgres has waited, whichever process should have done it: for whoever is to be called."""

from prometheus_client import Gauge

from services.indexer.folding import Connection
from services.indexer.retention import read_floors
from shared import metrics

# Each has an index, or is a table whose rows live for milliseconds.
SECONDS: tuple[tuple[Gauge, str], ...] = (
    (metrics.PROJECTION_SECONDS, "SELECT min(created_at) FROM projection_pending"),
    (metrics.OUTBOX_SECONDS, "SELECT created_at FROM outbox ORDER BY id LIMIT 1"),
    (metrics.NOTIFICATIONS_SECONDS, "SELECT min(due_at) FROM notifications WHERE status = 'pending'"),
    (metrics.AUDIT_SECONDS, "SELECT min(created_at) FROM audit_pending"),
    (metrics.FOLLOWING_SECONDS, "SELECT min(due_at) FROM incident_following"),
)
COUNTS: tuple[tuple[Gauge, str], ...] = (
    (metrics.PROJECTION_PENDING, "SELECT count(*) FROM projection_pending"),
    (metrics.OUTBOX_ROWS, "SELECT count(*) FROM outbox"),
    (metrics.FOLLOWING, "SELECT count(*) FROM incident_following"),
    (metrics.GENERATIONS_BUILDING, "SELECT count(*) FROM search_generations WHERE state = 'building'"),
)
# A job that is being done has a lease that is renewed; whose is over waits for another process to go on with it.
UNTAKEN = """
    SELECT runner, min(coalesce(lease_until, created_at)) AS since FROM jobs
    WHERE status IN ('pending', 'running') AND coalesce(lease_until, created_at) < now() GROUP BY runner
"""
UNDROPPED = "SELECT min(ends_at) FROM event_periods WHERE kind = $1 AND dropped_at IS NULL AND ends_at <= $2"
"""A period may be dropped as soon as the floor is at its end, and floors rise at midnight."""


async def measure(connection: Connection) -> None:
    """Set the gauges of what waits."""
    for gauge, sql in COUNTS:
        gauge.set(await connection.fetchval(sql))
    now = await connection.fetchval("SELECT clock_timestamp()")
    for gauge, sql in SECONDS:
        since = await connection.fetchval(sql)
        gauge.set(max(0.0, (now - since).total_seconds()) if since else 0.0)
    untaken = await connection.fetch(UNTAKEN)
    metrics.JOBS_SECONDS.clear()
    for row in untaken:
        metrics.JOBS_SECONDS.labels(row["runner"]).set((now - row["since"]).total_seconds())


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
    for gauge, _ in (*SECONDS, *COUNTS):
        gauge.set(0)
    metrics.RETENTION_SECONDS.set(0)
    metrics.JOBS_SECONDS.clear()
