"""The demo's incidents are made once, and what there is to see of them is asked for without harm."""

from typing import Any, Self

import httpx
import pytest

from deploy.demo import handovers, incidents, summary

PEOPLE: dict[str, dict[str, str]] = {"analyst": {}, "admin": {}}


class There:
    """Everybody's page, where there is an incident already; it is refused any change."""

    def __init__(self, url: str, person: dict[str, str]) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, method: str, path: str, *_: Any) -> Any:
        assert method == "GET"
        return {"items": [{"id": "1", "status": "merged"}]}


def test_where_there_are_incidents_no_more_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.incidents.Page", There)
    assert not incidents.work("http://api", PEOPLE)


def test_where_a_shift_was_handed_over_none_is_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.handovers.Page", There)
    assert not handovers.hand_over("http://api", PEOPLE)


def test_the_one_to_look_at_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.Request] = []

    def get(url: str, **given: Any) -> httpx.Response:
        given.pop("timeout")
        asked.append(httpx.Request("GET", url, **given))
        return httpx.Response(200, json={"items": [{"id": "7"}]}, request=asked[-1])

    monkeypatch.setattr("deploy.demo.incidents.httpx.get", get)
    assert incidents.closed("http://api", "key") == "7"
    assert (asked[0].url.path, asked[0].url.params["status"]) == ("/api/v1/incidents", "closed")
    assert asked[0].headers["Authorization"] == "Bearer key"


def test_where_nobody_answers_there_is_none_to_show() -> None:
    assert incidents.closed("http://127.0.0.1:1", "key") == ""
    assert summary._incidents("") == ()
