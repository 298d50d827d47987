"""Of a restricted incident and its alerts its members are told and nobody else; of TLP:RED only the number."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from shared import clock, ids
from shared.domain.notification import Kind
from tests.integration.indexer.desk import ALWAYS, Desk

PUBLIC = (Kind.ALERT_CRITICAL, Kind.CLOCK_WARNING, Kind.CLOCK_BREACHED)


async def incident(desk: Desk, *members: UUID, **columns: Any) -> UUID:
    """Number 12, restricted unless `columns` say otherwise."""
    incident_id = ids.uuid7()
    values: dict[str, Any] = {
        "id": incident_id,
        "organization_id": desk.organization_id,
        "number": 12,
        "title": "A secret",
        "severity": 4,
        "received_at": clock.now(),
        "restricted": True,
    } | columns
    names, places = ", ".join(values), ", ".join(f"${n + 1}" for n in range(len(values)))
    await desk.owner.execute(f"INSERT INTO incidents ({names}) VALUES ({places})", *values.values())
    for person in members:
        await desk.owner.execute(
            "INSERT INTO incident_members (incident_id, user_id) VALUES ($1, $2)", incident_id, person
        )
    return incident_id


async def alert(desk: Desk, incident_id: UUID) -> UUID:
    alert_id = ids.uuid7()
    await desk.owner.execute(
        "INSERT INTO alerts (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, "
        "first_seen, last_seen, incident_id) VALUES ($1, $2, $3, 1, 'A secret', 5, 5, now(), now(), $4)",
        alert_id, desk.organization_id, alert_id.bytes, incident_id,
    )  # fmt: skip
    return alert_id


async def told(desk: Desk) -> set[UUID]:
    return {row["user_id"] or row["channel_id"] for row in await desk.rows()}


@pytest.mark.parametrize("by", ["object", "alert"])
async def test_members_alone_hear_of_a_restricted_incident(desk: Desk, by: str) -> None:
    member, other, lead = await desk.person(), await desk.person(), await desk.person("lead")
    channel = await desk.channel()
    await desk.route(*PUBLIC, channel=channel)
    for person in (member, other, lead):
        await desk.route(*PUBLIC, user=person)
    secret, open_one = await incident(desk, member), await incident(desk, number=13, restricted=False)
    for thing, incident_id in (("secret", secret), ("open", open_one)):
        about: dict[str, Any] = {"object_kind": "incident", "object_id": incident_id}
        if by == "alert":
            about = {"object_kind": "alert", "object_id": await alert(desk, incident_id)}
        await desk.tell(PUBLIC[0], thing, **about)
        heard = {member} if thing == "secret" else {member, other, lead, channel}
        assert await told(desk) == heard
        await desk.owner.execute("DELETE FROM notifications")


async def test_a_personal_notice_reaches_no_one_who_is_not_a_member(desk: Desk) -> None:
    member, other = await desk.person(), await desk.person()
    secret = await incident(desk, member)
    for kind in (Kind.INCIDENT_ASSIGNED, Kind.REVIEW_WANTED, Kind.REVIEW_DECIDED, Kind.GLASS_BROKEN, Kind.NOTE_MENTION):
        for person in (member, other):
            await desk.tell(kind, f"{kind} {person}", addressee=person, object_kind="incident", object_id=secret)
    rows = await desk.rows()
    assert {row["user_id"] for row in rows} == {member}
    assert len(rows) == 5
    while await desk.send():
        pass
    assert len(desk.mail.letters) == 5
    assert all(f"https://soc.example.org/incidents/{secret}" in str(one.get_payload()) for one in desk.mail.letters)


@pytest.mark.parametrize("by", ["incident", "alert"])
async def test_of_red_only_number_and_link_are_told(desk: Desk, by: str) -> None:
    member = await desk.person()
    red = await incident(desk, member, tlp="red")
    about = red if by == "incident" else await alert(desk, red)
    await desk.tell(
        Kind.NOTE_MENTION, subject="Ada mentions you: A secret", content={"title": "A secret"},
        addressee=member, object_kind=by, object_id=about,
    )  # fmt: skip
    (row,) = await desk.rows()
    assert (row["subject"], row["content"]) == ("Incident #12", "{}")
    assert (row["object_kind"], row["object_id"]) == ("incident", red)
    await desk.send()
    (letter,) = desk.mail.letters
    assert letter["Subject"] == "[high] Incident #12"
    assert f"https://soc.example.org/incidents/{red}" in str(letter.get_payload())
    assert "secret" not in letter.as_string()


async def test_an_assignee_hears_of_the_clocks_unless_a_route_says_otherwise(desk: Desk) -> None:
    assignee, colleague, routed = await desk.person(), await desk.person(), await desk.person()
    channel = await desk.channel()
    await desk.route(Kind.CLOCK_BREACHED, channel=channel)
    await desk.route(Kind.CLOCK_BREACHED, user=routed)
    about = await incident(desk, restricted=False)
    tell: dict[str, Any] = {"object_kind": "incident", "object_id": about, "addressee": assignee}
    await desk.tell(Kind.CLOCK_WARNING, **tell)
    assert await told(desk) == {assignee}
    await desk.tell(Kind.CLOCK_BREACHED, **tell)
    assert await told(desk) == {assignee, channel, routed}
    assert colleague not in await told(desk)
    off = await desk.route(Kind.CLOCK_WARNING, user=assignee)
    await desk.owner.execute("UPDATE notification_routes SET disabled_at = now() WHERE id = $1", off)
    await desk.owner.execute("DELETE FROM notifications")
    await desk.tell(Kind.CLOCK_WARNING, "again", **tell)
    assert await desk.rows() == []


async def test_what_waits_is_withheld_when_its_incident_becomes_confidential(desk: Desk) -> None:
    """Quiet hours hold it; meanwhile the incident is restricted, and marked."""
    member, other = await desk.person(), await desk.person()
    channel = await desk.channel()
    kept_quiet: dict[str, Any] = {"quiet_hours": orjson.dumps(ALWAYS).decode()}
    await desk.route(*PUBLIC, channel=channel, **kept_quiet)
    for person in (member, other):
        await desk.route(*PUBLIC, user=person, **kept_quiet)
    about = await incident(desk, member, restricted=False)
    await desk.tell(Kind.CLOCK_WARNING, subject="A secret", object_kind="incident", object_id=about)
    assert await desk.send() == 0
    assert await told(desk) == {member, other, channel}
    await desk.owner.execute("UPDATE incidents SET restricted = true, tlp = 'red'")
    await desk.owner.execute("UPDATE notification_routes SET quiet_hours = NULL")
    await desk.make_due()
    while await desk.send():
        pass
    statuses = {row["user_id"] or row["channel_id"]: row["status"] for row in await desk.rows()}
    assert statuses == {member: "sent", other: "failed", channel: "failed"}
    assert desk.hook.bodies == []
    (letter,) = desk.mail.letters
    assert "secret" not in letter.as_string()
    assert letter["Subject"] == "[high] Incident #12"
