"""Channels, routes, what was told: whose they are, what is never shown, and what triage tells whom."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.notification import Kind
from shared.models import AuditEntry, Notification, NotificationChannel, User
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person, make_token
from tests.integration.api.signed_in import Page, page_of

URL = "https://hooks.example.org/services/T0/B0/secret-path"
HOOK = {"kind": "webhook", "name": "soc", "url": URL, "format": "slack"}
MAIL = {"kind": "email", "name": "mail", "to": ["soc@example.org"]}


@pytest.fixture
async def ann(acme: Tenant, session: AsyncSession) -> User:
    return await make_person(session, acme)


@pytest.fixture
async def page(api: Api, ann: User) -> AsyncIterator[Page]:
    yield await page_of(api, ann)


async def told(session: AsyncSession, user: User) -> list[Notification]:
    found = select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
    return list((await session.scalars(found.execution_options(populate_existing=True))).all())


async def test_a_channels_secrets_are_given_out_once_or_never(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = await api.post("notification-channels", HOOK)
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    assert len(key) > 32
    listed = await api.get("notification-channels")
    assert [row["host"] for row in listed.json()["items"]] == ["hooks.example.org"]
    path = f"notification-channels/{made.json()['id']}"
    changed = await api.patch(path, {"url": URL + "2", "disabled": True}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    channel = await session.scalar(select(NotificationChannel).where(NotificationChannel.organization_id == acme.id))
    assert channel is not None and channel.secret is not None
    kept = orjson.loads(api.resources.cipher.decrypt(channel.secret))
    assert kept == {"url": URL + "2", "key": key}
    entries = (await session.scalars(select(AuditEntry).where(AuditEntry.organization_id == acme.id))).all()
    assert {entry.action for entry in entries} >= {"notification_channel.created", "notification_channel.changed"}
    shown = listed.text + changed.text + str([(entry.changes, entry.details) for entry in entries])
    assert "secret-path" not in shown + str(channel.settings)
    assert key not in shown


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://127.0.0.1:8443/hook", "EVENTSEC_OUTGOING_ALLOW"),
        ("https://[::ffff:10.1.2.3]/hook", "EVENTSEC_OUTGOING_ALLOW"),
        ("http://192.0.2.1/hook", "EVENTSEC_OUTGOING_ALLOW"),
        ("http://8.8.8.8/hook", "without TLS"),
    ],
)
async def test_an_address_that_would_not_be_called_is_refused_when_it_is_given(api: Api, url: str, said: str) -> None:
    made = await api.post("notification-channels", HOOK | {"url": url})
    kept = await api.post("notification-channels", HOOK | {"url": "https://8.8.8.8/hook"})
    assert kept.status_code == 201, kept.text
    path = f"notification-channels/{kept.json()['id']}"
    changed = await api.patch(path, {"url": url}, headers={"If-Match": "*"})
    for refused in (made, changed):
        assert (refused.status_code, refused.json()["code"]) == (422, "url_not_allowed")
        assert said in refused.json()["detail"]


async def test_a_webhook_whose_secrets_nobody_can_read_any_more_is_given_new_ones(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    made = (await api.post("notification-channels", HOOK)).json()
    mine = NotificationChannel.organization_id == acme.id
    await session.execute(update(NotificationChannel).where(mine).values(secret=b"of a key that was lost"))
    await session.commit()
    new = {"url": URL + "2", "key": "k" * 40}
    changed = await api.patch(f"notification-channels/{made['id']}", new, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    secret = await session.scalar(select(NotificationChannel.secret).where(mine))
    assert secret is not None
    assert orjson.loads(api.resources.cipher.decrypt(secret)) == new


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("notification-channels", HOOK | {"url": "ftp://example.org/x"}, "invalid"),
        ("notification-channels", HOOK | {"url": "https://me:pw@example.org/x"}, "invalid"),
        ("notification-channels", HOOK | {"key": "short"}, "invalid"),
        ("notification-channels", MAIL | {"to": ["nobody"]}, "invalid"),
        ("notification-channels", MAIL | {"to": ["a@b.org,c@d.org"]}, "invalid"),
        ("notification-channels", MAIL | {"url": URL}, "invalid"),
        ("notification-routes", {"kinds": ["nothing"]}, "invalid"),
        ("notification-routes", {"kinds": ["channel.test"]}, "invalid"),
        ("notification-routes", {"kinds": ["job.done"], "quiet_hours": {"from": "24:00", "to": "07:00"}}, "invalid"),
        ("notification-routes", {"kinds": ["job.done"], "quiet_hours": {"from": "22:00", "to": "07:00", "zone": "X"}},
         "invalid"),
        ("notification-routes", {"kinds": ["job.done"], "channel_id": "0190a7ae-0000-7000-8000-000000000000"},
         "unknown_channel"),
    ],
)  # fmt: skip
async def test_what_means_nothing_is_refused(api: Api, path: str, body: dict[str, Any], code: str) -> None:
    reply = await api.post(path, body)
    assert (reply.status_code, reply.json()["code"]) == (422, code)


async def test_channels_are_the_admins_of_their_own_organization(
    api: Api, page: Page, other: Tenant, session: AsyncSession
) -> None:
    made = (await api.post("notification-channels", MAIL)).json()
    assert (await api.post("notification-channels", MAIL)).json()["code"] == "channel_name_taken"
    for call in (page.get("notification-channels"), page.post("notification-channels", MAIL)):
        assert (await call).status_code == 403
    stranger = api.as_(other.token)
    path = f"notification-channels/{made['id']}"
    assert (await stranger.get("notification-channels")).json()["items"] == []
    assert (await stranger.patch(path, {"name": "x"}, headers={"If-Match": "*"})).status_code == 404
    assert (await stranger.post(f"{path}/test")).status_code == 404
    wanted = {"kinds": ["alert.critical"], "channel_id": made["id"]}
    assert (await stranger.post("notification-routes", wanted)).json()["code"] == "unknown_channel"
    assert (await page.post("notification-routes", wanted)).json()["code"] == "unknown_channel"
    assert (await api.patch(path, {"url": URL}, headers={"If-Match": "*"})).json()["code"] == "not_of_this_kind"
    assert (await api.patch(path, {"name": "x"})).status_code == 428
    assert (await api.patch(path, {"name": "x"}, headers={"If-Match": '"9"'})).status_code == 412


async def test_a_test_goes_through_the_same_table(api: Api) -> None:
    channel = (await api.post("notification-channels", MAIL)).json()
    path = f"notification-channels/{channel['id']}"
    reply = await api.post(f"{path}/test")
    assert (reply.status_code, reply.json()["status"], reply.json()["channel_id"]) == (202, "pending", channel["id"])
    await api.patch(path, {"disabled": True}, headers={"If-Match": "*"})
    assert (await api.post(f"{path}/test")).json()["code"] == "channel_disabled"


async def test_routes_are_ones_own_or_the_admins(api: Api, page: Page, session: AsyncSession, acme: Tenant) -> None:
    colleague = await page_of(api, await make_person(session, acme))
    quiet = {"from": "22:00", "to": "07:00", "zone": "Europe/Vienna", "days": [0, 1]}
    mine = (await page.post("notification-routes", {"kinds": ["job.done"], "quiet_hours": quiet})).json()
    assert (mine["quiet_hours"], mine["channel_id"]) == (quiet, None)
    path = f"notification-routes/{mine['id']}"
    assert (await colleague.get("notification-routes")).json()["items"] == []
    assert (await colleague.delete(path)).status_code == 404
    assert (await api.delete(path)).status_code == 404, "an admin's token has no business with it either"
    changed = await page.call("PATCH", path, json={"disabled": True, "quiet_hours": None}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["quiet_hours"]) == (200, '"2"', None)
    assert (await page.delete(path)).status_code == 204
    channel = (await api.post("notification-channels", MAIL)).json()
    ours = await api.post("notification-routes", {"kinds": ["alert.critical"], "channel_id": channel["id"]})
    assert ours.status_code == 201
    personal = {"kinds": ["note.mention"], "channel_id": channel["id"]}
    assert (await api.post("notification-routes", personal)).json()["code"] == "personal_kind"
    await api.post(f"notification-channels/{channel['id']}/test")
    reader = api.as_(await make_token(session, acme.id, "alerts:read"))
    for one in (page, reader):
        for what in ("notification-routes", "notifications"):
            assert (await one.get(what)).json()["items"] == []
    assert [row["id"] for row in (await api.get("notification-routes")).json()["items"]] == [ours.json()["id"]]


async def test_assigning_tells_the_other_person_and_nobody_oneself(
    page: Page, ann: User, acme: Tenant, session: AsyncSession
) -> None:
    bob = await make_person(session, acme)
    alert = await make_alert(session, acme, title="Beacon\nto C2")
    path = f"alerts/{alert.id}/assign"
    for person in (ann, bob, bob):
        await page.post(path, {"assignee_id": str(person.id)}, headers={"If-Match": "*"})
    assert await told(session, ann) == []
    (row,) = await told(session, bob)
    assert (row.kind, row.subject, row.object_id) == (Kind.ALERT_ASSIGNED, "Assigned to you: Beacon to C2", alert.id)
    assert row.correlation_id


async def test_assigning_many_tells_of_each_and_its_maker_of_the_job(
    page: Page, ann: User, acme: Tenant, session: AsyncSession
) -> None:
    bob = await make_person(session, acme)
    await page.post("notification-routes", {"kinds": ["job.done"]})
    alerts = [await make_alert(session, acme) for _ in range(3)]
    action = {"type": "assign", "assignee_id": str(bob.id)}
    job = await page.post("alerts/bulk", {"action": action, "ids": [str(one.id) for one in alerts], "start": True})
    for _ in range(200):
        if (await page.get(f"jobs/{job.json()['id']}")).json()["status"] == "done":
            break
    assert len(await told(session, bob)) == 3
    assert [row.kind for row in await told(session, ann)] == [Kind.JOB_DONE]


async def test_a_mention_is_told_once_however_often_the_note_is_rewritten(
    page: Page, ann: User, acme: Tenant, session: AsyncSession
) -> None:
    bob, cid = await make_person(session, acme), await make_person(session, acme)
    alert = await make_alert(session, acme)
    path = f"alerts/{alert.id}/notes"
    note = (await page.post(path, {"body": f"@{bob.email} @{ann.email} look"})).json()
    await page.call(
        "PUT", f"{path}/{note['id']}", json={"body": f"@{bob.email} @{cid.email}"}, headers={"If-Match": "*"}
    )
    assert [[row.kind for row in await told(session, one)] for one in (bob, cid, ann)] == [["note.mention"]] * 2 + [[]]


async def test_the_log_is_ones_own_or_the_admins_and_a_failed_one_can_be_tried_again(
    api: Api, page: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    bob = await make_person(session, acme)
    desk = await page_of(api, bob)
    alert = await make_alert(session, acme)
    await page.post(f"alerts/{alert.id}/assign", {"assignee_id": str(bob.id)}, headers={"If-Match": "*"})
    (row,) = (await desk.get("notifications")).json()["items"]
    assert [one["id"] for one in (await api.get("notifications")).json()["items"]] == [row["id"]]
    assert (await page.get("notifications")).json()["items"] == []
    assert (await api.as_(other.token).get("notifications")).json()["items"] == []
    reader = api.as_(await make_token(session, acme.id, "alerts:read"))
    assert (await reader.get("notifications")).json()["items"] == []
    path = f"notifications/{row['id']}/retry"
    assert (await desk.post(path)).json()["code"] == "not_failed"
    await session.execute(update(Notification).values(status="failed", attempts=12, last_error="away"))
    await session.commit()
    assert (await page.post(path)).status_code == 404
    again = await desk.post(path)
    assert (again.status_code, again.json()["status"], again.json()["attempts"]) == (200, "pending", 1)
    assert (await desk.get("notifications", params={"status": "failed"})).json()["items"] == []
