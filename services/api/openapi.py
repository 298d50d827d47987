"""The API's description: what every operation can answer, problems included, and what can be done with what it made."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from services.api.errors import problems
from shared.problem import MEDIA_TYPE

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def operation_id(route: APIRoute) -> str:
    """The function's own name: clients are generated from it."""
    return route.name


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with problems under their own media type."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation)
            if "201" in operation["responses"]:
                operation["responses"]["201"]["links"] = _links(document["paths"], path)
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return document


def _complete(operation: dict[str, Any]) -> None:
    """What is true of all operations of a kind, and no route says by itself."""
    responses = operation["responses"]
    if "requestBody" in operation:
        for status, problem in problems(413, 415).items():
            responses.setdefault(str(status), {"description": problem["description"]})
    if "428" in responses:
        for parameter in operation["parameters"]:
            parameter["required"] |= parameter["name"] == "If-Match"
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _links(paths: dict[str, Any], collection: str) -> dict[str, Any]:
    """What can be done with what was made in a collection: all operations on it, and on what it has."""
    links = {}
    known = _PLACEHOLDER.findall(collection)
    for path, operations in paths.items():
        made = [name for name in _PLACEHOLDER.findall(path) if name not in known]
        if not path.startswith(f"{collection}/{{") or len(made) != 1:
            continue
        parameters = {f"path.{name}": f"$request.path.{name}" for name in known} | {f"path.{made[0]}": _ID}
        for operation in operations.values():
            seen = {"header.If-Match": _ETAG} if "428" in operation["responses"] else {}
            links[operation["operationId"]] = {
                "operationId": operation["operationId"],
                "parameters": parameters | seen,
            }
    return links


_ID, _ETAG = "$response.body#/id", '"{$response.body#/revision}"'
