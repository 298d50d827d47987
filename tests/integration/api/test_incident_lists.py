"""Lists of incidents: filters, orders, queries and facets, without and with OpenSearch."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import IncidentObservable, Observable
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, act, done, opened
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def titles(page: Page, **params: Any) -> list[str]:
    reply = await page.get("incidents", params=params)
    assert reply.status_code == 200, reply.text
    return [one["title"] for one in reply.json()["items"]]


async def test_the_queue_is_the_unfinished_in_order_of_severity(page: Page) -> None:
    low, high, gone = [await opened(page, title=title, severity=severity) for title, severity in QUEUED]
    await done(page, gone, "close", CLOSING)
    assert await titles(page) == ["high", "low"]
    assert await titles(page, status=["closed"]) == ["gone"]
    assert await titles(page, sort="number") == ["low", "high"]
    assert await titles(page, min_severity=4) == ["high"]
    assert await titles(page, updated_since=low["updated_at"], sort="updated_at") == ["low", "high", "gone"]
    assert (await page.get("incidents", params={"sort": "title"})).json()["code"] == "bad_sort"
    assert high["number"] == 2


async def test_a_row_shows_that_a_review_is_asked_for(page: Page, acme: Tenant, session: AsyncSession) -> None:
    waiting, _ = await opened(page, severity=5, title="waits"), await opened(page, severity=3, title="does not")
    await done(page, waiting, "transition", {"to": "resolved"})
    await done(page, waiting, "review", CLOSING)
    rows = (await page.get("incidents", params={"status": ["resolved", "open"]})).json()["items"]
    assert [(one["title"], one["status"]) for one in rows] == [("waits", "resolved"), ("does not", "open")]
    asked, none = (one["review"] for one in rows)
    assert (asked["verdict"], asked["asked_by_id"]) == ("true_positive", waiting["reporter_id"])
    assert asked["asked_at"] >= waiting["created_at"]
    assert none is None
    await done(page, waiting, "review/withdraw")
    (row,) = (await page.get("incidents", params={"query": "title:waits", "status": ["resolved"]})).json()["items"]
    assert row["review"] is None


QUEUED = (("low", 2), ("high", 4), ("gone", 3))


@pytest.mark.parametrize("sort", [None, "-severity", "number", "-updated_at", "alerts_count"])
async def test_pages_hold_each_once(page: Page, sort: str | None) -> None:
    for number in range(7):
        await opened(page, title=str(number), severity=1 + number % 3)
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2, "sort": sort, "cursor": cursor}
        reply = (await page.get("incidents", params={k: v for k, v in params.items() if v is not None})).json()
        seen += [one["title"] for one in reply["items"]]
        if (cursor := reply["next_cursor"]) is None:
            break
    assert sorted(seen) == [str(one) for one in range(7)]


@pytest.fixture
async def three(page: Page, acme: Tenant, session: AsyncSession) -> dict[str, dict[str, Any]]:
    """Three incidents that differ in everything that can be asked for."""
    return await differ(page, acme, session)


async def differ(page: Page, acme: Tenant, session: AsyncSession) -> dict[str, Any]:
    mail = await opened(page, title="Phishing mail", summary="Ann clicked on it.", severity=3, tags=["phishing"])
    disk = await opened(page, title="Encrypted disk", severity=5, tlp="green")
    door = await opened(page, title="Open door", severity=2, tags=["Building"])
    await page.post(f"incidents/{door['id']}/notes", {"body": "The janitor knows of it"})
    await done(page, disk, "transition", {"to": "contained"})
    address = Observable(organization_id=acme.id, type="ip", value="203.0.113.77")
    session.add(address)
    await session.flush()
    session.add(IncidentObservable(organization_id=acme.id, incident_id=disk["id"], observable_id=address.id))
    await session.commit()
    return {"mail": mail, "disk": disk, "door": door}


ASKED = [
    ("severity:>=high", {"Encrypted disk"}),
    ("status:open", {"Phishing mail", "Open door"}),
    ("tags:building", {"Open door"}),
    ("title:phishing", {"Phishing mail"}),
    ("summary:clicked", {"Phishing mail"}),
    ("notes:janitor", {"Open door"}),
    ("clicked", {"Phishing mail"}),
    ("observable.ip:203.0.113.0/24", {"Encrypted disk"}),
    ("observable:203.0.113.77", {"Encrypted disk"}),
    ("assignee:me", {"Encrypted disk"}),
    ("tlp:green AND NOT number:9", {"Encrypted disk"}),
    ("contained_at:>=2026-01-01", {"Encrypted disk"}),
    ("number:1", {"Phishing mail"}),
    ("NOT severity:critical", {"Phishing mail", "Open door"}),
]


@pytest.mark.parametrize(("query", "wanted"), ASKED)
async def test_queries_without_opensearch(page: Page, three: dict[str, Any], query: str, wanted: set[str]) -> None:
    reply = (await page.get("incidents", params={"query": query, "with_total": True})).json()
    assert {one["title"] for one in reply["items"]} == wanted
    assert (reply["total"], reply["degraded"]) == (len(wanted), "OpenSearch is away")


@pytest.fixture
async def whole_page(whole_api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """The same where OpenSearch finds."""
    return await page_of(whole_api, await make_person(session, acme, "analyst"))


async def test_opensearch_finds_and_counts_the_same(
    whole_page: Page, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    three = await differ(whole_page, acme, session)
    await findable(incidents=[UUID(one["id"]) for one in three.values()])
    for query, wanted in ASKED:
        reply = (await whole_page.get("incidents", params={"query": query, "with_total": True})).json()
        assert {one["title"] for one in reply["items"]} == wanted, query
        assert (reply["total"], reply["degraded"]) == (len(wanted), None), query
    by_rows = (await whole_page.get("incidents/facets")).json()
    by_search = (await whole_page.get("incidents/facets", params={"query": "number:>0"})).json()
    assert by_search == by_rows
    assert by_search["facets"]["tags"] == [{"value": "Building", "count": 1}, {"value": "phishing", "count": 1}]


async def test_a_document_that_does_not_know_yet_that_it_is_restricted_is_in_no_count(
    whole_api: Api, whole_page: Page, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    stranger = await page_of(whole_api, await make_person(session, acme, "lead"))
    secret = await opened(whole_page, title="Secretive", tags=["secretive"])
    await findable(incidents=[UUID(secret["id"])])
    asked = {"query": "title:secretive"}
    assert "secretive" in (await stranger.get("incidents/facets", params=asked)).text
    await done(whole_page, secret, "restrict", {"restricted": True})
    reply = (await stranger.get("incidents/facets", params=asked)).json()
    assert (reply["degraded"], reply["total"], reply["facets"]["tags"]) == (None, 0, [])
    listed = (await stranger.get("incidents", params=asked | {"with_total": True})).json()
    assert (listed["degraded"], listed["total"], listed["items"]) == (None, 0, [])
    assert "secretive" in (await whole_page.get("incidents/facets", params=asked)).text


async def test_an_unknown_field_is_named(page: Page) -> None:
    reply = await page.get("incidents", params={"query": "sevrity:5"})
    assert (reply.status_code, reply.json()["suggestions"]) == (422, ["severity"])


async def test_facets_count_what_the_query_finds(page: Page, three: dict[str, Any]) -> None:
    counted = (await page.get("incidents/facets")).json()
    assert counted["total"] == 3
    assert counted["facets"]["status"] == [{"value": "open", "count": 2}, {"value": "contained", "count": 1}]
    assert counted["facets"]["tags"] == [{"value": "Building", "count": 1}, {"value": "phishing", "count": 1}]
    some = (await page.get("incidents/facets", params={"query": "tags:*", "field": ["severity"]})).json()
    assert some["facets"] == {"severity": [{"value": 2, "count": 1}, {"value": 3, "count": 1}]}
    again = (
        await page.get("incidents/facets", params={"query": "tags:*", "field": ["severity", "tlp", "severity"]})
    ).json()
    assert again["facets"]["severity"] == some["facets"]["severity"]


async def test_no_trace_of_a_restricted_one(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    stranger = await page_of(api, await make_person(session, acme, "lead"))
    secret = await opened(page, title="Secretive", restricted=True, tags=["secretive"])
    for path in ("incidents", "incidents/facets"):
        for params in ({}, {"query": "title:secretive"}, {"query": "tags:secretive"}):
            for who in (stranger, api):
                assert "ecretive" not in (await who.get(path, params=params)).text
            assert "ecretive" in (await page.get(path, params=params)).text
    assert (await act(stranger, secret, "assign", {"assignee_id": None})).status_code == 404


async def test_a_view_of_incidents_is_kept(page: Page) -> None:
    view = {"kind": "incident", "name": "Mine", "query": "assignee:me", "sort": "-updated_at", "columns": ["number"]}
    assert (await page.post("views", view)).status_code == 201
    bad = await page.post("views", view | {"name": "Bad", "query": "rule.id:1"})
    assert (bad.status_code, bad.json()["code"]) == (422, "unknown_field")
    assert (await page.post("views", view | {"name": "Bad", "sort": "risk"})).json()["code"] == "bad_sort"
