"""People and roles: added, changed, disabled; nobody locks everybody out, or somebody out of another organization."""

import io
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.users.__main__ import main
from shared.models import AuditEntry, Membership
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person
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
    assert (await page.post("alerts/bulk", {"action": {"type": "acknowledge"}, "query": ""})).status_code == 200
    entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "user.changed"))).all()[-1]
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


async def test_an_admin_of_one_organization_cannot_lock_somebody_out_of_another(
    api: Api, admin: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, other, "analyst")
    joined = await admin.post("users", {"email": user.email, "name": "x", "role": "viewer"})
    assert (joined.status_code, joined.json()["password"], joined.json()["name"]) == (201, None, user.name)
    for body in ({"disabled": True}, {"name": "renamed"}):
        reply = await admin.call("PATCH", f"users/{user.id}", json=body)
        assert (reply.status_code, reply.json()["code"]) == (409, "of_others_too")
    assert (await admin.call("PATCH", f"users/{user.id}", json={"role": "lead"})).status_code == 200
    assert (await admin.delete(f"users/{user.id}")).status_code == 204
    kept = await session.scalars(select(Membership.role).where(Membership.user_id == user.id))
    assert list(kept) == ["analyst"]
    stranger = await make_person(session, other, "analyst")
    assert (await admin.call("PATCH", f"users/{stranger.id}", json={"role": "lead"})).status_code == 404


def test_the_first_person_comes_from_the_command_line(
    database: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENTSEC_API_POSTGRES_URL", SecretStr(database.url("api")).get_secret_value())
    arguments = ["create-admin", "--email", "first@example.org", "--organization", "First"]
    assert main(arguments) == 0
    assert len(capsys.readouterr().out.strip()) == 16
    assert main(arguments) == 1
    assert "there already" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main([*arguments[:2], "second@example.org", *arguments[3:], "--password-stdin"]) == 1
    assert "12 to 256" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("a good long one\n"))
    assert main([*arguments[:2], "second@example.org", *arguments[3:], "--password-stdin"]) == 0
