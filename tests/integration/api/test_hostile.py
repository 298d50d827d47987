"""Every member and parameter of every operation, given what people and programs send by mistake or on purpose."""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.app import PREFIX
from shared import ids
from tests.integration.api.bodies import bodies
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant, make_alert, make_person, make_quarantined, make_sensor
from tests.integration.api.signed_in import Page, page_of

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
            for given in TEXTS:
                path = template
                for other in parameters:
                    if other["in"] == "path" and other is not parameter:
                        path = path.replace(f"{{{other['name']}}}", str(known.get(other["name"], ids.NIL)))
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", quote(given, safe=""))
                    reply = await api.call(method, path)
                else:
                    reply = await api.call(method, path, params={parameter["name"]: given})
                asked += 1
                assert is_fine(template, reply), f"{method} {template} {parameter['name']}={given!r}"
    assert asked > 500


async def test_no_member_of_a_body_can_break_anything(api: Api, acme: Tenant, session: AsyncSession) -> None:
    known, valid = await bodies(api, acme, session)
    left = {
        (method, template): members(api, operation)
        for method, template, operation in operations(api)
        if "requestBody" in operation
    }
    person = await page_of(api, await make_person(session, acme, "admin"))
    asked = 0
    for method, path, body in valid:
        caller = person if path.startswith(("/views", "/tokens", "/auth/profile")) or path.endswith("/snooze") else api
        known["alert_id"] = str((await make_alert(session, acme)).id)
        template = next(one for one in left if one[0] == method and fits(one[1], PREFIX + path))
        left[template] -= set(body)
        reply = await send(caller, method, path, body, known)
        assert is_fine(template[1], reply), f"{method} {path}: {reply.text}"
        assert reply.status_code != 422, f"{method} {path} is not taken: {reply.text}"
        for turn, value in enumerate(VALUES):
            # A third of the members each time: every member meets every third value, in a third of the time.
            for name, spoilt in list(each_replaced(body, value))[turn % 3 :: 3]:
                reply = await send(caller, method, path, spoilt, known)
                asked += 1
                assert is_fine(template[1], reply), f"{method} {path} {name}={value!r}"
                if reply.status_code == 202:
                    # So many at a time, and no more is looked at.
                    await session.execute(text("DELETE FROM jobs WHERE organization_id = :id"), {"id": acme.id})
                    await session.commit()
    assert {template: names for template, names in left.items() if names} == {}, "members that nobody has tried"
    assert asked > 2000


async def send(api: Api | Page, method: str, path: str, body: Any, known: dict[str, str]) -> httpx.Response:
    """The standard library writes NaN, endless numbers and lone surrogates, as careless senders do."""
    content = json.dumps(body).replace("{n}", secrets.token_hex(4))
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    return await api.call(method, PREFIX + path.format_map(known), content=content, headers=headers)


def fits(template: str, path: str) -> bool:
    """True when they are the same, whatever the names of their ids."""
    return re.sub(r"\{\w+\}", "{}", template) == re.sub(r"\{\w+\}", "{}", path)


def each_replaced(body: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """The body with one member, at whatever depth, replaced by the value, for each of them."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, member in inner:
        for place, one in (("", value), *each_replaced(member, value)):
            spoilt = body.copy()
            spoilt[name] = one
            yield f"{name}/{place}", spoilt


def members(api: Api, operation: dict[str, Any]) -> set[str]:
    """The names that a body may have."""
    # What is taken as bytes has no members.
    schema = operation["requestBody"]["content"].get("application/json", {}).get("schema")
    schemas = api.application.openapi()["components"]["schemas"]
    return {name for one in re.findall(r"schemas/(\w+)'", str(schema)) for name in schemas[one]["properties"]}
