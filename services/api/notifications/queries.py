"""SQL over channels, routes and notifications."""

from uuid import UUID

from sqlalchemy import Select, Update, and_, func, or_, select, update

from services.api import restricted
from services.api.principal import Principal
from shared import clock
from shared.domain.permissions import Permission
from shared.models import Notification, NotificationChannel, NotificationRoute


def channels(principal: Principal) -> Select[NotificationChannel]:
    """Those of the organizations whose channels the caller looks after."""
    mine = principal.where(Permission.NOTIFICATIONS_WRITE)
    return select(NotificationChannel).where(NotificationChannel.organization_id.in_(mine))


def routes(principal: Principal) -> Select[NotificationRoute]:
    """One's own, and those to the channels that the caller looks after."""
    mine = principal.where(Permission.NOTIFICATIONS_WRITE)
    return select(NotificationRoute).where(
        NotificationRoute.organization_id.in_(principal.organization_ids),
        or_(
            principal.owns(NotificationRoute.user_id),
            and_(NotificationRoute.channel_id.is_not(None), NotificationRoute.organization_id.in_(mine)),
        ),
    )


def notifications(principal: Principal) -> Select[Notification]:
    """What the caller was told, and all of the organizations whose channels they look after.

    Nothing of what is hidden from them by now.
    """
    mine = principal.where(Permission.NOTIFICATIONS_WRITE)
    return select(Notification).where(
        Notification.organization_id.in_(principal.organization_ids),
        or_(principal.owns(Notification.user_id), Notification.organization_id.in_(mine)),
        restricted.may_see_object(principal, Notification.object_id),
    )


def page(
    principal: Principal, *, status: str | None, kind: str | None, after: UUID | None, limit: int
) -> Select[Notification]:
    """The latest first; one more than `limit`."""
    statement = notifications(principal).order_by(Notification.id.desc()).limit(limit + 1)
    if status is not None:
        statement = statement.where(Notification.status == status)
    if kind is not None:
        statement = statement.where(Notification.kind == kind)
    return statement if after is None else statement.where(Notification.id < after)


def again(head_id: UUID) -> Update:
    """A failed message as it is to be sent again: the same things under the same id, so it has been tried once."""
    together = or_(Notification.id == head_id, Notification.sent_with_id == head_id)
    return (
        update(Notification)
        .where(together, Notification.status == "failed")
        .values(status="pending", due_at=clock.now(), attempts=1)
        .execution_options(synchronize_session=False)
    )


def count_channels(organization_id: UUID) -> Select[int]:
    """How many an organization has."""
    return select(func.count()).where(NotificationChannel.organization_id == organization_id)


def count_routes(organization_id: UUID, user_id: UUID | None) -> Select[int]:
    """How many a person has in an organization, or its channels."""
    return select(func.count()).where(
        NotificationRoute.organization_id == organization_id,
        NotificationRoute.user_id.is_not_distinct_from(user_id),
    )
