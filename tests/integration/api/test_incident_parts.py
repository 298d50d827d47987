"""Notes, tasks and the timeline of an incident: who may change what, what is kept, who is told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import AuditEntry, Incident, Notification, OutboxMessage
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, act, done, opened, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def put(page: Page, path: str, body: Any, seen: str = "*") -> Any:
    return await page.call("PUT", path, json=body, headers={"If-Match": seen})


async def patched(page: Page, path: str, body: Any, seen: str = "*") -> Any:
    return await page.call("PATCH", path, json=body, headers={"If-Match": seen})


async def version_of(session: AsyncSession, incident: dict[str, Any]) -> int:
    await session.rollback()
    return (await session.scalars(select(Incident.version).where(Incident.id == incident["id"]))).one()


async def test_a_note_is_versioned_and_tells_whom_it_names(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    ann = await make_person(session, acme, "viewer")
    ann_id, email = ann.id, ann.email
    incident = await opened(page)
    path = f"incidents/{incident['id']}/notes"
    before = await version_of(session, incident)
    note = (await page.post(path, {"body": f"Ask @{email}"})).json()
    assert note["mentions"] == [str(ann_id)]
    assert await version_of(session, incident) > before, "the document has the notes' text"
    assert (await shown(page, incident))["revision"] == 1, "a note is no edit of the incident"
    told = (await session.scalars(select(Notification).where(Notification.user_id == ann_id))).one()
    assert (told.kind, str(told.object_id)) == ("note.mention", incident["id"])
    mine = await put(page, f"{path}/{note['id']}", {"body": "Asked."}, seen='"1"')
    assert (mine.status_code, mine.json()["revision"]) == (200, 2)
    stale = await put(page, f"{path}/{note['id']}", {"body": "Lost?"}, seen='"1"')
    assert (stale.status_code, stale.json()["current"]["body"]) == (412, "Asked.")
    other = await page_of(api, await make_person(session, acme, "lead"))
    assert (await put(other, f"{path}/{note['id']}", {"body": "Mine"})).status_code == 403
    versions = (await page.get(f"{path}/{note['id']}")).json()["versions"]
    assert [(one["revision"], one["body"]) for one in versions] == [(1, f"Ask @{email}"), (2, "Asked.")]
    assert (await page.delete(f"{path}/{note['id']}", headers={"If-Match": "*"})).status_code == 204
    assert (await page.get(path)).json()["items"][0]["body"] == ""
    assert (await shown(page, incident))["counts"]["notes"] == 0


async def test_two_who_write_one_note_at_once(page: Page) -> None:
    incident = await opened(page)
    path = f"incidents/{incident['id']}/notes"
    note = (await page.post(path, {"body": "First"})).json()
    replies = await asyncio.gather(
        *(put(page, f"{path}/{note['id']}", {"body": f"By {one}"}, seen='"1"') for one in range(6))
    )
    assert sorted(reply.status_code for reply in replies) == [200, *[412] * 5]
    kept = next(reply.json() for reply in replies if reply.status_code == 200)
    assert all(reply.json()["current"] == kept for reply in replies if reply.status_code == 412)


async def test_tasks_in_their_order_until_they_are_done(page: Page, acme: Tenant, session: AsyncSession) -> None:
    ann = await make_person(session, acme, "analyst")
    incident = await opened(page)
    path = f"incidents/{incident['id']}/tasks"
    first = (await page.post(path, {"title": "Contain", "required": True, "assignee_id": str(ann.id)})).json()
    await page.post(path, {"title": "Report"})
    await page.post(path, {"title": "Look", "position": 0})
    listed = (await page.get(path, params={"limit": 2})).json()
    rest = (await page.get(path, params={"limit": 2, "cursor": listed["next_cursor"]})).json()
    assert [one["title"] for one in listed["items"] + rest["items"]] == ["Contain", "Look", "Report"]
    told = (await session.scalars(select(Notification).where(Notification.user_id == ann.id))).one()
    assert told.kind == "incident.assigned"
    assert (await act(page, incident, "close", CLOSING)).json()["missing"][0]["name"] == "Contain"
    one = f"{path}/{first['id']}"
    assert (await page.call("PATCH", one, json={"status": "done"})).status_code == 428
    done_task = (await patched(page, one, {"status": "done"}, seen='"1"')).json()
    me = (await page.get("auth/session")).json()["user"]["id"]
    assert (done_task["status"], done_task["done_by_id"], done_task["revision"]) == ("done", me, 2)
    again = (await patched(page, one, {"status": "in_progress"})).json()
    assert (again["done_at"], again["done_by_id"]) == (None, None)
    assert (await patched(page, one, {"title": "x"}, seen='"1"')).json()["current"]["status"] == "in_progress"
    await patched(page, one, {"status": "cancelled", "assignee_id": None})
    await done(page, incident, "close", CLOSING)
    assert (await page.post(path, {"title": "Late"})).json()["code"] == "incident_closed"


async def test_the_timeline_is_told_in_the_order_in_which_things_happened(page: Page, api: Api) -> None:
    incident = await opened(page)
    path = f"incidents/{incident['id']}/timeline"
    mail = (await page.post(path, {"message": "The mail came", "occurred_at": "2026-11-01T08:00:00Z"})).json()
    await page.post(path, {"message": "Somebody clicked", "occurred_at": "2026-11-01T09:00:00Z"})
    assert (await page.post(path, {"message": "x", "occurred_at": "2999-01-01T00:00:00Z"})).json()["code"] == "not_yet"
    listed = (await page.get(path, params={"limit": 2})).json()
    rest = (await page.get(path, params={"cursor": listed["next_cursor"]})).json()
    messages = [one["message"] for one in listed["items"] + rest["items"]]
    assert messages == ["The mail came", "Somebody clicked", "Incident #1 opened"]
    created = rest["items"][0]
    assert (await put(page, f"{path}/{created['id']}", {"message": "Never"})).status_code == 403
    changed = (await put(page, f"{path}/{mail['id']}", {"message": "The mail arrived"})).json()
    assert (changed["occurred_at"], changed["revision"]) == (mail["occurred_at"], 2)
    only = (await page.get(path, params={"kind": "observed"})).json()["items"]
    assert [one["message"] for one in only] == ["The mail arrived", "Somebody clicked"]
    unknown = await page.get(path, params={"kind": "observd"})
    assert unknown.status_code == 422
    assert "observed" in unknown.json()["errors"][0]["detail"]
    assert (await page.delete(f"{path}/{mail['id']}", headers={"If-Match": '"2"'})).status_code == 204
    assert (await shown(page, incident))["counts"]["entries"] == 2


async def test_every_change_is_audited_and_told(page: Page, session: AsyncSession) -> None:
    incident = await opened(page)
    base = f"incidents/{incident['id']}"
    note = (await page.post(f"{base}/notes", {"body": "a"})).json()
    task = (await page.post(f"{base}/tasks", {"title": "b"})).json()
    entry = (await page.post(f"{base}/timeline", {"message": "c"})).json()
    await put(page, f"{base}/notes/{note['id']}", {"body": "aa"})
    await patched(page, f"{base}/tasks/{task['id']}", {"title": "bb"})
    await put(page, f"{base}/timeline/{entry['id']}", {"message": "cc"})
    rows = select(AuditEntry).where(AuditEntry.object_id == incident["id"]).order_by(AuditEntry.id)
    entries = (await session.scalars(rows)).all()
    assert [one.action.removeprefix("incident.") for one in entries] == [
        "created", "noted", "task_added", "entry_added", "note_rewritten", "task_changed", "entry_changed",
    ]  # fmt: skip
    assert entries[5].changes == {"title": ["b", "bb"]}
    told = select(OutboxMessage).where(OutboxMessage.kind == "incident")
    assert sum(str(one.ids[0]) == incident["id"] for one in await session.scalars(told)) == 7


async def test_a_post_sent_twice_is_done_once(page: Page) -> None:
    incident = await opened(page)
    for path, body in (("notes", {"body": "a"}), ("tasks", {"title": "a"}), ("timeline", {"message": "a"})):
        url, headers = f"incidents/{incident['id']}/{path}", {"Idempotency-Key": f"key-{path}"}
        first, second = [await page.post(url, body, headers=headers) for _ in range(2)]
        assert first.json() == second.json()
        assert (await page.post(url, {**body, next(iter(body)): "b"}, headers=headers)).status_code == 409
    first, second = [
        await page.post("incidents", {"title": "Once"}, headers={"Idempotency-Key": "key"}) for _ in range(2)
    ]
    assert first.json() == second.json()
