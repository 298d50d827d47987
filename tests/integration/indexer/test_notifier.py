"""The notifier with a real mail server and a real receiver: each thing arrives once, whatever fails on the way."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec
import orjson
import pytest
import structlog

from services.indexer.arrivals import flatten
from services.indexer.notifier import MISTAKE, MOST_OF_ORGANIZATION, MOST_OF_TARGET, Attempt, Notifier
from services.indexer.notify.webhook import SIGNATURE, Hook, signature
from services.indexer.periods import PeriodBook
from services.indexer.retention import make_periods
from services.indexer.store import Floors, store
from shared import ids, outgoing
from shared.bus.messages import EventBatch, EventItem, Request
from shared.domain.notification import ATTEMPTS, Kind
from shared.lifecycle import Stop
from shared.normalise import pipeline
from shared.normalise.event import Event, SensorProfile
from tests.integration.indexer.conftest import NOW, PLANS, eve
from tests.integration.indexer.desk import ALWAYS, KEY, Desk
from tests.waiting import until


async def test_each_kind_reaches_whom_it_is_for_once(desk: Desk) -> None:
    person = await desk.person("admin")
    channel = await desk.channel()
    public = [Kind.ALERT_CRITICAL, Kind.DISK_FORECAST, Kind.SENSOR_SILENT]
    await desk.route(*public, channel=channel)
    await desk.route(*public, Kind.JOB_DONE, user=person)
    for kind in (*public, Kind.ALERT_ASSIGNED, Kind.NOTE_MENTION, Kind.JOB_DONE):
        for _ in range(2):  # the same thing again is nothing new
            await desk.tell(kind, addressee=person, object_kind="alert", object_id=person, content={"by": "Bob"})
    while await desk.send():
        pass
    assert await desk.statuses() == ["sent"] * 9
    assert sorted(body["kind"] for body in desk.hook.bodies) == sorted(public)
    assert len(desk.mail.letters) == 6
    rows = {str(row["id"]) for row in await desk.rows()}
    assert {letter["Message-ID"].strip("<>").partition("@")[0] for letter in desk.mail.letters} < rows
    assert f"https://soc.example.org/alerts/{person}" in str(desk.mail.letters[0].get_payload())
    headers, body = desk.hook.posts[0]
    seconds = int(headers[SIGNATURE.lower()].partition(",")[0].removeprefix("t="))
    assert headers[SIGNATURE.lower()] == signature(KEY, body, seconds)


async def test_nobody_is_told_of_what_is_not_theirs_or_what_they_did(desk: Desk) -> None:
    stranger, gone = await desk.person(None), await desk.person(disabled=True)
    operator, me = await desk.person("operator"), await desk.person()
    await desk.tell(Kind.ALERT_ASSIGNED, addressee=stranger)
    await desk.tell(Kind.ALERT_ASSIGNED, addressee=gone)
    await desk.tell(Kind.ALERT_ASSIGNED, addressee=operator)
    await desk.tell(Kind.ALERT_ASSIGNED, addressee=me, actor=me)
    await desk.tell(Kind.JOB_DONE, addressee=me)
    for person in (stranger, gone, operator):
        await desk.route(Kind.ALERT_CRITICAL, user=person)
    await desk.tell(Kind.ALERT_CRITICAL)
    assert await desk.rows() == []


async def keep(desk: Desk, flow: int, severity: int) -> None:
    """What the writer does with one alert-kind event of that severity."""
    profile = SensorProfile(id=desk.organization_id, organization_id=desk.organization_id)
    ((_, event),) = pipeline.normalise_request([eve(flow)], hint=None, sensor=profile, received_at=NOW)
    assert isinstance(event, Event)
    request = Request(ids.uuid7(), profile.id, NOW, "/ingest/v1/events", "c-1", None, 1)
    item = EventItem(0, 0, 0, msgspec.structs.replace(event, severity=severity))
    arrivals = flatten([EventBatch(ids.uuid7(), desk.organization_id, [request], [item])])
    periods = PeriodBook(PLANS)
    await make_periods(desk.pool, periods, arrivals)
    async with desk.pool.acquire() as connection, connection.transaction():
        await store(connection, arrivals, periods=periods, floors=Floors({}))


async def test_an_alert_is_told_of_when_it_becomes_critical_and_not_again(desk: Desk) -> None:
    await desk.route(Kind.ALERT_CRITICAL, channel=await desk.channel())
    await keep(desk, 1, 4)
    assert await desk.rows() == []
    for flow in (2, 3):
        await keep(desk, flow, 5)
        (row,) = await desk.rows()
        assert (row["subject"], row["severity"]) == ("EVENTSEC test rule 1", 5)
    await desk.owner.execute("UPDATE alerts SET status = 'closed', closed_at = now() - interval '1 hour'")
    await desk.owner.execute("UPDATE alerts SET last_seen = now() - interval '1 hour'")
    await keep(desk, 4, 5)
    assert len(await desk.rows()) == 2, "another alert"


async def test_a_route_of_ones_own_decides(desk: Desk) -> None:
    mild, off = await desk.person(), await desk.person()
    await desk.route(Kind.ALERT_ASSIGNED, user=mild, min_severity=4)
    route = await desk.route(Kind.ALERT_ASSIGNED, user=off)
    await desk.owner.execute("UPDATE notification_routes SET disabled_at = now() WHERE id = $1", route)
    for person in (mild, off):
        await desk.tell(Kind.ALERT_ASSIGNED, f"low {person}", addressee=person, severity=3)
        await desk.tell(Kind.ALERT_ASSIGNED, f"high {person}", addressee=person, severity=4)
    assert [row["user_id"] for row in await desk.rows()] == [mild]


async def test_what_follows_the_first_is_told_together(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    await desk.tell(Kind.SENSOR_SILENT, "first")
    assert await desk.send() == 1
    for number in range(25):
        await desk.tell(Kind.SENSOR_SILENT, str(number))
    assert await desk.send() == 0, "within the minute after the first"
    await desk.owner.execute("UPDATE notifications SET sent_at = now() - interval '1 hour'")
    await desk.make_due()
    assert await desk.send() == 1
    first, rest = desk.hook.bodies
    assert (first["total"], rest["total"], len(rest["notifications"])) == (1, 25, 20)
    assert await desk.statuses() == ["coalesced"] * 24 + ["sent"] * 2
    assert {str(row["sent_with_id"]) for row in await desk.rows() if row["status"] == "coalesced"} == {rest["id"]}


@pytest.mark.parametrize("status", [500, 302, 0])
async def test_a_receiver_that_fails_for_a_while_gets_it_once_it_is_back(desk: Desk, status: int) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    for number in range(3):
        await desk.tell(Kind.SENSOR_SILENT, str(number))
    desk.hook.status = status
    assert await desk.send() == 1
    assert await desk.send() == 0, "not before its pause is over"
    assert [(row["status"], row["attempts"], bool(row["last_error"])) for row in await desk.rows()] == [
        ("pending", 1, True)
    ] * 3
    await desk.tell(Kind.SENSOR_SILENT, "later")
    desk.hook.status = 200
    await desk.make_due()
    assert await desk.send() == 1, "the one that came later waits its minute, and joins no message that was tried"
    await desk.owner.execute("UPDATE notifications SET sent_at = now() - interval '1 hour' WHERE sent_at IS NOT NULL")
    await desk.make_due()
    assert await desk.send() == 1
    assert [body["total"] for body in desk.hook.bodies] == [3, 1]
    assert len(set(desk.hook.keys)) == 2
    assert await desk.statuses() == ["coalesced"] * 2 + ["sent"] * 2


async def test_a_mail_server_that_refuses_and_one_that_is_away(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel("email"))
    await desk.tell(Kind.SENSOR_SILENT)
    desk.mail.answer = "451 later"
    assert await desk.send() == 1
    (row,) = await desk.rows()
    assert "451" in row["last_error"]
    away = Notifier(desk.pool, desk.settings.model_copy(update={"smtp_port": 1}))
    await desk.make_due()
    assert await desk.send(away) == 1
    desk.mail.answer = "250 ok"
    await desk.make_due()
    assert await desk.send() == 1
    assert desk.mail.to == [["soc@example.org"]]
    assert [(row["status"], row["attempts"]) for row in await desk.rows()] == [("sent", 3)]


async def test_who_has_an_email_is_not_written_to_again_for_those_who_were_refused_for_now(desk: Desk) -> None:
    everyone = "full@example.org soc@example.org gone@example.org"
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel("email", to=everyone))
    await desk.tell(Kind.SENSOR_SILENT)
    desk.mail.refusals = {"full@example.org": "452 full", "gone@example.org": "550 nobody"}
    assert await desk.send() == 1
    (row,) = await desk.rows()
    assert (row["status"], row["reached"]) == ("pending", ["soc@example.org"])
    assert row["last_error"] == "refused for full@example.org, gone@example.org"
    del desk.mail.refusals["full@example.org"]
    await desk.make_due()
    assert await desk.send() == 1
    assert desk.mail.to == [["soc@example.org"], ["full@example.org"]]
    first, second = desk.mail.letters
    assert (first["Message-ID"], first["To"]) == (second["Message-ID"], second["To"])
    assert [(row["status"], row["last_error"]) for row in await desk.rows()] == [
        ("sent", "refused for gone@example.org")
    ]


async def test_who_was_still_to_be_written_to_and_left_the_list_is_not(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel("email", to="full@example.org soc@example.org"))
    await desk.tell(Kind.SENSOR_SILENT)
    desk.mail.refusals = {"full@example.org": "452 full"}
    assert await desk.send() == 1
    await desk.owner.execute("UPDATE notification_channels SET settings = $1", '{"to": ["soc@example.org"]}')
    await desk.make_due()
    assert await desk.send() == 1
    assert (desk.mail.to, await desk.statuses()) == ([["soc@example.org"]], ["sent"])


async def test_after_the_last_attempt_it_has_failed(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    await desk.tell(Kind.SENSOR_SILENT)
    desk.hook.status = 500
    await desk.owner.execute("UPDATE notifications SET attempts = $1", ATTEMPTS - 1)
    assert await desk.send() == 1
    assert [(row["status"], row["last_error"]) for row in await desk.rows()] == [
        ("failed", "Refused: the receiver answered 500")
    ]
    await desk.make_due()
    assert await desk.send() == 0


async def test_what_can_never_arrive_fails_at_once(desk: Desk) -> None:
    person, channel = await desk.person(), await desk.channel()
    await desk.route(Kind.SENSOR_SILENT, channel=channel)
    await desk.tell(Kind.SENSOR_SILENT)
    await desk.tell(Kind.ALERT_ASSIGNED, addressee=person)
    await desk.owner.execute("UPDATE notification_channels SET disabled_at = now()")
    await desk.owner.execute("DELETE FROM memberships")
    assert await desk.send() == 2
    assert await desk.statuses() == ["failed"] * 2
    assert (desk.hook.heard, desk.mail.letters) == (0, [])


async def test_an_address_inside_is_not_called_unless_the_settings_allow_it(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    await desk.tell(Kind.SENSOR_SILENT)
    async with outgoing.client([], 1) as client:
        assert await Notifier(desk.pool, desk.settings).send_due(client) == 1
    (row,) = await desk.rows()
    assert (desk.hook.heard, row["status"]) == (0, "pending")
    assert "EVENTSEC_OUTGOING_ALLOW" in row["last_error"]


async def test_a_flood_is_settled_within_a_few_messages_and_holds_up_nothing_else(desk: Desk) -> None:
    flooded, other = await desk.channel(), await desk.channel("email")
    await desk.route(Kind.ALERT_CRITICAL, channel=flooded)
    await desk.route(Kind.SENSOR_SILENT, channel=other)
    await desk.owner.execute(
        "INSERT INTO notifications (id, organization_id, kind, dedupe_key, severity, subject, content, channel_id, "
        "due_at) SELECT gen_random_uuid(), $1, 'alert.critical', n::text, 5, 'Beacon', '{}', $2, now() "
        "FROM generate_series(1, 50000) AS n",
        desk.organization_id,
        flooded,
    )
    await desk.tell(Kind.SENSOR_SILENT)
    rounds = 0
    with structlog.testing.capture_logs() as logged:
        while "pending" in await desk.statuses():
            await desk.send()
            if rounds == 0:
                assert len(desk.mail.letters) == 1, "what came last, of another kind, left at once"
            rounds += 1
            await desk.owner.execute("UPDATE notifications SET sent_at = NULL WHERE sent_at IS NOT NULL")
            await desk.make_due()
    assert rounds <= 6
    assert [(body["total"], len(body["notifications"])) for body in desk.hook.bodies] == [(10_000, 20)] * 5
    assert sorted(entry["told"] for entry in logged if "told" in entry) == [1, *[10_000] * 5]


async def test_what_is_wrong_with_one_route_holds_up_no_other(desk: Desk) -> None:
    nowhere = {"from": "00:00", "to": "00:00", "zone": "No/Where", "days": list(range(7))}
    await desk.route(Kind.DISK_FORECAST, channel=await desk.channel(), quiet_hours=orjson.dumps(nowhere).decode())
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    await desk.tell(Kind.DISK_FORECAST)
    await desk.tell(Kind.SENSOR_SILENT)
    with structlog.testing.capture_logs() as logged:
        assert await desk.send() == 1
        assert await desk.send() == 0
    wrong, sent = await desk.rows()
    assert (wrong["status"], wrong["attempts"], sent["status"]) == ("pending", 0, "sent")
    assert wrong["last_error"] == MISTAKE, "what Python says is for the log"
    assert [entry["notification_id"] for entry in logged if entry.get("exc_info")] == [wrong["id"]]


async def test_what_goes_wrong_in_our_own_code_is_told_by_the_log_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    await desk.tell(Kind.SENSOR_SILENT)
    monkeypatch.setattr(Hook, "send", lambda *_: 1 / 0)
    with structlog.testing.capture_logs() as logged:
        assert await desk.send() == 1
    (row,) = await desk.rows()
    assert (row["status"], row["attempts"], row["last_error"]) == ("pending", 1, MISTAKE)
    assert [entry["notification_id"] for entry in logged if entry.get("exc_info")] == [row["id"]]


@pytest.mark.parametrize("kind", ["webhook", "email"])
async def test_a_route_made_over_the_api_with_nothing_but_its_kinds_delivers(desk: Desk, kind: str) -> None:
    where: dict[str, Any] = {"url": desk.hook.url} if kind == "webhook" else {"to": ["soc@example.org"]}
    async with desk.api() as api:
        channel = (await api.post("notification-channels", {"kind": kind, "name": "soc"} | where)).json()
        made = await api.post("notification-routes", {"channel_id": channel["id"], "kinds": ["sensor.silent"]})
        assert (made.status_code, made.json()["quiet_hours"]) == (201, None)
    assert await desk.owner.fetchval("SELECT quiet_hours IS NULL FROM notification_routes")
    await desk.tell(Kind.SENSOR_SILENT)
    assert await desk.send() == 1
    assert [(row["status"], row["last_error"]) for row in await desk.rows()] == [("sent", None)]
    assert len(desk.hook.posts) + len(desk.mail.letters) == 1


async def test_a_null_of_jsons_is_no_quiet_hours(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel(), quiet_hours="null")
    await desk.tell(Kind.SENSOR_SILENT)
    assert await desk.send() == 1
    assert await desk.statuses() == ["sent"]


async def test_no_organization_and_no_target_has_a_round_for_itself(desk: Desk) -> None:
    for _ in range(12):
        await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel(), coalesce_seconds=0)
    for number in range(3):
        await desk.tell(Kind.SENSOR_SILENT, str(number))
    elsewhere = replace(desk, organization_id=ids.uuid7())
    await desk.owner.execute("INSERT INTO organizations (id, name) VALUES ($1, 'else')", elsewhere.organization_id)
    await elsewhere.route(Kind.SENSOR_SILENT, channel=await elsewhere.channel(), coalesce_seconds=0)
    for number in range(3):
        await elsewhere.tell(Kind.SENSOR_SILENT, f"else {number}")
    assert await desk.send() == MOST_OF_ORGANIZATION + MOST_OF_TARGET
    told = Counter(body["organization_id"] for body in desk.hook.bodies)
    assert told == {str(desk.organization_id): MOST_OF_ORGANIZATION, str(elsewhere.organization_id): MOST_OF_TARGET}


async def test_a_role_that_was_lost_meanwhile_is_not_told(desk: Desk) -> None:
    person = await desk.person("admin")
    await desk.route(Kind.DISK_FORECAST, user=person)
    await desk.tell(Kind.DISK_FORECAST)
    await desk.owner.execute("UPDATE memberships SET role = 'viewer' WHERE user_id = $1", person)
    assert await desk.send() == 1
    assert (await desk.statuses(), desk.mail.letters) == (["failed"], [])


async def test_several_notifiers_share_the_work(desk: Desk) -> None:
    for _ in range(6):
        await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel(), coalesce_seconds=0)
    for number in range(10):
        await desk.tell(Kind.SENSOR_SILENT, str(number))
    notifiers = [Notifier(desk.pool, desk.settings) for _ in range(2)]
    rounds = [await asyncio.gather(*(desk.send(one) for one in notifiers)) for _ in range(3)]
    assert rounds == [[10, 10]] * 3
    assert len(desk.hook.keys) == len(set(desk.hook.keys)) == 60
    assert await desk.statuses() == ["sent"] * 60


async def test_it_runs_until_it_is_asked_to_stop(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    stop = Stop()
    running = asyncio.create_task(Notifier(desk.pool, desk.settings).run(stop))
    await desk.tell(Kind.SENSOR_SILENT)
    await until(lambda: bool(desk.hook.posts))
    stop.set()
    await asyncio.wait_for(running, 5)
    assert await desk.statuses() == ["sent"]


class Killed(Notifier):
    """Ends, as by a kill, between sending and saying so."""

    async def _send(self, attempt: Attempt, client: Any) -> str | None:
        await super()._send(attempt, client)
        raise asyncio.CancelledError


async def test_one_that_is_killed_after_sending_sends_the_same_again(desk: Desk) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel())
    for number in range(3):
        await desk.tell(Kind.SENSOR_SILENT, str(number))
    with pytest.raises(asyncio.CancelledError):
        await desk.send(Killed(desk.pool, desk.settings))
    assert await desk.send() == 0, "another process leaves it alone while the first may be at it"
    await desk.tell(Kind.SENSOR_SILENT, "later")
    await desk.make_due()
    assert await desk.send() == 1
    (one, again) = desk.hook.bodies
    assert one == again
    assert len(set(desk.hook.keys)) == 1
    assert await desk.statuses() == ["coalesced"] * 2 + ["pending", "sent"]


async def test_quiet_hours_hold_back_all_but_what_is_critical(desk: Desk) -> None:
    channel = await desk.channel()
    quiet = orjson.dumps(ALWAYS).decode()
    await desk.route(Kind.SENSOR_SILENT, channel=channel, quiet_hours=quiet, coalesce_seconds=60)
    await desk.tell(Kind.SENSOR_SILENT, "mild", severity=4)
    await desk.tell(Kind.SENSOR_SILENT, "critical", severity=5)
    await desk.send()
    assert [body["notifications"][0]["subject"] for body in desk.hook.bodies] == ["sensor.silent critical"]
    assert await desk.statuses() == ["pending", "sent"]
    assert await desk.owner.fetchval("SELECT due_at > now() FROM notifications WHERE status = 'pending'")


async def test_a_route_for_what_is_graver_decides_nothing_about_what_is_not(desk: Desk) -> None:
    channel = await desk.channel()
    quiet = orjson.dumps(ALWAYS).decode()
    await desk.route(Kind.SENSOR_SILENT, channel=channel, quiet_hours=quiet, coalesce_seconds=3600)
    await desk.route(Kind.SENSOR_SILENT, channel=channel, min_severity=4, coalesce_seconds=0)
    await desk.tell(Kind.SENSOR_SILENT, "mild", severity=3)
    await desk.tell(Kind.SENSOR_SILENT, "grave", severity=4)
    await desk.send()
    assert [body["notifications"][0]["subject"] for body in desk.hook.bodies] == ["sensor.silent grave"]
    mild, grave = await desk.rows()
    assert (mild["status"], mild["due_at"] > mild["created_at"], grave["status"]) == ("pending", True, "sent")


async def test_what_travels_with_the_first_keeps_its_own_quiet(desk: Desk) -> None:
    channel = await desk.channel()
    quiet = orjson.dumps(ALWAYS).decode()
    await desk.route(Kind.SENSOR_SILENT, channel=channel, min_severity=3, quiet_hours=quiet)
    await desk.route(Kind.SENSOR_SILENT, channel=channel, min_severity=4)
    await desk.tell(Kind.SENSOR_SILENT, "grave", severity=4)
    await desk.tell(Kind.SENSOR_SILENT, "mild", severity=3)
    await desk.send()
    assert [body["total"] for body in desk.hook.bodies] == [1]
    assert [row["status"] for row in await desk.rows()] == ["sent", "pending"]


async def test_what_carries_something_critical_is_tried_again_in_quiet_hours(desk: Desk) -> None:
    channel = await desk.channel()
    route = await desk.route(Kind.SENSOR_SILENT, channel=channel)
    await desk.tell(Kind.SENSOR_SILENT, "mild", severity=3)
    await desk.tell(Kind.SENSOR_SILENT, "critical", severity=5)
    desk.hook.status = 500
    assert await desk.send() == 1
    await desk.owner.execute(
        "UPDATE notification_routes SET quiet_hours = $2 WHERE id = $1", route, orjson.dumps(ALWAYS).decode()
    )
    desk.hook.status = 200
    await desk.make_due()
    assert await desk.send() == 1
    assert [body["total"] for body in desk.hook.bodies] == [2]


@pytest.mark.parametrize("form", ["slack", "mattermost", "teams"])
async def test_chats_get_what_they_take(desk: Desk, form: str) -> None:
    await desk.route(Kind.SENSOR_SILENT, channel=await desk.channel(form=form))
    await desk.tell(Kind.SENSOR_SILENT, subject="<!channel> @all [x](https://evil.example)\nnext")
    assert await desk.send() == 1
    said = orjson.dumps(desk.hook.bodies[0]).decode()
    assert "<!channel>" not in said
    assert "[x](https" not in said or form == "slack"
    assert "@all" not in said or form == "slack"
