"""The door's OpenAPI: its hot routes are bare ASGI, so their contract is written here by hand."""

from http import HTTPStatus
from typing import Any

from services.ingest.refusals import REFUSALS, RETRIED
from services.ingest.routes import EVENTS, HOOK
from shared.normalise import pipeline
from shared.problem import MEDIA_TYPE

JsonObject = dict[str, Any]

_DESCRIPTION = """\
Takes records from any sensor. A reply of 202 or 207 comes only after the message bus has confirmed every
record it tells about: nothing is accepted into memory only.

* `accepted` counts records that were read as events, `rejected` those that could not be read: they are kept
  whole in quarantine, can be mended and sent on, and each item says what was expected. `ignored` counts types
  the sensor is set to leave out, `refused` records over 1 MiB, which are **not** kept.
* What only storing shows is told later, by the receipt and in quarantine: an accepted record may be older than
  what is kept (`older_than_retention`), or have the identity of another with other content
  (`identity_conflict`).
* Sending the same request again is harmless: an event's id is made from its content. Records that have
  neither a time nor an id of their own need the same `Idempotency-Key` for that.
* 429 and 503 are for the whole request and carry `Retry-After`: nothing of it counts as accepted, send all
  of it again.
"""


def document(title: str, version: str) -> JsonObject:
    """The whole OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _DESCRIPTION},
        "paths": {
            EVENTS: {"post": _post("postEvents", by_header=True)},
            EVENTS + "/{format}": {"post": _post("postEventsOfFormat", by_header=True, formatted=True)},
            HOOK: {"post": _post("postHook", by_header=False)},
            HOOK + "/{format}": {"post": _post("postHookOfFormat", by_header=False, formatted=True)},
            "/healthz": {"get": _probe("getHealth", "The process answers.", {"200": _json("Alive", _STATUS)})},
            "/readyz": {"get": _probe("getReadiness", "Whether it can accept records.", _READY)},
            "/metrics": {"get": _probe("getMetrics", "Prometheus metrics.", {"200": _METRICS})},
        },
        "components": {
            "schemas": {"Result": _RESULT, "Item": _ITEM, "Problem": _PROBLEM},
            "securitySchemes": _SECURITY,
        },
    }


def _post(operation: str, *, by_header: bool, formatted: bool = False) -> JsonObject:
    parameters: list[JsonObject] = [_ITEMS, _IDEMPOTENCY_KEY, _REQUEST_ID, _TRACEPARENT]
    if not by_header:
        parameters.append(_KEY)
    if formatted:
        parameters.append(_FORMAT)
    return {
        "operationId": operation,
        "summary": "Send records of a named format" if formatted else "Send records",
        "tags": ["ingest"],
        "security": [{"bearer": []}, {"basic": []}, {"header": []}, {"elasticApiKey": []}] if by_header else [],
        "parameters": parameters,
        "requestBody": _BODY,
        "responses": {
            "202": _json("Every record was read as an event, or is of an ignored type.", _ref("Result")),
            "207": _json("Some records are in quarantine or were refused.", _ref("Result")),
            **_refusals(),
        },
    }


def _refusals() -> JsonObject:
    """One response for each status in the table of refusals."""
    by_status: dict[int, list[str]] = {}
    for code, meaning in REFUSALS.items():
        by_status.setdefault(meaning.status, []).append(code)
    return {str(status): _problem(status, codes) for status, codes in sorted(by_status.items())}


def _problem(status: int, codes: list[str]) -> JsonObject:
    lines = [f"* `{code}`: {REFUSALS[code].detail}" for code in codes]
    response: JsonObject = {
        "description": f"{HTTPStatus(status).phrase}\n\n" + "\n".join(lines),
        "headers": {"X-Request-ID": _ECHO},
        "content": {MEDIA_TYPE: {"schema": _ref("Problem")}},
    }
    if status in RETRIED:
        response["headers"]["Retry-After"] = _RETRY_AFTER
    if status == HTTPStatus.UNAUTHORIZED:
        response["headers"]["WWW-Authenticate"] = {"required": True, "schema": {"type": "string"}}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["headers"]["Allow"] = {"required": True, "schema": {"type": "string"}}
    return response


def _probe(operation: str, summary: str, responses: JsonObject) -> JsonObject:
    return {
        "operationId": operation,
        "summary": summary,
        "tags": ["health"],
        "security": [],
        "responses": responses | {"405": _problem(405, ["method_not_allowed"])},
    }


def _json(description: str, schema: JsonObject) -> JsonObject:
    return {
        "description": description,
        "headers": {"X-Request-ID": _ECHO},
        "content": {"application/json": {"schema": schema}},
    }


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


_UUID = {"type": "string", "format": "uuid"}
_COUNT = {"type": "integer", "minimum": 0}
_ECHO = {
    "description": "The correlation id: yours where it was well-formed, else a fresh one.",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}
_RETRY_AFTER = {
    "description": "Seconds to wait before sending the whole request again.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}

_RESULT = {
    "type": "object",
    "required": ["batch_id", "accepted", "rejected", "ignored", "refused"],
    "properties": {
        "batch_id": _UUID | {"description": "Names the receipt; for one record its event or quarantine id."},
        "accepted": _COUNT | {"description": "Records read as events; the bus has confirmed them."},
        "rejected": _COUNT | {"description": "Records kept in quarantine."},
        "ignored": _COUNT | {"description": "Records of types the sensor leaves out."},
        "refused": _COUNT | {"description": "Records over 1 MiB: not kept."},
        "items": {"type": "array", "items": _ref("Item")},
    },
}
_ITEM = {
    "type": "object",
    "required": ["index", "status"],
    "properties": {
        "index": _COUNT | {"description": "The record's place in the request, after splitting, from 0."},
        "status": {
            "enum": [200, 202, 413, 422],
            "description": "202 an event, 200 ignored, 422 in quarantine, 413 refused.",
        },
        "event_id": _UUID,
        "quarantine_id": _UUID,
        "ignored": {"type": "string", "description": "The ignored type, such as `suricata_eve:stats`."},
        "problem": _ref("Problem"),
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable and machine-readable."},
        "detail": {"type": "string", "description": "What was expected."},
        "correlation_id": {"type": "string"},
        "index": _COUNT | {"description": "The record's place in the request."},
        "items": {"type": "array", "items": _ref("Item")},
    },
}

_FILLED = {"type": "string", "minLength": 1, "pattern": r"\S"}
_BODY = {
    "required": True,
    "description": (
        "A JSON object, an array, NDJSON, JSON values one after the other, or lines of text; which of them is "
        "read from the bytes. `Content-Encoding` may be gzip, zstd or identity. At most 10 MiB compressed, "
        "50 MiB plain, 10,000 records of 1 MiB each."
    ),
    "content": {
        "application/json": {"schema": {"anyOf": [{"type": "object"}, {"type": "array", "items": {}, "minItems": 1}]}},
        "application/x-ndjson": {"schema": _FILLED | {"description": "One JSON object a line."}},
        "text/plain": {"schema": _FILLED | {"description": "One record a line: syslog, CEF, LEEF."}},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
    },
}

_ITEMS = {
    "name": "items",
    "in": "query",
    "description": "`none` leaves the list of items out of the reply.",
    "schema": {"type": "string", "enum": ["all", "none"], "default": "all"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Identity for records that have neither a time nor an id, so that sending them again is harmless. "
        "The same key must come with the same records."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "Your correlation id, up to 64 letters, digits, `_` and `-`; anything else is replaced.",
    "schema": {"type": "string"},
}
_TRACEPARENT = {
    "name": "traceparent",
    "in": "header",
    "description": "W3C trace context.",
    "schema": {"type": "string"},
}
_FORMAT = {
    "name": "format",
    "in": "path",
    "required": True,
    "description": "Stands before the sensor's own format; either is tried before the record's shape is looked at.",
    "schema": {"type": "string", "enum": sorted(pipeline.FORMATS)},
}
_KEY = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "The sensor's key, for senders that can set no header.",
    "schema": {"type": "string", "minLength": 1, "pattern": "^[A-Za-z0-9_-]+$"},
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer evs_…`"},
    "basic": {"type": "http", "scheme": "basic", "description": "Any user, the key as password."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "elasticApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Authorization: ApiKey base64(id:key)`, as Elasticsearch clients send it.",
    },
}

_STATUS = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
_REPORT = {
    "type": "object",
    "required": ["status", "checks"],
    "properties": {
        "status": {"enum": ["ok", "degraded", "down", "stopping"]},
        "checks": {"type": "object", "additionalProperties": {"type": "object"}},
    },
}
_READY = {"200": _json("Ready, perhaps degraded.", _REPORT), "503": _json("Not ready.", _REPORT)}
_METRICS = {
    "description": "Prometheus text format.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
