"""One request followed by its correlation id: reply, both processes' logs, receipt, row, and document."""

import json
import os
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.faults.oracle import Oracle
from tests.faults.service import Service
from tests.faults.system import System
from tests.faults.verdict import quiet


def lines_with(service: Service, correlation_id: str) -> list[dict[str, Any]]:
    """What grep finds in a process's log."""
    return [json.loads(line) for line in service.log.read_text().splitlines() if correlation_id in line]


async def test_a_correlation_id_leads_from_the_reply_to_the_document(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    system = System(environment, tmp_path)
    await system.create()
    try:
        await system.start()
        records = Oracle(seed=8).batch(3)
        async with httpx.AsyncClient(base_url=system.door, timeout=30) as client:
            reply = await client.post(
                "/ingest/v1/events",
                content=b"\n".join(record.line for record in records),
                headers={"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"},
            )
        assert reply.status_code == 202
        correlation_id = reply.headers["x-request-id"]
        await quiet(system)
    finally:
        await system.stop()

    try:
        for service, event in ((system.ingest, "envelope_published"), (system.indexer, "batch_settled")):
            (line,) = [line for line in lines_with(service, correlation_id) if line["event"] == event]
            assert correlation_id in line["correlation_ids"], event
            assert line["process"] == service.name

        connection = await asyncpg.connect(system.owner_url)
        try:
            receipt = await connection.fetchrow("SELECT * FROM batches WHERE correlation_id = $1", correlation_id)
            rows = await connection.fetch("SELECT id, batch_id FROM events")
        finally:
            await connection.close()
        assert receipt is not None
        assert str(receipt["batch_id"]) == reply.json()["batch_id"]
        assert (receipt["items"], receipt["stored"]) == (3, 3)
        event_ids = {item["event_id"] for item in reply.json()["items"]}
        assert {str(row["id"]) for row in rows} == event_ids
        assert {str(row["batch_id"]) for row in rows} == {reply.json()["batch_id"]}

        url = f"{system.environment['EVENTSEC_OPENSEARCH_URL']}/{system.name}-events"
        async with httpx.AsyncClient(timeout=30) as client:
            await client.post(f"{url}/_refresh")
            found = await client.post(f"{url}/_search", json={"query": {"ids": {"values": sorted(event_ids)}}})
        assert {hit["_source"]["event"]["id"] for hit in found.json()["hits"]["hits"]} == event_ids
    finally:
        await system.destroy()
