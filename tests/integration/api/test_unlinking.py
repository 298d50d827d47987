"""What unlinking gives back: the alert to the queue, as it was, and the incident its own beginning."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.models import Alert, User
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, alerts_of, done, opened, opened_of, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of

LONG = timedelta(days=3)


@pytest.fixture
async def ann(acme: Tenant, session: AsyncSession) -> User:
    """Who links."""
    return await make_person(session, acme, "lead")


@pytest.fixture
async def page(api: Api, ann: User) -> AsyncIterator[Page]:
    """Where she is."""
    yield await page_of(api, ann)


async def out(page: Page, incident: dict[str, Any], *alerts: Alert) -> None:
    await done(page, incident, "alerts/unlink", {"alert_ids": [str(alert.id) for alert in alerts]})


async def ended(page: Page, job_id: str) -> None:
    """Wait until the application's own runner is through with it."""
    async with asyncio.timeout(30):
        while (job := (await page.get(f"jobs/{job_id}")).json())["status"] in ("pending", "running"):
            await asyncio.sleep(0.05)
    assert job["status"] == "done"


async def states(session: AsyncSession, *alerts: Alert) -> list[tuple[str, object, object]]:
    for alert in alerts:
        await session.refresh(alert)
    return [(alert.status, alert.assignee_id, alert.acknowledged_at) for alert in alerts]


async def test_an_alert_goes_back_to_the_queue(page: Page, acme: Tenant, session: AsyncSession) -> None:
    bob = await make_person(session, acme, "analyst")
    free, bobs = await make_alert(session, acme), await make_alert(session, acme, assignee_id=bob.id)
    seen = {"status": "acknowledged", "acknowledged_at": clock.now()}
    known = await make_alert(session, acme, **seen)
    alerts = (free, bobs, known)
    before = await states(session, *alerts)
    incident = await opened_of(page, *alerts)
    assert await states(session, *alerts) != before
    await out(page, incident, *alerts)
    assert await states(session, *alerts) == before
    queue = {one["id"] for one in (await page.get("alerts", params={"status": "new"})).json()["items"]}
    assert {str(free.id), str(bobs.id)} <= queue


async def test_what_somebody_has_gone_on_with_stays_theirs(
    page: Page, ann: User, acme: Tenant, session: AsyncSession
) -> None:
    bob = await make_person(session, acme, "analyst")
    begun, given = await alerts_of(session, acme, 2)
    incident = await opened_of(page, begun, given)
    await page.post(f"alerts/{begun.id}/start", headers={"If-Match": "*"})
    await page.post(f"alerts/{given.id}/assign", {"assignee_id": str(bob.id)}, headers={"If-Match": "*"})
    await out(page, incident, begun, given)
    assert [one[:2] for one in await states(session, begun, given)] == [
        ("in_progress", ann.id),
        ("acknowledged", bob.id),
    ]


async def test_what_was_split_off_is_found_as_it_was_at_first(page: Page, acme: Tenant, session: AsyncSession) -> None:
    moved, alert = await alerts_of(session, acme, 2)
    incident = await opened_of(page, moved, alert)
    apart = await done(page, incident, "split", {"title": "Apart", "alert_ids": [str(moved.id)], "reason": "Another"})
    assert (await states(session, moved))[0][0] == "acknowledged"
    await out(page, apart["split_off"], moved)
    assert await states(session, moved) == [("new", None, None)]


async def test_taking_back_a_bulk_link_gives_them_back(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 3, rule_id="sprayed")
    body = {"query": "rule.id:sprayed", "open": {"title": "One source"}, "start": True}
    job = (await page.post("incidents/bulk", body)).json()
    await ended(page, job["id"])
    assert {one[0] for one in await states(session, *alerts)} == {"acknowledged"}
    undo = (await page.post(f"incidents/bulk/{job['id']}/undo")).json()
    await ended(page, undo["id"])
    assert await states(session, *alerts) == [("new", None, None)] * 3


async def test_an_incident_shows_the_techniques_of_the_alerts_it_has(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    ours, wrong, apart, theirs, wrong_too = [
        await make_alert(session, acme, techniques=[*own, "T1110"])
        for own in (["T1021"], ["T1566"], ["T1003"], ["T1078"], ["T1204"])
    ]
    incident, source = await opened_of(page, ours, wrong, apart), await opened_of(page, theirs, wrong_too)

    async def techniques() -> list[str]:
        found: list[str] = (await shown(page, incident))["techniques"]
        return found

    await done(page, incident, "merge", {"incident_ids": [source["id"]]})
    assert await techniques() == ["T1003", "T1021", "T1078", "T1110", "T1204", "T1566"]
    await out(page, incident, wrong, wrong_too)
    assert await techniques() == ["T1003", "T1021", "T1078", "T1110"]
    await done(page, incident, "split", {"title": "Apart", "alert_ids": [str(apart.id)], "reason": "Another"})
    assert await techniques() == ["T1021", "T1078", "T1110"]
    await done(page, incident, "unmerge", {"incident_id": source["id"]})
    assert await techniques() == ["T1021", "T1110"]
    assert (await shown(page, source))["techniques"] == ["T1078", "T1110"], "as it was left meanwhile"
    await out(page, incident, ours)
    assert await techniques() == []


async def test_an_incident_begins_with_the_alerts_it_has(page: Page, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    first, second = [await make_alert(session, acme, created_at=now - age) for age in (LONG, LONG / 2)]
    incident, source = await opened(page), await opened(page)

    async def begins() -> datetime:
        return datetime.fromisoformat((await shown(page, incident))["received_at"])

    made = datetime.fromisoformat(incident["created_at"])
    await done(page, incident, "alerts", {"alert_ids": [str(first.id), str(second.id)]})
    assert await begins() == first.created_at
    await out(page, incident, first)
    assert await begins() == second.created_at
    await out(page, incident, second)
    assert await begins() == made
    await done(page, source, "alerts", {"alert_ids": [str(second.id)]})
    await done(page, incident, "alerts", {"alert_ids": [str(first.id)]})
    await done(page, incident, "merge", {"incident_ids": [source["id"]]})
    await out(page, incident, first)
    assert await begins() == second.created_at, "what was merged into it began then"
    await done(page, incident, "unmerge", {"incident_id": source["id"]})
    assert await begins() == made
    stored_late = await make_alert(session, acme, created_at=now, new_since=now - LONG / 3)
    await done(page, incident, "alerts", {"alert_ids": [str(stored_late.id)]})
    assert await begins() == stored_late.new_since, "when it was received, not when its row was made"
    await out(page, incident, stored_late)
    assert await begins() == made
    await done(page, incident, "close", CLOSING)
