"""Notes when a session or a token was last used, which no request depends on."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from shared import log
from shared.models import ApiToken, Session

NOTED_EVERY = timedelta(minutes=1)

logger = log.get(__name__)


async def note(session: AsyncSession, row: Session | ApiToken, *, now: datetime) -> None:
    """At most once a minute. Skips a row that another request is noting: nobody waits for this.

    A database that is full, or takes no changes, still answers who only reads.
    """
    if row.last_used_at is not None and now - row.last_used_at < NOTED_EVERY:
        return
    kind = type(row)
    free = select(kind.id).where(kind.id == row.id).with_for_update(skip_locked=True, key_share=True)
    noted = update(kind).where(kind.id == free.scalar_subquery()).values(last_used_at=now)
    try:
        await session.execute(noted.execution_options(synchronize_session=False))
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        logger.warning("use_not_noted", kind=kind.__tablename__, error=type(error.__cause__ or error).__name__)
