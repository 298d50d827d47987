"""Turns what went wrong into RFC 9457 problems: the only place that knows status codes."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
from asyncpg.exceptions import InternalClientError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from services.api.bad_input import entry, members
from shared import log, problem
from shared.db.failures import is_broken_off, is_cancelled, is_transient
from shared.errors import (
    Conflict,
    Damaged,
    EventSecError,
    Forbidden,
    IfMatchNeeded,
    Invalid,
    NotFound,
    Stale,
    TooLarge,
    TooOften,
    Unauthenticated,
    Unavailable,
    Unsupported,
)

logger = log.get(__name__)

MAX_ERRORS = 20
"""Told of one request, however much is wrong with it."""

PROBLEM_CODE = "problem_code"
"""Under this name the request's state says with which problem it ended, for the log."""

STATUS: dict[type[EventSecError], int] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    IfMatchNeeded: 428,
    TooLarge: 413,
    Unsupported: 415,
    TooOften: 429,
    Damaged: 500,
    Unavailable: 503,
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}

# What any operation that asks who is there, and then the database, can answer.
ALWAYS = (401, 403, 422, 500, 503)

_MEANINGS = {
    401: "No token, or one that is not good.",
    403: "The token lacks the scope.",
    404: "There is no such thing, or it is not the caller's to see.",
    409: "The state of things does not allow it.",
    413: "The body is too large.",
    415: "The body's Content-Type is not JSON.",
    412: "The thing is no longer as the caller saw it.",
    422: "The input means nothing we can act on; `errors` says where.",
    428: "The caller has to say, with If-Match, how it saw the thing.",
    429: "Asked too often; Retry-After says when to ask again.",
    500: "A mistake of ours.",
    503: "A dependency is away, and the same request will work later; without Retry-After, too much was asked.",
}


class FieldProblem(BaseModel):
    """One thing that is wrong with the input. `pointer` is of the body, `parameter` of anything else."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    in_: str | None = Field(default=None, alias="in")


class Problem(BaseModel):
    """RFC 9457. `code` is stable and for programs; `correlation_id` finds the request in the logs."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str | None = None
    errors: list[FieldProblem] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route or router that can end with these problems."""
    return {status: {"model": Problem, "description": _MEANINGS[status]} for status in statuses}


def add_handlers(app: FastAPI) -> None:
    """Every error the application can end with, but for the unforeseen, which `middleware` answers."""
    app.add_exception_handler(EventSecError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    for kind in (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, InternalClientError, OSError):
        app.add_exception_handler(kind, _of_database)


def reply(
    status: int,
    code: str,
    detail: str,
    *,
    correlation_id: str | None,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    """A problem as a response."""
    body = problem.problem(status, code, detail, correlation_id=correlation_id, **members)
    own = _HEADERS.get(status) if headers is None else headers
    return JSONResponse(body, status, headers=own, media_type=problem.MEDIA_TYPE)


def _reply(request: Request, status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    setattr(request.state, PROBLEM_CODE, code)
    return reply(status, code, detail, correlation_id=getattr(request.state, "correlation_id", None), **more)


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, EventSecError)
    for kind, status in STATUS.items():
        if isinstance(error, kind):
            more = {"headers": {"Retry-After": str(error.retry_after)}} if isinstance(error, TooOften) else {}
            return _reply(request, status, error.code, str(error), **more, **error.members)
    raise error


async def _of_database(request: Request, error: Exception) -> JSONResponse:
    if not is_transient(error):
        raise error
    if is_cancelled(error):
        logger.warning("statement_cancelled")
        return _reply(
            request, 503, "too_slow", "The database did not answer in time; narrow what is asked for.", headers={}
        )
    said = "transaction_broken_off" if is_broken_off(error) else "database_away"
    logger.warning(said, error=type(error).__name__)
    return _reply(request, 503, "database_unavailable", "The database cannot answer now; the same request will work.")


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:  # a body that breaks the parser itself, by its depth
        return _reply(request, 422, "invalid", "The body cannot be read as JSON.")
    status = HTTPStatus(error.status_code)
    code = status.name.lower()
    headers = error.headers
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (
        methods := allowed(request.app.openapi()["paths"], request.url.path)
    ):
        headers = {"Allow": ", ".join(methods)}
    detail = f"{status.phrase}."
    if status == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at this path; GET {request.app.openapi_url} describes all there are."
    elif status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:  # from `middleware`, which knows the route's limit
        detail = error.detail
    return _reply(request, status, code, detail, headers=headers)


def allowed(paths: Mapping[str, Mapping[str, object]], path: str) -> list[str]:
    """The methods a described path has. The router stops at its first route, and so knows the methods of that alone."""
    fitting = [template for template in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)]
    # As `/alerts/bulk` is also of the form of `/alerts/{alert_id}`.
    plainest = min(fitting, key=lambda template: template.count("{"), default=None)
    return sorted(method.upper() for method in paths[plainest]) if plainest else []


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["loc"] == ("body",) for one in found) and not _is_json(request):
        return _reply(
            request, 415, "unsupported_media_type", "Send a JSON body with the header Content-Type: application/json."
        )
    return _reply(
        request,
        422,
        "invalid",
        "The request does not mean anything we can act on; `errors` says what and where.",
        errors=[entry(one, error.body, lambda path: _members_at(request, path)) for one in found[:MAX_ERRORS]],
    )


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _members_at(request: Request, path: Sequence[Any]) -> list[str]:
    app = request.app
    template = app.openapi_url.rpartition("/")[0] + request.scope["route"].path_format
    operation = app.openapi()["paths"][template][request.method.lower()]
    (content,) = operation["requestBody"]["content"].values()
    return members(app.openapi(), content["schema"], path)
