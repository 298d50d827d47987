"""What incidents have to do with each other, and to which one a new alert is offered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from shared.models import Alert, AlertObservable, AuditEntry, Incident, IncidentEntry, IncidentLink, Observable
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, done, opened, opened_of
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def linked(page: Page, incident: dict[str, Any], other: dict[str, Any], relation: str = "related") -> Any:
    """The reply to linking."""
    return await page.post(f"incidents/{incident['id']}/links", {"other_id": other["id"], "relation": relation})


async def links_of(page: Page, incident: dict[str, Any]) -> list[tuple[int, str, bool]]:
    """Its links as its page shows them."""
    reply = await page.get(f"incidents/{incident['id']}/links")
    assert reply.status_code == 200, reply.text
    return [(one["other"]["number"], one["relation"], one["reverse"]) for one in reply.json()["items"]]


async def test_a_link_is_read_from_both_ends_and_taken_back_from_either(page: Page, session: AsyncSession) -> None:
    first, second, third = [await opened(page) for _ in range(3)]
    made = await linked(page, first, second)
    assert made.status_code == 201, made.text
    assert (await linked(page, first, third, "caused_by")).status_code == 201
    assert await links_of(page, first) == [(2, "related", False), (3, "caused_by", False)]
    assert await links_of(page, second) == [(1, "related", False)]
    assert await links_of(page, third) == [(1, "caused_by", True)]
    for incident in (first, second):
        kinds = select(IncidentEntry.kind).where(IncidentEntry.incident_id == incident["id"])
        assert list(await session.scalars(kinds)).count("related") == (2 if incident is first else 1)
        audited = select(AuditEntry.action).where(AuditEntry.object_id == UUID(incident["id"]))
        assert "incident.related" in list(await session.scalars(audited))
    path = f"links/{made.json()['id']}"
    assert (await page.delete(f"incidents/{third['id']}/{path}")).status_code == 404, "it is not one of the third's"
    assert (await page.delete(f"incidents/{second['id']}/{path}")).status_code == 204
    assert (await page.delete(f"incidents/{first['id']}/{path}")).status_code == 404
    assert await links_of(page, first) == [(3, "caused_by", False)]
    assert await links_of(page, second) == []


async def test_a_list_goes_on(page: Page) -> None:
    incident, *others = [await opened(page) for _ in range(4)]
    for other in others:
        await linked(page, incident, other)
    numbers, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        reply = (await page.get(f"incidents/{incident['id']}/links", params=params)).json()
        numbers += [one["other"]["number"] for one in reply["items"]]
        if (cursor := reply["next_cursor"]) is None:
            break
    assert numbers == [2, 3, 4]


async def test_what_cannot_be_linked(page: Page, api: Api, other: Tenant, session: AsyncSession) -> None:
    first, second = await opened(page), await opened(page)
    assert (await linked(page, first, first)).json()["code"] == "link_to_itself"
    replies = await asyncio.gather(linked(page, first, second, "caused_by"), linked(page, second, first, "caused_by"))
    assert sorted(one.status_code for one in replies) == [201, 409], "neither caused the other and was caused by it"
    assert (await linked(page, first, second, "split_from")).status_code == 422
    stranger = await opened(await page_of(api, await make_person(session, other, "analyst")))
    assert (await linked(page, first, stranger)).status_code == 404
    row = IncidentLink(
        organization_id=UUID(first["organization_id"]), incident_id=first["id"], other_id=second["id"],
        relation="recurrence_of",
    )  # fmt: skip
    session.add(row)
    await session.commit()
    refused = await page.delete(f"incidents/{first['id']}/links/{row.id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "link_stays")
    await done(page, first, "merge", {"incident_ids": [second["id"]]})
    assert (await linked(page, first, second)).json()["code"] == "incident_merged"


async def test_links_to_what_is_hidden_are_not_there(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann = await page_of(api, await make_person(session, acme, "lead"))
    secret, plain, third = await opened(page, title="Zugzwang", restricted=True), await opened(page), await opened(page)
    made = (await linked(page, plain, secret)).json()
    await linked(page, plain, third)
    assert await links_of(ann, plain) == [(3, "related", False)]
    assert await links_of(page, plain) == [(1, "related", False), (3, "related", False)]
    assert (await ann.get(f"incidents/{secret['id']}/links")).status_code == 404
    assert (await linked(ann, plain, secret, "caused_by")).status_code == 404
    assert (await linked(ann, secret, plain, "caused_by")).status_code == 404
    assert (await ann.delete(f"incidents/{plain['id']}/links/{made['id']}")).status_code == 404
    told = (await ann.get(f"incidents/{plain['id']}/timeline")).text
    for trace in ("Zugzwang", secret["id"], "#1"):
        assert trace not in told


async def offered(page: Page, alert: Alert) -> list[tuple[int, str]]:
    """Which incidents are offered, and why."""
    reply = await page.get(f"alerts/{alert.id}/incident-offers")
    assert reply.status_code == 200, reply.text
    return [(one["number"], one["reason"]) for one in reply.json()]


async def seen_in(session: AsyncSession, acme: Tenant, value: str, *fields: str, alerts: list[Alert]) -> None:
    """The address stood in these fields of the alerts."""
    observable = Observable(organization_id=acme.id, type="ip", value=value)
    session.add(observable)
    await session.flush()
    session.add_all(AlertObservable(alert_id=one.id, observable_id=observable.id, fields=fields) for one in alerts)
    await session.commit()


async def test_what_comes_back_is_offered_to_where_it_was(page: Page, acme: Tenant, session: AsyncSession) -> None:
    key = ids.uuid7().bytes
    first, second, third = [
        await opened_of(page, await make_alert(session, acme, fingerprint=key, current=False, status="closed"))
        for _ in range(3)
    ]
    again = await make_alert(session, acme, fingerprint=key)
    stranger = await make_alert(session, acme)
    assert await offered(page, again) == [(3, "same_fingerprint"), (2, "same_fingerprint"), (1, "same_fingerprint")]
    assert await offered(page, stranger) == []
    await done(page, second, "close", CLOSING)
    await done(page, third, "merge", {"incident_ids": [first["id"]]})
    assert await offered(page, again) == [(3, "same_fingerprint"), (2, "same_fingerprint")]
    long_ago = clock.now() - timedelta(days=7, minutes=1)
    await session.execute(update(Incident).where(Incident.id == UUID(second["id"])).values(closed_at=long_ago))
    await session.commit()
    assert await offered(page, again) == [(3, "same_fingerprint")]
    await done(page, third, "alerts", {"alert_ids": [str(again.id)]})
    assert await offered(page, again) == [], "it is in one"


async def test_the_same_rule_needs_a_source_in_common(page: Page, acme: Tenant, session: AsyncSession) -> None:
    before = [await make_alert(session, acme, rule_id=rule) for rule in ("5710", "5710", "5710", "9999")]
    for alert in before:
        await opened_of(page, alert)
    again = await make_alert(session, acme, rule_id="5710")
    await seen_in(session, acme, "203.0.113.1", "source.ip", alerts=[before[0], before[3], again])
    await seen_in(session, acme, "203.0.113.2", "destination.ip", alerts=[before[1], again])
    assert await offered(page, again) == [(1, "same_rule_and_source")]
    nameless = await make_alert(session, acme)
    await seen_in(session, acme, "203.0.113.3", "source.ip", alerts=[nameless, before[2]])
    assert await offered(page, nameless) == []


async def test_at_most_five_and_none_that_is_hidden(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    key = ids.uuid7().bytes
    old = [await make_alert(session, acme, fingerprint=key, current=False, status="closed") for _ in range(7)]
    for number, alert in enumerate(old, 1):
        await opened_of(page, alert, restricted=number == 6)
    again = await make_alert(session, acme, fingerprint=key)
    assert [number for number, _ in await offered(page, again)] == [7, 6, 5, 4, 3]
    ann = await page_of(api, await make_person(session, acme, "lead"))
    assert [number for number, _ in await offered(ann, again)] == [7, 5, 4, 3, 2]
    assert (await ann.get(f"alerts/{old[5].id}/incident-offers")).status_code == 404
