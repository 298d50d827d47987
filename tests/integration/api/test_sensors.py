"""Sensors and their keys: made, listed, changed, rotated; each change told to the bus in its own transaction."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.models import AuditEntry, Membership, OutboxMessage, Sensor, SensorKey
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person, make_sensor
from tests.integration.api.signed_in import page_of

FULL = {
    "name": "edge",
    "format": "suricata_eve",
    "zone": "Europe/Vienna",
    "rate_per_second": 500,
    "ignored_types": ["suricata_eve:flow"],
    "severity_overrides": {"2001219": 5},
    "expected_interval": "PT5M",
}
AS_IT_IS = {"If-Match": "*"}


async def outbox(session: AsyncSession, *tenants: Tenant) -> list[OutboxMessage]:
    ours = OutboxMessage.organization_id.in_([tenant.id for tenant in tenants])
    return list(await session.scalars(select(OutboxMessage).where(ours).order_by(OutboxMessage.id)))


async def keys(session: AsyncSession, sensor_id: Any) -> list[SensorKey]:
    statement = select(SensorKey).where(SensorKey.sensor_id == sensor_id).order_by(SensorKey.created_at)
    return list(await session.scalars(statement.execution_options(populate_existing=True)))


async def test_a_sensor_comes_with_a_key_that_is_kept_as_a_hash_and_shown_once(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    reply = await api.post("sensors", FULL, headers={"X-Request-ID": "made-it"})
    assert reply.status_code == 201
    made = reply.json()
    assert {name: made[name] for name in FULL} == FULL
    assert made["organization_id"] == str(acme.id)
    assert made["status"] == "active"
    secret = made["key"]["key"]
    assert secret.startswith("evs_")
    assert len(secret) == 4 + 43
    (key,) = await keys(session, made["id"])
    assert key.key_hash == hashlib.sha256(secret.encode()).digest()
    assert key.organization_id == acme.id
    assert secret.startswith(key.prefix)
    assert len(key.prefix) < 20
    again = await api.get(f"sensors/{made['id']}")
    assert secret not in again.text
    assert secret not in (await api.get("sensors")).text
    assert [(shown["prefix"], shown["last_used_at"]) for shown in again.json()["keys"]] == [(key.prefix, None)]
    key.last_used_at = clock.now().replace(second=0, microsecond=0)
    await session.commit()
    (shown,) = (await api.get(f"sensors/{made['id']}")).json()["keys"]
    assert datetime.fromisoformat(shown["last_used_at"]) == key.last_used_at
    (message,) = await outbox(session, acme)
    assert (message.routing_key, message.kind, message.ids) == ("sensor.changed", "sensor", [key.sensor_id])
    assert (message.organization_id, message.correlation_id) == (acme.id, "made-it")


async def test_what_is_left_out_has_the_tables_defaults(api: Api) -> None:
    made = (await api.post("sensors", {"name": " edge "})).json()
    assert made["name"] == "edge"
    assert made["zone"] == "UTC"
    assert made["format"] is None
    assert made["ignored_types"] == ["suricata_eve:stats"]
    assert made["severity_overrides"] == {}


async def test_a_name_is_taken_once_in_an_organization_and_nothing_is_left_of_the_second(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    assert (await api.post("sensors", {"name": "edge"})).status_code == 201
    second = await api.post("sensors", {"name": "edge"})
    assert second.status_code == 409
    assert second.json()["code"] == "sensor_name_taken"
    assert (await api.as_(other.token).post("sensors", {"name": "edge"})).status_code == 201
    assert len(await outbox(session, acme, other)) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/name"),
        ({"name": ""}, "#/name"),
        ({"name": "   "}, "#/name"),
        ({"name": "x" * 201}, "#/name"),
        ({"name": "nul\0"}, "#/name"),
        ({"name": "line\nbreak"}, "#/name"),
        ({"name": 7}, "#/name"),
        ({"name": "e", "format": "no such"}, "#/format"),
        ({"name": "e", "zone": "Mars/Olympus"}, "#/zone"),
        ({"name": "e", "zone": "../../etc/passwd"}, "#/zone"),
        ({"name": "e", "zone": None}, "#/zone"),
        ({"name": "e", "rate_per_second": 0}, "#/rate_per_second"),
        ({"name": "e", "rate_per_second": 2**31}, "#/rate_per_second"),
        ({"name": "e", "ignored_types": ["x\0"]}, "#/ignored_types/0"),
        ({"name": "e", "ignored_types": ["x"] * 101}, "#/ignored_types"),
        ({"name": "e", "severity_overrides": {"rule": 6}}, "#/severity_overrides/rule"),
        ({"name": "e", "severity_overrides": {"\0": 5}}, "#/severity_overrides"),
        ({"name": "e", "severity_overrides": {str(i): 1 for i in range(1001)}}, "#/severity_overrides"),
        ({"name": "e", "expected_interval": 0}, "#/expected_interval"),
        ({"name": "e", "expected_interval": "P9999D"}, "#/expected_interval"),
        ({"name": "e", "revision": 1}, "#/revision"),
        ([], "#"),
        ("text", "#"),
    ],
)
async def test_bad_input_is_named_by_its_place_and_not_repeated(api: Api, body: Any, pointer: str) -> None:
    reply = await api.post("sensors", body)
    assert reply.status_code == 422
    assert pointer in [error["pointer"] for error in reply.json()["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "e", "zone": "Secret-9f3a"},
        {"name": "e", "format": "Secret-9f3a"},
        {"name": "e", "Secret-9f3a": 1},
        {"name": "e", "severity_overrides": {"Secret-9f3a": 9}},
        {"name": ["Secret-9f3a"]},
        {"name": "e", "expected_interval": "Secret-9f3a"},
    ],
)
async def test_no_reply_repeats_what_was_sent(api: Api, body: Any) -> None:
    reply = await api.post("sensors", body)
    assert reply.status_code == 422
    assert "9f3a" not in reply.text


@pytest.mark.parametrize("content", [b'{"name": "e', b"\xff\xfe", b"[" * 100_000, b'{"name": "\\ud800"}', b"NaN"])
async def test_a_body_that_is_no_json_is_refused_as_a_problem(api: Api, content: bytes) -> None:
    reply = await api.call("POST", "sensors", content=content, headers={"Content-Type": "application/json"})
    assert reply.status_code == 422


async def test_the_list_is_by_name_and_its_pages_hold_everything_once(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    names = [f"s{number:02}" for number in range(23)]
    for name in reversed(names):
        await make_sensor(session, acme, name=name)
    await make_sensor(session, other, name="s05x")
    walked, cursor = [], None
    for _ in range(5):
        page = (await api.get("sensors", params={"limit": 7} | ({"cursor": cursor} if cursor else {}))).json()
        assert len(page["items"]) <= 7
        walked += [sensor["name"] for sensor in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert walked == names


async def test_a_page_that_holds_exactly_the_rest_is_the_last(api: Api, acme: Tenant, session: AsyncSession) -> None:
    for name in ("a", "b"):
        await make_sensor(session, acme, name=name)
    assert (await api.get("sensors", params={"limit": 2})).json()["next_cursor"] is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!", "bnVsbA", "W10", "WyJhIiwgImIiXQ", "WzEsMl0", "W1siYSJdLG51bGxd", "\0", "x" * 3000]
)
async def test_a_cursor_of_somebody_elses_making_is_refused(api: Api, cursor: str) -> None:
    reply = await api.get("sensors", params={"cursor": cursor})
    assert reply.status_code == 422


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3"])
async def test_the_limit_is_bounded(api: Api, limit: str) -> None:
    reply = await api.get("sensors", params={"limit": limit})
    assert reply.status_code == 422
    (error,) = reply.json()["errors"]
    assert (error["in"], error["parameter"]) == ("query", "limit")


async def test_a_change_is_kept_told_and_moves_updated_at(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = (await api.post("sensors", FULL)).json()
    changed = await api.patch(
        f"sensors/{made['id']}",
        {"name": "core", "status": "disabled", "format": None, "severity_overrides": {"1": 2}},
        headers={"If-Match": '"1"'},
    )
    assert changed.status_code == 200
    assert changed.json() == (
        {name: value for name, value in made.items() if name != "key"}
        | {"name": "core", "status": "disabled", "format": None, "severity_overrides": {"1": 2}}
        | {"updated_at": changed.json()["updated_at"], "revision": 2, "silent": None}
    )
    assert changed.json()["updated_at"] > made["updated_at"]
    assert changed.headers["etag"] == '"2"'
    assert (await api.get(f"sensors/{made['id']}")).json()["name"] == "core"
    assert len(await outbox(session, acme)) == 2


@pytest.mark.parametrize("body", [{}, {"name": "edge"}])
async def test_a_change_of_nothing_is_told_to_nobody(api: Api, acme: Tenant, session: AsyncSession, body: Any) -> None:
    made = (await api.post("sensors", FULL)).json()
    same = await api.patch(f"sensors/{made['id']}", body, headers=AS_IT_IS)
    assert same.headers["etag"] == '"1"'
    assert same.json()["updated_at"] == made["updated_at"]
    assert len(await outbox(session, acme)) == 1


@pytest.mark.parametrize("body", [{"name": None}, {"status": "gone"}, {"status": None}, {"zone": None}, {"key": "x"}])
async def test_a_bad_change_changes_nothing(api: Api, body: Any) -> None:
    made = (await api.post("sensors", FULL)).json()
    assert (await api.patch(f"sensors/{made['id']}", body, headers=AS_IT_IS)).status_code == 422
    assert (await api.get(f"sensors/{made['id']}")).json()["updated_at"] == made["updated_at"]


async def test_a_change_to_a_taken_name_is_a_conflict(api: Api) -> None:
    await api.post("sensors", {"name": "a"})
    made = (await api.post("sensors", {"name": "b"})).json()
    taken = await api.patch(f"sensors/{made['id']}", {"name": "a"}, headers=AS_IT_IS)
    assert taken.json()["code"] == "sensor_name_taken"


async def test_who_changes_what_somebody_else_changed_meanwhile_is_told(api: Api) -> None:
    made = (await api.post("sensors", FULL)).json()
    seen = (await api.get(f"sensors/{made['id']}")).headers["etag"]
    assert (await api.patch(f"sensors/{made['id']}", {"name": "core"})).status_code == 428
    assert (await api.patch(f"sensors/{made['id']}", {"name": "core"}, headers={"If-Match": seen})).status_code == 200
    late = await api.patch(f"sensors/{made['id']}", {"name": "edge 2"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["current"]["name"]) == (412, "core")
    assert (await api.get(f"sensors/{made['id']}")).json()["name"] == "core"


async def test_all_that_is_done_to_a_sensor_is_in_the_audit_and_no_secret(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    made = (await api.post("sensors", FULL)).json()
    await api.patch(f"sensors/{made['id']}", {"status": "disabled"}, headers=AS_IT_IS)
    fresh = (await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": 60})).json()
    await api.delete(f"sensors/{made['id']}/keys/{fresh['id']}")
    entries = (
        await session.scalars(
            select(AuditEntry).where(AuditEntry.object_id == UUID(made["id"])).order_by(AuditEntry.created_at)
        )
    ).all()
    assert [(entry.action, entry.changes, entry.details) for entry in entries] == [
        ("sensor.created", {}, {"name": "edge", "key": made["key"]["prefix"]}),
        ("sensor.changed", {"status": ["active", "disabled"]}, {"name": "edge"}),
        ("sensor.key_made", {}, {"name": "edge", "key": fresh["prefix"], "overlap_seconds": 60}),
        ("sensor.key_revoked", {}, {"name": "edge", "key": fresh["prefix"]}),
    ]
    assert all(entry.organization_id == acme.id for entry in entries)


async def test_a_list_says_who_is_silent(api: Api, acme: Tenant, session: AsyncSession) -> None:
    now, often = clock.now(), timedelta(minutes=5)
    await make_sensor(session, acme, name="1 heard", expected_interval=often, last_seen_at=now - timedelta(minutes=2))
    await make_sensor(session, acme, name="2 silent", expected_interval=often, last_seen_at=now - timedelta(hours=1))
    await make_sensor(session, acme, name="3 anything", last_seen_at=now - timedelta(hours=1))
    items = (await api.get("sensors")).json()["items"]
    assert [(one["name"], one["silent"]) for one in items] == [
        ("1 heard", False),
        ("2 silent", True),
        ("3 anything", None),
    ]


async def test_who_belongs_to_several_organizations_says_where(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    person = await make_person(session, acme, "operator")
    session.add(Membership(user_id=person.id, organization_id=other.id, role="operator"))
    await session.commit()
    page = await page_of(api, person)
    assert (await page.post("sensors", {"name": "edge"})).json()["code"] == "organization_needed"
    made = await page.post("sensors", {"name": "edge", "organization_id": str(other.id)})
    assert (made.status_code, made.json()["organization_id"]) == (201, str(other.id))
    foreign = await api.post("sensors", {"name": "edge", "organization_id": str(other.id)})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not_permitted")


async def test_rotation_leaves_the_old_key_good_for_a_day_unless_told_otherwise(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    made = (await api.post("sensors", {"name": "edge"})).json()
    fresh = await api.post(f"sensors/{made['id']}/keys")
    assert fresh.status_code == 201
    old, new = await keys(session, made["id"])
    assert new.key_hash == hashlib.sha256(fresh.json()["key"].encode()).digest()
    assert new.expires_at is None
    assert old.revoked_at is None
    assert old.expires_at is not None
    assert abs(old.expires_at - clock.now() - timedelta(days=1)) < timedelta(minutes=1)
    assert len(await outbox(session, acme)) == 2


async def test_rotation_never_lengthens_a_life_and_leaves_the_dead_alone(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    made = (await api.post("sensors", {"name": "edge"})).json()
    await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": 60})
    await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": 3600})
    first, second, third = await keys(session, made["id"])
    assert first.expires_at is not None
    assert first.expires_at < clock.now() + timedelta(seconds=61)
    assert second.expires_at is not None
    assert second.expires_at > clock.now() + timedelta(seconds=3000)
    assert third.expires_at is None


async def test_rotation_without_overlap_ends_the_old_keys_at_once(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    made = (await api.post("sensors", {"name": "edge"})).json()
    await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": 60})
    await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": 0})
    first, second, third = await keys(session, made["id"])
    assert first.revoked_at is not None
    assert second.revoked_at is not None
    assert (third.revoked_at, third.expires_at) == (None, None)


@pytest.mark.parametrize("overlap", [-1, 30 * 86400 + 1, "soon", None, 1.5])
async def test_the_overlap_is_bounded(api: Api, overlap: Any) -> None:
    made = (await api.post("sensors", {"name": "edge"})).json()
    reply = await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": overlap})
    assert reply.status_code == 422


async def test_good_keys_do_not_pile_up(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = (await api.post("sensors", {"name": "edge"})).json()
    statuses = [(await api.post(f"sensors/{made['id']}/keys")).status_code for _ in range(20)]
    assert statuses == [201] * 19 + [409]
    assert (await api.post(f"sensors/{made['id']}/keys", {"overlap_seconds": 0})).status_code == 201
    assert len(await keys(session, made["id"])) == 21


async def test_a_key_is_revoked_at_once_and_once(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = (await api.post("sensors", {"name": "edge"})).json()
    path = f"sensors/{made['id']}/keys/{made['key']['id']}"
    assert (await api.delete(path)).status_code == 204
    (key,) = await keys(session, made["id"])
    revoked_at = key.revoked_at
    assert revoked_at is not None
    assert (await api.delete(path)).status_code == 204
    (key,) = await keys(session, made["id"])
    assert key.revoked_at == revoked_at
    assert len(await outbox(session, acme)) == 2


async def test_a_key_of_another_sensor_is_not_found(api: Api) -> None:
    one = (await api.post("sensors", {"name": "one"})).json()
    two = (await api.post("sensors", {"name": "two"})).json()
    reply = await api.delete(f"sensors/{one['id']}/keys/{two['key']['id']}")
    assert (reply.status_code, reply.json()["code"]) == (404, "key_not_found")


async def test_another_organizations_sensor_does_not_exist(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    sensor = await make_sensor(session, other)
    key = SensorKey(organization_id=other.id, sensor_id=sensor.id, key_hash=b"x" * 32, prefix="evs_")
    session.add(key)
    await session.commit()
    for call in (
        api.get(f"sensors/{sensor.id}"),
        api.get(f"sensors/{sensor.id}/accounts"),
        api.patch(f"sensors/{sensor.id}", {"name": "mine"}, headers=AS_IT_IS),
        api.post(f"sensors/{sensor.id}/keys"),
        api.delete(f"sensors/{sensor.id}/keys/{key.id}"),
    ):
        reply = await call
        assert (reply.status_code, reply.json()["code"]) == (404, "sensor_not_found")
    assert (await api.get("sensors")).json()["items"] == []
    unchanged = await session.get(Sensor, sensor.id, populate_existing=True)
    assert unchanged is not None
    assert unchanged.name == sensor.name
    assert await outbox(session, acme, other) == []
