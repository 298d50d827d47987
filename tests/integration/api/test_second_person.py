"""Who has to agree to a closing: the worst that an incident or its alerts have been decides, and somebody who may."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.models import Alert, IncidentTemplate
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, done, opened, opened_of, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of

FALSE_POSITIVE = {"verdict": "false_positive", "reason": "known_good"}


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def severe(acme: Tenant, session: AsyncSession) -> Alert:
    """A critical alert."""
    return await make_alert(session, acme, severity=5)


async def refused(page: Page, incident: dict[str, object]) -> tuple[int, str]:
    reply = await act(page, incident, "close", FALSE_POSITIVE)
    return reply.status_code, reply.json()["code"]


async def test_an_incident_of_critical_alerts_is_not_small_because_somebody_says_so(
    page: Page, severe: Alert, acme: Tenant, session: AsyncSession
) -> None:
    mild = IncidentTemplate(organization_id=acme.id, name="Mild", severity=1, tasks=[], fields=[])
    session.add(mild)
    other = await make_alert(session, acme, severity=5)
    said = await opened_of(page, severe, severity=1)
    by_template = await opened_of(page, other, severity=None, template_id=str(mild.id))
    for incident in (said, by_template):
        now = await shown(page, incident)
        assert (now["severity"], now["peak_severity"], now["needs_review"]) == (1, 5, True)
        assert await refused(page, incident) == (409, "review_needed")


async def test_an_alert_that_was_linked_once_counts(page: Page, severe: Alert) -> None:
    incident = await opened(page, severity=1)
    assert (await shown(page, incident))["peak_severity"] is None
    body = {"alert_ids": [str(severe.id)]}
    assert (await page.post(f"incidents/{incident['id']}/alerts", body)).status_code == 200
    assert (await page.post(f"incidents/{incident['id']}/alerts/unlink", body)).status_code == 200
    assert (await shown(page, incident))["peak_severity"] == 5
    assert await refused(page, incident) == (409, "review_needed")
    raised = await page.call("PATCH", f"incidents/{incident['id']}", json={"severity": 5}, headers={"If-Match": "*"})
    assert raised.status_code == 200
    now = await shown(page, incident)
    assert (now["peak_severity"], now["needs_review"]) == (None, True), "it is what it was at most"


async def test_an_alert_that_becomes_worse_counts_at_once_and_when_it_is_gone(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme, severity=2)
    incident = await opened_of(page, alert, severity=2)
    await session.refresh(alert)
    alert.severity = 5
    await session.commit()
    now = await shown(page, incident)
    assert (now["peak_severity"], now["needs_review"]) == (5, True)
    assert await refused(page, incident) == (409, "review_needed")
    await page.post(f"incidents/{incident['id']}/alerts/unlink", {"alert_ids": [str(alert.id)]})
    assert (await shown(page, incident))["peak_severity"] == 5


async def test_an_alert_counts_as_its_sensors_gave_it(page: Page, acme: Tenant, session: AsyncSession) -> None:
    lowered = [await make_alert(session, acme, severity=2, sensor_severity=5, severity_by_hand=True) for _ in range(2)]
    gone, stays = [await opened_of(page, alert, severity=None) for alert in lowered]
    await page.post(f"incidents/{gone['id']}/alerts/unlink", {"alert_ids": [str(lowered[0].id)]})
    for incident in (gone, stays):
        now = await shown(page, incident)
        assert (now["severity"], now["peak_severity"], now["needs_review"]) == (2, 5, True)
        assert await refused(page, incident) == (409, "review_needed")
    mild = await make_alert(session, acme, severity=2, sensor_severity=2)
    incident = await opened_of(page, mild, severity=2)
    assert (await shown(page, incident))["peak_severity"] is None
    await session.refresh(mild)
    mild.sensor_severity, mild.severity_by_hand = 5, True
    await session.commit()
    assert (await shown(page, incident))["peak_severity"] == 5, "as it is now"
    await page.post(f"incidents/{incident['id']}/alerts/unlink", {"alert_ids": [str(mild.id)]})
    assert (await shown(page, incident))["peak_severity"] == 5, "and as it was when it left"


async def test_what_is_merged_or_split_off_takes_it_along(
    page: Page, severe: Alert, acme: Tenant, session: AsyncSession
) -> None:
    source, target = await opened_of(page, severe, severity=1), await opened(page, severity=1)
    await done(page, target, "merge", {"incident_ids": [source["id"]]})
    assert (await shown(page, target))["peak_severity"] == 5
    body = {"title": "Apart", "alert_ids": [str(severe.id)], "reason": "Another thing"}
    apart = (await done(page, target, "split", body))["split_off"]
    for incident in (target, apart):
        now = await shown(page, incident)
        assert (now["severity"], now["peak_severity"], now["needs_review"]) == (1, 5, True)


async def test_who_is_asked_for_a_review_may_give_it(
    page: Page, api: Api, severe: Alert, acme: Tenant, session: AsyncSession
) -> None:
    incident = await opened_of(page, severe)
    other, lead = await make_person(session, acme, "analyst"), await make_person(session, acme, "lead")
    asked = await act(page, incident, "review", FALSE_POSITIVE | {"reviewer_id": str(other.id)})
    assert (asked.status_code, asked.json()["code"], asked.json()["user_id"]) == (422, "person_may_not", str(other.id))
    await done(page, incident, "review", FALSE_POSITIVE | {"reviewer_id": str(lead.id)})
    await done(await page_of(api, lead), incident, "review/decide", {"decision": "approved"})


async def test_a_restricted_one_is_reviewed_by_a_member_of_whom_there_has_to_be_one(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    incident = await opened(page, severity=5, restricted=True)
    lead, gone = await make_person(session, acme, "lead"), await make_person(session, acme, "lead")
    asked = await act(page, incident, "review", FALSE_POSITIVE)
    assert (asked.status_code, asked.json()["code"]) == (409, "no_reviewer")
    asked = await act(page, incident, "review", FALSE_POSITIVE | {"reviewer_id": str(lead.id)})
    assert (asked.status_code, asked.json()["code"], asked.json()["user_id"]) == (409, "not_a_member", str(lead.id))
    for one in (gone, lead):
        await page.post(f"incidents/{incident['id']}/members", {"user_id": str(one.id)})
    gone.disabled_at = clock.now()
    await session.commit()
    await done(page, incident, "assign", {"assignee_id": str(lead.id)})
    assert (await act(page, incident, "review", FALSE_POSITIVE)).json()["code"] == "no_reviewer", "it is theirs"
    await done(page, incident, "assign", {"assignee_id": None})
    await done(page, incident, "review", FALSE_POSITIVE)
    await done(await page_of(api, lead), incident, "review/decide", {"decision": "approved"})


async def test_while_a_review_waits_somebody_who_may_decide_stays(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    incident = await opened(page, severity=5, restricted=True)
    base = f"incidents/{incident['id']}/members"
    first, second = [await make_person(session, acme, "lead") for _ in range(2)]
    for one in (first, second):
        await page.post(base, {"user_id": str(one.id)})
    await done(page, incident, "review", FALSE_POSITIVE)
    assert (await page.delete(f"{base}/{first.id}")).status_code == 200
    last = await page.delete(f"{base}/{second.id}")
    assert (last.status_code, last.json()["code"]) == (409, "no_reviewer")
    assert str(second.id) in {one["user_id"] for one in (await page.get(base)).json()}
    await done(page, incident, "review/withdraw")
    assert (await page.delete(f"{base}/{second.id}")).status_code == 200


RESTRICTING = {"restrict": ("POST", "/restrict", {"restricted": True}), "red": ("PATCH", "", {"tlp": "red"})}


async def restricted(page: Page, incident: dict[str, Any], how: str) -> Response:
    method, path, body = RESTRICTING[how]
    return await page.call(method, f"incidents/{incident['id']}{path}", json=body, headers={"If-Match": "*"})


@pytest.mark.parametrize("how", RESTRICTING)
async def test_who_is_asked_for_a_review_sees_what_is_restricted_then(
    *, page: Page, api: Api, acme: Tenant, session: AsyncSession, how: str
) -> None:
    incident = await opened(page, severity=5)
    asked, another = [await make_person(session, acme, "lead") for _ in range(2)]
    await done(page, incident, "review", FALSE_POSITIVE | {"reviewer_id": str(asked.id)})
    assert (await restricted(page, incident, how)).status_code == 200
    assert (await (await page_of(api, another)).get(f"incidents/{incident['id']}")).status_code == 404
    await done(await page_of(api, asked), incident, "review/decide", {"decision": "approved"})


@pytest.mark.parametrize("how", RESTRICTING)
async def test_what_nobody_could_review_any_more_is_not_restricted(
    *, page: Page, api: Api, acme: Tenant, session: AsyncSession, how: str
) -> None:
    incident = await opened(page, severity=5)
    lead = await page_of(api, await make_person(session, acme, "lead"))
    await done(page, incident, "review", FALSE_POSITIVE)
    reply = await restricted(page, incident, how)
    assert (reply.status_code, reply.json()["code"]) == (409, "no_reviewer")
    assert not (await shown(page, incident))["restricted"]
    assert (await restricted(lead, incident, how)).status_code == 200, "who may decide is a member"
