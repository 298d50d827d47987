"""`/auth/oidc`: to the identity provider and back. Browsers come here by navigation, so that failures are pages too."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi import status as statuses
from fastapi.responses import RedirectResponse

from services.api.auth import oidc
from services.api.auth.oidc import AWAY_AT_MOST, Declined, NoProvider
from services.api.auth.permissions import lifetime_of
from services.api.auth.routes import Origin, set_cookie
from services.api.deps import OpenResources, RequestTrace, Resources, Session
from services.api.openid import NotProven, Provider
from services.api.settings import ApiSettings
from shared import log
from shared.errors import EventSecError

logger = log.get(__name__)

router = APIRouter(
    prefix="/auth/oidc",
    tags=["auth"],
    default_response_class=RedirectResponse,
)

FOUND = statuses.HTTP_302_FOUND
SIGN_IN_PAGE = "/sign-in"

Short = Annotated[str | None, Query(max_length=512)]
Code = Annotated[str | None, Query(max_length=8192)]


@router.get("/login", status_code=FOUND)
async def begin_oidc_login(
    resources: OpenResources, return_to: Annotated[str, Query(max_length=2000)] = "/"
) -> RedirectResponse:
    """To the provider; `return_to` is the page of ours that is shown when it has gone well."""
    try:
        attempt, url = await oidc.begin(resources, provider_of(resources), return_to=return_to)
    except EventSecError as error:
        return failed(error)
    response = RedirectResponse(url, FOUND)
    settings = resources.settings
    response.set_cookie(
        cookie_name(settings),
        attempt.secret,
        max_age=int(AWAY_AT_MOST.total_seconds()),
        secure=not settings.insecure_cookies,
        httponly=True,
        samesite="lax",  # strict would be kept back when the provider sends the browser to us
        path="/",
    )
    return response


@router.get("/callback", status_code=FOUND)
async def finish_oidc_login(
    *,
    request: Request,
    resources: OpenResources,
    session: Session,
    origin: Origin,
    trace: RequestTrace,
    state: Short = None,
    code: Code = None,
    error: Short = None,
    iss: Short = None,
) -> RedirectResponse:
    """Back from the provider: a session and the page that was wanted, or the sign-in page with `error`."""
    settings = resources.settings
    try:
        provider = provider_of(resources)
        attempt, return_to = await oidc.take(resources, request.cookies.get(cookie_name(settings)), state)
        if error is not None or code is None:
            raise Declined
        if iss is not None and iss != provider.issuer:  # RFC 9207
            raise NotProven
        identity = await oidc.identify(resources, provider, attempt=attempt, code=code, origin=origin)
        opened = await oidc.sign_in(
            session, identity, settings, origin=origin, lifetime=lifetime_of(settings), trace=trace
        )
    except EventSecError as problem:
        return failed(problem)
    response = RedirectResponse(return_to, FOUND)
    set_cookie(request, response, opened)
    return response


@router.get("/logout", status_code=FOUND)
async def end_oidc_session(resources: OpenResources) -> RedirectResponse:
    """On to the provider's own signing out, where it has one; the session here is ended by `/auth/logout`."""
    page = f"{(resources.settings.public_url or '').rstrip('/')}{SIGN_IN_PAGE}"
    try:
        url = await provider_of(resources).end_session_url(page)
    except EventSecError as error:
        return failed(error)
    return RedirectResponse(url or f"{SIGN_IN_PAGE}?error=oidc_no_logout", FOUND)


def provider_of(resources: Resources) -> Provider:
    """The identity provider. Raises NoProvider."""
    if resources.provider is None:
        raise NoProvider
    return resources.provider


def cookie_name(settings: ApiSettings) -> str:
    """Beside the session's, with the same prefix."""
    return f"{settings.session_cookie}-oidc"


def failed(error: EventSecError) -> RedirectResponse:
    """The sign-in page, with a word for what went wrong."""
    logger.warning("oidc_sign_in_failed", code=error.code, error=str(error))
    return RedirectResponse(f"{SIGN_IN_PAGE}?error={quote(error.code)}", FOUND)
