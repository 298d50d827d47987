"""Quarantined records over the API: read, edited, tried, and marked for the indexer."""

import asyncio
import base64
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import trial
from services.api.principal import Principal
from services.api.quarantine import queries
from shared import clock, ids
from shared.domain.permissions import Permission
from shared.domain.quarantine import MAX_HISTORY
from shared.models import ApiToken, AuditEntry, QuarantinedRecord
from shared.normalise.event import MAX_RECORD_BYTES
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_quarantined, make_sensor, make_token

ALERT = '{"@timestamp": "2026-11-24T12:00:00Z", "event": {"kind": "alert"}, "message": "Door forced", "x": "\u00fc"}'
PLAIN = b'{"door": 7, "state": "forced"}'  # of no sensor's shape
HALF = b'{"half'


async def stored(session: AsyncSession, record: QuarantinedRecord) -> QuarantinedRecord:
    """The row as it is now."""
    async with session.begin():
        statement = select(QuarantinedRecord).where(QuarantinedRecord.id == record.id)
        return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def listed(api: Api, **params: Any) -> list[str]:
    reply = await api.get("quarantine", params=params)
    assert reply.status_code == 200
    return [item["id"] for item in reply.json()["items"]]


async def who(session: AsyncSession, tenant: Tenant) -> str:
    """What histories call the tenant's token."""
    async with session.begin():
        return f"token {await session.scalar(select(ApiToken.name).where(ApiToken.organization_id == tenant.id))}"


async def until_waiting(session: AsyncSession) -> None:
    """Wait until somebody waits for a row that this session has locked."""
    waiting = text("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")
    async with asyncio.timeout(10):
        while not await session.scalar(waiting):
            await asyncio.sleep(0.02)


def own(record: QuarantinedRecord) -> str:
    return f"quarantine/{record.id}"


async def edit(api: Api, record: QuarantinedRecord, body: Any, *, seen: str | None = "*") -> httpx.Response:
    return await api.patch(own(record), body, headers={} if seen is None else {"If-Match": seen})


# Reading


async def test_a_list_shows_why_and_only_the_head(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme, record=b"\xffa\0" + "\u00fc".encode() * 100, hint="falco", path="/p")
    reply = await api.get("quarantine")
    (item,) = reply.json()["items"]
    assert item["head"] == "\ufffda\0" + "\u00fc" * 58, "120 bytes, without half a character"
    assert (item["id"], item["reason"], item["status"]) == (str(record.id), "not_json", "open")
    assert (item["format"], item["path"], item["bytes"], item["edited"]) == ("falco", "/p", 203, False)
    assert (item["requested"], item["event_id"], reply.json()["next_cursor"]) == (None, None, None)


async def test_pages_go_on_behind_the_last_the_newest_first(api: Api, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    records = [
        await make_quarantined(session, acme, created_at=now - timedelta(seconds=second)) for second in (3, 1, 1, 0, 2)
    ]
    expected = sorted(records, key=lambda one: (one.created_at, one.id), reverse=True)
    found: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        reply = (await api.get("quarantine", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        found += (page := [item["id"] for item in reply["items"]])
        cursor = reply["next_cursor"]
        assert len(page) == size
    assert found == [str(one.id) for one in expected]
    assert cursor is None


async def test_a_list_is_narrowed_by_each_filter(api: Api, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    odd = await make_quarantined(session, acme, reason="too_deep", received_at=now - timedelta(hours=1))
    asked = await make_quarantined(session, acme, requested="discard", received_at=now)
    done = await make_quarantined(session, acme, status="discarded")
    narrowed: dict[str, list[Any]] = {
        "reason": ["too_deep", odd],
        "sensor_id": [odd.sensor_id, odd],
        "received_to": [clock.isoformat(now), odd],
        "received_from": [clock.isoformat(now), asked],
        "requested": ["discard", asked],
        "status": ["discarded", done],
    }
    for name, (value, expected) in narrowed.items():
        assert await listed(api, **{name: value}) == [str(expected.id)], name
    assert await listed(api, reason="too_deep", requested="discard") == []
    assert len(await listed(api)) == 2


async def test_a_summary_counts_by_what_records_have_in_common(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sensor = await make_sensor(session, acme)
    old, new = clock.now() - timedelta(days=1), clock.now()
    for moment in (new, old):
        await make_quarantined(session, acme, sensor_id=sensor.id, received_at=moment)
    unknown = await make_quarantined(session, acme)
    discarded = await make_quarantined(session, acme, status="discarded")
    found = (await api.get("quarantine/summary")).json()
    first, second = found["groups"]
    assert (first["sensor_id"], first["sensor"], first["records"]) == (str(sensor.id), sensor.name, 2)
    assert (first["oldest"], first["newest"]) == tuple(
        moment.isoformat().replace("+00:00", "Z") for moment in (old, new)
    )
    assert (second["sensor_id"], second["sensor"]) == (str(unknown.sensor_id), None)
    assert (second["reason"], second["status"], second["requested"]) == ("not_json", "open", None)
    assert not found["more"]
    (other,) = (await api.get("quarantine/summary", params={"status": "discarded"})).json()["groups"]
    assert (other["sensor_id"], other["status"]) == (str(discarded.sensor_id), "discarded")
    monkeypatch.setattr(queries, "MAX_GROUPS", 1)
    found = (await api.get("quarantine/summary")).json()
    assert (len(found["groups"]), found["more"]) == (1, True)


async def test_a_summary_of_open_records_reads_nothing_but_their_index(acme: Tenant, session: AsyncSession) -> None:
    principal = Principal("token", ids.uuid7(), "a token", {}, (acme.id,))
    statement = queries.summary(principal, status="open").compile(
        dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True}
    )
    for way in ("seqscan", "bitmapscan"):
        await session.execute(text(f"SET LOCAL enable_{way} = off"))
    plan = "\n".join((await session.scalars(text(f"EXPLAIN {statement}"))).all())
    assert "Index Only Scan using ix_quarantine_open" in plan


async def test_one_record_is_shown_whole(api: Api, acme: Tenant, session: AsyncSession) -> None:
    entry = {"at": "2026-11-24T12:00:00.5+00:00", "by": "me (command line)", "what": "still not_json"}
    record = await make_quarantined(session, acme, record=b"\xff{", edited_record=b'{"a":1}', history=[entry])
    found = (await api.get(own(record))).json()
    assert found["record"] == {"text": "\ufffd{", "base64": base64.b64encode(b"\xff{").decode()}
    assert found["edited_record"]["text"] == '{"a":1}'
    assert (found["edited"], found["head"], found["bytes"]) == (True, '{"a":1}', 7)
    assert found["history"] == [entry | {"at": "2026-11-24T12:00:00.500000Z"}]


# Editing


async def test_an_edited_copy_is_kept_beside_the_bytes_received(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme, record=HALF, hint="falco")
    reply = await edit(api, record, {"text": ALERT, "format": "json"})
    assert reply.status_code == 200
    assert (reply.json()["edited"], reply.json()["format"]) == (True, "json")
    row = await stored(session, record)
    assert (row.record, row.edited_record, row.edited_hint) == (HALF, ALERT.encode(), "json")
    (entry,) = row.history
    assert (entry["by"], entry["what"]) == (
        await who(session, acme),
        f"edited, {len(ALERT.encode())} bytes; to be read as json",
    )
    await edit(api, record, {"base64": base64.b64encode(b"\xff\0").decode()})
    row = await stored(session, record)
    assert (row.edited_record, row.edited_hint) == (b"\xff\0", "json")
    reply = await edit(api, record, {"text": None, "format": None})
    assert (reply.json()["edited"], reply.json()["format"]) == (False, "falco")
    row = await stored(session, record)
    assert (row.edited_record, row.edited_hint) == (None, None)
    assert row.history[-1]["what"] == "edit undone; format undone"
    await edit(api, record, {})
    assert len((await stored(session, record)).history) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"base64": ""},
        {"text": "a", "base64": "YQ=="},
        {"base64": "YQ"},
        {"base64": "Y Q=="},
        {"base64": "-_8="},
        {"text": "x" * (MAX_RECORD_BYTES + 1)},
        {"text": "\u00fc" * (MAX_RECORD_BYTES // 2 + 1)},
        {"format": "no such"},
        {"record": "x"},
    ],
    ids=lambda body: str(body)[:30],
)
async def test_what_is_no_record_is_refused_with_its_place(
    api: Api, acme: Tenant, session: AsyncSession, body: dict[str, str]
) -> None:
    record = await make_quarantined(session, acme)
    for reply in (await edit(api, record, body), await api.post(f"{own(record)}/try", body)):
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"].startswith("#")
    assert (await stored(session, record)).history == []


async def test_a_record_of_a_mebibyte_fits_and_a_larger_body_is_refused(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    record = await make_quarantined(session, acme)
    whole = base64.b64encode(b"\0" * MAX_RECORD_BYTES).decode()
    assert (await edit(api, record, {"base64": whole})).status_code == 200
    assert (await stored(session, record)).edited_record == b"\0" * MAX_RECORD_BYTES
    assert (await api.get(own(record))).json()["edited_record"]["base64"] == whole
    for path in (own(record), f"{own(record)}/try"):
        method = "POST" if path.endswith("try") else "PATCH"
        reply = await api.call(method, path, json={"text": "\0" * (MAX_RECORD_BYTES // 2)}, headers={"If-Match": "*"})
        assert (reply.status_code, reply.json()["code"]) == (413, "request_entity_too_large"), (
            "each takes six characters"
        )
    assert (await api.post("quarantine/discard", {"reason": "x" * (1 << 20)})).status_code == 413


@pytest.mark.parametrize("status", ["redriven", "discarded"])
async def test_only_an_open_record_can_be_edited(api: Api, acme: Tenant, session: AsyncSession, status: str) -> None:
    record = await make_quarantined(session, acme, status=status)
    reply = await edit(api, record, {"text": "{}"})
    assert (reply.status_code, reply.json()["code"]) == (409, "record_not_open")
    assert (await stored(session, record)).edited_record is None


async def test_an_edit_is_of_the_record_that_its_editor_saw(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme, record=HALF)
    seen = (await api.get(own(record))).headers["etag"]
    missing = await edit(api, record, {"text": "{}"}, seen=None)
    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_needed")
    first = await edit(api, record, {"text": "{}"}, seen=seen)
    assert (first.status_code, first.headers["etag"], first.json()["revision"]) == (200, '"2"', 2)
    late = await edit(api, record, {"text": "[]"}, seen=seen)
    assert (late.status_code, late.json()["code"], late.json()["current"]["revision"]) == (412, "stale", 2)
    assert (await stored(session, record)).edited_record == b"{}"
    nothing = await edit(api, record, {}, seen='"2"')
    assert (nothing.status_code, nothing.headers["etag"]) == (200, '"2"')


async def test_another_format_for_many_is_an_edit_of_each_and_a_request_alone_is_none(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    record = await make_quarantined(session, acme, record=HALF)
    other = await make_quarantined(session, acme, record=PLAIN, edited_hint="json")
    everything = {"all": True}
    await api.post("quarantine/redrive", everything)
    assert [(await stored(session, one)).revision for one in (record, other)] == [1, 1]
    await api.post("quarantine/redrive", everything | {"format": "json"})
    assert [(await stored(session, one)).revision for one in (record, other)] == [2, 1]


async def test_an_edit_waits_for_the_indexer_and_sees_what_it_did(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    record = await make_quarantined(session, acme)
    statement = select(QuarantinedRecord).where(QuarantinedRecord.id == record.id).with_for_update()
    async with session.begin():
        row = (await session.scalars(statement)).one()
        waiting = asyncio.create_task(edit(api, record, {"text": "{}"}))
        await until_waiting(session)
        row.status = "redriven"
    assert (await waiting).status_code == 409


async def test_the_history_is_bounded(api: Api, acme: Tenant, session: AsyncSession) -> None:
    entries = [{"at": "2026-11-24T12:00:00Z", "by": None, "what": str(n)} for n in range(MAX_HISTORY)]
    record = await make_quarantined(session, acme, history=entries)
    await edit(api, record, {"text": "{}"})
    history = (await stored(session, record)).history
    assert len(history) == MAX_HISTORY
    assert (history[0]["what"], history[-1]["what"]) == ("1", "edited, 2 bytes")


# Trying


async def test_a_dry_run_shows_the_event_and_stores_nothing(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor = await make_sensor(session, acme, severity_overrides={"r-1": 5})
    record = await make_quarantined(session, acme, record=HALF, sensor_id=sensor.id)
    (found,) = (await api.post(f"{own(record)}/try")).json()["outcomes"]
    assert (found["outcome"], found["reason"]) == ("rejected", "not_json")
    mended = ALERT[:-1] + ', "rule": {"id": "r-1"}, "source": {"ip": "203.0.113.7"}}'
    reply = (await api.post(f"{own(record)}/try", {"text": mended})).json()
    (found,) = reply["outcomes"]
    assert reply["more"] == 0
    assert (found["outcome"], found["kind"], found["severity"]) == ("event", "alert", 5)
    assert (found["title"], found["module"], found["time"]) == ("Door forced", "ecs", "2026-11-24T12:00:00Z")
    assert found["document"]["message"] == "Door forced"
    assert {"type": "ip", "value": "203.0.113.7"} in found["observables"]
    row = await stored(session, record)
    assert (row.edited_record, row.history, row.status) == (None, [], "open")


async def test_a_dry_run_reads_what_is_kept_as_it_is_kept(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme, record=HALF, edited_record=PLAIN, edited_hint="json")
    (found,) = (await api.post(f"{own(record)}/try")).json()["outcomes"]
    assert found["outcome"] == "event"
    (found,) = (await api.post(f"{own(record)}/try", {"format": "falco"})).json()["outcomes"]
    assert (found["outcome"], found["reason"]) == ("rejected", "wrong_shape")


async def test_a_dry_run_says_what_the_sensor_leaves_out(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor = await make_sensor(session, acme, ignored_types=["suricata_eve:stats"])
    record = await make_quarantined(session, acme, sensor_id=sensor.id)
    stats = '{"timestamp": "2026-11-24T12:00:00.0+0000", "event_type": "stats", "stats": {}}'
    reply = await api.post(f"{own(record)}/try", {"text": stats})
    assert reply.json()["outcomes"] == [{"outcome": "ignored", "type": "suricata_eve:stats"}]


async def test_a_dry_run_of_a_great_post_shows_the_first(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme)
    alerts = ",".join(f'{{"labels": {{"n": "{n}"}}, "startsAt": "2026-11-24T12:00:00Z"}}' for n in range(25))
    reply = await api.post(f"{own(record)}/try", {"text": f'{{"receiver": "r", "alerts": [{alerts}]}}'})
    assert (len(reply.json()["outcomes"]), reply.json()["more"]) == (trial.MAX_SHOWN, 5)


async def test_only_so_many_are_tried_at_once(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme)
    with trial._ROOM, trial._ROOM:
        reply = await api.post(f"{own(record)}/try")
        assert (reply.status_code, reply.json()["code"]) == (503, "busy")
        assert reply.headers["retry-after"]
    assert (await api.post(f"{own(record)}/try")).status_code == 200


# Marking


async def test_what_is_requested_is_left_for_the_indexer(api: Api, acme: Tenant, session: AsyncSession) -> None:
    records = [await make_quarantined(session, acme) for _ in range(3)]
    wanted = {"ids": [str(one.id) for one in records[:2]] + [str(uuid4())], "format": "json"}
    reply = await api.post("quarantine/redrive", wanted)
    assert (reply.status_code, reply.json()) == (202, {"requested": 2, "more": False})
    rows = [await stored(session, one) for one in records]
    assert [row.requested for row in rows] == ["redrive", "redrive", None]
    assert [row.edited_hint for row in rows] == ["json", "json", None]
    assert (rows[0].requested_by, rows[0].history[0]["what"]) == (await who(session, acme), "to be read as json")
    assert rows[0].requested_at is not None
    assert rows[2].history == []
    assert (await api.post("quarantine/redrive", wanted)).json()["requested"] == 0
    assert (await api.post("quarantine/redrive", wanted | {"format": "text"})).json()["requested"] == 2
    assert (await api.post("quarantine/discard", {"all": True})).json()["requested"] == 3
    rows = [await stored(session, one) for one in records]
    assert [row.requested for row in rows] == ["discard"] * 3
    assert [len(row.history) for row in rows] == [2, 2, 0]


async def test_all_that_is_done_is_in_the_audit(api: Api, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme, record=HALF)
    await make_quarantined(session, acme, record=PLAIN)
    await make_quarantined(session, other)
    await edit(api, record, {"text": "{}"})
    await edit(api, record, {})
    await api.post("quarantine/redrive", {"reason": "not_json", "format": "json"})
    await api.post("quarantine/cancel", {"ids": [str(record.id)]})
    await api.post("quarantine/discard", {"ids": [str(record.id)]})
    await api.post("quarantine/discard", {"reason": "no such"})
    ours = select(AuditEntry).where(AuditEntry.organization_id.in_([acme.id, other.id])).order_by(AuditEntry.created_at)
    found = [(one.organization_id, one.action, one.object_id, one.details) for one in await session.scalars(ours)]
    assert found == [
        (acme.id, "quarantine.edited", record.id, {"records": 1, "what": "edited, 2 bytes"}),
        (acme.id, "quarantine.redrive_requested", None, {"records": 2, "reason": "not_json", "format": "json"}),
        (acme.id, "quarantine.cancelled", None, {"records": 1, "ids": [str(record.id)]}),
        (acme.id, "quarantine.discard_requested", None, {"records": 1, "ids": [str(record.id)]}),
    ]


async def test_only_open_records_are_marked(api: Api, acme: Tenant, session: AsyncSession) -> None:
    done = await make_quarantined(session, acme, status="redriven")
    assert (await api.post("quarantine/redrive", {"ids": [str(done.id)]})).json()["requested"] == 0
    assert (await stored(session, done)).requested is None


async def test_each_criterion_narrows(api: Api, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    odd = await make_quarantined(session, acme, reason="too_deep", received_at=now - timedelta(hours=1))
    late = await make_quarantined(session, acme, received_at=now)
    for criterion, expected in (
        ({"reason": "too_deep"}, odd),
        ({"sensor_id": str(odd.sensor_id)}, odd),
        ({"received_to": clock.isoformat(now), "all": True}, odd),
        ({"received_from": clock.isoformat(now)}, late),
        ({"ids": [str(odd.id), str(late.id)], "reason": "not_json"}, late),
    ):
        assert (await api.post("quarantine/discard", criterion)).json()["requested"] == 1, criterion
        assert (await stored(session, expected)).requested == "discard"
        assert (await api.post("quarantine/cancel", {"all": True})).json() == {"cancelled": 1, "more": False}


async def test_what_is_cancelled_is_open_again_and_says_who_did_it(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    record = await make_quarantined(session, acme, requested="discard", requested_at=clock.now(), requested_by="me")
    await make_quarantined(session, acme)
    reply = await api.post("quarantine/cancel", {"reason": "not_json"})
    assert (reply.status_code, reply.json()) == (200, {"cancelled": 1, "more": False})
    row = await stored(session, record)
    assert (row.status, row.requested, row.requested_at, row.requested_by) == ("open", None, None, None)
    (entry,) = row.history
    assert (entry["by"], entry["what"]) == (await who(session, acme), "discard cancelled")


async def test_a_request_marks_so_many_and_says_that_there_are_more(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_MARKED", 2)
    for _ in range(5):
        await make_quarantined(session, acme)
    for path, counted in (("redrive", "requested"), ("cancel", "cancelled"), ("discard", "requested")):
        replies = [(await api.post(f"quarantine/{path}", {"all": True})).json() for _ in range(3)]
        assert replies == [{counted: 2, "more": True}, {counted: 2, "more": True}, {counted: 1, "more": False}]


async def test_what_the_indexer_settles_meanwhile_is_not_marked(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme, requested="redrive")
    statement = select(QuarantinedRecord).where(QuarantinedRecord.id == record.id).with_for_update()
    async with session.begin():
        row = (await session.scalars(statement)).one()
        asked = asyncio.create_task(api.post("quarantine/discard", {"all": True}))
        await until_waiting(session)
        row.status, row.requested = "redriven", None
    assert (await asked).json() == {"requested": 0, "more": False}
    assert (await stored(session, record)).requested is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"all": False},
        {"all": "true"},
        {"all": 1},
        {"ids": []},
        {"ids": None},
        {"ids": [str(ids.NIL)] * 1001},
        {"ids": ["x"]},
        {"reason": ""},
        {"reason": "a\0"},
        {"received_from": "2026-11-24T12:00:00"},
        {"all": True, "status": "redriven"},
        {"all": True, "format": "no such"},
        [],
    ],
    ids=lambda body: str(body)[:40],
)
async def test_a_selection_that_says_nothing_marks_nothing(
    api: Api, acme: Tenant, session: AsyncSession, body: Any
) -> None:
    record = await make_quarantined(session, acme, requested="discard")
    for path in ("redrive", "discard", "cancel"):
        assert (await api.post(f"quarantine/{path}", body)).status_code == 422
    assert (await stored(session, record)).requested == "discard"


# Whose it is


async def test_nobody_sees_or_moves_another_organizations_records(
    api: Api, other: Tenant, session: AsyncSession
) -> None:
    record = await make_quarantined(session, other, requested="redrive", requested_by="them")
    assert await listed(api) == []
    assert (await api.get("quarantine/summary")).json() == {"groups": [], "more": False}
    for reply in (
        await api.get(own(record)),
        await edit(api, record, {"text": "{}"}),
        await edit(api, record, {}),
        await api.post(f"{own(record)}/try"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (404, "record_not_found")
    selections: list[dict[str, Any]] = [{"ids": [str(record.id)]}, {"sensor_id": str(record.sensor_id)}, {"all": True}]
    for selection in selections:
        for path in ("redrive", "discard", "cancel"):
            assert not any((await api.post(f"quarantine/{path}", selection)).json().values())
    row = await stored(session, record)
    assert (row.requested, row.requested_by, row.history, row.edited_record) == ("redrive", "them", [], None)
    assert await listed(api.as_(other.token)) == [str(record.id)]


async def test_a_dry_run_does_not_use_another_organizations_sensor(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    theirs = await make_sensor(session, other, format="falco")
    record = await make_quarantined(session, acme, sensor_id=theirs.id, record=PLAIN)
    (found,) = (await api.post(f"{own(record)}/try")).json()["outcomes"]
    assert found["outcome"] == "event"


async def test_who_may_read_may_not_write(api: Api, acme: Tenant, session: AsyncSession) -> None:
    record = await make_quarantined(session, acme)
    reader = api.as_(await make_token(session, acme.id, Permission.QUARANTINE_READ))
    assert (await edit(reader, record, {"text": "{}"})).status_code == 403
    assert (await reader.post("quarantine/discard", {"all": True})).status_code == 403
    assert (await reader.post(f"{own(record)}/try")).status_code == 200
    row = await stored(session, record)
    assert (row.edited_record, row.requested) == (None, None)


async def test_an_unknown_record_is_not_there(api: Api) -> None:
    for record_id in (uuid4(), UUID(int=0)):
        assert (await api.get(f"quarantine/{record_id}")).status_code == 404
