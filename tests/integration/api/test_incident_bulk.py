"""An incident of hundreds of alerts: previewed, opened by a job, added to, taken apart again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import Alert, AuditEntry, Incident, IncidentTemplate
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, alerts_of, done, opened, opened_of, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def ended(page: Page, job: dict[str, Any]) -> dict[str, Any]:
    """The job, once the application's own runner is through with it."""
    async with asyncio.timeout(30):
        while (now := (await page.get(f"jobs/{job['id']}")).json())["status"] in ("pending", "running"):
            await asyncio.sleep(0.05)
    found: dict[str, Any] = now
    return found


async def linked(session: AsyncSession, incident_id: str) -> int:
    await session.rollback()
    return await session.scalar(select(func.count()).where(Alert.incident_id == incident_id)) or 0


async def test_opened_from_many_alerts_and_taken_apart(page: Page, acme: Tenant, session: AsyncSession) -> None:
    await alerts_of(session, acme, 250, rule_id="brute")
    worst = await make_alert(session, acme, rule_id="brute", severity=5)
    taken = await make_alert(session, acme, rule_id="brute")
    elsewhere, taken_id, worst_id = await opened_of(page, taken), str(taken.id), str(worst.id)
    body = {"query": "rule.id:brute", "open": {"title": "Brute force", "tags": ["ssh"]}, "reason": "One source"}
    draft = (await page.post("incidents/bulk", body)).json()
    assert (draft["status"], draft["total"], draft["kind"]) == ("draft", 252, "incidents.link")
    assert draft["result"] == {"will_skip": {"alert_linked": 1}}
    assert await session.scalar(select(func.count()).where(Incident.title == "Brute force")) == 0
    await page.post(f"jobs/{draft['id']}/start")
    job = await ended(page, draft)
    assert (job["status"], job["done"], job["skipped"]) == ("done", 251, 1)
    incident = await shown(page, job["result"]["incident_id"])
    assert (incident["title"], incident["alerts_count"], incident["tags"]) == ("Brute force", 251, ["ssh"])
    assert incident["number"] == job["result"]["number"]
    assert await linked(session, incident["id"]) == 251
    items = (await page.get(f"jobs/{job['id']}/items", params={"status": "skipped"})).json()["items"]
    assert [(one["target_id"], one["reason"]) for one in items] == [(taken_id, "alert_linked")]
    await done(page, incident, "alerts/unlink", {"alert_ids": [worst_id]})
    undo = await ended(page, (await page.post(f"incidents/bulk/{job['id']}/undo")).json())
    assert (undo["status"], undo["done"], undo["skipped"]) == ("done", 250, 1)
    assert await linked(session, incident["id"]) == 0
    assert (await shown(page, incident))["alerts_count"] == 0
    assert await linked(session, elsewhere["id"]) == 1


async def test_a_job_that_opens_what_a_template_marks_red_is_its_makers_own(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    await alerts_of(session, acme, 1, rule_id="brute")
    lead = await page_of(api, await make_person(session, acme, "lead"))
    template = IncidentTemplate(organization_id=acme.id, name="Insider", tlp="red")
    session.add(template)
    await session.commit()
    for template_id, seen in ((None, 200), (str(template.id), 404)):
        body = {"query": "rule.id:brute", "open": {"title": "Somebody of ours", "template_id": template_id}}
        draft = (await page.post("incidents/bulk", body)).json()
        assert (await lead.get(f"jobs/{draft['id']}")).status_code == seen
        assert (await page.get(f"jobs/{draft['id']}")).status_code == 200
    await page.post(f"jobs/{draft['id']}/start")
    job = await ended(page, draft)
    undo = (await page.post(f"incidents/bulk/{job['id']}/undo")).json()
    assert (await ended(page, undo))["done"] == 1
    assert (await lead.get(f"jobs/{undo['id']}")).status_code == 404


async def test_severity_and_title_are_those_of_the_alerts(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = [await make_alert(session, acme, title="Beacon", severity=severity) for severity in (2, 5, 3)]
    body = {"ids": [str(alert.id) for alert in alerts], "open": {}, "start": True}
    job = await ended(page, (await page.post("incidents/bulk", body)).json())
    incident = await shown(page, job["result"]["incident_id"])
    assert (incident["title"], incident["severity"], incident["alerts_count"]) == ("Beacon", 5, 3)


async def test_the_first_that_fits_opens_it(page: Page, acme: Tenant, session: AsyncSession) -> None:
    taken = await alerts_of(session, acme, 200, rule_id="many")
    free = await make_alert(session, acme, rule_id="many", title="The free one", fingerprint=b"\xff" * 16)
    await opened_of(page, *taken)
    body = {"query": "rule.id:many", "open": {}, "start": True}
    job = await ended(page, (await page.post("incidents/bulk", body)).json())
    assert (job["status"], job["done"], job["skipped"]) == ("done", 1, 200)
    assert (await shown(page, job["result"]["incident_id"]))["title"] == free.title


async def test_added_to_one_that_there_is(page: Page, acme: Tenant, session: AsyncSession) -> None:
    first, second = await alerts_of(session, acme, 2)
    incident = await opened_of(page, first)
    body = {"ids": [str(first.id), str(second.id)], "incident_id": incident["id"], "start": True}
    draft = (await page.post("incidents/bulk", body | {"start": False})).json()
    assert draft["result"] == {"will_skip": {"unchanged": 1}}
    job = await ended(page, (await page.post("incidents/bulk", body)).json())
    assert (job["done"], job["skipped"]) == (1, 1)
    await done(page, incident, "close", CLOSING)
    refused = await page.post("incidents/bulk", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "incident_closed")


async def test_one_that_is_closed_meanwhile_ends_the_job(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    incident = await opened(page)
    body = {"ids": [str(alert.id)], "incident_id": incident["id"]}
    draft = (await page.post("incidents/bulk", body)).json()
    await done(page, incident, "close", CLOSING)
    await page.post(f"jobs/{draft['id']}/start")
    job = await ended(page, draft)
    assert (job["status"], job["error"]) == ("failed", "incident_closed")


async def test_what_it_does_not_take(page: Page, api: Api, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    some = {"ids": [str(alert.id)]}
    for body in (some, some | {"open": {}, "incident_id": str(alert.id)}, {"open": {"alert_ids": some["ids"]}}):
        assert (await page.post("incidents/bulk", body)).status_code == 422
    stranger = await opened(await page_of(api, await make_person(session, other, "analyst")))
    assert (await page.post("incidents/bulk", some | {"incident_id": stranger["id"]})).status_code == 404
    viewer = await page_of(api, await make_person(session, acme, "viewer"))
    assert (await viewer.post("incidents/bulk", some | {"open": {}})).status_code == 403


async def test_it_is_audited_alert_by_alert(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 3)
    body = {"ids": [str(alert.id) for alert in alerts], "open": {"title": "x"}, "start": True}
    await ended(page, (await page.post("incidents/bulk", body)).json())
    rows = select(AuditEntry.object_id).where(AuditEntry.action == "alert.linked")
    assert {alert.id for alert in alerts} <= set(await session.scalars(rows))
