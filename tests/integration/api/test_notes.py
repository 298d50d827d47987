"""Notes and snoozes: what is written is kept in every version, what is put off is so for one person alone."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.models import Alert, AlertNoteVersion, AuditEntry
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    yield await page_of(api, await make_person(session, acme))


@pytest.fixture
async def colleague(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    yield await page_of(api, await make_person(session, acme))


async def queue(page: Page, **params: Any) -> set[str]:
    return {alert["id"] for alert in (await page.get("alerts", params=params)).json()["items"]}


async def test_a_note_and_all_its_versions(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    path = f"alerts/{alert.id}/notes"
    note = (await page.post(path, {"body": " first "})).json()
    assert (note["body"], note["revision"]) == ("first", 1)
    reply = await page.call("PUT", f"{path}/{note['id']}", json={"body": "second"}, headers={"If-Match": '"1"'})
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"')
    stale = await page.call("PUT", f"{path}/{note['id']}", json={"body": "third"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["body"]) == (412, "second")
    assert (await page.delete(f"{path}/{note['id']}", headers={"If-Match": "*"})).status_code == 204
    shown = (await page.get(f"{path}/{note['id']}")).json()
    assert (shown["body"], [version["body"] for version in shown["versions"]]) == ("", ["first", "second", ""])
    assert len((await page.get(path)).json()["items"]) == 1


async def test_a_note_raises_the_version_and_not_the_revision(page: Page, acme: Tenant, session: AsyncSession) -> None:
    """The alert's document has the notes in it; who edits the alert is not disturbed by them."""
    alert = await make_alert(session, acme)
    await page.post(f"alerts/{alert.id}/notes", {"body": "seen"})
    await session.refresh(alert)
    assert (alert.version, alert.revision) == (2, 1)


async def test_ones_note_is_ones_own(page: Page, colleague: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    path = f"alerts/{alert.id}/notes"
    note = (await page.post(path, {"body": "mine"})).json()
    reply = await colleague.call("PUT", f"{path}/{note['id']}", json={"body": "yours"}, headers={"If-Match": "*"})
    assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")
    assert (await colleague.get(f"{path}/{note['id']}")).status_code == 200


async def test_who_is_mentioned_works_there(page: Page, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    here, there = await make_person(session, acme), await make_person(session, other)
    body = f"@{here.email.upper()}, and @{there.email}; not mail@{here.email} nor @nobody@example.org"
    note = (await page.post(f"alerts/{alert.id}/notes", {"body": body})).json()
    assert note["mentions"] == [str(here.id)]


async def test_a_request_sent_twice_writes_once(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    path, key = f"alerts/{alert.id}/notes", {"Idempotency-Key": "k1"}
    first = await page.post(path, {"body": "once"}, headers=key)
    second = await page.post(path, {"body": "once"}, headers=key)
    assert first.json() == second.json()
    other = await page.post(path, {"body": "another"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len((await session.scalars(select(AlertNoteVersion.revision))).all()) >= 1
    assert len((await page.get(path)).json()["items"]) == 1


@pytest.mark.parametrize("body", ["", "  ", "x" * 20_001, "a\0b", "\ud800"])
async def test_what_is_no_note(page: Page, acme: Tenant, session: AsyncSession, body: str) -> None:
    alert = await make_alert(session, acme)
    content = json.dumps({"body": body})
    headers = {"Content-Type": "application/json"}
    reply = await page.call("POST", f"alerts/{alert.id}/notes", content=content, headers=headers)
    assert reply.status_code == 422


async def test_what_one_puts_off_others_see(page: Page, colleague: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme, count=3)
    until = clock.isoformat(clock.now() + timedelta(hours=2))
    reply = await page.call("PUT", f"alerts/{alert.id}/snooze", json={"until": until})
    assert (reply.status_code, reply.json()["until_event"]) == (200, False)
    assert await queue(page) == set()
    assert await queue(page, snoozed=True) == await queue(colleague) == {str(alert.id)}
    for _ in range(2):
        assert (await page.delete(f"alerts/{alert.id}/snooze")).status_code == 204
    assert await queue(page) == {str(alert.id)}
    told = await session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == alert.id))
    assert sorted(told) == ["alert.snoozed", "alert.woken"]


@pytest.mark.parametrize(
    ("until_event", "change", "back"),
    [
        (False, {"count": 9}, False),
        (True, {"count": 9}, True),
        (False, {"severity": 5}, True),
        (True, {"title": "x"}, False),
    ],
)
async def test_a_snooze_ends_early_on_what_it_waits_for(
    page: Page, acme: Tenant, session: AsyncSession, *, until_event: bool, change: dict[str, Any], back: bool
) -> None:
    alert = await make_alert(session, acme, count=3)
    until = clock.isoformat(clock.now() + timedelta(days=7) - timedelta(minutes=1))
    await page.call("PUT", f"alerts/{alert.id}/snooze", json={"until": until, "until_event": until_event})
    await session.execute(update(Alert).where(Alert.id == alert.id).values(**change))
    await session.commit()
    assert await queue(page) == ({str(alert.id)} if back else set())


@pytest.mark.parametrize("hours", [-1, 24 * 7 + 1])
async def test_a_snooze_ends_within_a_week(page: Page, acme: Tenant, session: AsyncSession, hours: int) -> None:
    alert = await make_alert(session, acme)
    until = clock.isoformat(clock.now() + timedelta(hours=hours))
    reply = await page.call("PUT", f"alerts/{alert.id}/snooze", json={"until": until})
    assert (reply.status_code, reply.json()["code"]) == (422, "bad_snooze")
