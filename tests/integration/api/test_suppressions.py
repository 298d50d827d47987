"""Suppressions: tried, made, approved by a second person, ended; and what the writer then hides, to the event."""

import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.suppressions import dry_run, service
from services.indexer.brake import Brake, BrakeControl
from services.indexer.generations import Generations
from services.indexer.periods import PeriodBook
from services.indexer.projection import Projection
from services.indexer.projector import Projector
from services.indexer.writer import Writer
from shared import clock, ids, metrics
from shared.db.engine import create_pool
from shared.models import Alert, AuditEntry
from tests.fixtures.opensearch import Search
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person, make_token
from tests.integration.api.signed_in import Page, page_of
from tests.integration.indexer.conftest import PLANS, Bench, eve

NOW = clock.now().replace(second=0, microsecond=0)
QUERY = 'rule.name:"EVENTSEC test rule 1"'
MADE: dict[str, Any] = {"name": "Scanner", "query": f"{QUERY} AND severity:<=high", "reason": "our own scanner"}
HOURS = ",".join(map(str, range(24)))


@dataclass
class Feed:
    """Acme's sensor and the writer behind it."""

    bench: Bench
    flows: "count[int]"

    async def send(self, signature: int, times: Sequence[datetime]) -> None:
        records = [eve(next(self.flows), time=time, signature=signature) for time in times]
        received_at = max(NOW, *times)
        events = self.bench.events(records, received_at=received_at)
        endings = await self.bench.send(self.bench.envelope([], events=events, received_at=received_at))
        assert endings == [None]
        await self.bench.search.refresh()


@pytest.fixture
async def feed(database: Postgres, search: Search, acme: Tenant) -> AsyncIterator[Feed]:
    """The writer on the database that the api answers from."""
    pool = await create_pool(database.url("indexer"), application_name="test", max_size=8)
    periods = PeriodBook(PLANS)
    projection = Projection(search.client, search.names, periods, Generations(pool))
    brake = Brake(BrakeControl(pool), trial_seconds=60)
    writer = Writer(pool, periods, projection, brake, changed=lambda *_: None)
    projector = Projector(pool, periods, projection)
    yield Feed(
        Bench(pool, search, projection, periods, brake, writer, projector, acme.id, database, [ids.uuid7()]), count(1)
    )
    await pool.close()


@pytest.fixture
async def lead(whole_api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """Somebody who may suppress."""
    return await page_of(whole_api, await make_person(session, acme, "lead"))


@pytest.fixture
async def second(whole_api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """Somebody else who may."""
    return await page_of(whole_api, await make_person(session, acme, "lead"))


async def made(page: Page, **values: Any) -> dict[str, Any]:
    body = MADE | {"ends_at": (NOW + timedelta(days=7)).isoformat()} | values
    reply = await page.post("suppressions", body)
    assert reply.status_code == 201, reply.text
    suppression: dict[str, Any] = reply.json()
    return suppression


async def counts(session: AsyncSession, acme: Tenant, status: str) -> dict[str, int]:
    """Events by title, over the alerts of that status."""
    await session.commit()
    rows = await session.execute(
        select(Alert.title, Alert.count).where(Alert.organization_id == acme.id, Alert.status == status)
    )
    found: dict[str, int] = {}
    for title, number in rows:
        found[title[-1]] = found.get(title[-1], 0) + number
    return found


def minutes(*ago: int) -> list[datetime]:
    return [NOW - timedelta(minutes=one) for one in ago]


async def test_a_dry_run_tells_what_then_happens(feed: Feed, lead: Page, acme: Tenant, session: AsyncSession) -> None:
    times = minutes(*range(10, 130, 10))
    for signature in (1, 2):
        await feed.send(signature, times)
    tried = await lead.post("suppressions/dry-run", {"query": MADE["query"], "days": 1})
    assert tried.status_code == 200, tried.text
    told = tried.json()
    assert (told["events"], told["alerts"], told["alerts_gone"], told["true_positives"]) == (12, 1, 1, 0)
    assert told["already_hidden"] == 0
    assert not told["needs_approval"]
    suppression = await made(lead, starts_at=told["since"])
    assert suppression["state"] == "in_force"
    for signature in (1, 2):
        await feed.send(signature, times)
    assert await counts(session, acme, "new") == {"1": 12, "2": 24}, "what was open stays, and grows no more"
    assert await counts(session, acme, "suppressed") == {"1": 12}
    detail = (await lead.get(f"suppressions/{suppression['id']}")).json()
    assert (detail["events"], detail["alerts"]) == (told["events"], 1)
    again = (await lead.post("suppressions/dry-run", {"query": MADE["query"], "days": 1})).json()
    assert (again["events"], again["already_hidden"], again["alerts"], again["alerts_gone"]) == (24, 12, 1, 1)
    hidden = await lead.get("alerts", params={"query": f"suppression_id:{suppression['id']}", "limit": 5})
    assert [one["status"] for one in hidden.json()["items"]] == ["suppressed"], "countable and findable"
    assert (await lead.post(f"suppressions/{suppression['id']}/end")).json()["state"] == "ended"
    await feed.send(1, [clock.now() + timedelta(seconds=1)])
    assert await counts(session, acme, "new") == {"1": 13, "2": 24}
    assert await counts(session, acme, "suppressed") == {"1": 12}, "nothing resurfaces, nothing more is hidden"


async def test_a_dry_run_names_what_was_closed_as_a_true_positive(
    feed: Feed, lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    await feed.send(1, minutes(50, 40))
    alert = await session.scalar(select(Alert).where(Alert.organization_id == acme.id))
    assert alert is not None
    closing = {"verdict": "true_positive", "reason": "confirmed"}
    reasons = (await lead.get(f"organizations/{acme.id}/close-reasons")).json()
    closing["reason"] = next(one["name"] for one in reasons if one["verdict"] == "true_positive")
    closed = await lead.post(f"alerts/{alert.id}/close", closing, headers={"If-Match": f'"{alert.revision}"'})
    assert closed.status_code == 200, closed.text
    told = (await lead.post("suppressions/dry-run", {"query": QUERY, "days": 1})).json()
    assert (told["true_positives"], told["true_positive_ids"]) == (1, [str(alert.id)])
    assert told["needs_approval"], "the query leaves critical events in"


async def closed(page: Page, alert: Alert, verdict: str, reason: str) -> None:
    closing = {"verdict": verdict, "reason": reason}
    reply = await page.post(f"alerts/{alert.id}/close", closing, headers={"If-Match": "*"})
    assert reply.status_code == 200, reply.text


async def test_a_false_positive_proposes_a_suppression_that_is_made_as_it_is(
    feed: Feed, lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    times = minutes(50, 40, 30)
    await feed.send(1, times)
    await feed.send(2, times)
    alert = await session.scalar(select(Alert).where(Alert.organization_id == acme.id, Alert.title.endswith("1")))
    assert alert is not None
    path = f"alerts/{alert.id}/suppression-proposal"
    early = await lead.get(path)
    assert (early.status_code, early.json()["code"]) == (409, "not_harmless")
    await closed(lead, alert, "false_positive", "rule_too_broad")
    reply = await lead.get(path)
    assert reply.status_code == 200, reply.text
    proposed, effect = reply.json()["suppression"], reply.json()["effect"]
    assert (effect["events"], effect["alerts"], effect["alerts_gone"], effect["true_positives"]) == (3, 1, 1, 0)
    assert (proposed["proposed_by_alert_id"], proposed["reason"]) == (
        str(alert.id),
        "Closed as false positive: rule_too_broad",
    )
    assert "rule.id:" in proposed["query"]
    assert 'source.ip:"198.51.100.7"' in proposed["query"]
    made_of_it = await lead.post("suppressions", proposed)
    assert made_of_it.status_code == 201, made_of_it.text
    assert (made_of_it.json()["state"], made_of_it.json()["owner_id"]) == ("in_force", proposed["owner_id"])
    assert proposed["owner_id"] is not None
    again = [clock.now() + timedelta(seconds=1)]
    for signature in (1, 2):
        await feed.send(signature, again)
    assert await counts(session, acme, "suppressed") == {"1": 1}
    assert await counts(session, acme, "new") == {"2": 4}


async def test_a_proposal_tells_what_it_would_have_cost(
    feed: Feed, lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    await feed.send(1, [NOW - timedelta(days=29)])
    await feed.send(1, minutes(40))
    earlier, alert = (
        await session.scalars(select(Alert).where(Alert.organization_id == acme.id).order_by(Alert.last_seen))
    ).all()
    await closed(lead, earlier, "true_positive", "attack")
    await closed(lead, alert, "benign_positive", "security_test")
    effect = (await lead.get(f"alerts/{alert.id}/suppression-proposal")).json()["effect"]
    assert (effect["events"], effect["true_positive_ids"]) == (2, [str(earlier.id)])


async def test_what_no_sensor_saw_has_nothing_to_hide(api: Api, acme: Tenant, session: AsyncSession) -> None:
    page = await page_of(api, await make_person(session, acme))
    alert = await make_alert(session, acme, status="closed", verdict="false_positive", reason="known_good")
    reply = await page.get(f"alerts/{alert.id}/suppression-proposal")
    assert (reply.status_code, reply.json()["code"]) == (409, "no_events")


async def test_one_that_could_hide_something_critical_waits_for_a_second_person(
    feed: Feed, lead: Page, second: Page, acme: Tenant, session: AsyncSession
) -> None:
    suppression = await made(lead, query=QUERY, starts_at=(NOW - timedelta(hours=3)).isoformat())
    path = f"suppressions/{suppression['id']}"
    assert suppression["state"] == "waiting_for_approval"
    await feed.send(1, minutes(30))
    assert await counts(session, acme, "suppressed") == {}
    own = await lead.post(f"{path}/approve", headers={"If-Match": '"1"'})
    assert (own.status_code, own.json()["code"]) == (409, "second_person_needed")
    approved = await second.post(f"{path}/approve", headers={"If-Match": '"1"'})
    assert (approved.status_code, approved.json()["state"]) == (200, "in_force")
    await feed.send(1, minutes(20))
    assert await counts(session, acme, "suppressed") == {"1": 1}
    wider = await second.call("PATCH", path, json={"query": "rule.name:*"}, headers={"If-Match": '"2"'})
    assert (wider.status_code, wider.json()["state"]) == (200, "waiting_for_approval"), "approved was another query"
    await feed.send(1, minutes(10))
    assert await counts(session, acme, "suppressed") == {"1": 1}
    author = await second.post(f"{path}/approve", headers={"If-Match": '"3"'})
    assert (author.status_code, author.json()["code"]) == (409, "second_person_needed"), "who changed it last"
    versions = (await lead.get(f"{path}/versions")).json()["items"]
    assert [one["revision"] for one in versions] == [3, 2, 1]


async def test_on_trial_it_counts_and_hides_nothing(
    feed: Feed, lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    suppression = await made(lead, query=QUERY, mode="monitor", starts_at=(NOW - timedelta(hours=3)).isoformat())
    assert suppression["state"] == "in_force"
    await feed.send(1, minutes(40, 30))
    await feed.send(2, minutes(40, 30))
    changed = await lead.call(
        "PATCH", f"suppressions/{suppression['id']}", json={"name": "Other name"}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    await feed.send(1, minutes(20))
    assert await counts(session, acme, "suppressed") == {}
    assert await counts(session, acme, "new") == {"1": 3, "2": 2}
    detail = (await lead.get(f"suppressions/{suppression['id']}")).json()
    assert (detail["events"], detail["alerts"]) == (3, 1), "over all its versions"


async def test_a_maintenance_window_holds_in_its_hours_alone(
    feed: Feed, lead: Page, acme: Tenant, session: AsyncSession
) -> None:
    start = (NOW - timedelta(days=3)).replace(hour=2, minute=0)
    recurrence = {"rule": "FREQ=DAILY;BYHOUR=2", "duration_seconds": 3600, "zone": "UTC"}
    await made(lead, starts_at=start.isoformat(), recurrence=recurrence)
    nights = [start + timedelta(days=day) for day in range(2)]
    inside = [night + offset for night in nights for offset in (timedelta(0), timedelta(minutes=59))]
    outside = [night + offset for night in nights for offset in (timedelta(seconds=-1), timedelta(hours=1))]
    before = metrics.SUPPRESSED._value.get()
    await feed.send(1, [*inside, *outside])
    assert await counts(session, acme, "suppressed") == {"1": len(inside)}
    assert metrics.SUPPRESSED._value.get() - before == len(inside)
    assert await counts(session, acme, "new") == {"1": len(outside)}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends_at": (NOW - timedelta(hours=1)).isoformat()}, "bad_end"),
        ({"ends_at": (NOW + timedelta(days=400)).isoformat()}, "bad_end"),
        ({"query": "severity:purple"}, "unknown_choice"),
        ({"query": "@timestamp:>now-1h"}, None),
        ({"recurrence": {"rule": "FREQ=SECONDLY", "duration_seconds": 60}}, "bad_recurrence"),
        ({"recurrence": {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "duration_seconds": 60}}, "never_holds"),
        ({"reason": " "}, None),
        (
            {
                "starts_at": "9999-01-01T00:00:00Z",
                "ends_at": "9999-12-31T00:00:00Z",
                "recurrence": {"rule": "FREQ=DAILY", "duration_seconds": 60},
            },
            "bad_recurrence",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: Api, acme: Tenant, session: AsyncSession, wrong: dict[str, Any], code: str | None
) -> None:
    page = await page_of(api, await make_person(session, acme, "lead"))
    reply = await page.post("suppressions", MADE | {"ends_at": (NOW + timedelta(days=7)).isoformat()} | wrong)
    assert reply.status_code == 422, reply.text
    if code:
        assert reply.json()["code"] == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            {"days": 90, "recurrence": {"rule": f"FREQ=DAILY;BYHOUR={HOURS}", "duration_seconds": 60}},
            "too_many_windows",
        ),
        ({"starts_at": "2400-01-01T00:00:00Z", "recurrence": {"rule": "FREQ=DAILY", "duration_seconds": 60}}, None),
        ({"query": "NOT alert_id:*"}, "not_in_rules"),
    ],
)
async def test_a_dry_run_that_makes_no_sense_is_refused(
    api: Api, acme: Tenant, session: AsyncSession, wrong: dict[str, Any], code: str | None
) -> None:
    page = await page_of(api, await make_person(session, acme))
    reply = await page.post("suppressions/dry-run", {"query": QUERY} | wrong)
    assert (reply.status_code, reply.json()["code"]) == (422, code or "bad_recurrence"), reply.text


async def test_dry_runs_leave_connections_for_others(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here OpenSearch is away, so the code tells who got to ask it."""
    page = await page_of(api, await make_person(session, acme))
    room = threading.BoundedSemaphore(2)
    monkeypatch.setattr(dry_run, "_ROOM", room)

    async def code() -> str:
        reply = await page.post("suppressions/dry-run", {"query": QUERY})
        assert reply.status_code == 503
        return str(reply.json()["code"])

    assert [await code() for _ in range(3)] == ["unavailable"] * 3, "each makes room again"
    room.acquire()
    assert await code() == "unavailable"
    room.acquire()
    assert await code() == "busy"


async def approving(page: Page | Api, suppression: dict[str, Any], revision: int = 1) -> str:
    """What the suppression is after that, or why it is not approved."""
    headers = {"If-Match": f'"{revision}"'}
    reply = await page.post(f"suppressions/{suppression['id']}/approve", None, headers=headers)
    said: dict[str, Any] = reply.json()
    return str(said["state"] if reply.status_code == 200 else said["code"])


async def test_nobody_is_the_second_person_of_what_they_wrote(api: Api, acme: Tenant, session: AsyncSession) -> None:
    people = [await make_person(session, acme, "lead") for _ in range(3)]
    ann, ben, sue = [await page_of(api, one) for one in people]
    suppression = await made(ann, query=QUERY)
    path = f"suppressions/{suppression['id']}"
    for page, change, revision in ((ben, {"query": "rule.name:*"}, 1), (ann, {"name": "Harmless"}, 2)):
        headers = {"If-Match": f'"{revision}"'}
        assert (await page.call("PATCH", path, json=change, headers=headers)).status_code == 200
    assert await approving(ben, suppression, 3) == "second_person_needed", "the query is Ben's, whatever Ann renamed"
    assert await approving(sue, suppression, 3) == "in_force"
    changed = await ann.call("PATCH", path, json={"query": QUERY}, headers={"If-Match": '"4"'})
    assert changed.json()["state"] == "waiting_for_approval"
    assert await approving(ben, suppression, 5) == "in_force", "what Ben wrote was approved by Sue"


async def test_a_token_is_its_makers_hand(api: Api, acme: Tenant, session: AsyncSession) -> None:
    ann, ben = [await make_person(session, acme, "lead") for _ in range(2)]
    machine = api.as_(await make_token(session, acme.id, created_by_id=ann.id))
    body = MADE | {"query": QUERY, "ends_at": (NOW + timedelta(days=7)).isoformat()}
    suppression = (await machine.post("suppressions", body)).json()
    assert suppression["created_by_id"] == str(ann.id)
    for page in (machine, api, await page_of(api, ann)):
        assert await approving(page, suppression) == "second_person_needed"
    assert await approving(await page_of(api, ben), suppression) == "in_force"


async def test_its_owner_and_its_alert_are_of_its_organization(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    page = await page_of(api, await make_person(session, acme, "lead"))
    stranger, theirs = await make_person(session, other), await make_alert(session, other)
    ours = await make_alert(session, acme)
    suppression = await made(page, proposed_by_alert_id=str(ours.id))
    body = MADE | {"ends_at": (NOW + timedelta(days=7)).isoformat()}
    for wrong, code in (
        ({"owner_id": str(stranger.id)}, "unknown_person"),
        ({"owner_id": str(ids.uuid7())}, "unknown_person"),
        ({"proposed_by_alert_id": str(theirs.id)}, "unknown_alert"),
    ):
        reply = await page.post("suppressions", body | wrong)
        assert (reply.status_code, reply.json()["code"]) == (422, code)
    headers = {"If-Match": '"1"'}
    path = f"suppressions/{suppression['id']}"
    reply = await page.call("PATCH", path, json={"owner_id": str(stranger.id)}, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (422, "unknown_person")


async def test_an_organization_has_only_so_many(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name: tried against each event are those that no value of it leads to, so there are fewer of these."""
    monkeypatch.setattr(service, "MOST_LIVE", 3)
    monkeypatch.setattr(service, "MOST_KEYLESS", 1)
    page = await page_of(api, await make_person(session, acme, "lead"))
    body = MADE | {"ends_at": (NOW + timedelta(days=7)).isoformat()}
    keyed, keyless = {"query": 'rule.id:(1 OR 2) AND rule.name:"x*"'}, {"query": 'rule.name:"x*" AND severity:low'}
    first = await made(page, **keyless)
    narrow = await made(page, **keyed)

    async def refused(reply: Any) -> bool:
        return (reply.status_code, reply.json().get("code")) == (409, "too_many_suppressions")

    assert await refused(await page.post("suppressions", body | keyless))
    headers = {"If-Match": '"1"'}
    assert await refused(await page.call("PATCH", f"suppressions/{narrow['id']}", json=keyless, headers=headers))
    changed = await page.call("PATCH", f"suppressions/{first['id']}", json={"query": "NOT rule.id:1"}, headers=headers)
    assert changed.status_code == 200, "it is the one"
    third = await made(page, **keyed)
    assert await refused(await page.post("suppressions", body | keyed))
    await made(await page_of(api, await make_person(session, other, "lead")), **keyless)
    for ended in (first, third):
        assert (await page.post(f"suppressions/{ended['id']}/end")).status_code == 200
    await made(page, **keyless)


async def test_an_analyst_may_try_and_not_make_one(api: Api, acme: Tenant, session: AsyncSession) -> None:
    page = await page_of(api, await make_person(session, acme))
    assert (await page.get("suppressions")).status_code == 200
    body = MADE | {"ends_at": (NOW + timedelta(days=7)).isoformat()}
    assert (await page.post("suppressions", body)).status_code == 403


async def test_versions_keep_queries_whole_and_the_audit_tells_them_apart(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    names = " OR ".join(f"{number:0100}" for number in range(30))
    queries = [f'rule.name:({names}) AND host.name:"{last}"' for last in "ab"]
    assert len(queries[0]) > 3000
    body = MADE | {"query": queries[0], "ends_at": (NOW + timedelta(days=1)).isoformat()}
    made = (await lead.post("suppressions", body)).json()
    path = f"suppressions/{made['id']}"
    changed = await lead.call("PATCH", path, json={"query": queries[1]}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    versions = (await lead.get(f"{path}/versions")).json()["items"]
    assert [one["content"]["query"] for one in versions] == queries[::-1]
    statement = select(AuditEntry.changes).where(
        AuditEntry.object_id == UUID(made["id"]), AuditEntry.action == "suppression.changed"
    )
    before, after = (await session.scalars(statement)).one()["query"]
    assert before != after
    assert max(len(before), len(after)) < 2100
