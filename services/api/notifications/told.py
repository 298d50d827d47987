"""What was told, or failed to be: shown, and tried again."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import trail
from services.api.deps import Trace
from services.api.notifications import queries
from services.api.notifications.schemas import NotificationRead
from services.api.principal import Principal
from shared.errors import Conflict, NotFound
from shared.models import Notification


class NotificationNotFound(NotFound):
    """There is no such notification."""

    code = "notification_not_found"


class NotFailed(Conflict):
    """Only what has failed can be tried again by hand."""

    code = "not_failed"


async def retry(session: AsyncSession, notification_id: UUID, *, by: Principal, trace: Trace) -> Notification:
    """Have it tried again, with all that travelled with it. Raises NotificationNotFound and NotFailed."""
    statement = queries.notifications(by).where(Notification.id == notification_id).with_for_update()
    notification = await session.scalar(statement)
    if notification is None:
        raise NotificationNotFound
    if notification.status != "failed":
        raise NotFailed
    await session.execute(queries.again(notification.sent_with_id or notification.id))
    await session.refresh(notification)
    trail.record_of(session, "notification.retried", notification, by=by, trace=trace)
    return notification


def shown(notification: Notification) -> NotificationRead:
    """A notification as it is shown."""
    return NotificationRead.model_validate(notification)
