"""Word to the two of a handover: that it waits, and that it was accepted."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox
from services.api.deps import Trace
from services.api.handovers.schemas import Moved
from services.api.principal import Principal
from shared.domain.notification import Kind
from shared.models import Handover
from shared.notices import Notice


async def waiting(session: AsyncSession, handover: Handover, *, by: Principal, trace: Trace) -> None:
    """To who is to take over: each once, however often they are named."""
    said = f"{by.name} hands over to you"
    told = _notice(handover, Kind.HANDOVER_WAITING, said, to=handover.incoming_id, by=by, trace=trace)
    await outbox.notify(session, told)


async def accepted(
    session: AsyncSession, handover: Handover, moved: Moved | None, *, by: Principal, trace: Trace
) -> None:
    """To who handed over, with how much work went over, if any was to: one word, however much it is."""
    said = f"{by.name} took over"
    if moved is not None:
        said += f", with {_number(moved.incidents, 'incident')} and {_number(moved.alerts, 'alert')}"
    told = _notice(handover, Kind.HANDOVER_ACCEPTED, said, to=handover.outgoing_id, by=by, trace=trace)
    await outbox.notify(session, told)


def _notice(handover: Handover, kind: Kind, said: str, *, to: UUID | None, by: Principal, trace: Trace) -> Notice:
    return Notice(
        handover.organization_id,
        kind,
        f"{handover.id} {kind}",
        f"{said}: {handover.shift}",
        content={"by": by.name},
        object_kind="handover",
        object_id=handover.id,
        addressee=to,
        actor=by.user_id,
        correlation_id=trace.correlation_id,
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
