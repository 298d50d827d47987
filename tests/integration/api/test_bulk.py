"""One action on many alerts: what the preview shows is what is done, row by row, and can be taken back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asyncpg import Connection
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.jobs import runner
from services.api.jobs import service as jobs
from services.api.settings import ApiSettings
from shared import clock, ids
from shared.jobs import LEASE, MOST_ATTEMPTS
from shared.models import Alert, AlertNote, AuditEntry, Job, Membership, Notification, OutboxMessage, Snooze
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import Tenant, make_alert, make_person, make_token
from tests.integration.api.signed_in import Page, page_of

CLOSE = {"type": "close", "verdict": "false_positive", "reason": "known_good", "quiet_seconds": 3600}


@pytest.fixture
async def lead(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """Somebody who leads at Acme."""
    yield await page_of(api, await make_person(session, acme, "lead"))


async def fill(session: AsyncSession, acme: Tenant, number: int, **values: str) -> None:
    """Many alerts at once; `values` are SQL for columns, of `n`."""
    columns = {"title": "'scan ' || n", "status": "'new'", "severity": "3"} | values
    await session.execute(
        text(
            "INSERT INTO alerts (id, organization_id, fingerprint, fold_window, sensor_severity, first_seen, last_seen,"
            f" {', '.join(columns)}) SELECT gen_random_uuid(), :organization, decode(md5(n::text), 'hex'), n, 3, now(),"
            f" now(), {', '.join(columns.values())} FROM generate_series(1, :number) AS n"
        ),
        {"organization": acme.id, "number": number},
    )
    await session.commit()


async def ended(page: Page, job: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            found: dict[str, Any] = (await page.get(f"jobs/{job['id']}")).json()
            if found["status"] in ("done", "failed", "cancelled"):
                return found
            await asyncio.sleep(0.05)


async def count(session: AsyncSession, acme: Tenant, **values: Any) -> int:
    await session.commit()
    conditions = [getattr(Alert, name) == value for name, value in values.items()]
    statement = select(func.count()).select_from(Alert).where(Alert.organization_id == acme.id, *conditions)
    return await session.scalar(statement) or 0


async def test_what_is_previewed_is_done_and_taken_back(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 450, title="CASE WHEN n % 3 = 0 THEN 'ssh brute' ELSE 'scan' END")
    draft = (await lead.post("alerts/bulk", {"action": CLOSE, "query": "title:brute"})).json()
    assert (draft["status"], draft["total"], draft["done"]) == ("draft", 150, 0)
    later = await make_alert(session, acme, title="ssh brute")
    assert await count(session, acme, status="closed") == 0, "a preview changes nothing"
    assert (await lead.post(f"jobs/{draft['id']}/start")).json()["status"] == "pending"
    again = await lead.post(f"jobs/{draft['id']}/start")
    assert (again.status_code, again.json()["code"]) == (409, "job_not_a_draft")
    job = await ended(lead, draft)
    assert (job["status"], job["done"], job["skipped"], job["failed"]) == ("done", 150, 0, 0)
    assert await count(session, acme, status="closed", reason="known_good") == 150
    assert await count(session, acme, status="new") == 301
    await session.refresh(later)
    assert later.status == "new", "what came behind the preview was not in it"
    undone = await ended(lead, (await lead.post(f"alerts/bulk/{job['id']}/undo")).json())
    assert (undone["done"], undone["skipped"], undone["undo_of_id"]) == (150, 0, job["id"])
    assert await count(session, acme, status="new", closed_at=None, quiet_until=None, revision=3) == 150
    twice = await lead.post(f"alerts/bulk/{job['id']}/undo")
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_undo")
    rows = await session.execute(
        select(AuditEntry.action, func.count())
        .where(AuditEntry.organization_id == acme.id, AuditEntry.kind == "alert")
        .group_by(AuditEntry.action)
    )
    actions = {row[0]: row[1] for row in rows}
    assert actions == {"alert.closed": 150, "alert.undone": 150}


async def test_each_row_says_what_became_of_it(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    new, closed, hidden = [await make_alert(session, acme, status=status) for status in ("new", "closed", "suppressed")]
    unknown = ids.uuid7()
    wanted = [str(one) for one in (new.id, closed.id, hidden.id, unknown)]
    job = await ended(
        lead, (await lead.post("alerts/bulk", {"action": {"type": "acknowledge"}, "ids": wanted, "start": True})).json()
    )
    assert (job["total"], job["done"], job["skipped"]) == (3, 1, 2)
    items = (await lead.get(f"jobs/{job['id']}/items")).json()["items"]
    assert {item["target_id"]: (item["status"], item["reason"]) for item in items} == {
        str(new.id): ("done", None),
        str(closed.id): ("skipped", "alert_closed"),
        str(hidden.id): ("skipped", "alert_suppressed"),
    }
    skipped = (await lead.get(f"jobs/{job['id']}/items", params={"status": "skipped", "limit": 1})).json()
    assert len(skipped["items"]) == 1
    assert skipped["next_cursor"]


async def test_undoing_leaves_what_somebody_changed_since(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    touched, succeeded, plain = [await make_alert(session, acme) for _ in range(3)]
    wanted = [str(one.id) for one in (touched, succeeded, plain)]
    job = await ended(lead, (await lead.post("alerts/bulk", {"action": CLOSE, "ids": wanted, "start": True})).json())
    assert job["done"] == 3
    await lead.post(f"alerts/{touched.id}/tags", {"add": ["mine"]}, headers={"If-Match": "*"})
    # Folding opens a successor, which is no edit.
    await session.execute(update(Alert).where(Alert.id == succeeded.id).values(current=False))
    await session.commit()
    key = {"fingerprint": succeeded.fingerprint, "fold_window": succeeded.fold_window}
    await make_alert(session, acme, **key, previous_alert_id=succeeded.id)
    undone = await ended(lead, (await lead.post(f"alerts/bulk/{job['id']}/undo")).json())
    items = (await lead.get(f"jobs/{undone['id']}/items")).json()["items"]
    assert {item["target_id"]: item["reason"] for item in items} == {
        str(touched.id): "changed_since",
        str(succeeded.id): "successor_open",
        str(plain.id): None,
    }
    assert await count(session, acme, id=plain.id, status="new") == 1


async def test_undoing_leaves_what_folded_in_since(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    tagged = await make_alert(session, acme, status="acknowledged", acknowledged_at=clock.now(), acknowledged_count=1)
    graded = await make_alert(session, acme)
    loud = {"severity": 5, "sensor_severity": 5, "risk": 100}
    for alert, action, folded in (
        (tagged, {"type": "tags", "add": ["mine"]}, loud | {"status": "new", "again": True}),
        (graded, {"type": "severity", "severity": 1}, {"sensor_severity": 5}),
    ):
        wanted = {"action": action, "ids": [str(alert.id)], "start": True}
        job = await ended(lead, (await lead.post("alerts/bulk", wanted)).json())
        # Folding is no edit: the revision stays.
        await session.execute(update(Alert).where(Alert.id == alert.id).values(**folded))
        await session.commit()
        undone = await ended(lead, (await lead.post(f"alerts/bulk/{job['id']}/undo")).json())
        assert (undone["done"], undone["skipped"]) == (1, 0)
    assert await count(session, acme, id=tagged.id, tags=[], status="new", again=True, **loud) == 1
    assert await count(session, acme, id=graded.id, severity_by_hand=False, **loud) == 1


async def test_undoing_a_closing_leaves_the_acknowledgement(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    taken = {"status": "acknowledged", "acknowledged_at": now, "acknowledged_count": 7}
    alert = await make_alert(session, acme, **taken)
    wanted = {"action": CLOSE, "ids": [str(alert.id)], "start": True}
    job = await ended(lead, (await lead.post("alerts/bulk", wanted)).json())
    assert (await ended(lead, (await lead.post(f"alerts/bulk/{job['id']}/undo")).json()))["done"] == 1
    assert await count(session, acme, id=alert.id, **taken, closed_at=None, verdict=None) == 1


async def test_the_note_of_a_closing_is_on_each_once_and_told_once(
    lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    named = await make_person(session, acme)
    note = f"Tuned, @{named.email}"
    closed = await make_alert(session, acme, status="closed")
    await fill(session, acme, 3)
    job = await ended(
        lead, (await lead.post("alerts/bulk", {"action": CLOSE | {"note": note}, "query": "", "start": True})).json()
    )
    assert (job["done"], job["skipped"]) == (3, 1)
    noted = select(func.count(), func.count(AlertNote.alert_id.distinct())).where(
        AlertNote.organization_id == acme.id, AlertNote.body == note, AlertNote.alert_id != closed.id
    )
    assert tuple((await session.execute(noted)).one()) == (3, 3)
    told = select(func.count()).where(Notification.user_id == named.id, Notification.kind == "note.mention")
    assert await session.scalar(told) == 1


async def test_a_killed_process_job_is_done_by_another_and_no_row_twice(
    lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    await fill(session, acme, 650)
    draft = (await lead.post("alerts/bulk", {"action": {"type": "tags", "add": ["seen"]}, "query": ""})).json()
    now = clock.now()
    # As it is when the process that had it was killed behind its first chunk.
    await session.execute(
        update(Job)
        .where(Job.id == draft["id"])
        .values(status="running", attempts=4, fence=9, lease_until=now + timedelta(seconds=1), started_at=now)
    )
    await session.commit()
    job = await ended(lead, draft)
    assert (job["status"], job["done"], job["total"]) == ("done", 650, 650)
    assert await count(session, acme, tags=["seen"], revision=2) == 650
    kept = await session.get_one(Job, draft["id"])
    assert (kept.fence, kept.attempts) == (10, 0), "taken once more, and it got on"
    assert kept.started_at == now
    assert timedelta(seconds=1) < LEASE


async def test_a_job_that_nobody_survives_is_given_up(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 3)
    draft = (await lead.post("alerts/bulk", {"action": {"type": "acknowledge"}, "query": ""})).json()
    past = clock.now() - timedelta(seconds=1)
    await session.execute(
        update(Job).where(Job.id == draft["id"]).values(status="running", attempts=MOST_ATTEMPTS, lease_until=past)
    )
    await session.commit()
    job = await ended(lead, draft)
    assert (job["status"], job["error"], job["done"]) == ("failed", "given_up", 0)


TAG = {"action": {"type": "tags", "add": ["seen"]}, "query": "", "start": True}
LOCK = "SELECT id FROM alerts WHERE id = $1 FOR UPDATE"
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE datname = current_database() AND NOT granted
"""


async def windows_apart(session: AsyncSession, acme: Tenant) -> tuple[Alert, Alert]:
    """Two alerts of one fingerprint in the order in which all lock alerts, which is not that of their ids."""
    last_id, first_id = ids.uuid7(), ids.uuid7()
    first = await make_alert(session, acme, id=first_id, fingerprint=b"f" * 16, fold_window=1)
    return first, await make_alert(session, acme, id=last_id, fingerprint=b"f" * 16, fold_window=2)


async def until_somebody_waits(connection: Connection) -> None:
    async with asyncio.timeout(20):
        while not await connection.fetchval(WAITING):
            await asyncio.sleep(0.02)


async def test_it_locks_alerts_in_the_order_of_all(
    lead: Page, acme: Tenant, session: AsyncSession, database: Postgres
) -> None:
    first, last = await windows_apart(session, acme)
    async with database.connect() as holder, database.connect() as looker, holder.transaction():
        await holder.fetch(LOCK, first.id)
        job = (await lead.post("alerts/bulk", TAG)).json()
        await until_somebody_waits(looker)
        await looker.fetch(f"{LOCK} NOWAIT", last.id)
    assert (await ended(lead, job))["done"] == 2


async def test_a_deadlock_is_no_end_of_it(lead: Page, acme: Tenant, session: AsyncSession, database: Postgres) -> None:
    first, last = await windows_apart(session, acme)
    async with database.connect() as holder, database.connect() as looker:
        async with holder.transaction():
            await holder.fetch(LOCK, last.id)
            job = (await lead.post("alerts/bulk", TAG)).json()
            await until_somebody_waits(looker)
            # Who has waited longer finds the deadlock and is broken off: the job.
            await holder.fetch(LOCK, first.id)
        assert (await ended(lead, job))["done"] == 2
    assert (await session.get_one(Job, job["id"])).fence == 1, "it did not wait for its lease to run out"


async def test_a_process_that_ends_lets_its_job_go(
    bare_settings: ApiSettings, acme: Tenant, session: AsyncSession
) -> None:
    await fill(session, acme, 2000)
    async with running(bare_settings, acme.token) as api:
        job = (await api.post("alerts/bulk", TAG)).json()
        async with asyncio.timeout(60):
            while not (await api.get(f"jobs/{job['id']}")).json()["done"]:
                await asyncio.sleep(0.02)
    kept = await session.get_one(Job, job["id"])
    assert (kept.status, kept.attempts) == ("running", 0)
    assert 0 < kept.done < 2000
    assert kept.lease_until is not None
    assert kept.lease_until < clock.now(), "another process may go on at once"
    # Which would be the next test's.
    kept.status = "cancelled"
    await session.commit()


async def test_a_draft_is_forgotten_and_pages_hear_of_it(
    acme: Tenant, session: AsyncSession, bare_settings: ApiSettings
) -> None:
    values: dict[str, Any] = {"organization_id": acme.id, "kind": "alerts.bulk", "actor": {}, "parameters": {}}
    past = clock.now() - timedelta(hours=2)
    draft = Job(**values, status="draft", created_at=past)
    given_up = Job(**values, status="running", attempts=MOST_ATTEMPTS, lease_until=past)
    session.add_all([draft, given_up])
    await session.commit()
    async with running(bare_settings, acme.token), asyncio.timeout(30):
        while given_up.status == "running" or draft.status == "draft":
            await asyncio.sleep(0.1)
            await session.refresh(given_up)
            await session.refresh(draft)
            await session.commit()
    assert (draft.status, given_up.status) == ("cancelled", "failed")
    told = await session.scalars(select(OutboxMessage.ids).where(OutboxMessage.organization_id == acme.id))
    assert sorted(one for ids_ in told for one in ids_) == sorted([draft.id, given_up.id])


async def test_a_draft_says_what_it_would_do(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 1)
    closing = {name: value for name, value in CLOSE.items() if name != "quiet_seconds"}
    wanted = {"query": "", "status": ["new"], "snoozed": True}
    draft = (await lead.post("alerts/bulk", {"action": closing, **wanted})).json()
    assert draft["parameters"] == {**wanted, "action": {**closing, "quiet_seconds": 86_400, "note": None}}
    given = (await lead.post("alerts/bulk", {"action": CLOSE | {"quiet_seconds": 0}, **wanted})).json()
    assert given["parameters"]["action"]["quiet_seconds"] == 0
    await lead.post(f"jobs/{draft['id']}/start")
    await ended(lead, draft)
    closed = (await session.scalars(select(Alert).where(Alert.organization_id == acme.id))).one()
    assert closed.closed_at is not None
    assert closed.quiet_until == closed.closed_at + timedelta(days=1)


async def test_why_a_job_is_not_started_or_taken_back_is_said(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 1)
    acknowledging = {"action": {"type": "acknowledge"}, "query": ""}

    async def refused(path: str) -> str:
        reply = await lead.post(path)
        assert reply.status_code == 409, reply.text
        return str(reply.json()["detail"])

    cancelled, forgotten, done = [(await lead.post("alerts/bulk", acknowledging)).json()["id"] for _ in range(3)]
    assert "has not ended" in await refused(f"alerts/bulk/{done}/undo")
    await lead.post(f"jobs/{cancelled}/cancel")
    await session.execute(text("UPDATE jobs SET status = 'cancelled' WHERE id = :id"), {"id": forgotten})
    await session.commit()
    assert "was cancelled" in await refused(f"jobs/{cancelled}/start")
    assert "within the hour" in await refused(f"jobs/{forgotten}/start")
    assert "changed nothing" in await refused(f"alerts/bulk/{cancelled}/undo")
    job = await ended(lead, (await lead.post(f"jobs/{done}/start")).json())
    assert (job["undone_by_id"], job["done"]) == (None, 1)
    assert "was started" in await refused(f"jobs/{done}/start")
    undoing = await ended(lead, (await lead.post(f"alerts/bulk/{done}/undo")).json())
    assert "taken back already" in await refused(f"alerts/bulk/{done}/undo")
    assert "of this kind" in await refused(f"alerts/bulk/{undoing['id']}/undo")
    listed = {one["id"]: one["undone_by_id"] for one in (await lead.get("jobs")).json()["items"]}
    assert {one for one in listed.items() if one[1]} == {(done, undoing["id"])}
    assert (await lead.get(f"jobs/{done}")).json()["undone_by_id"] == undoing["id"]


async def test_cancelling_ends_it_behind_the_rows_that_are_done(
    lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    await fill(session, acme, 300)
    draft = (await lead.post("alerts/bulk", {"action": {"type": "acknowledge"}, "query": ""})).json()
    assert (await lead.post(f"jobs/{draft['id']}/cancel")).json()["status"] == "cancelled"
    late = await lead.post(f"jobs/{draft['id']}/start")
    assert late.status_code == 409
    assert await count(session, acme, status="new") == 300


async def test_beyond_a_thousand_it_takes_a_lead(api: Api, lead: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 1001)
    analyst = await page_of(api, await make_person(session, acme, "analyst"))
    wanted = {"action": {"type": "acknowledge"}, "query": ""}
    reply = await analyst.post("alerts/bulk", wanted)
    assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")
    assert (await lead.post("alerts/bulk", wanted)).json()["total"] == 1001
    own = (await analyst.post("alerts/bulk", wanted | {"query": 'title:"scan 7"'})).json()
    assert own["total"] == 1
    assert (await analyst.get("jobs")).json()["items"] == [own]
    assert len((await lead.get("jobs")).json()["items"]) == 2


async def test_a_selection_is_one_thing_and_means_something(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    for wanted, code in (
        ({}, "no_selection"),
        ({"ids": [str(ids.uuid7())], "query": ""}, "no_selection"),
        ({"query": "sorce.ip:1"}, "unknown_field"),
        ({"query": "", "action": CLOSE | {"reason": "none"}}, "unknown_reason"),
    ):
        reply = await lead.post("alerts/bulk", {"action": {"type": "acknowledge"}} | wanted)
        assert (reply.status_code, reply.json()["code"]) == (422, code), wanted
    assert (await lead.get("jobs")).json()["items"] == []


async def test_what_the_caller_put_off_is_in_it_when_asked_for(api: Api, acme: Tenant, session: AsyncSession) -> None:
    later, _ = [await make_alert(session, acme) for _ in range(2)]
    person = await make_person(session, acme)
    until = clock.now() + timedelta(hours=1)
    session.add(Snooze(alert_id=later.id, user_id=person.id, until=until, count=1, severity=3))
    await session.commit()
    page = await page_of(api, person)
    for wanted, expected in (({"query": ""}, 1), ({"query": "", "snoozed": True}, 2), ({"ids": [str(later.id)]}, 1)):
        draft = (await page.post("alerts/bulk", {"action": {"type": "acknowledge"}} | wanted)).json()
        assert draft["total"] == expected, wanted


async def test_an_organization_has_so_many_jobs_before_it(
    lead: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_LIVE", 2)
    await fill(session, acme, 1)
    draft = TAG | {"start": False}
    replies = [await lead.post("alerts/bulk", draft) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [202, 202, 409]
    assert replies[2].json()["code"] == "too_many_jobs"
    assert (await lead.post(f"jobs/{replies[0].json()['id']}/cancel")).status_code == 200
    assert (await lead.post("alerts/bulk", draft)).status_code == 202


async def test_a_long_job_lets_others_take_their_turn(
    lead: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TURN_SECONDS", 0.0)
    await fill(session, acme, 1200)
    long = (await lead.post("alerts/bulk", TAG)).json()
    short = (await lead.post("alerts/bulk", TAG | {"query": "severity:critical"})).json()
    await ended(lead, short)
    assert (await lead.get(f"jobs/{long['id']}")).json()["status"] == "running"
    kept = await session.get_one(Job, (await ended(lead, long))["id"])
    assert kept.fence >= 6, "a turn for each chunk"


async def test_who_leads_no_more_starts_and_undoes_nothing_that_large(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    await fill(session, acme, 1001)
    user = await make_person(session, acme, "lead")
    page = await page_of(api, user)
    draft = (await page.post("alerts/bulk", TAG | {"start": False})).json()
    done = await ended(page, (await page.post("alerts/bulk", TAG)).json())
    await session.execute(update(Membership).where(Membership.user_id == user.id).values(role="analyst"))
    await session.commit()
    for path in (f"jobs/{draft['id']}/start", f"alerts/bulk/{done['id']}/undo"):
        reply = await page.post(path)
        assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted"), path


async def test_the_same_key_makes_one_job(lead: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 2)
    headers = {"Idempotency-Key": "once"}
    first, again = [await lead.post("alerts/bulk", TAG, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    other = await lead.post("alerts/bulk", TAG | {"start": False}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len((await lead.get("jobs")).json()["items"]) == 1


async def test_a_job_is_its_tokens_and_no_others(api: Api, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 2)
    mine, other = [api.as_(await make_token(session, acme.id, "alerts:read", "alerts:write")) for _ in range(2)]
    job = (await mine.post("alerts/bulk", TAG)).json()
    assert [one["id"] for one in (await mine.get("jobs")).json()["items"]] == [job["id"]]
    assert (await mine.get(f"jobs/{job['id']}")).status_code == 200
    assert (await other.get(f"jobs/{job['id']}")).status_code == 404


async def test_who_starts_it_or_ends_it_may_do_what_it_does(api: Api, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 2)
    draft = (await api.post("alerts/bulk", TAG | {"start": False})).json()
    seeing = api.as_(await make_token(session, acme.id, "alerts:read", "bulk:write"))
    assert (await seeing.get(f"jobs/{draft['id']}")).status_code == 200
    for action in ("start", "cancel"):
        reply = await seeing.post(f"jobs/{draft['id']}/{action}")
        assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")
    assert (await api.post(f"jobs/{draft['id']}/cancel")).status_code == 200


async def test_others_alerts_are_never_in_it(lead: Page, other: Tenant, session: AsyncSession) -> None:
    theirs = await make_alert(session, other)
    by_id = (await lead.post("alerts/bulk", {"action": {"type": "acknowledge"}, "ids": [str(theirs.id)]})).json()
    by_query = (await lead.post("alerts/bulk", {"action": {"type": "acknowledge"}, "query": ""})).json()
    assert (by_id["total"], by_query["total"]) == (0, 0)


@pytest.mark.parametrize(
    "action", [CLOSE | {"note": "seen before"}, {"type": "acknowledge"}], ids=["close with a note", "acknowledge"]
)
async def test_what_is_done_together_is_told_together(
    lead: Page, acme: Tenant, session: AsyncSession, action: dict[str, Any]
) -> None:
    await fill(session, acme, 250)
    job = await ended(lead, (await lead.post("alerts/bulk", {"action": action, "query": "", "start": True})).json())
    assert job["done"] == 250
    told = await session.scalars(
        select(OutboxMessage.ids).where(OutboxMessage.kind == "alert", OutboxMessage.organization_id == acme.id)
    )
    assert sorted(len(some) for some in told) == [50, 200]
