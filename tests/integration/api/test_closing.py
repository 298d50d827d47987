"""How incidents end: with all that is asked for, by a second person where that is wanted, their alerts with them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.models import Alert, AuditEntry, IncidentPause, IncidentTask, Notification, User
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, act, alerts_of, done, opened, opened_of, set_review, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of

WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE datname = current_database() AND NOT granted
"""


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def lead(session: AsyncSession, acme: Tenant) -> User:
    """Who may review."""
    return await make_person(session, acme, "lead")


async def test_closing_says_what_is_missing(page: Page, acme: Tenant, session: AsyncSession) -> None:
    incident = await opened(page, summary="  ")
    task = IncidentTask(
        organization_id=acme.id, incident_id=incident["id"], title="Ask the owner", required=True, position=0
    )
    session.add(task)
    await session.commit()
    refused = await act(page, incident, "close", CLOSING)
    assert (refused.status_code, refused.json()["code"]) == (409, "closing_incomplete")
    assert refused.json()["missing"] == [
        {"kind": "summary", "name": "summary"},
        {"kind": "task", "name": "Ask the owner", "id": str(task.id)},
    ]
    task.status = "cancelled"
    await session.commit()
    path = f"incidents/{incident['id']}"
    await page.call("PATCH", path, json={"summary": "Nothing came of it."}, headers={"If-Match": "*"})
    unknown = await act(page, incident, "close", {"verdict": "true_positive", "reason": "boredom"})
    assert unknown.json()["code"] == "unknown_reason"
    closed = await done(page, incident, "close", CLOSING)
    assert (closed["status"], closed["verdict"], closed["reason"]) == ("closed", "true_positive", "attack")
    assert closed["resolved_at"] == closed["closed_at"]
    again = await act(page, incident, "close", CLOSING)
    assert (again.status_code, again.json()["code"]) == (409, "incident_closed")
    moved = await act(page, incident, "transition", {"to": "investigating", "reason": "x"})
    assert moved.json()["code"] == "incident_closed", "that is what `reopen` is for"


async def test_its_open_alerts_are_closed_with_it_and_reopened(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 4)
    before = await make_alert(session, acme, title="Closed before")
    incident = await opened_of(page, *alerts, before)
    body = {"verdict": "false_positive", "reason": "known_good"}
    await page.post(f"alerts/{before.id}/close", body, headers={"If-Match": "*"})
    await done(page, incident, "close", CLOSING)
    for alert in alerts:
        await session.refresh(alert)
        assert (alert.status, alert.verdict, alert.reason) == ("closed", "true_positive", "attack")
    # One has a successor by now.
    await succeed(session, alerts[0])
    reopened = await done(page, incident, "reopen", {"reason": "It goes on", "reopen_alerts": True})
    assert (reopened["alerts_reopened"], reopened["alerts_left_closed"]) == (3, 1)
    assert (reopened["status"], reopened["verdict"], reopened["closed_at"]) == ("investigating", None, None)
    for alert in alerts[1:]:
        await session.refresh(alert)
        assert (alert.status, alert.verdict, alert.incident_id is not None) == ("acknowledged", None, True)
    await session.refresh(before)
    assert before.status == "closed", "it was closed by itself"


async def succeed(session: AsyncSession, alert: Alert, **values: object) -> Alert:
    """What events of this alert's key fold into from now on."""
    alert.current = False
    await session.flush()
    key = {name: getattr(alert, name) for name in ("organization_id", "fingerprint", "fold_window")}
    now = clock.now()
    born = {"title": "Successor", "severity": 3, "sensor_severity": 3, "first_seen": now, "last_seen": now}
    successor = Alert(**key | born | values, previous_alert_id=alert.id)
    session.add(successor)
    await session.commit()
    return successor


async def test_reopening_holds_no_incident_while_it_waits_for_a_successor(
    page: Page, acme: Tenant, session: AsyncSession, database: Postgres
) -> None:
    """Whoever folds into the successor may want the incident next: each would wait for the other."""
    (alert,) = await alerts_of(session, acme, 1)
    incident = await opened_of(page, alert)
    await done(page, incident, "close", CLOSING)
    await session.refresh(alert)
    closed = {"status": "closed", "closed_at": clock.now(), "verdict": "benign_positive", "reason": "expected"}
    successor = await succeed(session, alert, **closed)
    async with database.connect("owner") as other:
        async with other.transaction():
            await other.execute("SELECT FROM alerts WHERE id = $1 FOR UPDATE", successor.id)
            reopening = asyncio.create_task(act(page, incident, "reopen", {"reason": "x", "reopen_alerts": True}))
            async with asyncio.timeout(20):
                while not await other.fetchval(WAITING):
                    await asyncio.sleep(0.02)
            await other.execute("SELECT FROM incidents WHERE id = $1 FOR UPDATE NOWAIT", UUID(incident["id"]))
        assert (await reopening).json()["alerts_reopened"] == 1


async def test_a_thousand_alerts_are_closed_in_one_transaction_or_none(
    page: Page, acme: Tenant, session: AsyncSession, database: Postgres
) -> None:
    incident = await opened(page)
    await session.execute(
        text(
            "INSERT INTO alerts (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity,"
            " first_seen, last_seen, incident_id) SELECT gen_random_uuid(), :home,"
            " decode(lpad(to_hex(n), 32, '0'), 'hex'), 690, 'Many', 3, 3, now(), now(), :incident"
            " FROM generate_series(1, 1000) n"
        ),
        {"home": acme.id, "incident": incident["id"]},
    )
    await session.execute(
        text(
            "INSERT INTO incident_alerts (id, organization_id, incident_id, alert_id, linked_by_name)"
            " SELECT gen_random_uuid(), :home, :incident, id, 'test' FROM alerts WHERE incident_id = :incident"
        ),
        {"home": acme.id, "incident": incident["id"]},
    )
    await session.commit()

    async def statuses() -> dict[str, int]:
        rows = select(Alert.status, func.count()).where(Alert.incident_id == incident["id"]).group_by(Alert.status)
        found = {row[0]: row[1] for row in await session.execute(rows)}
        await session.rollback()
        return found

    async def fold(seconds: float) -> int:
        """What the writer does meanwhile: events come on alerts, in the order in which all lock them."""
        folds, ends = 0, asyncio.get_running_loop().time() + seconds
        async with database.connect("indexer") as connection:
            while asyncio.get_running_loop().time() < ends:
                await connection.execute(
                    "WITH hit AS (SELECT id FROM alerts WHERE incident_id = $1 AND random() < 0.05"
                    " ORDER BY organization_id, fingerprint, fold_window FOR UPDATE)"
                    " UPDATE alerts SET count = count + 1 WHERE id IN (SELECT id FROM hit)",
                    incident["id"],
                )
                folds += 1
        return folds

    # The alert that is locked last cannot be closed: none is.
    async with database.connect("owner") as other:
        await other.execute("BEGIN")
        await other.execute(
            "SELECT 1 FROM alerts WHERE incident_id = $1 ORDER BY fingerprint DESC LIMIT 1 FOR UPDATE", incident["id"]
        )
        failed = await act(page, incident, "close", CLOSING)
        assert failed.status_code == 503
        await other.execute("ROLLBACK")
    assert await statuses() == {"new": 1000}
    folding = asyncio.create_task(fold(4))
    watched: list[dict[str, int]] = []
    closing = asyncio.create_task(act(page, incident, "close", CLOSING))
    while not closing.done():
        watched.append(await statuses())
        await asyncio.sleep(0.05)
    reply = await closing
    assert reply.status_code == 200, reply.text
    assert await folding > 10
    assert await statuses() == {"closed": 1000}
    assert {tuple(one.items()) for one in watched} <= {(("new", 1000),), (("closed", 1000),)}, "all at once"


async def test_an_alert_linked_while_it_is_being_closed_is_closed_too_or_refused(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    for _ in range(5):
        alert, late = await alerts_of(session, acme, 2)
        incident = await opened_of(page, alert)
        closed, linked = await asyncio.gather(
            act(page, incident, "close", CLOSING), act(page, incident, "alerts", {"alert_ids": [str(late.id)]})
        )
        assert closed.status_code == 200, closed.text
        await session.refresh(late)
        if linked.status_code == 200:
            assert (late.status, str(late.incident_id)) == ("closed", incident["id"])
        else:
            assert (linked.json()["code"], late.incident_id) == ("incident_closed", None)


async def test_a_critical_one_is_closed_by_a_second_person(
    page: Page, api: Api, acme: Tenant, session: AsyncSession, lead: User
) -> None:
    alert = await make_alert(session, acme)
    incident = await opened_of(page, alert, severity=5)
    assert (await shown(page, incident))["needs_review"]
    refused = await act(page, incident, "close", CLOSING)
    assert (refused.status_code, refused.json()["code"]) == (409, "review_needed")
    body = CLOSING | {"comment": "All hosts are clean.", "reviewer_id": str(lead.id)}
    await done(page, incident, "review", body)
    assert (await act(page, incident, "review", body)).json()["code"] == "in_review"
    assert (await act(page, incident, "transition", {"to": "resolved"})).json()["code"] == "in_review"
    waiting = (await shown(page, incident))["review"]
    assert (waiting["decision"], waiting["comment"]) == (None, "All hosts are clean.")
    paused = select(IncidentPause).where(IncidentPause.incident_id == incident["id"])
    assert [(one.kind, one.ended_at) for one in await session.scalars(paused)] == [("review", None)]
    assert (await act(page, incident, "review/decide", {"decision": "approved"})).status_code == 403
    judge = await page_of(api, lead)
    assert (await act(judge, incident, "review/decide", {"decision": "sent_back"})).json()["code"] == "reason_needed"
    await done(judge, incident, "review/decide", {"decision": "sent_back", "comment": "And the printer?"})
    assert (await shown(page, incident))["review"] is None
    assert (await act(page, incident, "close", CLOSING)).json()["code"] == "review_needed"
    await done(page, incident, "review", CLOSING)
    await done(judge, incident, "review/decide", {"decision": "approved", "comment": "Well done."})
    closed = await shown(page, incident)
    assert (closed["status"], closed["closed_by_id"], closed["reviewer_id"]) == ("closed", str(lead.id), str(lead.id))
    await session.refresh(alert)
    assert alert.status == "closed"
    reviews = (await page.get(f"incidents/{incident['id']}/reviews")).json()["items"]
    assert [one["decision"] for one in reviews] == ["approved", "sent_back"]
    told = (await session.scalars(select(Notification).where(Notification.object_id == incident["id"]))).all()
    assert {one.kind for one in told} == {"incident.review_wanted", "incident.review_decided"}


async def test_lowering_the_severity_spares_nobody_the_review(page: Page) -> None:
    incident, source = await opened(page, severity=5), await opened(page, severity=5)
    path = f"incidents/{incident['id']}"
    lowered = await page.call("PATCH", path, json={"severity": 2}, headers={"If-Match": "*"})
    assert (lowered.json()["severity"], (await shown(page, incident))["needs_review"]) == (2, True)
    assert (await act(page, incident, "close", CLOSING)).json()["code"] == "review_needed"
    whole = await opened(page, severity=2)
    await done(page, whole, "merge", {"incident_ids": [source["id"]]})
    assert (await act(page, whole, "close", CLOSING)).json()["code"] == "review_needed"


async def test_what_is_not_over_is_not_reopened_nor_given_away_in_review(page: Page) -> None:
    at_work, waiting = await opened(page), await opened(page, severity=5)
    refused = await act(page, at_work, "reopen", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")
    await done(page, waiting, "transition", {"to": "resolved"})
    await done(page, waiting, "review", CLOSING)
    for action, body in (("reopen", {"reason": "x"}), ("assign", {"assignee_id": None})):
        assert (await act(page, waiting, action, body)).json()["code"] == "in_review"


async def test_what_is_closed_is_changed_after_it_is_reopened(page: Page) -> None:
    incident = await opened(page)
    await done(page, incident, "close", CLOSING)
    path = f"incidents/{incident['id']}"
    refused = await page.call("PATCH", path, json={"summary": ""}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident_closed")


async def test_nobody_reviews_their_own(page: Page, api: Api, acme: Tenant, session: AsyncSession, lead: User) -> None:
    judge = await page_of(api, lead)
    theirs = await opened(judge, severity=5)
    await done(judge, theirs, "review", CLOSING)
    refused = await act(judge, theirs, "review/decide", {"decision": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_the_reviewer")
    assigned = await opened(page, severity=5)
    await done(page, assigned, "assign", {"assignee_id": str(lead.id)})
    await done(page, assigned, "review", CLOSING)
    refused = await act(judge, assigned, "review/decide", {"decision": "approved"})
    assert refused.json()["code"] == "not_the_reviewer"
    await done(page, assigned, "review/withdraw")
    assert (await act(page, assigned, "review/withdraw")).json()["code"] == "no_review"


async def test_an_organization_says_what_is_reviewed(page: Page, acme: Tenant, session: AsyncSession) -> None:
    await set_review(session, acme, from_severity=None, false_positive_from=2)
    critical, harmless = await opened(page, severity=5), await opened(page, severity=2)
    assert (await act(page, critical, "review", CLOSING)).json()["code"] == "review_not_needed"
    await done(page, critical, "close", CLOSING)
    false = {"verdict": "false_positive", "reason": "known_good"}
    assert (await act(page, harmless, "close", false)).json()["code"] == "review_needed"
    await done(page, harmless, "close", CLOSING)


async def test_what_was_closed_is_in_the_audit(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    incident = await opened_of(page, alert)
    await done(page, incident, "close", CLOSING)
    rows = select(AuditEntry).where(AuditEntry.action.in_(("incident.closed", "alert.closed")))
    entries = [one for one in await session.scalars(rows) if str(one.object_id) in (incident["id"], str(alert.id))]
    assert {one.action for one in entries} == {"incident.closed", "alert.closed"}
    assert all(one.changes["verdict"] == [None, "true_positive"] for one in entries)
