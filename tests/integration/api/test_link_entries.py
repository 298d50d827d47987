"""An entry of the timeline that tells of a link names the other incident to whom may see it, and to nobody else."""

from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.api.calling import Api
from tests.integration.api.incidents import opened
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import page_of


async def test_the_other_is_named_to_whom_may_see_it(api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann, bob = [await page_of(api, await make_person(session, acme, "analyst")) for _ in range(2)]
    incident, other = await opened(ann), await opened(ann, restricted=True)
    base = f"incidents/{incident['id']}"
    link = (await ann.post(f"{base}/links", {"other_id": other["id"], "relation": "related"})).json()
    for page, said in ((ann, f"Linked to incident #{other['number']}"), (bob, "Linked to another incident")):
        items = (await page.get(f"{base}/timeline", params={"kind": "related"})).json()["items"]
        assert [one["message"] for one in items] == [said]
        report = (await page.get(f"{base}/report", params={"format": "markdown"})).text.replace("\\", "")
        assert f"| {said} |" in report
    (there,) = (await ann.get(f"incidents/{other['id']}/timeline", params={"kind": "related"})).json()["items"]
    assert there["message"] == f"Linked to incident #{incident['number']}"
    await ann.delete(f"{base}/links/{link['id']}")
    items = (await ann.get(f"{base}/timeline", params={"kind": "related"})).json()["items"]
    assert [one["message"] for one in items] == ["Linked to another incident"], "nothing says any more which it was"
