"""Word of alerts that are late: once to whose they are, once an hour to leads, and never a flood."""

from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import app
from services.api.alerts import late
from shared import clock
from shared.db.locks import CLASS, Lock
from shared.models import Alert, AlertClockWord, Notification, User
from tests.integration.api.calling import Api
from tests.integration.api.late import HOUR, LATE, MINUTE, SOON, Desk, Word
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import page_of

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture(autouse=True)
def by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's own rounds would come at moments of their own."""

    async def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(app, "_alert_clocks", nothing)


@pytest.fixture
async def ann(acme: Tenant, session: AsyncSession) -> User:
    return await make_person(session, acme, "analyst")


@pytest.fixture
async def desk(api: Api, acme: Tenant, session: AsyncSession, ann: User) -> Desk:
    lead = await make_person(session, acme, "lead")
    return Desk(api, acme, session, ann.id, lead.id)


async def test_whose_it_is_is_told_once_of_each(desk: Desk) -> None:
    alert = await desk.alert(44 * MINUTE, desk.ann)
    assert await desk.told(desk.ann) == []
    for minutes, expected in ((46, SOON), (61, LATE)):
        await desk.change(alert, created_at=clock.now() - minutes * MINUTE)
        assert await desk.told(desk.ann) == [expected]
        assert await desk.told(desk.ann) == [], "though the notification is gone"
    assert await desk.told(desk.lead) == []


async def test_it_names_the_alert(desk: Desk) -> None:
    alert = await desk.alert(2 * HOUR, desk.ann)
    await desk.teller.sweep()
    (row,) = list(await desk.session.scalars(select(Notification).where(Notification.user_id == desk.ann)))
    assert (row.object_kind, row.object_id, row.content) == ("alert", alert, {"clock": "acknowledge"})


async def test_several_are_one_word_that_says_how_many_and_finds_them(desk: Desk, api: Api, ann: User) -> None:
    page = await page_of(api, ann)
    made = {await desk.alert(2 * HOUR, desk.ann) for _ in range(3)} | {await desk.alert(HOUR, desk.ann, severity=5)}
    soon = {await desk.alert(minutes * MINUTE, desk.ann) for minutes in (50, 55)}
    await desk.alert(2 * HOUR)
    await desk.alert(MINUTE, desk.ann)
    assert await desk.teller.sweep() == 3
    listed = (await page.get("notifications")).json()["items"]
    said = {one["kind"]: one for one in listed}
    assert len(said) == len(listed) == 2
    for kind, subject, severity, expected in (
        ("clock.breached", "4 alerts are not acknowledged in time", 5, made),
        ("clock.warning", "2 alerts are to be acknowledged soon", 4, soon),
    ):
        assert (said[kind]["subject"], said[kind]["severity"]) == (subject, severity)
        found = await page.get("alerts", params={"query": said[kind]["query"]})
        assert {one["id"] for one in found.json()["items"]} == {str(one) for one in expected}


async def test_what_finds_them_counts_from_when_they_became_new(desk: Desk, api: Api, ann: User) -> None:
    page, now = await page_of(api, ann), clock.now()
    long_ago = now - 5 * HOUR
    late = [
        await desk.alert(10 * MINUTE, desk.ann, new_since=now - 2 * HOUR),
        await desk.alert(5 * HOUR, desk.ann, new_since=now - HOUR, acknowledged_at=long_ago, again=True),
        await desk.alert(2 * HOUR, desk.ann),
    ]
    await desk.alert(5 * HOUR, desk.ann, new_since=now - 10 * MINUTE, acknowledged_at=long_ago, again=True)
    await desk.alert(5 * HOUR, desk.ann, acknowledged_at=long_ago, again=True)
    await desk.teller.sweep()
    (said,) = (await page.get("notifications")).json()["items"]
    assert said["subject"] == "3 alerts are not acknowledged in time"
    found = await page.get("alerts", params={"query": said["query"]})
    assert {one["id"] for one in found.json()["items"]} == {str(one) for one in late}


@pytest.mark.parametrize("change", ["lowered and raised", "acknowledged and come again", "given to nobody and back"])
async def test_what_was_taken_back_is_told_again(desk: Desk, change: str) -> None:
    alert, now = await desk.alert(2 * HOUR, desk.ann), clock.now()
    there: dict[str, dict[str, Any]] = {
        "lowered and raised": {"severity": 2},
        "acknowledged and come again": {"status": "acknowledged", "acknowledged_at": now - 100 * MINUTE},
        "given to nobody and back": {"assignee_id": None},
    }
    back: dict[str, dict[str, Any]] = {
        "lowered and raised": {"severity": 4},
        "acknowledged and come again": {"status": "new", "new_since": now - 61 * MINUTE},
        "given to nobody and back": {"assignee_id": desk.ann},
    }
    assert await desk.told(desk.ann) == [LATE]
    await desk.change(alert, **there[change])
    assert (await desk.told(desk.ann), await desk.words()) == ([], 0)
    await desk.change(alert, **back[change])
    assert await desk.told(desk.ann) == [LATE]


async def test_another_policy_counts_at_once_and_a_loosened_one_anew(desk: Desk) -> None:
    await desk.alert(2 * HOUR, desk.ann)
    for minutes, expected in ((60, [LATE]), (600, []), (90, [LATE]), (80, [])):
        await desk.policy(minutes)
        assert await desk.told(desk.ann) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"status": "in_progress"},
        {"status": "closed"},
        {"status": "suppressed"},
        {"severity": 3},
        {"acknowledged_at": clock.now(), "again": True},
    ],
    ids=["taken up", "closed", "suppressed", "has longer", "came again before we counted that"],
)
async def test_what_is_not_late_is_not_told(desk: Desk, values: dict[str, Any]) -> None:
    await desk.alert(2 * HOUR, desk.ann, **values)
    await desk.alert(2 * HOUR, **values)
    assert (await desk.told(desk.ann), await desk.told(desk.lead)) == ([], [])


async def test_leads_are_told_of_what_is_nobodys_once_an_hour(desk: Desk) -> None:
    await desk.alert(3 * HOUR)
    alone = Word("clock.breached", "An alert that is nobody's is not acknowledged in time: SSH brute force", 4, None)
    assert await desk.told(desk.lead) == [alone]
    for _ in range(2):
        await desk.alert(61 * MINUTE)
    assert await desk.told(desk.lead) == []
    await desk.summed(59 * MINUTE)
    assert await desk.told(desk.lead) == []
    await desk.summed(61 * MINUTE)
    several = Word("clock.breached", "2 alerts that are nobody's are not acknowledged in time", 4, 2)
    assert await desk.told(desk.lead) == [several], "the first was told before"
    await desk.summed(3 * MINUTE)
    assert (await desk.told(desk.lead), await desk.told(desk.ann)) == ([], [])


async def test_leads_are_warned_of_what_is_nobodys(desk: Desk) -> None:
    for minutes in (46, 50, 70, 80, 90):
        await desk.alert(minutes * MINUTE)
    assert await desk.told(desk.lead) == [
        Word("clock.breached", "3 alerts that are nobody's are not acknowledged in time", 4, 3),
        Word("clock.warning", "2 alerts that are nobody's are to be acknowledged soon", 4, 2),
    ]


async def test_a_flood_is_one_word(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "MOST", 20)
    # Those that other tests left would take rounds of their own.
    await desk.session.execute(delete(AlertClockWord))
    defaults = {"title": "SSH brute force", "severity": 4, "sensor_severity": 4, "fold_window": 1, "risk": 80}
    row = defaults | {"organization_id": desk.acme.id, **dict.fromkeys(("first_seen", "last_seen"), clock.now())}
    flood = [
        row | {"fingerprint": bytes([n]), "assignee_id": desk.ann if n % 2 else None, "created_at": at}
        for n, at in enumerate([clock.now() - 2 * HOUR] * 60)
    ]
    await desk.session.execute(insert(Alert), flood)
    await desk.session.commit()
    assert await desk.told(desk.ann) == [
        Word("clock.breached", "20 or more alerts are not acknowledged in time", 4, 20)
    ]
    assert await desk.told(desk.ann) == []
    (word,) = await desk.told(desk.lead)
    assert word.subject == "20 or more alerts that are nobody's are not acknowledged in time"
    fresh = await desk.alert(61 * MINUTE, desk.ann)
    assert await desk.told(desk.ann) == [LATE], "what has just become so is among those that are looked at"
    assert await desk.words() == 21
    await desk.change(fresh, status="closed")
    for _ in range(3):
        await desk.teller.sweep()
    assert await desk.words() == 20, "it has looked through all that was told, so many at a time"


async def test_one_process_at_a_time_tells(desk: Desk) -> None:
    await desk.alert(2 * HOUR, desk.ann)
    await desk.session.execute(select(func.pg_advisory_xact_lock(CLASS, int(Lock.ALERT_CLOCKS))))
    assert await desk.teller.sweep() == 0
    await desk.session.rollback()
    assert await desk.told(desk.ann) == [LATE], "once the other has ended"


async def test_telling_waits_for_nobody_who_changes_the_alert(desk: Desk) -> None:
    alert = await desk.alert(2 * HOUR, desk.ann)
    await desk.session.execute(select(Alert).where(Alert.id == alert).with_for_update())
    assert await desk.teller.sweep() == 1
