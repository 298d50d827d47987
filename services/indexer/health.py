"""The indexer's readiness and its three small pages: /healthz, /readyz, /metrics."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import asyncpg
import uvicorn
from opensearchpy import AsyncOpenSearch
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared import metrics
from shared.bus.consumer import BatchConsumer
from shared.bus.publisher import Publisher
from shared.db.engine import compare_clocks, unfit_role
from shared.health import Check, Health, NotReady
from shared.migrations.head import is_at_head
from shared.search.indices import Names, templates_at_hash

# A batch may wait for a frozen database for as long as its statements may take.
PROGRESS_SECONDS = 60.0


def checks(
    *,
    pool: asyncpg.Pool,
    client: AsyncOpenSearch,
    names: Names,
    publisher: Publisher,
    consumers: Sequence[BatchConsumer],
    braked: Callable[[], bool],
    production: bool,
) -> list[Check]:
    """What the indexer needs: bus, database at head, progress; OpenSearch only to be searchable."""

    async def rabbitmq() -> str | None:
        if not publisher.connected:
            raise NotReady("not connected")
        return "blocked by an alarm" if publisher.blocked else None

    async def postgres() -> None:
        async with pool.acquire() as connection:
            await compare_clocks(connection)
            if not await is_at_head(connection):
                raise NotReady("schema is not at head")
            if production and (unfit := await unfit_role(connection)):
                raise NotReady(unfit)

    async def consumer() -> None:
        if braked():
            raise NotReady("held by the quarantine brake")
        for one in consumers:
            if one.idle_seconds > PROGRESS_SECONDS:
                raise NotReady(f"{one.queue} makes no progress")

    async def opensearch() -> None:
        if not await templates_at_hash(client, names):
            raise NotReady("templates are missing or not of this version")

    return [
        Check("rabbitmq", rabbitmq),
        Check("postgres", postgres),
        Check("consumer", consumer),
        Check("opensearch", opensearch, required=False),
    ]


def pages(health: Health) -> Starlette:
    """The application that answers the three pages."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        status, body = health.report()
        return JSONResponse(body, status)

    async def exposition(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", exposition)])


class _Server(uvicorn.Server):
    """Leaves the signals to the process, which drains in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(app: Starlette, *, host: str, port: int) -> None:
    """Serve the pages until the rest of the process has ended; cancel to end."""
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    try:
        await server.serve()
    finally:  # a server that is cancelled leaves its port open
        for listening in getattr(server, "servers", ()):
            listening.close()
