"""The hand-written OpenAPI says what the door does."""

import re
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.ingest.app import create_app
from services.ingest.refusals import REFUSALS
from services.ingest.settings import IngestSettings
from shared.errors import Invalid
from shared.normalise import pipeline

APP = create_app(IngestSettings())
DOCUMENT = APP.openapi()


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    routes: set[str] = {path for route in APP.routes if (path := getattr(route, "path", ""))}
    assert set(DOCUMENT["paths"]) == routes - {"/ingest/openapi.json"}


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        node: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_operation_ids_are_unique_and_path_parameters_declared() -> None:
    operations = [(path, operation) for path, item in DOCUMENT["paths"].items() for operation in item.values()]
    assert len({operation["operationId"] for _, operation in operations}) == len(operations)
    for path, operation in operations:
        declared = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))


def test_every_status_of_the_table_is_a_response() -> None:
    for path in ("/ingest/v1/events", "/ingest/v1/hook/{key}"):
        responses = DOCUMENT["paths"][path]["post"]["responses"]
        assert {int(status) for status in responses} == {202, 207} | {m.status for m in REFUSALS.values()}
        assert all("Retry-After" in responses[status]["headers"] for status in ("429", "503"))


def test_formats_are_those_there_are() -> None:
    operation = DOCUMENT["paths"]["/ingest/v1/events/{format}"]["post"]
    [parameter] = [p for p in operation["parameters"] if p["name"] == "format"]
    assert set(parameter["schema"]["enum"]) == set(pipeline.FORMATS)


async def test_what_the_router_refuses_is_a_problem_too() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://door") as http:
        for reply, status, code in (
            (await http.get("/nothing"), 404, "not_found"),
            (await http.get("/ingest/v1/events"), 405, "method_not_allowed"),
            (await http.delete("/readyz"), 405, "method_not_allowed"),
            (await http.post("/ingest/v1/events"), 401, "no_key"),
        ):
            assert (reply.status_code, reply.json()["code"]) == (status, code)
            assert reply.headers["content-type"] == "application/problem+json"
            assert reply.json()["correlation_id"] == reply.headers["x-request-id"]
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503  # its life has not begun


def test_production_refuses_what_only_a_demo_may_have() -> None:
    safe: dict[str, Any] = {
        "env": "production",
        "rabbitmq_url": SecretStr("amqps://a:b@mq/"),
        "postgres_url": SecretStr("postgresql://a:b@db/x?sslmode=verify-full"),
        "ingest_host": "0.0.0.0",
        "tls_in_front": True,
    }
    IngestSettings(**safe)
    for unsafe in ({"tls_in_front": False}, {"rabbitmq_url": SecretStr("amqp://guest:guest@mq/")}):
        with pytest.raises(Invalid):
            IngestSettings(**(safe | unsafe))
