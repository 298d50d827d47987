"""What a template gives away when it is retired, and what of it says nothing about an incident yet."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, act, done, opened, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of

SKELETON = "## What happened\n\n## What was done\n"


@pytest.fixture
async def lead(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """Who makes templates."""
    yield await page_of(api, await make_person(session, acme, "lead"))


async def test_a_retired_template_gives_its_name_free(lead: Page) -> None:
    made = (await lead.post("incident-templates", {"name": "Phishing"})).json()
    taken = await lead.post("incident-templates", {"name": "phishing"})
    assert (taken.status_code, taken.json()["code"]) == (409, "template_name_taken")
    for _ in range(2):
        assert (await lead.post(f"incident-templates/{made['id']}/retire")).status_code == 200
        made = (await lead.post("incident-templates", {"name": "phishing"})).json()
        assert (await lead.post("incident-templates", {"name": "Phishing"})).status_code == 409


async def test_a_skeleton_that_nobody_filled_in_is_no_summary(lead: Page) -> None:
    template = (await lead.post("incident-templates", {"name": "Break-in", "summary": SKELETON})).json()
    incident = await opened(lead, template_id=template["id"], summary=None)
    now = await shown(lead, incident)
    assert (now["summary"], [one["kind"] for one in now["missing"]]) == (SKELETON, ["summary"])
    path, whatever = f"incidents/{incident['id']}", {"If-Match": "*"}
    await lead.call("PATCH", path, json={"summary": f"{SKELETON}\n "}, headers=whatever)
    assert (await act(lead, incident, "close", CLOSING)).json()["code"] == "closing_incomplete"
    await lead.call("PATCH", path, json={"summary": f"{SKELETON}\nNothing."}, headers=whatever)
    await done(lead, incident, "close", CLOSING)
