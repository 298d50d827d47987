"""Several incidents become one, and each comes out again with what it brought."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import queries
from shared import clock, ids
from shared.models import (
    Alert,
    AuditEntry,
    Base,
    Evidence,
    EvidenceCustody,
    IncidentAlert,
    IncidentEntry,
    IncidentEvent,
    IncidentNote,
    IncidentObservable,
    IncidentTask,
    Observable,
)
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, alerts_of, done, opened, opened_of, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of

KEPT: tuple[Any, ...] = (IncidentAlert, IncidentTask, IncidentNote, IncidentObservable, IncidentEvent, Evidence)


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def fill(session: AsyncSession, acme: Tenant, incident: dict[str, Any], *shared: UUID) -> None:
    """One of everything, and observables that others have too."""
    of_it = {"organization_id": acme.id, "incident_id": UUID(incident["id"])}
    own = Observable(organization_id=acme.id, type="domain", value=f"{ids.uuid7()}.example")
    session.add(own)
    await session.flush()
    now = clock.now()
    session.add_all(
        [
            IncidentTask(**of_it, title=f"Task of #{incident['number']}"),
            IncidentNote(**of_it, author_name="Ann", body=f"Note of #{incident['number']}"),
            *(IncidentObservable(**of_it, observable_id=one, note=incident["title"]) for one in (own.id, *shared)),
            IncidentEvent(
                **of_it, event_id=ids.uuid7(), event_kind="alert", time=now, received_at=now, sensor_id=ids.uuid7(),
                body=b"frame", sha256=bytes(32),
            ),
            Evidence(**of_it, name="disk.img", size=1, sha256=bytes(32), media_type="application/octet-stream"),
        ]
    )  # fmt: skip
    await session.commit()


async def held(session: AsyncSession) -> dict[tuple[str, UUID], tuple[UUID, UUID | None]]:
    """Where everything lies, and where it says that it is from."""
    await session.rollback()
    rows: dict[tuple[str, UUID], tuple[UUID, UUID | None]] = {}
    for model in KEPT:
        for row in await session.scalars(select(model)):
            rows[(model.__tablename__, row.id)] = (row.incident_id, row.origin_id)
            session.expunge(row)
    return rows


async def test_three_become_one_and_three_again(page: Page, acme: Tenant, session: AsyncSession) -> None:
    shared_one = Observable(organization_id=acme.id, type="ip", value="203.0.113.9")
    session.add(shared_one)
    await session.commit()
    incidents = [await opened_of(page, *await alerts_of(session, acme, 2), title=f"Part {one}") for one in range(3)]
    target, *sources = incidents
    for incident in incidents:
        await fill(session, acme, incident, shared_one.id)
    await done(page, sources[0], "transition", {"to": "investigating"})
    before = await held(session)
    merged = await done(page, target, "merge", {"incident_ids": [one["id"] for one in sources], "reason": "One attack"})
    assert merged["alerts_count"] == 6
    detail = await shown(page, target)
    assert (detail["merged_numbers"], detail["counts"]["alerts"]) == ([2, 3], 6)
    assert (detail["counts"]["tasks"], detail["counts"]["notes"], detail["counts"]["evidence"]) == (3, 3, 3)
    assert detail["counts"]["observables"] == 4, "what both had stays with each"
    for source in sources:
        gone = await shown(page, source)
        assert (gone["status"], gone["merged_into_id"]) == ("merged", target["id"])
        assert (gone["merged_into_number"], gone["counts"]["alerts"]) == (1, 0)
        refused = await act(page, source, "transition", {"to": "resolved"})
        assert (refused.status_code, refused.json()["code"]) == (409, "incident_merged")
    of_alerts = await session.scalars(select(Alert.incident_id).where(Alert.organization_id == acme.id))
    assert {str(one) for one in of_alerts} == {target["id"]}
    late = await alerts_of(session, acme, 1)
    await done(page, target, "alerts", {"alert_ids": [str(late[0].id)]})
    for source in reversed(sources):
        await done(page, target, "unmerge", {"incident_id": source["id"]})
    after = await held(session)
    assert {key: where for key, where in after.items() if key in before} == before
    assert len(after) == len(before) + 1, "the alert that was linked later, and nothing else"
    statuses = [(await shown(page, one))["status"] for one in incidents]
    assert statuses == ["open", "investigating", "open"]
    counts = [(await shown(page, one))["alerts_count"] for one in incidents]
    assert counts == [3, 2, 2]
    for incident in incidents:
        linked = (await page.get(f"incidents/{incident['id']}/alerts")).json()["items"]
        alerts = await session.scalars(select(Alert.id).where(Alert.incident_id == incident["id"]))
        assert {one["alert_id"] for one in linked} == {str(one) for one in alerts}
    ours = select(Evidence.id).where(Evidence.organization_id == acme.id)
    steps = select(EvidenceCustody).where(EvidenceCustody.evidence_id.in_(ours)).order_by(EvidenceCustody.id)
    custody = (await session.scalars(steps)).all()
    assert [one.action for one in custody] == ["moved"] * 4
    assert (await act(page, target, "unmerge", {"incident_id": sources[0]["id"]})).json()["code"] == "not_merged_into"


async def test_what_was_merged_before_comes_back_with_its_own(page: Page, acme: Tenant, session: AsyncSession) -> None:
    first, second, third = [await opened_of(page, *await alerts_of(session, acme, 1)) for _ in range(3)]
    for incident in (first, second, third):
        await fill(session, acme, incident)
    begun = await held(session)
    await done(page, second, "merge", {"incident_ids": [third["id"]]})
    between = await held(session)
    await done(page, first, "merge", {"incident_ids": [second["id"]]})
    assert (await shown(page, first))["counts"]["tasks"] == 3
    refused = await act(page, first, "unmerge", {"incident_id": third["id"]})
    assert refused.json()["code"] == "not_merged_into", "it was merged into the second"
    await done(page, first, "unmerge", {"incident_id": second["id"]})
    assert await held(session) == between
    await done(page, second, "unmerge", {"incident_id": third["id"]})
    assert await held(session) == begun


async def test_what_cannot_be_merged(page: Page, api: Api, acme: Tenant, other: Tenant, session: AsyncSession) -> None:
    incident, closed = await opened(page), await opened(page)
    await done(page, closed, "close", {"verdict": "undetermined", "reason": "not_worth_it"})
    itself = await act(page, incident, "merge", {"incident_ids": [incident["id"]]})
    assert (itself.status_code, itself.json()["code"]) == (422, "merge_into_itself")
    assert (await act(page, incident, "merge", {"incident_ids": [closed["id"]]})).json()["code"] == "incident_closed"
    stranger = await opened(await page_of(api, await make_person(session, other, "analyst")))
    assert (await act(page, incident, "merge", {"incident_ids": [stranger["id"]]})).status_code == 404


async def test_a_restricted_part_makes_the_whole_restricted(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    ann = await page_of(api, await make_person(session, acme, "analyst"))
    secret, plain = await opened(page, restricted=True), await opened(page)
    await done(page, plain, "merge", {"incident_ids": [secret["id"]]})
    assert (await shown(page, plain))["restricted"]
    assert (await ann.get(f"incidents/{plain['id']}")).status_code == 404


async def test_what_is_restricted_later_is_not_named_by_what_went_into_it(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    ann = await page_of(api, await make_person(session, acme, "analyst"))
    whole, part, particle = [await opened(page) for _ in range(3)]
    await done(page, part, "merge", {"incident_ids": [particle["id"]]})
    await done(page, whole, "merge", {"incident_ids": [part["id"]]})
    assert (await shown(ann, part))["merged_into_number"] == whole["number"]
    await done(page, whole, "restrict", {"restricted": True})
    for one in (whole, part, particle):
        assert (await ann.get(f"incidents/{one['id']}")).status_code == 404
    assert (await shown(page, whole))["merged_numbers"] == [part["number"]]
    assert (await act(page, part, "restrict", {"restricted": False})).json()["code"] == "incident_merged"
    red = await opened(page)
    await done(page, red, "merge", {"incident_ids": [(other := await opened(page))["id"]]})
    await page.call("PATCH", f"incidents/{red['id']}", json={"tlp": "red"}, headers={"If-Match": "*"})
    assert (await ann.get(f"incidents/{other['id']}")).status_code == 404


async def test_who_is_let_in_by_a_merge_and_what_went_along_is_in_the_audit(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    bob = await make_person(session, acme, "analyst")
    secret = await opened_of(page, *await alerts_of(session, acme, 2), restricted=True, assignee_id=str(bob.id))
    plain = await opened(page)
    await done(page, plain, "merge", {"incident_ids": [secret["id"]]})
    entries = (await session.scalars(select(AuditEntry).where(AuditEntry.organization_id == acme.id))).all()
    let_in = [one.details["user_id"] for one in entries
              if one.action == "incident.member_added" and str(one.object_id) == plain["id"]]  # fmt: skip
    assert sorted(let_in) == sorted([str(bob.id), plain["reporter_id"]])
    moved = [one.changes for one in entries if one.action == "alert.linked"]
    assert moved.count({"incident_id": [secret["id"], plain["id"]]}) == 2


async def test_a_merge_lets_in_no_more_than_there_is_room_for(
    page: Page, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await make_person(session, acme, "analyst")
    monkeypatch.setattr(queries, "MAX_MEMBERS", 2)
    first = await opened(page, restricted=True, assignee_id=str(bob.id))
    second = await opened(page, restricted=True, assignee_id=str((await make_person(session, acme, "analyst")).id))
    refused = await act(page, first, "merge", {"incident_ids": [second["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_members")


async def test_what_a_source_was_first_with_goes_with_it(page: Page, acme: Tenant, session: AsyncSession) -> None:
    early = clock.now() - timedelta(hours=2)
    old, own = [
        await make_alert(session, acme, created_at=at, techniques=[technique])
        for at, technique in ((early, "T1110"), (early + timedelta(hours=1), "T1021"))
    ]
    target, source = await opened_of(page, own), await opened_of(page, old)
    before = await shown(page, target)
    whole = await done(page, target, "merge", {"incident_ids": [source["id"]]})
    assert (whole["received_at"], whole["techniques"]) == (source["received_at"], ["T1021", "T1110"])
    await done(page, target, "unmerge", {"incident_id": source["id"]})
    after = await shown(page, target)
    assert {name: after[name] for name in ("received_at", "techniques", "alerts_count")} == {
        name: before[name] for name in ("received_at", "techniques", "alerts_count")
    }


async def test_the_whole_is_as_strict_as_any_part(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    plain, red, held = await opened(lead), await opened(lead, tlp="red", pap="red"), await opened(lead)
    await done(lead, held, "legal-hold", {"legal_hold": True})
    whole = await done(lead, plain, "merge", {"incident_ids": [red["id"], held["id"]]})
    assert (whole["tlp"], whole["pap"], whole["restricted"], whole["legal_hold"]) == ("red", "red", True, True)
    for part in (plain, red, held):
        assert (await page.get(f"incidents/{part['id']}")).status_code == 404, "it would say where it went"
    await done(lead, plain, "unmerge", {"incident_id": held["id"]})
    assert (await shown(lead, held))["legal_hold"]


async def test_the_timeline_of_both_is_one(page: Page, acme: Tenant, session: AsyncSession) -> None:
    target, source = await opened(page), await opened(page)
    await done(page, target, "merge", {"incident_ids": [source["id"]]})
    rows = select(IncidentEntry).where(IncidentEntry.incident_id == target["id"]).order_by(IncidentEntry.id)
    kinds = [(one.kind, one.origin_id is not None) for one in await session.scalars(rows)]
    assert kinds == [("created", False), ("created", True), ("merged", False)]


def test_everything_that_hangs_on_an_incident_moves_or_has_a_reason_not_to() -> None:
    stays = {
        "incident_counters", "incident_members", "incident_pauses", "incident_summary_versions", "incident_reviews",
        "incident_links", "incident_watches", "handover_items",
    }  # fmt: skip
    of_incidents = {
        name for name, table in Base.metadata.tables.items() if "incident_id" in table.columns and name != "alerts"
    }
    movable = {model.__tablename__ for model in (*KEPT, IncidentEntry)}
    assert of_incidents - movable == stays - {"incident_counters"}
