"""`/tokens`: the keys of machines to the API, made by people, and no mightier than they."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses

from services.api import pagination
from services.api.auth.permissions import SignedInSomewhere
from services.api.auth.proof import prove
from services.api.auth.routes import Origin
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import SHOWN_ONCE
from services.api.pagination import Cursor, Limit, Page
from services.api.tokens import queries, service
from services.api.tokens.schemas import TokenCreate, TokenCreated, TokenRead
from shared import clock

router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.get("")
async def list_tokens(
    caller: SignedInSomewhere, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[TokenRead]:
    """One's own tokens; all of an organization's for those who administer it."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    rows = (await session.scalars(queries.page(caller, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda token: (token.id,))
    return Page(items=[TokenRead.model_validate(token) for token in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415, 429), dependencies=[SHOWN_ONCE])
async def create_token(
    *,
    wanted: TokenCreate,
    caller: SignedInSomewhere,
    resources: OpenResources,
    session: Session,
    origin: Origin,
    trace: RequestTrace,
) -> TokenCreated:
    """Make a token. It may what its scopes say and, at any time, no more than its maker may then."""
    password = wanted.password.get_secret_value() if wanted.password is not None else None
    await prove(resources, session, caller, password, origin=origin, trace=trace)
    token, secret = await service.create_own(
        session,
        name=wanted.name,
        scopes=[str(scope) for scope in wanted.scopes],
        expires_at=clock.now() + timedelta(days=wanted.expires_days),
        organization_id=wanted.organization_id,
        by=caller,
        trace=trace,
    )
    return TokenCreated(**TokenRead.model_validate(token).model_dump(), token=secret)


@router.delete("/{token_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404))
async def revoke_token(token_id: UUID, caller: SignedInSomewhere, session: Session, trace: RequestTrace) -> None:
    """End a token at once."""
    await service.revoke_visible(session, token_id, by=caller, trace=trace)
