"""Puts the api process together: `uvicorn services.api.app:app`."""

import asyncio
import contextlib
import difflib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import configure_mappers

from services.api import health, openapi
from services.api.alerts import actions, bulk, late, notes, snoozes
from services.api.alerts import routes as alerts
from services.api.audit import routes as audit
from services.api.auth import oidc_routes as oidc
from services.api.auth import routes as auth
from services.api.broker import MEASURE_SECONDS, Broker
from services.api.dashboard import routes as dashboard
from services.api.deps import Resources, State
from services.api.errors import ALWAYS, MAX_ERRORS, add_handlers, problems
from services.api.events import routes as events
from services.api.evidence_store.opened import open_store
from services.api.exports import routes as export_routes
from services.api.exports import service as exports
from services.api.handovers import routes as handovers
from services.api.incidents import actions as incident_actions
from services.api.incidents import bulk as incident_bulk
from services.api.incidents import (
    clocks,
    custody,
    evidence,
    observables,
    offers,
    policy,
    related,
    reports,
    similar,
    split,
    tasks,
    templates,
    timeline,
)
from services.api.incidents import ending as incident_ending
from services.api.incidents import events as incident_events
from services.api.incidents import notes as incident_notes
from services.api.incidents import routes as incidents
from services.api.invitations import routes as invitations
from services.api.jobs import routes as jobs
from services.api.jobs.runner import Runner, Step
from services.api.middleware import EdgeMiddleware
from services.api.notifications import routes as notifications
from services.api.openid import Provider, Registration
from services.api.organizations import routes as organizations
from services.api.passwords import Passwords
from services.api.quarantine import routes as quarantine
from services.api.receipts import routes as receipts
from services.api.restarts import RestartMiddleware
from services.api.rules import routes as rules
from services.api.sensors import accounts, bench, snippets
from services.api.sensors import routes as sensors
from services.api.settings import ApiSettings
from services.api.stream import routes as stream
from services.api.stream.hub import Hub
from services.api.suppressions import routes as suppressions
from services.api.system import routes as system
from services.api.tokens import routes as tokens
from services.api.users import routes as users
from services.api.views import routes as views
from shared import log, outgoing
from shared.bus.migrate import management_of
from shared.cipher import Cipher
from shared.correlation import CorrelationMiddleware
from shared.db.engine import Limits, create_engine, sessionmaker, statements
from shared.domain import calendar
from shared.health import Health
from shared.lifecycle import Stop, on_signals, repeat, settled
from shared.migrations.head import is_at_head, until_at_head
from shared.search.client import create_client
from shared.search.indices import Names

PREFIX = "/api/v1"
MAX_NAME = 64

KINDS: Mapping[str, Step] = {
    bulk.BULK: bulk.do,
    bulk.UNDO: bulk.undo,
    exports.EXPORT_ALERTS: exports.do_alerts,
    exports.EXPORT_EVENTS: exports.do_events,
    exports.EXPORT_INCIDENTS: exports.do_incidents,
    incident_bulk.LINK: incident_bulk.link,
    incident_bulk.UNLINK: incident_bulk.unlink,
}

# A person waits for the reply. The server's own limit is the shorter one, so that it ends the statement. No request
# waits for another server within a transaction; a job's chunk does, for OpenSearch and some seconds.
LIMITS = Limits(connect=3.0, command=15.0, statement=12.0, lock=5.0, idle=30.0)
POOL_SECONDS = 3.0
SEARCH_SECONDS = 2.0
PROVIDER_SECONDS = 5.0


class Whole(State):
    """What the lifespan hands to every request, with what only the stream needs."""

    hub: Hub
    stop: Stop


class Api(FastAPI):
    """FastAPI with our own description of what goes wrong; `settings` are taken when it starts."""

    settings: ApiSettings | None = None

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi.describe(self)
        return self.openapi_schema


def create_app(settings: ApiSettings | None = None) -> Api:
    """The application, which opens nothing until it is started.

    Without settings it reads them from the environment when it starts, and sets up logging.
    """

    def lifespan(_: FastAPI) -> AbstractAsyncContextManager[Whole]:
        return _running(app)

    app = Api(
        title="EventSec",
        version="1",
        description="Security events, alerts and what becomes of them.",
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=openapi.operation_id,
        redirect_slashes=False,
    )
    app.settings = settings
    add_handlers(app)
    app.include_router(health.router)
    # Looked through from the first on for each request: what analysts ask all day comes first.
    features: Sequence[APIRouter] = (
        alerts.router,
        actions.router,
        notes.router,
        stream.router,
        snoozes.router,
        snoozes.mine,
        actions.many,
        incident_bulk.router,
        incidents.router,
        incident_actions.router,
        incident_actions.people,
        incident_ending.router,
        incident_notes.router,
        tasks.router,
        timeline.router,
        evidence.router,
        observables.router,
        reports.router,
        incident_events.router,
        related.router,
        similar.router,
        split.router,
        auth.router,
        sensors.router,
        accounts.router,
        bench.router,
        snippets.router,
        rules.router,
        system.router,
        receipts.router,
        quarantine.router,
        organizations.router,
        users.router,
        invitations.router,
        tokens.router,
        views.router,
        suppressions.router,
        notifications.router,
        events.router,
        jobs.router,
        export_routes.router,
        audit.router,
        templates.router,
        policy.router,
        dashboard.router,
        handovers.router,
        offers.router,
    )
    for router in features:
        app.include_router(
            router, prefix=PREFIX, responses=problems(*ALWAYS), dependencies=[Depends(_refuse_unknown_parameters)]
        )
    # Providers add parameters of their own to the callback.
    app.include_router(oidc.router, prefix=PREFIX, responses=problems(422, 500, 503))
    app.add_middleware(RestartMiddleware)
    app.add_middleware(EdgeMiddleware)
    app.add_middleware(CorrelationMiddleware)
    return app


async def _refuse_unknown_parameters(request: Request) -> None:
    """A misspelt filter must not answer with everything. Raises RequestValidationError."""
    path = PREFIX + request.scope["route"].path_format
    operation = request.app.openapi()["paths"][path][request.method.lower()]
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    if unknown := sorted(request.query_params.keys() - known):
        raise RequestValidationError([_unknown_parameter(name, known) for name in unknown[:MAX_ERRORS]])


def _unknown_parameter(name: str, known: Collection[str]) -> dict[str, Any]:
    near = difflib.get_close_matches(name, known, 1) if len(name) <= MAX_NAME else []
    hint = f" Did you mean {near[0]}?" if near else ""
    said = f"There is no such parameter.{hint} Expected: {', '.join(sorted(known)) or 'none'}."
    return {"type": "extra_forbidden", "loc": ("query", name), "msg": said}


def _from_environment() -> ApiSettings:
    settings = ApiSettings()
    log.configure("api", log_format=settings.log_format, level=settings.log_level)
    return settings


@contextlib.asynccontextmanager
async def _running(app: Api) -> AsyncIterator[Whole]:
    """Open everything without waiting for any server, look after it, close it in the end."""
    settings = app.settings or _from_environment()
    stop = Stop()
    # Every request is held to it, and making it takes a second or more: not in the first one's time.
    await asyncio.to_thread(app.openapi)
    await asyncio.to_thread(calendar.countries)
    await asyncio.to_thread(configure_mappers)
    async with _open(settings, stop) as resources:
        hub = Hub(settings.rabbitmq_address, resources.sessions)
        working = asyncio.create_task(_jobs(resources, stop), name="jobs")
        background = [
            asyncio.create_task(hub.run(), name="stream"),
            asyncio.create_task(resources.broker.run(), name="broker"),
            asyncio.create_task(_queues(resources, stop), name="queues"),
            asyncio.create_task(resources.health.run(), name="health"),
            asyncio.create_task(_sweeps(resources, stop), name="evidence"),
            asyncio.create_task(_clocks(resources, stop), name="clocks"),
            asyncio.create_task(_alert_clocks(resources, stop), name="alert_clocks"),
            working,
        ]
        try:
            with settled(), on_signals(stop):
                yield {"resources": resources, "hub": hub, "stop": stop}
        finally:
            stop.set()
            # The chunk at hand ends and its job is let go: another process goes on at once.
            await asyncio.wait([working], timeout=settings.shutdown_seconds)
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)


async def _jobs(resources: Resources, stop: Stop) -> None:
    """Do people's jobs, once the tables are there."""
    if await until_at_head(lambda: _at_head(resources), stop):
        await Runner(resources, KINDS).run(stop)


async def _queues(resources: Resources, stop: Stop) -> None:
    """Tell how full the queues are."""
    await repeat("queues", resources.broker.measure, every=MEASURE_SECONDS, stop=stop)


async def _sweeps(resources: Resources, stop: Stop) -> None:
    """Take away the files of evidence that nobody names."""
    if await until_at_head(lambda: _at_head(resources), stop):
        await repeat("evidence", lambda: custody.sweep(resources), every=custody.SWEEP_SECONDS, stop=stop)


async def _clocks(resources: Resources, stop: Stop) -> None:
    """Tell in time of what is to be done by when."""
    if await until_at_head(lambda: _at_head(resources), stop):
        await repeat("clocks", lambda: clocks.sweep(resources), every=clocks.SWEEP_SECONDS, stop=stop)


async def _alert_clocks(resources: Resources, stop: Stop) -> None:
    """The same of alerts, which others wait for as little as these for them."""
    if await until_at_head(lambda: _at_head(resources), stop):
        await repeat("alert_clocks", late.Teller(resources).sweep, every=late.SWEEP_SECONDS, stop=stop)


async def _at_head(resources: Resources) -> bool:
    async with resources.sessions() as session:
        return await is_at_head(await session.connection())


@contextlib.asynccontextmanager
async def _open(settings: ApiSettings, stop: Stop) -> AsyncIterator[Resources]:
    engine = _engine(settings, "eventsec-api", settings.postgres_pool_size)
    # Of its own: a probe must not wait for requests, nor take a connection from them.
    probe_engine = _engine(settings, "eventsec-api-health", 1)
    client = create_client(settings, timeout_seconds=SEARCH_SECONDS)
    names = Names(settings.index_prefix)
    broker = Broker(settings.rabbitmq_address, management_of(settings, timeout=1.0))
    provider = _provider(settings)
    files = open_store(settings)
    checks = health.checks(
        engine=probe_engine,
        client=client,
        names=names,
        broker=broker,
        evidence=files,
        production=settings.env == "production",
    )
    try:
        yield Resources(
            sessionmaker(engine),
            statements(engine),
            client,
            names,
            broker,
            Health(checks, stop),
            settings,
            Passwords(),
            Cipher(settings.secret_keys.get_secret_value().split(",")),
            provider,
            files,
        )
    finally:
        if provider is not None:
            await provider.close()
        await files.close()
        await client.close()
        for opened in (engine, probe_engine):
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await opened.dispose()


def _engine(settings: ApiSettings, name: str, size: int) -> AsyncEngine:
    return create_engine(
        settings.postgres_address,
        application_name=name,
        pool_size=size,
        pool_timeout=POOL_SECONDS,
        limits=LIMITS,
        statement_cache_size=settings.postgres_statement_cache_size,
    )


def _provider(settings: ApiSettings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    secret = settings.oidc_client_secret
    registration = Registration(
        client_id=settings.oidc_client_id,
        secret=secret.get_secret_value() if secret is not None else None,
        redirect_uri=f"{(settings.public_url or '').rstrip('/')}{PREFIX}/auth/oidc/callback",
        scope=settings.oidc_scopes,
    )
    client = outgoing.client(settings.outgoing_allow, PROVIDER_SECONDS)
    return Provider(settings.oidc_issuer, registration, client)


app = create_app()
