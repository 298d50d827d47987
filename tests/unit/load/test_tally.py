"""What the fuzzer's account says was done, and what nobody could do."""

from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.engine.recorder import ScenarioRecorder

from tests.load import tally
from tests.load.tally import Tally, undone


def scenario(*answers: tuple[str, int, bytes]) -> ScenarioRecorder:
    recorder = ScenarioRecorder(label="x")
    cases: dict[str, Any] = recorder.cases
    interactions: dict[str, Any] = recorder.interactions
    for number, (label, status, body) in enumerate(answers):
        cases[str(number)] = SimpleNamespace(value=SimpleNamespace(operation=SimpleNamespace(label=label)))
        response = SimpleNamespace(status_code=status, content=body)
        interactions[str(number)] = SimpleNamespace(response=response)
    return recorder


def test_what_was_never_done_says_how_it_was_refused() -> None:
    mine = Tally({"GET /a", "PUT /b", "PUT /c"})
    refusals = [("PUT /b", 409, b'{"code": "closed"}'), ("PUT /b", 409, b'{"code": "closed"}'), ("PUT /b", 502, b"<")]
    mine.take(scenario(("GET /a", 200, b"[]"), ("GET /a", 404, b'{"code": "x"}'), *refusals))
    found = mine.report()
    assert found["never_done"] == {"PUT /b": {"409 closed": 2, "502 ": 1}, "PUT /c": {}}
    assert (found["done"], found["covered"], found["never_asked"]) == (1, 2, ["PUT /c"])


def test_left_out_is_what_nobody_did_and_no_reason_stands_against(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "CANNOT_BE_DONE", {"PUT /c": "needs a moon"})
    one, other = Tally({"GET /a", "PUT /b", "PUT /c"}), Tally({"GET /a", "PUT /b", "PUT /c"})
    one.take(scenario(("GET /a", 204, b"")))
    other.take(scenario(("PUT /b", 422, b"")))
    assert undone([one, other]) == {"PUT /b"}
    other.take(scenario(("PUT /b", 302, b"")))
    assert undone([one, other]) == set()
