"""A query over events names no hidden alert, and what is hidden is asked for only as far as the query could name it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.principal import Principal
from services.api.restricted import unnamed
from shared import clock
from shared.domain.permissions import PERMISSIONS, Role
from shared.query.parse import parse
from shared.query.to_opensearch import compile_opensearch
from shared.query.tree import Node
from shared.query.values import Reader
from shared.search.catalogue import EVENTS
from tests.integration.api.restricted_rows import World, make_world, restrict
from tests.integration.api.rows import Tenant


@pytest.fixture
async def world(session: AsyncSession, acme: Tenant) -> World:
    made = await make_world(session, acme)
    await restrict(session, made)
    return made


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The statements, with what they were given."""
    found: list[str] = []

    def keep(*given: Any) -> None:
        found.append(f"{given[2]} {given[3]}")

    event.listen(Engine, "before_cursor_execute", keep)
    yield found
    event.remove(Engine, "before_cursor_execute", keep)


def lead(world: World) -> Principal:
    """Who is no member."""
    home = world.tenant.id
    grants = {home: PERMISSIONS[Role.LEAD]}
    return Principal(
        "user", world.lead.id, "x", grants, (home,), user_id=world.lead.id, hidden=frozenset({world.incident})
    )


def read(text: str) -> Node:
    return parse(text, EVENTS, Reader(now=clock.now()))


async def test_a_query_that_names_no_alert_asks_for_none(world: World, session: AsyncSession, asked: list[str]) -> None:
    node = read("severity:>=high AND NOT host.name:web*")
    assert await unnamed(session, lead(world), node) == node
    assert asked == []


async def test_of_alerts_that_are_named_no_others_are_asked_for(
    world: World, session: AsyncSession, asked: list[str]
) -> None:
    hidden, other = world.hidden[0].id, world.hidden[1].id
    node = read(f"alert_id:{hidden} OR NOT alert_id:{world.shown.id}")
    found = str(compile_opensearch(await unnamed(session, lead(world), node)))
    assert str(hidden) not in found
    assert str(world.shown.id) in found
    assert len(asked) == 1
    assert str(hidden) in asked[0]
    assert str(other) not in asked[0]


async def test_all_that_are_hidden_are_one_part_of_a_query_for_any(world: World, session: AsyncSession) -> None:
    """However many: OpenSearch takes no query of more than 1,024 parts."""
    clause = compile_opensearch(await unnamed(session, lead(world), read("alert_id:*")))
    exists, without = clause["bool"]["filter"]
    assert exists == {"exists": {"field": "alert.id"}}
    hidden: list[UUID] = [alert.id for alert in world.hidden]
    assert without == {"bool": {"must_not": [{"terms": {"alert.id": sorted(map(str, hidden))}}]}}
