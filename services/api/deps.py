"""What a request is given: the process's resources, one database session, and its place in the trace."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, TypedDict

from fastapi import Depends, Request
from opensearchpy import AsyncOpenSearch
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api.broker import Broker
from services.api.evidence_store.store import EvidenceStore
from services.api.openid import Provider
from services.api.passwords import Passwords
from services.api.settings import ApiSettings
from shared import crash
from shared.cipher import Cipher
from shared.db.failures import is_broken_off
from shared.health import Health
from shared.search.indices import Names

READING = ("GET", "HEAD")

BROKEN_OFF = "broken_off"
"""Under this name the request's state says whether its transaction was broken off for others' sake."""


@dataclass(frozen=True)
class Resources:
    """What the process has open."""

    sessions: async_sessionmaker[AsyncSession]
    statements: async_sessionmaker[AsyncSession]
    search: AsyncOpenSearch
    names: Names
    broker: Broker
    health: Health
    settings: ApiSettings
    passwords: Passwords
    cipher: Cipher
    provider: Provider | None
    evidence: EvidenceStore
    counting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Room for those who count facets: more at once only wait for each other in OpenSearch."""


class State(TypedDict):
    """What the lifespan hands to every request."""

    resources: Resources


@dataclass(frozen=True)
class Trace:
    """The ids that follow a request into every message it causes."""

    correlation_id: str
    traceparent: str | None


def resources_of(request: Request) -> Resources:
    """The process's resources."""
    found = request.state.resources
    assert isinstance(found, Resources)
    return found


def trace_of(request: Request) -> Trace:
    """The request's place in the trace."""
    return Trace(request.state.correlation_id, request.state.traceparent)


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's one transaction. It is committed before the reply leaves, or rolled back on any error."""
    changes = request.method not in READING
    try:
        async with resources_of(request).sessions.begin() as session:
            yield session
            if changes:
                crash.point("api_before_commit")
    except DBAPIError as error:
        setattr(request.state, BROKEN_OFF, is_broken_off(error))
        raise
    if changes:
        crash.point("api_after_commit")


# Scope "function": by default the commit would come after the reply, and its failure after a 200.
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
OpenResources = Annotated[Resources, Depends(resources_of)]
RequestTrace = Annotated[Trace, Depends(trace_of)]
