"""By when an incident has to be worked: the policy, how the clocks stand, and who is told in time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import clocks
from shared import clock
from shared.domain.sla import DEFAULT
from shared.models import Incident, IncidentWatch, Notification, Organization
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, done, opened, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of

pytestmark = pytest.mark.usefixtures("still")

HOURS = {"monday": [["09:00", "17:00"]]}


@pytest.fixture
async def lead(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """Who sets the policy."""
    yield await page_of(api, await make_person(session, acme, "lead"))


def path(acme: Tenant) -> str:
    return f"organizations/{acme.id}/incident-policy"


async def put(page: Page, acme: Tenant, body: Any, seen: str = "*") -> Any:
    return await page.call("PUT", path(acme), json=body, headers={"If-Match": seen})


async def aged(session: AsyncSession, incident: dict[str, Any], by: timedelta) -> None:
    """Its first event was received so long ago, and its clocks are to be looked at."""
    ago = clock.now() - by
    await session.execute(update(Incident).where(Incident.id == incident["id"]).values(received_at=ago))
    await session.execute(
        update(IncidentWatch).where(IncidentWatch.incident_id == incident["id"]).values(due_at=clock.now())
    )
    await session.commit()


async def told(session: AsyncSession, incident: dict[str, Any]) -> list[str]:
    await session.rollback()
    rows = select(Notification.kind, Notification.content).where(
        Notification.object_id == incident["id"], Notification.kind.startswith("clock.")
    )
    return sorted(f"{kind} {content['clock']}" for kind, content in await session.execute(rows))


async def forget(session: AsyncSession) -> None:
    """As retention does once they are a month old."""
    await session.execute(delete(Notification))
    await session.commit()


async def test_the_policy_is_read_and_written(lead: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    first = await lead.get(path(acme))
    assert (first.json()["review"], first.json()["calendar"]) == ({"from_severity": 5, "false_positive_from": 4}, None)
    assert first.json()["sla"]["critical"]["acknowledge"] == 15
    calendar = {"zone": "Europe/Vienna", "hours": HOURS, "holidays": {"country": "AT"}}
    targets = first.json()["sla"] | {"high": {"acknowledge": 30, "contain": None, "resolve": None}}
    body = {"review": {"from_severity": None}, "sla": targets, "calendar": calendar}
    written = await put(lead, acme, body, seen=first.headers["etag"])
    assert written.status_code == 200, written.text
    assert (written.json()["sla"]["high"]["acknowledge"], written.json()["calendar"]["zone"]) == (30, "Europe/Vienna")
    assert written.json()["review"] == {"from_severity": None, "false_positive_from": None}
    stale = await put(lead, acme, {}, seen=first.headers["etag"])
    assert (stale.status_code, stale.json()["current"]["revision"]) == (412, 2)
    for bad, code in (
        ({"sla": {"high": {"acknowledge": 0}}}, "invalid"),
        ({"sla": {"high": targets["high"]}}, "bad_sla_policy"),
        ({"sla": targets | {"low": {"acknowledge": 600, "contain": 60, "resolve": 30}}}, "bad_sla_policy"),
        ({"calendar": {"zone": "Mars/Olympus", "hours": HOURS}}, "bad_calendar"),
        ({"calendar": {"zone": "UTC", "hours": {"monday": [["17:00", "09:00"]]}}}, "bad_calendar"),
    ):
        refused = await put(lead, acme, bad)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    analyst = await page_of(api, await make_person(session, acme, "analyst"))
    assert (await put(analyst, acme, {})).status_code == 403
    assert (await analyst.get(path(acme))).json()["revision"] == 2


async def test_how_the_clocks_stand(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    incident = await opened(lead, severity=4)
    await aged(session, incident, timedelta(hours=2))
    found = {one["clock"]: one for one in (await shown(lead, incident))["clocks"]}
    assert found.keys() == {"acknowledge", "contain", "resolve"}
    late = found["acknowledge"]
    assert (late["target_seconds"], late["breached_at"] is None, late["met_at"]) == (3600, False, None)
    assert -3700 < late["remaining_seconds"] <= -3600
    assert found["contain"]["breached_at"] is None
    await done(lead, incident, "transition", {"to": "investigating"})
    await done(lead, incident, "transition", {"to": "on_hold", "reason": "The provider sleeps"})
    held = {one["clock"]: one for one in (await shown(lead, incident))["clocks"]}
    assert (held["contain"]["paused"], held["contain"]["due_at"]) == (True, None)
    assert held["acknowledge"]["met_at"] is not None
    await done(lead, incident, "transition", {"to": "contained"})
    await lead.call("PATCH", f"incidents/{incident['id']}", json={"severity": 5}, headers={"If-Match": "*"})
    worse = {one["clock"]: one for one in (await shown(lead, incident))["clocks"]}
    assert worse["acknowledge"]["target_seconds"] == 15 * 60, "counted from the start by another target"
    taken = {one["name"]: one for one in (await shown(lead, incident))["measures"]}
    assert taken["time_to_acknowledge"]["seconds"] >= 7200
    assert taken["time_to_acknowledge"]["formula"] == "acknowledged − received"
    assert taken["time_to_resolve"]["seconds"] is None


async def rows(page: Page, **params: Any) -> dict[str, Any]:
    reply = await page.get("incidents", params={"limit": 200, **params})
    assert reply.status_code == 200, reply.text
    return {one["id"]: one["clocks"] for one in reply.json()["items"]}


def still(clocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """But for what goes on from one second to the next."""
    return [{name: one[name] for name in one.keys() - {"elapsed_seconds", "remaining_seconds"}} for one in clocks]


async def test_rows_have_the_clocks_that_pages_have(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    hours = {"zone": "Europe/Vienna", "hours": HOURS, "holidays": {"country": "AT"}}
    assert (await put(lead, acme, {"calendar": hours})).status_code == 200
    late, held, contained, resolved = [await opened(lead, severity=severity) for severity in (5, 5, 4, 4)]
    await aged(session, late, timedelta(hours=30))
    await done(lead, held, "transition", {"to": "on_hold", "reason": "The provider sleeps"})
    await done(lead, contained, "transition", {"to": "contained"})
    await done(lead, resolved, "transition", {"to": "resolved"})
    found = await rows(lead, status=["open", "contained", "on_hold", "resolved"])
    pages = {one["id"]: (await shown(lead, one))["clocks"] for one in (late, held, contained, resolved)}
    assert {key: still(clocks) for key, clocks in found.items()} == {key: still(one) for key, one in pages.items()}
    assert [one["state"] for one in found[late["id"]]] == ["breached"] * 3
    assert [(one["state"], one["due_at"]) for one in found[held["id"]]] == [("paused", None)] * 3
    assert [one["state"] for one in found[contained["id"]]] == ["met", "met", "running"]
    assert [one["state"] for one in found[resolved["id"]]] == ["met"] * 3
    await done(lead, resolved, "close", CLOSING)
    assert await rows(lead, status=["closed"]) == {resolved["id"]: []}


async def test_the_clocks_of_a_page_are_asked_for_together(lead: Page) -> None:
    statements: list[str] = []

    def keep(*given: Any) -> None:
        if "incident_pauses" in given[2] or "organizations.settings" in given[2]:
            statements.append(given[2])

    made = [(await opened(lead))["id"] for _ in range(5)]
    event.listen(Engine, "before_cursor_execute", keep)
    try:
        found = await rows(lead)
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    assert found.keys() == set(made)
    assert all(len(clocks) == 3 for clocks in found.values())
    assert len(statements) == 2, "the organizations' rules, and the pauses"


async def test_settings_that_cannot_be_read_hide_clocks_and_no_row(
    lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    incident = await opened(lead)
    organization = await session.get_one(Organization, acme.id)
    organization.settings = organization.settings | {"calendar": {"zone": "Mars/Olympus", "hours": HOURS}}
    await session.commit()
    assert await rows(lead) == {incident["id"]: []}


async def test_the_time_of_containing_stays_until_it_is_taken_back_by_hand(lead: Page) -> None:
    async def met() -> bool:
        (contain,) = (one for one in (await shown(lead, incident))["clocks"] if one["clock"] == "contain")
        return contain["met_at"] is not None

    incident = await opened(lead, severity=4)
    await done(lead, incident, "transition", {"to": "contained"})
    await done(lead, incident, "transition", {"to": "investigating", "reason": "It was another host"})
    assert await met()
    path = f"incidents/{incident['id']}"
    assert (await lead.call("PATCH", path, json={"contained_at": None}, headers={"If-Match": "*"})).status_code == 200
    assert not await met()
    await done(lead, incident, "transition", {"to": "contained"})
    assert await met()


async def test_people_are_told_once_of_each(lead: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann = await make_person(session, acme, "analyst")
    incident = await opened(lead, severity=4, assignee_id=str(ann.id))
    await aged(session, incident, timedelta(hours=7))
    for _ in range(3):
        await clocks.sweep(api.resources)
        assert await told(session, incident) == ["clock.warning contain"]
    await aged(session, incident, timedelta(hours=9))
    await clocks.sweep(api.resources)
    assert await told(session, incident) == ["clock.breached contain", "clock.warning contain"]
    assert await session.get(IncidentWatch, incident["id"]) is not None
    await done(lead, incident, "transition", {"to": "resolved"})
    await done(lead, incident, "close", CLOSING)
    await clocks.sweep(api.resources)
    await session.rollback()
    assert await session.get(IncidentWatch, incident["id"], populate_existing=True) is None, "it is over"
    assert len(await told(session, incident)) == 2


async def test_what_was_told_is_remembered_when_its_notification_is_gone(
    lead: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    ann = await make_person(session, acme, "analyst")
    incident = await opened(lead, severity=4, assignee_id=str(ann.id))
    await aged(session, incident, timedelta(hours=9))
    await clocks.sweep(api.resources)
    assert await told(session, incident) == ["clock.breached contain"]
    await forget(session)
    await aged(session, incident, timedelta(hours=10))
    await clocks.sweep(api.resources)
    assert await told(session, incident) == [], "a month later"


async def test_a_breach_that_was_taken_back_is_told_again(
    lead: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    ann = await make_person(session, acme, "analyst")
    incident = await opened(lead, severity=4, assignee_id=str(ann.id))
    await done(lead, incident, "transition", {"to": "investigating"})
    await aged(session, incident, timedelta(hours=9))
    for severity, expected in ((4, 1), (2, 1), (4, 2), (5, 3), (4, 4)):
        await lead.call("PATCH", f"incidents/{incident['id']}", json={"severity": severity}, headers={"If-Match": "*"})
        await clocks.sweep(api.resources)
        await clocks.sweep(api.resources)
        assert await told(session, incident) == ["clock.breached contain"] * expected


async def test_what_is_reopened_is_told_of_anew(lead: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann = await make_person(session, acme, "analyst")
    incident = await opened(lead, severity=2, assignee_id=str(ann.id))
    await done(lead, incident, "transition", {"to": "investigating"})
    await aged(session, incident, timedelta(days=11))
    await clocks.sweep(api.resources)
    assert await told(session, incident) == ["clock.breached resolve"]
    await done(lead, incident, "transition", {"to": "resolved"})
    await clocks.sweep(api.resources)
    await done(lead, incident, "transition", {"to": "investigating", "reason": "It is not over"})
    await clocks.sweep(api.resources)
    assert await told(session, incident) == ["clock.breached resolve"] * 2


async def test_another_policy_is_looked_at_at_once(lead: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    incident = await opened(lead, severity=2, assignee_id=str((await make_person(session, acme, "analyst")).id))
    await aged(session, incident, timedelta(hours=3))
    await clocks.sweep(api.resources)
    assert await told(session, incident) == []
    low = {"acknowledge": None, "contain": None, "resolve": 60}
    assert (await put(lead, acme, {"sla": DEFAULT.as_json() | {"low": low}})).status_code == 200
    await clocks.sweep(api.resources)
    assert await told(session, incident) == ["clock.breached resolve"]
