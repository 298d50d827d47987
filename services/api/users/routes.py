"""`/users`: the people of an organization and their roles."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi import status as statuses

from services.api import pagination
from services.api.auth.permissions import UserReader, UserWriter
from services.api.auth.schemas import UserRead
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import SHOWN_ONCE
from services.api.pagination import Cursor, Limit, Page
from services.api.users import service
from services.api.users.schemas import FirstPassword, MemberCreated, MemberRead, UserCreate, UserUpdate

router = APIRouter(prefix="/users", tags=["users"])

Organization = Annotated[UUID | None, Query(description="Where, for who belongs to several organizations.")]


@router.get("", response_model_exclude_unset=True)
async def list_users(
    caller: UserReader,
    session: Session,
    organization_id: Organization = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MemberRead]:
    """People, once for each organization they are in."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    rows = await service.page(session, by=caller, organization_id=organization_id, after=after, limit=limit)
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row[1].id,))
    return Page(items=[service.shown(*row, to=caller) for row in page], next_cursor=next_cursor)


@router.get("/{user_id}", responses=problems(404))
async def get_user(user_id: UUID, caller: UserReader, session: Session) -> UserRead:
    """Who somebody is; also who was taken out of the organization, and is in no list any more."""
    return await service.one(session, user_id, by=caller)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415), dependencies=[SHOWN_ONCE])
async def create_user(
    wanted: UserCreate, caller: UserWriter, session: Session, resources: OpenResources, trace: RequestTrace
) -> MemberCreated:
    """Add somebody; the first password is in the reply, and nowhere else."""
    user, membership, password = await service.create(session, wanted, resources.passwords, by=caller, trace=trace)
    return MemberCreated(**service.shown(user, membership, to=caller).model_dump(), password=password)


@router.patch("/{user_id}", responses=problems(404, 409, 415))
async def change_user(
    *,
    user_id: UUID,
    wanted: UserUpdate,
    caller: UserWriter,
    session: Session,
    trace: RequestTrace,
    organization_id: Organization = None,
) -> MemberRead:
    """Change somebody's role or name, or disable them."""
    changed = await service.change(session, user_id, wanted, by=caller, organization_id=organization_id, trace=trace)
    return service.shown(*changed, to=caller)


@router.post("/{user_id}/reset", responses=problems(404, 409), dependencies=[SHOWN_ONCE])
async def reset_user(
    *,
    user_id: UUID,
    caller: UserWriter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    organization_id: Organization = None,
) -> FirstPassword:
    """A new first password for who lost theirs; their authenticator app is off, their sessions and tokens end."""
    password = await service.reset(
        session, user_id, resources.passwords, by=caller, organization_id=organization_id, trace=trace
    )
    return FirstPassword(password=password)


@router.delete("/{user_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404, 409))
async def remove_user(
    user_id: UUID, caller: UserWriter, session: Session, trace: RequestTrace, organization_id: Organization = None
) -> None:
    """Take somebody out of the organization; what they did, and the alerts they hold, stay theirs."""
    await service.remove(session, user_id, by=caller, organization_id=organization_id, trace=trace)
