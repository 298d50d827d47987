"""The api's readiness, and its three pages: /healthz, /readyz, /metrics."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from opensearchpy import AsyncOpenSearch
from sqlalchemy.ext.asyncio import AsyncEngine

from services.api.broker import Broker
from services.api.deps import resources_of
from services.api.evidence_store.store import EvidenceStore
from shared import metrics
from shared.db.engine import compare_clocks, unfit_role
from shared.health import Check, NotReady
from shared.migrations.head import is_at_head
from shared.search.indices import Names, templates_at_hash

router = APIRouter(tags=["health"])


def checks(
    *,
    engine: AsyncEngine,
    client: AsyncOpenSearch,
    names: Names,
    broker: Broker,
    evidence: EvidenceStore,
    production: bool,
) -> list[Check]:
    """What the api needs: the database at head. Search, live updates and files of evidence may be away."""

    async def postgres() -> None:
        async with engine.connect() as connection:
            await compare_clocks(connection)
            if not await is_at_head(connection):
                raise NotReady("schema is not at head")
            if production and (unfit := await unfit_role(connection)):
                raise NotReady(unfit)

    async def opensearch() -> None:
        if not await templates_at_hash(client, names):
            raise NotReady("templates are missing or not of this version")

    async def rabbitmq() -> str | None:
        if not broker.connected:
            raise NotReady("not connected")
        return "blocked by an alarm" if await broker.blocked() else None

    return [
        Check("postgres", postgres),
        Check("opensearch", opensearch, required=False),
        Check("rabbitmq", rabbitmq, required=False),
        Check("evidence", evidence.check, required=False),
    ]


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Not ready.", "content": {"application/json": {}}}})
async def readyz(request: Request) -> JSONResponse:
    """Whether requests can be served, and the state of each dependency as it was last looked at."""
    status, body = resources_of(request).health.report()
    return JSONResponse(body, status)


@router.get("/metrics", response_class=Response)
async def exposition() -> Any:
    """Prometheus metrics of this process."""
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)
