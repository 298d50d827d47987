"""The shape of the whole API, read from the application without starting it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from services.api.app import PREFIX, create_app
from services.api.auth.permissions import signed_in
from shared.normalise import pipeline
from shared.normalise.observables import TYPES
from shared.problem import MEDIA_TYPE

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", f"{PREFIX}/openapi.json"),
    ("HEAD", f"{PREFIX}/openapi.json"),
    ("GET", f"{PREFIX}/auth/methods"),
    ("POST", f"{PREFIX}/auth/login"),
    ("GET", f"{PREFIX}/auth/oidc/login"),
    ("GET", f"{PREFIX}/auth/oidc/callback"),
    ("GET", f"{PREFIX}/auth/oidc/logout"),
}

# The code of an invitation stands in the body, for in a path it would be in logs; so do alerts, of which there may be
# hundreds, and the number of an incident whose id nobody is told.
NAMED_IN_THE_BODY = {"/invitations/accept", "/incidents", "/incidents/bulk", "/incidents/break-glass"}

app = create_app()


def dependencies(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from dependencies(inner)


def routes() -> Iterator[tuple[str, str, Any]]:
    """Every route with its method and whole path."""
    for context in iter_route_contexts(app.routes):
        for method in sorted(context.methods or ()):
            yield method, context.path or "", context.original_route


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in app.openapi()["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def test_only_these_routes_are_public() -> None:
    public = {
        (method, path)
        for method, path, route in routes()
        if not isinstance(route, APIRoute) or signed_in not in set(dependencies(route.dependant))
    }
    assert public == PUBLIC


def test_the_description_knows_every_route() -> None:
    described = {(method, path) for method, path, _ in operations()}
    assert described == {(method, path) for method, path, _ in routes() if "openapi" not in path}


def test_what_is_not_public_says_so_and_can_refuse() -> None:
    for method, path, operation in operations():
        if (method, path) in PUBLIC:
            assert "security" not in operation
        else:
            assert operation["security"] == [{"token": []}, {"session": []}]
            assert {"401", "403", "422", "500", "503"} <= set(operation["responses"])


def test_what_is_one_of_many_can_be_missing() -> None:
    for _, path, operation in operations():
        named = path.removeprefix(PREFIX) in NAMED_IN_THE_BODY and "requestBody" in operation
        assert ("404" in operation["responses"]) == ("{" in path or named), path


def test_every_failure_is_a_problem() -> None:
    for _, path, operation in operations():
        for status, response in operation["responses"].items():
            if int(status) >= 400 and path.startswith(PREFIX):
                assert response["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_names_of_operations_are_unique_and_plain() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z_]+", name) for name in names)


def test_what_was_made_leads_to_what_can_be_done_with_it() -> None:
    known = {operation["operationId"]: (path, operation) for _, path, operation in operations()}
    for method, collection, operation in operations():
        made = operation["responses"].get("201", {})
        one = re.compile(re.escape(collection) + r"/\{\w+\}(/.*)?")
        assert bool(made) == bool(made.get("links")), f"{method} {collection}"
        for link in made.get("links", {}).values():
            path, target = known[link["operationId"]]
            assert one.fullmatch(path)
            wanted = [each for each in target["parameters"] if each["in"] == "path" or each["name"] == "If-Match"]
            assert set(link["parameters"]) == {f"{each['in']}.{each['name']}" for each in wanted}


def test_whoever_has_to_say_what_he_saw_is_told_so() -> None:
    for method, path, operation in operations():
        needed = [each["required"] for each in operation.get("parameters", ()) if each["name"] == "If-Match"]
        assert needed == [True] * ("428" in operation["responses"]), f"{method} {path}"


def test_whoever_makes_something_may_say_it_twice_or_is_told_not_to() -> None:
    for method, path, operation in operations():
        if "201" in operation["responses"]:
            assert "Idempotency-Key" in {each["name"] for each in operation["parameters"]}, f"{method} {path}"


def test_a_body_can_be_too_large_and_of_another_kind() -> None:
    for method, path, operation in operations():
        if "requestBody" in operation:
            # What is taken as bytes may be of any kind.
            kinds = {"413", "415"} if "application/json" in operation["requestBody"]["content"] else {"413"}
            assert kinds <= set(operation["responses"]), f"{method} {path}"


def test_what_is_one_of_a_few_words_names_them() -> None:
    schemas = app.openapi()["components"]["schemas"]
    (of_a_sensor,) = [one["enum"] for one in schemas["SensorCreate"]["properties"]["format"]["anyOf"] if "enum" in one]
    assert of_a_sensor == list(pipeline.FORMATS)
    assert schemas["ObservableWrite"]["properties"]["type"]["enum"] == list(TYPES)


def test_every_reference_leads_somewhere() -> None:
    document = app.openapi()
    for reference in set(re.findall(r"#/components/schemas/(\w+)", str(document))):
        assert reference in document["components"]["schemas"]


def inputs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each thing a caller can send, with where it is."""
    for method, path, operation in operations():
        for parameter in operation.get("parameters", ()):
            yield f"{method} {path} {parameter['name']}", parameter["schema"]
        body = operation.get("requestBody")
        if body and "application/json" in body["content"]:
            schema = body["content"]["application/json"]["schema"]
            for name in re.findall(r"schemas/(\w+)", str(schema)):
                yield f"{method} {path} {name}", app.openapi()["components"]["schemas"][name]


def leaves(place: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for option in schema.get("anyOf", [schema]):
        kind = option.get("type")
        if kind == "object":
            for name, inner in option.get("properties", {}).items():
                yield from leaves(f"{place}/{name}", inner)
        if isinstance(inner := option.get("additionalProperties"), dict):
            yield from leaves(f"{place}/*", inner)
        if kind == "array":
            yield from leaves(f"{place}/-", option["items"])
        yield place, option


@pytest.mark.parametrize(("place", "schema"), list(inputs()), ids=lambda value: value if isinstance(value, str) else "")
def test_everything_that_can_be_sent_is_bounded(place: str, schema: dict[str, Any]) -> None:
    for where, leaf in leaves(place, schema):
        kind = leaf.get("type")
        if kind == "string":
            assert {"enum", "format", "maxLength", "const"} & set(leaf), f"{where} is as long as one likes"
        elif kind == "integer":
            assert {"minimum", "maximum"} <= set(leaf), f"{where} is as great as one likes"
        elif kind == "array":
            assert "maxItems" in leaf, f"{where} has as many as one likes"
        elif kind == "object":
            bounded = leaf.get("additionalProperties") is False or "maxProperties" in leaf
            assert bounded, f"{where} takes whatever is sent"


def test_importing_the_app_opens_nothing_and_needs_no_settings() -> None:
    program = """
import socket, sys
def refuse(*_, **__): raise AssertionError("a socket at import")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from services.api.app import app
assert app.openapi()
"""
    hostile = {"EVENTSEC_ENV": "production", "EVENTSEC_POSTGRES_POOL_SIZE": "many", "PATH": ""}
    subprocess.run([sys.executable, "-c", program], check=True, env=hostile)


@pytest.mark.parametrize("body", ["IncidentCreate", "IncidentUpdate"])
def test_of_fields_it_is_said_which_names_there_can_be(body: str) -> None:
    described = app.openapi()["components"]["schemas"][body]["properties"]["fields"]
    fields = described if "type" in described else described["anyOf"][0]
    assert (len(fields["patternProperties"]), fields["additionalProperties"]) == (1, False)
