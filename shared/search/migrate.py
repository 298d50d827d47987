"""Prepares OpenSearch: templates, first indices and aliases. May run at any time, and twice at once."""

import argparse
import asyncio
import math
import sys
from pathlib import Path

import orjson
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException
from pydantic import Field

from shared import log, starting
from shared.errors import Unavailable
from shared.normalise.event import KINDS
from shared.retry import Backoff
from shared.search import indices
from shared.search.client import create_client, reaching, what_went_wrong
from shared.search.indices import Names
from shared.settings import OpensearchSettings

logger = log.get(__name__)


class MigrateSettings(OpensearchSettings):
    """For `python -m shared.search.migrate`."""

    migrate_wait_seconds: float = Field(
        default=120.0, ge=0, description="How long `migrate` waits for its server before it gives up."
    )


async def migrate(client: AsyncOpenSearch, names: Names) -> list[str]:
    """Bring the cluster to what this program needs; what was done, in words, empty when all was there.

    Raises Unavailable when the cluster is away; what was done until then stays, and is right.
    """
    return await put_templates(client, names) + await create_indices(client, names)


async def put_templates(client: AsyncOpenSearch, names: Names) -> list[str]:
    """Put those templates whose hash differs, components first. Raises Unavailable."""
    wanted = names.templates
    present = await indices.hashes_in_cluster(client, names)
    outdated = {name for name, hash_ in wanted.hashes.items() if present.get(name) != hash_}
    with reaching():
        await asyncio.gather(
            *(
                client.cluster.put_component_template(name=name, body=body)
                for name, body in wanted.components.items()
                if name in outdated
            )
        )
        await asyncio.gather(
            *(
                client.indices.put_index_template(name=name, body=body)
                for name, body in wanted.indices.items()
                if name in outdated
            )
        )
    return [f"put template {name}" for name in sorted(outdated)]


async def create_indices(client: AsyncOpenSearch, names: Names) -> list[str]:
    """Make the indices that exist from the first day, for aliases that lead nowhere yet. Raises Unavailable."""
    generations = {indices.first_generation(alias): alias for alias in (indices.ALERTS, indices.INCIDENTS)}
    # Later these may have been rebuilt under other names; one that is lost comes back with its first event.
    first_day = not await indices.behind(client, names, indices.EVENTS)
    unclocked = {indices.unclocked_index(kind): kind for kind in KINDS if first_day}
    made = await asyncio.gather(
        *(indices.ensure_generation(client, names, alias) for alias in generations.values()),
        *(indices.ensure_event_index(client, names, name, kind=kind) for name, kind in unclocked.items()),
    )
    created = [name for name, here in zip([*generations, *unclocked], made, strict=True) if here]
    return [f"created index {names.of(name)}" for name in created]


async def run(settings: MigrateSettings, remembered: Path | None = None) -> None:
    """Wait for the server, at most `migrate_wait_seconds`, then migrate. Raises Unavailable after that.

    With a file that remembers what was put, the processes can do without the server where these very templates were
    put before: then that is said after `migrate_wait_seconds`, and all is well. Others are waited for without end.
    """
    names = Names(settings.index_prefix)
    known = remembered is not None and put_before(remembered, names)
    seconds = settings.migrate_wait_seconds if known or remembered is None else math.inf
    client = create_client(settings)
    try:
        for line in await _patiently(client, names, seconds):
            logger.info("search_migrated", done=line)
    except Unavailable as error:
        if not known:
            raise
        logger.warning("search_away", put_before=True, waited=seconds, reason=str(error))
        return
    finally:
        await client.close()
    if remembered is not None:
        remember(remembered, names)
    logger.info("search_ready", prefix=settings.index_prefix)


def put_before(remembered: Path, names: Names) -> bool:
    """Whether the file says that exactly these templates were put."""
    try:
        return remembered.read_bytes() == _described(names)
    except FileNotFoundError:
        return False


def remember(remembered: Path, names: Names) -> None:
    """Write down, in one step, that these templates were put."""
    draft = remembered.with_name(f"{remembered.name}.new")
    draft.write_bytes(_described(names))
    draft.replace(remembered)


def _described(names: Names) -> bytes:
    return orjson.dumps(names.templates.hashes, option=orjson.OPT_SORT_KEYS)


async def _patiently(client: AsyncOpenSearch, names: Names, seconds: float) -> list[str]:
    deadline = asyncio.get_running_loop().time() + seconds
    backoff, attempt = Backoff(first=0.2, most=5.0), 0
    while True:
        try:
            return await migrate(client, names)
        except Unavailable as error:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            logger.info("waiting_for_server", server="opensearch", attempt=attempt, reason=str(error))
            await asyncio.sleep(backoff.pause(attempt))
            attempt += 1


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 when the cluster is as it should be, 1 when it did not come in time or refuses."""
    parser = argparse.ArgumentParser(prog="python -m shared.search.migrate", description=__doc__)
    parser.add_argument(
        "--remember",
        metavar="FILE",
        type=Path,
        help="keep in it which templates were put: who put these very ones before need not wait for a server that is "
        "away, others do for as long as it takes",
    )
    options = parser.parse_args(arguments)
    settings = starting.read(MigrateSettings)
    log.configure("search-migrate", log_format=settings.log_format, level=settings.log_level)
    try:
        asyncio.run(run(settings, options.remember))
    except Unavailable as error:
        logger.error("search_migrate_failed", waited=settings.migrate_wait_seconds, reason=str(error))
        return 1
    except OpenSearchException as error:
        # Such as somebody's template of the same priority over our names: waiting would not help.
        logger.error("search_migrate_failed", reason=what_went_wrong(error), detail=str(error))
        return 1
    except OSError as error:  # of the file that remembers; what concerns the server is Unavailable
        logger.error("search_migrate_failed", reason=f"{options.remember}: {error.strerror}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
