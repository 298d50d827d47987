"""A change that the database breaks off for the sake of others is begun anew, unseen by its caller, and done once."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import restarts
from shared import metrics
from shared.models import AuditEntry, Evidence, Incident, IncidentNote
from shared.retry import Backoff
from tests.integration.api.calling import Api
from tests.integration.api.incidents import opened
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of
from tests.waiting import until

BLOCKED = text("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")
BREAK_OFF = "DO $$ BEGIN RAISE EXCEPTION 'broken off' USING ERRCODE = '{}'; END $$"


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "PAUSE", Backoff(first=0.0))


@contextmanager
def broken_off(start: str, times: int, state: str = "40P01") -> Iterator[list[str]]:
    """The server ends the transaction instead of doing a statement that starts so, the first times; those it ended."""
    ended: list[str] = []

    def instead(*given: Any) -> tuple[str, Any]:
        statement, parameters = given[2:4]
        if not statement.startswith(start) or len(ended) >= times:
            return statement, parameters
        ended.append(statement)
        return BREAK_OFF.format(state), ()

    event.listen(Engine, "before_cursor_execute", instead, retval=True)
    try:
        yield ended
    finally:
        event.remove(Engine, "before_cursor_execute", instead)


async def notes(session: AsyncSession, incident: dict[str, Any]) -> list[str]:
    await session.rollback()
    found = select(IncidentNote.body).where(IncidentNote.incident_id == UUID(incident["id"]))
    return list(await session.scalars(found))


def begun_anew() -> float:
    return float(metrics.API_RESTARTS._value.get())


@pytest.mark.parametrize("state", ["40P01", "40001"])
async def test_what_is_broken_off_is_done_once(
    *, page: Page, session: AsyncSession, logged: list[MutableMapping[str, Any]], state: str
) -> None:
    incident, before = await opened(page), begun_anew()
    logged.clear()
    with broken_off("INSERT INTO audit_log", 2, state) as ended:
        reply = await page.post(f"incidents/{incident['id']}/notes", {"body": "Seen."})
    assert (reply.status_code, len(ended), begun_anew() - before) == (201, 2, 2)
    assert await notes(session, incident) == ["Seen."]
    told = select(AuditEntry.action).where(AuditEntry.object_id == UUID(incident["id"]))
    assert sorted(await session.scalars(told)) == ["incident.created", "incident.noted"]
    said = [one["event"] for one in logged if one["event"].startswith("request_")]
    assert said == ["request_begun_anew", "request_begun_anew", "request_answered"]


async def test_two_that_wait_for_each_other_both_get_on(page: Page, session: AsyncSession) -> None:
    incident, other = await opened(page), await opened(page)
    await session.execute(select(Incident.id).where(Incident.id == UUID(other["id"])).with_for_update())
    linking = asyncio.create_task(
        page.post(f"incidents/{incident['id']}/links", {"other_id": other["id"], "relation": "related"})
    )

    async def waits() -> bool:
        return bool(await session.scalar(BLOCKED))

    await until(waits)
    # Who waited first finds out first, and is broken off.
    await session.execute(select(Incident.id).where(Incident.id == UUID(incident["id"])).with_for_update())
    await session.commit()
    assert (await linking).status_code == 201


async def test_it_is_given_up_in_the_end(page: Page, session: AsyncSession) -> None:
    incident = await opened(page)
    with broken_off("INSERT INTO audit_log", 99) as ended:
        reply = await page.post(f"incidents/{incident['id']}/notes", {"body": "Seen."})
    assert (reply.status_code, reply.json()["code"]) == (503, "database_unavailable")
    assert reply.headers["retry-after"] == "1"
    assert len(ended) == restarts.MOST_RESTARTS + 1
    assert await notes(session, incident) == []


async def test_reading_and_other_trouble_are_answered_at_once(page: Page) -> None:
    incident = await opened(page)
    with broken_off("SELECT incidents.id, incidents.organization_id", 1) as ended:
        assert (await page.get(f"incidents/{incident['id']}")).status_code == 503
    with broken_off("INSERT INTO audit_log", 1, "53300") as refused:
        assert (await page.post(f"incidents/{incident['id']}/notes", {"body": "Seen."})).status_code == 503
    assert (len(ended), len(refused)) == (1, 1)


async def test_an_upload_is_answered_at_once(page: Page, session: AsyncSession) -> None:
    incident = await opened(page)
    path = f"incidents/{incident['id']}/evidence"
    with broken_off("INSERT INTO evidence ", 1) as ended:
        reply = await page.call("POST", path, content=b"bytes", params={"name": "a.bin"})
    assert (reply.status_code, len(ended)) == (503, 1)
    kept = select(Evidence.id).where(Evidence.incident_id == UUID(incident["id"]))
    assert (await session.scalars(kept)).all() == []


async def test_a_body_that_was_begun_is_read_to_its_end(page: Page, session: AsyncSession) -> None:
    incident = await opened(page)

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"body": ', b'"In ', b'pieces."}'):
            yield piece

    with broken_off("INSERT INTO audit_log", 1) as ended:
        reply = await page.call(
            "POST", f"incidents/{incident['id']}/notes", content=pieces(), headers={"Content-Type": "application/json"}
        )
    assert (reply.status_code, len(ended)) == (201, 1)
    assert await notes(session, incident) == ["In pieces."]
