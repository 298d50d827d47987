"""A permission is a type in a route's signature; a route without one is public.

A caller is known by a token in `Authorization`, or by the session cookie; who comes by cookie has to prove, where
something changes, that the request was made by our page and not by another that the browser also shows.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from services.api.auth import sessions, tokens
from services.api.auth.sessions import Lifetime, PasswordExpired
from services.api.deps import OpenResources, resources_of
from services.api.middleware import SAFE
from services.api.principal import CALLER_ID, Principal
from services.api.settings import ApiSettings
from shared.domain.permissions import Permission
from shared.errors import Forbidden

CSRF_HEADER = "X-CSRF-Token"

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="An API token, `evt_…`.")
_COOKIE = APIKeyCookie(
    name="__Host-eventsec",
    auto_error=False,
    scheme_name="session",
    description=f"What signing in sets. What changes something also carries the session's {CSRF_HEADER}.",
)


class ForeignRequest(Forbidden):
    """The request came with a session's cookie and without what only our own page knows."""

    code = "csrf"


def lifetime_of(settings: ApiSettings) -> Lifetime:
    """How long sessions last here."""
    return Lifetime(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))


def address_of(request: Request) -> str:
    """Where the request came from; behind a trusted proxy, what that says."""
    return request.client.host if request.client is not None else "unknown"


def cookie_of(request: Request) -> str | None:
    """The session cookie's value, if any."""
    return request.cookies.get(resources_of(request).settings.session_cookie)


async def signed_in(
    request: Request,
    resources: OpenResources,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    _: Annotated[str | None, Security(_COOKIE)],
) -> Principal:
    """The caller. Raises Unauthenticated, and ForeignRequest.

    By a database session that ends here: the request's own takes a connection when it first needs one, so that who
    waits for another server has none.
    """
    secret, address = cookie_of(request) if given is None else None, address_of(request)
    if secret is not None and request.method not in SAFE:
        refuse_foreign(request, secret)
    # Two statements that depend on nothing between them: a transaction would double the round trips.
    async with resources.statements() as session:
        if secret is None:
            principal = await tokens.principal(session, given.credentials if given else None, address=address)
        else:
            lifetime = lifetime_of(resources.settings)
            principal = await sessions.principal(session, secret, lifetime=lifetime, address=address)
    setattr(request.state, CALLER_ID, str(principal.id))
    return principal


def refuse_foreign(request: Request, secret: str) -> None:
    """Raises ForeignRequest unless the session's own token is there and the origin, where it is told, is ours."""
    if not sessions.is_csrf(secret, request.headers.get(CSRF_HEADER)):
        raise ForeignRequest(f"The header {CSRF_HEADER} does not hold the token of this session.")
    refuse_foreign_origin(request)


def refuse_foreign_origin(request: Request) -> None:
    """Raises ForeignRequest when a browser says that another site's page sent this."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    public_url = resources_of(request).settings.public_url
    ours = urlsplit(public_url).netloc if public_url else request.headers.get("host", "")
    if urlsplit(origin).netloc != ours:
        raise ForeignRequest("The request comes from a page of another origin.")


def require(permission: Permission) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that gives the caller, narrowed to where it has the permission. Raises NotPermitted."""

    async def permitted(principal: Annotated[Principal, Depends(signed_in)]) -> Principal:
        if principal.limited:
            raise PasswordExpired
        return principal.narrowed(permission)

    return permitted


async def signed_in_somewhere(principal: Annotated[Principal, Depends(signed_in)]) -> Principal:
    """Any caller that may do something, seeing all its organizations. Raises PasswordExpired."""
    if principal.limited:
        raise PasswordExpired
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]
SignedInSomewhere = Annotated[Principal, Depends(signed_in_somewhere)]

AlertReader = Annotated[Principal, Depends(require(Permission.ALERTS_READ))]
AlertWriter = Annotated[Principal, Depends(require(Permission.ALERTS_WRITE))]
IncidentReader = Annotated[Principal, Depends(require(Permission.INCIDENTS_READ))]
IncidentWriter = Annotated[Principal, Depends(require(Permission.INCIDENTS_WRITE))]
IncidentReviewer = Annotated[Principal, Depends(require(Permission.INCIDENTS_REVIEW))]
IncidentConfigurer = Annotated[Principal, Depends(require(Permission.INCIDENTS_CONFIGURE))]
GlassBreaker = Annotated[Principal, Depends(require(Permission.BREAK_GLASS))]
EventReader = Annotated[Principal, Depends(require(Permission.EVENTS_READ))]
SensorReader = Annotated[Principal, Depends(require(Permission.SENSORS_READ))]
SensorWriter = Annotated[Principal, Depends(require(Permission.SENSORS_WRITE))]
ReceiptReader = Annotated[Principal, Depends(require(Permission.RECEIPTS_READ))]
RuleReader = Annotated[Principal, Depends(require(Permission.RULES_READ))]
SuppressionReader = Annotated[Principal, Depends(require(Permission.SUPPRESSIONS_READ))]
SuppressionWriter = Annotated[Principal, Depends(require(Permission.SUPPRESSIONS_WRITE))]
NotificationWriter = Annotated[Principal, Depends(require(Permission.NOTIFICATIONS_WRITE))]
ViewWriter = Annotated[Principal, Depends(require(Permission.VIEWS_WRITE))]
OrganizationWriter = Annotated[Principal, Depends(require(Permission.ORGANIZATION_WRITE))]
UserReader = Annotated[Principal, Depends(require(Permission.USERS_READ))]
UserWriter = Annotated[Principal, Depends(require(Permission.USERS_WRITE))]
Exporter = Annotated[Principal, Depends(require(Permission.EXPORT))]
AuditReader = Annotated[Principal, Depends(require(Permission.AUDIT_READ))]
AuditExporter = Annotated[Principal, Depends(require(Permission.AUDIT_EXPORT))]
SystemReader = Annotated[Principal, Depends(require(Permission.SYSTEM_READ))]
SystemWriter = Annotated[Principal, Depends(require(Permission.SYSTEM_WRITE))]
QuarantineReader = Annotated[Principal, Depends(require(Permission.QUARANTINE_READ))]
QuarantineWriter = Annotated[Principal, Depends(require(Permission.QUARANTINE_WRITE))]
