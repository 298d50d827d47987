"""The query language as the API takes it: at the caller's moment, with people by e-mail address."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from opensearchpy.exceptions import OpenSearchException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.api import restricted
from services.api.deps import Resources
from services.api.principal import Principal
from shared import clock, log
from shared.errors import Invalid, Unavailable
from shared.models import AuditEntry, Membership, User
from shared.query.parse import MAX_CHARACTERS, parse
from shared.query.tree import EVERYTHING, Node
from shared.query.values import Reader
from shared.search.catalogue import ALERTS, EVENTS, INCIDENTS
from shared.search.client import reaching, what_went_wrong

logger = log.get(__name__)

QueryText = Annotated[
    str | None,
    Query(
        max_length=MAX_CHARACTERS,
        description='In the query language: `rule.name:"ssh brute*" AND source.ip:10.0.0.0/8 AND severity:>=high`.',
    ),
]


Narrowed = Annotated[
    list[Annotated[str, Field(max_length=MAX_CHARACTERS)]] | None,
    Query(alias="filter", max_length=20, description="More of the same, kept apart: as `status:(new OR closed)`."),
]


class FieldRead(BaseModel):
    """A field that queries may name."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    type: str
    meaning: str
    choices: list[str]


class SearchRefused(Invalid):
    """OpenSearch cannot answer this query, which may have too many parts; make it simpler."""

    code = "search_refused"


async def in_events(resources: Resources, body: dict[str, Any], *, seconds: float) -> Any:
    """OpenSearch's answer about events within so many seconds. Raises Unavailable and SearchRefused."""
    try:
        with reaching():
            answer = await resources.search.search(
                index=resources.names.events,
                body={"timeout": f"{int(seconds * 1000)}ms", **body},
                params={
                    "allow_partial_search_results": "false",
                    "ignore_unavailable": "true",
                    "request_timeout": seconds + 1,
                },
            )
    except OpenSearchException as error:
        logger.warning("search_refused_query", error=what_went_wrong(error))
        raise SearchRefused from error
    if answer["timed_out"]:
        raise Unavailable("OpenSearch did not answer in time; narrow the time or the query.", code="search_slow")
    return answer


# Who then asks OpenSearch gives these a session that ends first: a request must hold no connection while it waits, nor
# want a second one while it has one.


async def alerts(session: AsyncSession, text: str | None, *, by: Principal) -> Node:
    """The tree of a query over alerts. Raises QueryError."""
    if not text:
        return EVERYTHING
    return parse(text, ALERTS, await reader(session, text, by=by))


async def incidents(session: AsyncSession, text: str | None, *, by: Principal) -> Node:
    """The tree of a query over incidents. Raises QueryError."""
    if not text:
        return EVERYTHING
    return parse(text, INCIDENTS, await reader(session, text, by=by))


async def events(session: AsyncSession, text: str | None, *, by: Principal) -> Node:
    """The tree of a query over events. Raises QueryError."""
    if not text:
        return EVERYTHING
    return await restricted.unnamed(session, by, parse(text, EVENTS, await reader(session, text, by=by)))


def people(by: Principal) -> Select[User]:
    """Who is in one of the caller's organizations, or was taken out of it."""
    member = exists().where(Membership.user_id == User.id, Membership.organization_id.in_(by.organization_ids))
    return select(User).where(or_(member, removal(by, User.id).exists()))


def removal(by: Principal, user_id: UUID | InstrumentedAttribute[UUID]) -> Select[AuditEntry]:
    """How somebody was taken out of one of the caller's organizations, the last time."""
    return (
        select(AuditEntry)
        .where(
            AuditEntry.object_id == user_id,
            AuditEntry.action == "user.removed",
            AuditEntry.organization_id.in_(by.organization_ids),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )


async def reader(session: AsyncSession, text: str, *, by: Principal) -> Reader:
    """Who asks, and when; of who is or was in the caller's organizations those whose addresses are in the text."""
    named = {"me": by.user_id} if by.user_id is not None else {}
    if "@" in text:
        written = text.replace("\\", "").lower()
        found = people(by).where(func.strpos(written, func.lower(User.email)) > 0)
        rows = await session.execute(found.with_only_columns(func.lower(User.email), User.id))
        named |= dict(map(tuple, rows))
    return Reader(now=clock.now(), people=named)
