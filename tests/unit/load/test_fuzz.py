"""What the fuzzing of the API takes for right against Schemathesis' own judgement, and what it does not."""

import orjson
import pytest
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import (
    RejectedPositiveData,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
)

from tests.load.fuzz import MOST_READ, is_right

URL = "http://127.0.0.1/api/v1/alerts"


def problem(code: str, *found: str) -> bytes:
    return orjson.dumps({"code": code} | ({"errors": [{"code": one} for one in found]} if found else {}))


def failed(kind: type[Failure], message: str = "") -> Failure:
    failure = kind.__new__(kind)
    failure.message = message
    return failure


@pytest.mark.parametrize(
    ("kind", "status", "body", "url", "right"),
    [
        (RejectedPositiveData, 422, problem("bad_query"), URL, True),
        (RejectedPositiveData, 422, problem("invalid", "value_error"), URL, True),
        (RejectedPositiveData, 422, problem("invalid", "value_error", "int_type"), URL, False),
        (RejectedPositiveData, 422, problem("invalid"), URL, False),
        (RejectedPositiveData, 428, problem("if_match_needed"), URL, False),
        (RejectedPositiveData, 400, problem("no_records"), URL, True),
        (RejectedPositiveData, 400, problem("bad_json"), URL, False),
        (UnsupportedMethodResponse, 422, problem("invalid", "uuid_parsing"), URL, True),
        (UnsupportedMethodResponse, 200, b"{}", URL, False),
        (UndefinedStatusCode, 400, b"", URL + "?" + "q" * MOST_READ, True),
        (UndefinedStatusCode, 400, b"", URL, False),
        (UndefinedStatusCode, 500, problem("internal"), URL + "?" + "q" * MOST_READ, False),
        (AcceptedNegativeData, 207, b"{}", URL, True),
        (AcceptedNegativeData, 202, b"{}", URL, False),
        (Failure, 422, problem("invalid", "value_error"), URL, False),
    ],
)
def test_only_what_no_schema_can_state_is_right(
    kind: type[Failure], status: int, body: bytes, url: str, right: bool
) -> None:
    assert is_right(failed(kind), status, body, url) is right


def test_a_number_among_texts_of_a_url_is_a_text() -> None:
    for parameter, right in (("filter", True), ("limit", False)):
        failure = failed(AcceptedNegativeData, f"parameter `{parameter}` in query - violates `anyOf`")
        assert is_right(failure, 200, b"{}", URL) is right
