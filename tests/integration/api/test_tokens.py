"""Tokens that people make: no mightier than their makers, at any time."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.models import AuditEntry, Membership, User
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import page_of

TOKEN: dict[str, Any] = {"name": "export at night", "scopes": ["alerts:read"], "expires_days": 30}


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
