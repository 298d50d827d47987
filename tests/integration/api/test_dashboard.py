"""The dashboard's numbers against rows that were made to have them."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from shared.domain.permissions import Permission
from shared.models import (
    AlertObservable,
    Incident,
    IncidentMember,
    IncidentReview,
    Observable,
    SensorAccount,
)
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person, make_sensor, make_token
from tests.integration.api.signed_in import Page, page_of

HOUR = timedelta(hours=1)
NUMBERS = itertools.count(1)


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """A viewer of Acme."""
    yield await page_of(api, await make_person(session, acme, "viewer"))


async def make_incident(session: AsyncSession, tenant: Tenant, *, age: timedelta, **values: Any) -> Incident:
    received = clock.now() - age
    defaults = {
        "organization_id": tenant.id,
        "number": next(NUMBERS),
        "title": "A break-in",
        "severity": 3,
        "received_at": received,
        "created_at": received,
    }
    incident = Incident(**(defaults | values))
    session.add(incident)
    await session.commit()
    return incident


async def ask_for_review(session: AsyncSession, incident: Incident) -> None:
    asked = {"organization_id": incident.organization_id, "incident_id": incident.id, "requested_by_name": "Ada"}
    session.add(IncidentReview(**asked, verdict="true_positive", reason="attack"))
    await session.commit()


async def shown(page: Page, **params: Any) -> dict[str, Any]:
    reply = await page.get("dashboard", params=params)
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def test_nothing_is_shown_as_nothing(page: Page, acme: Tenant) -> None:
    board = await shown(page)
    assert (board["incidents"]["total"], board["alerts"]["total"]) == (0, 0)
    assert board["incidents"]["by_severity"] == {str(one): 0 for one in range(1, 6)}
    assert board["times"]["all"]["acknowledge"] == {"count": 0, "mean_seconds": None, "median_seconds": None}
    assert board["verdicts"]["by_verdict"]["true_positive"] == {"count": 0, "share": 0.0}
    assert (board["top_sources"], board["top_rules"]) == ({"of_alerts": 0, "items": []}, [])


async def test_open_incidents_by_severity_age_and_owner(
    page: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    owners = [await make_person(session, acme) for _ in range(12)]
    for number, owner in enumerate(owners, start=1):
        for _ in range(number % 3 + 1):
            await make_incident(session, acme, age=HOUR / 2, assignee_id=owner.id, severity=2)
    for age, severity in ((2, 5), (5, 5), (30, 4), (24 * 8, 1)):
        await make_incident(session, acme, age=age * HOUR, severity=severity)
    await make_incident(session, acme, age=HOUR * 3, status="on_hold")
    await ask_for_review(session, await make_incident(session, acme, age=HOUR, status="resolved"))
    await make_incident(session, other, age=HOUR)
    board = (await shown(page))["incidents"]
    assert board["total"] == 24 + 4 + 1
    assert board["by_severity"] == {"1": 1, "2": 24, "3": 1, "4": 1, "5": 2}
    assert board["by_age"] == {"under_1h": 24, "under_4h": 2, "under_1d": 1, "under_7d": 1, "older": 1}
    assert (board["unassigned"], board["on_hold"], board["in_review"]) == (5, 1, 1)
    assert [one["count"] for one in board["by_owner"]] == [3, 3, 3, 3, 2, 2, 2, 2, 1, 1]
    assert board["by_owner"][0]["assignee_id"] in {str(owner.id) for owner in owners}


async def test_open_alerts(page: Page, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    owner = await make_person(session, acme)
    await make_alert(session, acme, severity=5, assignee_id=owner.id)
    await make_alert(session, acme, severity=1, status="in_progress", created_at=clock.now() - 3 * HOUR)
    await make_alert(session, acme, status="suppressed")
    await make_alert(session, acme, status="closed", closed_at=clock.now())
    await make_alert(session, other)
    board = (await shown(page))["alerts"]
    assert (board["total"], board["unassigned"]) == (2, 1)
    assert (board["by_severity"]["5"], board["by_severity"]["1"]) == (1, 1)
    assert (board["by_age"]["under_1h"], board["by_age"]["under_4h"]) == (1, 1)
    assert board["by_owner"] == [{"assignee_id": str(owner.id), "count": 1}]


async def test_restricted_incidents_count_for_their_members_alone(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    member = await make_person(session, acme, "analyst")
    secret = await make_incident(
        session, acme, age=HOUR / 2, restricted=True, acknowledged_at=clock.now(), status="on_hold"
    )
    session.add(IncidentMember(incident_id=secret.id, user_id=member.id))
    await ask_for_review(session, secret)
    for reader, count in ((page, 0), (await page_of(api, member), 1)):
        board = await shown(reader)
        assert board["incidents"]["total"] == count
        assert (board["incidents"]["on_hold"], board["incidents"]["in_review"]) == (count, count)
        assert (board["times"]["all"]["received"], board["times"]["all"]["acknowledge"]["count"]) == (count, count)


async def test_how_fast_incidents_are_worked(page: Page, acme: Tenant, session: AsyncSession) -> None:
    for acknowledged, resolved, severity in ((10, 100, 5), (20, None, 5), (60, 300, 3), (None, None, 3)):
        start = clock.now() - 2 * HOUR
        await make_incident(
            session,
            acme,
            age=2 * HOUR,
            severity=severity,
            received_at=start,
            acknowledged_at=start + timedelta(seconds=acknowledged) if acknowledged else None,
            resolved_at=start + timedelta(seconds=resolved) if resolved else None,
        )
    before = clock.now() - timedelta(days=10)
    into = await make_incident(session, acme, age=timedelta(days=10), acknowledged_at=before + 9 * HOUR)
    moved = {"status": "merged", "merged_into_id": into.id, "acknowledged_at": clock.now()}
    await make_incident(session, acme, age=HOUR, **moved)
    times = (await shown(page, days=7))["times"]
    assert times["all"]["received"] == 4
    assert times["all"]["acknowledge"] == {"count": 3, "mean_seconds": 30, "median_seconds": 20}
    assert times["all"]["resolve"] == {"count": 2, "mean_seconds": 200, "median_seconds": 200}
    assert set(times["by_severity"]) == {"3", "5"}
    assert times["by_severity"]["5"]["acknowledge"] == {"count": 2, "mean_seconds": 15, "median_seconds": 15}
    assert times["by_severity"]["3"]["received"] == 2
    assert "acknowledged_at − received_at" in times["formulas"]["mtta"]
    assert (await shown(page))["times"]["all"]["received"] == 5
    for days in (0, 91):
        assert (await page.get("dashboard", params={"days": days})).status_code == 422


async def test_what_fires_most_and_from_where(page: Page, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    address, host = (Observable(organization_id=acme.id, type="ip", value=one) for one in ("192.0.2.1", "192.0.2.2"))
    session.add_all([address, host])
    for number in range(12):
        for _ in range(2 if number == 7 else 1):
            alert = await make_alert(session, acme, rule_id=f"rule {number:02}", title=f"Title {number}")
            session.add(AlertObservable(alert_id=alert.id, observable=address, fields=["source.ip"]))
    old = await make_alert(session, acme, rule_id="old", last_seen=clock.now() - 25 * HOUR)
    hidden = await make_alert(session, acme, rule_id="hidden", status="suppressed")
    closed = await make_alert(session, acme, rule_id="rule 03", status="closed", closed_at=clock.now())
    for alert in (old, hidden, closed):
        session.add(AlertObservable(alert_id=alert.id, observable=host, fields=["source.ip"]))
    session.add(AlertObservable(alert=await make_alert(session, acme), observable=host, fields=["destination.ip"]))
    await make_alert(session, other, rule_id="rule 07")
    await session.commit()
    board = await shown(page)
    assert [(one["rule_id"], one["alerts"]) for one in board["top_rules"]] == [
        ("rule 03", 2), ("rule 07", 2), *((f"rule {number:02}", 1) for number in (0, 1, 2, 4, 5, 6, 8, 9)),
    ]  # fmt: skip
    assert board["top_rules"][1]["title"] == "Title 7"
    assert board["top_sources"] == {"of_alerts": 14, "items": [{"value": "192.0.2.1", "alerts": 13}]}


async def test_what_closed_alerts_turned_out_to_be(page: Page, acme: Tenant, session: AsyncSession) -> None:
    for verdict in ("true_positive", "false_positive", "false_positive", "false_positive", None):
        await make_alert(session, acme, status="closed", closed_at=clock.now(), verdict=verdict)
    await make_alert(session, acme, status="closed", closed_at=clock.now() - timedelta(days=3), verdict="undetermined")
    found = (await shown(page, days=2))["verdicts"]
    assert found["of_alerts"] == 4
    assert found["by_verdict"]["false_positive"] == {"count": 3, "share": 0.75}
    assert found["by_verdict"]["undetermined"]["count"] == 0


async def test_whether_all_arrives(page: Page, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    normal = {"expected_interval": timedelta(minutes=5)}
    for number in range(12):
        await make_sensor(session, acme, name=f"quiet {number:02}", last_seen_at=now - HOUR, **normal)
    heard = await make_sensor(session, acme, name="heard", last_seen_at=now, **normal)
    await make_sensor(session, acme, name="off", status="disabled", last_seen_at=now - HOUR, **normal)
    await make_sensor(session, acme, name="whenever", last_seen_at=now - HOUR)
    await make_sensor(session, other, last_seen_at=now - HOUR, **normal)
    minute = now.replace(second=0, microsecond=0)
    counts: list[tuple[Any, timedelta, str, dict[str, int]]] = [
        (heard.id, HOUR, "door", {"accepted": 10}),
        (heard.id, HOUR, "writer", {"stored": 6, "duplicate": 1, "quarantined": 1, "discarded": 1}),
        (heard.id, 2 * HOUR, "writer", {"stored": 2}),
        (heard.id, 25 * HOUR, "door", {"accepted": 1000}),
    ]
    session.add_all(
        SensorAccount(organization_id=acme.id, sensor_id=sensor, minute=minute - age, source=source, **values)
        for sensor, age, source, values in counts
    )
    session.add(
        SensorAccount(organization_id=other.id, sensor_id=ids.uuid7(), minute=minute, source="door", accepted=5)
    )
    await session.commit()
    board = await shown(page)
    health = board["sensors"]
    assert (health["active"], health["silent"], health["disabled"]) == (14, 12, 1)
    assert [one["name"] for one in health["silent_sensors"]] == [f"quiet {number:02}" for number in range(10)]
    assert board["pipeline"] == {
        "accepted": 10, "stored": 8, "duplicate": 1, "quarantined": 1, "discarded": 1, "in_flight_or_parked": 1,
        "unreported": 2,
    }  # fmt: skip


async def test_what_a_token_may_not_read_is_null(api: Api, acme: Tenant, session: AsyncSession) -> None:
    narrow = api.as_(await make_token(session, acme.id, Permission.INCIDENTS_READ))
    board = (await narrow.get("dashboard")).json()
    nulls = {name for name, value in board.items() if value is None}
    assert nulls == {"alerts", "top_sources", "top_rules", "verdicts", "sensors", "pipeline"}
    assert (
        await api.as_(await make_token(session, acme.id, Permission.ALERTS_READ)).get("dashboard")
    ).status_code == 403
