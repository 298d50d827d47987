"""Alerts that people make."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from tests.integration.api.calling import Api
from tests.integration.api.projected import Findable
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of

SEEN = clock.now() - timedelta(hours=2)
MADE: dict[str, Any] = {
    "title": "Badge used twice at once",
    "severity": 4,
    "first_seen": SEEN.isoformat(),
    "tags": ["physical", "badge", "badge"],
    "techniques": ["T1078.002"],
    "observables": [{"type": "user", "value": " ada "}, {"type": "ip", "value": "2001:DB8::1"}],
    "note": "The guard at the gate called.",
}


@pytest.fixture
async def analyst(whole_api: Api, acme: Tenant, session: AsyncSession) -> Page:
    """Somebody at work."""
    return await page_of(whole_api, await make_person(session, acme))


async def test_it_is_an_alert_like_any_other(analyst: Page, findable: Findable) -> None:
    made = await analyst.post("alerts", MADE)
    assert made.status_code == 201, made.text
    alert = (await analyst.get(f"alerts/{made.json()['id']}")).json()
    assert (alert["status"], alert["risk"], alert["count"], alert["module"]) == ("new", 80, 0, "eventsec")
    assert clock.parse(alert["first_seen"]) == clock.parse(alert["last_seen"]) == SEEN
    assert alert["tags"] == ["badge", "physical"]
    assert {(one["type"], one["value"]) for one in alert["observables"]} == {("user", "ada"), ("ip", "2001:db8::1")}
    assert alert["created_by_id"]
    notes = (await analyst.get(f"alerts/{alert['id']}/notes")).json()["items"]
    assert [note["body"] for note in notes] == [MADE["note"]]
    await findable(alerts=[alert["id"]])
    for query in ("title:badge AND observable:ada", "created_by:me", "guard"):
        found = (await analyst.get("alerts", params={"query": query})).json()
        assert ([one["id"] for one in found["items"]], found["degraded"]) == ([alert["id"]], None), query
    acknowledged = await analyst.post(f"alerts/{alert['id']}/acknowledge", headers={"If-Match": '"1"'})
    assert acknowledged.status_code == 200, acknowledged.text


async def test_the_same_value_is_the_same_observable(analyst: Page) -> None:
    ids = []
    for _ in range(2):
        made = (await analyst.post("alerts", MADE)).json()
        ids.append({one["id"] for one in (await analyst.get(f"alerts/{made['id']}")).json()["observables"]})
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"observables": [{"type": "ip", "value": "not an address"}]}, "bad_observable"),
        ({"observables": [{"type": "colour", "value": "red"}]}, None),
        ({"first_seen": (clock.now() + timedelta(hours=1)).isoformat()}, "bad_times"),
        ({"last_seen": (SEEN - timedelta(seconds=1)).isoformat()}, "bad_times"),
        ({"techniques": ["T1"]}, None),
        ({"severity": 6}, None),
        ({"title": " "}, None),
    ],
)
async def test_what_makes_no_sense_is_refused(analyst: Page, wrong: dict[str, Any], code: str | None) -> None:
    reply = await analyst.post("alerts", MADE | wrong)
    assert reply.status_code == 422, reply.text
    if code:
        assert reply.json()["code"] == code
    assert (await analyst.get("alerts")).json()["items"] == []


async def test_a_value_may_be_as_long_as_those_of_sensors(api: Api) -> None:
    for value, status in (("/" + "x" * 1023, 201), ("x" * 1025, 422), ("я" * 1024, 422), ("я" * 512, 201)):
        body = {"title": "Long path", "severity": 3, "observables": [{"type": "file", "value": value}]}
        made = await api.post("alerts", body)
        assert made.status_code == status, made.text
        if status == 201:
            shown = (await api.get(f"alerts/{made.json()['id']}")).json()["observables"]
            assert [one["value"] for one in shown] == [value]
