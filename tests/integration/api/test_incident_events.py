"""Events copied into an incident: picked by people, read when their day is gone, found out when they were changed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import picking
from shared import clock, ids
from shared.domain.incident import KEPT_EVENTS
from shared.domain.permissions import Permission
from shared.models import Alert, AuditEntry, Event, Incident, IncidentEvent, Membership, OutboxMessage
from shared.normalise.body import pack_body
from tests.integration.api.calling import Api
from tests.integration.api.incidents import CLOSING, act, done, opened, opened_of
from tests.integration.api.rows import Tenant, make_alert, make_event, make_person, make_token
from tests.integration.api.signed_in import Page, page_of

DOCUMENT = {"alert": {"title": "A scan", "severity_id": 4}, "source": {"ip": ["10.0.0.1"]}}
RECORD = b'{"as": "it came"}'


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def make(session: AsyncSession, tenant: Tenant, **values: Any) -> Event:
    return await make_event(session, tenant, body=pack_body(orjson.dumps(DOCUMENT), RECORD), **values)


async def picked(page: Page, incident: dict[str, Any], *events: Event, **more: Any) -> dict[str, Any]:
    reply = await page.post(f"incidents/{incident['id']}/events", {"event_ids": [str(one.id) for one in events]} | more)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


async def copies(page: Page, incident: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    reply = await page.get(f"incidents/{incident['id']}/events", params=params)
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def copy_all(session: AsyncSession, incident: dict[str, Any], *events: Event) -> None:
    """As the follower does."""
    session.add_all(
        IncidentEvent(
            organization_id=one.organization_id,
            incident_id=incident["id"],
            event_id=one.id,
            event_kind=one.kind,
            alert_id=one.alert_id,
            time=one.time,
            received_at=one.received_at,
            sensor_id=one.sensor_id,
            body=one.body,
            sha256=hashlib.sha256(one.body).digest(),
        )
        for one in events
    )
    await session.commit()


async def test_events_are_picked_once_and_the_audit_and_the_timeline_know(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    me = (await page.get("auth/session")).json()["user"]["id"]
    alert = await make_alert(session, acme)
    seen = [await make(session, acme, time=clock.now() - timedelta(minutes=one)) for one in (1, 2)]
    folded = await make(session, acme, alert_id=alert.id)
    telemetry = await make(session, acme, kind="telemetry")
    incident = await opened(page)
    count = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "incident")
    told = await session.scalar(count) or 0
    assert await picked(page, incident, *seen, note="Look at these") == {"changed": 2, "unchanged": 0}
    assert await picked(page, incident, *seen, *seen, folded, telemetry) == {"changed": 2, "unchanged": 2}
    assert await picked(page, incident, folded) == {"changed": 0, "unchanged": 1}
    assert await session.scalar(count) == told + 2, "what changes nothing tells nothing"
    one, *_ = listed = await copies(page, incident)
    assert [each["event_id"] for each in listed] == [str(each.id) for each in (seen[1], seen[0], folded, telemetry)]
    assert (one["title"], one["severity"], one["picked"], one["picked_by_id"]) == ("A scan", 4, True, me)
    assert (one["sha256"], one["intact"]) == (hashlib.sha256(seen[1].body).hexdigest(), True)
    assert [each["kind"] for each in listed] == ["alert"] * 3 + ["telemetry"]
    assert "document" not in one
    assert [each["alert_id"] for each in listed] == [None, None, str(alert.id), None]
    rows = select(AuditEntry).where(AuditEntry.object_id == incident["id"]).order_by(AuditEntry.id)
    entries = [each for each in await session.scalars(rows) if each.action == "incident.events_picked"]
    assert [(each.details["count"], each.details["note"]) for each in entries] == [(2, "Look at these"), (2, None)]
    assert set(entries[0].details["event_ids"]) == {str(each.id) for each in seen}
    timeline = (await page.get(f"incidents/{incident['id']}/timeline", params={"kind": "events_picked"})).json()
    assert [each["message"] for each in timeline["items"]] == ["2 events picked: Look at these", "2 events picked"]


async def test_an_incident_is_opened_of_alerts_and_events(
    page: Page, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    mine, theirs = await make(session, acme, alert_id=alert.id), await make(session, other)
    incident = await opened_of(page, alert, event_ids=[str(mine.id)])
    assert [(one["event_id"], one["picked"]) for one in await copies(page, incident)] == [(str(mine.id), True)]
    assert (incident["alerts_count"], incident["revision"]) == (1, 2)
    alone = await opened(page, event_ids=[str(mine.id)])
    assert len(await copies(page, alone)) == 1, "an event may prove something in two incidents"
    numbers = select(func.count()).select_from(Incident).where(Incident.organization_id == acme.id)
    refused = await page.post("incidents", {"title": "No", "event_ids": [str(theirs.id)]})
    assert (refused.status_code, refused.json()["code"]) == (404, "event_not_found")
    assert await session.scalar(numbers) == 2


async def test_a_list_is_cut_in_its_order_and_narrowed(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert, incident, at = await make_alert(session, acme), await opened(page), clock.now()
    alert_id = alert.id
    by_hand = [await make(session, acme, time=at) for _ in range(3)]
    followed = [await make(session, acme, alert_id=alert_id, time=at - timedelta(seconds=one)) for one in range(2)]
    await picked(page, incident, *by_hand)
    await copy_all(session, incident, *followed)
    walked, cursor = [], None
    while True:
        more = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        reply = (await page.get(f"incidents/{incident['id']}/events", params=more)).json()
        walked += [one["event_id"] for one in reply["items"]]
        if (cursor := reply["next_cursor"]) is None:
            break
    order = sorted((*by_hand, *followed), key=lambda one: (one.time, one.id))
    assert walked == [str(one.id) for one in order]
    assert len(await copies(page, incident, alert_id=str(alert_id))) == 2
    assert len(await copies(page, incident, picked="false")) == 2
    assert len(await copies(page, incident, picked="true")) == 3
    assert await picked(page, incident, followed[0]) == {"changed": 1, "unchanged": 0}, "what was copied is picked now"
    assert len(await copies(page, incident, picked="true")) == 4


async def test_a_copy_is_read_when_the_day_of_its_event_was_dropped(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    time = clock.now() - timedelta(days=40)
    event, incident = await make(session, acme, time=time), await opened(page)
    event_id, day = event.id, time.replace(hour=0, minute=0, second=0, microsecond=0)
    await picked(page, incident, event)
    assert (await page.get(f"events/{event_id}")).status_code == 200
    assert await session.scalar(text("SELECT drop_period('alert', :day)"), {"day": day})
    await session.commit()
    assert (await page.get(f"events/{event_id}")).status_code == 404
    gone = await page.post(f"incidents/{incident['id']}/events", {"event_ids": [str(event_id)]})
    assert (gone.status_code, gone.json()["code"]) == (404, "event_not_found")
    (listed,) = await copies(page, incident)
    path = f"incidents/{incident['id']}/events/{listed['id']}"
    plain = (await page.get(path)).json()
    assert (plain["document"], plain["intact"], plain["original"]) == (DOCUMENT, True, None)
    whole = (await page.get(path, params={"original": "true"})).json()
    assert (whole["original"].encode(), whole["original_encoding"]) == (RECORD, "utf-8")
    read = select(AuditEntry).where(AuditEntry.action == "incident.event_original_read")
    (entry,) = await session.scalars(read.where(AuditEntry.object_id == incident["id"]))
    assert entry.details["event_id"] == str(event_id)


@pytest.mark.parametrize("changed", [pack_body(b'{"alert": {"title": "Nothing"}}', b"{}"), b"no frame", b""])
async def test_a_copy_that_was_changed_is_found_out_and_not_shown(
    page: Page, acme: Tenant, session: AsyncSession, changed: bytes
) -> None:
    one, two = await make(session, acme), await make(session, acme)
    sha256 = hashlib.sha256(one.body).hexdigest()
    incident = await opened(page)
    await picked(page, incident, one, two)
    await session.execute(update(IncidentEvent).where(IncidentEvent.event_id == one.id).values(body=changed))
    await session.commit()
    bad, good = sorted(await copies(page, incident), key=lambda each: bool(each["intact"]))
    assert (bad["event_id"], bad["intact"], bad["title"], bad["sha256"]) == (str(one.id), False, None, sha256)
    assert (good["intact"], good["title"]) == (True, "A scan")
    shown = (await page.get(f"incidents/{incident['id']}/events/{bad['id']}", params={"original": "true"})).json()
    assert (shown["intact"], shown["document"], shown["original"]) == (False, None, None)


async def test_a_body_that_was_damaged_before_it_was_copied_is_no_mistake_of_the_callers(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    event, incident = await make_event(session, acme, body=b"no frame"), await opened(page)
    await picked(page, incident, event)
    (copy,) = await copies(page, incident)
    assert (copy["intact"], copy["title"]) == (True, None)
    reply = await page.get(f"incidents/{incident['id']}/events/{copy['id']}")
    assert (reply.status_code, reply.json()["code"]) == (500, "body_unreadable")


async def test_events_and_copies_of_others_do_not_exist(
    page: Page, api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    mine, theirs = await make(session, acme), await make(session, other)
    incident = await opened(page)
    path = f"incidents/{incident['id']}/events"
    refused = await page.post(path, {"event_ids": [str(mine.id), str(theirs.id)]})
    assert (refused.status_code, refused.json()["code"]) == (404, "event_not_found")
    assert await copies(page, incident) == [], "none or all"
    await picked(page, incident, mine)
    (copy,) = await copies(page, incident)
    stranger = await page_of(api, await make_person(session, other, "admin"))
    elsewhere = await opened(page)
    for caller, at in ((stranger, path), (page, f"incidents/{elsewhere['id']}/events")):
        for reply in (await caller.get(f"{at}/{copy['id']}"), await caller.delete(f"{at}/{copy['id']}")):
            assert reply.status_code == 404
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(path, {"event_ids": [str(theirs.id)]})).status_code == 404


async def test_in_two_organizations_an_event_stays_in_its_own(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    person = await make_person(session, acme, "analyst")
    session.add(Membership(user_id=person.id, organization_id=other.id, role="analyst"))
    await session.commit()
    page = await page_of(api, person)
    theirs = await make(session, other)
    incident = await opened(page, organization_id=str(acme.id))
    refused = await page.post(f"incidents/{incident['id']}/events", {"event_ids": [str(theirs.id)]})
    assert (refused.status_code, refused.json()["code"]) == (404, "event_not_found")
    there = await opened(page, event_ids=[str(theirs.id)])
    assert there["organization_id"] == str(other.id), "where its events are"


async def test_who_may_not_read_events_picks_none(api: Api, acme: Tenant, session: AsyncSession) -> None:
    scopes = (Permission.INCIDENTS_READ, Permission.INCIDENTS_WRITE)
    caller = api.as_(await make_token(session, acme.id, *scopes))
    event = await make(session, acme)
    incident = (await caller.post("incidents", {"title": "By a token"})).json()
    wanted = {"event_ids": [str(event.id)]}
    for path, body in ((f"incidents/{incident['id']}/events", wanted), ("incidents", wanted | {"title": "x"})):
        reply = await caller.post(path, body)
        assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted")


async def test_what_is_hidden_leaves_no_trace(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    alert = await make_alert(session, acme)
    alert_id = alert.id
    event = await make(session, acme, alert_id=alert_id)
    secret = await opened_of(lead, alert, restricted=True)
    await picked(lead, secret, event)
    (copy,) = await copies(lead, secret)
    path = f"incidents/{secret['id']}/events"
    for reply in (
        await page.get(path),
        await page.get(f"{path}/{copy['id']}"),
        await page.delete(f"{path}/{copy['id']}"),
        await page.post(path, {"event_ids": [str(event.id)]}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (404, "incident_not_found")
    known = await opened(page)
    await picked(page, known, event)
    (shown,) = await copies(page, known)
    assert shown["alert_id"] is None, "its alert is in an incident that the caller must not know of"
    assert (await page.get(f"incidents/{known['id']}/events/{shown['id']}")).json()["alert_id"] is None
    assert await copies(page, known, alert_id=str(alert_id)) == []
    assert (await copies(lead, known, alert_id=str(alert_id)))[0]["alert_id"] == str(alert_id)


async def test_only_what_was_picked_is_let_go_and_nothing_on_legal_hold(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    alert = await make_alert(session, acme)
    event, loose = await make(session, acme, alert_id=alert.id), await make(session, acme)
    stray = await make(session, acme, alert_id=(await make_alert(session, acme)).id)
    incident = await opened_of(page, alert)
    path = f"incidents/{incident['id']}/events"
    await picked(page, incident, event, loose, stray)
    by_event = {one["event_id"]: one["id"] for one in await copies(page, incident)}
    await done(lead, incident, "legal-hold", {"legal_hold": True})
    held = await page.delete(f"{path}/{by_event[str(loose.id)]}")
    assert (held.status_code, held.json()["code"]) == (409, "on_legal_hold")
    await done(lead, incident, "legal-hold", {"legal_hold": False})
    for one in (event, loose, stray):
        assert (await page.delete(f"{path}/{by_event[str(one.id)]}")).status_code == 204
    (kept,) = await copies(page, incident)
    assert (kept["event_id"], kept["picked"], kept["picked_by_id"]) == (str(event.id), False, None)
    again = await page.delete(f"{path}/{kept['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "not_picked")
    rows = select(AuditEntry.details).where(AuditEntry.action == "incident.event_let_go").order_by(AuditEntry.id)
    told = list(await session.scalars(rows.where(AuditEntry.object_id == incident["id"])))
    assert [one["kept"] for one in told] == [True, False, False]
    assert told[1]["sha256"] == hashlib.sha256(loose.body).hexdigest()


async def test_in_the_middle_of_an_alert_nothing_stays_that_was_not_picked(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    alert, at = await make_alert(session, acme), clock.now()
    incident = await opened_of(page, alert)
    alert_id = alert.id
    template = await make(session, acme, alert_id=alert_id)
    numbers = (*range(KEPT_EVENTS), *range(KEPT_EVENTS + 1, 2 * KEPT_EVENTS + 1))
    session.add_all(
        IncidentEvent(
            organization_id=acme.id, incident_id=incident["id"], event_id=ids.uuid7(), event_kind="alert",
            alert_id=alert_id, time=at + timedelta(seconds=number), received_at=at, sensor_id=ids.uuid7(),
            body=template.body, sha256=hashlib.sha256(template.body).digest(),
        )
        for number in numbers
    )  # fmt: skip
    await session.commit()
    middle = await make(session, acme, alert_id=alert_id, time=at + timedelta(seconds=KEPT_EVENTS))
    await picked(page, incident, middle)
    (copy,) = await copies(page, incident, picked="true")
    assert (await page.delete(f"incidents/{incident['id']}/events/{copy['id']}")).status_code == 204
    count = select(func.count()).select_from(IncidentEvent).where(IncidentEvent.incident_id == incident["id"])
    assert await session.scalar(count) == 2 * KEPT_EVENTS, "it is gone, and nothing else"


async def test_a_closed_or_merged_incident_takes_none(page: Page, acme: Tenant, session: AsyncSession) -> None:
    event = await make(session, acme)
    closed, merged, target = [await opened(page) for _ in range(3)]
    await picked(page, closed, event)
    (copy,) = await copies(page, closed)
    await done(page, closed, "close", CLOSING)
    await act(page, target, "merge", {"incident_ids": [merged["id"]]})
    for incident, code in ((closed, "incident_closed"), (merged, "incident_merged")):
        reply = await page.post(f"incidents/{incident['id']}/events", {"event_ids": [str(event.id)]})
        assert (reply.status_code, reply.json()["code"]) == (409, code)
    reply = await page.delete(f"incidents/{closed['id']}/events/{copy['id']}")
    assert (reply.status_code, reply.json()["code"]) == (409, "incident_closed")


async def test_there_is_an_end_to_picking(page: Page, acme: Tenant, session: AsyncSession) -> None:
    incident, event, last = await opened(page), await make(session, acme), await make(session, acme)
    too_many = {"event_ids": [str(ids.uuid7()) for _ in range(201)]}
    bad: list[dict[str, Any]] = [{"event_ids": []}, too_many, {"event_ids": [str(event.id)], "note": " "}]
    for body in bad:
        assert (await page.post(f"incidents/{incident['id']}/events", body)).status_code == 422
    await session.execute(
        text("""INSERT INTO incident_events (id, organization_id, incident_id, event_id, event_kind, picked, time,
                                             received_at, sensor_id, body, sha256)
                SELECT gen_random_uuid(), :home, :incident, gen_random_uuid(), 'alert', true, now(), now(), :home, '',
                       sha256('') FROM generate_series(1, :number)"""),
        {"home": acme.id, "incident": incident["id"], "number": picking.MAX_PICKED - 1},
    )
    await session.commit()
    await picked(page, incident, event)
    reply = await page.post(f"incidents/{incident['id']}/events", {"event_ids": [str(last.id)]})
    assert (reply.status_code, reply.json()["code"]) == (409, "too_many_events")
    count = select(func.count()).select_from(IncidentEvent).where(IncidentEvent.incident_id == incident["id"])
    assert await session.scalar(count) == picking.MAX_PICKED


async def test_who_picks_while_others_link_and_pick_waits_for_no_one_in_a_circle(
    page: Page, acme: Tenant, session: AsyncSession
) -> None:
    alerts = [await make_alert(session, acme) for _ in range(4)]
    events = [await make(session, acme, alert_id=one.id) for one in alerts]
    incident = await opened(page)
    wanted = {"event_ids": [str(one.id) for one in events]}
    linking = [{"alert_ids": [str(one.id)]} for one in alerts]
    replies = await asyncio.gather(
        *(page.post(f"incidents/{incident['id']}/events", wanted) for _ in range(4)),
        *(page.post(f"incidents/{incident['id']}/alerts", one) for one in linking),
    )
    assert [one.status_code for one in replies] == [200] * 8
    assert sum(one.json()["changed"] for one in replies[:4]) == 4
    linked = select(func.count()).select_from(Alert).where(Alert.incident_id == incident["id"])
    assert (len(await copies(page, incident)), await session.scalar(linked)) == (4, 4)
