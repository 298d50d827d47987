"""Alerts by query: OpenSearch finds, Postgres tells; without OpenSearch the same list, said to be degraded."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, Select, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts.columns import ADDRESS
from services.api.settings import ApiSettings
from shared import clock
from shared.models import Alert, AlertNote, AlertObservable, Observable, Snooze
from shared.query.parse import parse
from shared.query.to_sql import compile_sql, single
from shared.query.values import Reader
from shared.search.catalogue import ALERTS
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


async def test_who_waits_for_opensearch_keeps_no_connection(
    bare_settings: ApiSettings, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make_person(session, acme)
    asked, answers = asyncio.Queue[None](), asyncio.Event()

    async def slow(**_: Any) -> Any:
        asked.put_nowait(None)
        await answers.wait()
        return {"timed_out": False, "hits": {"hits": []}}

    async with running(bare_settings.model_copy(update={"postgres_pool_size": 2}), acme.token) as api:
        # A person, whose snoozes are looked up, and an address, which is looked up too.
        page = await page_of(api, person)
        monkeypatch.setattr(api.resources.health, "is_up", lambda _: True)
        monkeypatch.setattr(api.resources.search, "search", slow)
        waiting = [
            asyncio.create_task(page.get(path, params={"query": f'brute OR "{person.email}"'}))
            for path in ("alerts", "events")
            for _ in "12"
        ]
        try:
            async with asyncio.timeout(10):
                for _ in waiting:
                    await asked.get()
            assert (await api.get("sensors")).status_code == 200
        finally:
            answers.set()
            assert [reply.status_code for reply in await asyncio.gather(*waiting)] == [200] * 4


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
        for sort in ("-risk", "last_seen", "-last_seen", "risk", "-severity", "created_at", "-updated_at"):
            asked = {"query": "title:brute", "sort": sort, "limit": 7}
            everything = {str(alert.id) for alert in made}
            for first, second in ((whole_api, whole_api), (away, away), (whole_api, away), (away, whole_api)):
                page = (await first.get("alerts", params=asked)).json()
                walked = [one["id"] for one in page["items"]]
                walked += await found(second, "title:brute", sort=sort, limit=7, cursor=page["next_cursor"])
                assert len(walked) == len(set(walked)), (sort, "shown twice")
                assert set(walked) == everything, (sort, "left out")
        assert (await away.get("alerts", params={"query": "brute"})).json()["degraded"] == "OpenSearch is away"


@pytest.mark.parametrize(
    ("params", "needed"),
    [
        ({}, False),
        ({"sort": "-severity"}, False),
        ({"status": "closed"}, False),
        ({"status": "closed", "sort": "-last_seen"}, False),
        ({"status": "closed", "sort": "-severity"}, True),
        ({"status": ["new", "closed"], "sort": "created_at"}, True),
        ({"status": "closed", "sort": "created_at", "updated_since": NOW.isoformat()}, False),
    ],
)
async def test_opensearch_is_asked_for_an_order_that_no_index_has(
    api: Api, params: dict[str, Any], needed: bool
) -> None:
    page = (await api.get("alerts", params=params)).json()
    assert page["degraded"] == ("OpenSearch is away" if needed else None)


@pytest.mark.parametrize(
    ("asked", "value", "index"),
    [
        ("host.name:web01", Observable.value.expression, "ix_observables_value"),
        ("source.ip:10.0.0.1", ADDRESS, "ix_observables_address"),
        ("source.ip:10.0.0.0/8", ADDRESS, "ix_observables_address"),
        ('rule.id:"1:2100498"', Alert.rule_id.expression, "ix_alerts_rule_id"),
    ],
)
async def test_the_language_compares_as_its_indexes_do(
    session: AsyncSession, acme: Tenant, asked: str, value: ColumnElement[Any], index: str
) -> None:
    node = parse(asked, ALERTS, Reader(now=NOW, people={}))
    condition = compile_sql(node, {asked.partition(":")[0]: single(value)})
    table = Alert if "alerts" in index else Observable
    statement = select(table.id).where(condition, *([Alert.organization_id == acme.id] if table is Alert else []))
    assert index in await plan_of(session, statement)


async def test_lists_of_all_statuses_are_read_in_their_order(session: AsyncSession, acme: Tenant) -> None:
    mine = select(Alert.id).where(Alert.organization_id == acme.id).limit(50)
    plan = await plan_of(session, mine.order_by(Alert.risk.desc(), Alert.last_seen.desc(), Alert.id))
    assert ("ix_alerts_risk" in plan, "Sort" in plan) == (True, False)
    plan = await plan_of(session, mine.order_by(Alert.last_seen.desc(), Alert.id))
    assert ("ix_alerts_last_seen" in plan, "Sort" in plan) == (True, False)


async def plan_of(session: AsyncSession, statement: Select[Any]) -> str:
    """How Postgres would go about it, had the tables many rows."""
    for way in ("seqscan", "bitmapscan"):
        await session.execute(text(f"SET LOCAL enable_{way} = off"))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    words = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return "\n".join((await session.scalars(text("EXPLAIN " + words.replace(":", r"\:")))).all())


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


async def test_what_is_put_off_is_counted_as_it_is_listed(
    whole_api: Api, bare_settings: ApiSettings, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    later, now = [await make_alert(session, acme, title="brute", last_seen=NOW) for _ in range(2)]
    await findable(alerts=[later.id, now.id])
    person = await make_person(session, acme)
    session.add(Snooze(alert_id=later.id, user_id=person.id, until=NOW + timedelta(hours=1), count=1, severity=3))
    await session.commit()
    span = {"from": (NOW - timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=1)).isoformat()}
    async with running(bare_settings, acme.token) as away:
        for api in (whole_api, away):
            page = await page_of(api, person)
            for more, expected in (({}, 1), ({"snoozed": "true"}, 2)):
                asked = {"params": {"query": "title:brute", **more}}
                counted = {"params": asked["params"] | {"with_total": "true"}}
                assert (await page.get("alerts", **counted)).json()["total"] == expected
                facets = (await page.get("alerts/facets", **asked)).json()
                assert (facets["total"], facets["facets"]["status"][0]["count"]) == (expected, expected)
                buckets = (await page.get("alerts/histogram", params=asked["params"] | span)).json()["buckets"]
                assert sum(number for one in buckets for number in one["by_severity"].values()) == expected
