"""People and roles: added, changed, disabled; nobody locks everybody out, or somebody out of another organization."""

import asyncio
import io
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.auth import totp
from services.api.users.__main__ import main
from shared import clock
from shared.domain.permissions import PERMISSIONS, Permission, Role
from shared.models import AuditEntry, Membership, User
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import PASSWORD, Tenant, make_alert, make_person, make_token
from tests.integration.api.signed_in import Page, log_in, page_in, page_of


@pytest.fixture
async def admin(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    yield await page_of(api, await make_person(session, acme, "admin"))


async def me(page: Page) -> str:
    return str((await page.get("auth/session")).json()["user"]["id"])


async def test_somebody_new_signs_in_with_a_first_password_and_changes_it(
    api: Api, admin: Page, session: AsyncSession
) -> None:
    made = await admin.post("users", {"email": "New@Example.org", "name": "New", "role": "analyst"})
    assert made.status_code == 201
    password = made.json()["password"]
    reply = await api.as_(None).post("auth/login", {"email": "new@example.org", "password": password})
    api.client.cookies.clear()
    assert reply.json()["must_change_password"] is True
    changed = await page_in(api, reply).post("auth/password", {"current": password, "new": "a rather better one"})
    assert changed.json()["must_change_password"] is False
    again = await admin.post("users", {"email": "new@EXAMPLE.org", "name": "x", "role": "lead"})
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    listed = {one["email"]: one for one in (await admin.get("users")).json()["items"]}
    assert listed["New@Example.org"]["role"] == "analyst"
    assert "password" not in listed["New@Example.org"]


async def test_another_role_holds_at_once(api: Api, admin: Page, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme, "viewer")
    page = await page_of(api, user)
    assert (await page.post("alerts/bulk", {"action": {"type": "acknowledge"}, "query": ""})).status_code == 403
    assert (await admin.call("PATCH", f"users/{user.id}", json={"role": "lead"})).json()["role"] == "lead"
    assert (await page.post("alerts/bulk", {"action": {"type": "acknowledge"}, "query": ""})).status_code == 202
    changed = (AuditEntry.action == "user.changed", AuditEntry.object_id == user.id)
    (entry,) = await session.scalars(select(AuditEntry).where(*changed))
    assert entry.changes == {"role": ["viewer", "lead"]}


async def test_who_is_disabled_is_out_at_once(api: Api, admin: Page, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme)
    page = await page_of(api, user)
    assert (await admin.call("PATCH", f"users/{user.id}", json={"disabled": True})).json()["disabled_at"]
    assert (await page.get("alerts")).status_code == 401
    assert (await log_in(api, user)).status_code == 401
    assert (await admin.call("PATCH", f"users/{user.id}", json={"disabled": False})).json()["disabled_at"] is None
    assert (await page.get("alerts")).status_code == 401, "the old session stays ended"
    assert (await log_in(api, user)).status_code == 200


async def test_somebody_who_administers_is_left(api: Api, admin: Page, acme: Tenant, session: AsyncSession) -> None:
    own = await me(admin)
    for method, body in (("PATCH", {"role": "viewer"}), ("PATCH", {"disabled": True}), ("DELETE", None)):
        reply = await admin.call(method, f"users/{own}", json=body)
        assert (reply.status_code, reply.json()["code"]) == (409, "last_admin"), (method, body)
    await make_person(session, acme, "admin")
    assert (await admin.call("PATCH", f"users/{own}", json={"role": "viewer"})).status_code == 200


async def test_how_somebody_signs_in_is_for_themselves_and_who_administers(
    api: Api, admin: Page, acme: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme)
    page = await page_of(api, user)
    never = await make_person(session, acme)
    shown = {one["id"]: one for one in (await page.get("users")).json()["items"]}
    own = shown.pop(str(user.id))
    assert (own["totp_enabled"], own["last_login_at"] is None) == (False, False)
    for one in shown.values():
        assert not {"totp_enabled", "last_login_at"} & one.keys(), "null would say: never"
        assert one["disabled_at"] is None
    listed = {one["id"]: one for one in (await admin.get("users")).json()["items"]}
    assert all(one["totp_enabled"] is False for one in listed.values())
    assert listed[str(never.id)]["last_login_at"] is None


async def test_who_was_taken_out_goes_on_having_a_name_and_their_alerts_are_found(
    api: Api, admin: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    lea = await make_person(session, acme)
    held = await make_alert(session, acme, assignee_id=lea.id)
    stranger = await make_person(session, other)
    reader = await page_of(api, await make_person(session, acme, "viewer"))
    assert (await admin.delete(f"users/{lea.id}")).status_code == 204
    assert str(lea.id) not in {one["id"] for one in (await admin.get("users")).json()["items"]}
    name = lea.name
    await session.execute(update(User).where(User.id == lea.id).values(name="As others call her"))
    await session.commit()
    named = await reader.get(f"users/{lea.id}")
    assert (named.status_code, named.json()) == (200, {"id": str(lea.id), "email": lea.email, "name": name})
    for query in (f'assignee:"{lea.email}"', f"assignee:{lea.id}"):
        found = await reader.get("alerts", params={"query": query})
        assert [one["id"] for one in found.json()["items"]] == [str(held.id)], found.text
    assert (await reader.get(f"users/{stranger.id}")).status_code == 404
    unknown = await reader.get("alerts", params={"query": f'assignee:"{stranger.email}"'})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_person")
    removal = select(AuditEntry).where(AuditEntry.action == "user.removed", AuditEntry.object_id == lea.id)
    entry = (await session.scalars(removal)).one()
    assert entry.details["email"] == lea.email


async def test_who_has_lost_everything_gets_a_first_password(
    api: Api, admin: Page, acme: Tenant, session: AsyncSession
) -> None:
    user = await make_person(
        session, acme, totp_secret=api.resources.cipher.encrypt(totp.make_secret()), recovery_hashes=[b"x"]
    )
    page = await page_of(api, user)
    made = await page.post("tokens", {"name": "x", "scopes": ["alerts:read"], "password": PASSWORD})
    machine = api.as_(made.json()["token"])
    await session.execute(update(User).where(User.id == user.id).values(totp_confirmed_at=clock.now()))
    await session.commit()
    reset = await admin.post(f"users/{user.id}/reset")
    assert reset.status_code == 200
    assert [(await one.get("alerts")).status_code for one in (page, machine)] == [401, 401]
    assert (await log_in(api, user)).status_code == 401
    again = await log_in(api, user, password=reset.json()["password"])
    assert (again.status_code, again.json()["must_change_password"], again.json()["totp_enabled"]) == (200, True, False)
    await session.refresh(user)
    assert (user.totp_secret, user.recovery_hashes) == (None, [])
    actions = await session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == user.id))
    assert "user.reset" in list(actions)


async def test_nobody_resets_themselves_or_who_is_of_others_too(
    api: Api, admin: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme)
    session.add(Membership(user_id=user.id, organization_id=other.id, role="viewer"))
    await session.commit()
    own = await me(admin)
    body = {"name": "x", "scopes": ["users:write"], "password": PASSWORD}
    token = api.as_((await admin.post("tokens", body)).json()["token"])
    for who, user_id, code in ((admin, user.id, "of_others_too"), (admin, own, "oneself"), (token, own, "oneself")):
        reply = await who.post(f"users/{user_id}/reset")
        assert (reply.status_code, reply.json()["code"]) == (409, code)


async def test_a_token_that_adds_people_gives_no_more_than_it_has(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    """It could else make an admin, and sign in as that."""
    viewing = [*PERMISSIONS[Role.VIEWER], Permission.USERS_WRITE]
    token = api.as_(await make_token(session, acme.id, *viewing))
    viewer, analyst = [await make_person(session, acme, role) for role in ("viewer", "analyst")]
    for role, allowed in (("viewer", True), ("analyst", False), ("operator", False), ("admin", False)):
        new = {"email": f"{secrets.token_hex(6)}@example.org", "name": "New", "role": role}
        for reply in (
            await token.post("users", new),
            await token.post("invitations", {"email": f"invited-{new['email']}", "role": role}),
            await token.patch(f"users/{viewer.id}", {"role": role}),
        ):
            assert reply.is_success is allowed, (role, reply.text)
            assert allowed or (reply.status_code, reply.json()["code"]) == (403, "not_permitted")
    assert (await token.post(f"users/{viewer.id}/reset")).status_code == 200
    refused = await token.post(f"users/{analyst.id}/reset")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert (await log_in(api, analyst)).status_code == 200


async def test_a_first_password_is_good_for_a_week(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = clock.now() - timedelta(days=7)
    for days, status in ((-1, 401), (1, 200)):
        user = await make_person(session, acme, must_change_password=True, created_at=made + timedelta(days=days))
        assert (await log_in(api, user)).status_code == status
        older = await make_person(session, acme, created_at=made + timedelta(days=days))
        assert (await log_in(api, older)).status_code == 200, "one's own does not expire"


async def test_of_two_admins_who_remove_each_other_one_is_left(api: Api, acme: Tenant, session: AsyncSession) -> None:
    people = [await make_person(session, acme, "admin") for _ in range(2)]
    one, two = [await page_of(api, person) for person in people]
    # Both are under way before either is done.
    await session.execute(select(Membership).where(Membership.organization_id == acme.id).with_for_update())
    removals = [
        asyncio.create_task(page.delete(f"users/{person.id}"))
        for page, person in zip((one, two), reversed(people), strict=True)
    ]
    await asyncio.sleep(0.5)
    await session.commit()
    replies = sorted([(await one).status_code for one in removals])
    assert replies == [204, 409]


async def test_somebody_who_administers_is_left_wherever_the_disabled_one_did(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme, "admin")
    await make_person(session, acme, "admin")
    session.add(Membership(user_id=user.id, organization_id=other.id, role="admin"))
    await session.commit()
    page = await page_of(api, user)
    where = {"organization_id": str(acme.id)}
    reply = await page.call("PATCH", f"users/{user.id}", json={"disabled": True}, params=where)
    assert (reply.status_code, reply.json()["code"]) == (409, "last_admin")
    await make_person(session, other, "admin")
    body = {"disabled": True, "role": "lead"}
    reply = await page.call("PATCH", f"users/{user.id}", json=body, params=where)
    assert reply.status_code == 200
    entries = await session.scalars(
        select(AuditEntry).where(AuditEntry.action == "user.changed", AuditEntry.object_id == user.id)
    )
    told = {one.organization_id: set(one.changes) for one in entries}
    assert told == {acme.id: {"disabled_at", "role"}, other.id: {"disabled_at"}}, "each knows why they are out"


async def test_an_admin_of_one_organization_cannot_lock_somebody_out_of_another(
    api: Api, admin: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, other, "analyst")
    session.add(Membership(user_id=user.id, organization_id=acme.id, role="viewer"))
    await session.commit()
    for body in ({"disabled": True}, {"name": "renamed"}):
        reply = await admin.call("PATCH", f"users/{user.id}", json=body)
        assert (reply.status_code, reply.json()["code"]) == (409, "of_others_too")
    assert (await admin.call("PATCH", f"users/{user.id}", json={"role": "lead"})).status_code == 200
    assert (await admin.delete(f"users/{user.id}")).status_code == 204
    kept = await session.scalars(select(Membership.role).where(Membership.user_id == user.id))
    assert list(kept) == ["analyst"]
    stranger = await make_person(session, other, "analyst")
    assert (await admin.call("PATCH", f"users/{stranger.id}", json={"role": "lead"})).status_code == 404


async def test_nobody_is_made_a_member_by_who_does_not_administer_them(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    admin, theirs, both = [await make_person(session, one, "admin") for one in (acme, other, acme)]
    session.add(Membership(user_id=both.id, organization_id=other.id, role="admin"))
    left = User(email=f"{acme.id}@example.org", name="Left")
    session.add(left)
    await session.commit()
    for user in (theirs, left):
        reply = await (await page_of(api, admin)).post("users", {"email": user.email, "name": "x", "role": "viewer"})
        assert (reply.status_code, reply.json()["code"]) == (409, "belongs_elsewhere")
    body = {"email": theirs.email, "name": "x", "role": "viewer", "organization_id": str(acme.id)}
    joined = await (await page_of(api, both)).post("users", body)
    assert (joined.status_code, joined.json()["password"], joined.json()["name"]) == (201, None, theirs.name)


def test_the_first_person_comes_from_the_command_line(
    database: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENTSEC_API_POSTGRES_URL", SecretStr(database.url("api")).get_secret_value())
    arguments = ["create-admin", "--email", "first@example.org", "--organization", "First"]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert (len(said.out.strip()), said.err.partition(",")[0]) == (16, "first password of first@example.org")
    assert main(arguments) == 1
    assert "there already" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main([*arguments[:2], "second@example.org", *arguments[3:], "--password-stdin"]) == 1
    assert "12 to 256" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("a good long one\n"))
    assert main([*arguments[:2], "second@example.org", *arguments[3:], "--password-stdin"]) == 0
    said = capsys.readouterr()
    assert (said.out.partition(" ")[0], said.err) == ("made", "")
    assert main(["reset", "--email", "FIRST@example.org"]) == 0
    said = capsys.readouterr()
    assert (len(said.out.strip()), said.err.partition(",")[0]) == (16, "first password of first@example.org")
    assert main(["reset", "--email", "nobody@example.org"]) == 1
    assert "Nobody has this" in capsys.readouterr().err
