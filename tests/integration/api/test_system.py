"""What operators see of the running system; what is away is null, with the reason."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from aio_pika import Message
from pydantic import SecretStr
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.settings import ApiSettings
from services.api.system import routes
from shared import clock, ids
from shared.bus.topology import QUEUES
from shared.migrations.revisions import schema_head
from shared.models import OutboxMessage, ProcessControl, ProjectionPending, SearchGeneration
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import page_of


async def system(api: Api) -> dict[str, Any]:
    reply = await api.get("system")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def test_what_is_away_says_so_and_hides_nothing(api: Api) -> None:
    found = await system(api)
    assert re.match(r"\d+\.\d+\.\d+", found["versions"]["value"]["product"])
    assert found["versions"]["value"]["schema_head"] == schema_head() == found["versions"]["value"]["schema_found"]
    assert found["versions"]["value"]["postgres"]
    for part in ("search", "broker"):
        assert found[part]["value"] is None
        assert found[part]["reason"]
        assert "127.0.0.1" not in str(found[part])
    assert set(found["dependencies"]) == {"postgres", "opensearch", "rabbitmq", "evidence"}


async def test_what_waits_is_counted_up_to_a_bound(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.execute(delete(OutboxMessage))
    await session.execute(delete(ProjectionPending))
    old = clock.now() - timedelta(hours=1)
    for number in range(3):
        session.add(
            OutboxMessage(organization_id=acme.id, routing_key="alert.changed", kind="alert", ids=[ids.uuid7()])
        )
        reason = "refused" if number else None
        session.add(
            ProjectionPending(
                kind="alert", id=ids.uuid7(), organization_id=acme.id, version=1, reason=reason, created_at=old
            )
        )
    await session.commit()
    backlogs = (await system(api))["backlogs"]["value"]
    assert (backlogs["outbox"]["rows"], backlogs["outbox"]["refused"]) == (3, None)
    assert (backlogs["projection"]["rows"], backlogs["projection"]["refused"]) == (3, 2)
    assert backlogs["projection"]["oldest_at"].startswith(old.strftime("%Y-%m-%dT%H:%M:%S"))
    monkeypatch.setattr(routes, "MOST_COUNTED", 2)
    backlogs = (await system(api))["backlogs"]["value"]
    assert (backlogs["most"], backlogs["outbox"]["rows"], backlogs["projection"]["rows"]) == (2, 2, 2)


async def test_what_processes_wrote_down_is_shown(api: Api, session: AsyncSession) -> None:
    whole = {"index": "alerts-v1-000001", "differences": {"missing": 0}, "hidden": False, "orphan": False}
    drifted = {"index": "alerts-v1-000002", "differences": {"missing": 2}, "hidden": False, "orphan": False}
    written = {
        "brake": {"held_since": "2026-11-24T10:00:00Z", "released_until": None},
        "retention_floors": {"alert": "2025-11-24T00:00:00Z"},
        "disks": {"disks": [{"store": "postgres", "nearly_full": False}], "helps": {}},
        "job:drift": {"outcome": "drift", "done": 2, "reports": {"a": whole, "b": drifted}},
        "job:reindex:alerts": {"outcome": "switched", "done": 9},
        "some other": {"secret": "5e1f"},
    }
    # Of the installation, so other tests of this process may have left some.
    await session.execute(delete(ProcessControl).where(ProcessControl.key.in_(written)))
    await session.execute(delete(SearchGeneration))
    session.add_all(ProcessControl(key=key, value=value) for key, value in written.items())
    session.add(SearchGeneration(alias="alerts", generation=7, index_name="alerts-v1-000007", state="building"))
    await session.commit()
    found = await system(api)
    assert found["controls"]["value"] == {
        "brake": written["brake"],
        "retention_floors": written["retention_floors"],
        "disks": written["disks"],
        "store_jobs": {
            "drift": {"outcome": "drift", "done": 2, "differ": [drifted]},
            "reindex:alerts": {"outcome": "switched", "done": 9},
        },
    }
    assert "5e1f" not in str(found)
    assert [(one["index"], one["state"]) for one in found["generations"]["value"]] == [("alerts-v1-000007", "building")]


async def test_a_part_that_does_not_answer_in_time_is_left(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "SECONDS", 0.3)
    monkeypatch.setattr(routes, "_GENERATIONS", text("SELECT pg_sleep(5) LIMIT :most"))
    found = await system(api)
    assert found["generations"] == {"value": None, "reason": "no_answer_in_time"}
    assert found["controls"]["value"] is not None


async def test_it_is_the_operators(api: Api, acme: Tenant, session: AsyncSession) -> None:
    for role, status in (("operator", 200), ("lead", 403)):
        page = await page_of(api, await make_person(session, acme, role))
        assert (await page.get("system")).status_code == status


@pytest.mark.parametrize("managed", [True, False])
async def test_queues_are_counted_with_and_without_the_management_api(
    bare_settings: ApiSettings, acme: Tenant, rabbitmq: Rabbitmq, managed: bool
) -> None:
    settings = bare_settings.model_copy(
        update={
            "rabbitmq_url": SecretStr(rabbitmq.url),
            "rabbitmq_management_url": SecretStr(rabbitmq.management_url) if managed else None,
        }
    )
    async with rabbitmq.channel() as channel:
        await channel.default_exchange.publish(Message(b"x"), routing_key="events.parked")
    async with running(settings, acme.token) as api:
        await api.until_up("rabbitmq")
        # The management API counts every five seconds.
        async with asyncio.timeout(15):
            while not (broker := (await system(api))["broker"]["value"])["parked"]:
                await asyncio.sleep(0.5)
    assert {one["name"] for one in broker["queues"]} == {queue.name for queue in QUEUES}
    (parked,) = (one for one in broker["queues"] if one["name"] == "events.parked")
    assert parked == {
        "name": "events.parked", "ready": 1, "unacknowledged": 0 if managed else None, "consumers": 0, "parked": True,
    }  # fmt: skip
    assert (broker["version"] is not None, broker["blocked"], broker["parked"]) == (managed, False, 1)
