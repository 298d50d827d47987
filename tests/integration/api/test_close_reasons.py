"""Reasons for closing: the built-in ones, and an organization's own, which are retired and never lost."""

from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import page_of

REASON = {"verdict": "benign_positive", "name": "patch_night"}


async def test_an_own_reason_is_offered_used_and_retired(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    admin = await page_of(api, await make_person(session, acme, "admin"))
    analyst = await page_of(api, await make_person(session, acme))
    path = f"organizations/{acme.id}/close-reasons"
    alert = await make_alert(session, acme)
    closing = {"verdict": REASON["verdict"], "reason": REASON["name"]}
    headers = {"If-Match": '"1"'}
    refused = await analyst.post(f"alerts/{alert.id}/close", closing, headers=headers)
    assert refused.status_code == 422
    assert (await analyst.post(path, REASON)).status_code == 403
    made = await admin.post(path, REASON)
    assert made.status_code == 201
    taken = await admin.post(path, REASON)
    assert (taken.status_code, taken.json()["code"]) == (409, "reason_taken")
    offered = (await analyst.get(path)).json()
    assert made.json() in offered
    assert sum(one["id"] is None for one in offered) > 4
    closed = await analyst.post(f"alerts/{alert.id}/close", closing, headers=headers)
    assert (closed.status_code, closed.json()["reason"]) == (200, "patch_night")
    gone = f"{path}/{made.json()['id']}"
    assert (await admin.delete(gone)).status_code == 204
    another = await make_alert(session, acme)
    late = await analyst.post(f"alerts/{another.id}/close", closing, headers=headers)
    assert late.status_code == 422, "retired"
    back = await admin.post(path, REASON)
    assert (back.status_code, back.json()["id"]) == (201, made.json()["id"])
    stranger = await page_of(api, await make_person(session, other, "admin"))
    assert (await stranger.get(path)).status_code == 403
    assert (await stranger.delete(gone)).status_code == 403
