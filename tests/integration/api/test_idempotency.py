"""`Idempotency-Key` where something is made: done once and answered alike, or refused where a secret would be kept."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import ids
from shared.models import CloseReason, IdempotencyKey, NotificationRoute
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import page_of

KEY = {"Idempotency-Key": "once"}
NIGHT = {"from": "22:00", "to": "06:00", "zone": "Europe/Vienna"}


@pytest.mark.parametrize(
    ("path", "body", "made"),
    [
        ("notification-routes", {"kinds": ["alert.critical"], "quiet_hours": NIGHT}, NotificationRoute),
        ("organizations/{home}/close-reasons", {"verdict": "benign_positive", "name": "patch_night"}, CloseReason),
    ],
)
async def test_what_is_sent_twice_is_made_once_and_answered_alike(
    *, api: Api, acme: Tenant, session: AsyncSession, path: str, body: dict[str, Any], made: Any
) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    first, again = [await admin.post(path.format(home=acme.id), body, headers=KEY) for _ in range(2)]
    assert (first.status_code, first.json()) == (201, again.json()), again.text
    assert again.headers.get("etag") == first.headers.get("etag")
    rows = select(func.count()).select_from(made).where(made.organization_id == acme.id)
    assert await session.scalar(rows) == 1


async def test_a_channel_is_tried_once(api: Api, acme: Tenant, session: AsyncSession) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    body = {"kind": "email", "name": "SOC", "to": ["soc@example.org"]}
    channel = (await admin.post("notification-channels", body)).json()
    path = f"notification-channels/{channel['id']}/test"
    first, again = [await admin.post(path, headers=KEY) for _ in range(2)]
    assert (first.status_code, first.json()) == (202, again.json())
    assert (await admin.post(path)).json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tokens", {"name": "CI", "scopes": ["alerts:read"]}),
        ("users", {"email": "ann@example.org", "name": "Ann", "role": "viewer"}),
        (f"users/{ids.NIL}/reset", None),
        ("invitations", {"email": "ann@example.org", "role": "viewer"}),
        ("sensors", {"name": "Gate"}),
        (f"sensors/{ids.NIL}/keys", None),
        ("notification-channels", {"kind": "webhook", "name": "SOC", "url": "https://chat.example.org/hook"}),
    ],
)
async def test_no_secret_is_kept_to_be_given_again(
    api: Api, session: AsyncSession, path: str, body: dict[str, Any] | None
) -> None:
    before = await session.scalar(select(func.count()).select_from(IdempotencyKey))
    refused = await api.post(path, body, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_not_taken")
    assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == before
