"""Every member and parameter of every operation, given what people and programs send by mistake or on purpose."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.app import PREFIX
from shared import ids
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_quarantined, make_sensor

TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "1e999",
    "NaN",
    "null",
    "true",
    "9" * 400,
    "\0",
    "a\0b",
    "\U0001f600",
    "\u202e",
    "' OR 1=1 --",
    "%",
    "../../etc/passwd",
    "x" * 3000,
    "2026-11-24T12:00:00Z",
    "2026-02-30T12:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "1969-12-31",
    "-99999999999999",
    "253402300800000",
    str(ids.NIL),
    "{" + str(ids.NIL) + "}",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
)
VALUES: tuple[Any, ...] = (
    "",
    "\0",
    "9" * 400,
    "x" * 3000,
    "-P1D",
    "2026-02-30T12:00:00Z",
    None,
    True,
    0,
    -1,
    0.5,
    2**31,
    2**63,
    10**400,
    1e308,
    float("inf"),
    float("nan"),
    [],
    [None],
    [[]],
    {},
    {"": ""},
    {"a\0": 1},
    {"a": 10**30},
    ["\ud800"],
    "\ud800",
)


# Only OpenSearch can answer these, and it is away here.
SEARCHED = {f"{PREFIX}/events", f"{PREFIX}/events/histogram", f"{PREFIX}/suppressions/dry-run"}


def is_fine(template: str, reply: httpx.Response) -> bool:
    """True for a reply that is no mistake of ours."""
    return reply.status_code < 500 or (reply.status_code == 503 and template in SEARCHED)


def operations(api: Api) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in api.application.openapi()["paths"].items():
        for method, operation in found.items():
            if path.startswith(PREFIX):
                yield method.upper(), path, operation


async def test_no_parameter_can_break_anything(api: Api, acme: Tenant, session: AsyncSession) -> None:
    known = {
        "sensor_id": (await make_sensor(session, acme)).id,
        "alert_id": (await make_alert(session, acme)).id,
        "record_id": (await make_quarantined(session, acme)).id,
    }
    asked = 0
    for method, template, operation in operations(api):
        parameters = operation.get("parameters", ())
        for parameter in parameters:
            for text in TEXTS:
                path = template
                for other in parameters:
                    if other["in"] == "path" and other is not parameter:
                        path = path.replace(f"{{{other['name']}}}", str(known.get(other["name"], ids.NIL)))
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", quote(text, safe=""))
                    reply = await api.call(method, path)
                else:
                    reply = await api.call(method, path, params={parameter["name"]: text})
                asked += 1
                assert is_fine(template, reply), f"{method} {template} {parameter['name']}={text!r}"
    assert asked > 500


async def test_no_member_of_a_body_can_break_anything(api: Api, acme: Tenant, session: AsyncSession) -> None:
    sensor, record = await make_sensor(session, acme), await make_quarantined(session, acme)
    asked = 0
    for method, template, operation in operations(api):
        if "requestBody" not in operation:
            continue
        path = template.replace("{sensor_id}", str(sensor.id)).replace("{record_id}", str(record.id))
        for name in members(api, operation):
            for value in VALUES:
                body = {"name": f"s {asked}", name: value} if template.endswith("/sensors") else {name: value}
                # The standard library writes NaN, endless numbers and lone surrogates, as careless senders do.
                reply = await api.call(
                    method, path, content=json.dumps(body), headers={"Content-Type": "application/json"}
                )
                asked += 1
                assert is_fine(template, reply), f"{method} {template} {name}={value!r}"
    assert asked > 300


def members(api: Api, operation: dict[str, Any]) -> list[str]:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    references = [option["$ref"] for option in schema.get("anyOf", [schema]) if "$ref" in option]
    schemas = api.application.openapi()["components"]["schemas"]
    return [name for reference in references for name in schemas[reference.rpartition("/")[2]]["properties"]]
