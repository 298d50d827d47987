"""`python -m services.indexer`: from the bus into Postgres and OpenSearch."""

import uvloop

from services.indexer.roles import Process, resources
from services.indexer.settings import IndexerSettings
from shared import log, starting
from shared.lifecycle import Stop, on_signals, settled


async def run(settings: IndexerSettings) -> None:
    """Run one indexer process until SIGTERM or SIGINT."""
    stop = Stop()
    with settled(), on_signals(stop):
        async with resources(settings) as opened:
            await Process(settings, opened, stop).run()


def main() -> None:
    """Read the settings once and run."""
    settings = starting.read(IndexerSettings)
    log.configure("indexer", log_format=settings.log_format, level=settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
