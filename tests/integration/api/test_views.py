"""Saved views: one's own, and shared ones; changed under If-Match, by whom they belong to."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of

VIEW: dict[str, Any] = {"kind": "alert", "name": "Mine", "query": "assignee:me", "sort": "-risk", "columns": ["title"]}


async def someone(api: Api, tenant: Tenant, session: AsyncSession, role: str = "analyst") -> Page:
    return await page_of(api, await make_person(session, tenant, role))


async def names(page: Page) -> list[str]:
    return [view["name"] for view in (await page.get("views")).json()["items"]]


async def test_a_view_is_its_makers_until_a_lead_shares_one(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    mine, lead = await someone(api, acme, session), await someone(api, acme, session, "lead")
    stranger = await someone(api, other, session, "admin")
    made = await mine.post("views", VIEW)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in VIEW} == VIEW
    assert (await names(mine), await names(lead)) == (["Mine"], [])
    refused = await mine.post("views", VIEW | {"name": "All", "shared": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert (await lead.post("views", VIEW | {"name": "All", "shared": True})).status_code == 201
    assert (await names(mine), await names(lead), await names(stranger)) == (["Mine", "All"], ["All"], [])
    twice = await mine.post("views", VIEW)
    assert (twice.status_code, twice.json()["code"]) == (409, "view_name_taken")


async def test_the_same_key_keeps_one_view(api: Api, acme: Tenant, session: AsyncSession) -> None:
    mine = await someone(api, acme, session)
    first, again = [await mine.post("views", VIEW, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_changes_need_the_version_that_was_seen(api: Api, acme: Tenant, session: AsyncSession) -> None:
    mine, yours = await someone(api, acme, session), await someone(api, acme, session)
    made = await mine.post("views", VIEW)
    view = made.json()
    path = f"views/{view['id']}"
    shown = await mine.get(path)
    assert (shown.json(), shown.headers["etag"], made.headers["etag"]) == (view, '"1"', '"1"')
    assert (await mine.call("PATCH", path, json={"name": "Ours"})).status_code == 428
    changed = await mine.call("PATCH", path, json={"name": "Ours", "sort": None}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["name"], changed.json()["sort"], changed.json()["query"]) == ("Ours", None, VIEW["query"])
    stale = await mine.call("PATCH", path, json={"name": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Ours")
    for method, headers in (("GET", {}), ("PATCH", {"If-Match": '"2"'}), ("DELETE", {})):
        reply = await yours.call(method, path, json={"name": "x"} if method == "PATCH" else None, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (404, "view_not_found")
    assert (await mine.delete(path)).status_code == 204
    assert await names(mine) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": "severity:purple"},
        {"name": " "},
        {"kind": "sensor"},
        {"query": "(a OR"},
        {"sort": "-riks"},
        {"columns": ["title", "titel"]},
        {"kind": "event", "query": "", "columns": ["risk"], "sort": None},
        {"kind": "event", "query": "", "sort": "-risk"},
    ],
)
async def test_what_could_not_be_asked_is_not_kept(
    api: Api, acme: Tenant, session: AsyncSession, wrong: dict[str, Any]
) -> None:
    page = await someone(api, acme, session)
    assert (await page.post("views", VIEW | wrong)).status_code == 422
    assert await names(page) == []


async def test_what_no_list_shows_is_not_kept_later_either(api: Api, acme: Tenant, session: AsyncSession) -> None:
    page = await someone(api, acme, session)
    columns = ["assignee_id", "Source.IP", "title"]
    made = (await page.post("views", VIEW | {"columns": columns})).json()
    assert made["columns"] == columns, "members of rows and fields of queries"
    event = {"kind": "event", "name": "Events", "query": "", "columns": ["time", "sensor.alert.gid"]}
    assert (await page.post("views", event)).status_code == 201
    path, seen = f"views/{made['id']}", {"If-Match": "*"}
    for wrong, code in (({"sort": "riks"}, "bad_sort"), ({"columns": ["titel"]}, "unknown_column")):
        reply = await page.call("PATCH", path, json=wrong, headers=seen)
        assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert reply.json()["suggestions"] == ["title"]


async def test_a_machine_has_no_views(api: Api) -> None:
    reply = await api.post("views", VIEW)
    assert reply.status_code in (403, 409)
