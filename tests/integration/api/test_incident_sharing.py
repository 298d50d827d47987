"""What is marked for few is not handed to many: the marking of reports and exports, and versions to be shared."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.api.calling import Api
from tests.integration.api.incidents import opened
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of

SUMMARY = "It called secret.example, written as secret[.]example, mail.secret(.)example and hxxps://secret.example/a."
FORMS = (("report", "html"), ("report", "markdown"), ("export", "ecs"), ("export", "ocsf"))


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def marked(page: Page) -> dict[str, Any]:
    """An incident for some with observables for all, two for few, and words of one of these."""
    incident = await opened(page, tlp="green", summary=SUMMARY)
    path = f"incidents/{incident['id']}/observables"
    for tlp, values in (("clear", ["open.example"]), ("red", ["secret.example", "hidden.example"])):
        for value in values:
            added = await page.post(path, {"observables": [{"type": "domain", "value": value}], "tlp": tlp})
            assert added.status_code == 200, added.text
    return incident


async def taken(page: Page, incident: dict[str, Any], what: str, kind: str, **params: str) -> str:
    reply = await page.get(f"incidents/{incident['id']}/{what}", params={"format": kind} | params)
    assert reply.status_code == 200, reply.text
    return reply.text.replace("\\", "").replace("[.]", ".")


@pytest.mark.parametrize(("what", "kind"), FORMS)
async def test_the_marking_is_the_strictest_of_what_is_in_it(
    page: Page, marked: dict[str, Any], what: str, kind: str
) -> None:
    whole = await taken(page, marked, what, kind)
    assert "secret.example" in whole
    assert '"tlp":"RED"' in whole if what == "export" else whole.count("TLP:RED") >= 2
    assert "TLP:GREEN" not in whole


@pytest.mark.parametrize(("what", "kind"), FORMS)
async def test_a_version_to_be_shared_has_nothing_stricter_and_counts_it(
    page: Page, marked: dict[str, Any], what: str, kind: str
) -> None:
    version = await taken(page, marked, what, kind, tlp="green")
    assert "open.example" in version
    assert "secret" not in version
    assert "hidden" not in version.replace("overflow: hidden", "")
    if what == "report":
        assert "2 observables are left out: TLP:RED" in version
        assert version.count("TLP:GREEN") >= 2
    else:
        assert '"tlp":"GREEN"' in version
        assert '"left_out":[{"name":"observables","tlp":"red","count":2}]' in version


@pytest.mark.parametrize("what", ["report", "export"])
async def test_of_a_stricter_incident_there_is_no_version(page: Page, what: str) -> None:
    incident = await opened(page, tlp="amber+strict")
    path = f"incidents/{incident['id']}/{what}"
    refused = await page.get(path, params={"tlp": "amber"})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident_stricter")
    assert refused.json()["tlp"] == "amber+strict"
    for typed in ("?tlp=amber+strict", "?tlp=amber%2Bstrict"):
        assert (await page.get(path + typed)).status_code == 200


async def test_a_stricter_linked_incident_is_left_out(page: Page) -> None:
    incident, other = await opened(page, tlp="green"), await opened(page, title="A secret one", tlp="red")
    await page.post(f"incidents/{incident['id']}/links", {"other_id": other["id"], "relation": "related"})
    assert "A secret one" in await taken(page, incident, "report", "markdown")
    version = await taken(page, incident, "report", "markdown", tlp="amber")
    assert "A secret one" not in version
    assert "1 link is left out: TLP:RED" in version
