"""`/organizations`: where the caller belongs, and the reasons there are for closing alerts."""

from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, trail
from services.api.auth.permissions import AlertReader, OrganizationWriter, SignedInSomewhere
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.organizations.schemas import OrganizationRead, ReasonCreate, ReasonRead
from services.api.principal import NotPermitted, Principal
from shared import clock
from shared.domain.triage import REASONS, Verdict
from shared.errors import Conflict, NotFound
from shared.models import CloseReason, Organization

router = APIRouter(prefix="/organizations", tags=["organizations"])

MOST = 500


class ReasonNotFound(NotFound):
    """The organization has no such reason of its own."""

    code = "reason_not_found"


class ReasonTaken(Conflict):
    """There is such a reason."""

    code = "reason_taken"


@router.get("")
async def list_organizations(caller: SignedInSomewhere, session: Session) -> list[OrganizationRead]:
    """The caller's organizations, by name; at most 500."""
    rows = await session.scalars(
        select(Organization).where(Organization.id.in_(caller.organization_ids)).order_by(Organization.name).limit(MOST)
    )
    return [OrganizationRead.model_validate(row) for row in rows]


@router.get("/{organization_id}/close-reasons", responses=problems(404))
async def list_close_reasons(organization_id: UUID, caller: AlertReader, session: Session) -> list[ReasonRead]:
    """The built-in reasons and the organization's own, by verdict."""
    if organization_id not in caller.organization_ids:
        raise NotPermitted
    own = await session.scalars(
        select(CloseReason)
        .where(CloseReason.organization_id == organization_id)
        .order_by(CloseReason.verdict, CloseReason.name)
        .limit(MOST)
    )
    built_in = [
        ReasonRead(id=None, verdict=verdict, name=name, retired_at=None)
        for verdict, names in REASONS.items()
        for name in names
    ]
    return built_in + [_shown(row) for row in own]


@router.post(
    "/{organization_id}/close-reasons", status_code=statuses.HTTP_201_CREATED, responses=problems(404, 409, 415)
)
async def add_close_reason(
    *,
    organization_id: UUID,
    wanted: ReasonCreate,
    caller: OrganizationWriter,
    session: Session,
    trace: RequestTrace,
    key: Key = None,
) -> ReasonRead:
    """Add a reason of the organization's own; one that was retired comes back."""

    async def work() -> ReasonRead:
        return await _add(session, caller.home(organization_id), wanted, by=caller, trace=trace)

    route = f"close reason {organization_id}"
    return await idempotency.once(session, key, wanted, work, by=caller, route=route, reply=ReasonRead)


async def _add(session: AsyncSession, home: UUID, wanted: ReasonCreate, *, by: Principal, trace: Trace) -> ReasonRead:
    if wanted.name in REASONS[wanted.verdict]:
        raise ReasonTaken
    row = await session.scalar(
        select(CloseReason)
        .where(
            CloseReason.organization_id == home,
            CloseReason.verdict == wanted.verdict,
            CloseReason.name == wanted.name,
        )
        .with_for_update()
    )
    if row is not None and row.retired_at is None:
        raise ReasonTaken
    if row is None:
        row = CloseReason(organization_id=home, verdict=wanted.verdict, name=wanted.name)
        session.add(row)
    row.retired_at = None
    try:
        await session.flush()
    except IntegrityError:
        raise ReasonTaken from None
    trail.record_of(session, "close_reason.added", row, by=by, trace=trace, verdict=row.verdict, name=row.name)
    return _shown(row)


@router.delete(
    "/{organization_id}/close-reasons/{reason_id}",
    status_code=statuses.HTTP_204_NO_CONTENT,
    responses=problems(404),
)
async def retire_close_reason(
    organization_id: UUID, reason_id: UUID, caller: OrganizationWriter, session: Session, trace: RequestTrace
) -> None:
    """Offer a reason no longer; alerts that were closed with it keep it."""
    home = caller.home(organization_id)
    row = await session.get(CloseReason, reason_id, with_for_update=True)
    if row is None or row.organization_id != home:
        raise ReasonNotFound
    if row.retired_at is None:
        row.retired_at = clock.now()
        trail.record_of(
            session, "close_reason.retired", row, by=caller, trace=trace, verdict=row.verdict, name=row.name
        )


def _shown(row: CloseReason) -> ReasonRead:
    return ReasonRead(id=row.id, verdict=Verdict(row.verdict), name=row.name, retired_at=row.retired_at)
