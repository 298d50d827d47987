"""The whole way out of quarantine: put there by the writer, mended over the API, settled by the indexer, receipted."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.settings import ApiSettings
from services.indexer import receipts, rejections
from services.indexer.periods import PeriodBook, Plan
from services.indexer.receipts import Tally
from services.indexer.redrive import Redriver
from shared import clock, ids
from shared.bus.messages import Quarantined, QuarantinedItem
from shared.bus.messages import Request as Sent
from shared.db.engine import create_engine, create_pool, sessionmaker
from shared.models import Sensor, SensorAccount
from shared.normalise.quarantine_id import quarantine_id
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import Tenant, make_sensor, make_tenant

MINUTE = clock.now().replace(second=0, microsecond=0)
HALF = b'{"half'
MENDED = (
    f'{{"@timestamp": "{clock.isoformat(MINUTE)}", "event": {{"kind": "alert"}}, "message": "Door forced", "door": 7}}'
)


@dataclass(frozen=True)
class Yard:
    """A database of the test's own, with the api on it and what the indexer has of it."""

    api: Api
    tenant: Tenant
    sensor: Sensor
    session: AsyncSession
    pool: asyncpg.Pool

    async def refused(self, *records: bytes) -> list[str]:
        """One request of these records, none of which could be read, as the writer settles it; their ids."""
        sent = Sent(ids.uuid7(), self.sensor.id, MINUTE + timedelta(seconds=5), "/p", "c-1", None, len(records), None)
        items = [
            QuarantinedItem(0, index, 0, self._id_of(record), record, "not_json", "expected one JSON object")
            for index, record in enumerate(records)
        ]
        rejected = rejections.from_envelope(Quarantined(ids.uuid7(), self.tenant.id, [sent], items))
        tally = Tally()
        async with self.pool.acquire() as connection, connection.transaction():
            assert len(await rejections.insert(connection, rejected)) == len(records)
            for _ in records:
                tally.add(self.tenant.id, sent, receipts.QUARANTINED)
            await receipts.write(connection, tally)
        self.session.add(
            SensorAccount(
                sensor_id=self.sensor.id,
                organization_id=self.tenant.id,
                minute=MINUTE,
                source="door",
                accepted=len(records),
            )
        )
        await self.session.commit()
        return [str(item.id) for item in items]

    def _id_of(self, record: bytes) -> Any:
        return quarantine_id(self.tenant.id, self.sensor.id, record, ordinal=0, idempotency=None)

    async def mend(self, record_id: str) -> None:
        reply = await self.api.patch(f"quarantine/{record_id}", {"text": MENDED}, headers={"If-Match": "*"})
        assert reply.status_code == 200

    async def receipt(self, record_id: str) -> dict[str, Any]:
        reply = await self.api.get(f"receipts/{record_id}")
        assert reply.status_code == 200
        found: dict[str, Any] = reply.json()
        return found

    async def total(self) -> dict[str, int]:
        """The balance sheet, what is nought left out."""
        reply = await self.api.get(f"sensors/{self.sensor.id}/accounts")
        return {name: count for name, count in reply.json()["total"].items() if count}

    async def work(self) -> dict[str, int]:
        """What an indexer does within a second."""
        periods = PeriodBook({"alert": Plan("week", 1), "telemetry": Plan("day", 1)})
        return dict(await Redriver(self.pool, periods).work())


@pytest.fixture
async def yard(postgres: Postgres, bare_settings: ApiSettings) -> AsyncIterator[Yard]:
    engine = create_engine(postgres.url("owner"), application_name="test")
    settings = bare_settings.model_copy(update={"postgres_url": SecretStr(postgres.url("api"))})
    async with (
        sessionmaker(engine)() as session,
        await create_pool(postgres.url("indexer"), application_name="test", max_size=4) as pool,
    ):
        tenant = await make_tenant(session, "Acme")
        sensor = await make_sensor(session, tenant)
        async with running(settings, tenant.token) as api:
            yield Yard(api, tenant, sensor, session, pool)
    await engine.dispose()


async def test_a_record_that_is_mended_and_re_driven_is_an_event_with_a_receipt(yard: Yard) -> None:
    mended, dropped = await yard.refused(HALF, b"\xff")
    assert await yard.total() == {"accepted": 2, "quarantined": 2}
    tried = (await yard.api.post(f"quarantine/{mended}/try", {"text": MENDED})).json()["outcomes"][0]
    await yard.mend(mended)
    assert (await yard.api.post("quarantine/redrive", {"ids": [mended]})).json()["requested"] == 1
    assert (await yard.api.post("quarantine/discard", {"ids": [dropped]})).json()["requested"] == 1
    assert (await yard.receipt(mended))["state"] == "quarantined"

    assert await yard.work() == {"stored": 1, "discarded": 1}

    found = await yard.receipt(mended)
    assert (found["state"], found["quarantine"]["status"]) == ("redriven", "redriven")
    assert (found["stored"], found["duplicate"], found["quarantined"]) == (1, 0, 0)
    assert found["event"]["id"] == tried["id"], "the dry run said so"
    assert found["accepted_at"] < found["stored_at"] == found["redriven_at"]
    to_the_millisecond = len("2026-11-26T12:00:00.000")
    assert found["event"]["alert_opened_at"][:to_the_millisecond] == found["stored_at"][:to_the_millisecond]
    alert = (await yard.api.get(f"alerts/{found['event']['alert_id']}")).json()
    assert (alert["title"], alert["count"]) == ("Door forced", 1)
    gone = await yard.receipt(dropped)
    assert (gone["state"], gone["stored"], gone["quarantined"]) == ("discarded", 0, 1)
    assert datetime.fromisoformat(gone["discarded_at"]) <= clock.now()
    assert (await yard.receipt(found["batch_id"]))["stored"] == 1
    assert await yard.total() == {"accepted": 2, "stored": 1, "discarded": 1}

    shown = (await yard.api.get(f"quarantine/{mended}")).json()
    assert (shown["status"], shown["event_id"]) == ("redriven", found["event"]["id"])
    assert base64.b64decode(shown["record"]["base64"]) == HALF
    assert [entry["what"] for entry in shown["history"]] == [
        f"edited, {len(MENDED)} bytes",
        f"stored as {found['event']['id']}",
    ]
    assert {entry["by"].partition(" ")[0] for entry in shown["history"]} == {"token"}


async def test_a_second_copy_is_a_duplicate_of_the_first(yard: Yard) -> None:
    for record in await yard.refused(HALF, HALF + b"\n"):
        await yard.mend(record)
        await yard.api.post("quarantine/redrive", {"ids": [record]})
        await yard.work()
    found = await yard.receipt(record)
    assert (found["state"], found["stored"], found["duplicate"]) == ("redriven", 0, 1)
    assert found["stored_at"] < found["redriven_at"]
    assert await yard.total() == {"accepted": 2, "stored": 1, "duplicate": 1}


async def test_what_still_cannot_be_read_is_open_again_and_says_why(yard: Yard) -> None:
    (record,) = await yard.refused(HALF)
    assert (await yard.api.post("quarantine/redrive", {"all": True, "format": "falco"})).json()["requested"] == 1
    assert await yard.work() == {"open": 1}
    shown = (await yard.api.get(f"quarantine/{record}")).json()
    assert (shown["status"], shown["requested"], shown["format"]) == ("open", None, "falco")
    assert [entry["what"] for entry in shown["history"]] == ["to be read as falco", f"still {shown['reason']}"]
    assert await yard.total() == {"accepted": 1, "quarantined": 1}


async def test_what_is_cancelled_in_time_is_not_done(yard: Yard) -> None:
    (record,) = await yard.refused(HALF)
    await yard.api.post("quarantine/discard", {"ids": [record]})
    assert (await yard.api.post("quarantine/cancel", {"ids": [record]})).json()["cancelled"] == 1
    assert await yard.work() == {}
    assert (await yard.receipt(record))["state"] == "quarantined"
