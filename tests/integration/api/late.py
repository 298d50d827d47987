"""Late alerts for tests: an organization whose people have some, and a teller of its own."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts.late import Teller
from shared import clock
from shared.models import Alert, AlertClockSum, AlertClockWord, Notification, Organization
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Word(NamedTuple):
    kind: str
    subject: str
    severity: int
    number: int | None


class Desk:
    """An organization with somebody who has alerts, somebody who leads, and a teller."""

    def __init__(self, api: Api, acme: Tenant, session: AsyncSession, ann: UUID, lead: UUID) -> None:
        self.acme, self.session, self.ann, self.lead = acme, session, ann, lead
        self.teller = Teller(api.resources, leads_every=timedelta())

    async def alert(self, ago: timedelta, owner_id: UUID | None = None, **values: Any) -> UUID:
        made = {"severity": 4, "created_at": clock.now() - ago, "assignee_id": owner_id}
        return (await make_alert(self.session, self.acme, **(made | values))).id

    async def change(self, alert_id: UUID, **values: Any) -> None:
        await self.session.execute(update(Alert).where(Alert.id == alert_id).values(**values))
        await self.session.commit()

    async def told(self, who: UUID) -> list[Word]:
        """What they were told since they were asked the last time."""
        await self.teller.sweep()
        await self.session.rollback()
        rows = list(
            await self.session.scalars(
                select(Notification).where(Notification.user_id == who).order_by(Notification.kind)
            )
        )
        await self.session.execute(delete(Notification).where(Notification.user_id == who))
        await self.session.commit()
        return [Word(row.kind, row.subject, row.severity, row.content.get("count")) for row in rows]

    async def summed(self, ago: timedelta) -> None:
        """Leads were told so long ago."""
        await self.session.execute(
            update(AlertClockSum).where(AlertClockSum.organization_id == self.acme.id).values(told_at=clock.now() - ago)
        )
        await self.session.commit()

    async def words(self) -> int:
        """How many alerts' owners have heard of what holds."""
        await self.session.rollback()
        found = select(AlertClockWord).where(AlertClockWord.organization_id == self.acme.id, AlertClockWord.owned)
        return len(list(await self.session.scalars(found)))

    async def policy(self, minutes: int) -> None:
        organization = await self.session.get_one(Organization, self.acme.id, populate_existing=True)
        organization.settings = {"sla": {"high": {"acknowledge": minutes}}}
        await self.session.commit()


LATE = Word("clock.breached", "An alert is not acknowledged in time: SSH brute force", 4, None)
SOON = Word("clock.warning", "An alert is to be acknowledged soon: SSH brute force", 4, None)
SOME = "An alert that is nobody's is not acknowledged in time: SSH brute force"
NOBODYS = Word("clock.breached", SOME, 4, None)
