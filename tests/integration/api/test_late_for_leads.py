"""What leads are told of late alerts: of what is nobody's, once, whatever made it late."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import app
from services.api.alerts import late
from services.api.alerts.late import Teller
from shared import clock
from shared.models import Membership, User
from tests.integration.api.calling import Api
from tests.integration.api.incidents import opened
from tests.integration.api.late import HOUR, LATE, MINUTE, NOBODYS, Desk, Word
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import page_of

pytestmark = pytest.mark.usefixtures("still")

SECOND = timedelta(seconds=1)


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


@pytest.mark.parametrize("how", ["another policy", "unlinked", "raised", "given back"])
async def test_leads_are_told_once_whatever_made_it_late(desk: Desk, api: Api, ann: User, how: str) -> None:
    """It began long before they were told the last time."""
    await desk.policy(150)
    await desk.alert(3 * HOUR)
    page = await page_of(api, ann)
    began, owner = (110 * MINUTE, None) if how == "another policy" else (5 * HOUR, desk.ann)
    alert = await desk.alert(began, owner if how == "given back" else None, severity=2 if how == "raised" else 4)
    incident = await opened(page, alert_ids=[str(alert)]) if how == "unlinked" else None
    assert await desk.told(desk.lead) == [NOBODYS], "of the first"
    await desk.summed(70 * MINUTE)
    assert await desk.told(desk.lead) == []
    if how == "another policy":
        await desk.policy(30)
    elif incident is not None:
        unlinked = await page.post(f"incidents/{incident['id']}/alerts/unlink", {"alert_ids": [str(alert)]})
        assert unlinked.status_code == 200, unlinked.text
    else:
        await desk.change(alert, severity=4, assignee_id=None)
    assert await desk.told(desk.lead) == [NOBODYS], "of this one"
    for ago in (59, 61, 200):
        await desk.summed(ago * MINUTE)
        assert await desk.told(desk.lead) == []


@pytest.mark.parametrize("how", ["disabled", "taken out"])
async def test_what_those_have_who_are_gone_is_nobodys(desk: Desk, api: Api, ann: User, how: str) -> None:
    made = {await desk.alert(2 * HOUR, desk.ann), await desk.alert(2 * HOUR), await desk.alert(3 * HOUR, desk.ann)}
    await desk.alert(2 * HOUR, desk.lead)
    lead = await page_of(api, await desk.session.get_one(User, desk.lead))
    if how == "disabled":
        await desk.session.execute(update(User).where(User.id == desk.ann).values(disabled_at=clock.now()))
    else:
        await desk.session.execute(delete(Membership).where(Membership.user_id == desk.ann))
    await desk.session.commit()
    await desk.teller.sweep()
    said = {one["subject"]: one for one in (await lead.get("notifications")).json()["items"]}
    word = said["3 alerts that are nobody's are not acknowledged in time"]
    found = await lead.get("alerts", params={"query": word["query"]})
    assert {one["id"] for one in found.json()["items"]} == {str(one) for one in made}
    await desk.told(desk.lead)
    await desk.summed(2 * HOUR)
    assert (await desk.told(desk.lead), await desk.words()) == ([], 1)


async def test_who_is_back_hears_of_what_leads_heard(desk: Desk) -> None:
    await desk.alert(2 * HOUR, desk.ann)
    for disabled_at, hears, does_not in ((clock.now(), desk.lead, desk.ann), (None, desk.ann, desk.lead)):
        await desk.session.execute(update(User).where(User.id == desk.ann).values(disabled_at=disabled_at))
        await desk.session.commit()
        await desk.summed(2 * HOUR)
        assert len(await desk.told(hears)) == 1
        assert await desk.told(does_not) == []


async def test_what_was_nobodys_for_a_while_is_told_its_owner_again(desk: Desk) -> None:
    await desk.alert(3 * HOUR)
    assert await desk.told(desk.lead) == [NOBODYS]
    alert = await desk.alert(2 * HOUR, desk.ann)
    assert await desk.told(desk.ann) == [LATE]
    await desk.change(alert, assignee_id=None)
    assert (await desk.told(desk.lead), await desk.words()) == ([], 0), "they were told of another lately"
    await desk.change(alert, assignee_id=desk.ann)
    assert await desk.told(desk.ann) == [LATE]


async def test_what_leads_heard_keeps_nothing_from_an_owner(desk: Desk) -> None:
    alert = await desk.alert(2 * HOUR)
    assert await desk.told(desk.lead) == [NOBODYS]
    await desk.change(alert, assignee_id=desk.ann)
    desk.teller._after = UUID(int=2**128 - 1)
    assert await desk.told(desk.ann) == [LATE], "before what leads were told has been forgotten"


async def test_working_through_a_flood_tells_it_no_second_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "MOST", 3)
    flood = [await desk.alert(2 * HOUR + n * MINUTE) for n in range(6)]
    several = Word("clock.breached", "3 or more alerts that are nobody's are not acknowledged in time", 4, 3)
    assert await desk.told(desk.lead) == [several]
    for alert in flood[:3]:
        await desk.change(alert, status="closed")
        await desk.summed(61 * MINUTE)
        assert await desk.told(desk.lead) == []
    await desk.change(flood[3], status="closed")
    assert await desk.told(desk.lead) == [], "though all of them can be looked at now"
    await desk.alert(61 * MINUTE)
    assert await desk.told(desk.lead) == [NOBODYS]


async def test_what_is_nobodys_is_looked_at_once_a_minute(
    desk: Desk, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little is new, all that is late is read for it."""
    desk.teller, began = Teller(api.resources), clock.now()
    assert await desk.told(desk.lead) == []
    await desk.alert(2 * HOUR)
    await desk.alert(2 * HOUR, desk.ann)
    assert (await desk.told(desk.lead), await desk.told(desk.ann)) == ([], [LATE]), "an owner hears at once"
    monkeypatch.setattr(clock, "now", lambda: began + 62 * SECOND)
    assert await desk.told(desk.lead) == [NOBODYS]
    await desk.alert(90 * MINUTE, severity=5)
    await desk.summed(2 * HOUR)
    assert await desk.told(desk.lead) == [], "a look at which something was told counts as well"
    monkeypatch.setattr(clock, "now", lambda: began - 10 * MINUTE)
    await desk.summed(2 * HOUR)
    assert len(await desk.told(desk.lead)) == 1, "a clock that is set back keeps nobody waiting"


async def test_the_rest_of_a_flood_is_not_new_once_it_can_be_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "MOST", 3)
    flood = [await desk.alert(2 * HOUR + n * MINUTE) for n in range(5)]
    assert len(await desk.told(desk.lead)) == 1
    await desk.summed(61 * MINUTE)
    assert await desk.told(desk.lead) == [], "of what is in view they were told"
    for alert in flood[:3]:
        await desk.change(alert, status="closed")
    await desk.summed(61 * MINUTE)
    assert await desk.told(desk.lead) == [], "it was among the three or more"
    await desk.alert(5 * HOUR)
    assert await desk.told(desk.lead) == [NOBODYS], "the flood is over"


async def test_leads_are_told_of_a_flood_that_another_policy_makes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "MOST", 3)
    await desk.policy(150)
    for minutes in (180, 110, 110, 110, 110):
        await desk.alert(minutes * MINUTE)
    assert NOBODYS in await desk.told(desk.lead)
    await desk.summed(70 * MINUTE)
    await desk.policy(30)
    several = Word("clock.breached", "3 or more alerts that are nobody's are not acknowledged in time", 4, 3)
    assert await desk.told(desk.lead) == [several], "all began before they were told the last time"
