"""What rows of the queue are about: hosts, users and addresses, whoever finds the rows."""

from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import Alert, AlertObservable, Observable
from tests.integration.api.calling import Api
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import page_of

Given = tuple[str, str, tuple[str, ...]]

SEEN: tuple[Given, ...] = (
    ("ip", "198.51.100.7", ("destination.ip", "server.ip")),
    ("ip", "10.1.2.3", ("source.ip",)),
    ("ip", "10.9.9.9", ("dns.resolved_ip",)),
    ("user", "svc-backup", ("user.name",)),
    ("host", "web-01", ("host.name",)),
    ("domain", "evil.example", ("destination.domain",)),
)
ABOUT = [
    {"type": "host", "value": "web-01", "field": "host.name"},
    {"type": "user", "value": "svc-backup", "field": "user.name"},
    {"type": "ip", "value": "10.1.2.3", "field": "source.ip"},
    {"type": "ip", "value": "198.51.100.7", "field": "destination.ip"},
]


async def see(session: AsyncSession, alert: Alert, *seen: Given) -> None:
    for kind, value, fields in seen:
        observable = Observable(organization_id=alert.organization_id, type=kind, value=value)
        session.add(observable)
        await session.flush()
        session.add(AlertObservable(alert_id=alert.id, observable_id=observable.id, fields=list(fields)))
    await session.commit()


async def listed(api: Api, **params: Any) -> dict[str, Any]:
    reply = await api.get("alerts", params=params)
    assert reply.status_code == 200, reply.text
    return {one["title"]: one["entities"] for one in reply.json()["items"]}


async def test_a_row_tells_of_host_user_and_addresses_and_so_does_the_alert(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    alert, bare = await make_alert(session, acme, title="seen"), await make_alert(session, acme, title="bare")
    await see(session, alert, *SEEN)
    await see(session, bare, ("domain", "other.example", ("url.domain",)))
    assert await listed(api) == {"seen": ABOUT, "bare": []}
    assert (await api.get(f"alerts/{alert.id}")).json()["entities"] == ABOUT


async def test_opensearch_and_postgres_tell_the_same(
    *, whole_api: Api, api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme, title="Beacon", status="closed")
    await see(session, alert, *SEEN)
    await findable(alerts=[alert.id])
    for asked, degraded in ((whole_api, False), (api, True)):
        reply = (await asked.get("alerts", params={"query": "title:beacon"})).json()
        assert (reply["degraded"] is not None) == degraded
        assert [one["entities"] for one in reply["items"]] == [ABOUT]


async def test_what_somebody_saw_counts_by_its_type(api: Api, acme: Tenant, session: AsyncSession) -> None:
    page = await page_of(api, await make_person(session, acme))
    observables = [
        {"type": kind, "value": value}
        for kind, value in (("ip", "203.0.113.9"), ("domain", "evil.example"), ("user", "mallory"), ("host", "db-01"))
    ]
    made = await page.post("alerts", {"title": "By hand", "severity": 3, "observables": observables})
    assert made.status_code == 201, made.text
    assert (await listed(api))["By hand"] == [
        {"type": "host", "value": "db-01", "field": None},
        {"type": "user", "value": "mallory", "field": None},
        {"type": "ip", "value": "203.0.113.9", "field": None},
    ]


async def test_of_many_there_are_a_few_of_each_kind_and_the_first_stay(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme, title="Scan")
    await see(session, alert, *(("ip", f"10.0.1.{number}", ("source.ip",)) for number in range(40, 20, -1)))
    first = [one["value"] for one in (await listed(api))["Scan"]]
    assert len(first) == 6
    await see(session, alert, ("host", "web-01", ("host.name",)), ("ip", "10.0.0.1", ("source.ip",)))
    assert [one["value"] for one in (await listed(api))["Scan"]] == ["web-01", *first[:5]]


async def test_one_statement_tells_of_all_rows_of_a_page(api: Api, acme: Tenant, session: AsyncSession) -> None:
    statements: list[str] = []

    def keep(*given: Any) -> None:
        if "alert_observables" in given[2]:
            statements.append(given[2])

    for number in range(5):
        alert = await make_alert(session, acme, title=f"Alert {number}")
        await see(session, alert, ("host", f"web-0{number}", ("host.name",)))
    event.listen(Engine, "before_cursor_execute", keep)
    try:
        assert all((await listed(api)).values())
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    assert len(statements) == 1


@pytest.mark.parametrize("column", ["entities", "due_at", "snoozed_until"])
async def test_a_view_may_show_what_rows_have(api: Api, acme: Tenant, session: AsyncSession, column: str) -> None:
    page = await page_of(api, await make_person(session, acme))
    made = await page.post("views", {"kind": "alert", "name": "Mine", "query": "", "columns": ["title", column]})
    assert made.status_code == 201, made.text
