"""`/invitations`: people who have an account elsewhere are asked in, and join by themselves."""

from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses

from services.api import pagination
from services.api.auth.permissions import SignedInSomewhere, UserWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import SHOWN_ONCE
from services.api.invitations import service
from services.api.invitations.schemas import InvitationAccept, InvitationCreate, InvitationCreated, InvitationRead
from services.api.pagination import Cursor, Limit, Page

router = APIRouter(prefix="/invitations", tags=["users"])


@router.get("")
async def list_invitations(
    caller: UserWriter, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[InvitationRead]:
    """Invitations that wait for an answer, the latest first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    rows = await service.page(session, by=caller, after=after, limit=limit)
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[InvitationRead.model_validate(row) for row in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415), dependencies=[SHOWN_ONCE])
async def create_invitation(
    wanted: InvitationCreate, caller: UserWriter, session: Session, trace: RequestTrace
) -> InvitationCreated:
    """Ask somebody in; the code is in the reply, and nowhere else. It says nothing of who has an account."""
    invitation, code = await service.create(session, wanted, by=caller, trace=trace)
    return InvitationCreated(**InvitationRead.model_validate(invitation).model_dump(), code=code)


@router.post("/accept", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404, 409, 415))
async def accept_invitation(
    wanted: InvitationAccept, caller: SignedInSomewhere, session: Session, trace: RequestTrace
) -> None:
    """Join the organization that handed this code to the caller; the session sees it from the next request on."""
    await service.accept(session, wanted.code, by=caller, trace=trace)


@router.delete("/{invitation_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404))
async def take_invitation_back(invitation_id: UUID, caller: UserWriter, session: Session, trace: RequestTrace) -> None:
    """Make its code void."""
    await service.take_back(session, invitation_id, by=caller, trace=trace)
