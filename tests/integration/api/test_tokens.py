"""Tokens that people make: no mightier than their makers, at any time."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.auth import use
from services.api.settings import ApiSettings
from services.api.tokens.__main__ import main
from shared import clock
from shared.db.engine import create_single_use_engine
from shared.models import AuditEntry, Membership, Session, User
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import PASSWORD, Tenant, make_alert, make_person, make_token
from tests.integration.api.signed_in import page_in, page_of

TOKEN: dict[str, Any] = {
    "name": "export at night", "scopes": ["alerts:read"], "expires_days": 30, "password": PASSWORD,
}  # fmt: skip


async def test_a_token_may_what_its_scopes_say_and_its_maker_may(api: Api, acme: Tenant, session: AsyncSession) -> None:
    person = await make_person(session, acme, "analyst")
    page = await page_of(api, person)
    alert = await make_alert(session, acme)
    made = await page.post("tokens", TOKEN)
    assert made.status_code == 201
    token = made.json()
    assert token["created_by_id"] == str(person.id)
    machine = api.as_(token["token"])
    assert (await machine.get(f"alerts/{alert.id}")).status_code == 200
    assert (await machine.get("sensors")).status_code == 403, "no scope of its"
    assert (await machine.post(f"alerts/{alert.id}/acknowledge")).status_code == 403
    everything = api.as_((await page.post("tokens", TOKEN | {"name": "all", "scopes": ["*"]})).json()["token"])
    assert (await everything.get("sensors")).status_code == 200
    assert (await everything.get("quarantine")).status_code == 403, "an analyst may not, nor may the analyst's token"
    beyond = await page.post("tokens", TOKEN | {"scopes": ["users:write"]})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "not_permitted")
    await session.execute(update(Membership).where(Membership.user_id == person.id).values(role="operator"))
    await session.commit()
    assert (await machine.get(f"alerts/{alert.id}")).status_code == 403, "its maker may no longer"


async def test_a_token_of_few_scopes_has_nothing_of_the_command_line_s(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    """Neither has a person who made it, and NULL is no maker in common."""
    lesser = api.as_(await make_token(session, acme.id, "alerts:read"))
    assert (await lesser.get("tokens")).json()["items"] == []
    listed = (await api.get("tokens")).json()["items"]
    assert len(listed) == 2, "those who administer the organization see all"
    for token in listed:
        assert (await lesser.delete(f"tokens/{token['id']}")).status_code == 404


def test_what_the_command_line_makes_and_ends_is_in_the_audit(
    database: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENTSEC_API_POSTGRES_URL", database.url("api"))
    name = f"Audited {secrets.token_hex(4)}"
    assert main(["create", "--organization", name, "--name", "bootstrap"]) == 0
    assert main(["list"]) == 0
    (token_id,) = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines() if name in line]
    assert [main(["revoke", token_id]) for _ in range(2)] == [0, 0]

    async def told() -> list[tuple[str, str, str]]:
        engine = create_single_use_engine(database.url("owner"), application_name="test")
        async with engine.connect() as connection:
            columns = (AuditEntry.action, AuditEntry.actor, AuditEntry.actor_name)
            rows = await connection.execute(
                select(*columns).where(AuditEntry.object_id == UUID(token_id)).order_by(AuditEntry.id)
            )
            return [(action, actor, called) for action, actor, called in rows]

    by = ("system", "python -m services.api.tokens")
    assert asyncio.run(told()) == [("token.created", *by), ("token.revoked", *by)]


async def test_a_database_that_takes_no_changes_still_answers(
    bare_settings: ApiSettings, database: Postgres, acme: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme)
    async with running(bare_settings) as api:
        page = await page_of(api, user)
    await session.execute(update(Session).values(last_used_at=clock.now() - use.NOTED_EVERY))
    await session.commit()
    url = database.url("api") + "?default_transaction_read_only=on"
    async with running(bare_settings.model_copy(update={"postgres_url": SecretStr(url)}), acme.token) as api:
        assert (await api.get("alerts")).status_code == 200
        assert (await replace(page, api=api.as_(None)).get("alerts")).status_code == 200
        assert (await api.post("sensors", {"name": "x"})).status_code != 201


@pytest.mark.parametrize("gone", ["disabled", "removed"])
async def test_a_token_ends_with_its_maker(api: Api, acme: Tenant, session: AsyncSession, gone: str) -> None:
    person = await make_person(session, acme)
    machine = api.as_((await (await page_of(api, person)).post("tokens", TOKEN)).json()["token"])
    assert (await machine.get("alerts")).status_code == 200
    if gone == "disabled":
        await session.execute(update(User).where(User.id == person.id).values(disabled_at=clock.now()))
    else:
        await session.execute(delete(Membership).where(Membership.user_id == person.id))
    await session.commit()
    assert (await machine.get("alerts")).status_code in (401, 403)


async def test_a_stolen_session_does_not_become_a_token(api: Api, acme: Tenant, session: AsyncSession) -> None:
    page = await page_of(api, await make_person(session, acme))
    for password, code in ((None, "password_needed"), ("wrong", "bad_credentials")):
        reply = await page.post("tokens", TOKEN | {"password": password})
        assert (reply.status_code, reply.json()["code"]) == (403, code), "401 would say that nobody is signed in"
    federated = await make_person(session, acme)
    page = await page_of(api, federated)
    await session.execute(update(User).where(User.id == federated.id).values(password_hash=None))
    await session.commit()
    fresh = TOKEN | {"password": None}
    assert (await page.post("tokens", fresh)).status_code == 201, "who has no password has just signed in"
    older = Session.created_at - timedelta(minutes=11)
    await session.execute(update(Session).where(Session.user_id == federated.id).values(created_at=older))
    await session.commit()
    reply = await page.post("tokens", fresh)
    assert (reply.status_code, reply.json()["code"]) == (403, "sign_in_again")


async def test_another_password_may_end_ones_tokens_too(api: Api, acme: Tenant, session: AsyncSession) -> None:
    mine, yours = [await page_of(api, await make_person(session, acme)) for _ in range(2)]
    made = [api.as_((await page.post("tokens", TOKEN)).json()["token"]) for page in (mine, yours)]
    change = {"current": PASSWORD, "new": "a rather different one"}
    mine = page_in(api, await mine.post("auth/password", change))
    api.client.cookies.clear()
    assert [(await one.get("alerts")).status_code for one in made] == [200, 200]
    change = {"current": change["new"], "new": PASSWORD}
    await mine.post("auth/password", {**change, "end_tokens": True})
    api.client.cookies.clear()
    assert [(await one.get("alerts")).status_code for one in made] == [401, 200]


async def test_one_revokes_ones_own_and_an_administrator_all(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    mine, yours = [await page_of(api, await make_person(session, acme)) for _ in range(2)]
    admin = await page_of(api, await make_person(session, acme, "admin"))
    stranger = await page_of(api, await make_person(session, other, "admin"))
    tokens = [(await mine.post("tokens", TOKEN | {"name": name})).json() for name in ("a", "b")]
    listed = [one["id"] for one in (await mine.get("tokens")).json()["items"]]
    assert set(listed) == {one["id"] for one in tokens}
    assert (await yours.get("tokens")).json()["items"] == []
    assert set(listed) <= {one["id"] for one in (await admin.get("tokens")).json()["items"]}
    for page in (yours, stranger):
        assert (await page.delete(f"tokens/{tokens[0]['id']}")).status_code == 404
    assert (await mine.delete(f"tokens/{tokens[0]['id']}")).status_code == 204
    assert (await admin.delete(f"tokens/{tokens[1]['id']}")).status_code == 204
    for one in tokens:
        assert (await api.as_(one["token"]).get("alerts")).status_code == 401
    told = await session.scalars(
        select(AuditEntry.action).where(AuditEntry.organization_id == acme.id, AuditEntry.kind == "token")
    )
    assert sorted(told) == ["token.created", "token.created", "token.revoked", "token.revoked"]
