"""Facets and the histogram of alerts: both stores count alike, each facet under all filters but its own."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import figures, search
from services.api.settings import ApiSettings
from shared import clock, ids
from shared.models import Alert, AlertObservable, Observable
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_alert, make_person, make_tenant

NOON = clock.now().replace(minute=0, second=0, microsecond=0)

SEEN = {
    "host.name": ("host", "host-{}"), "user.name": ("user", "user-{}"),
    "source.ip": ("ip", "10.0.0.{}"), "destination.ip": ("ip", "10.0.1.{}"),
}  # fmt: skip


async def fill(session: AsyncSession, tenant: Tenant, number: int) -> list[Alert]:
    """Alerts of which every field that can be counted has a few values."""
    person = await make_person(session, tenant)
    seen = {
        name: [Observable(organization_id=tenant.id, type=kind, value=value.format(one)) for one in range(2)]
        for name, (kind, value) in SEEN.items()
    }
    session.add_all(one for pair in seen.values() for one in pair)
    await session.flush()
    sensors = [ids.uuid7(), ids.uuid7()]
    made = []
    for one in range(number):
        alert = await make_alert(
            session,
            tenant,
            severity=1 + one % 5,
            status=("new", "acknowledged", "closed")[one % 3],
            verdict="false_positive" if one % 3 == 2 else None,
            reason="known_good" if one % 3 == 2 else None,
            closed_at=NOON if one % 3 == 2 else None,
            assignee_id=person.id if one % 2 else None,
            module=("suricata", "wazuh")[one % 2],
            dataset=("suricata.eve", "wazuh.alerts")[one % 2],
            sensor_id=sensors[one % 2],
            title=("brute", "scan", "beacon")[one % 3],
            tags=["edge", "core"][: one % 3],
            techniques=["T1110"] if one % 4 else [],
            last_seen=NOON - timedelta(minutes=7 * one),
        )
        session.add_all(
            AlertObservable(alert_id=alert.id, observable_id=pair[one % 2].id, fields=[name])
            for name, pair in seen.items()
        )
        made.append(alert)
    await session.commit()
    return made


async def test_both_stores_count_alike(
    whole_api: Api, bare_settings: ApiSettings, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    made = await fill(session, acme, 40) + await fill(session, await make_tenant(session, "Other"), 5)
    await findable(alerts=[alert.id for alert in made])
    span = {"from": (NOON - timedelta(hours=5)).isoformat(), "to": (NOON + timedelta(minutes=1)).isoformat()}
    every = {"status": ["new", "acknowledged", "closed"]}
    asked: list[dict[str, Any]] = [
        every, {}, {"query": "title:(brute OR scan)"}, {"query": "severity:>=3", "filter": ["module:wazuh"]},
        {"filter": ["module:wazuh", "host.name:host-1", "tags:edge"]} | every,
    ]  # fmt: skip
    async with running(bare_settings, acme.token) as away:
        for params in asked:
            for path, more in (("alerts/facets", {}), ("alerts/histogram", span)):
                found = [(await api.get(path, params=params | more)).json() for api in (whole_api, away)]
                assert [one.pop("degraded") for one in found] == [None, "OpenSearch is away"]
                if path == "alerts/facets":
                    for one in found:  # Which of two values that are as frequent comes first is not said.
                        for values in one["facets"].values():
                            values.sort(key=lambda value: (-value["count"], str(value["value"])))
                assert found[0] == found[1], (path, params)
    whole = (await whole_api.get("alerts/facets", params=every)).json()
    assert whole["total"] == 40
    assert {one["value"]: one["count"] for one in whole["facets"]["severity"]} == dict.fromkeys(range(1, 6), 8)
    assert all(whole["facets"].values()), "a facet without values compares nothing"


async def test_a_facet_shows_what_else_could_be_chosen(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    made = await fill(session, acme, 12)
    await findable(alerts=[alert.id for alert in made])
    params = {"filter": ["module:wazuh", "title:scan"], "status": ["new", "acknowledged", "closed"]}
    facets = (await whole_api.get("alerts/facets", params=params)).json()["facets"]
    assert {one["value"] for one in facets["module"]} == {"suricata", "wazuh"}, "its own filter is left out"
    assert {one["value"] for one in facets["host.name"]} == {"host-1"}, "all the others hold"


async def test_the_histogram_has_no_gaps_and_its_bounds_are_held(
    whole_api: Api, acme: Tenant, findable: Findable, session: AsyncSession
) -> None:
    made = [await make_alert(session, acme, last_seen=NOON - timedelta(hours=hours)) for hours in (0, 1, 3)]
    await findable(alerts=[alert.id for alert in made])
    span = {"from": (NOON - timedelta(hours=3)).isoformat(), "to": NOON.isoformat()}
    page = (await whole_api.get("alerts/histogram", params=span)).json()
    starts = [clock.parse(bucket["start"]) for bucket in page["buckets"]]
    step = timedelta(seconds=page["interval_seconds"])
    assert starts == [starts[0] + number * step for number in range(len(starts))]
    assert len(starts) <= 120
    assert sum(bucket["by_severity"].get("3", 0) for bucket in page["buckets"]) == 2, "the end is not in it"
    for wrong in ({"to": span["from"]}, {"from": "1900-01-01T00:00:00Z"}):
        reply = await whole_api.get("alerts/histogram", params=span | wrong)
        assert (reply.status_code, reply.json()["code"]) == (422, "bad_span")


async def test_without_opensearch_facets_are_of_the_last_seen_and_say_so(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(session, acme, 12)
    monkeypatch.setattr(figures, "MAX_TOTAL", 4)
    every = {"status": ["new", "acknowledged", "closed"]}
    page = (await api.get("alerts/facets", params=every)).json()
    assert page["degraded"] == "OpenSearch is away; counted are the 4 last seen"
    assert {one["value"]: one["count"] for one in page["facets"]["severity"]} == dict.fromkeys(range(1, 5), 1)
    assert [one["count"] for one in page["facets"]["host.name"]] == [2, 2]
    few = (await api.get("alerts/facets", params=every | {"query": "severity:5"})).json()
    assert (few["degraded"], few["total"]) == ("OpenSearch is away", 2)


@pytest.mark.parametrize("path", ["alerts?query=brute", "alerts", "alerts/facets", "alerts/histogram"])
async def test_postgres_is_not_waited_for_without_end_and_the_reply_says_what_to_do(
    path: str, api: Api, database: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "ROWS_SECONDS", 0.1)
    span = {"from": (NOON - timedelta(hours=5)).isoformat(), "to": NOON.isoformat()}
    async with database.connect("owner") as connection, connection.transaction():
        await connection.execute("LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
        reply = await api.get(path, params=span if path == "alerts/histogram" else None)
    assert (reply.status_code, reply.json()["code"]) == (503, "too_slow")
    assert "narrow" in reply.json()["detail"]


async def test_who_would_wait_too_long_behind_others_is_told(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_alert(session, acme)
    monkeypatch.setattr(figures, "WAIT_SECONDS", 0.05)
    room = api.resources.counting
    while not room.locked():
        await room.acquire()
    refused = await api.get("alerts/facets")
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (503, "busy", "1")
    room.release()
    for _ in range(2):
        assert (await api.get("alerts/facets")).json()["total"] == 1, "its place was not given back"
