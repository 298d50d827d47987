"""What people do to hand a shift over: draft, items, signing, accepting, and the work that moves with it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.handovers import moving, queries
from shared import clock
from shared.models import Alert, AuditEntry, Incident, IncidentEntry, Notification, Suppression, User
from tests.integration.api.calling import Api
from tests.integration.api.incidents import alerts_of, done, opened, opened_of, set_review, shown
from tests.integration.api.rows import Tenant, make_alert, make_person, make_sensor
from tests.integration.api.signed_in import Page, page_of

HOUR = timedelta(hours=1)


@pytest.fixture
async def ada(acme: Tenant, session: AsyncSession) -> User:
    """Who goes."""
    return await make_person(session, acme, "analyst", name="Ada")


@pytest.fixture
async def ben(acme: Tenant, session: AsyncSession) -> User:
    """Who comes."""
    return await make_person(session, acme, "analyst", name="Ben")


@pytest.fixture
async def adas(api: Api, ada: User) -> AsyncIterator[Page]:
    yield await page_of(api, ada)


@pytest.fixture
async def bens(api: Api, ben: User) -> AsyncIterator[Page]:
    yield await page_of(api, ben)


async def drafted(page: Page, **values: Any) -> dict[str, Any]:
    reply = await page.post("handovers", {"shift": "Night"} | values)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def step(
    page: Page, handover: dict[str, Any], action: str, body: Any = None, *, method: str = "POST", seen: str = "*"
) -> Response:
    path = f"handovers/{handover['id']}{action}"
    return await page.call(method, path, json=body, headers={"If-Match": seen})


async def taken(page: Page, handover: dict[str, Any], action: str, body: Any = None, **more: Any) -> dict[str, Any]:
    reply = await step(page, handover, action, body, **more)
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


def refusal(reply: Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


def numbers(some: dict[str, Any]) -> list[int]:
    return [one["number"] for one in some["items"]]


async def back_to(session: AsyncSession, incident: dict[str, Any], age: timedelta) -> None:
    row = await session.get_one(Incident, incident["id"])
    row.received_at = row.created_at = clock.now() - age
    await session.commit()


async def test_from_draft_to_accepted(
    *, adas: Page, bens: Page, ada: User, ben: User, acme: Tenant, session: AsyncSession
) -> None:
    first, second = await opened(adas), await opened(adas)
    draft = await drafted(adas, notes="**Quiet**")
    assert (draft["status"], draft["outgoing_id"], draft["incoming_id"]) == ("draft", str(ada.id), None)
    items = [{"incident_id": second["id"], "next_step": "Call the provider"}, {"incident_id": first["id"]}]
    written = await taken(adas, draft, "/items", {"items": items}, method="PUT")
    assert [(one["number"], one["next_step"]) for one in written["items"]] == [(2, "Call the provider"), (1, "")]
    refused = await step(adas, draft, "/sign")
    assert refusal(refused) == (409, "handover_incomplete")
    assert refused.json()["missing"] == ["incoming person", "next step of #1"]
    items[1]["next_step"] = "Wait for the image"
    await taken(adas, draft, "/items", {"items": items}, method="PUT")
    assert refusal(await step(adas, draft, "", {"incoming_id": str(ada.id)}, method="PATCH")) == (422, "two_needed")
    changed = await taken(adas, draft, "", {"incoming_id": str(ben.id), "notes": "Busy"}, method="PATCH")
    assert (changed["notes"], changed["shift"]) == ("Busy", "Night")
    assert refusal(await step(bens, draft, "/accept", {})) == (409, "handover_not_signed")
    assert refusal(await step(bens, draft, "/sign")) == (403, "not_the_outgoing")
    signed = await taken(adas, draft, "/sign", seen=f'"{changed["revision"]}"')
    assert (signed["status"], signed["signed_at"] is not None) == ("signed", True)
    for action, body, method in (
        ("", {"notes": "x"}, "PATCH"),
        ("/items", {"items": []}, "PUT"),
        ("/sign", None, "POST"),
    ):
        assert refusal(await step(adas, draft, action, body, method=method)) == (409, "handover_signed")
    assert refusal(await step(adas, draft, "/accept", {})) == (403, "not_the_incoming")
    accepted = await taken(bens, draft, "/accept", {})
    assert (accepted["status"], accepted["moved"]["incidents"]) == ("accepted", 0)
    assert (await shown(bens, first))["assignee_id"] is None
    assert refusal(await step(bens, draft, "/accept", {})) == (409, "handover_accepted")
    assert refusal(await step(adas, draft, "", {"incoming_id": None}, method="PATCH")) == (409, "handover_accepted")
    audited = select(AuditEntry.action).where(AuditEntry.object_id == draft["id"]).order_by(AuditEntry.id)
    actions = [action.removeprefix("handover.") for action in await session.scalars(audited)]
    assert actions == ["created", "items_written", "items_written", "changed", "signed", "accepted"]


async def test_a_change_is_made_to_what_its_caller_saw(adas: Page, ben: User) -> None:
    draft = await drafted(adas, incoming_id=str(ben.id))
    assert refusal(await adas.post(f"handovers/{draft['id']}/sign")) == (428, "if_match_needed")
    await taken(adas, draft, "", {"notes": "x"}, method="PATCH", seen='"1"')
    for action, body, method in (("", {}, "PATCH"), ("/items", {"items": []}, "PUT"), ("/sign", None, "POST")):
        assert (await step(adas, draft, action, body, method=method, seen='"1"')).status_code == 412
    same = await taken(adas, draft, "", {"notes": "x"}, method="PATCH", seen='"2"')
    assert same["revision"] == 2, "what changes nothing leaves nothing"


async def test_who_takes_over_may_be_another_until_it_is_accepted(
    *, api: Api, adas: Page, ben: User, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    draft = await drafted(adas, incoming_id=str(ben.id))
    await taken(adas, draft, "/sign")
    cleo = await make_person(session, acme, "analyst")
    stranger = await make_person(session, other, "analyst")
    refused = await step(adas, draft, "", {"incoming_id": str(stranger.id)}, method="PATCH")
    assert refusal(refused) == (422, "unknown_person")
    assert refusal(await step(adas, draft, "", {"incoming_id": None}, method="PATCH")) == (409, "handover_signed")
    await taken(adas, draft, "", {"incoming_id": str(cleo.id)}, method="PATCH")
    assert refusal(await step(await page_of(api, ben), draft, "/accept", {})) == (403, "not_the_incoming")
    assert (await taken(await page_of(api, cleo), draft, "/accept", {}))["status"] == "accepted"


async def test_only_a_person_hands_over(api: Api, acme: Tenant) -> None:
    assert refusal(await api.post("handovers", {"shift": "Night"})) == (409, "not_a_person")


async def test_the_snapshot_is_of_the_moment_it_was_made(
    adas: Page, bens: Page, ben: User, acme: Tenant, session: AsyncSession
) -> None:
    await set_review(session, acme, from_severity=5)
    old, held, asked, new = [await opened(adas, severity=one) for one in (2, 3, 5, 4)]
    await back_to(session, old, timedelta(days=8))
    await back_to(session, held, timedelta(days=2))
    await done(adas, held, "transition", {"to": "on_hold", "reason": "The provider"})
    await done(adas, asked, "review", {"verdict": "true_positive", "reason": "attack", "comment": ""})
    ended = await opened(adas)
    normal = {"expected_interval": timedelta(minutes=5)}
    await make_sensor(session, acme, name="quiet", last_seen_at=clock.now() - HOUR, **normal)
    await make_sensor(session, acme, name="heard", last_seen_at=clock.now(), **normal)
    for name, hours in (("soon", 23), ("later", 25)):
        session.add(
            Suppression(
                organization_id=acme.id, name=name, query="rule.id:1", reason="x", mode="active",
                starts_at=clock.now() - HOUR, ends_at=clock.now() + hours * HOUR,
            )
        )  # fmt: skip
    await session.commit()
    draft = await drafted(adas, incoming_id=str(ben.id))
    there = draft["snapshot"]
    assert numbers(there["new"]) == [asked["number"], new["number"], ended["number"]]
    assert numbers(there["over_age"]) == [old["number"]]
    assert numbers(there["waiting"]) == [asked["number"], held["number"]]
    assert [one["name"] for one in there["silent_sensors"]["items"]] == ["quiet"]
    assert [one["name"] for one in there["ending_suppressions"]["items"]] == ["soon"]
    await opened(adas)
    again = (await adas.get(f"handovers/{draft['id']}")).json()
    assert again["snapshot"] == there
    # One that was not signed begins no new span; one that was does, at its snapshot.
    assert len((await drafted(adas))["snapshot"]["new"]["items"]) == 4
    await taken(adas, draft, "/sign")
    following = (await drafted(bens))["snapshot"]
    assert len(following["new"]["items"]) == 1
    assert following["since"] == draft["created_at"]


async def test_lists_are_bounded(adas: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SHOWN", 2)
    for _ in range(5):
        await opened(adas)
    new = (await drafted(adas))["snapshot"]["new"]
    assert (len(new["items"]), new["more"]) == (2, 3)


async def test_restricted_incidents_stay_with_their_members(
    adas: Page, bens: Page, ben: User, session: AsyncSession
) -> None:
    secret = await opened(adas, title="Secret", restricted=True)
    later = await opened(adas, title="Later secret")
    both = [{"incident_id": one["id"], "next_step": f"Do {one['title']}"} for one in (secret, later)]
    draft = await drafted(adas, incoming_id=str(ben.id))
    assert numbers(draft["snapshot"]["new"]) == [later["number"]]
    assert len((await taken(adas, draft, "/items", {"items": both}, method="PUT"))["items"]) == 2
    await done(adas, later, "restrict", {"restricted": True})
    path = f"handovers/{draft['id']}"
    theirs = await bens.get(path)
    assert theirs.json()["items"] == []
    assert "secret" not in theirs.text.lower()
    assert numbers((await adas.get(path)).json()["snapshot"]["new"]) == [later["number"]]
    mine = await drafted(bens)
    refused = await step(bens, mine, "/items", {"items": [{"incident_id": secret["id"]}]}, method="PUT")
    assert refusal(refused) == (404, "incident_not_found")
    await done(adas, secret, "assign", {"assignee_id": (await adas.get("auth/session")).json()["user"]["id"]})
    await taken(adas, draft, "/sign")
    accepted = await taken(bens, draft, "/accept", {"move_work": True})
    assert accepted["moved"] == {"incidents": 0, "alerts": 0, "left_incidents": 0, "left_alerts": 0}
    assert (await shown(adas, secret))["assignee_id"] == draft["outgoing_id"]


async def test_open_work_moves_in_one_go(
    *, adas: Page, bens: Page, ada: User, ben: User, acme: Tenant, session: AsyncSession
) -> None:
    linked = await alerts_of(session, acme, 2)
    mine = await opened_of(adas, *linked)
    before = await done(adas, mine, "transition", {"to": "investigating"})
    ended = await opened(adas, severity=1)
    await done(adas, ended, "close", {"verdict": "true_positive", "reason": "attack"})
    someone = await make_person(session, acme)
    others = await opened(adas, assignee_id=str(someone.id))
    loose = await make_alert(session, acme, status="in_progress", assignee_id=ada.id)
    closed = await make_alert(session, acme, status="closed", closed_at=clock.now(), assignee_id=ada.id)
    draft = await drafted(adas, incoming_id=str(ben.id))
    await taken(adas, draft, "/sign")
    accepted = await taken(bens, draft, "/accept", {"move_work": True})
    assert accepted["moved"] == {"incidents": 1, "alerts": 3, "left_incidents": 0, "left_alerts": 0}
    for alert, owner in ((linked[0], ben), (linked[1], ben), (loose, ben), (closed, ada)):
        await session.refresh(alert)
        assert alert.assignee_id == owner.id
    moved = await shown(bens, mine)
    assert (moved["assignee_id"], moved["revision"]) == (str(ben.id), before["revision"] + 1)
    assert (await shown(bens, others))["assignee_id"] == str(someone.id)
    assert (await shown(bens, ended))["assignee_id"] == str(ada.id)
    said = select(IncidentEntry.message).where(
        IncidentEntry.incident_id == mine["id"], IncidentEntry.kind == "assigned"
    )
    assert list(await session.scalars(said)) == ["Handed over: Night"]
    audited = select(AuditEntry).where(AuditEntry.object_id == loose.id)
    (entry,) = (await session.scalars(audited)).all()
    assert (entry.action, entry.details) == ("alert.assigned", {"handover_id": draft["id"]})
    assert entry.changes == {"assignee_id": [str(ada.id), str(ben.id)]}


async def test_both_are_told_and_accepting_needs_no_body(
    *, adas: Page, bens: Page, ada: User, ben: User, acme: Tenant, session: AsyncSession
) -> None:
    first, alert = await opened(adas, assignee_id=str(ada.id)), await make_alert(session, acme, assignee_id=ada.id)
    cy = await make_person(session, acme, "analyst", name="Cy")

    async def told() -> list[tuple[str, UUID | None, str]]:
        kinds = select(Notification).where(
            Notification.organization_id == acme.id, Notification.kind.like("handover.%")
        )
        rows = await session.scalars(kinds.order_by(Notification.id))
        return [(one.kind, one.user_id, one.subject) for one in rows]

    draft = await drafted(adas, incoming_id=str(cy.id))
    assert await told() == [], "it may still be written"
    await taken(adas, draft, "/sign")
    await taken(adas, draft, "", {"incoming_id": str(ben.id)}, method="PATCH")
    waiting = [("handover.waiting", one.id, "Ada hands over to you: Night") for one in (cy, ben)]
    assert await told() == waiting
    accepted = await taken(bens, draft, "/accept")
    assert accepted["moved"]["incidents"] == 0
    assert await told() == [*waiting, ("handover.accepted", ada.id, "Ben took over: Night")]
    again = await drafted(adas, shift="Day", incoming_id=str(ben.id))
    await taken(adas, again, "/sign")
    await taken(bens, again, "/accept", {"move_work": True})
    said = "Ben took over, with 1 incident and 1 alert: Day"
    assert (await told())[-1] == ("handover.accepted", ada.id, said)
    assert (await shown(bens, first))["assignee_id"] == str(ben.id)
    await session.refresh(alert)
    assert alert.assignee_id == ben.id


async def test_what_is_beyond_the_most_stays_and_is_told(
    *,
    adas: Page,
    bens: Page,
    ada: User,
    ben: User,
    acme: Tenant,
    session: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moving, "MOST", 2)
    alerts = [await make_alert(session, acme, assignee_id=ada.id, risk=risk) for risk in (20, 60, 40)]
    for severity in (3, 1, 5):
        await opened(adas, severity=severity, assignee_id=str(ada.id))
    draft = await drafted(adas, incoming_id=str(ben.id))
    await taken(adas, draft, "/sign")
    accepted = await taken(bens, draft, "/accept", {"move_work": True})
    assert accepted["moved"] == {"incidents": 2, "alerts": 2, "left_incidents": 1, "left_alerts": 1}
    left = select(Alert.id).where(Alert.assignee_id == ada.id)
    assert list(await session.scalars(left)) == [alerts[0].id]
    kept = select(Incident.severity).where(Incident.assignee_id == ada.id)
    assert list(await session.scalars(kept)) == [1]


async def test_what_waits_for_its_reviewer_stays_with_whoever_worked_on_it(
    *, api: Api, adas: Page, acme: Tenant, session: AsyncSession
) -> None:
    lead = await make_person(session, acme, "lead")
    leads = await page_of(api, lead)
    waits, free = [await opened(leads, severity=5, assignee_id=str(lead.id)) for _ in range(2)]
    await done(adas, waits, "review", {"verdict": "true_positive", "reason": "attack", "comment": ""})
    draft = await drafted(leads, incoming_id=(await adas.get("auth/session")).json()["user"]["id"])
    await taken(leads, draft, "/sign")
    accepted = await taken(adas, draft, "/accept", {"move_work": True})
    assert accepted["moved"] == {"incidents": 1, "alerts": 0, "left_incidents": 1, "left_alerts": 0}
    assert (await shown(adas, free))["assignee_id"] == draft["incoming_id"]
    assert (await shown(leads, waits))["assignee_id"] == str(lead.id)
    reply = await leads.post(
        f"incidents/{waits['id']}/review/decide", {"decision": "approved"}, headers={"If-Match": "*"}
    )
    assert refusal(reply) == (403, "not_the_reviewer"), "it is theirs"


async def test_listed_by_pages_and_made_once(adas: Page, bens: Page, api: Api, other: Tenant) -> None:
    made = [await drafted(adas, shift=f"Shift {number}") for number in range(3)]
    first = (await bens.get("handovers", params={"limit": 2})).json()
    rest = (await bens.get("handovers", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["shift"] for one in first["items"] + rest["items"]] == ["Shift 2", "Shift 1", "Shift 0"]
    assert rest["next_cursor"] is None
    key = {"Idempotency-Key": "k"}
    once, twice = [await adas.post("handovers", {"shift": "Day"}, headers=key) for _ in range(2)]
    assert once.json() == twice.json()
    stranger = api.as_(other.token)
    assert (await stranger.get(f"handovers/{made[0]['id']}")).status_code == 404
    assert (await stranger.get("handovers")).json()["items"] == []


async def test_items_name_each_incident_once(adas: Page) -> None:
    incident, draft = await opened(adas), await drafted(adas)
    twice = {"items": [{"incident_id": incident["id"]}] * 2}
    assert (await step(adas, draft, "/items", twice, method="PUT")).status_code == 422
