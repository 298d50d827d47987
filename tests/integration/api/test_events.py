"""Events: found in OpenSearch, told from Postgres; who reads an original is in the audit."""

import secrets
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from shared.models import AuditEntry, Event
from shared.normalise.body import pack_body
from tests.integration.api.calling import Api
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_event
from tests.integration.api.test_alerts import walk

NOW = clock.now().replace(microsecond=0)


def identity(number: int) -> UUID:
    return ids.content_id(clock.milliseconds(NOW - timedelta(minutes=number)), secrets.token_bytes(10))


def body(
    tenant: Tenant, number: int, *, event_id: UUID = ids.NIL, kind: str = "alert", original: bytes = b"{}"
) -> bytes:
    """A document as the door makes them, and what it was made of."""
    document = {
        "@timestamp": clock.isoformat(NOW - timedelta(minutes=number)),
        "organization": {"id": str(tenant.id)},
        "event": {"id": str(event_id), "kind": "alert" if kind == "alert" else "event", "module": "suricata"},
        "alert": {"title": f"scan {number}", "severity_id": 3},
        "source": {"ip": [f"10.0.0.{number}"]},
    }
    return pack_body(orjson.dumps(document), original)


async def fill(session: AsyncSession, tenant: Tenant, number: int, kind: str = "alert") -> list[Event]:
    made = []
    for one in range(number):
        event_id = identity(one)
        packed = body(tenant, one, event_id=event_id, kind=kind)
        time = NOW - timedelta(minutes=one)
        made.append(await make_event(session, tenant, kind=kind, id=event_id, time=time, body=packed))
    return made


async def test_events_are_found_the_latest_first_page_by_page(
    whole_api: Api, acme: Tenant, other: Tenant, findable: Findable, session: AsyncSession
) -> None:
    alerts, telemetry = await fill(session, acme, 8), await fill(session, acme, 5, "telemetry")
    theirs = await fill(session, other, 3)
    await findable(events=[*alerts, *telemetry, *theirs])
    walked = await walk(whole_api, "events", limit=3)
    assert {one["id"] for one in walked} == {str(event.id) for event in (*alerts, *telemetry)}
    assert len(walked) == 13
    assert [one["time"] for one in walked] == sorted((one["time"] for one in walked), reverse=True)
    assert {one["id"] for one in await walk(whole_api, "events", kind="telemetry")} == {
        str(event.id) for event in telemetry
    }
    (one,) = await walk(whole_api, "events", query="source.ip:10.0.0.7")
    assert (one["id"], one["title"], one["source_ip"]) == (str(alerts[7].id), "scan 7", ["10.0.0.7"])
    until = (NOW - timedelta(minutes=4)).isoformat()
    counted = (await whole_api.get("events", params={"to": until, "kind": "alert", "with_total": "true"})).json()
    assert counted["total"] == 3, "from `to` on there is nothing"
    histogram = (await whole_api.get("events/histogram")).json()
    assert sum(bucket["alert"] for bucket in histogram["buckets"]) == 8
    assert sum(bucket["telemetry"] for bucket in histogram["buckets"]) == 5
    assert len(histogram["buckets"]) <= 121


async def test_events_bring_along_the_fields_that_are_asked_for(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    await findable(events=await fill(session, acme, 2))
    wanted = {"field": ["source.ip", "SEVERITY", "host.name"], "query": "source.ip:10.0.0.1"}
    (one,) = (await whole_api.get("events", params=wanted)).json()["items"]
    assert one["fields"] == {"source.ip": ["10.0.0.1"], "severity": [3]}
    (plain, _) = (await whole_api.get("events")).json()["items"]
    assert plain["fields"] == {}
    refused = await whole_api.get("events", params={"field": "sorce.ip"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_field")


async def test_without_opensearch_they_cannot_be_searched_but_read(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    (event,) = await fill(session, acme, 1)
    for path in ("events", "events/histogram"):
        reply = await api.get(path)
        assert (reply.status_code, reply.json()["code"]) == (503, "search_unavailable")
    assert (await api.get(f"events/{event.id}")).json()["document"]["alert"]["title"] == "scan 0"


async def test_an_original_is_given_as_it_came_and_the_audit_knows_who_read_it(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    text = await make_event(session, acme, body=body(acme, 0, original='{"ä": 1}'.encode()))
    binary = await make_event(session, acme, body=body(acme, 1, original=b"\xff\x00"))
    plain = (await api.get(f"events/{text.id}")).json()
    assert (plain["original"], plain["original_encoding"]) == (None, None)
    told = [(await api.get(f"events/{one.id}", params={"original": "true"})).json() for one in (text, binary)]
    assert [(one["original"], one["original_encoding"]) for one in told] == [('{"ä": 1}', "utf-8"), ("/wA=", "base64")]
    read = await session.scalars(
        select(AuditEntry.object_id).where(
            AuditEntry.organization_id == acme.id, AuditEntry.action == "event.original_read"
        )
    )
    assert set(read) == {text.id, binary.id}
    theirs = await make_event(session, other)
    assert (await api.get(f"events/{theirs.id}")).status_code == 404


async def test_a_damaged_body_is_no_mistake_of_the_callers(api: Api, acme: Tenant, session: AsyncSession) -> None:
    event = await make_event(session, acme, body=b"no frame")
    reply = await api.get(f"events/{event.id}")
    assert (reply.status_code, reply.json()["code"]) == (500, "body_unreadable")


@pytest.mark.parametrize("path", ["events", "events/histogram", "rules"])
async def test_a_span_from_before_the_calendar_is_refused(api: Api, path: str) -> None:
    reply = await api.get(path, params={"to": "0001-01-01T00:00:00Z"})
    assert (reply.status_code, reply.json()["code"]) == (422, "bad_span")
