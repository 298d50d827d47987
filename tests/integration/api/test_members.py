"""Who sees a restricted incident, also of what was merged into it, as members come and go."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import queries
from shared.models import AuditEntry, Incident, IncidentMember, Notification, OutboxMessage, User
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, done, opened, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def bob(acme: Tenant, session: AsyncSession) -> User:
    """Another one."""
    return await make_person(session, acme, "analyst")


async def a_chain(page: Page, **values: Any) -> list[dict[str, Any]]:
    """Three incidents: the last was merged into the second, and that into the first."""
    whole, part, particle = [await opened(page, **values) for _ in range(3)]
    await done(page, part, "merge", {"incident_ids": [particle["id"]]})
    await done(page, whole, "merge", {"incident_ids": [part["id"]]})
    return [whole, part, particle]


async def seen(page: Page, incidents: list[dict[str, Any]]) -> list[bool]:
    replies = [await page.get(f"incidents/{one['id']}") for one in incidents]
    assert {reply.status_code for reply in replies} <= {200, 404}
    return [reply.status_code == 200 for reply in replies]


async def let_in(page: Page, incident: dict[str, Any], person: User) -> None:
    reply = await page.post(f"incidents/{incident['id']}/members", {"user_id": str(person.id)})
    assert reply.status_code == 200, reply.text


async def let_go(page: Page, incident: dict[str, Any], person: User) -> None:
    reply = await page.delete(f"incidents/{incident['id']}/members/{person.id}")
    assert reply.status_code == 200, reply.text


async def versions(session: AsyncSession, incidents: list[dict[str, Any]]) -> list[int]:
    """What the documents of these incidents follow."""
    await session.commit()
    rows = await session.execute(select(Incident.id, Incident.version))
    known = {str(row.id): row.version for row in rows}
    return [known[one["id"]] for one in incidents]


async def told(session: AsyncSession, tenant: Tenant, incident: dict[str, Any]) -> int:
    """How often everybody was told that the incident changed."""
    of_it = (OutboxMessage.organization_id == tenant.id, OutboxMessage.ids.contains([UUID(incident["id"])]))
    return len((await session.scalars(select(OutboxMessage.id).where(*of_it))).all())


async def test_who_joins_or_leaves_the_whole_does_so_of_all_that_was_merged_into_it(
    page: Page, api: Api, session: AsyncSession, bob: User
) -> None:
    chain = await a_chain(page, restricted=True)
    his = await page_of(api, bob)
    assert await seen(his, chain) == [False] * 3
    before = await versions(session, chain)
    await let_in(page, chain[0], bob)
    assert await seen(his, chain) == [True] * 3
    between = await versions(session, chain)
    assert all(now > then for then, now in zip(before, between, strict=True)), "their documents follow"
    await let_go(page, chain[0], bob)
    assert await seen(his, chain) == [False] * 3
    assert await seen(page, chain) == [True] * 3
    assert all(now > then for then, now in zip(between, await versions(session, chain), strict=True))
    entries = await session.scalars(
        select(AuditEntry.details).where(
            AuditEntry.action == "incident.members_followed", AuditEntry.object_id == UUID(chain[2]["id"])
        )
    )
    assert [(one["added"], one["removed"]) for one in entries if str(bob.id) in str(one)] == [
        ([str(bob.id)], []), ([], [str(bob.id)]),
    ]  # fmt: skip


async def test_what_was_merged_has_no_members_of_its_own(page: Page, bob: User) -> None:
    _, part, _ = await a_chain(page, restricted=True)
    joining = await page.post(f"incidents/{part['id']}/members", {"user_id": str(bob.id)})
    leaving = await page.delete(f"incidents/{part['id']}/members/{part['reporter_id']}")
    for reply in (joining, leaving):
        assert (reply.status_code, reply.json()["code"]) == (409, "incident_merged")


async def test_what_is_opened_to_all_is_so_with_its_parts_but_for_red_ones(page: Page, api: Api, bob: User) -> None:
    chain = await a_chain(page)
    red = await opened(page, tlp="red")
    await done(page, chain[0], "merge", {"incident_ids": [red["id"]]})
    his = await page_of(api, bob)
    assert await seen(his, [*chain, red]) == [False] * 4
    path = f"incidents/{chain[0]['id']}"
    await page.call("PATCH", path, json={"tlp": "amber"}, headers={"If-Match": "*"})
    await done(page, chain[0], "restrict", {"restricted": False})
    assert await seen(his, [*chain, red]) == [True, True, True, False]
    await let_in(page, chain[0], bob)
    assert await seen(his, [red]) == [True], "its members are those of what it went into, though that is open"


async def test_what_comes_out_again_keeps_whom_the_whole_was_shown_to(page: Page, api: Api, bob: User) -> None:
    whole, part, particle = await a_chain(page, restricted=True)
    await let_in(page, whole, bob)
    his = await page_of(api, bob)
    await done(page, whole, "unmerge", {"incident_id": part["id"]})
    assert (await shown(page, part))["restricted"]
    assert await seen(his, [whole, part, particle]) == [True] * 3, "he has seen all of it"
    await let_go(page, whole, bob)
    assert await seen(his, [whole, part, particle]) == [False, True, True], "each for itself again"
    await let_go(page, part, bob)
    assert await seen(his, [part, particle]) == [False, False]


async def test_whose_it_becomes_sees_all_of_it_also_who_had_it_and_was_let_go(
    page: Page, api: Api, acme: Tenant, session: AsyncSession, bob: User
) -> None:
    chain = await a_chain(page, restricted=True)
    his = await page_of(api, bob)
    await done(page, chain[0], "assign", {"assignee_id": str(bob.id)})
    assert await seen(his, chain) == [True] * 3
    await let_go(page, chain[0], bob)
    assert await seen(his, chain) == [False] * 3
    (before, *_), heard = await versions(session, chain), await told(session, acme, chain[0])
    again = await act(page, chain[0], "assign", {"assignee_id": str(bob.id)})
    assert again.status_code == 200
    assert (await versions(session, chain))[0] > before, "its document has who may see it"
    assert await told(session, acme, chain[0]) == heard + 1
    assert await seen(his, chain) == [True] * 3


async def test_the_glass_of_a_part_is_that_of_the_whole(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    chain = await a_chain(page, restricted=True)
    lead = await page_of(api, await make_person(session, acme, "lead"))
    reply = await lead.post("incidents/break-glass", {"number": chain[2]["number"], "reason": "Nobody answers"})
    assert (reply.status_code, reply.json()["id"]) == (200, chain[0]["id"])
    assert await seen(lead, chain) == [True] * 3
    for one in chain:
        people = (await lead.get(f"incidents/{one['id']}/members")).json()
        assert [(m["broke_glass"], m["reason"]) for m in people] == [(False, None), (True, "Nobody answers")]
    broken = (Notification.kind == "incident.glass_broken", Notification.organization_id == acme.id)
    notices = await session.scalars(select(Notification.object_id).where(*broken))
    assert [str(one) for one in notices] == [chain[0]["id"]]


async def test_nobody_is_in_the_way_of_who_breaks_the_glass(
    page: Page, api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = await opened(page, restricted=True)
    bob, late = [await make_person(session, acme, "analyst") for _ in range(2)]
    monkeypatch.setattr(queries, "MAX_MEMBERS", 2)
    leads = [await make_person(session, acme, "lead") for _ in range(2)]
    pages = [await page_of(api, one) for one in leads]
    wanted = {"number": incident["number"], "reason": "Nobody answers"}
    for one in pages:
        assert (await one.post("incidents/break-glass", wanted)).status_code == 200
    await let_in(page, incident, bob)
    assert len((await page.get(f"incidents/{incident['id']}/members")).json()) == 4
    assert await seen(pages[1], [incident]) == [True]
    full = await page.post(f"incidents/{incident['id']}/members", {"user_id": str(late.id)})
    assert (full.status_code, full.json()["code"]) == (409, "too_many_members")
    other = await opened(page, restricted=True)
    merged = await done(page, other, "merge", {"incident_ids": [incident["id"]]})
    assert merged["restricted"]
    rows = await session.scalars(select(IncidentMember).where(IncidentMember.incident_id == UUID(other["id"])))
    assert sorted(one.broke_glass for one in rows) == [False, False, True, True], "they are counted apart there too"
    again = await pages[0].post("incidents/break-glass", wanted)
    assert again.json()["id"] == other["id"], "who is in is in"


async def test_the_timeline_names_whom_it_was_given_to_and_who_came_and_went(page: Page, bob: User) -> None:
    incident = await opened(page)
    await done(page, incident, "assign", {"assignee_id": str(bob.id)})
    path = f"incidents/{incident['id']}/members"
    await page.post(path, {"user_id": str(bob.id)})
    await page.delete(f"{path}/{bob.id}")
    timeline = (await page.get(f"incidents/{incident['id']}/timeline")).json()["items"]
    assert [one["message"] for one in timeline][1:] == [
        f"Assigned to {bob.name}",
        f"{bob.name} was added as a member",
        f"{bob.name} was removed as a member",
    ]
