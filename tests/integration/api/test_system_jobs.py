"""What operators have maintenance do: asked for over the API, done by the indexer's own code, seen by their like."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args
from uuid import UUID

import pytest
from aio_pika import Message
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.system.schemas import ParkedQueue
from services.indexer.roles import job_runners
from services.indexer.settings import IndexerSettings
from shared import ids
from shared.bus.parked import PARKED
from shared.db.engine import create_pool
from shared.domain.permissions import Permission
from shared.lifecycle import Stop
from shared.models import AuditEntry, Job, Membership, Organization, OutboxMessage
from shared.search.migrate import migrate
from tests.fixtures.opensearch import Search
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person, make_token
from tests.integration.api.signed_in import Page, page_of

DRIFT = {"kind": "drift"}
REQUEUE = {"kind": "parked_requeue", "queue": "events.parked"}


@pytest.fixture(autouse=True)
async def _no_jobs(session: AsyncSession) -> None:
    """They are the whole deployment's: what another test left would be in the way."""
    await session.execute(update(Job).where(Job.runner == "maintenance").values(status="done"))
    await session.commit()


Work = Callable[[], Awaitable[None]]


@pytest.fixture
def work(database: Postgres, search: Search, rabbitmq: Rabbitmq) -> Work:
    """Call it to have maintenance do what is due."""
    settings = IndexerSettings.model_validate(
        {
            "postgres_url": database.url("indexer"),
            "opensearch_url": search.settings.opensearch_url.get_secret_value(),
            "index_prefix": search.names.prefix,
            "rabbitmq_url": rabbitmq.url,
        }
    )

    async def work() -> None:
        pool = await create_pool(database.url("indexer"), application_name="test", max_size=4)
        for runner in job_runners(pool, settings):
            await runner.work(Stop())
        await pool.close()

    return work


async def entries(session: AsyncSession, acme: Tenant) -> list[tuple[str, str, dict[str, Any]]]:
    await session.commit()
    rows = await session.scalars(
        select(AuditEntry)
        .where(AuditEntry.organization_id == acme.id, AuditEntry.kind == "job")
        .order_by(AuditEntry.id)
    )
    return [(row.action, row.actor_name, row.details) for row in rows]


async def test_a_comparison_is_started_done_and_told(
    whole_api: Api, acme: Tenant, session: AsyncSession, search: Search, work: Work
) -> None:
    await migrate(search.client, search.names)
    operator = await make_person(session, acme, "operator")
    page = await page_of(whole_api, operator)
    await page.post("notification-routes", {"kinds": ["job.done"]})
    reply = await page.post("system/jobs", DRIFT | {"index": "alerts"}, headers={"Idempotency-Key": "d-1"})
    job = reply.json()
    assert (reply.status_code, job["kind"], job["status"]) == (202, "drift", "pending")
    again = await page.post("system/jobs", DRIFT | {"index": "alerts"}, headers={"Idempotency-Key": "d-1"})
    assert again.json()["id"] == job["id"]
    await work()
    found = (await page.get(f"jobs/{job['id']}")).json()
    assert (found["status"], found["done"], found["total"], found["result"]["parts"]) == ("done", 1, 1, 1)
    assert [(action, name, details["of"]) for action, name, details in await entries(session, acme)] == [
        ("job.started", operator.name, "drift"),
        ("job.ended", operator.name, "drift"),
    ]
    told = await session.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.ids == [job["id"]]))
    assert told is not None
    assert told >= 3, "of its start, its beginning and its end"
    notified = await session.scalar(text("SELECT count(*) FROM notifications WHERE object_id = :id"), {"id": job["id"]})
    assert notified == 1


async def test_one_job_on_the_stores_at_a_time_and_any_on_the_queues(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    job = (await api.post("system/jobs", {"kind": "rebuild", "period": "alert/2026-11-23"})).json()
    for caller in (api, api.as_(other.token)):
        refused = await caller.post("system/jobs", DRIFT)
        assert (refused.status_code, refused.json()["code"]) == (409, "job_running")
        assert "rebuild" in refused.json()["detail"]
        assert (await caller.post("system/jobs", REQUEUE)).status_code == 202
    cancelled = await api.post(f"jobs/{job['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled"), "nobody has begun it"
    assert (await api.post("system/jobs", DRIFT)).status_code == 202
    assert [(action, details["of"]) for action, _, details in await entries(session, acme)] == [
        ("job.started", "rebuild"), ("job.started", "parked_requeue"), ("job.cancelled", "rebuild"),
        ("job.started", "drift"),
    ]  # fmt: skip


async def test_of_two_at_once_one_is_refused(api: Api) -> None:
    replies = await asyncio.gather(*(api.post("system/jobs", DRIFT) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [202, 409, 409, 409]


@pytest.mark.parametrize(("wanted", "what"), [({}, "alerts"), ({"what": "incidents"}, "incidents")])
async def test_a_reindex_says_of_what(api: Api, session: AsyncSession, wanted: dict[str, str], what: str) -> None:
    asked: dict[str, Any] = {"kind": "reindex"} | wanted
    job = (await api.post("system/jobs", asked)).json()
    kept = await session.scalar(select(Job.parameters).where(Job.id == UUID(job["id"])))
    assert kept == {"what": what}


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "retention"},
        {"kind": "rebuild", "period": "alert/2026-02-31"},
        {"kind": "rebuild", "period": "alerts/2026-02-01"},
        {"kind": "reindex", "index": "alerts"},
        {"kind": "reindex", "what": "events"},
        REQUEUE | {"queue": "events.received"},
        REQUEUE | {"limit": 10_001},
        REQUEUE | {"rate": 0},
    ],
)
async def test_what_means_nothing_is_refused(api: Api, wanted: dict[str, Any]) -> None:
    assert (await api.post("system/jobs", wanted)).status_code == 422


async def test_operators_see_each_others_jobs_and_may_cancel_them(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    job = (await api.post("system/jobs", DRIFT)).json()
    operator = await page_of(api, await make_person(session, acme, "operator"))
    assert job["id"] in {one["id"] for one in (await operator.get("jobs")).json()["items"]}
    reading = api.as_(await make_token(session, acme.id, Permission.SYSTEM_READ))
    stranger = await page_of(api, await make_person(session, other, "operator"))
    analyst = await page_of(api, await make_person(session, acme, "analyst"))
    for caller in (reading, stranger, analyst):
        assert (await caller.post(f"jobs/{job['id']}/cancel")).status_code == 404
    assert (await reading.post("system/jobs", DRIFT)).status_code == 403
    assert (await operator.post(f"jobs/{job['id']}/cancel")).json()["status"] == "cancelled"


@pytest.fixture
async def parked(rabbitmq: Rabbitmq) -> Rabbitmq:
    """With three messages in a parked queue."""
    async with rabbitmq.channel() as channel:
        for number in range(3):
            message = Message(b"body %d" % number, correlation_id=f"c-{number}", headers={"x-schema": "EventBatch.v1"})
            await channel.default_exchange.publish(message, "events.parked")
    return rabbitmq


async def test_parked_messages_are_shown_and_stay(
    whole_api: Api, acme: Tenant, session: AsyncSession, parked: Rabbitmq
) -> None:
    for _ in range(2):
        reply = await whole_api.get("system/parked/events.parked", params={"limit": 2})
        assert reply.status_code == 200, reply.text
        found = reply.json()
        assert (found["messages"], [one["correlation_id"] for one in found["items"]]) == (3, ["c-0", "c-1"])
        assert {(one["schema"], one["attempt"], one["bytes"]) for one in found["items"]} == {("EventBatch.v1", 1, 6)}
        await until_ready(parked, 3)
    assert (await whole_api.get("system/parked/events.received")).status_code == 404


async def until_ready(rabbitmq: Rabbitmq, number: int) -> None:
    async with asyncio.timeout(10), rabbitmq.channel() as channel:
        while (await channel.declare_queue("events.parked", passive=True)).declaration_result.message_count != number:
            await asyncio.sleep(0.05)


async def operator_of_all(api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """Somebody who operates every organization there is."""
    operator = await make_person(session, acme, "operator")
    elsewhere = await session.scalars(select(Organization.id).where(Organization.id != acme.id))
    session.add_all(Membership(organization_id=one, user_id=operator.id, role="operator") for one in elsewhere)
    await session.commit()
    return await page_of(api, operator)


async def one_more(session: AsyncSession) -> None:
    session.add(Organization(id=ids.uuid7(), name=f"Another {ids.uuid7()}"))
    await session.commit()


async def test_how_they_begin_is_for_who_operates_every_organization(
    whole_api: Api, acme: Tenant, session: AsyncSession, parked: Rabbitmq
) -> None:
    """A queue holds messages of all of them."""
    page = await operator_of_all(whole_api, acme, session)

    async def heads() -> set[str | None]:
        await until_ready(parked, 3)
        return {one["head"] for one in (await page.get("system/parked/events.parked")).json()["items"]}

    assert await heads() == {"<envelope_not_zstd>"}
    await one_more(session)
    assert await heads() == {None}


async def test_a_broker_that_is_away_is_told(api: Api) -> None:
    reply = await api.get("system/parked/events.parked")
    assert (reply.status_code, reply.json()["code"]) == (503, "broker_away")


async def test_parked_messages_are_dropped_and_kept(
    whole_api: Api, acme: Tenant, session: AsyncSession, parked: Rabbitmq, work: Work
) -> None:
    page = await operator_of_all(whole_api, acme, session)
    wanted = {"kind": "parked_drop", "queue": "events.parked", "limit": 2, "schema": "EventBatch.v1"}
    wanted["organization_id"] = str(acme.id)
    job = (await page.post("system/jobs", wanted)).json()
    await work()
    found = (await page.get(f"jobs/{job['id']}")).json()
    assert (found["status"], found["done"], found["result"]) == ("done", 2, {"were_there": 3, "matched": 2})
    items = (await page.get(f"jobs/{job['id']}/items")).json()["items"]
    assert [one["status"] for one in items] == ["done", "done"]
    (started, ended) = await entries(session, acme)
    assert started[2] == {"of": "parked_drop", "queue": "events.parked", "limit": 2, "schema": "EventBatch.v1"}
    assert (ended[0], ended[2]["done"]) == ("job.ended", 2)
    await until_ready(parked, 1)
    await one_more(session)
    refused = await page.post("system/jobs", wanted)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted"), "they are others' too"


def test_the_queues_are_those_of_the_topology() -> None:
    assert get_args(ParkedQueue) == PARKED
