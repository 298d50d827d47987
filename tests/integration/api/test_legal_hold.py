"""Under legal hold, nothing of an incident is deleted by anybody; else, what is taken out leaves a trace."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import AuditEntry, Incident
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, done, opened, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of
from tests.waiting import until

DOMAIN = {"observables": [{"type": "domain", "value": "noise.example"}]}


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """A lead of Acme, who may hold."""
    yield await page_of(api, await make_person(session, acme, "lead"))


@pytest.mark.parametrize("held_end", [0, 1])
async def test_what_people_wrote_and_found_is_kept(page: Page, held_end: int) -> None:
    incident, other = await opened(page), await opened(page)
    base = f"incidents/{incident['id']}"
    await page.post(f"{base}/observables", DOMAIN)
    (observable,) = (await page.get(f"{base}/observables")).json()["items"]
    note = (await page.post(f"{base}/notes", {"body": "Seen."})).json()
    entry = (await page.post(f"{base}/timeline", {"message": "The mail came"})).json()
    link = (await page.post(f"{base}/links", {"other_id": other["id"], "relation": "related"})).json()
    held = (incident, other)[held_end]
    await done(page, held, "legal-hold", {"legal_hold": True})
    parts = [
        f"links/{link['id']}",
        f"observables/{observable['id']}",
        f"notes/{note['id']}",
        f"timeline/{entry['id']}",
    ]
    for part in parts[: 1 if held_end else None]:
        refused = await page.delete(f"{base}/{part}", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "on_legal_hold"), part
    rewritten = await page.call("PUT", f"{base}/notes/{note['id']}", json={"body": "Heard."}, headers={"If-Match": "*"})
    assert rewritten.status_code == 200, "its version before is kept"
    told = {"message": "The mail came late"}
    rewritten = await page.call("PUT", f"{base}/timeline/{entry['id']}", json=told, headers={"If-Match": "*"})
    assert rewritten.status_code == (200 if held_end else 409), "of an entry none is"
    await done(page, held, "legal-hold", {"legal_hold": False})
    for part in parts:
        assert (await page.delete(f"{base}/{part}", headers={"If-Match": "*"})).status_code == 204, part


async def test_a_hold_that_is_begun_meanwhile_counts(page: Page, session: AsyncSession) -> None:
    incident, other = await opened(page), await opened(page)
    base = f"incidents/{incident['id']}/links"
    link = (await page.post(base, {"other_id": other["id"], "relation": "related"})).json()
    (await session.get_one(Incident, other["id"])).legal_hold = True
    await session.flush()
    deleting = asyncio.create_task(page.delete(f"{base}/{link['id']}"))
    waiting = text("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")

    async def waits() -> bool:
        return bool(await session.scalar(waiting))

    await until(waits)
    await session.commit()
    refused = await deleting
    assert (refused.status_code, refused.json()["code"]) == (409, "on_legal_hold")


async def test_what_is_merged_is_held_by_what_it_went_into(page: Page, session: AsyncSession) -> None:
    target, source, held = [await opened(page) for _ in range(3)]
    await done(page, target, "merge", {"incident_ids": [source["id"]]})
    refused = await act(page, source, "legal-hold", {"legal_hold": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident_merged")
    assert not (await shown(page, target))["legal_hold"]
    await done(page, held, "legal-hold", {"legal_hold": True})
    await done(page, target, "merge", {"incident_ids": [held["id"]]})
    assert (await shown(page, target))["legal_hold"]
    timeline = (await page.get(f"incidents/{target['id']}/timeline", params={"kind": "legal_hold"})).json()["items"]
    assert [one["message"] for one in timeline] == [
        "Legal hold begun",
        f"Legal hold begun, by merging #{held['number']}",
    ], "the one's own, and that of the whole"
    told = select(AuditEntry.changes).where(
        AuditEntry.action == "incident.merged", AuditEntry.object_id == target["id"]
    )
    assert [one.get("legal_hold") for one in await session.scalars(told)] == [None, [False, True]]
    refused = await act(page, held, "legal-hold", {"legal_hold": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident_merged")


@pytest.mark.parametrize("end", [0, 1])
async def test_a_link_of_what_was_merged_is_kept_as_what_it_went_into_is(page: Page, end: int) -> None:
    whole, part, particle, other = [await opened(page) for _ in range(4)]
    link = (
        await page.post(f"incidents/{particle['id']}/links", {"other_id": other["id"], "relation": "related"})
    ).json()
    await done(page, part, "merge", {"incident_ids": [particle["id"]]})
    await done(page, whole, "merge", {"incident_ids": [part["id"]]})
    await done(page, whole, "legal-hold", {"legal_hold": True})
    path = f"incidents/{(particle, other)[end]['id']}/links/{link['id']}"
    refused = await page.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "on_legal_hold")
    await done(page, whole, "legal-hold", {"legal_hold": False})
    assert (await page.delete(path)).status_code == 204


async def test_timeline_and_audit_tell_what_was_taken_out(page: Page, session: AsyncSession) -> None:
    incident = await opened(page)
    path = f"incidents/{incident['id']}/observables"
    await page.post(path, DOMAIN)
    (held,) = (await page.get(path)).json()["items"]
    assert (await page.delete(f"{path}/{held['id']}")).status_code == 204
    timeline = (await page.get(f"incidents/{incident['id']}/timeline")).json()["items"]
    assert [one["message"] for one in timeline if one["kind"] == "observable_removed"] == [
        "domain noise.example removed"
    ]
    told = select(AuditEntry.details).where(
        AuditEntry.action == "incident.observable_removed", AuditEntry.object_id == incident["id"]
    )
    assert [one["observable"] for one in await session.scalars(told)] == ["domain noise.example"]
