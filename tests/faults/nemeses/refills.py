"""A new index of alerts is filled under load; the command dies at a named point and is run again."""

import random
from functools import partial

from shared.crash import EXIT_STATUS, POINTS
from tests.faults.nemeses.crashes import REFILL
from tests.faults.nemeses.nemesis import OPENSEARCH, Field, Nemesis

COMMAND = ("services.indexer.stores", "reindex", "alerts")
REFILL_SECONDS = 90.0


async def _crash(point: str, field: Field, _: random.Random, __: float) -> int:
    """The second run goes on where the first one died, and leaves one index."""
    status = await field.system.execute(*COMMAND, crash_at=point, within=REFILL_SECONDS)
    await field.system.run(*COMMAND)
    return int(status == EXIT_STATUS)


# Alone with OpenSearch: what refuses its writes keeps the second run waiting, which then is no fault of anybody's.
NEMESES = tuple(
    Nemesis(f"crash_{point}", frozenset({OPENSEARCH}), partial(_crash, point))
    for point in POINTS
    if point.startswith(REFILL)
)
