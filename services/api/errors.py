"""Turns what went wrong into RFC 9457 problems: the only place that knows status codes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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

from shared import log, problem
from shared.db.failures import is_cancelled, is_transient
from shared.errors import (
    Conflict,
    Damaged,
    EventSecError,
    Forbidden,
    IfMatchNeeded,
    Invalid,
    NotFound,
    Stale,
    TooOften,
    Unauthenticated,
    Unavailable,
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
    TooOften: 429,
    Damaged: 500,
    Unavailable: 503,
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}

# Members of ours are named like this; anything else in a location is the caller's own text.
_OUR_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

# Kinds of validation errors whose message is made of our limits alone, never of what was sent.
_SAID_AS_IS = re.compile(
    r"missing|extra_forbidden|value_error|enum|literal_error|timezone_aware|(string|bytes)_too_(short|long)|too_(short|long)"
    r"|string_pattern_mismatch|(greater|less)_than(_equal)?|finite_number|[a-z]+_type|(int|float|bool)_parsing|json_invalid"
)


_MOMENT = "A moment is written as in RFC 3339: 2026-11-24T12:00:00Z."
_ID = "An id is expected, a UUID, as lists show them."
_PEOPLE = {"assignee_id", "owner_id", "user_id"}
_DURATION = "A duration is written as in ISO 8601, PT5M for five minutes, or as a number of seconds."
_EXPECTED = {
    **dict.fromkeys(("uuid_parsing", "uuid_type"), _ID),
    **dict.fromkeys(("time_delta_parsing", "time_delta_type"), _DURATION),
    **dict.fromkeys(
        (
            "datetime_parsing",
            "datetime_from_date_parsing",
            "datetime_type",
            "datetime_object_invalid",
            "timezone_aware",
        ),
        _MOMENT,
    ),
}
"""Of kinds of validation errors whose own message quotes the input, or says too little: what was expected."""

_TAGS = ("type", "kind")
"""The members that say which of several forms a body, or a part of it, has."""

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
    logger.warning("database_away", error=type(error).__name__)
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
        errors=[_entry(one, error.body, lambda path: _members_at(request, path)) for one in found[:MAX_ERRORS]],
    )


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _entry(
    found: Mapping[str, Any], body: Any = None, members: Callable[[Sequence[Any]], Sequence[str]] = lambda _: ()
) -> dict[str, str]:
    """Where and what, in words of ours: no values of the caller's are repeated, and no names that could be anything.

    `members` gives those that the object at a place of the body can have.
    """
    where, *path = found["loc"]
    if where != "body":
        name = str(path[0]) if path else ""
        known = {"in": str(where), "parameter": name if _OUR_NAME.fullmatch(name.lower().replace("-", "_")) else ""}
        return known | {"code": found["type"], "detail": _message(found)}
    pointer = _pointer(path, body, missing=found["type"] == "missing")
    detail = _message(found)
    if found["type"] in ("union_tag_invalid", "union_tag_not_found"):
        pointer += f"/{found['ctx']['discriminator'].strip(chr(39))}"
    elif found["type"] == "extra_forbidden" and (expected := members(path[:-1])):
        detail = f"There is no such member; expected: {', '.join(expected)}."
    return {"pointer": pointer, "code": found["type"], "detail": detail}


def _pointer(path: Sequence[Any], body: Any, *, missing: bool) -> str:
    """The place in what was sent. Validation names in between which form it read, which is no place."""
    pointer, at = "#", body
    for index, part in enumerate(path):
        last = index == len(path) - 1
        if isinstance(at, dict) and not last and part in (at.get(one) for one in _TAGS):
            continue
        if isinstance(part, str) and not _OUR_NAME.fullmatch(part):
            break
        if (isinstance(at, dict) and part in at) or (isinstance(at, list) and isinstance(part, int) and part < len(at)):
            at = at[part]
        elif not (last and missing):
            continue
        pointer += f"/{part}"
    return pointer


def _members_at(request: Request, path: Sequence[Any]) -> list[str]:
    app = request.app
    template = app.openapi_url.rpartition("/")[0] + request.scope["route"].path_format
    operation = app.openapi()["paths"][template][request.method.lower()]
    (content,) = operation["requestBody"]["content"].values()
    return members(app.openapi(), content["schema"], path)


def members(document: Mapping[str, Any], schema: Mapping[str, Any], path: Sequence[Any]) -> list[str]:
    """The members that the object at this place of a body can have, by the API's own description."""
    at = [*_forms(document, schema)]
    for part in path:
        at = [one for form in at if (below := _below(form, part)) for one in _forms(document, below)]
    return sorted({name for form in at for name in form.get("properties", ())})


def _forms(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield schema
    for one in schema.get("anyOf", ()):
        yield from _forms(document, one)


def _below(form: Mapping[str, Any], part: Any) -> Mapping[str, Any] | None:
    if isinstance(part, int):
        return form.get("items")
    chosen = form.get("discriminator", {}).get("mapping", {}).get(part)
    return {"$ref": chosen} if chosen is not None else form.get("properties", {}).get(part)


def _message(found: Mapping[str, Any]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "json_invalid" and "error" in context:
        return f"The body is no JSON: {context['error']}, at character {found['loc'][-1]}."
    if kind == "union_tag_invalid":
        return f"Input should be one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return "Field required"
    if kind in _EXPECTED:
        hint = " Those of people are at GET /users." if found["loc"][-1] in _PEOPLE else ""
        return _EXPECTED[kind] + hint
    if not _SAID_AS_IS.fullmatch(kind):
        return "Not a valid value."
    return str(found["msg"]).removeprefix("Value error, ")
