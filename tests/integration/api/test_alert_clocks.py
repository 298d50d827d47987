"""By when an alert has to be acknowledged: how it stands in lists and by itself, and what ends it or begins it anew."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import late
from services.api.alerts.late import Teller
from shared import clock
from shared.models import Alert, Notification, Organization
from tests.integration.api.calling import Api
from tests.integration.api.incidents import opened
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of
from tests.waiting import until

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CLOSING = {"verdict": "undetermined", "reason": "not_worth_it"}


@pytest.fixture
async def ann(api: Api, acme: Tenant, session: AsyncSession) -> Page:
    return await page_of(api, await make_person(session, acme, "analyst"))


async def received(session: AsyncSession, acme: Tenant, ago: timedelta, **values: Any) -> Alert:
    return await make_alert(session, acme, **({"severity": 4, "created_at": clock.now() - ago} | values))


async def looked(page: Page, alert: Alert) -> tuple[Any, Any]:
    """Its clock, and when it is due in the list of all."""
    one = (await page.get(f"alerts/{alert.id}")).json()
    statuses = ("new", "acknowledged", "in_progress", "closed", "suppressed")
    listed = (await page.get("alerts", params={"status": statuses, "limit": 200})).json()["items"]
    (row,) = (row for row in listed if row["id"] == str(alert.id))
    assert row["due_at"] == one["due_at"]
    return one["clock"], one["due_at"]


async def act(page: Page, alert: Alert, action: str, body: Any = None) -> None:
    reply = await page.call("POST", f"alerts/{alert.id}/{action}", json=body, headers={"If-Match": "*"})
    assert reply.is_success, reply.text


@pytest.mark.parametrize(("minutes", "state"), [(44, "running"), (46, "warned"), (61, "breached")])
async def test_how_it_stands(ann: Page, acme: Tenant, session: AsyncSession, minutes: int, state: str) -> None:
    alert = await received(session, acme, minutes * MINUTE)
    found, due_at = await looked(ann, alert)
    assert (found["clock"], found["state"], found["target_seconds"]) == ("acknowledge", state, 3600)
    assert 60 * minutes <= found["elapsed_seconds"] < 60 * minutes + 30
    assert found["remaining_seconds"] in (3599 - found["elapsed_seconds"], 3600 - found["elapsed_seconds"])
    assert clock.parse(due_at) == alert.created_at + HOUR == clock.parse(found["due_at"])
    assert clock.parse(found["warn_at"]) == alert.created_at + 45 * MINUTE
    assert (found["breached_at"] is not None, found["met_at"]) == (state == "breached", None)


@pytest.mark.parametrize(("action", "body"), [("acknowledge", None), ("start", None), ("close", CLOSING)])
async def test_what_meets_it(ann: Page, acme: Tenant, session: AsyncSession, action: str, body: Any) -> None:
    alert = await received(session, acme, 2 * HOUR)
    await act(ann, alert, action, body)
    found, due_at = await looked(ann, alert)
    assert (found["state"], due_at, found["breached_at"] is not None) == ("met", None, True)
    assert 7200 <= found["elapsed_seconds"] < 7230


async def test_assigning_and_snoozing_do_not(ann: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await received(session, acme, 10 * MINUTE)
    bob = await make_person(session, acme, "analyst")
    await act(ann, alert, "assign", {"assignee_id": str(bob.id)})
    assert (await looked(ann, alert))[0]["state"] == "running"


async def test_a_reopened_one_begins_anew(ann: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await received(session, acme, 5 * HOUR)
    await act(ann, alert, "close", CLOSING)
    await act(ann, alert, "reopen")
    found, due_at = await looked(ann, alert)
    assert (found["state"], found["elapsed_seconds"] < 30, due_at is not None) == ("running", True, True)
    await act(ann, alert, "acknowledge")
    assert (await looked(ann, alert))[0]["breached_at"] is None


async def test_another_severity_counts_from_the_start(ann: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await received(session, acme, 20 * MINUTE)
    await act(ann, alert, "severity", {"severity": 5})
    found, _ = await looked(ann, alert)
    assert (found["state"], found["target_seconds"], found["elapsed_seconds"] >= 1200) == ("breached", 900, True)


async def test_in_an_incident_it_is_met_and_its_own_does_not_run_again(
    ann: Page, acme: Tenant, session: AsyncSession
) -> None:
    alert = await received(session, acme, 10 * MINUTE)
    incident = await opened(ann, alert_ids=[str(alert.id)])
    found, due_at = await looked(ann, alert)
    assert (found["state"], found["breached_at"], due_at) == ("met", None, None)
    again = {"id": alert.id, "now": clock.now() + MINUTE}
    await session.execute(text("UPDATE alerts SET status = 'new', new_since = :now WHERE id = :id"), again)
    await session.commit()
    assert await looked(ann, alert) == (None, None)
    reply = await ann.call("POST", f"incidents/{incident['id']}/alerts/unlink", json={"alert_ids": [str(alert.id)]})
    assert reply.is_success, reply.text
    assert (await looked(ann, alert))[0]["state"] == "running"


@pytest.mark.parametrize("values", [{"status": "suppressed"}, {"status": "closed", "reason": "resolved_at_source"}])
async def test_what_nobody_has_to_acknowledge_has_none(
    ann: Page, acme: Tenant, session: AsyncSession, values: dict[str, Any]
) -> None:
    alert = await received(session, acme, HOUR, **values)
    assert await looked(ann, alert) == (None, None)


@pytest.mark.usefixtures("still")
async def test_rules_that_cannot_be_read_hide_no_alert(
    ann: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    (await session.get_one(Organization, acme.id)).settings = {"calendar": {"zone": "Mars/Olympus"}}
    alert = await received(session, acme, HOUR)
    assert await looked(ann, alert) == (None, None)
    await Teller(api.resources).sweep()


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds follow one another at once."""
    monkeypatch.setattr(late, "SWEEP_SECONDS", 0.05)


async def test_the_process_tells_of_them_by_itself(often: None, api: Api, acme: Tenant, session: AsyncSession) -> None:
    bob = await make_person(session, acme, "analyst")
    alert = await received(session, acme, HOUR, assignee_id=bob.id)
    told = select(exists().where(Notification.object_id == alert.id, Notification.user_id == bob.id))

    async def is_told() -> bool:
        return bool(await session.scalar(told))

    await until(is_told)
