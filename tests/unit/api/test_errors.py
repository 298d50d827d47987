"""What problems say: their status, where they point, and nothing that was sent."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from services.api import errors
from services.api.bad_input import entry
from services.api.notifications.schemas import ChannelCreate
from services.api.text import Moment, Severity, SeverityDigit
from shared.errors import EventSecError, Reject, Retry


def test_every_kind_that_can_reach_the_edge_has_a_status() -> None:
    # Retry and Reject are endings of message handlers.
    kinds = set(EventSecError.__subclasses__()) - {Retry, Reject}
    assert {kind for kind in kinds if kind.__module__ == "shared.errors"} == set(errors.STATUS)


def test_what_took_too_long_is_not_to_be_sent_again_at_once() -> None:
    request = Request({"type": "http", "state": {}})
    replies = {
        code: asyncio.run(errors._of_database(request, error("x")))
        for code, error in (
            ("too_slow", asyncpg.QueryCanceledError),
            ("database_unavailable", asyncpg.AdminShutdownError),
        )
    }
    for code, reply in replies.items():
        assert (reply.status_code, orjson.loads(reply.body)["code"]) == (503, code)
        assert ("retry-after" in reply.headers) == (code != "too_slow")


def test_the_methods_of_a_path_are_those_of_its_plainest_template() -> None:
    paths: dict[str, dict[str, object]] = {
        "/a": {"post": {}, "get": {}},
        "/a/{id}": {"get": {}, "patch": {}},
        "/a/all": {"post": {}},
    }
    found = [errors.allowed(paths, path) for path in ("/a", "/a/all", "/a/other", "/a/b/c", "/b")]
    assert found == [["GET", "POST"], ["POST"], ["GET", "PATCH"], [], []]


@pytest.mark.parametrize(
    ("location", "body", "pointer"),
    [
        (["body"], None, "#"),
        (["body", "name"], {}, "#/name"),
        (["body", "ignored_types", 0], {"ignored_types": [5]}, "#/ignored_types/0"),
        (["body", "severity_overrides", "Secret 1"], {"severity_overrides": {"Secret 1": 9}}, "#/severity_overrides"),
        (["body", "severity_overrides", "../x", "y"], {"severity_overrides": {"../x": {}}}, "#/severity_overrides"),
        (["body", "webhook", "url"], {"kind": "webhook"}, "#/url"),
        (["body", "action", "tags", "tags"], {"action": {"type": "tags", "tags": []}}, "#/action/tags"),
        (["body", "action", "tags", "add", 0], {"action": {"type": "tags", "tags": [], "add": [5]}}, "#/action/add/0"),
        (["body", "value", "str"], {"value": 5}, "#/value"),
        (["body", "name"], {"type": "name"}, "#/name"),
    ],
)
def test_a_pointer_is_of_what_was_sent_and_ends_where_the_callers_own_words_begin(
    location: list[Any], body: Any, pointer: str
) -> None:
    kind = "string_type" if location[-1] == "str" else "missing"
    assert entry({"loc": location, "type": kind, "msg": "Field required"}, body)["pointer"] == pointer


@pytest.mark.parametrize(
    ("annotation", "given", "said"),
    [
        (UUID, "ann@example.org", "An id is expected"),
        (Moment, "yesterday", "2026-11-24T12:00:00Z"),
        (Moment, "2026-11-24", "2026-11-24T12:00:00Z"),
        (timedelta, "5m", "PT5M"),
        (Severity, "high", "4 (high)"),
        (ChannelCreate, {"kind": "slack"}, "'email', 'webhook'"),
    ],
)
def test_what_is_no_value_is_told_what_one_looks_like(annotation: Any, given: Any, said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(annotation).validate_python(given)
    (error,) = raised.value.errors()
    found = entry(error | {"loc": ("body", *error["loc"])}, given)
    assert said in found["detail"]
    assert found["pointer"] == ("#/kind" if annotation is ChannelCreate else "#")


def test_a_message_that_quotes_the_input_is_not_passed_on() -> None:
    found = {"loc": ["query", "id"], "type": "decimal_parsing", "msg": "found `s` at 1: secret"}
    assert entry(found) == {
        "in": "query",
        "parameter": "id",
        "code": "decimal_parsing",
        "detail": "Not a valid value.",
    }


@pytest.mark.parametrize("given", ["high", "", "0", "6", "4.5"])
def test_a_severity_that_is_none_is_told_which_there_are(given: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(SeverityDigit | None).validate_python(given)
    (error,) = raised.value.errors()
    assert entry(error | {"loc": ("query", "min_severity")})["detail"].startswith("a severity is one of 1 (")
