"""Which other incidents have the same values, and which values tell nothing."""

from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents.similar import most_alerts
from shared import clock, ids
from shared.models import Alert, AlertObservable, IncidentObservable, Observable, Organization
from tests.integration.api.calling import Api
from tests.integration.api.incidents import done, opened, opened_of
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def value(session: AsyncSession, acme: Tenant, text: str, kind: str = "ip") -> Observable:
    """A value of the organization's."""
    row = Observable(organization_id=acme.id, type=kind, value=text)
    session.add(row)
    await session.commit()
    return row


async def put(session: AsyncSession, incident: dict[str, Any], *values: Observable, in_alerts: bool = False) -> None:
    """Values of the incident: its own, or as the follower copies what its alerts have."""
    of_it = {"incident_id": UUID(incident["id"]), "in_alerts": in_alerts}
    session.add_all(
        IncidentObservable(organization_id=one.organization_id, observable_id=one.id, **of_it) for one in values
    )
    await session.commit()


async def see(session: AsyncSession, alerts: Iterable[Alert], *values: Observable) -> None:
    """The values were seen in each of the alerts."""
    session.add_all(AlertObservable(alert_id=alert.id, observable_id=one.id) for alert in alerts for one in values)
    await session.commit()


async def similar(page: Page, incident: dict[str, Any], **params: Any) -> list[tuple[int, int, list[str]]]:
    """Which are similar, in how many values, and in which."""
    reply = await page.get(f"incidents/{incident['id']}/similar", params=params or None)
    assert reply.status_code == 200, reply.text
    return [(one["number"], one["shared_count"], [pair["value"] for pair in one["shared"]]) for one in reply.json()]


async def test_the_most_shared_first_whether_pasted_or_seen(page: Page, acme: Tenant, session: AsyncSession) -> None:
    values = [await value(session, acme, f"203.0.113.{number}") for number in range(1, 4)]
    alerts = [await make_alert(session, acme) for _ in range(3)]
    first, second, third, fourth = [
        await opened_of(page, alerts[0]), await opened_of(page, alerts[1]), await opened(page),
        await opened_of(page, alerts[2]),
    ]  # fmt: skip
    await see(session, alerts[:2], *values[:2])
    await put(session, first, *values[:2], in_alerts=True)
    await put(session, first, values[2])
    await put(session, second, *values[:2], in_alerts=True)
    await put(session, third, *values)
    assert await similar(page, first) == [
        (3, 3, ["203.0.113.1", "203.0.113.2", "203.0.113.3"]),
        (2, 2, ["203.0.113.1", "203.0.113.2"]),
    ]
    assert await similar(page, first, limit=1) == [(3, 3, ["203.0.113.1", "203.0.113.2", "203.0.113.3"])]
    assert await similar(page, fourth) == []
    await done(page, first, "merge", {"incident_ids": [second["id"]]})
    assert [number for number, *_ in await similar(page, first)] == [3], "what was merged is not another one"


async def test_ten_values_are_shown(page: Page, acme: Tenant, session: AsyncSession) -> None:
    values = [await value(session, acme, f"h{number}.example.org", "domain") for number in range(12)]
    first, second = await opened(page), await opened(page)
    for incident in (first, second):
        await put(session, incident, *values)
    ((_, count, shown),) = await similar(page, first)
    assert (count, len(shown)) == (12, 10)


async def test_what_tells_nothing_does_not_count(page: Page, acme: Tenant, session: AsyncSession) -> None:
    organization = await session.get_one(Organization, acme.id)
    organization.settings = {**organization.settings, "similar": {"ignore": ["Proxy.example.org"]}}
    empty = [
        await value(session, acme, "10.1.2.3"), await value(session, acme, "fd00::1"),
        await value(session, acme, "127.0.0.1"), await value(session, acme, "proxy.example.org", "domain"),
    ]  # fmt: skip
    telling = await value(session, acme, "198.51.100.7")
    first, second, third = await opened(page), await opened(page), await opened(page)
    await put(session, first, *empty, telling)
    await put(session, second, *empty)
    await put(session, third, *empty, telling)
    assert await similar(page, first) == [(3, 1, ["198.51.100.7"])]


async def test_what_many_alerts_have_does_not_count(page: Page, acme: Tenant, session: AsyncSession) -> None:
    often, rare = await value(session, acme, "198.51.100.1"), await value(session, acme, "198.51.100.2")
    now = clock.now()
    alerts = [
        Alert(
            organization_id=acme.id, fingerprint=ids.uuid7().bytes, fold_window=690, title="x", severity=3,
            sensor_severity=3, first_seen=now, last_seen=now,
        )
        for _ in range(21)
    ]  # fmt: skip
    session.add_all(alerts)
    await session.flush()
    await see(session, alerts[:20], often, rare)
    first, second = await opened(page), await opened(page)
    for incident in (first, second):
        await put(session, incident, often, rare)
    assert await similar(page, first) == [(2, 2, ["198.51.100.1", "198.51.100.2"])]
    await see(session, alerts[20:], often)
    assert await similar(page, first) == [(2, 1, ["198.51.100.2"])]


def test_common_is_more_than_a_hundredth_and_more_than_twenty() -> None:
    assert [most_alerts(total) for total in (0, 1999, 2100, 200_000)] == [20, 20, 21, 2000]


async def test_what_is_hidden_leaves_no_trace(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    one = await value(session, acme, "203.0.113.77")
    alert = await make_alert(session, acme)
    await see(session, [alert], one)
    plain, secret = await opened(page), await opened_of(page, alert, restricted=True, title="Zugzwang")
    pasted = await opened(page, restricted=True)
    await put(session, secret, one, in_alerts=True)
    await put(session, plain, one)
    await put(session, pasted, one)
    assert [number for number, *_ in await similar(page, plain)] == [3, 2]
    ann = await page_of(api, await make_person(session, acme, "lead"))
    assert await similar(ann, plain) == []
    assert (await ann.get(f"incidents/{secret['id']}/similar")).status_code == 404


async def test_alerts_that_are_hidden_do_not_make_a_value_common(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    one = await value(session, acme, "203.0.113.78")
    alerts = [await make_alert(session, acme) for _ in range(21)]
    await see(session, alerts, one)
    await put(session, await opened_of(page, *alerts, restricted=True), one, in_alerts=True)
    first, second = await opened(page), await opened(page)
    for incident in (first, second):
        await put(session, incident, one)
    ann = await page_of(api, await make_person(session, acme, "lead"))
    assert await similar(page, first) == []
    assert await similar(ann, first) == [(3, 1, ["203.0.113.78"])]
