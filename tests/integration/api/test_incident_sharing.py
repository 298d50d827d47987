"""What is marked for few is not handed to many: the marking of reports and exports, and versions to be shared."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import gathering
from services.api.incidents.facts import Facts
from services.api.incidents.gathering import MOST
from tests.integration.api.calling import Api
from tests.integration.api.incidents import alerts_of, done, opened, opened_of
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


async def marked_as(page: Page, incident: dict[str, Any], tlp: str | None, *values: str) -> list[dict[str, Any]]:
    """The incident with these domains; as its observables."""
    wanted = [{"type": "domain", "value": value} for value in values]
    path = f"incidents/{incident['id']}/observables"
    added = await page.post(path, {"observables": wanted, "tlp": tlp})
    assert added.status_code == 200, added.text
    return [one for one in (await page.get(path)).json()["items"] if one["value"] in values]


@pytest.mark.parametrize(("what", "kind"), FORMS)
async def test_values_beyond_the_bound_of_the_list_are_masked_and_counted(
    page: Page, what: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST, "observables", 1)
    incident = await opened(page, tlp="green", title="On z.secret.example", summary=SUMMARY)
    await marked_as(page, incident, "clear", "a.example", "b.example", "c.example")
    await marked_as(page, incident, "red", "secret.example", "z.secret.example")
    version = await taken(page, incident, what, kind, tlp="green")
    assert "secret" not in version
    if what == "report":
        assert "2 observables are left out: TLP:RED" in version
        assert "and 2 more" in version
    else:
        assert '"left_out":[{"name":"observables","tlp":"red","count":2}]' in version
    assert "TLP:RED" in await taken(page, incident, "report", kind="markdown"), "texts name what no list has"


async def test_of_several_that_are_one_the_strictest_marking_counts(page: Page) -> None:
    said = "Seen: a.example, b.example, c.example, d.example."
    whole, part, piece = [await opened(page, tlp="green", summary=said) for _ in range(3)]
    await marked_as(page, piece, "red", "a.example")
    await marked_as(page, part, "amber", "a.example", "b.example")
    await marked_as(page, whole, None, "a.example")
    await marked_as(page, whole, "red", "d.example")
    (taken_out,) = await marked_as(page, whole, "clear", "b.example")
    await done(page, part, "merge", {"incident_ids": [piece["id"]]})
    await done(page, whole, "merge", {"incident_ids": [part["id"]]})
    version = await taken(page, whole, "report", "markdown", tlp="green")
    assert "a.example" not in version
    assert "b.example" not in version
    assert "c.example" in version
    assert "2 observables are left out: TLP:RED, 1 observable is left out: TLP:AMBER" in version
    of_part = await taken(page, part, "report", "markdown", tlp="green")
    assert "Seen: [TLP:RED], [TLP:AMBER], c.example, [TLP:RED]." in of_part, "of a part, as of the whole"
    gone = await page.delete(f"incidents/{whole['id']}/observables/{taken_out['id']}")
    assert gone.status_code == 204, gone.text
    version = await taken(page, whole, "report", "markdown", tlp="green")
    assert "b.example" not in version, "the merged one has it still"
    assert "| 2 observables are left out: TLP:RED |" in version


@pytest.mark.parametrize("hidden", [{"tlp": "red"}, {"tlp": "green", "restricted": True}, {"tlp": "amber"}])
async def test_a_link_from_either_end_to_what_is_left_out_is_named_nowhere(page: Page, hidden: dict[str, Any]) -> None:
    other = await opened(page, title="A secret one", **hidden)
    incident = await opened(page, tlp="green", summary=f"As in #{other['number']}.")
    path = f"incidents/{other['id']}/links"
    linked = await page.post(path, {"other_id": incident["id"], "relation": "caused_by"})
    assert linked.status_code == 201, linked.text
    whole = await taken(page, incident, "report", "markdown")
    assert f"| Cause of | {other['number']} | A secret one |" in whole
    assert whole.count(f"#{other['number']}") == 2
    version = await taken(page, incident, "report", "markdown", tlp="green")
    assert "A secret one" not in version
    assert f"#{other['number']}" not in version
    label = "TLP:AMBER" if hidden["tlp"] == "amber" else "TLP:RED"
    assert f"1 link is left out: {label}" in version
    assert f"As in [{label}]" in version
    assert f"Linked to incident [{label}]" in version


async def test_a_link_beyond_the_bound_of_the_list_is_left_out_with_its_number(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST, "links", 1)
    others = [await opened(page, tlp=tlp) for tlp in ("green", "green", "amber")]
    incident = await opened(page, tlp="green", summary=" ".join(f"#{one['number']}" for one in others))
    for one in others:
        await page.post(f"incidents/{incident['id']}/links", {"other_id": one["id"], "relation": "related"})
    version = await taken(page, incident, "report", "markdown", tlp="green")
    assert "1 link is left out: TLP:AMBER" in version
    assert "#1 #2 [TLP:AMBER]" in version
    assert "and 1 more" in version


async def edit(page: Page, incident: dict[str, Any], **values: Any) -> None:
    path = f"incidents/{incident['id']}"
    reply = await page.call("PATCH", path, json=values, headers={"If-Match": "*"})
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("what", ["report", "export"])
async def test_of_a_merged_incident_there_is_no_version_where_what_it_went_into_has_none(page: Page, what: str) -> None:
    whole, part, piece = [await opened(page, tlp="amber") for _ in range(3)]
    await done(page, part, "merge", {"incident_ids": [piece["id"]]})
    await done(page, whole, "merge", {"incident_ids": [part["id"]]})
    await edit(page, whole, tlp="red")
    for one in (part, piece):
        refused = await page.get(f"incidents/{one['id']}/{what}", params={"tlp": "amber"})
        assert (refused.status_code, refused.json()["code"], refused.json()["tlp"]) == (409, "incident_stricter", "red")
        assert (await page.get(f"incidents/{one['id']}/{what}", params={"tlp": "red"})).status_code == 200


@pytest.mark.parametrize("mark", [{"tlp": "red"}, {"tlp": "green", "restricted": True}])
async def test_a_merged_incident_that_is_for_fewer_than_the_version_is_named_nowhere(
    page: Page, mark: dict[str, Any]
) -> None:
    whole, part, other = await opened(page, tlp="green"), await opened(page, **mark), await opened(page, tlp="green")
    number = part["number"]
    await done(page, whole, "merge", {"incident_ids": [part["id"], other["id"]]})
    await edit(page, whole, tlp="green", summary=f"As in #{number} and #{other['number']}.")
    if mark["tlp"] == "red":  # the other is opened with the whole
        await done(page, whole, "restrict", {"restricted": False})
    assert f"Incident {number}" in await taken(page, whole, "report", "markdown")
    version = await taken(page, whole, "report", "markdown", tlp="green")
    # All that is merged into what is restricted has become so with it.
    name = "[TLP:RED]" if "restricted" in mark else f"#{other['number']}"
    assert f"As in [TLP:RED] and {name}." in version
    assert f"Merged into this: [TLP:RED], {name}" in version
    assert f"Incident {number}" not in version
    assert (f"Incident {other['number']}" in version) == ("restricted" not in mark)
    assert "left out" not in version, "it is no list's"


async def test_a_value_that_was_split_off_is_masked_in_what_is_left_and_in_the_new_incident(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    (alert,) = await alerts_of(session, acme, 1)
    incident = await opened_of(page, alert, tlp="green", summary=SUMMARY)
    (gone,) = await marked_as(page, incident, "red", "secret.example")
    await marked_as(page, incident, "red", "kept.example")
    parts = {"alert_ids": [str(alert.id)], "observable_ids": [gone["id"]]}
    split = await done(page, incident, "split", {"title": "The other", "reason": "Two"} | parts)
    new = split["split_off"]
    await edit(page, new, summary="It left kept.example behind.")
    version = await taken(page, incident, "report", "markdown", tlp="green")
    assert "secret.example" not in version
    assert "It called [TLP:RED]" in version
    assert "| 1 observable is left out: TLP:RED |" in version, "what is elsewhere is not counted"
    assert "It left [TLP:RED] behind." in await taken(page, new, "report", "markdown", tlp="green")


async def test_what_is_written_when_the_incident_has_become_stricter_is_not_in_the_version(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = await opened(page, tlp="amber")
    gather = gathering.gather

    async def late(*given: Any, **more: Any) -> Facts:
        await edit(page, incident, tlp="red")
        await page.post(f"incidents/{incident['id']}/notes", {"body": "For few eyes"})
        return await gather(*given, **more)

    with monkeypatch.context() as during:
        during.setattr(gathering, "gather", late)
        version = await taken(page, incident, "report", "markdown", tlp="amber")
    assert "For few eyes" not in version
    assert "For few eyes" in await taken(page, incident, "report", "markdown", tlp="red")
