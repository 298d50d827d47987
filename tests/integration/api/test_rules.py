"""Figures per rule: what it fired, and what people made of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.principal import Principal
from services.api.rules import queries
from services.api.rules.queries import Filters
from shared import clock, ids
from shared.db.engine import create_engine, sessionmaker
from shared.models import Membership
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person, make_tenant
from tests.integration.api.signed_in import page_of

HOUR = timedelta(hours=1)


async def rules(api: Api, **params: Any) -> list[dict[str, Any]]:
    reply = await api.get("rules", params=params)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["items"])


async def test_a_rule_shows_what_it_fired_and_what_became_of_it(api: Api, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    rule = {"rule_id": "5712", "module": "wazuh"}

    async def closed(verdict: str | None, hours: int, **values: Any) -> None:
        made, reason = now - 10 * HOUR, "a reason" if verdict else "resolved_at_source"
        times = {"created_at": made, "closed_at": made + hours * HOUR if verdict else None}
        await make_alert(session, acme, status="closed", verdict=verdict, reason=reason, **times, **rule, **values)

    await closed("false_positive", 1)
    await closed("false_positive", 2)
    await closed("false_positive", 9)
    await closed("true_positive", 4)
    await closed(None, 0)
    fired = now - timedelta(minutes=3)
    await make_alert(session, acme, title="The latest", last_seen=now + HOUR / 60, last_fired_at=fired, **rule)
    await make_alert(session, acme, status="acknowledged", **rule)
    await make_alert(session, acme, status="suppressed", **rule)
    await make_alert(session, acme, rule_id=None)
    (found,) = await rules(api, to=(now + HOUR).isoformat())
    assert found == {
        "organization_id": str(acme.id),
        "rule_id": "5712",
        "title": "The latest",
        "module": "wazuh",
        "alerts": 7,
        "suppressed": 1,
        "open": 2,
        "verdicts": {"true_positive": 1, "benign_positive": 0, "false_positive": 3, "undetermined": 0},
        "shares": {"true_positive": 0.25, "benign_positive": 0.0, "false_positive": 0.75, "undetermined": 0.0},
        "median_time_to_close": "PT3H",
        "last_fired_at": fired.isoformat().replace("+00:00", "Z"),
    }


async def test_where_nobody_closed_any_there_are_no_shares(api: Api, acme: Tenant, session: AsyncSession) -> None:
    await make_alert(session, acme, rule_id="r")
    (found,) = await rules(api)
    assert (found["shares"], found["median_time_to_close"], found["last_fired_at"]) == (None, None, None)


async def test_pages_go_on_behind_the_last_the_noisiest_first(api: Api, acme: Tenant, session: AsyncSession) -> None:
    for rule_id, count in (("a", 1), ("b", 2), ("c", 1), ("d", 3)):
        for _ in range(count):
            await make_alert(session, acme, rule_id=rule_id)
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        reply = (await api.get("rules", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [one["rule_id"] for one in reply["items"]]
        cursor = reply["next_cursor"]
    assert (seen, cursor) == (["d", "b", "a", "c"], None)


async def test_only_what_was_seen_in_the_time_counts(api: Api, acme: Tenant, session: AsyncSession) -> None:
    now = clock.now()
    for age in (timedelta(days=33), timedelta(days=2), HOUR):
        await make_alert(session, acme, rule_id="r", last_seen=now - age, first_seen=now - age)
    assert [one["alerts"] for one in await rules(api)] == [2]
    to = (now - timedelta(days=1)).isoformat()
    assert [one["alerts"] for one in await rules(api, to=to)] == [1]
    assert [one["alerts"] for one in await rules(api, **{"from": (now - timedelta(days=40)).isoformat()})] == [3]


async def test_figures_are_read_from_one_index_alone(postgres: Postgres) -> None:
    # As in a table that is looked after: else no page of it is known to be all visible. In a database of its own, for
    # no page becomes so while a neighbour still reads or writes.
    engine = create_engine(postgres.url("owner"), application_name="test")
    async with sessionmaker(engine)() as session:
        acme = await make_tenant(session, "Acme")
        for _ in range(20):
            await make_alert(session, acme, rule_id="r")
    async with postgres.connect("owner") as owner:
        await owner.execute("VACUUM ANALYZE alerts")
    principal = Principal("token", ids.uuid7(), "a token", {}, (acme.id,))
    now = clock.now()
    statement = queries.page(principal, Filters(now - 24 * HOUR, now), after=(3, acme.id, "r"), limit=50).compile(
        dialect=engine.dialect, compile_kwargs={"literal_binds": True}
    )
    async with engine.begin() as connection:
        for way in ("seqscan", "bitmapscan"):
            await connection.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join((await connection.scalars(text(f"EXPLAIN {statement}"))).all())
    await engine.dispose()
    assert "Index Only Scan using ix_alerts_rule_id on alerts " in plan


@pytest.mark.parametrize("params", [{"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, {"cursor": "x"}])
async def test_what_makes_no_sense_is_refused(api: Api, params: dict[str, str]) -> None:
    assert (await api.get("rules", params=params)).status_code == 422


async def test_others_rules_are_not_seen_and_ones_own_are_told_apart(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    for tenant in (acme, other):
        await make_alert(session, tenant, rule_id="r")
    assert [one["organization_id"] for one in await rules(api)] == [str(acme.id)]
    assert await rules(api, organization_id=other.id) == []
    person = await make_person(session, acme, "analyst")
    session.add(Membership(user_id=person.id, organization_id=other.id, role="viewer"))
    await session.commit()
    page = await page_of(api, person)
    both = (await page.get("rules")).json()["items"]
    assert {(one["organization_id"], one["alerts"]) for one in both} == {(str(acme.id), 1), (str(other.id), 1)}
    (one,) = (await page.get("rules", params={"organization_id": str(other.id)})).json()["items"]
    assert one["organization_id"] == str(other.id)


async def test_the_median_is_told_in_whole_seconds(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = clock.now() - HOUR
    times = {"created_at": made, "closed_at": made + timedelta(seconds=59.6)}
    await make_alert(session, acme, rule_id="r", status="closed", verdict="false_positive", reason="a reason", **times)
    (found,) = await rules(api)
    assert found["median_time_to_close"] == "PT1M"
