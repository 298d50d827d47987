"""Exports of incidents: what a query finds as who asks sees it, also when it is written, with what managers count."""

import csv
import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.exports import service
from shared import clock
from shared.models import Incident, IncidentMember, JobOutput
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, act, alerts_of, done, opened, opened_of
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_person, make_token
from tests.integration.api.signed_in import Page, page_of
from tests.integration.api.test_bulk import ended
from tests.integration.api.test_exports import audited, exported

OF = {"of": "incidents"}
AGAIN = (
    "DELETE FROM job_outputs WHERE job_id = :id",
    "UPDATE job_items SET status = 'pending' WHERE job_id = :id",
    "UPDATE jobs SET status = 'running', lease_until = NULL, result = '{}', done = 0, skipped = 0 WHERE id = :id",
)


@pytest.fixture
async def analyst(api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """Somebody who may export."""
    return await page_of(api, await make_person(session, acme, name="Ann Analyst"))


async def table(page: Page, **wanted: Any) -> list[dict[str, str]]:
    """The rows of a copy as CSV."""
    job, made = await exported(page, OF | {"format": "csv"} | wanted)
    assert (job["status"], job["error"]) == ("done", None)
    return list(csv.DictReader(io.StringIO(made)))


async def fill(session: AsyncSession, tenant: Tenant, number: int, **values: str) -> None:
    """Many incidents at once; `values` are SQL for columns, of `n`."""
    columns = {"title": "'Case ' || n", "severity": "3"} | values
    await session.execute(
        text(
            f"INSERT INTO incidents (id, organization_id, number, received_at, {', '.join(columns)})"
            f" SELECT gen_random_uuid(), :organization, n, now(), {', '.join(columns.values())}"
            " FROM generate_series(1, :number) AS n"
        ),
        {"organization": tenant.id, "number": number},
    )
    await session.commit()


async def test_incidents_are_written_once_each_by_their_numbers(
    analyst: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    await fill(session, acme, 450)
    await fill(session, other, 20)
    job, made = await exported(analyst, OF | {"query": "title:case"})
    assert (job["kind"], job["status"], job["total"], job["done"]) == ("incidents.export", "done", 450, 450)
    rows = [json.loads(line) for line in made.splitlines()]
    assert [row["number"] for row in rows] == list(range(1, 451))
    assert {row["organization_id"] for row in rows} == {str(acme.id)}
    what = {"of": "incidents", "format": "ndjson", "query": "title:case", "with_documents": False}
    assert await audited(session, acme) == [("export.started", {"exported": what}), ("export.fetched", {"rows": 450})]


async def test_a_row_says_who_how_long_and_how_much(
    analyst: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    fields = [{"name": "site", "label": "Site", "kind": "text"}, {"name": "rooms", "label": "Rooms", "kind": "number"}]
    template = await lead.post("incident-templates", {"name": "Break-in", "fields": fields})
    assert template.status_code == 201, template.text
    now = clock.now()
    occurred, detected = (clock.isoformat(now - timedelta(seconds=seconds)) for seconds in (900, 600))
    incident = await opened_of(
        analyst, *await alerts_of(session, acme, 3), title="Door", severity=5, tlp="amber+strict", tags=["a", "b"],
        template_id=template.json()["id"], fields={"site": "=cmd|x", "rooms": -2}, occurred_at=occurred,
        detected_at=detected,
    )  # fmt: skip
    await analyst.post(f"incidents/{incident['id']}/tasks", {"title": "Look"})
    await analyst.post(f"incidents/{incident['id']}/notes", {"body": "Seen"})
    await done(analyst, incident, "transition", {"to": "investigating"})
    lost = await opened(analyst, title="=1+1")
    await done(analyst, incident, "merge", {"incident_ids": [lost["id"]]})
    assert (await act(analyst, incident, "review", CLOSING)).is_success
    first, second = await table(analyst)
    expected = {
        "number": "1", "title": "Door", "severity": "5", "tlp": "amber+strict", "tags": "a b",
        "assignee": "Ann Analyst", "reporter": "Ann Analyst", "closed_by": "", "alerts_count": "3", "open_alerts": "3",
        "tasks": "1", "open_tasks": "1", "notes": "1", "evidence": "0", "review_asked_by": "Ann Analyst",
        "fields.site": "'=cmd|x", "fields.rooms": "-2",
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert float(first["time_to_detect_seconds"]) == 300
    assert float(first["time_to_acknowledge_seconds"]) >= 0
    assert (first["time_to_contain_seconds"], first["closed_at"]) == ("", "")
    assert first["review_asked_at"] >= detected
    assert (second["title"], second["status"], second["merged_into_number"]) == ("'=1+1", "merged", "1")
    assert (second["fields.site"], second["review_asked_at"]) == ("", "")
    _, made = await exported(analyst, OF)
    row = json.loads(made.splitlines()[0])
    assert (row["fields"], row["tags"], row["tasks"]) == ({"site": "=cmd|x", "rooms": -2}, ["a", "b"], 1)


async def test_narrowed_by_state_and_by_when_they_were_opened(
    analyst: Page, acme: Tenant, session: AsyncSession
) -> None:
    at = clock.now() - timedelta(days=5)
    await fill(
        session, acme, 4, created_at=f"'{clock.isoformat(at)}'::timestamptz + n * interval '1 day'",
        status="CASE n WHEN 2 THEN 'resolved' ELSE 'open' END",
    )  # fmt: skip
    start, end = (clock.isoformat(at + timedelta(days=days)) for days in (2, 4))
    for narrowed, expected in (
        ({"start": start}, ["2", "3", "4"]),
        ({"start": start, "end": end}, ["2", "3"]),
        ({"status": ["resolved", "closed"]}, ["2"]),
        ({"status": ["open"], "query": "number:>=3"}, ["3", "4"]),
    ):
        assert [row["number"] for row in await table(analyst, **narrowed)] == expected, narrowed


@pytest.mark.parametrize(
    "wanted",
    [
        OF | {"status": ["acknowledged"]},
        {"of": "alerts", "status": ["on_hold"]},
        OF | {"kind": "alert"},
        OF | {"with_documents": True},
    ],
)
async def test_what_incidents_do_not_have_is_refused(analyst: Page, wanted: dict[str, Any]) -> None:
    reply = await analyst.post("exports", wanted)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid")


async def test_what_opensearch_finds_is_what_is_copied(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    page = await page_of(whole_api, await make_person(session, acme))
    made = [await opened(page, title=title) for title in ("Phishing mail", "Open door", "A mail lost")]
    await findable(incidents=[UUID(one["id"]) for one in made])
    listed = (await page.get("incidents", params={"query": "title:mail"})).json()
    assert listed["degraded"] is None
    copied = {row["id"] for row in await table(page, query="title:mail")}
    assert copied == {one["id"] for one in listed["items"]} == {made[0]["id"], made[2]["id"]}


@pytest.fixture
async def member(api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """A member of a restricted incident of two, the other of which everybody sees."""
    page = await page_of(api, await make_person(session, acme))
    await opened(page, title="Shown")
    await opened(page, title="Hidden", restricted=True)
    return page


async def test_a_restricted_one_is_in_no_copy_but_its_members(
    api: Api, analyst: Page, member: Page, acme: Tenant, session: AsyncSession
) -> None:
    assert [row["title"] for row in await table(member)] == ["Shown", "Hidden"]
    assert [row["title"] for row in await table(analyst)] == ["Shown"]
    machine = api.as_(await make_token(session, acme.id, "exports:write", "incidents:read"))
    started = (await machine.post("exports", OF)).json()
    assert started["total"] == 1


async def run_again(session: AsyncSession, job: dict[str, Any]) -> None:
    """Have the job's rows written anew, as if it had only been asked for."""
    for statement in AGAIN:
        await session.execute(text(statement), {"id": job["id"]})
    await session.commit()


async def leave(session: AsyncSession) -> None:
    """Take every member from every incident."""
    await session.execute(delete(IncidentMember))


async def test_who_is_no_member_any_more_when_it_is_written_does_not_get_it(
    member: Page, session: AsyncSession
) -> None:
    job, _ = await exported(member, OF)
    assert job["done"] == 2
    await leave(session)
    await run_again(session, job)
    job = await ended(member, job)
    assert (job["status"], job["total"], job["done"], job["skipped"]) == ("done", 1, 1, 0)
    made = await member.get(f"exports/{job['id']}/content")
    assert [json.loads(line)["title"] for line in made.text.splitlines()] == ["Shown"]
    items = (await member.get(f"jobs/{job['id']}/items")).json()["items"]
    assert len(items) == 1


async def test_a_copy_with_what_is_hidden_since_is_gone(
    api: Api, member: Page, acme: Tenant, session: AsyncSession
) -> None:
    job, _ = await exported(member, OF)
    lead, admin = [await page_of(api, await make_person(session, acme, role)) for role in ("lead", "admin")]
    assert (await lead.get(f"jobs/{job['id']}")).status_code == 404, "somebody else's of what they may not see"
    assert (await lead.get(f"exports/{job['id']}/content")).status_code == 404
    told = (await admin.get("audit", params={"object_id": job["id"]})).json()["items"]
    assert told == [], "nor does the audit tell of it"
    await leave(session)
    await session.commit()
    reply = await member.get(f"exports/{job['id']}/content")
    assert (reply.status_code, reply.json()["code"]) == (404, "export_gone")


async def test_more_rows_or_fields_than_fit_are_refused(
    analyst: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(session, acme, 3, fields="jsonb_build_object('field_' || n, n)")
    monkeypatch.setattr(service, "MAX_FIELDS", 2)
    job, _ = await exported(analyst, OF | {"format": "csv"})
    assert (job["status"], job["error"]) == ("failed", "export_too_large")
    assert (await exported(analyst, OF))[0]["status"] == "done", "as objects they need no columns"
    monkeypatch.setattr(service, "MAX_ROWS", 2)
    refused = await analyst.post("exports", OF)
    assert (refused.status_code, refused.json()["code"]) == (422, "export_too_large")


async def test_one_that_is_cancelled_leaves_nothing(analyst: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 3)
    job, _ = await exported(analyst, OF)
    asked_to_end = "UPDATE jobs SET status = 'running', cancel_requested_at = now(), lease_until = NULL WHERE id = :id"
    await session.execute(text(asked_to_end), {"id": job["id"]})
    await session.commit()
    assert (await ended(analyst, job))["status"] == "cancelled"
    left = select(func.count()).select_from(JobOutput).where(JobOutput.job_id == UUID(job["id"]))
    assert await session.scalar(left) == 0


async def test_one_that_is_gone_by_then_is_skipped(analyst: Page, acme: Tenant, session: AsyncSession) -> None:
    await fill(session, acme, 2)
    job, _ = await exported(analyst, OF)
    await session.execute(delete(Incident).where(Incident.organization_id == acme.id, Incident.number == 1))
    await run_again(session, job)
    job = await ended(analyst, job)
    assert (job["status"], job["total"], job["done"], job["skipped"]) == ("done", 2, 1, 1)


async def test_who_may_not_read_incidents_takes_no_copy(
    api: Api, analyst: Page, acme: Tenant, session: AsyncSession
) -> None:
    job, _ = await exported(analyst, OF)
    blind = api.as_(await make_token(session, acme.id, "exports:write", "alerts:read", "events:read", "bulk:write"))
    for reply in (await blind.post("exports", OF), await blind.get(f"exports/{job['id']}/content")):
        assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")
