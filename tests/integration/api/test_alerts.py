"""Alerts: the queue's order and filters, pages that lose and repeat nothing, one alert with what belongs to it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from ipaddress import IPv6Address
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.pagination import encode
from shared import clock, ids
from shared.models import Alert, AlertObservable, Membership, Observable, Snooze
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_event, make_person
from tests.integration.api.signed_in import page_of

NOW = clock.now()


async def walk(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    walked: list[dict[str, Any]] = []
    cursor = None
    for _ in range(100):
        reply = await api.get(path, params=params | ({"cursor": cursor} if cursor else {}))
        assert reply.status_code == 200, reply.text
        page = reply.json()
        walked += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return walked
    raise AssertionError("the cursor never ends")


async def ids_of(api: Api, **params: Any) -> set[str]:
    return {alert["id"] for alert in await walk(api, "alerts", **params)}


async def test_the_queue_is_by_risk_then_last_seen_and_its_pages_hold_everything_once(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    # Ties on purpose, in each place of the order.
    places = list(itertools.product((20, 60, 60, 100), (0, 1, 1, 2)))
    made = [
        await make_alert(session, acme, risk=risk, last_seen=NOW - timedelta(hours=hours)) for risk, hours in places
    ]
    expected = [
        str(alert.id) for alert in sorted(made, key=lambda alert: (-alert.risk, -alert.last_seen.timestamp(), alert.id))
    ]
    for limit in (1, 3, 5, 200):
        assert [alert["id"] for alert in await walk(api, "alerts", limit=limit)] == expected


async def test_a_cursor_goes_on_in_its_own_order_alone(api: Api, acme: Tenant, session: AsyncSession) -> None:
    """In another one it would skip, and say nothing."""
    for number in (1, 2, 3):
        await make_alert(session, acme, severity=number, count=number)
    orders = ("severity", "-severity", "count", "-count", "risk", "-risk", "last_seen", "-first_seen")
    for made_in, used_in in itertools.product(orders, orders):
        first = (await api.get("alerts", params={"sort": made_in, "limit": 1})).json()
        reply = await api.get("alerts", params={"sort": used_in, "limit": 1, "cursor": first["next_cursor"]})
        assert reply.status_code == (200 if made_in == used_in else 422), (made_in, used_in)
        assert made_in == used_in or reply.json()["code"] == "bad_cursor"
    queue = (await api.get("alerts", params={"limit": 1})).json()["next_cursor"]
    assert (await api.get("alerts", params={"sort": "-risk", "cursor": queue})).status_code == 200, "the same order"


async def test_times_of_a_microsecond_do_not_confuse_the_cursor(api: Api, acme: Tenant, session: AsyncSession) -> None:
    made = [await make_alert(session, acme, last_seen=NOW + timedelta(microseconds=step)) for step in range(5)]
    walked = await walk(api, "alerts", limit=2)
    assert [alert["id"] for alert in walked] == [str(alert.id) for alert in reversed(made)]


async def test_open_alerts_are_listed_unless_others_are_asked_for(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    statuses = ("new", "acknowledged", "in_progress", "closed", "suppressed")
    made = {status: str((await make_alert(session, acme, status=status)).id) for status in statuses}
    assert await ids_of(api) == {made[status] for status in statuses[:3]}
    assert await ids_of(api, status=["closed", "suppressed"]) == {made["closed"], made["suppressed"]}
    assert await ids_of(api, status="new") == {made["new"]}


async def test_what_is_in_an_incident_is_in_no_queue_and_found_by_who_asks(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    free, linked = [str((await make_alert(session, acme, last_seen=NOW)).id) for _ in range(2)]
    reply = await api.post("incidents", {"title": "A break-in", "alert_ids": [linked]})
    assert reply.status_code == 201, reply.text
    assert await ids_of(api) == await ids_of(api, min_severity=1, snoozed="true") == {free}
    assert (await api.get("alerts", params={"with_total": "true"})).json()["total"] == 1
    assert await ids_of(api, status="acknowledged") == {linked}
    assert await ids_of(api, query="severity:>=1") == {free, linked}
    assert await ids_of(api, updated_since=(NOW - timedelta(hours=1)).isoformat()) == {free, linked}
    span = {"from": (NOW - timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=1)).isoformat()}
    for asked, number in (({}, 1), ({"query": "severity:>=1"}, 2), ({"filter": "severity:>=1"}, 2)):
        assert (await api.get("alerts/facets", params=asked)).json()["total"] == number
        buckets = (await api.get("alerts/histogram", params=span | asked)).json()["buckets"]
        assert sum(sum(one["by_severity"].values()) for one in buckets) == number


async def test_filters_narrow_and_combine(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor_id = ids.uuid7()
    wanted = await make_alert(session, acme, severity=4, sensor_id=sensor_id, rule_id="2001219")
    await make_alert(session, acme, severity=3, sensor_id=sensor_id, rule_id="2001219")
    await make_alert(session, acme, severity=5, sensor_id=ids.uuid7(), rule_id="2001219")
    await make_alert(session, acme, severity=5, sensor_id=sensor_id, rule_id="2001220")
    assert len(await ids_of(api, min_severity=4)) == 3
    assert len(await ids_of(api, sensor_id=str(sensor_id))) == 3
    assert len(await ids_of(api, rule_id="2001219")) == 3
    assert await ids_of(api, min_severity=4, sensor_id=str(sensor_id), rule_id="2001219") == {str(wanted.id)}


async def test_changes_are_followed_by_the_time_of_the_last(api: Api, acme: Tenant, session: AsyncSession) -> None:
    old = await make_alert(session, acme, updated_at=NOW - timedelta(hours=1))
    new = await make_alert(session, acme)
    since = new.updated_at.isoformat()
    assert await ids_of(api, updated_since=since) == {str(new.id)}
    old.count = 9
    await session.commit()
    assert await ids_of(api, updated_since=since) == {str(new.id), str(old.id)}
    old.status = "closed"
    await session.commit()
    assert await ids_of(api, updated_since=since) == {str(new.id), str(old.id)}, "a closing is a change"
    followed = (await api.get("alerts", params={"updated_since": since, "query": "severity:medium"})).json()
    assert (len(followed["items"]), followed["degraded"]) == (2, None), "documents come later than rows"


async def test_a_number_wider_than_its_column_is_compared(api: Api, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    for query, expected in (
        ("risk:>=100000", set()),
        (f"risk:<{2**63 - 1}", {str(alert.id)}),
        (f"count:{-(2**63)} OR risk:70000", set()),
    ):
        assert await ids_of(api, query=query) == expected, query
        facets = (await api.get("alerts/facets", params={"query": query})).json()
        assert facets["total"] == len(expected), query
    assert await ids_of(api, cursor=encode(("-risk,-last_seen", 100_000, NOW, ids.NIL))) == {str(alert.id)}


async def test_the_total_is_counted_when_asked_for(api: Api, acme: Tenant, session: AsyncSession) -> None:
    for severity in (1, 5, 5):
        await make_alert(session, acme, severity=severity)
    assert (await api.get("alerts")).json()["total"] is None
    counted = (await api.get("alerts", params={"with_total": "true", "limit": 1, "min_severity": 5})).json()
    assert counted["total"] == 2
    assert len(counted["items"]) == 1


async def test_lists_hold_no_documents_and_no_explanations(api: Api, acme: Tenant, session: AsyncSession) -> None:
    await make_alert(session, acme, explanation={"fold.suricata_eve@1": 3})
    (alert,) = (await api.get("alerts")).json()["items"]
    assert not {"explanation", "observables", "events", "fingerprint", "body"} & set(alert)


async def test_what_the_caller_put_off_says_until_when(api: Api, acme: Tenant, session: AsyncSession) -> None:
    later, over, _ = [await make_alert(session, acme) for _ in range(3)]
    mine, yours = [await make_person(session, acme) for _ in range(2)]
    until = clock.whole_milliseconds(NOW + timedelta(hours=1))
    session.add_all(
        [
            Snooze(alert_id=later.id, user_id=mine.id, until=until, count=1, severity=3),
            Snooze(alert_id=over.id, user_id=mine.id, until=NOW - timedelta(hours=1), count=1, severity=3),
        ]
    )
    await session.commit()
    for caller, expected in ((await page_of(api, mine), until), (await page_of(api, yours), None)):
        listed = (await caller.get("alerts", params={"snoozed": "true"})).json()["items"]
        said = {alert["id"]: alert["snoozed_until"] and clock.parse(alert["snoozed_until"]) for alert in listed}
        assert [said.pop(str(later.id)), *said.values()] == [expected, None, None]
        detail = (await caller.get(f"alerts/{later.id}")).json()
        assert (detail["snoozed_until"] and clock.parse(detail["snoozed_until"])) == expected


async def test_what_one_put_off_is_one_list(api: Api, acme: Tenant, session: AsyncSession) -> None:
    alerts = [await make_alert(session, acme) for _ in range(4)]
    mine, yours = [await make_person(session, acme) for _ in range(2)]
    # The last one's time is over, and two share theirs.
    for alert, hours in zip(alerts, (2, 1, 2, -1), strict=True):
        until = NOW + timedelta(hours=hours)
        session.add(Snooze(alert_id=alert.id, user_id=mine.id, until=until, count=1, severity=3))
    await session.commit()
    pages, page, params = [], await page_of(api, mine), {"limit": 1}
    for _ in range(3):
        pages.append((await page.get("snoozes", params=params)).json())
        params = params | {"cursor": pages[-1]["next_cursor"]}
    assert [one["alert_id"] for found in pages for one in found["items"]] == [
        str(alerts[1].id), *sorted(str(alert.id) for alert in (alerts[0], alerts[2]))
    ]  # fmt: skip
    assert pages[-1]["next_cursor"] is None
    assert (await (await page_of(api, yours)).get("snoozes")).json()["items"] == []


async def test_another_organizations_alert_does_not_exist(api: Api, other: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, other)
    await make_event(session, other, alert_id=alert.id)
    for path in (f"alerts/{alert.id}", f"alerts/{alert.id}/events"):
        reply = await api.get(path)
        assert (reply.status_code, reply.json()["code"]) == (404, "alert_not_found")
    assert await ids_of(api) == set()
    assert (await api.get("alerts", params={"with_total": "true"})).json()["total"] == 0
    assert (await api.as_(other.token).get(f"alerts/{alert.id}")).status_code == 200


async def test_an_event_of_another_organization_is_not_shown_even_where_the_alert_is_ours(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    await make_event(session, other, alert_id=alert.id)
    assert (await api.get(f"alerts/{alert.id}")).json()["events"]["items"] == []


async def test_one_alert_has_its_rules_observables_neighbours_and_revision(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    before = await make_alert(session, acme, status="closed", current=False)
    alert = await make_alert(
        session,
        acme,
        previous_alert_id=before.id,
        revision=7,
        explanation={"fold.suricata_eve@1": 41, "join.quiet_period@1": 2, "fold.gone@9+title": 1},
    )
    after = await make_alert(session, acme, previous_alert_id=alert.id)
    for kind, value in (("ip", str(IPv6Address(alert.id.int))), ("domain", f"{alert.id}.example")):
        observable = Observable(organization_id=acme.id, type=kind, value=value, ioc=kind == "ip")
        session.add(observable)
        await session.flush()
        session.add(AlertObservable(alert_id=alert.id, observable_id=observable.id))
    await session.commit()
    reply = await api.get(f"alerts/{alert.id}")
    assert reply.headers["etag"] == '"7"'
    found = reply.json()
    assert found["revision"] == 7
    assert found["fingerprint"] == alert.fingerprint.hex()
    assert (found["previous_alert_id"], found["next_alert_ids"]) == (str(before.id), [str(after.id)])
    assert [(each["type"], each["ioc"]) for each in found["observables"]] == [("domain", False), ("ip", True)]
    fold, quiet, gone = found["explanation"]
    assert (fold["rule"], fold["version"], fold["count"]) == ("fold.suricata_eve", "1", 41)
    assert fold["fields"]
    assert quiet == {"rule": "join.quiet_period", "version": "1", "count": 2, "fields": []}
    assert gone == {"rule": "fold.gone+title", "version": "9", "count": 1, "fields": []}


async def test_observables_are_bounded(api: Api, acme: Tenant, session: AsyncSession) -> None:
    alert = await make_alert(session, acme)
    await session.execute(
        text("""
            WITH made AS (
                INSERT INTO observables (id, organization_id, type, value)
                SELECT gen_random_uuid(), :organization, 'domain', :alert || n FROM generate_series(1, 1001) AS n
                RETURNING id
            )
            INSERT INTO alert_observables (alert_id, observable_id) SELECT :alert_id, id FROM made
        """),
        {"organization": acme.id, "alert": str(alert.id), "alert_id": alert.id},
    )
    await session.commit()
    assert len((await api.get(f"alerts/{alert.id}")).json()["observables"]) == 1000


async def test_events_come_latest_first_with_titles_and_a_cursor_that_goes_on(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    moments = [NOW - timedelta(minutes=minute // 2) for minute in range(60)]
    made = [
        await make_event(session, acme, alert_id=alert.id, time=time, title=f"t{number}", unclocked=number % 7 == 0)
        for number, time in enumerate(moments)
    ]
    await make_event(session, acme, alert_id=ids.uuid7())
    expected = [str(event.id) for event in sorted(made, key=lambda event: (event.time, event.id), reverse=True)]
    first = (await api.get(f"alerts/{alert.id}")).json()["events"]
    assert [event["id"] for event in first["items"]] == expected[:50]
    rest = (await api.get(f"alerts/{alert.id}/events", params={"cursor": first["next_cursor"]})).json()
    assert [event["id"] for event in rest["items"]] == expected[50:]
    assert rest["next_cursor"] is None
    assert [event["id"] for event in await walk(api, f"alerts/{alert.id}/events", limit=7)] == expected
    titles = {event["id"]: event["title"] for event in first["items"] + rest["items"]}
    assert titles == {str(event.id): f"t{number}" for number, event in enumerate(made)}
    assert set(first["items"][0]) == {"id", "time", "title", "severity"}


async def test_an_event_that_cannot_be_read_does_not_hide_the_others(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    alert = await make_alert(session, acme)
    await make_event(session, acme, alert_id=alert.id, body=b"no frame")
    await make_event(session, acme, alert_id=alert.id, title="whole")
    items = (await api.get(f"alerts/{alert.id}")).json()["events"]["items"]
    assert {event["title"] for event in items} == {None, "whole"}


@pytest.mark.parametrize(
    "params",
    [
        {"status": "open"},
        {"severity": 4},
        {"min_severity": 0},
        {"min_severity": 6},
        {"sensor_id": "x"},
        {"rule_id": "\0"},
        {"rule_id": ""},
        {"rule_id": "x" * 257},
        {"updated_since": "2026-11-24T12:00:00"},
        {"limit": 201},
        {"with_total": "perhaps"},
        {"cursor": "W10"},
        {"cursor": encode(("-risk,-last_seen", 60, NOW, "x"))},
        {"cursor": encode(("-risk,-last_seen", 60, NOW.replace(tzinfo=None), ids.NIL))},
        {"cursor": encode(("-risk,-last_seen", 10**11, NOW, ids.NIL))},
        {"cursor": encode(("-risk,-last_seen", 60, NOW))},
    ],
)
async def test_a_filter_that_means_nothing_is_refused(api: Api, params: dict[str, Any]) -> None:
    assert (await api.get("alerts", params=params)).status_code == 422


@pytest.fixture
async def generic_plans(database: Postgres) -> AsyncIterator[None]:
    """The server plans each statement once, before it knows the values, as it may after five times."""
    setting = f'ALTER ROLE "{database.cluster.role("api")}" IN DATABASE "{database.name}" {{}} plan_cache_mode'
    await database.cluster.execute(setting.format("SET") + " = force_generic_plan")
    yield
    await database.cluster.execute(setting.format("RESET"))


async def fill(session: AsyncSession, tenant: Tenant) -> None:
    """A queue that is worth an index: nine of ten alerts are closed, of equal risk."""
    await session.execute(
        text("""
            INSERT INTO alerts (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, risk,
                                first_seen, last_seen, status, verdict, reason, closed_at)
            SELECT gen_random_uuid(), :organization, decode(md5(n::text), 'hex'), n, 't', 3, 3, 60,
                   now(), now() - n * interval '1 s', CASE WHEN is_open THEN 'new' ELSE 'closed' END,
                   CASE WHEN NOT is_open THEN 'false_positive' END, CASE WHEN NOT is_open THEN 'known_good' END,
                   CASE WHEN NOT is_open THEN now() END
            FROM (SELECT n, n % 10 = 0 AS is_open FROM generate_series(1, 20000) AS n) AS made
        """),
        {"organization": tenant.id},
    )
    await session.commit()


@pytest.mark.usefixtures("generic_plans")
async def test_the_open_queue_is_read_from_its_index(api: Api, acme: Tenant, session: AsyncSession) -> None:
    """Also by a plan that knows no values: with the statuses as parameters it could not use the index."""
    await fill(session, acme)
    await session.execute(text("ANALYZE alerts"))
    await session.commit()
    statement = text("SELECT idx_scan FROM pg_stat_all_indexes WHERE indexrelname = 'ix_alerts_queue'")
    before = await session.scalar(statement) or 0
    await session.commit()
    first = (await api.get("alerts", params={"limit": 10})).json()
    await api.get("alerts", params={"limit": 10, "cursor": first["next_cursor"]})
    async with asyncio.timeout(15):
        while (await session.scalar(statement) or 0) < before + 2:
            await session.commit()
            await asyncio.sleep(0.2)


async def test_the_queue_of_several_organizations_is_read_from_the_index_of_each(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    for tenant in (acme, other):
        await fill(session, tenant)
    person = await make_person(session, acme)
    session.add(Membership(user_id=person.id, organization_id=other.id, role="analyst"))
    await session.commit()
    await session.execute(text("ANALYZE alerts"))
    await session.commit()
    statement = text(
        "SELECT i.idx_scan, i.idx_tup_read + t.seq_tup_read FROM pg_stat_all_indexes i"
        " JOIN pg_stat_all_tables t USING (relid) WHERE i.indexrelname = 'ix_alerts_queue'"
    )
    before, read_before = (await session.execute(statement)).one()
    await session.commit()
    page = await page_of(api, person)
    assert len((await page.get("alerts", params={"limit": 10})).json()["items"]) == 10
    async with asyncio.timeout(15):
        while (now := (await session.execute(statement)).one())[0] < before + 2:
            await session.commit()
            await asyncio.sleep(0.2)
    assert now[1] - read_before < 1000


async def test_alerts_of_several_organizations_are_one_list(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    """Ties on purpose, within an organization and between two."""
    made = [
        await make_alert(session, tenant, risk=risk, last_seen=NOW + timedelta(minutes=minute))
        for tenant, risk, minute in itertools.product((acme, other), (20, 60), (0, 1, 1))
    ]
    person = await make_person(session, acme)
    session.add(Membership(user_id=person.id, organization_id=other.id, role="analyst"))
    await session.commit()
    page = await page_of(api, person)
    orders: dict[str, Callable[[Alert], Any]] = {
        "-risk": lambda alert: (-alert.risk, -alert.last_seen.timestamp(), alert.id),
        "last_seen": lambda alert: (alert.last_seen, alert.id),
    }
    for sort, key in orders.items():
        first = (await page.get("alerts", params={"limit": 5, "sort": sort})).json()
        second = (await page.get("alerts", params={"limit": 7, "sort": sort, "cursor": first["next_cursor"]})).json()
        walked = [one["id"] for one in first["items"] + second["items"]]
        assert walked == [str(alert.id) for alert in sorted(made, key=key)], sort
        assert second["next_cursor"] is None
