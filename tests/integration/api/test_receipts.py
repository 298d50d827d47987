"""Receipts in every state: of batches, events and quarantined records, and of ids that are nowhere (yet)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.settings import ApiSettings
from shared import clock, ids
from shared.models import Event, ProjectionPending, SearchGeneration
from shared.search.indices import ensure_event_index, unclocked_index
from tests.fixtures.opensearch import Search
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.api.calling import Api, running, until
from tests.integration.api.conftest import NOWHERE
from tests.integration.api.proxy import Proxy, proxied
from tests.integration.api.rows import Tenant, make_alert, make_batch, make_event, make_period, make_quarantined

AT = "2026-11-24T12:00:00.123450Z"
SETTLED_AT = datetime.fromisoformat(AT)

QUEUES = ("events.received", "events.quarantined", "events.parked")


async def receipt(api: Api, record_id: UUID) -> dict[str, Any]:
    reply = await api.get(f"receipts/{record_id}")
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


async def index(search: Search, event: Event, name: str) -> str:
    """Write a document as the indexer would; not refreshed."""
    await ensure_event_index(search.client, search.names, name, kind="alert")
    full = search.names.of(name)
    await search.client.create(index=full, id=str(event.id), body={"@timestamp": clock.isoformat(event.time)})
    return full


# Batches


@pytest.mark.parametrize(
    ("counts", "stored_ago", "searchable_ago", "state"),
    [
        ({}, None, None, "storing"),
        ({"stored": 2}, None, None, "storing"),
        ({"stored": 3}, 60, None, "stored"),
        ({"stored": 1, "quarantined": 2}, 60, None, "stored"),
        ({"quarantined": 3}, 60, None, "quarantined"),
        # Written to the index and not refreshed yet; far in the future, so that a slow machine does not get there.
        ({"stored": 3}, 60, -600, "stored"),
        ({"stored": 3}, 60, 2, "searchable"),
    ],
)
async def test_a_batch_says_how_far_it_has_come(
    *,
    api: Api,
    acme: Tenant,
    session: AsyncSession,
    counts: dict[str, int],
    stored_ago: int | None,
    searchable_ago: int | None,
    state: str,
) -> None:
    times = {
        name: clock.now() - timedelta(seconds=seconds)
        for name, seconds in (("stored_at", stored_ago), ("searchable_at", searchable_ago))
        if seconds is not None
    }
    batch = await make_batch(session, acme, **counts, **times)
    found = await receipt(api, batch.batch_id)
    assert (found["kind"], found["state"], found["id"]) == ("batch", state, str(batch.batch_id))
    names = ("items", "stored", "duplicate", "quarantined")
    assert {name: found[name] for name in names} == {name: getattr(batch, name) for name in names}
    assert found["correlation_id"] == "corr-1"
    assert found["accepted_at"] is not None
    assert (found["stored_at"] is None) == (batch.stored_at is None)
    assert (found["searchable_at"] is None) == (batch.searchable_at is None)


# Events


async def test_an_event_is_searchable_once_a_search_finds_it(
    whole_api: Api, acme: Tenant, session: AsyncSession, search: Search
) -> None:
    alert, batch = await make_alert(session, acme), await make_batch(session, acme)
    event = await make_event(session, acme, alert_id=alert.id, batch_id=batch.batch_id)
    neighbour = await make_event(session, acme)
    await index(search, neighbour, await make_period(session, neighbour.time))
    await search.refresh()
    found = await receipt(whole_api, event.id)
    assert (found["kind"], found["state"], found["search"]) == ("event", "stored", "pending")
    assert (found["correlation_id"], found["batch_id"]) == ("corr-1", str(batch.batch_id))
    full = await index(search, event, await make_period(session, event.time))
    assert datetime.fromisoformat(found["event"].pop("alert_opened_at")) == alert.created_at
    assert found["event"] == {"id": str(event.id), "kind": "alert", "alert_id": str(alert.id), "index": full}
    await search.refresh()
    found = await receipt(whole_api, event.id)
    assert (found["state"], found["search"]) == ("searchable", "found")


async def test_a_document_that_was_not_refreshed_is_not_searchable(
    whole_api: Api, acme: Tenant, session: AsyncSession, search: Search
) -> None:
    event = await make_event(session, acme)
    name = await make_period(session, event.time)
    await ensure_event_index(search.client, search.names, name, kind="alert")
    await search.client.indices.put_settings(index=search.names.of(name), body={"index": {"refresh_interval": "-1"}})
    await index(search, event, name)
    assert (await receipt(whole_api, event.id))["state"] == "stored"
    await search.refresh()
    assert (await receipt(whole_api, event.id))["state"] == "searchable"


@pytest.mark.parametrize(("reason", "state"), [(None, "pending"), ("mapper_parsing_exception", "refused")])
async def test_what_waits_to_be_projected_is_not_searchable_whatever_the_index_holds(
    *, whole_api: Api, acme: Tenant, session: AsyncSession, search: Search, reason: str | None, state: str
) -> None:
    event = await make_event(session, acme)
    await index(search, event, await make_period(session, event.time))
    await search.refresh()
    session.add(
        ProjectionPending(
            kind="event", id=event.id, organization_id=acme.id, event_kind="alert", version=0, reason=reason
        )
    )
    await session.commit()
    found = await receipt(whole_api, event.id)
    assert (found["state"], found["search"]) == ("stored", state)


async def test_without_opensearch_an_event_is_stored_and_search_is_unavailable(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    event = await make_event(session, acme)
    found = await receipt(api, event.id)
    assert (found["state"], found["search"]) == ("stored", "unavailable")
    assert found["stored_at"] is not None


async def test_who_waits_for_another_server_holds_no_connection(
    *, bare_settings: ApiSettings, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, batch = await make_event(session, acme), await make_batch(session, acme)
    asked: list[str] = []
    async with running(bare_settings.model_copy(update={"postgres_pool_size": 1}), acme.token) as api:

        async def slowly(*_: object) -> bool:
            """While this goes on, the only connection serves somebody else."""
            asked.append((await receipt(api, batch.batch_id))["state"])
            return True

        monkeypatch.setattr("shared.health.Health.is_up", lambda *_: True)
        monkeypatch.setattr("services.api.receipts.search.finds", slowly)
        monkeypatch.setattr("services.api.receipts.waiting.may_be_queued", slowly)
        found = await receipt(api, event.id)
        assert (found["state"], found["search"]) == ("searchable", "found")
        assert (await receipt(api, uuid4()))["state"] == "queued_or_unknown"
    assert asked == ["storing"] * 2


@pytest.fixture
async def search_proxy(search: Search) -> AsyncIterator[Proxy]:
    """What stands between the application and OpenSearch."""
    url = search.settings.opensearch_url.get_secret_value()
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    async with proxied(host, int(port)) as proxy:
        yield proxy


async def test_an_opensearch_that_freezes_delays_a_receipt_by_seconds_at_most(
    whole_settings: ApiSettings, search_proxy: Proxy, acme: Tenant, session: AsyncSession
) -> None:
    event = await make_event(session, acme)
    url = SecretStr(f"http://127.0.0.1:{search_proxy.port}")
    async with running(whole_settings.model_copy(update={"opensearch_url": url}), acme.token) as api:
        await api.until_up("opensearch")
        search_proxy.frozen = True
        async with asyncio.timeout(8):
            assert (await receipt(api, event.id))["search"] == "unavailable"
        await until(lambda: not api.resources.health.is_up("opensearch"))
        ready = await api.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        search_proxy.frozen = False
        await api.until_up("opensearch")
        assert (await receipt(api, event.id))["search"] == "pending"


async def test_an_unclocked_event_is_in_the_index_of_those(
    whole_api: Api, acme: Tenant, session: AsyncSession, search: Search
) -> None:
    event = await make_event(session, acme, unclocked=True)
    assert ids.milliseconds_of(event.id) == 0
    full = await index(search, event, unclocked_index("alert"))
    await search.refresh()
    found = await receipt(whole_api, event.id)
    assert (found["state"], found["event"]["index"]) == ("searchable", full)


async def test_after_a_rebuild_the_receipt_names_the_index_that_is_read(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    clocked, unclocked = await make_event(session, acme), await make_event(session, acme, unclocked=True)
    for event, line in (
        (clocked, await make_period(session, clocked.time)),
        (unclocked, unclocked_index("alert")),
    ):
        for generation, state in enumerate(("retired", "active", "building"), start=1):
            name = f"{line}-{generation:06d}"
            session.add(SearchGeneration(alias=line, generation=generation, index_name=name, state=state))
        await session.commit()
        assert (await receipt(api, event.id))["event"]["index"].endswith(f"{line}-000002")


async def test_telemetry_is_found_too_and_has_no_alert(api: Api, acme: Tenant, session: AsyncSession) -> None:
    event = await make_event(session, acme, kind="telemetry")
    found = await receipt(api, event.id)
    assert (found["event"]["kind"], found["event"]["alert_id"]) == ("telemetry", None)
    assert found["event"]["alert_opened_at"] is None
    assert found["event"]["index"].startswith("events-telemetry-v1-")


async def test_an_event_that_was_first_stored_without_time_is_found_under_the_id_with_time(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    event = await make_event(session, acme, unclocked=True)
    twin = UUID(int=event.id.int | clock.milliseconds(clock.now()) << 80)
    found = await receipt(api, twin)
    assert (found["id"], found["event"]["id"]) == (str(twin), str(event.id))


# Quarantine


@pytest.mark.parametrize(
    ("status", "state"), [("open", "quarantined"), ("redriven", "redriven"), ("discarded", "discarded")]
)
async def test_a_quarantined_record_says_why_and_what_became_of_it(
    api: Api, acme: Tenant, session: AsyncSession, status: str, state: str
) -> None:
    event = await make_event(session, acme, created_at=SETTLED_AT)
    redriven = status == "redriven"
    history = [{"at": AT, "by": "me", "what": "something"}]
    record = await make_quarantined(
        session, acme, status=status, event_id=event.id if redriven else None, history=history
    )
    found = await receipt(api, record.id)
    assert (found["kind"], found["state"], found["items"]) == ("quarantine", state, 1)
    counts = (found["stored"], found["duplicate"], found["quarantined"])
    assert counts == ((1, 0, 0) if redriven else (0, 0, 1))
    for name in ("redriven_at", "discarded_at"):
        assert found[name] == (AT if name == f"{status}_at" else None)
    assert datetime.fromisoformat(found["accepted_at"]) == record.received_at
    assert (found["stored_at"], found["search"]) == ((AT, "unavailable") if redriven else (None, None))
    assert found["quarantine"] == {
        "id": str(record.id),
        "status": status,
        "reason": "not_json",
        "detail": "expected one JSON object",
    }
    assert (found["event"] is not None) == redriven
    assert "not for lists" not in str(found)


async def test_a_record_that_was_re_driven_has_the_stages_of_its_event(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    batch = await make_batch(session, acme, searchable_at=SETTLED_AT)
    event = await make_event(session, acme, alert_id=alert.id, batch_id=batch.batch_id)
    history = [{"at": AT, "by": "me", "what": "something"}]
    record = await make_quarantined(session, acme, status="redriven", event_id=event.id, history=history)
    found = await receipt(api, record.id)
    assert (found["redriven_at"], found["searchable_at"]) == (AT, AT)
    assert datetime.fromisoformat(found["stored_at"]) == event.created_at
    assert (found["stored"], found["duplicate"]) == (0, 1), "the event was stored before"
    assert datetime.fromisoformat(found["event"]["alert_opened_at"]) == alert.created_at


async def test_what_retention_has_taken_of_a_re_driven_record_is_not_known(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    record = await make_quarantined(session, acme, status="redriven", event_id=ids.uuid7())
    found = await receipt(api, record.id)
    assert (found["state"], found["stored"], found["duplicate"], found["quarantined"]) == ("redriven", None, None, 0)
    assert (found["redriven_at"], found["stored_at"], found["event"]) == (None, None, None)


async def test_a_single_record_that_the_writer_quarantined_is_found_under_its_event_id(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    """The door answered with the event's id; the row has an id of its own and names the other as its batch."""
    event_id = ids.content_id(clock.milliseconds(clock.now()) - 10**9, b"0123456789")
    record = await make_quarantined(session, acme, batch_id=event_id, reason="older_than_retention")
    found = await receipt(api, event_id)
    assert (found["id"], found["kind"], found["state"]) == (str(event_id), "quarantine", "quarantined")
    assert found["quarantine"]["id"] == str(record.id)


async def test_a_record_with_the_identity_of_another_is_told_beside_it(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    event = await make_event(session, acme)
    record = await make_quarantined(session, acme, batch_id=event.id, reason="identity_conflict")
    found = await receipt(api, event.id)
    assert (found["kind"], found["stored"], found["quarantined"]) == ("event", 1, 1)
    assert (found["quarantine"]["id"], found["quarantine"]["reason"]) == (str(record.id), "identity_conflict")


# Ids that are nowhere


async def test_with_empty_queues_an_id_that_is_nowhere_is_not_found(whole_api: Api) -> None:
    reply = await whole_api.get(f"receipts/{uuid4()}")
    assert (reply.status_code, reply.json()["code"]) == (404, "receipt_not_found")


@pytest.mark.parametrize("queue", QUEUES)
async def test_while_a_queue_holds_anything_it_may_be_in_there(whole_api: Api, rabbitmq: Rabbitmq, queue: str) -> None:
    async with rabbitmq.channel() as channel:
        await channel.default_exchange.publish(aio_pika.Message(b"x"), routing_key=queue)
    wanted = uuid4()
    assert (await receipt(whole_api, wanted))["state"] == "queued_or_unknown"
    await rabbitmq.take(queue)
    await _until_gone(whole_api, wanted)


async def test_what_a_consumer_holds_counts_until_it_is_acknowledged(whole_api: Api, rabbitmq: Rabbitmq) -> None:
    wanted = uuid4()
    async with _held(rabbitmq, "events.received") as message:
        await _until_counted(rabbitmq, "events.received", 1)
        assert (await receipt(whole_api, wanted))["state"] == "queued_or_unknown"
        await message.ack()
        await _until_counted(rabbitmq, "events.received", 0)
        await _until_gone(whole_api, wanted)


async def test_without_the_management_api_a_consumer_may_hold_anything(
    whole_settings: ApiSettings, acme: Tenant, rabbitmq: Rabbitmq
) -> None:
    settings = whole_settings.model_copy(update={"rabbitmq_management_url": None})
    async with running(settings, acme.token) as api:
        await api.until_up("rabbitmq")
        assert (await api.get(f"receipts/{uuid4()}")).status_code == 404
        async with _held(rabbitmq, "events.received"):
            assert (await receipt(api, uuid4()))["state"] == "queued_or_unknown"


async def test_any_id_may_be_in_a_consumer_that_was_not_counted_since(whole_api: Api, rabbitmq: Rabbitmq) -> None:
    """Of quarantined and of unclocked records the id tells no time at all."""
    old = ids.uuid7(clock.now() - timedelta(minutes=1))
    async with _held(rabbitmq, "events.received") as message:
        await message.ack()
        await _until_counted(rabbitmq, "events.received", 0)
        assert (await receipt(whole_api, old))["state"] == "queued_or_unknown"
        await _until_gone(whole_api, old)


async def test_without_a_broker_nobody_can_say(api: Api) -> None:
    assert (await receipt(api, uuid4()))["state"] == "queued_or_unknown"


async def test_without_its_queues_nobody_can_say(
    whole_settings: ApiSettings, acme: Tenant, bare_rabbitmq: Rabbitmq
) -> None:
    settings = whole_settings.model_copy(update={"rabbitmq_url": SecretStr(bare_rabbitmq.url)})
    async with running(settings, acme.token) as api:
        await api.until_up("rabbitmq")
        assert (await receipt(api, uuid4()))["state"] == "queued_or_unknown"


async def test_a_management_api_that_is_away_leaves_a_consumer_uncounted(
    whole_settings: ApiSettings, acme: Tenant, rabbitmq: Rabbitmq
) -> None:
    nowhere = SecretStr(f"http://guest:guest@127.0.0.1:{NOWHERE}")
    async with running(whole_settings.model_copy(update={"rabbitmq_management_url": nowhere}), acme.token) as api:
        await api.until_up("rabbitmq")
        async with _held(rabbitmq, "events.received"):
            assert (await receipt(api, uuid4()))["state"] == "queued_or_unknown"


async def test_what_was_settled_while_the_queues_were_asked_is_found(
    whole_api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = uuid4()

    async def settled_meanwhile(*_: Any) -> bool:
        await make_batch(session, acme, batch_id=batch_id)
        return False

    monkeypatch.setattr("services.api.receipts.waiting.may_be_queued", settled_meanwhile)
    assert (await receipt(whole_api, batch_id))["kind"] == "batch"


async def test_another_organizations_receipts_do_not_exist(
    whole_api: Api, other: Tenant, session: AsyncSession
) -> None:
    long_ago = clock.now() - timedelta(days=1)
    batch = await make_batch(session, other, batch_id=ids.uuid7(long_ago))
    event = await make_event(session, other, time=long_ago)
    record = await make_quarantined(session, other)
    for record_id in (batch.batch_id, event.id, record.id):
        assert (await whole_api.get(f"receipts/{record_id}")).status_code == 404
        assert (await whole_api.as_(other.token).get(f"receipts/{record_id}")).status_code == 200


@asynccontextmanager
async def _held(rabbitmq: Rabbitmq, queue: str) -> AsyncIterator[aio_pika.abc.AbstractIncomingMessage]:
    """A message in the hands of a consumer that does not acknowledge it."""
    got: asyncio.Future[aio_pika.abc.AbstractIncomingMessage] = asyncio.get_running_loop().create_future()

    async def hold(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        got.set_result(message)

    async with rabbitmq.channel() as channel:
        source = await channel.get_queue(queue, ensure=False)
        await source.consume(hold)
        await channel.default_exchange.publish(aio_pika.Message(b"x"), routing_key=queue)
        yield await got
    await rabbitmq.take(queue)


async def _until_counted(rabbitmq: Rabbitmq, queue: str, messages: int) -> None:
    async with asyncio.timeout(20):
        counted = -1
        while counted != messages:
            await asyncio.sleep(0.2)
            counted = (await rabbitmq.manage("GET", f"queues/{rabbitmq.vhost}/{queue}")).get("messages", -1)


async def _until_gone(api: Api, record_id: UUID) -> None:
    async with asyncio.timeout(20):
        while (await api.get(f"receipts/{record_id}")).status_code != 404:
            await asyncio.sleep(0.2)
