"""Alerts by query: OpenSearch finds, Postgres tells; without OpenSearch the same list, said to be degraded."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.settings import ApiSettings
from shared import clock
from shared.models import Alert, AlertNote, AlertObservable, Observable
from tests.integration.api.calling import Api, running
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import page_of
from tests.integration.api.test_alerts import walk

NOW = clock.now()


async def found(api: Api, query: str, **params: Any) -> list[str]:
    """The ids of a list by query, in their order."""
    return [alert["id"] for alert in await walk(api, "alerts", query=query, **params)]


def ids_of(alerts: Sequence[Alert]) -> list[UUID]:
    return [alert.id for alert in alerts]


async def test_words_addresses_severities_people_and_notes_find_alerts(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    person = await make_person(session, acme)
    brute = await make_alert(session, acme, title="SSH brute force", severity=4, risk=80, assignee_id=person.id)
    scan = await make_alert(session, acme, title="Port scan", severity=2, risk=40, tags=["edge"])
    address = Observable(organization_id=acme.id, type="ip", value="10.1.2.3")
    session.add(address)
    await session.flush()
    session.add(AlertObservable(alert_id=scan.id, observable_id=address.id, fields=["source.ip"]))
    session.add(AlertNote(alert_id=scan.id, organization_id=acme.id, author_name="x", body="asked the owner"))
    await session.commit()
    await findable(alerts=[brute.id, scan.id])
    expected = {
        "brute": [brute], "title:brute AND severity:>=high": [brute], "severity:low": [scan],
        "source.ip:10.0.0.0/8": [scan], "destination.ip:10.0.0.0/8": [], "10.1.2.3": [scan], "notes:owner": [scan],
        f"assignee:{person.email}": [brute], "NOT assignee:*": [scan], "tags:edge OR title:brute": [brute, scan],
    }  # fmt: skip
    for query, alerts in expected.items():
        page = (await whole_api.get("alerts", params={"query": query})).json()
        assert page["degraded"] is None
        assert [one["id"] for one in page["items"]] == [str(alert.id) for alert in alerts], query


async def test_what_changed_since_it_was_found_is_told_as_it_is(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    """The document says new, the row says closed: no list shows what is not so."""
    alerts = [await make_alert(session, acme, title="brute") for _ in range(3)]
    await findable(alerts=ids_of(alerts))
    alerts[1].status = "closed"
    alerts[2].severity = 5
    await session.commit()
    page = (await whole_api.get("alerts", params={"query": "status:new AND title:brute"})).json()
    assert {one["id"]: one["severity"] for one in page["items"]} == {str(alerts[0].id): 3, str(alerts[2].id): 5}


async def test_pages_are_the_same_with_and_without_opensearch_and_may_change_between(
    whole_api: Api, bare_settings: ApiSettings, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    """Ties on purpose, in each place of the order."""
    places = itertools.product((20, 60), (0, 1, 1, 2), range(3))
    made = [
        await make_alert(session, acme, risk=risk, title="brute", last_seen=NOW + timedelta(milliseconds=step))
        for risk, step, _ in places
    ]
    await findable(alerts=ids_of(made))
    async with running(bare_settings, acme.token) as away:
        for sort in ("-risk", "last_seen", "-last_seen", "risk", "-severity"):
            asked = {"query": "title:brute", "sort": sort, "limit": 7}
            everything = {str(alert.id) for alert in made}
            for first, second in ((whole_api, whole_api), (away, away), (whole_api, away), (away, whole_api)):
                page = (await first.get("alerts", params=asked)).json()
                walked = [one["id"] for one in page["items"]]
                walked += await found(second, "title:brute", sort=sort, limit=7, cursor=page["next_cursor"])
                assert len(walked) == len(set(walked)), (sort, "shown twice")
                assert set(walked) == everything, (sort, "left out")
        assert (await away.get("alerts", params={"query": "brute"})).json()["degraded"] == "OpenSearch is away"


async def test_another_organizations_alerts_are_found_by_no_query(
    whole_api: Api, acme: Tenant, other: Tenant, findable: Findable, session: AsyncSession
) -> None:
    mine = await make_alert(session, acme, title="brute")
    theirs = await make_alert(session, other, title="brute")
    await findable(alerts=[mine.id, theirs.id])
    for query in ("brute", f"id:{theirs.id} OR brute", f"organization_id:{other.id} OR brute", "NOT zebra"):
        assert await found(whole_api, query) == [str(mine.id)], query
    counted = (await whole_api.get("alerts", params={"query": "brute", "with_total": "true"})).json()
    assert counted["total"] == 1


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("title:", ""),
        ("severity:purple", "purple"),
        ("nosuchfield:1", "nosuchfield"),
        ("(a OR", ""),
        ("count:[1 TO", ""),
        ("host.name:" + "a*" * 9, "a*" * 9),
    ],
)
async def test_a_query_that_cannot_be_read_says_where(api: Api, query: str, marked: str) -> None:
    reply = await api.get("alerts", params={"query": query})
    assert reply.status_code == 422
    problem = reply.json()
    position, length = problem["position"], problem["length"]
    assert query[position : position + length] == marked
    assert marked or position == len(query), "what is missing is missing at the end"
    assert isinstance(problem["suggestions"], list)


async def test_what_is_put_off_is_left_out_for_that_person_alone(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme, title="brute")
    await findable(alerts=[alert.id])
    mine, yours = [await page_of(whole_api, await make_person(session, acme)) for _ in range(2)]
    until = (NOW + timedelta(hours=1)).isoformat()
    reply = await mine.call("PUT", f"alerts/{alert.id}/snooze", json={"until": until})
    assert reply.status_code == 200, reply.text
    asked = {"params": {"query": "brute"}}
    assert (await mine.get("alerts", **asked)).json()["items"] == []
    assert len((await yours.get("alerts", **asked)).json()["items"]) == 1
    assert len((await mine.get("alerts", params={"query": "brute", "snoozed": "true"})).json()["items"]) == 1
