"""An incident is locked with all that was merged into it, also with what comes to it while that is waited for."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import Select, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api.incidents import locking, queries
from shared.db.engine import create_engine, sessionmaker
from shared.models import Incident
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.incidents import opened
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of
from tests.waiting import until

BLOCKED = text("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def sessions(database: Postgres) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Connections of others."""
    engine = create_engine(database.url("api"), application_name="other")
    yield sessionmaker(engine)
    await engine.dispose()


async def ids_of(page: Page, count: int) -> list[UUID]:
    return [UUID((await opened(page))["id"]) for _ in range(count)]


async def merge(session: AsyncSession, source: UUID, target: UUID) -> None:
    """Lock both in the order of their ids, as everybody does, and make the one part of the other."""
    both = select(Incident.id).where(Incident.id.in_([source, target])).order_by(Incident.id)
    await session.execute(both.with_for_update())
    moved = update(Incident).where(Incident.id == source).values(status="merged", merged_into_id=target)
    await session.execute(moved.values(before_merge="open"))


def locked(incident_id: UUID) -> Select[UUID]:
    return select(Incident.id).where(Incident.id == incident_id).with_for_update()


async def free(session: AsyncSession, incident_ids: list[UUID]) -> set[UUID]:
    """Those of the incidents that nobody holds."""
    found = select(Incident.id).where(Incident.id.in_(incident_ids)).with_for_update(skip_locked=True)
    async with session.begin():
        return set(await session.scalars(found))


async def blocks(session: AsyncSession) -> bool:
    return bool(await session.scalar(BLOCKED))


@pytest.mark.parametrize("target", [0, 1])
async def test_what_is_merged_into_it_meanwhile_is_locked_too(
    *, page: Page, session: AsyncSession, sessions: async_sessionmaker[AsyncSession], target: int
) -> None:
    incidents = await ids_of(page, 3)
    whole, part = incidents[target], incidents[1 - target]
    await merge(session, part, whole)
    async with sessions() as holding, holding.begin(), sessions() as looking:
        waiting = asyncio.create_task(locking.hold(holding, [whole]))
        await until(lambda: blocks(session))
        await session.commit()
        await waiting
        assert await free(looking, incidents) == {incidents[2]}


async def test_what_came_late_is_waited_for_with_nothing_held(
    page: Page, session: AsyncSession, sessions: async_sessionmaker[AsyncSession]
) -> None:
    particle, part, whole = await ids_of(page, 3)
    await merge(session, particle, part)
    await session.commit()
    await merge(session, part, whole)
    async with sessions() as holding, holding.begin(), sessions() as third, third.begin():
        await third.execute(locked(particle))
        waiting = asyncio.create_task(locking.hold(holding, [whole]))
        await until(lambda: blocks(session))
        await session.commit()
        await until(lambda: blocks(third))
        assert await third.scalar(locked(whole)) == whole, "in the order of ids the third may go on"
        await third.commit()
        await waiting


async def test_what_never_comes_to_rest_is_given_up(
    page: Page, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    (incident_id,) = await ids_of(page, 1)
    monkeypatch.setattr(queries, "families", lambda _: select(text("gen_random_uuid()")))
    with pytest.raises(locking.Busy):
        await locking.hold(session, [incident_id])
