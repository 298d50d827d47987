"""Closing and merging write all alerts of an incident in a statement for many, and leave what one by one would."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import triage
from shared.models import Alert, AuditEntry, OutboxMessage
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, alerts_of, done, opened, opened_of
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
def updates() -> Iterator[list[str]]:
    """The statements that wrote to alerts."""
    found: list[str] = []

    def keep(*given: Any) -> None:
        if given[2].startswith("UPDATE alerts"):
            found.append(given[2])

    event.listen(Engine, "before_cursor_execute", keep)
    yield found
    event.remove(Engine, "before_cursor_execute", keep)


async def numbers(session: AsyncSession, alerts: list[Alert]) -> list[tuple[int, int]]:
    for alert in alerts:
        await session.refresh(alert)
    return [(alert.revision, alert.version) for alert in alerts]


async def entries(session: AsyncSession, alerts: list[Alert], action: str) -> list[AuditEntry]:
    wanted = (AuditEntry.object_id.in_([one.id for one in alerts]), AuditEntry.action == action)
    return list(await session.scalars(select(AuditEntry).where(*wanted).order_by(AuditEntry.id)))


async def test_closing_writes_all_alerts_that_change_alike_at_once(
    *, page: Page, acme: Tenant, session: AsyncSession, updates: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "CHUNK", 3)
    alerts = [*await alerts_of(session, acme, 5), await make_alert(session, acme, title="Once more")]
    incident = await opened_of(page, *alerts)
    alerts[5].again = True
    await session.commit()
    before = await numbers(session, alerts)
    updates.clear()
    await done(page, incident, "close", CLOSING)
    assert len(updates) == 3, "of three, of two, and of the one that changed otherwise"
    after = await numbers(session, alerts)
    assert [revision for revision, _ in after] == [revision + 1 for revision, _ in before]
    assert all(now > then for (_, then), (_, now) in zip(before, after, strict=True)), "their documents follow"
    for alert in alerts:
        assert (alert.status, alert.verdict, alert.reason) == ("closed", "true_positive", "attack")
        assert (alert.closed_at is not None, alert.closed_by_id is not None, alert.again) == (True, True, False)
    closed = await entries(session, alerts, "alert.closed")
    assert {one.object_id for one in closed} == {one.id for one in alerts}
    assert all(one.changes["status"] == ["acknowledged", "closed"] for one in closed)
    told = await session.scalars(
        select(OutboxMessage).where(OutboxMessage.organization_id == acme.id).order_by(OutboxMessage.id)
    )
    last = [set(one.ids) for one in told if one.kind == "alert"][-1]
    assert last == {one.id for one in alerts}


async def test_merging_writes_all_alerts_of_a_source_at_once(
    page: Page, acme: Tenant, session: AsyncSession, updates: list[str]
) -> None:
    alerts = await alerts_of(session, acme, 4)
    target, source = await opened(page), await opened_of(page, *alerts)
    before = await numbers(session, alerts)
    for action, body in (("merge", {"incident_ids": [source["id"]]}), ("unmerge", {"incident_id": source["id"]})):
        updates.clear()
        await done(page, target, action, body)
        assert len(updates) == 1
    after = await numbers(session, alerts)
    assert [revision for revision, _ in after] == [revision + 2 for revision, _ in before]
    assert {str(one.incident_id) for one in alerts} == {source["id"]}
    assert len(await entries(session, alerts, "alert.linked")) == 4 * 3
