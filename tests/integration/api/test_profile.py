"""What people change of themselves, for every browser of theirs."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import AuditEntry, User
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of

NOTHING = {"theme": None, "density": None, "zone": None, "shortcuts": None}


async def change(page: Page, **body: Any) -> httpx.Response:
    return await page.call("PATCH", "auth/profile", json=body)


async def told(session: AsyncSession, user: User) -> list[dict[str, Any]]:
    wanted = (AuditEntry.action == "user.changed", AuditEntry.object_id == user.id)
    return [one.changes for one in await session.scalars(select(AuditEntry).where(*wanted).order_by(AuditEntry.id))]


async def test_two_browsers_of_one_person_agree(api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann = await make_person(session, acme, "viewer", name="Ann")
    one, other = await page_of(api, ann), await page_of(api, ann)
    assert (await one.get("auth/session")).json()["preferences"] == NOTHING
    changed = await change(one, name=" Ann Arbor ", preferences={"theme": "dark", "zone": "Asia/Tokyo"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["user"]["name"] == "Ann Arbor"
    assert (await change(other, preferences={"density": "compact", "zone": None})).status_code == 200
    seen = (await one.get("auth/session")).json()
    assert seen["user"]["name"] == "Ann Arbor"
    assert seen["preferences"] == NOTHING | {"theme": "dark", "density": "compact"}
    assert await told(session, ann) == [
        {
            "name": ["Ann", "Ann Arbor"],
            "preferences.theme": [None, "dark"],
            "preferences.zone": [None, "Asia/Tokyo"],
        },
        {"preferences.density": [None, "compact"], "preferences.zone": ["Asia/Tokyo", None]},
    ]


async def test_what_changes_nothing_is_not_in_the_audit(api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann = await make_person(session, acme, "viewer", name="Ann", preferences={"theme": "dark"})
    page = await page_of(api, ann)
    assert (await change(page, name="Ann", preferences={"theme": "dark", "zone": None})).status_code == 200
    assert await told(session, ann) == []


@pytest.mark.parametrize(
    "body",
    [
        {"name": " "}, {"name": "x" * 201}, {"preferences": {"theme": "pink"}}, {"preferences": {"colour": "pink"}},
        {"preferences": {"zone": "Mars/Olympus"}}, {"email": "ann@example.org"}, {"role": "admin"},
    ],
)  # fmt: skip
async def test_what_is_not_ones_own_or_not_known_is_refused(
    api: Api, acme: Tenant, session: AsyncSession, body: dict[str, Any]
) -> None:
    ann = await make_person(session, acme, "viewer", name="Ann")
    page = await page_of(api, ann)
    assert (await change(page, **body)).status_code == 422
    await session.refresh(ann)
    assert (ann.name, ann.preferences) == ("Ann", {})


async def test_a_token_is_nobody_and_a_first_password_comes_first(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    refused = await api.call("PATCH", "auth/profile", json={"name": "Robot"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_person")
    page = await page_of(api, await make_person(session, acme, must_change_password=True))
    limited = await change(page, name="Ann")
    assert (limited.status_code, limited.json()["code"]) == (403, "password_change_needed")
