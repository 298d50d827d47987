"""A restricted incident leaves no trace for who is no member: neither itself, nor its alerts, nor their number."""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import queries
from services.api.alerts.queries import Filters
from services.api.audit.__main__ import main as verify
from services.api.principal import Principal
from services.api.rules import queries as rules
from services.api.stream.audience import hidden_ids
from services.api.stream.hub import Hub
from services.api.stream.told import RESET, Told
from shared import clock, ids
from shared.db.engine import create_engine, sessionmaker
from shared.domain.permissions import PERMISSIONS, Role
from shared.models import Alert, Incident, IncidentMember, Notification, User
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import PREFIX, Api
from tests.integration.api.projected import Findable
from tests.integration.api.restricted_rows import MARKER, NUMBER, RULE, World, make_world, restrict, seal
from tests.integration.api.rows import Tenant, make_person, make_token
from tests.integration.api.signed_in import page_of

Get = Callable[..., Any]

# They say nothing of rows; a stream does not end, and has a test of its own.
ELSEWHERE = ("/healthz", "/readyz", "/metrics", "/openapi", "/auth/oidc", "/stream")
COUNTED = (
    "alerts?with_total=true&status=new&status=closed&status=suppressed",
    f"alerts?query=rule.id:{RULE}&with_total=true",
    f"alerts?query=title:{MARKER}&with_total=true&sort=severity",
    "alerts/facets?query=severity:>=1",
    "alerts/histogram?from={from}&to={to}&query=severity:>=1",
    "rules",
    "suppressions/{suppression}",
    "suppressions/{trial}",
    "snoozes",
)


@pytest.fixture
async def world(session: AsyncSession, acme: Tenant) -> World:
    return await make_world(session, acme)


def paths(api: Api, world: World) -> Iterator[str]:
    """Every path that can be read, with every id that could give something away."""
    assert world.event is not None
    alerts = [world.shown.id, *(alert.id for alert in world.hidden)]
    given: dict[str, list[Any]] = {
        "alert_id": alerts,
        "event_id": [world.event.id],
        "receipt_id": [world.event.id],
        "job_id": world.jobs,
        "suppression_id": [world.suppression.id, world.trial.id],
        "incident_id": [world.incident, world.neighbour.id],
        **{name: [part] for name, part in world.parts.items()},
        "organization_id": [world.tenant.id],
        "user_id": [world.member.id],
        "queue": ["alerts.parked"],
    }
    for template, operations in api.application.openapi()["paths"].items():
        if "get" not in operations or template.removeprefix(PREFIX).startswith(ELSEWHERE):
            continue
        names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
        for values in itertools.product(*(given.get(name, [ids.uuid7()]) for name in names)):
            yield template.format(**dict(zip(names, values, strict=True))) + _needed(operations["get"])
    taken = ("report?format=html", "report?format=markdown", "export?format=ecs", "export?format=ocsf")
    yield from (f"{PREFIX}/incidents/{world.neighbour.id}/{what}" for what in (*taken, "timeline?limit=1"))
    yield f"{PREFIX}/alerts?status=new&status=closed&status=suppressed&snoozed=true"
    yield f"{PREFIX}/alerts?updated_since=2020-01-01T00:00:00Z"
    yield f"{PREFIX}/alerts?query=title:{MARKER}"
    yield f"{PREFIX}/events?query=alert_id:*"
    yield from (f"{PREFIX}/events?query=alert_id:{alert.id}" for alert in world.hidden)
    yield from (f"{PREFIX}/audit?object_id={one}" for one in (world.incident, world.hidden[0].id))


def _needed(operation: dict[str, Any]) -> str:
    now = clock.now()
    values = {"from": clock.isoformat(now - timedelta(hours=1)), "to": clock.isoformat(now), "shipper": "curl"}
    required = [one["name"] for one in operation.get("parameters", ()) if one.get("required") and one["in"] == "query"]
    return "?" + "&".join(f"{name}={values[name]}".replace("+", "%2B") for name in required) if required else ""


async def traces(api: Api, world: World, get: Get) -> list[str]:
    """Which paths give something away, and what."""
    found = []
    for path in paths(api, world):
        reply: httpx.Response = await get(path)
        assert reply.status_code < 500 or reply.status_code == 503, (path, reply.text)
        # What was asked for stands in the problem that says it is not there.
        said = reply.text.replace(path.partition("?")[0], "")
        found += [f"{path}: {one}" for one in world.needles if one in said]
    return found


async def counts(get: Get, world: World) -> list[Any]:
    """What is counted, without what differs from one second to the next."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    span = {"from": clock.isoformat(now - timedelta(hours=3)), "to": clock.isoformat(now + timedelta(hours=3))}
    values = {**span, "suppression": world.suppression.id, "trial": world.trial.id}
    replies = [await get(path.format(**values)) for path in COUNTED]
    assert all(reply.status_code == 200 for reply in replies), [reply.text for reply in replies]
    return [_steady(reply.json()) for reply in replies]


def _steady(value: Any) -> Any:
    """The same without times of changes: rows were touched on the way."""
    if isinstance(value, dict):
        return {name: _steady(one) for name, one in value.items() if name not in {"updated_at", "last_fired_at"}}
    return [_steady(one) for one in value] if isinstance(value, list) else value


async def test_it_leaves_no_trace_where_postgres_answers(api: Api, world: World, session: AsyncSession) -> None:
    async def made_findable() -> None:
        """There is nothing to find in."""

    await leaves_no_trace(api, world, session, made_findable)


async def test_it_leaves_no_trace_where_opensearch_finds(
    whole_api: Api, findable: Findable, world: World, session: AsyncSession
) -> None:
    async def made_findable() -> None:
        events = [world.event] if world.event is not None else []
        await findable(alerts=[alert.id for alert in (world.shown, *world.hidden)], events=events)

    await leaves_no_trace(whole_api, world, session, made_findable)


async def leaves_no_trace(
    api: Api, world: World, session: AsyncSession, made_findable: Callable[[], Awaitable[None]]
) -> None:
    token = api.as_(await make_token(session, world.tenant.id))
    callers: dict[str, Get] = {
        "lead": (await page_of(api, world.lead)).get,
        "admin": (await page_of(api, world.admin)).get,
        "token": token.get,
    }
    await made_findable()
    before = {name: await counts(get, world) for name, get in callers.items()}
    await restrict(session, world)
    await made_findable()
    for name, get in callers.items():
        assert await traces(api, world, get) == [], name
        assert await counts(get, world) == before[name], name
    member = await page_of(api, world.member)
    seen = " ".join(await traces(api, world, member.get))
    assert all(one in seen for one in world.needles), "its members have all of it"
    assert await counts(member.get, world) != before["lead"]


async def test_the_timeline_goes_on_behind_what_is_withheld(api: Api, world: World, session: AsyncSession) -> None:
    await restrict(session, world)
    path = f"incidents/{world.neighbour.id}"

    async def read(person: User) -> tuple[list[str], int]:
        page, told, cursor = await page_of(api, person), list[str](), ""
        while True:
            reply = (await page.get(f"{path}/timeline?limit=1{cursor}")).json()
            told += [one["message"] for one in reply["items"]]
            if reply["next_cursor"] is None:
                return told, (await page.get(path)).json()["counts"]["entries"]
            cursor = f"&cursor={reply['next_cursor']}"

    assert await read(world.lead) == (["Told"], 1)
    told, count = await read(world.member)
    assert (len(told), count) == (6, 6)


async def test_what_people_told_stays_though_it_names_a_number(api: Api, world: World, session: AsyncSession) -> None:
    await restrict(session, world)
    mine = await page_of(api, world.lead)
    path = f"incidents/{world.neighbour.id}/timeline"
    for message in (f"As in #{NUMBER}", "#" + "9" * 40):
        assert (await mine.post(path, {"message": message})).status_code == 201
    told = (await mine.get(path)).json()["items"]
    assert [one["message"] for one in told] == ["Told", f"As in #{NUMBER}", "#" + "9" * 40]


async def test_evidence_says_that_it_was_moved_and_not_where_from(
    api: Api, world: World, session: AsyncSession
) -> None:
    await restrict(session, world)
    path = f"incidents/{world.neighbour.id}/evidence/{world.parts['evidence_id']}/custody"
    for person, number in ((world.lead, None), (world.member, NUMBER)):
        (step,) = (await (await page_of(api, person)).get(path)).json()["items"]
        assert step["details"] == {"from": number, "to": world.neighbour.number}


async def test_of_ones_own_job_what_is_hidden_since_is_in_no_count(
    api: Api, world: World, session: AsyncSession
) -> None:
    await restrict(session, world)
    page = await page_of(api, world.lead)
    bulk, alerts, events, own, taken, taken_before = world.jobs
    job = (await page.get(f"jobs/{own}")).json()
    assert (job["total"], job["done"], job["skipped"]) == (1, 1, 0)
    items = (await page.get(f"jobs/{own}/items")).json()["items"]
    assert [one["target_id"] for one in items] == [str(world.shown.id)]
    job = (await page.get(f"jobs/{taken_before}")).json()
    assert (job["total"], job["done"]) == (1, 1)
    assert len((await page.get(f"jobs/{taken_before}/items")).json()["items"]) == 1
    assert (await page.get(f"exports/{taken_before}/content")).json()["code"] == "export_gone"
    for hidden in (bulk, alerts, taken):
        assert (await page.get(f"jobs/{hidden}")).status_code == 404
        assert (await page.post(f"alerts/bulk/{hidden}/undo")).status_code == 404
    assert (await page.get(f"exports/{events}/content")).json()["alert_id"] == str(ids.NIL)
    member = await page_of(api, world.member)
    assert (await member.get(f"exports/{events}/content")).json()["alert_id"] == str(world.hidden[0].id)


async def test_a_job_leaves_alone_what_was_restricted_behind_it(api: Api, world: World, session: AsyncSession) -> None:
    await restrict(session, world)
    await session.execute(update(Incident).where(Incident.id == world.incident).values(tlp="amber", restricted=False))
    await session.commit()
    page = await page_of(api, world.lead)
    wanted = {"action": {"type": "tags", "add": ["done"]}, "ids": [str(world.hidden[0].id), str(world.shown.id)]}
    job = (await page.post("alerts/bulk", wanted)).json()
    assert job["total"] == 2
    await session.execute(update(Incident).where(Incident.id == world.incident).values(restricted=True))
    await session.commit()
    assert (await page.post(f"jobs/{job['id']}/start")).status_code == 200
    async with asyncio.timeout(20):
        while (found := (await page.get(f"jobs/{job['id']}")).json())["status"] != "done":
            await asyncio.sleep(0.1)
    assert (found["total"], found["done"], found["skipped"]) == (1, 1, 0)
    asked = select(Alert).where(Alert.organization_id == world.tenant.id).execution_options(populate_existing=True)
    tags = {alert.id: alert.tags for alert in await session.scalars(asked)}
    assert "done" in tags[world.shown.id]
    assert "done" not in tags[world.hidden[0].id]


@pytest.mark.parametrize("action", ["acknowledge", "start", "tags", "notes", "snooze"])
async def test_nobody_else_can_act_on_its_alerts(api: Api, world: World, session: AsyncSession, action: str) -> None:
    await restrict(session, world)
    page = await page_of(api, world.admin)
    method = "PUT" if action == "snooze" else "POST"
    soon = clock.isoformat(clock.now() + timedelta(hours=1))
    body = {"tags": {"add": ["x"]}, "notes": {"body": "x"}, "snooze": {"until": soon}}.get(action)
    path = f"alerts/{world.hidden[0].id}/{action}"
    reply = await page.call(method, path, json=body, headers={"If-Match": "*"})
    assert reply.status_code == 404, reply.text
    mine = await page_of(api, world.member)
    reply = await mine.call(method, path, json=body, headers={"If-Match": "*"})
    assert reply.status_code in {200, 201}, reply.text


async def test_who_is_no_member_is_told_of_nothing(api: Api, world: World, session: AsyncSession) -> None:
    await restrict(session, world)
    mine = await page_of(api, world.member)
    alert = world.hidden[0].id
    for person in (world.admin, world.member):
        reply = await mine.post(f"alerts/{alert}/notes", {"body": f"Look, @{person.email.lower()}"})
        assert reply.status_code == 201, reply.text
    told = await session.scalars(
        select(Notification).where(Notification.organization_id == world.tenant.id, Notification.kind == "note.mention")
    )
    assert [one.user_id for one in told] == [], "neither who may not see it, nor who wrote it"
    other = await make_person(session, world.tenant, "analyst")
    session.add(IncidentMember(incident_id=world.incident, user_id=other.id))
    await session.commit()
    await mine.post(f"alerts/{alert}/notes", {"body": f"@{other.email.lower()} @{world.admin.email.lower()}"})
    told = await session.scalars(
        select(Notification).where(Notification.organization_id == world.tenant.id, Notification.kind == "note.mention")
    )
    assert [one.user_id for one in told] == [other.id]


async def test_the_audit_taken_away_is_one_chain_all_the_same(
    api: Api, world: World, session: AsyncSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await restrict(session, world)
    admin = await page_of(api, world.admin)
    await seal(session, world.tenant.id)
    file = tmp_path / "audit.ndjson"
    content = (await admin.get("audit/export")).content
    assert MARKER.encode() not in content
    file.write_bytes(content)
    assert verify(["verify", str(file)]) == 0
    assert "of them 8 withheld and taken on their hash alone" in capsys.readouterr().out
    file.write_bytes(content.replace(b"a sensor", b"a censor"))
    assert verify(["verify", str(file)]) == 1, "what is shown is checked as always"
    lines = content.splitlines(keepends=True)
    withheld = next(place for place, line in enumerate(lines) if b'"withheld"' in line)
    file.write_bytes(b"".join(lines[:withheld] + lines[withheld + 1 :]))
    assert verify(["verify", str(file)]) == 1, "nothing withheld can be left out"
    assert (await admin.get("audit/verify")).json()[0]["whole"]


def reader(world: World, user_id: UUID | None, hidden: frozenset[UUID] = frozenset()) -> Principal:
    home = world.tenant.id
    return Principal(
        "user" if user_id else "token", user_id or ids.uuid7(), "x", {home: PERMISSIONS[Role.LEAD]}, (home,),
        user_id=user_id, hidden=hidden,
    )  # fmt: skip


async def test_a_stream_names_it_to_its_members_alone(database: Postgres, world: World, session: AsyncSession) -> None:
    await restrict(session, world)
    engine = create_engine(database.url("api"), application_name="test")
    hub = Hub("amqp://nowhere", sessionmaker(engine))
    home, hidden = world.tenant.id, world.hidden[0].id
    member, lead, token = (reader(world, one) for one in (world.member.id, world.lead.id, None))
    start = Told(ids.uuid7(), home, "sensor", [ids.uuid7()])
    with (
        hub.listening(member, None) as theirs,
        hub.listening(lead, None) as others,
        hub.listening(token, None) as nobody,
    ):

        async def pass_on(*some: Told) -> list[list[list[UUID]]]:
            for one in some:
                hub.take_in(one)
            await hub.pass_on()
            return [[told.ids for told in one.take()] for one in (theirs, others, nobody)]

        def of(kind: str, *row_ids: UUID) -> Told:
            return Told(ids.uuid7(), home, kind, list(row_ids))

        assert await pass_on(start) == [[start.ids]] * 3
        both, itself = of("alert", hidden, world.shown.id), of("incident", world.incident)
        shown = [[world.shown.id]]
        assert await pass_on(both, itself) == [[both.ids, itself.ids], shown, shown]

        session.add(IncidentMember(incident_id=world.incident, user_id=world.lead.id))
        await session.execute(delete(IncidentMember).where(IncidentMember.user_id == world.member.id))
        await session.commit()
        assert await pass_on(of("alert", hidden)) == [[], [[hidden]], []], "as of now, whoever listens since when"

        # Everybody heard of this one, and then it was hidden.
        await pass_on(later := of("alert", world.shown.id))
        await session.execute(update(Alert).where(Alert.id == world.shown.id).values(incident_id=world.incident))
        await session.commit()
        for person, told in ((world.admin.id, []), (world.lead.id, [[hidden], later.ids])):
            async with sessionmaker(engine)() as reading:
                seen_by = reader(world, person, frozenset() if told else frozenset({world.incident}))
                gone = await hidden_ids(reading, seen_by)
            with hub.listening(seen_by, itself.id, hidden=gone) as again:
                assert [one.ids for one in again.take()] == told

        await engine.dispose()
    closed = create_engine(_elsewhere(database.url("api")), application_name="test")
    lost = Hub("amqp://nowhere", sessionmaker(closed))
    with lost.listening(member, None) as theirs:
        lost.take_in(of("alert", world.shown.id))
        await lost.pass_on()
        assert theirs.take() == [RESET], "where it cannot be known nobody is told what it was"
    await closed.dispose()


def _elsewhere(url: str) -> str:
    """The same at a port that nobody listens on."""
    return re.sub(r":\d+/", ":1/", url)


def test_where_nothing_is_hidden_no_statement_has_a_condition_more() -> None:
    home = ids.uuid7()
    free = Principal("token", ids.uuid7(), "x", {home: PERMISSIONS[Role.LEAD]}, (home,))
    bound = Principal("token", ids.uuid7(), "x", {home: PERMISSIONS[Role.LEAD]}, (home,), hidden=frozenset({home}))
    span = rules.Filters(clock.now(), clock.now())
    for made in (
        lambda by: queries.filtered(by, Filters(("new",))).with_only_columns(Alert.id),
        lambda by: queries.snoozes(by, after=None, limit=1),
        lambda by: rules.page(by, span, after=None, limit=1),
    ):
        assert "incident_id" not in str(made(free))
        assert "true" not in str(made(free)).lower().replace("true_positive", "")
        assert "incident_id" in str(made(bound))
