"""`python -m services.indexer.stores` as an operator starts it, on a test's own corner of the servers."""

import asyncio
import os
import sys

from tests.integration.indexer.conftest import Bench


async def start(bench: Bench, *arguments: str, crash_at: str = "") -> asyncio.subprocess.Process:
    """The running program; `crash_at` names a point of `shared.crash`."""
    environment = {
        "EVENTSEC_INDEXER_POSTGRES_URL": bench.postgres.url("indexer"),
        "EVENTSEC_OPENSEARCH_URL": bench.search.settings.opensearch_url.get_secret_value(),
        "EVENTSEC_INDEX_PREFIX": bench.search.names.prefix,
        "PATH": os.environ["PATH"],
    } | ({"EVENTSEC_CRASH_AT": crash_at} if crash_at else {})
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.indexer.stores", *arguments,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def run(bench: Bench, *arguments: str, crash_at: str = "") -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a program that ends by itself."""
    process = await start(bench, *arguments, crash_at=crash_at)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
