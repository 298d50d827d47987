"""The door's composition root: `uvicorn services.ingest.app:app`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from services.ingest import openapi
from services.ingest.accounts import Accounts
from services.ingest.body import Limits
from services.ingest.health import Rabbitmq, checks
from services.ingest.intake import Intake
from services.ingest.limits import InFlight, RateBudgets
from services.ingest.publisher import Packer
from services.ingest.refusals import Refused
from services.ingest.registry import Registry
from services.ingest.replies import ALIVE, of_refusal
from services.ingest.routes import Door, routes, shortcut
from services.ingest.settings import IngestSettings
from shared import log, metrics, starting
from shared.bus.migrate import management_of
from shared.bus.publisher import Publisher
from shared.correlation import CorrelationMiddleware
from shared.health import LIMIT_SECONDS, Health
from shared.lifecycle import Stop, on_signals, repeat, settled
from shared.refusal_log import RefusalLog

logger = log.get(__name__)

HOT_PREFIX = "/ingest/v1/"
POLICIES_SECONDS = 30.0
LAST_REPORT_SECONDS = 6.0

_CODES = {404: "not_found", 405: "method_not_allowed"}


class Ingest(FastAPI):
    """The application; `parts` is all it is made of, `openapi` the contract of its bare routes.

    Requests under `/ingest/v1/` go to `hot`, past the framework's layers: those cost more than the work.
    """

    parts: "Parts"
    hot: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(HOT_PREFIX):
            scope["app"] = self
            await self.hot(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The door's contract."""
        return openapi.document(self.title, self.version)


class Parts:
    """Everything a door is made of; making it does no I/O."""

    def __init__(self, settings: IngestSettings) -> None:
        self.settings = settings
        self.stop = Stop()
        self.publisher = Publisher(settings.rabbitmq_address, name="eventsec ingest publisher")
        self.in_flight = InFlight(
            max_bytes=settings.ingest_in_flight_bytes, max_requests=settings.ingest_in_flight_requests
        )
        budgets = RateBudgets(default_rate=settings.ingest_rate_per_second, burst_seconds=settings.ingest_burst_seconds)
        self.registry = Registry(
            settings.postgres_address,
            settings.registry_path,
            production=settings.env == "production",
            on_change=budgets.keep,
        )
        self.packer = Packer(
            self.publisher.publish,
            linger=settings.ingest_linger_seconds,
            timeout=settings.ingest_publish_seconds,
        )
        self.accounts = Accounts(self.publisher.publish)
        self.intake = Intake(
            packer=self.packer,
            budgets=budgets,
            accounts=self.accounts,
            max_records=settings.ingest_records,
            max_bytes=settings.ingest_decoded_bytes,
        )
        self.rabbitmq = Rabbitmq(self.publisher, management_of(settings, timeout=LIMIT_SECONDS))
        self.health = Health(
            checks(
                self.rabbitmq,
                registry_trouble=lambda: self.registry.trouble,
                registry_age=lambda: self.registry.age,
                registry_seconds=settings.registry_seconds,
                full=lambda: self.in_flight.full,
            ),
            self.stop,
        )

    def door(self) -> Door:
        """What the routes need."""
        settings = self.settings
        limits = Limits(
            wire_bytes=settings.ingest_wire_bytes,
            decoded_bytes=settings.ingest_decoded_bytes,
            seconds=settings.ingest_body_seconds,
        )
        return Door(
            registry=self.registry,
            intake=self.intake,
            in_flight=self.in_flight,
            publisher=self.publisher,
            limits=limits,
            stop=self.stop,
            refusals=RefusalLog(),
        )

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """What runs beside the requests."""
        settings, stop = self.settings, self.stop
        return [
            self.publisher.run(),
            self.health.run(),
            repeat("registry", self.registry.keep_fresh, every=settings.registry_seconds, stop=stop),
            repeat("accounts", self.accounts.report, every=settings.accounts_seconds, stop=stop),
            repeat("policies", self.rabbitmq.look_at_policies, every=POLICIES_SECONDS, stop=stop),
        ]


@contextlib.asynccontextmanager
async def run(parts: Parts) -> AsyncIterator[None]:
    """The process's life: the server calls what comes after the yield when the last reply has left."""
    settings = parts.settings
    log.configure("ingest", log_format=settings.log_format, level=settings.log_level)
    logger.info("ingest_starting", env=settings.env)
    with on_signals(parts.stop):
        parts.registry.load_file()
        running = [asyncio.create_task(work) for work in parts.background()]
        try:
            with settled():
                yield
        finally:
            parts.stop.set()
            await _drain(parts)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await parts.registry.close()
            logger.info("ingest_stopped")


async def _drain(parts: Parts) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(parts.settings.ingest_publish_seconds + 1):
            await parts.packer.drain()
    try:
        async with asyncio.timeout(LAST_REPORT_SECONDS):
            await parts.accounts.report()
    except Exception as error:  # the balance shows the missing minute as unreported
        logger.warning("accounts_not_reported", error=type(error).__name__)


def create_app(settings: IngestSettings | None = None) -> Ingest:
    """A door with these settings, or with those of the environment."""
    parts = Parts(settings or starting.read(IngestSettings))

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with run(parts):
            yield

    app = Ingest(
        title="EventSec ingest",
        version="1",
        lifespan=lifespan,
        openapi_url="/ingest/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _http_problem},
    )
    app.parts = parts
    hot = routes(parts.door())
    router = ExceptionMiddleware(Router(hot, redirect_slashes=False), handlers={HTTPException: _http_problem})
    app.hot = CorrelationMiddleware(shortcut(hot, router))
    app.router.routes[:0] = [*hot, *_probes(parts)]
    app.add_middleware(CorrelationMiddleware)
    return app


def _probes(parts: Parts) -> list[Route]:
    async def healthz(_: Request) -> Response:
        return Response(ALIVE.body, media_type=ALIVE.media_type)

    async def readyz(_: Request) -> Response:
        status, report = parts.health.report()
        return Response(orjson.dumps(report), status_code=status, media_type="application/json")

    async def exposition(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", exposition, methods=["GET"]),
    ]


async def _http_problem(request: Request, error: Exception) -> Response:
    """404 and 405 of the router, in the shape of every other refusal."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    reply = of_refusal(
        Refused(_CODES.get(status, "internal")), correlation_id=getattr(request.state, "correlation_id", None)
    )
    headers = getattr(error, "headers", None)
    return Response(reply.body, status_code=reply.status, media_type=reply.media_type, headers=headers)


app = create_app()
