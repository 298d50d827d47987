"""What people do to incidents over the API: open, move, assign, link, restrict, and what that leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.models import (
    AuditEntry,
    IncidentAlert,
    IncidentEntry,
    IncidentFollowing,
    IncidentPause,
    IncidentTemplate,
    Notification,
    OutboxMessage,
)
from tests.integration.api.calling import Api
from tests.integration.api.incidents import act, alerts_of, done, opened, opened_of, shown
from tests.integration.api.rows import Tenant, make_alert, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def me(page: Page) -> str:
    return str((await page.get("auth/session")).json()["user"]["id"])


async def test_opened_from_alerts(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alerts = await alerts_of(session, acme, 3)
    worst = await make_alert(session, acme, title="Worst", severity=4, techniques=["T1110", "T1021"])
    incident = await opened_of(page, worst, *alerts, title=None, severity=None)
    assert (incident["number"], incident["title"], incident["severity"]) == (1, "Worst", 4)
    assert (incident["status"], incident["tlp"], incident["pap"]) == ("open", "amber", "amber")
    assert (incident["alerts_count"], incident["techniques"]) == (4, ["T1021", "T1110"])
    assert incident["reporter_id"] == await me(page)
    detail = await shown(page, incident)
    assert (detail["counts"]["alerts"], detail["counts"]["open_alerts"]) == (4, 4)
    assert [one["kind"] for one in detail["missing"]] == []
    linked = (await page.get(f"incidents/{incident['id']}/alerts", params={"limit": 3})).json()
    rest = (await page.get(f"incidents/{incident['id']}/alerts", params={"cursor": linked["next_cursor"]})).json()
    shown_ids = {row["alert_id"] for row in linked["items"] + rest["items"]}
    assert shown_ids == {str(alert.id) for alert in (*alerts, worst)}
    for alert in (*alerts, worst):
        await session.refresh(alert)
        assert (alert.status, str(alert.incident_id)) == ("acknowledged", incident["id"])
        assert str(alert.assignee_id) == await me(page)
    assert (await opened(page))["number"] == 2


async def test_numbers_have_no_gaps_however_many_are_opened_at_once(page: Page, acme: Tenant) -> None:
    replies = await asyncio.gather(*(page.post("incidents", {"title": f"Nr. {one}"}) for one in range(12)))
    bad = await page.post("incidents", {"title": "x", "template_id": "01a21a80-8138-768d-bf91-998f849c82dd"})
    assert (bad.status_code, bad.json()["code"]) == (422, "unknown_template")
    after = await opened(page)
    numbers = sorted(reply.json()["number"] for reply in replies)
    assert [*numbers, after["number"]] == list(range(1, 14))


async def test_through_all_states_and_back(page: Page, acme: Tenant, session: AsyncSession) -> None:
    incident = await opened(page)
    at_work = await done(page, incident, "transition", {"to": "investigating"})
    assert (at_work["status"], at_work["assignee_id"]) == ("investigating", await me(page))
    assert at_work["acknowledged_at"] is not None
    contained = await done(page, incident, "transition", {"to": "contained"})
    assert contained["contained_at"] is not None
    refused = await act(page, incident, "transition", {"to": "on_hold"})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_needed")
    await done(page, incident, "transition", {"to": "on_hold", "reason": "Waiting for the provider"})
    running = (await session.scalars(select(IncidentPause))).all()
    assert [(one.kind, one.ended_at) for one in running if str(one.incident_id) == incident["id"]] == [("hold", None)]
    refused = await act(page, incident, "transition", {"to": "resolved"})
    assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")
    assert refused.json()["allowed"] == ["contained", "investigating", "open"]
    refused = await act(page, incident, "transition", {"to": "investigating"})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_needed"), "it goes back behind contained"
    back = await done(page, incident, "transition", {"to": "investigating", "reason": "It spreads"})
    assert back["contained_at"] == contained["contained_at"]
    again = await done(page, incident, "transition", {"to": "contained"})
    assert again["contained_at"] == contained["contained_at"], "the first entry sets the time"
    resolved = await done(page, incident, "transition", {"to": "resolved"})
    assert resolved["resolved_at"] is not None
    await done(page, incident, "transition", {"to": "investigating", "reason": "It came back"})
    assert (await shown(page, incident))["resolved_at"] is None
    await session.rollback()
    pauses = (await session.scalars(select(IncidentPause))).all()
    assert all(one.ended_at is not None for one in pauses if str(one.incident_id) == incident["id"])
    actions = await _audited(session, incident)
    assert actions == ["created", *["moved"] * 7]
    entries = (
        await session.scalars(
            select(IncidentEntry).where(IncidentEntry.incident_id == incident["id"]).order_by(IncidentEntry.id)
        )
    ).all()
    assert [entry.kind for entry in entries] == ["created", *["moved"] * 7]
    assert entries[3].message == "Now on hold: Waiting for the provider"


async def _audited(session: AsyncSession, incident: dict[str, Any]) -> list[str]:
    rows = select(AuditEntry.action).where(AuditEntry.object_id == incident["id"]).order_by(AuditEntry.id)
    return [action.removeprefix("incident.") for action in await session.scalars(rows)]


async def test_a_change_is_made_to_what_its_caller_saw(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    other = await page_of(api, await make_person(session, acme, "analyst"))
    incident = await opened(page)
    path = f"incidents/{incident['id']}"
    assert (await page.call("PATCH", path, json={"title": "x"})).json()["code"] == "if_match_needed"
    tag = (await page.get(path)).headers["etag"]
    first, second = await asyncio.gather(
        page.call("PATCH", path, json={"title": "Mine"}, headers={"If-Match": tag}),
        other.call("PATCH", path, json={"title": "Theirs"}, headers={"If-Match": tag}),
    )
    assert sorted((first.status_code, second.status_code)) == [200, 412]
    lost, won = sorted((first, second), key=lambda reply: -reply.status_code)
    assert lost.json()["current"]["title"] == won.json()["title"]
    assert lost.json()["current"]["revision"] == won.json()["revision"] == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer", "said"),
    [
        ("PATCH", "", {"title": None}, "#/title", "valid string"),
        ("PATCH", "", {"severity": None}, "#/severity", "severity"),
        ("PATCH", "", {"tlp": None}, "#/tlp", "red"),
        ("PATCH", "", {"fields": None}, "#/fields", "valid dictionary"),
        ("POST", "/transition", {"to": "closed"}, "#/to", "/incidents/{incident_id}/close"),
        ("POST", "/observables", {}, "#", "`observables`"),
    ],
)
async def test_what_means_nothing_is_told_in_words_that_help(
    *, method: str, path: str, body: dict[str, Any], pointer: str, said: str, page: Page
) -> None:
    path = f"incidents/{(await opened(page))['id']}{path}"
    refused = await page.call(method, path, json=body, headers={"If-Match": "*"})
    assert refused.status_code == 422, refused.text
    (error,) = refused.json()["errors"]
    assert error["pointer"] == pointer
    assert said in error["detail"]


async def test_tags_are_trimmed_and_each_is_there_once(page: Page, acme: Tenant, session: AsyncSession) -> None:
    made = await opened(page, tags=[" Spray ", "spray", "mail"])
    alert = await make_alert(session, acme)
    assert made["tags"] == ["Spray", "mail"]
    for path, tags in ((f"incidents/{made['id']}", ["Spray", "mail", "new"]), (f"alerts/{alert.id}", ["spray", "new"])):
        body = {"add": [" spray ", "SPRAY", "new"]}
        reply = await page.post(f"{path}/tags", body, headers={"If-Match": "*"})
        assert reply.json()["tags"] == tags
        blank = await page.post(f"{path}/tags", {"add": [" "]}, headers={"If-Match": "*"})
        assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "#/add/0")


async def test_times_can_be_set_in_their_order_and_never_ahead(page: Page) -> None:
    incident = await opened(page, occurred_at="2026-11-20T10:00:00Z", detected_at="2026-11-20T12:00:00Z")
    path = f"incidents/{incident['id']}"

    async def changed(**values: Any) -> Any:
        return await page.call("PATCH", path, json=values, headers={"If-Match": "*"})

    assert (await changed(contained_at="2026-11-20T11:00:00Z")).json()["code"] == "bad_moments"
    assert (await changed(recovered_at="2999-01-01T00:00:00Z")).json()["code"] == "bad_moments"
    kept = (await changed(contained_at="2026-11-21T11:00:00Z")).json()
    assert kept["contained_at"] == "2026-11-21T11:00:00Z"
    assert (await changed(contained_at=None)).json()["contained_at"] is None


async def test_the_summary_keeps_its_versions(page: Page) -> None:
    incident = await opened(page, summary="First.")
    path = f"incidents/{incident['id']}"
    await page.call("PATCH", path, json={"summary": "Second."}, headers={"If-Match": "*"})
    versions = (await page.get(f"{path}/summary/versions")).json()["items"]
    assert [(one["revision"], one["body"]) for one in versions] == [(2, "Second."), (1, "First.")]


async def test_an_alert_is_in_one_incident_at_most(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert, free, hidden = [*await alerts_of(session, acme, 2), await make_alert(session, acme, status="suppressed")]
    first, second = await opened_of(page, alert), await opened(page)
    refused = await act(page, second, "alerts", {"alert_ids": [str(free.id), str(alert.id)]})
    assert (refused.status_code, refused.json()["code"]) == (409, "alert_linked")
    assert refused.json()["incident_id"] == first["id"]
    await session.refresh(free)
    assert free.incident_id is None, "all of them, or none"
    assert (await act(page, second, "alerts", {"alert_ids": [str(hidden.id)]})).json()["code"] == "alert_suppressed"
    again = await done(page, first, "alerts", {"alert_ids": [str(alert.id), str(free.id)], "reason": "Same host"})
    assert (again["changed"], again["unchanged"], again["incident"]["alerts_count"]) == (1, 1, 2)
    out = await done(page, first, "alerts/unlink", {"alert_ids": [str(alert.id), str(hidden.id)]})
    assert (out["changed"], out["incident"]["alerts_count"]) == (1, 1)
    back = await done(page, second, "alerts", {"alert_ids": [str(alert.id)]})
    assert back["changed"] == 1
    links = (await session.scalars(select(IncidentAlert).where(IncidentAlert.alert_id == alert.id))).all()
    assert sorted(link.unlinked_at is None for link in links) == [False, True]
    followed = await session.get(IncidentFollowing, alert.id)
    assert followed is not None
    assert followed.due_at is not None


async def test_an_alert_of_a_restricted_incident_is_not_there_to_be_linked(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    secret = await opened_of(page, alert, restricted=True)
    stranger = await page_of(api, await make_person(session, acme, "lead"))
    own = await opened(stranger)
    refused = await act(stranger, own, "alerts", {"alert_ids": [str(alert.id)]})
    assert (refused.status_code, secret["id"] in refused.text) == (404, False)


async def test_two_who_link_one_alert_at_once(page: Page, acme: Tenant, session: AsyncSession) -> None:
    for _ in range(5):
        alert = await make_alert(session, acme)
        one, two = await opened(page), await opened(page)
        body = {"alert_ids": [str(alert.id)]}
        replies = await asyncio.gather(act(page, one, "alerts", body), act(page, two, "alerts", body))
        assert sorted(reply.status_code for reply in replies) == [200, 409]


async def test_a_linked_alert_is_told_of_and_audited(page: Page, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    incident = await opened_of(page, alert)
    told = (await session.scalars(select(OutboxMessage).where(OutboxMessage.organization_id == acme.id))).all()
    assert {(one.kind, str(one.ids[0])) for one in told} == {("incident", incident["id"]), ("alert", str(alert.id))}
    rows = select(AuditEntry).where(AuditEntry.object_id == alert.id)
    entry = (await session.scalars(rows)).one()
    assert (entry.action, entry.changes["incident_id"]) == ("alert.linked", [None, incident["id"]])


async def test_assigned_people_are_told(page: Page, acme: Tenant, session: AsyncSession) -> None:
    ann = await make_person(session, acme, "analyst")
    incident = await opened(page)
    given = await done(page, incident, "assign", {"assignee_id": str(ann.id)})
    assert given["assignee_id"] == str(ann.id)
    assert given["acknowledged_at"] is not None
    notice = (await session.scalars(select(Notification).where(Notification.user_id == ann.id))).one()
    assert (notice.kind, str(notice.object_id)) == ("incident.assigned", incident["id"])
    stranger = await make_person(session, None)
    refused = await act(page, incident, "assign", {"assignee_id": str(stranger.id)})
    assert refused.json()["code"] == "unknown_person"


async def test_a_template_gives_tasks_fields_and_words(page: Page, acme: Tenant, session: AsyncSession) -> None:
    template = IncidentTemplate(
        organization_id=acme.id,
        name="Phishing",
        title="Phishing mail",
        severity=4,
        tlp="green",
        tags=["phishing"],
        tasks=[{"title": "Find who clicked", "required": True}, {"title": "Tell people"}],
        fields=[
            {"name": "mailbox", "label": "Mailbox", "kind": "text", "required": True},
            {"name": "clicks", "label": "Clicks", "kind": "number", "required": False},
        ],
    )
    session.add(template)
    await session.commit()
    reply = await page.post("incidents", {"template_id": str(template.id), "fields": {"clicks": 3}})
    incident = reply.json()
    assert (incident["title"], incident["severity"], incident["tlp"]) == ("Phishing mail", 4, "green")
    detail = await shown(page, incident)
    assert (detail["fields"], detail["counts"]["tasks"]) == ({"clicks": 3}, 2)
    assert [(one["kind"], one["name"]) for one in detail["missing"]] == [
        ("summary", "summary"), ("field", "Mailbox"), ("task", "Find who clicked"),
    ]  # fmt: skip
    path = f"incidents/{incident['id']}"
    for fields, code in (({"clicks": "many"}, "bad_field"), ({"other": 1}, "bad_field")):
        refused = await page.call("PATCH", path, json={"fields": fields}, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    await page.call("PATCH", path, json={"fields": {"mailbox": "ann", "clicks": None}}, headers={"If-Match": "*"})
    assert (await shown(page, incident))["fields"] == {"mailbox": "ann"}


async def test_restricted_is_seen_by_members_alone(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    lead_person = await make_person(session, acme, "lead")
    ann = await make_person(session, acme, "analyst")
    lead, other = await page_of(api, lead_person), await page_of(api, ann)
    incident = await opened(page, tlp="red")
    assert incident["restricted"]
    path = f"incidents/{incident['id']}"
    nobody = await api.post("incidents", {"title": "x", "restricted": True})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "not_a_person"), "nobody would see it"
    for stranger in (lead, other, api):
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.get(f"{path}/alerts")).status_code == 404
    assert (await act(other, incident, "transition", {"to": "resolved"})).status_code == 404
    assert (await act(page, incident, "restrict", {"restricted": False})).json()["code"] == "red_is_restricted"
    await done(page, incident, "members", {"user_id": str(ann.id)})
    assert (await other.get(path)).status_code == 200
    reply = await lead.post("incidents/break-glass", {"number": incident["number"], "reason": "On call tonight"})
    assert reply.status_code == 200
    assert (await lead.get(path)).status_code == 200
    told = (await session.scalars(select(Notification).where(Notification.kind == "incident.glass_broken"))).all()
    assert {one.user_id for one in told} >= {ann.id}
    assert lead_person.id not in {one.user_id for one in told}
    assert "glass_broken" in await _audited(session, incident)
    members = (await page.delete(f"{path}/members/{ann.id}")).json()
    assert {one["user_id"]: one["broke_glass"] for one in members} == {
        await me(page): False, str(lead_person.id): True,
    }  # fmt: skip
    assert (await other.get(path)).status_code == 404
    assert (await other.post("incidents/break-glass", {"number": 1, "reason": "x"})).status_code == 403
