"""`/auth`: signing in and out, one's own password, authenticator app and sessions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import status as statuses

from services.api.auth import permissions, profile, proof, service
from services.api.auth.permissions import SignedIn, SignedInSomewhere, address_of, cookie_of, lifetime_of
from services.api.auth.proof import From
from services.api.auth.schemas import (
    Login,
    Methods,
    PasswordChange,
    PasswordGiven,
    ProfileRead,
    ProfileUpdate,
    RecoveryCodes,
    SessionListed,
    SessionRead,
    TotpBegun,
    TotpConfirm,
)
from services.api.auth.sessions import Opened, csrf_of
from services.api.deps import OpenResources, RequestTrace, Session, resources_of
from services.api.errors import problems
from services.api.principal import NotAPerson

router = APIRouter(prefix="/auth", tags=["auth"])

NO_CONTENT = statuses.HTTP_204_NO_CONTENT


def origin_of(request: Request) -> From:
    """Where the request came from."""
    return From(address_of(request), request.headers.get("user-agent", ""))


Origin = Annotated[From, Depends(origin_of)]


@router.get("/methods")
async def list_sign_in_methods(resources: OpenResources) -> Methods:
    """How people sign in here; for the page that asks."""
    return Methods(password=True, oidc=resources.settings.oidc_name if resources.provider is not None else None)


@router.post("/login", responses=problems(415, 429))
async def log_in(
    *,
    wanted: Login,
    request: Request,
    response: Response,
    resources: OpenResources,
    session: Session,
    origin: Origin,
    trace: RequestTrace,
) -> SessionRead:
    """Sign in. The reply sets the session's cookie; `totp_required` asks for the same with a code."""
    permissions.refuse_foreign_origin(request)
    opened, user = await proof.login(
        resources,
        session,
        email=wanted.email,
        password=wanted.password.get_secret_value(),
        code=wanted.code.get_secret_value() if wanted.code is not None else None,
        origin=origin,
        lifetime=lifetime_of(resources.settings),
        trace=trace,
    )
    await session.flush()
    described = await service.describe(session, user.id, csrf=opened.csrf, session_id=opened.id)
    set_cookie(request, response, opened)
    return described


@router.post("/logout", status_code=NO_CONTENT, responses=problems(409))
async def log_out(
    request: Request, response: Response, caller: SignedIn, session: Session, trace: RequestTrace
) -> None:
    """End this session."""
    if caller.session_id is None:
        raise NotAPerson
    await service.end_session(session, caller.session_id, by=caller, trace=trace)
    settings = resources_of(request).settings
    response.delete_cookie(
        settings.session_cookie, secure=not settings.insecure_cookies, httponly=True, samesite="strict"
    )


@router.get("/session", responses=problems(409))
async def get_session(request: Request, caller: SignedIn, session: Session) -> SessionRead:
    """Who is signed in here."""
    secret = cookie_of(request)
    if caller.session_id is None or secret is None:
        raise NotAPerson
    return await service.describe(session, caller.person, csrf=csrf_of(secret), session_id=caller.session_id)


@router.patch("/profile", responses=problems(409, 415))
async def change_profile(
    wanted: ProfileUpdate, caller: SignedInSomewhere, session: Session, trace: RequestTrace
) -> ProfileRead:
    """Change what one is called, or how one likes to see things."""
    return await profile.change(session, wanted, by=caller, trace=trace)


@router.get("/sessions", responses=problems(409))
async def list_sessions(caller: SignedIn, session: Session, resources: OpenResources) -> list[SessionListed]:
    """Where the caller is signed in, the latest used first; at most fifty."""
    return await service.list_sessions(session, by=caller, lifetime=lifetime_of(resources.settings))


@router.delete("/sessions/{session_id}", status_code=NO_CONTENT, responses=problems(404, 409))
async def end_session(session_id: UUID, caller: SignedIn, session: Session, trace: RequestTrace) -> None:
    """End one of the caller's sessions."""
    await service.end_session(session, session_id, by=caller, trace=trace)


@router.post("/password", responses=problems(409, 415, 429))
async def change_password(
    *,
    wanted: PasswordChange,
    request: Request,
    response: Response,
    caller: SignedIn,
    resources: OpenResources,
    session: Session,
    origin: Origin,
    trace: RequestTrace,
) -> SessionRead:
    """Change one's password: all sessions end, and this page gets a new one."""
    opened = await service.change_password(
        resources,
        session,
        by=caller,
        current=wanted.current.get_secret_value(),
        new=wanted.new.get_secret_value(),
        end_tokens=wanted.end_tokens,
        origin=origin,
        lifetime=lifetime_of(resources.settings),
        trace=trace,
    )
    await session.flush()
    described = await service.describe(session, caller.person, csrf=opened.csrf, session_id=opened.id)
    set_cookie(request, response, opened)
    return described


@router.post("/totp", responses=problems(409))
async def begin_totp(caller: SignedIn, resources: OpenResources, session: Session) -> TotpBegun:
    """Begin to set up an authenticator app."""
    secret, uri = await service.begin_totp(resources, session, by=caller)
    return TotpBegun(secret=secret, uri=uri)


@router.post("/totp/confirm", responses=problems(409, 415, 429))
async def confirm_totp(
    *,
    wanted: TotpConfirm,
    caller: SignedIn,
    resources: OpenResources,
    session: Session,
    origin: Origin,
    trace: RequestTrace,
) -> RecoveryCodes:
    """Show that the app works; from now on its codes are asked for, and other sessions end."""
    codes = await service.confirm_totp(
        resources,
        session,
        by=caller,
        password=wanted.password.get_secret_value() if wanted.password is not None else None,
        code=wanted.code.get_secret_value(),
        origin=origin,
        trace=trace,
    )
    return RecoveryCodes(codes=codes)


@router.post("/totp/remove", status_code=NO_CONTENT, responses=problems(409, 415, 429))
async def remove_totp(
    *,
    wanted: PasswordGiven,
    caller: SignedIn,
    resources: OpenResources,
    session: Session,
    origin: Origin,
    trace: RequestTrace,
) -> None:
    """Take the authenticator app off."""
    await service.remove_totp(
        resources, session, by=caller, password=wanted.password.get_secret_value(), origin=origin, trace=trace
    )


def set_cookie(request: Request, response: Response, opened: Opened) -> None:
    """Give the browser its session: not for scripts, not for other sites, and gone when the browser is closed."""
    settings = resources_of(request).settings
    response.set_cookie(
        settings.session_cookie,
        opened.secret,
        secure=not settings.insecure_cookies,
        httponly=True,
        samesite="strict",
        path="/",
    )
