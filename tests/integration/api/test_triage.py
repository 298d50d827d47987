"""What people do to alerts over the API: moves, their preconditions, what they leave behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from shared.models import Alert, AuditEntry, CloseReason, OutboxMessage
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of

CLOSING = {"verdict": "false_positive", "reason": "known_good"}


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def act(page: Page, alert: Alert | UUID, action: str, body: Any = None, *, seen: str = "*") -> Any:
    alert_id = alert.id if isinstance(alert, Alert) else alert
    return await page.post(f"alerts/{alert_id}/{action}", body, headers={"If-Match": seen})


async def test_from_new_to_closed_and_back(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme, count=7)
    me = (await page.get("auth/session")).json()["user"]["id"]
    taken = (await act(page, alert, "acknowledge")).json()
    assert (taken["status"], taken["assignee_id"], taken["revision"]) == ("acknowledged", me, 2)
    assert (await act(page, alert, "start")).json()["status"] == "in_progress"
    assert (await act(page, alert, "severity", {"severity": 5})).json()["risk"] == 100
    assert (await act(page, alert, "tags", {"add": ["vpn", "vpn", "hq"]})).json()["tags"] == ["vpn", "hq"]
    assert (await act(page, alert, "tags", {"remove": ["hq", "none"]})).json()["tags"] == ["vpn"]
    closed = (await act(page, alert, "close", CLOSING)).json()
    assert (closed["status"], closed["verdict"], closed["reason"]) == ("closed", "false_positive", "known_good")
    detail = (await page.get(f"alerts/{alert.id}")).json()
    assert detail["quiet_until"] > detail["closed_at"]
    assert (detail["closed_by_id"], detail["acknowledged_by_id"]) == (me, me)
    for action, body in (("acknowledge", None), ("assign", {"assignee_id": None}), ("close", CLOSING)):
        reply = await act(page, alert, action, body)
        assert (reply.status_code, reply.json()["code"]) == (409, "alert_closed")
    again = (await act(page, alert, "reopen")).json()
    assert (again["status"], again["verdict"], again["closed_at"]) == ("new", None, None)
    entries = (
        await session.scalars(select(AuditEntry).where(AuditEntry.object_id == alert.id).order_by(AuditEntry.id))
    ).all()
    assert [entry.action.removeprefix("alert.") for entry in entries] == [
        "acknowledged", "started", "severity_set", "tagged", "tagged", "closed", "reopened",
    ]  # fmt: skip
    assert entries[0].changes["status"] == ["new", "acknowledged"]
    assert entries[5].changes["verdict"] == [None, "false_positive"]
    assert {entry.actor_name for entry in entries} == {(await page.get("auth/session")).json()["user"]["name"]}
    told = await session.scalars(select(OutboxMessage.ids).where(OutboxMessage.organization_id == acme.id))
    assert [list(one) for one in told] == [[alert.id]] * 7


async def test_what_changes_nothing_leaves_nothing(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    for _ in range(2):
        reply = await act(page, alert, "tags", {"remove": ["none"]})
        assert (reply.status_code, reply.headers["etag"]) == (200, '"1"')
    assert (await session.scalars(select(AuditEntry).where(AuditEntry.object_id == alert.id))).all() == []


async def test_a_change_is_made_to_what_its_caller_saw(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    path = f"alerts/{alert.id}/acknowledge"
    needed = await page.post(path)
    assert (needed.status_code, needed.json()["code"]) == (428, "if_match_needed")
    odd = await page.post(path, headers={"If-Match": "x"})
    assert (odd.status_code, odd.json()["code"]) == (422, "bad_if_match")
    assert '"3"' in odd.json()["detail"]
    tag = (await page.get(f"alerts/{alert.id}")).headers["etag"]
    assert (await act(page, alert, "acknowledge", seen=tag)).status_code == 200
    stale = await act(page, alert, "tags", {"add": ["x"]}, seen=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale.json()["current"]["status"] == "acknowledged"


async def test_a_fold_meanwhile_is_no_conflict(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    tag = (await page.get(f"alerts/{alert.id}")).headers["etag"]
    alert.count += 1
    await session.commit()
    reply = await act(page, alert, "acknowledge", seen=tag)
    assert (reply.status_code, reply.json()["count"]) == (200, 1)


async def test_who_is_late_is_told_while_others_hold_the_alert(
    page: Page, acme: Tenant, session: AsyncSession, database: Postgres
) -> None:
    alert = await make_alert(session, acme)
    await act(page, alert, "acknowledge")
    async with database.connect() as holder, holder.transaction(), asyncio.timeout(10):
        await holder.fetch("SELECT id FROM alerts WHERE id = $1 FOR UPDATE", alert.id)
        stale = await act(page, alert, "tags", {"add": ["x"]}, seen='"1"')
    assert (stale.status_code, stale.json()["current"]["revision"]) == (412, 2)


async def test_of_edits_at_once_each_is_kept_or_told(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    replies = await asyncio.gather(*(act(page, alert, "tags", {"add": [f"t{n}"]}, seen='"1"') for n in range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] + [412] * 7
    free = await asyncio.gather(*(act(page, alert, "tags", {"add": [f"u{n}"]}) for n in range(8)))
    assert {reply.status_code for reply in free} == {200}
    tags = (await page.get(f"alerts/{alert.id}")).json()["tags"]
    assert {f"u{n}" for n in range(8)} < set(tags)


async def test_a_successor_that_is_open_stands_in_the_way(page: Page, acme: Tenant, session: AsyncSession) -> None:
    first = await make_alert(session, acme, status="closed", current=False, closed_at=clock.now())
    key = {"fingerprint": first.fingerprint, "fold_window": first.fold_window, "previous_alert_id": first.id}
    second = await make_alert(session, acme, **key)
    reply = await act(page, first, "reopen")
    assert (reply.status_code, reply.json()["code"]) == (409, "successor_open")
    assert reply.json()["successor_id"] == str(second.id)
    await act(page, second, "close", CLOSING)
    assert (await act(page, first, "reopen")).json()["status"] == "new"
    await session.refresh(first)
    await session.refresh(second)
    assert (first.current, second.current) == (True, False)
    told = await session.scalars(select(OutboxMessage.ids).where(OutboxMessage.organization_id == acme.id))
    assert [one for some in told for one in some] == [second.id, second.id, first.id], "the successor changed too"


async def test_who_it_is_given_to_works_there(page: Page, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    colleague, stranger = await make_person(session, acme), await make_person(session, other)
    gone = await make_person(session, acme, disabled_at=clock.now())
    assert (await act(page, alert, "assign", {"assignee_id": str(colleague.id)})).status_code == 200
    for person in (stranger.id, gone.id, ids.uuid7()):
        reply = await act(page, alert, "assign", {"assignee_id": str(person)})
        assert (reply.status_code, reply.json()["code"]) == (422, "unknown_person")
    assert (await act(page, alert, "assign", {"assignee_id": None})).json()["assignee_id"] is None


async def test_reasons_are_the_built_in_ones_and_the_organizations_own(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    own = {"verdict": "true_positive", "reason": "ransomware drill"}
    reply = await act(page, alert, "close", own)
    assert (reply.status_code, reply.json()["code"]) == (422, "unknown_reason")
    session.add(CloseReason(organization_id=acme.id, verdict=own["verdict"], name=own["reason"]))
    await session.commit()
    misspelt = await act(page, alert, "close", own | {"reason": "ransomware"})
    assert misspelt.json()["detail"].startswith("Expected one of: attack, policy_violation, misuse, ransomware drill.")
    assert (await act(page, alert, "close", own)).status_code == 200
    assert (await page.get(f"alerts/{alert.id}")).json()["quiet_until"] is None


async def test_who_may_only_read_is_told_and_who_may_not_sees_nothing(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    viewer = await page_of(api, await make_person(session, acme, "viewer"))
    reply = await act(viewer, alert, "acknowledge")
    assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")
    stranger = await page_of(api, await make_person(session, other, "admin"))
    assert (await act(stranger, alert, "acknowledge")).status_code == 404
    assert (await stranger.get(f"alerts/{alert.id}")).status_code == 404
