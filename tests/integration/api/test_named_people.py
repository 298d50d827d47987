"""Who is named for work may do it, and sees what they are named in: others are refused, and the author is told."""

from collections.abc import AsyncIterator

import pytest
from httpx import Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared import ids
from shared.models import User
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, done, opened
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def bob(acme: Tenant, session: AsyncSession) -> User:
    """Another one."""
    return await make_person(session, acme, "analyst")


def refusal(reply: Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


def named_at(reply: Response) -> str:
    """The field that the refusal is about."""
    return str(reply.json()["errors"][0]["pointer"])


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_alerts_are_given_to_who_may_work_on_them(
    page: Page, acme: Tenant, session: AsyncSession, role: str
) -> None:
    alert, named = await make_alert(session, acme), str((await make_person(session, acme, role)).id)
    giving = {"assignee_id": named}
    one = await page.post(f"alerts/{alert.id}/assign", giving, headers={"If-Match": "*"})
    many = await page.post("alerts/bulk", {"ids": [str(alert.id)], "action": {"type": "assign", **giving}})
    for reply, at in ((one, "#/assignee_id"), (many, "#/action/assignee_id")):
        assert (*refusal(reply), named_at(reply)) == (422, "person_may_not", at)
        assert reply.json()["detail"] == f"Their role {role} lacks the permission alerts:write."


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_work_is_given_to_who_may_do_it(page: Page, acme: Tenant, session: AsyncSession, role: str) -> None:
    named = str((await make_person(session, acme, role)).id)
    incident = await opened(page)
    tasks = f"incidents/{incident['id']}/tasks"
    task = (await page.post(tasks, {"title": "Look"})).json()
    handover = (await page.post("handovers", {"shift": "Night"})).json()
    whatever = {"If-Match": "*"}
    for reply in (
        await page.post("incidents", {"title": "Another", "assignee_id": named}),
        await act(page, incident, "assign", {"assignee_id": named}),
        await page.post(tasks, {"title": "Look there", "assignee_id": named}),
        await page.call("PATCH", f"{tasks}/{task['id']}", json={"assignee_id": named}, headers=whatever),
        await page.post("handovers", {"shift": "Day", "incoming_id": named}),
        await page.call("PATCH", f"handovers/{handover['id']}", json={"incoming_id": named}, headers=whatever),
    ):
        assert refusal(reply) == (422, "person_may_not")
        assert role in reply.json()["detail"]
        assert named_at(reply) in {"#/assignee_id", "#/incoming_id"}


async def test_nobody_is_nobody_of_the_organization(page: Page) -> None:
    reply = await act(page, await opened(page), "assign", {"assignee_id": str(ids.uuid7())})
    assert (*refusal(reply), named_at(reply)) == (422, "unknown_person", "#/assignee_id")
    assert "alert" not in reply.json()["detail"]


async def test_a_task_in_confidence_is_for_a_member(page: Page, bob: User) -> None:
    incident = await opened(page, restricted=True)
    tasks, his = f"incidents/{incident['id']}/tasks", {"title": "Look", "assignee_id": str(bob.id)}
    task = (await page.post(tasks, {"title": "Look"})).json()
    changing = {"json": {"assignee_id": str(bob.id)}, "headers": {"If-Match": "*"}}
    for reply in (await page.post(tasks, his), await page.call("PATCH", f"{tasks}/{task['id']}", **changing)):
        assert (*refusal(reply), reply.json()["user_id"]) == (409, "not_a_member", str(bob.id))
    await page.post(f"incidents/{incident['id']}/members", {"user_id": str(bob.id)})
    assert (await page.post(tasks, his)).status_code == 201
    assert (await page.call("PATCH", f"{tasks}/{task['id']}", **changing)).status_code == 200


async def test_a_mention_in_confidence_is_of_a_member(page: Page, bob: User) -> None:
    incident = await opened(page)
    notes, naming = f"incidents/{incident['id']}/notes", {"body": f"Ask @{bob.email}."}
    early = (await page.post(notes, naming)).json()
    await done(page, incident, "restrict", {"restricted": True})
    note = (await page.post(notes, {"body": "Ask whom?"})).json()
    whatever = {"If-Match": "*"}
    for reply in (
        await page.post(notes, naming),
        await page.call("PUT", f"{notes}/{note['id']}", json=naming, headers=whatever),
    ):
        assert (*refusal(reply), reply.json()["user_id"]) == (409, "not_a_member", str(bob.id))
    kept = (await page.get(notes)).json()["items"]
    assert [one["body"] for one in kept] == [naming["body"], "Ask whom?"]
    again = {"body": f"Please ask @{bob.email}."}
    mended = await page.call("PUT", f"{notes}/{early['id']}", json=again, headers=whatever)
    assert mended.status_code == 200, "he was told before"
    await page.post(f"incidents/{incident['id']}/members", {"user_id": str(bob.id)})
    assert (await page.post(notes, naming)).status_code == 201
