"""What the drill without OpenSearch takes for a search that says when to ask again."""

import httpx
import pytest

from tests.drills.absent import says_when

AGAIN = {"Retry-After": "1"}


@pytest.mark.parametrize(
    ("status", "headers", "code", "expected"),
    [
        (503, AGAIN, "search_unavailable", True),
        (503, {}, "search_unavailable", False),
        (503, {"Retry-After": "5"}, "unreachable", False),
        (500, AGAIN, "search_unavailable", False),
        (200, {}, None, False),
    ],
)
def test_a_search_says_when_to_ask_again(
    status: int, headers: dict[str, str], code: str | None, expected: bool
) -> None:
    assert says_when(httpx.Response(status, headers=headers, json={"code": code})) is expected
