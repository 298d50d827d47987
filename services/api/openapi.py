"""The API's description: what every operation can answer, problems included."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from shared.problem import MEDIA_TYPE


def operation_id(route: APIRoute) -> str:
    """The function's own name: clients are generated from it."""
    return route.name


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with problems under their own media type."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return document
