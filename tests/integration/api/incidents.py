"""Incidents for tests: made over the API as people make them."""

from typing import Any
from uuid import UUID

from httpx import Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import Alert, Organization
from tests.integration.api.rows import Tenant, make_alert
from tests.integration.api.signed_in import Page

CLOSING = {"verdict": "true_positive", "reason": "attack"}


async def opened(page: Page, **values: Any) -> dict[str, Any]:
    """An incident; with a summary, so that nothing keeps it from being closed."""
    reply = await page.post("incidents", {"title": "A break-in", "summary": "What happened.", "severity": 3} | values)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def opened_of(page: Page, *alerts: Alert, **values: Any) -> dict[str, Any]:
    """An incident of these alerts."""
    return await opened(page, alert_ids=[str(alert.id) for alert in alerts], **values)


async def act(
    page: Page, incident: dict[str, Any] | UUID | str, action: str, body: Any = None, *, seen: str = "*"
) -> Response:
    """The reply to a move."""
    incident_id = incident["id"] if isinstance(incident, dict) else incident
    return await page.post(f"incidents/{incident_id}/{action}", body, headers={"If-Match": seen})


async def done(page: Page, incident: dict[str, Any] | UUID | str, action: str, body: Any = None) -> dict[str, Any]:
    """What a move that works replies."""
    reply = await act(page, incident, action, body)
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def shown(page: Page, incident: dict[str, Any] | str) -> dict[str, Any]:
    """The incident as its page shows it."""
    reply = await page.get(f"incidents/{incident['id'] if isinstance(incident, dict) else incident}")
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def alerts_of(session: AsyncSession, tenant: Tenant, count: int, **values: Any) -> list[Alert]:
    """So many alerts."""
    return [await make_alert(session, tenant, title=f"Alert {number}", **values) for number in range(count)]


async def set_review(session: AsyncSession, tenant: Tenant, **policy: Any) -> None:
    """From which severity up a second person has to agree; null for none."""
    organization = await session.get_one(Organization, tenant.id)
    organization.settings = {**organization.settings, "review": policy}
    await session.commit()
