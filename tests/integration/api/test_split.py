"""Some parts of an incident become one of their own: those that were named, and no others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import ids
from shared.models import (
    Alert,
    AuditEntry,
    Evidence,
    EvidenceCustody,
    Incident,
    IncidentAlert,
    IncidentEntry,
    IncidentLink,
    IncidentNote,
    IncidentObservable,
    IncidentTask,
    Observable,
)
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, alerts_of, done, opened, opened_of, set_review, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of

MOVED: tuple[Any, ...] = (IncidentTask, IncidentNote, IncidentObservable, Evidence)


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def fill(session: AsyncSession, acme: Tenant, incident: dict[str, Any]) -> dict[str, list[str]]:
    """Two of everything; the first of each, as a split names them."""
    of_it = {"organization_id": acme.id, "incident_id": UUID(incident["id"])}
    values = [Observable(organization_id=acme.id, type="domain", value=f"{ids.uuid7()}.example") for _ in range(2)]
    session.add_all(values)
    await session.flush()
    rows: dict[str, list[Any]] = {
        "task_ids": [IncidentTask(**of_it, title="Task") for _ in range(2)],
        "note_ids": [IncidentNote(**of_it, author_name="Ann", body="Note") for _ in range(2)],
        "observable_ids": [IncidentObservable(**of_it, observable_id=one.id) for one in values],
        "evidence_ids": [
            Evidence(**of_it, name="disk.img", size=1, sha256=bytes(32), media_type="text/plain") for _ in range(2)
        ],
    }
    session.add_all([row for some in rows.values() for row in some])
    await session.commit()
    return {part: [str(some[0].id)] for part, some in rows.items()}


def of(*alerts: Alert, **parts: Any) -> dict[str, Any]:
    """A split of these alerts."""
    return {"title": "Another one", "alert_ids": [str(one.id) for one in alerts], "reason": "Not the same"} | parts


async def places(session: AsyncSession, acme: Tenant) -> dict[UUID, tuple[UUID, UUID | None]]:
    """Where each part lies, and where it says that it is from."""
    found: dict[UUID, tuple[UUID, UUID | None]] = {}
    for model in MOVED:
        mine = select(model.id, model.incident_id, model.origin_id).where(model.organization_id == acme.id)
        found |= {one: (incident, origin) for one, incident, origin in await session.execute(mine)}
    return found


async def open_links(session: AsyncSession, acme: Tenant) -> dict[UUID, UUID]:
    """In which incident each alert is, by its open link."""
    mine = select(IncidentAlert.alert_id, IncidentAlert.incident_id).where(
        IncidentAlert.organization_id == acme.id, IncidentAlert.unlinked_at.is_(None)
    )
    return {row.alert_id: row.incident_id for row in await session.execute(mine)}


async def test_it_moves_what_was_named_and_that_is_at_home_there(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    alerts = await alerts_of(session, acme, 3, techniques=["T1110"])
    old = await opened_of(page, *alerts, tlp="green", pap="green", severity=4)
    named = await fill(session, acme, old)
    before = await places(session, acme)
    reply = await act(page, old, "split", of(*alerts[:2], **named))
    assert reply.status_code == 200, reply.text
    made = reply.json()
    new = made["split_off"]
    assert (new["number"], new["title"], new["status"]) == (2, "Another one", "open")
    assert (new["severity"], new["tlp"], new["pap"], new["techniques"]) == (4, "green", "green", ["T1110"])
    assert (new["alerts_count"], made["incident"]["alerts_count"]) == (2, 1)
    assert new["received_at"] == made["incident"]["received_at"]
    gone = {UUID(one) for some in named.values() for one in some}
    after = await places(session, acme)
    home, away = UUID(old["id"]), UUID(new["id"])
    assert after == {one: (away if one in gone else home, None) for one in before}
    assert await open_links(session, acme) == {alerts[0].id: away, alerts[1].id: away, alerts[2].id: home}
    rows = await session.execute(select(Alert.id, Alert.incident_id).where(Alert.organization_id == acme.id))
    assert {row.id: row.incident_id for row in rows} == await open_links(session, acme)
    await done(page, old, "merge", {"incident_ids": [new["id"]]})
    assert await places(session, acme) == {one: (home, away if one in gone else None) for one in before}
    assert set((await open_links(session, acme)).values()) == {home}
    third = await opened_of(page)
    await done(page, old, "unmerge", {"incident_id": new["id"]})
    assert await places(session, acme) == after
    await done(page, third, "merge", {"incident_ids": [new["id"]]})
    await done(page, third, "unmerge", {"incident_id": new["id"]})
    assert await places(session, acme) == after, "from wherever it is merged into"
    custody = (await session.scalars(select(EvidenceCustody).order_by(EvidenceCustody.id))).all()
    told = [(one.action, one.details) for one in custody if str(one.evidence_id) in named["evidence_ids"]]
    assert [(one["from"], one["to"]) for _, one in told] == [(1, 2), (2, 1), (1, 2), (2, 3), (3, 2)]
    assert {action for action, _ in told} == {"moved"}


async def test_both_tell_of_it(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 2)
    old = await opened_of(page, *alerts)
    new = (await act(page, old, "split", of(alerts[0]))).json()["split_off"]
    for incident, other in ((old, new), (new, old)):
        entries = select(IncidentEntry).where(
            IncidentEntry.incident_id == incident["id"], IncidentEntry.kind == "split"
        )
        (entry,) = await session.scalars(entries)
        assert f"#{other['number']}" in entry.message
        audited = select(AuditEntry).where(
            AuditEntry.object_id == UUID(incident["id"]), AuditEntry.action == "incident.split"
        )
        (audit,) = await session.scalars(audited)
        assert (audit.details["other_id"], audit.details["reason"]) == (other["id"], "Not the same")
    (link,) = await session.scalars(select(IncidentLink).where(IncidentLink.incident_id == new["id"]))
    assert (str(link.other_id), link.relation) == (old["id"], "split_from")


async def test_who_sees_the_old_one_sees_the_new_one(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann, bob = [await make_person(session, acme, "analyst") for _ in range(2)]
    alerts = await alerts_of(session, acme, 2)
    old = await opened_of(page, *alerts, restricted=True, assignee_id=str(ann.id))
    await session.execute(
        Incident.__table__.update().where(Incident.id == UUID(old["id"])).values(legal_hold=True)  # type: ignore[attr-defined]
    )
    await session.commit()
    new = (await act(page, old, "split", of(alerts[0]))).json()["split_off"]
    assert (new["restricted"], new["assignee_id"], new["legal_hold"]) == (True, str(ann.id), True)
    assert (await (await page_of(api, ann)).get(f"incidents/{new['id']}")).status_code == 200
    stranger = await page_of(api, bob)
    assert (await stranger.get(f"incidents/{new['id']}")).status_code == 404
    assert (await act(stranger, old, "split", of(alerts[1]))).status_code == 404


async def test_two_at_once(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 3)
    old = await opened_of(page, *alerts)
    named = await fill(session, acme, old)
    seen = f'"{(await shown(page, old))["revision"]}"'
    replies = await asyncio.gather(*(act(page, old, "split", of(one), seen=seen) for one in alerts[:2]))
    assert sorted(one.status_code for one in replies) == [200, 412]
    same = of(alerts[2], **named)
    replies = await asyncio.gather(*(act(page, old, "split", same) for _ in range(2)))
    assert sorted(one.status_code for one in replies) == [200, 409]
    (refused,) = [one.json() for one in replies if one.status_code == 409]
    assert (refused["code"], refused["part"], refused["ids"]) == ("not_in_incident", "alert_ids", [str(alerts[2].id)])
    numbers = await session.scalars(
        select(Incident.number).where(Incident.organization_id == acme.id).order_by(Incident.number)
    )
    assert numbers.all() == [1, 2, 3], "what was refused takes no number"


async def test_all_or_nothing(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 2)
    old, elsewhere = await opened_of(page, *alerts), await opened(page)
    named, foreign = await fill(session, acme, old), await fill(session, acme, elsewhere)
    before = await places(session, acme)
    for part in foreign:
        refused = await act(page, old, "split", of(alerts[0], **(named | {part: foreign[part]})))
        assert (refused.status_code, refused.json()["code"]) == (409, "not_in_incident"), part
        assert (refused.json()["part"], refused.json()["ids"]) == (part, foreign[part])
    loose = await make_alert(session, acme)
    assert (await act(page, old, "split", of(alerts[0], loose))).json()["ids"] == [str(loose.id)]
    assert await places(session, acme) == before
    assert set((await open_links(session, acme)).values()) == {UUID(old["id"])}
    assert (await act(page, old, "split", of())).status_code == 422
    reply = await page.post(f"incidents/{old['id']}/split", of(alerts[0]))
    assert reply.status_code == 428


async def test_when_it_is_refused(page: Page, acme: Tenant, session: AsyncSession) -> None:
    await set_review(session, acme, from_severity=3)
    alerts = await alerts_of(session, acme, 1)
    old = await opened_of(page, *alerts)
    await done(page, old, "review", {"verdict": "true_positive", "reason": "attack"})
    assert (await act(page, old, "split", of(*alerts))).json()["code"] == "in_review"
    await done(page, old, "review/withdraw")
    await set_review(session, acme, from_severity=None, false_positive_from=None)
    await done(page, old, "close", {"verdict": "true_positive", "reason": "attack"})
    assert (await act(page, old, "split", of(*alerts))).json()["code"] == "incident_closed"
    target, source = await opened(page), await opened_of(page, *await alerts_of(session, acme, 1))
    await done(page, target, "merge", {"incident_ids": [source["id"]]})
    assert (await act(page, source, "split", of(*alerts))).json()["code"] == "incident_merged"
