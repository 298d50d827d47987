"""Exports: what a query found, whole and once, in a form no spreadsheet runs; and who took it is in the audit."""

import asyncio
import contextlib
import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.events import service as events
from services.api.exports import service
from services.api.settings import ApiSettings
from services.indexer.sealer import Sealer
from services.indexer.settings import IndexerSettings
from services.indexer.stores import expire
from services.indexer.stores.opened import Stores
from shared import clock
from shared.db.engine import create_pool
from shared.lifecycle import Stop
from shared.models import AuditEntry, Job, JobOutput
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_alert, make_person, make_token
from tests.integration.api.signed_in import Page, page_of
from tests.integration.api.test_bulk import ended, fill
from tests.integration.api.test_events import fill as fill_events
from tests.integration.indexer.conftest import no_step

NOW = clock.now()


@pytest.fixture
async def analyst(api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """Somebody who may export."""
    return await page_of(api, await make_person(session, acme))


async def exported(page: Page, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The job when it has ended, and what it made."""
    started = await page.post("exports", body)
    assert started.status_code == 202, started.text
    job = await ended(page, started.json())
    reply = await page.get(f"exports/{job['id']}/content")
    return job, reply.text


async def audited(session: AsyncSession, tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    """What the audit has of exports, in order."""
    told = select(AuditEntry.action, AuditEntry.details).where(
        AuditEntry.organization_id == tenant.id, AuditEntry.action.startswith("export.")
    )
    return [(row.action, row.details) for row in await session.execute(told.order_by(AuditEntry.id))]


async def test_alerts_are_written_once_each_as_they_were_found(
    analyst: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    await fill(session, acme, 450)
    await fill(session, other, 20)
    job, text_ = await exported(analyst, {"of": "alerts", "query": "title:scan"})
    assert (job["status"], job["total"], job["done"]) == ("done", 450, 450)
    rows = [json.loads(line) for line in text_.splitlines()]
    assert len({row["id"] for row in rows}) == 450
    assert {row["organization_id"] for row in rows} == {str(acme.id)}
    what = {"of": "alerts", "format": "ndjson", "query": "title:scan", "with_documents": False}
    assert await audited(session, acme) == [("export.started", {"exported": what}), ("export.fetched", {"rows": 450})]


async def test_alerts_of_a_span_are_those_last_seen_in_it(analyst: Page, acme: Tenant, session: AsyncSession) -> None:
    times = [NOW - timedelta(hours=hours) for hours in (3, 2, 1, 0)]
    for time in times:
        await make_alert(session, acme, last_seen=time, first_seen=NOW - timedelta(days=9))
    start, end = times[1].isoformat(), times[3].isoformat()
    for span, expected in (({"start": start, "end": end}, 2), ({"start": start}, 3), ({"end": end}, 3), ({}, 4)):
        job, text_ = await exported(analyst, {"of": "alerts", "format": "csv", **span})
        assert (job["total"], len(list(csv.DictReader(io.StringIO(text_))))) == (expected, expected), span


@pytest.mark.parametrize(
    "wanted",
    [
        {"of": "alerts", "start": NOW.isoformat(), "end": NOW.isoformat()},
        {"of": "alerts", "kind": "telemetry"},
        {"of": "events", "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z", "status": ["new"]},
    ],
)
async def test_what_would_narrow_nothing_is_refused(analyst: Page, wanted: dict[str, Any]) -> None:
    reply = await analyst.post("exports", wanted)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid")


async def test_no_cell_is_a_formula(analyst: Page, acme: Tenant, session: AsyncSession) -> None:
    titles = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(1)", "\tx", 'plain, with "quotes"']
    for title in titles:
        await make_alert(session, acme, title=title, tags=["=1", "b"])
    _, made = await exported(analyst, {"of": "alerts", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(made)))
    assert sorted(row["title"] for row in rows) == sorted([*(f"'{title}" for title in titles[:5]), titles[5]])
    assert {row["tags"] for row in rows} == {"'=1 b"}
    assert {row["again"] for row in rows} == {"false"}, "as JSON has it"


async def test_what_is_not_ready_or_somebody_elses_is_not_given(
    api: Api, analyst: Page, acme: Tenant, session: AsyncSession
) -> None:
    await make_alert(session, acme)
    job, _ = await exported(analyst, {"of": "alerts"})
    colleague = await page_of(api, await make_person(session, acme))
    assert (await colleague.get(f"exports/{job['id']}/content")).status_code == 404
    lead = await page_of(api, await make_person(session, acme, "lead"))
    assert (await lead.get(f"exports/{job['id']}/content")).status_code == 200
    await session.execute(text("UPDATE jobs SET status = 'failed' WHERE id = :id"), {"id": job["id"]})
    await session.commit()
    refused = await analyst.get(f"exports/{job['id']}/content")
    assert (refused.status_code, refused.json()["code"]) == (409, "export_not_ready")


async def test_one_that_grows_too_large_ends_and_says_so(
    analyst: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(session, acme, 3)
    monkeypatch.setattr(service, "MAX_BYTES", 100)
    job, _ = await exported(analyst, {"of": "alerts"})
    assert (job["status"], job["error"]) == ("failed", "export_too_large")


async def pieces(session: AsyncSession, job_id: str) -> int:
    await session.commit()
    statement = select(func.count()).select_from(JobOutput).where(JobOutput.job_id == UUID(job_id))
    return await session.scalar(statement) or 0


async def test_one_that_fails_halfway_leaves_nothing(
    analyst: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(session, acme, 300)
    monkeypatch.setattr(service, "MAX_BYTES", 150_000)
    job, _ = await exported(analyst, {"of": "alerts"})
    assert (job["status"], job["error"], job["done"]) == ("failed", "export_too_large", 200)
    assert await pieces(session, job["id"]) == 0


async def test_one_that_is_cancelled_halfway_leaves_nothing(analyst: Page, acme: Tenant, session: AsyncSession) -> None:
    job, _ = await exported(analyst, {"of": "alerts", "format": "csv"})
    assert await pieces(session, job["id"]) == 1
    asked_to_end = "UPDATE jobs SET status = 'running', cancel_requested_at = now(), lease_until = NULL WHERE id = :id"
    await session.execute(text(asked_to_end), {"id": job["id"]})
    await session.commit()
    assert (await ended(analyst, job))["status"] == "cancelled"
    assert await pieces(session, job["id"]) == 0


async def test_one_is_kept_for_days_and_then_said_to_be_gone(
    analyst: Page, acme: Tenant, session: AsyncSession, database: Postgres
) -> None:
    await make_alert(session, acme)
    old, _ = await exported(analyst, {"of": "alerts"})
    fresh, _ = await exported(analyst, {"of": "alerts"})
    await session.execute(
        text("UPDATE jobs SET finished_at = now() - interval '8 days' WHERE id = :id"), {"id": old["id"]}
    )
    await session.commit()
    async with await create_pool(database.url("indexer"), application_name="test") as pool:
        stores = cast("Stores", SimpleNamespace(pool=pool))
        for name in ("exports", "jobs"):
            await expire.purge(stores, IndexerSettings(), name, no_step)
    gone = await analyst.get(f"exports/{old['id']}/content")
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")
    assert (await analyst.get(f"jobs/{old['id']}")).json()["status"] == "done"
    assert (await analyst.get(f"exports/{fresh['id']}/content")).status_code == 200


async def test_an_organization_keeps_so_much_and_may_delete_some(
    analyst: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, _ = await exported(analyst, {"of": "alerts"})
    await make_alert(session, acme)
    monkeypatch.setattr(service, "MAX_KEPT_BYTES", service.MAX_BYTES)
    kept, _ = await exported(analyst, {"of": "alerts"})
    refused = await analyst.post("exports", {"of": "alerts"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_exports")
    path = f"exports/{kept['id']}/content"
    assert (await analyst.delete(path)).status_code == 204
    assert [(await analyst.get(path)).json()["code"], (await analyst.delete(path)).json()["code"]] == [
        "export_gone"
    ] * 2
    assert (await analyst.get(f"exports/{empty['id']}/content")).text == "", "of nothing, which is not gone"
    told = select(AuditEntry.object_id).where(AuditEntry.action == "export.deleted")
    assert UUID(kept["id"]) in set(await session.scalars(told))
    for status, code in (("running", 409), ("done", 202)):
        becomes = text("UPDATE jobs SET status = :status, lease_until = now() + interval '1 hour' WHERE id = :id")
        await session.execute(becomes, {"status": status, "id": kept["id"]})
        await session.commit()
        asked = await analyst.post("exports", {"of": "alerts"})
        assert asked.status_code == code, "of one that runs, what it may come to counts"


async def test_pages_of_events_that_hold_none_are_no_pieces(
    analyst: Page, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: Iterator[Any] = iter([([], (1, UUID(int=1)), 3), ([], (0, UUID(int=1)), None), ([], None, None)])

    async def page(*_: Any, **__: Any) -> Any:
        return next(pages)

    monkeypatch.setattr(events, "page", page)
    span = {"start": (NOW - timedelta(minutes=5)).isoformat(), "end": NOW.isoformat()}
    job, made = await exported(analyst, {"of": "events", "format": "csv"} | span)
    assert (job["status"], job["error"]) == ("done", None)
    assert made.splitlines() == [",".join(service.EVENT_COLUMNS)], "one line of names"


@pytest.mark.parametrize("of", ["export", "audit"])
async def test_downloads_that_nobody_takes_stop_nobody_else(
    bare_settings: ApiSettings, acme: Tenant, session: AsyncSession, database: Postgres, of: str
) -> None:
    await fill(session, acme, 3)
    async with running(bare_settings.model_copy(update={"postgres_pool_size": 2}), acme.token) as api:
        admin = await page_of(api, await make_person(session, acme, "admin"))
        job, _ = await exported(admin, {"of": "alerts"})
        async with await create_pool(database.url("indexer"), application_name="test") as pool:
            await Sealer(pool).seal_all(Stop())
        path = f"exports/{job['id']}/content" if of == "export" else "audit/export"
        async with contextlib.AsyncExitStack() as stalled:
            for _ in range(4):
                await stalled.enter_async_context(api.stalled(path, admin.headers))
            assert (await api.get("sensors")).status_code == 200


async def test_the_same_key_makes_one_export(analyst: Page) -> None:
    headers = {"Idempotency-Key": "once"}
    first, again = [await analyst.post("exports", {"of": "alerts"}, headers=headers) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    other = await analyst.post("exports", {"of": "alerts", "format": "csv"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_events_of_a_span_with_their_documents(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    events = await fill_events(session, acme, 7)
    await findable(events=events)
    page = await page_of(whole_api, await make_person(session, acme))
    span = {"start": (NOW - timedelta(minutes=5)).isoformat(), "end": (NOW + timedelta(minutes=1)).isoformat()}
    job, made = await exported(page, {"of": "events", "with_documents": True} | span)
    assert job["status"] == "done", job
    rows = [json.loads(line) for line in made.splitlines()]
    assert [row["title"] for row in rows] == [row["document"]["alert"]["title"] for row in rows]
    assert {row["id"] for row in rows} == {
        str(event.id) for event in events if event.time >= NOW - timedelta(minutes=5)
    }
    without = await page.post("exports", {"of": "events"})
    assert without.status_code == 422


async def test_nobody_takes_a_copy_of_what_they_may_not_read(
    api: Api, analyst: Page, acme: Tenant, session: AsyncSession
) -> None:
    await make_alert(session, acme)
    job, _ = await exported(analyst, {"of": "alerts"})
    blind = api.as_(await make_token(session, acme.id, "exports:write", "bulk:write"))
    span = {"start": (NOW - timedelta(minutes=5)).isoformat(), "end": NOW.isoformat()}
    for reply in (
        await blind.post("exports", {"of": "alerts"}),
        await blind.post("exports", {"of": "events"} | span),
        await blind.get(f"exports/{job['id']}/content"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")


async def test_a_token_fetches_what_it_asked_for(api: Api, acme: Tenant, session: AsyncSession) -> None:
    await make_alert(session, acme)
    machine = api.as_(await make_token(session, acme.id, "exports:write", "alerts:read"))
    started = (await machine.post("exports", {"of": "alerts"})).json()
    async with asyncio.timeout(30):
        while (await machine.get(f"jobs/{started['id']}")).json().get("status") != "done":
            await asyncio.sleep(0.05)
    assert len((await machine.get(f"exports/{started['id']}/content")).text.splitlines()) == 1


async def test_one_of_events_waits_for_opensearch(analyst: Page, session: AsyncSession) -> None:
    span = {"start": (NOW - timedelta(minutes=5)).isoformat(), "end": NOW.isoformat()}
    started = (await analyst.post("exports", {"of": "events"} | span)).json()
    job = await session.get_one(Job, started["id"])
    async with asyncio.timeout(30):
        while job.status == "pending" or job.attempts:
            await asyncio.sleep(0.1)
            await session.commit()
            await session.refresh(job)
    assert (job.status, job.error) == ("running", None)
    assert job.lease_until is not None
    assert job.lease_until > clock.now(), "it is not tried again and again meanwhile"
