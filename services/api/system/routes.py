"""`/system`: the state of all that runs. Each part is asked for by itself, so that one that is away hides no other."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path as File
from typing import Annotated, Any, TypeVar

from aio_pika.exceptions import AMQPError
from fastapi import APIRouter, Path, Query
from fastapi import status as statuses
from opensearchpy.exceptions import OpenSearchException
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency
from services.api.auth.permissions import SystemReader, SystemWriter
from services.api.deps import OpenResources, RequestTrace, Resources, Session
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.jobs.schemas import JobRead
from services.api.system import service
from services.api.system.schemas import (
    Backlog,
    Backlogs,
    Broker,
    Controls,
    Generation,
    JobRequest,
    ParkedMessages,
    Part,
    Queue,
    System,
    Versions,
)
from shared import log
from shared.bus.topology import QUEUES
from shared.domain import controls
from shared.errors import EventSecError
from shared.migrations.head import schema_revision
from shared.migrations.revisions import schema_head

logger = log.get(__name__)

router = APIRouter(prefix="/system", tags=["system"])

PROJECT = File(__file__).parents[3] / "pyproject.toml"
SECONDS = 2.0
MOST_COUNTED = 10_000
MOST_GENERATIONS = 500
MOST_INDICES = 100
MOST_MESSAGES = 100

T = TypeVar("T")

_GENERATIONS = text("""
    SELECT alias AS line, generation, index_name AS index, state, updated_at FROM search_generations
    WHERE state <> 'retired' ORDER BY state = 'active', alias LIMIT :most
""")
_OUTBOX = text("""
    SELECT count(*) AS rows, min(created_at) AS oldest_at
    FROM (SELECT created_at FROM outbox ORDER BY id LIMIT :most) AS counted
""")
_PROJECTION = text("""
    SELECT count(*) AS rows, min(created_at) AS oldest_at, count(reason) AS refused
    FROM (SELECT created_at, reason FROM projection_pending ORDER BY next_try_at LIMIT :most) AS counted
""")
_CONTROLS = text("""
    SELECT key, value - 'reports' AS value,
        jsonb_path_query_array(value, '$.reports.*') AS reports
    FROM process_controls WHERE key = ANY(:keys) OR starts_with(key, :jobs)
""")


@router.get("/parked/{queue}", responses=problems(404))
async def list_parked_messages(
    *,
    queue: Annotated[str, Path(max_length=100)],
    caller: SystemReader,
    session: Session,
    resources: OpenResources,
    limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = 20,
) -> ParkedMessages:
    """What was given up on, the oldest first; the messages stay in their queue."""
    return await service.parked(session, resources, queue, limit, by=caller)


@router.post("/jobs", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(409, 415))
async def start_system_job(
    *, wanted: JobRequest, caller: SystemWriter, session: Session, trace: RequestTrace, key: Key = None
) -> JobRead:
    """Have maintenance do it. `/jobs/{id}` tells how far it is, and `/jobs/{id}/cancel` ends it."""

    async def work() -> JobRead:
        return JobRead.model_validate(await service.begin(session, wanted, by=caller, trace=trace))

    return await idempotency.once(session, key, wanted, work, by=caller, route="system job", reply=JobRead)


@router.get("")
async def get_system(_: SystemReader, resources: OpenResources) -> System:
    """All parts at once, each within two seconds."""
    versions, search, broker, backlogs, generations, controlled = await asyncio.gather(
        _part("versions", _in_postgres(resources, _versions)),
        _part("search", lambda: _search(resources)),
        _part("broker", lambda: _broker(resources)),
        _part("backlogs", _in_postgres(resources, _backlogs)),
        _part("generations", _in_postgres(resources, _generations)),
        _part("controls", _in_postgres(resources, _controls)),
    )
    return System(
        dependencies=resources.health.report()[1]["checks"],
        versions=versions,
        search=search,
        broker=broker,
        backlogs=backlogs,
        generations=generations,
        controls=controlled,
    )


async def _part(name: str, ask: Callable[[], Awaitable[T]]) -> Part[T]:
    try:
        async with asyncio.timeout(SECONDS):
            return Part(value=await ask())
    except EventSecError as error:
        reason = error.code
    except TimeoutError:
        reason = "no_answer_in_time"
    except DBAPIError as error:
        # The driver's own error, below the two that SQLAlchemy puts around it.
        reason = type(getattr(error.orig, "__cause__", None) or error).__name__
    except (OSError, AMQPError, OpenSearchException, SQLAlchemyError) as error:
        reason = type(error).__name__
    logger.info("system_part_not_known", part=name, reason=reason)
    return Part(reason=reason)


def _in_postgres(resources: Resources, ask: Callable[[AsyncSession], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    async def asked() -> T:
        async with resources.sessions.begin() as session:
            return await ask(session)

    return asked


async def _versions(session: AsyncSession) -> Versions:
    return Versions(
        product=_product(),
        schema_head=schema_head(),
        schema_found=await schema_revision(await session.connection()),
        postgres=str(await session.scalar(text("SHOW server_version"))),
    )


@cache
def _product() -> str | None:
    """The installed version, or that of the checkout it runs from."""
    try:
        return version("eventsec")
    except PackageNotFoundError:
        pass
    try:
        return f"{tomllib.loads(PROJECT.read_text())['project']['version']}+checkout"
    except OSError:
        return None


async def _search(resources: Resources) -> str:
    return str((await resources.search.info())["version"]["number"])


async def _broker(resources: Resources) -> Broker:
    broker = resources.broker
    parked = {queue.name for queue in QUEUES if queue.parked is None}
    depths = await broker.depths(QUEUES)
    queues = [Queue(**depth._asdict(), parked=depth.name in parked) for depth in depths]
    return Broker(
        version=await broker.version(),
        blocked=await broker.blocked(),
        queues=queues,
        parked=sum(queue.ready + (queue.unacknowledged or 0) for queue in queues if queue.parked),
    )


async def _backlogs(session: AsyncSession) -> Backlogs:
    outbox, projection = [
        Backlog(**(await session.execute(statement, {"most": MOST_COUNTED})).one()._mapping)
        for statement in (_OUTBOX, _PROJECTION)
    ]
    return Backlogs(most=MOST_COUNTED, outbox=outbox, projection=projection)


async def _generations(session: AsyncSession) -> list[Generation]:
    rows = await session.execute(_GENERATIONS, {"most": MOST_GENERATIONS})
    return [Generation(**row._mapping) for row in rows]


async def _controls(session: AsyncSession) -> Controls:
    keys = [controls.BRAKE, controls.RETENTION_FLOORS, controls.DISKS]
    rows = (await session.execute(_CONTROLS, {"keys": keys, "jobs": controls.STORE_JOB})).all()
    values: dict[str, dict[str, Any]] = {row.key: row.value for row in rows}
    jobs = {
        row.key.removeprefix(controls.STORE_JOB): row.value | _drifted(row.reports)
        for row in rows
        if row.key.startswith(controls.STORE_JOB)
    }
    return Controls(
        brake=values.get(controls.BRAKE, {}),
        retention_floors=values.get(controls.RETENTION_FLOORS, {}),
        disks=values.get(controls.DISKS),
        store_jobs=jobs,
    )


def _drifted(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """The indices that a comparison found to differ, the first hundred of them."""
    differ = [one for one in reports if any(one["differences"].values()) or one["hidden"] or one["orphan"]]
    return {"differ": differ[:MOST_INDICES]} if reports else {}
