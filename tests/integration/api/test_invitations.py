"""Who has an account elsewhere joins by a code, unasked by nobody, seen by nobody before."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.invitations import service
from shared import clock
from shared.models import AuditEntry, Invitation, Membership
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import page_of


async def test_somebody_joins_with_the_code_and_once(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    user = await make_person(session, other, "analyst")
    page = await page_of(api, user)
    made = await admin.post("invitations", {"email": user.email.upper(), "role": "lead"})
    assert made.status_code == 201
    assert str(user.id) not in [one["id"] for one in (await admin.get("users")).json()["items"]]
    stranger = await page_of(api, await make_person(session, other))
    for who, code in ((page, "evi_wrong"), (stranger, made.json()["code"])):
        reply = await who.post("invitations/accept", {"code": code})
        assert (reply.status_code, reply.json()["code"]) == (404, "invitation_not_found")

    assert (await page.post("invitations/accept", {"code": made.json()["code"]})).status_code == 204
    told = (await page.get("auth/session")).json()["memberships"]
    assert {one["organization_id"]: one["role"] for one in told} == {str(acme.id): "lead", str(other.id): "analyst"}
    assert (await page.post("invitations/accept", {"code": made.json()["code"]})).status_code == 404
    assert (await admin.get("invitations")).json()["items"] == []
    again = await admin.post("invitations", {"email": user.email, "role": "viewer"})
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    actions = select(AuditEntry.action).where(AuditEntry.organization_id == acme.id, AuditEntry.kind == "invitation")
    assert list(await session.scalars(actions.order_by(AuditEntry.id))) == ["invitation.created", "invitation.accepted"]


async def test_an_invitation_says_nothing_of_who_has_an_account(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    known = (await make_person(session, other)).email
    replies = [await admin.post("invitations", {"email": one, "role": "viewer"}) for one in (known, f"no-{known}")]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json().keys() == replies[1].json().keys()


async def test_one_that_is_replaced_or_taken_back_is_good_for_nothing(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    user = await make_person(session, other)
    page = await page_of(api, user)
    replaced, taken = [
        (await admin.post("invitations", {"email": user.email, "role": "viewer"})).json() for _ in range(2)
    ]
    assert [one["id"] for one in (await admin.get("invitations")).json()["items"]] == [taken["id"]]
    assert (await admin.delete(f"invitations/{taken['id']}")).status_code == 204
    for one in (replaced, taken):
        assert (await page.post("invitations/accept", {"code": one["code"]})).status_code == 404
    theirs = select(Membership.organization_id).where(Membership.user_id == user.id)
    assert list(await session.scalars(theirs)) == [other.id]


async def test_an_expired_one_is_not_accepted(api: Api, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    user = await make_person(session, other)
    made = (await admin.post("invitations", {"email": user.email, "role": "viewer"})).json()
    past = clock.now() - timedelta(seconds=1)
    await session.execute(update(Invitation).where(Invitation.id == made["id"]).values(expires_at=past))
    await session.commit()
    reply = await (await page_of(api, user)).post("invitations/accept", {"code": made["code"]})
    assert reply.status_code == 404


async def test_so_many_wait_and_no_more(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 1)
    admin = await page_of(api, await make_person(session, acme, "admin"))
    replies = [await admin.post("invitations", {"email": f"{n}@example.org", "role": "viewer"}) for n in (1, 1, 2)]
    assert [reply.status_code for reply in replies] == [201, 201, 409]
