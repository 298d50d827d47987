"""A permission is a type in a route's signature; a route without one is public."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.api.auth import tokens
from services.api.auth.principal import Principal, Scope
from services.api.deps import Session
from shared.errors import Forbidden

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="An API token, `evt_…`.")


class MissingScope(Forbidden):
    """The token lacks the scope this needs."""

    code = "missing_scope"


async def authenticate(
    session: Session, given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
) -> Principal:
    """The caller. Raises Unauthenticated."""
    return await tokens.principal(session, given.credentials if given else None)


def require(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that gives the caller if its token has the scope, and raises MissingScope else."""

    async def permitted(principal: Annotated[Principal, Depends(authenticate)]) -> Principal:
        if not principal.may(scope):
            raise MissingScope(f"This needs a token with the scope {scope}.")
        return principal

    return permitted


SensorReader = Annotated[Principal, Depends(require(Scope.SENSORS_READ))]
SensorWriter = Annotated[Principal, Depends(require(Scope.SENSORS_WRITE))]
AlertReader = Annotated[Principal, Depends(require(Scope.ALERTS_READ))]
ReceiptReader = Annotated[Principal, Depends(require(Scope.RECEIPTS_READ))]
QuarantineReader = Annotated[Principal, Depends(require(Scope.QUARANTINE_READ))]
QuarantineWriter = Annotated[Principal, Depends(require(Scope.QUARANTINE_WRITE))]
