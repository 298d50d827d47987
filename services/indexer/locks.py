"""The advisory locks a writing transaction takes first, in one order, before it reads anything."""

from collections.abc import Iterable
from hashlib import blake2b
from uuid import UUID

from services.indexer.arrivals import Arrival
from services.indexer.folding import Connection
from shared import ids
from shared.db.locks import CLASS, Lock

# One pass in the order of the keys, whichever way each is held: two passes could meet another's crosswise.
LOCK_SENSORS = """
    SELECT CASE WHEN alone THEN pg_advisory_xact_lock(k)::text ELSE pg_advisory_xact_lock_shared(k)::text END
    FROM unnest($1::bigint[], $2::bool[]) AS w (k, alone)
"""


LOCK_SECONDS = 5

KEEP = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""For a transaction that only holds a lock, while its process works over other connections for as long as it takes."""


async def lock_alone(connection: Connection) -> None:
    """Be the only writer until the transaction ends. Raises 55P03 when somebody writes for longer than 5 seconds.

    All writers that come wait behind this one, so it must not wait long itself.
    """
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", CLASS, Lock.WRITERS)


async def lock_writing(connection: Connection, arrivals: Iterable[Arrival] = ()) -> None:
    """Join the writers (shared), then serialise per sensor what may exist in two forms.

    An event whose clock runs over a day ahead is stored in its zero-time form. The same record received
    a day later has its other form, and neither form's unique key sees the other. So the transaction that
    stores zero-time forms with a twin holds its sensors alone; all others share theirs. Both are one lock
    a sensor, however many events, so their number is bounded by the sensors of a batch.
    """
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1, $2)", CLASS, Lock.WRITERS)
    if wanted := sensors_to_lock(arrivals):
        await connection.execute(LOCK_SENSORS, *zip(*wanted, strict=True))


def sensors_to_lock(arrivals: Iterable[Arrival]) -> list[tuple[int, bool]]:
    """Lock keys of the sensors in ascending order, each with whether it is held alone."""
    alone: set[UUID] = set()
    shared: set[UUID] = set()
    for arrival in arrivals:
        event = arrival.event
        if event.twin_id is not None:
            unclocked = ids.milliseconds_of(event.id) == 0
            (alone if unclocked else shared).add(arrival.request.sensor_id)
    return sorted((_key(sensor), sensor in alone) for sensor in alone | shared)


def _key(sensor: UUID) -> int:
    return int.from_bytes(blake2b(sensor.bytes, digest_size=8).digest(), "big", signed=True)
