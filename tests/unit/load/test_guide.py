"""Where the fuzzer's requests are led to, and which are left as they were made up."""

from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

from tests.load import guide
from tests.load.good import GOOD, numbered
from tests.load.ground import HARMLESS, Ground, Own
from tests.load.guide import Guide, led

SPLIT, BULK = "POST /api/v1/incidents/{incident_id}/split", "POST /api/v1/incidents/bulk"
GROUND = Ground(
    ids={"incident_id": "there"},
    bodies={"alert_ids": ["free"], "incident_id": "other"},
    own={
        SPLIT: Own({"incident_id": "whole"}, {"alert_ids": ["linked"]}),
        BULK: Own(bodies={"ids": ["free"], "query": "status:new"}),
    },
)


def case(label: str, body: Any = None, *, fits: bool = True, phase: TestPhase = TestPhase.FUZZING) -> Any:
    mode = GenerationMode.POSITIVE if fits else GenerationMode.NEGATIVE
    meta = SimpleNamespace(generation=SimpleNamespace(mode=mode), phase=SimpleNamespace(name=phase))
    path, headers = {"incident_id": "made up"}, {"If-Match": '"7"'}
    operation = SimpleNamespace(label=label)
    return SimpleNamespace(meta=meta, operation=operation, path_parameters=path, headers=headers, body=body)


def led_cases(label: str, body: Any = None, **more: Any) -> list[Any]:
    cases = [case(label, body, **more) for _ in range(50)]
    leading = Guide([GROUND], seed=1)
    for one in cases:
        leading.lead(one)
    return cases


def test_most_that_fit_ask_of_what_is_there_as_it_is() -> None:
    asked = {(one.path_parameters["incident_id"], one.headers["If-Match"]) for one in led_cases("GET /x")}
    assert asked == {("there", "*"), ("made up", '"7"')}


def test_an_operation_that_has_its_own_asks_of_that() -> None:
    cases = [
        one for one in led_cases(SPLIT, {"alert_ids": ["made up"]}) if one.path_parameters["incident_id"] != "made up"
    ]
    assert {one.path_parameters["incident_id"] for one in cases} == {"whole"}
    assert all(one.body["alert_ids"] == ["linked"] for one in cases)


def test_an_operation_is_first_asked_what_nothing_is_wrong_with(monkeypatch: pytest.MonkeyPatch) -> None:
    known = []
    monkeypatch.setattr(guide, "set_on_case", lambda one, *_: known.append(one))
    made_up = case("GET /api/v1/alerts/histogram", {"alert_ids": ["made up"]})
    made_up.headers |= {"Authorization": "Bearer x", "Idempotency-Key": "0"}
    made_up.operation.app = None
    made_up.query, made_up.media_type = {"name": "n", "cursor": "made up"}, "application/json"
    made_up.operation.query = [SimpleNamespace(name=name, is_required=name == "name") for name in made_up.query]
    made_up.operation.Case = SimpleNamespace
    examples = [made_up]
    Guide([GROUND] * 9, seed=1).surely(examples)
    assert [one.path_parameters for one in examples] == [{"incident_id": "there"}] * guide.SURE
    assert known == examples, "each says who asks as all requests do"
    assert examples[0].headers == {"If-Match": "*"}
    assert examples[0].query.keys() == {"name", "from", "to"}
    assert examples[0].body == {"alert_ids": ["free"]}


@pytest.mark.parametrize("more", [{"fits": False}, {"phase": TestPhase.STATEFUL}])
def test_what_breaks_the_description_or_follows_a_link_stays(more: dict[str, Any]) -> None:
    assert {one.path_parameters["incident_id"] for one in led_cases("GET /x", **more)} == {"made up"}


def test_of_what_excludes_the_other_one_is_left() -> None:
    whole = {"incident_id": "x", "open": {"title": "t"}, "ids": ["x"], "query": "x"}
    cases = [one for one in led_cases(BULK, whole) if one.path_parameters["incident_id"] == "there"]
    left = {tuple(name for name in whole if one.body.get(name) is not None) for one in cases}
    assert left == {("incident_id", "ids"), ("incident_id", "query"), ("open", "ids"), ("open", "query")}


def test_a_body_names_what_is_known_and_keeps_what_is_empty() -> None:
    known = {"alert_ids": ["a"], "user_id": "ann"}
    assert led({"alert_ids": ["x"], "user_id": None, "title": "t"}, known) == {
        "alert_ids": ["a"], "user_id": None, "title": "t",
    }  # fmt: skip
    assert led({"open": {"alert_ids": []}, "items": [{"user_id": "x"}]}, known) == {
        "open": {"alert_ids": []}, "items": [{"user_id": "ann"}],
    }  # fmt: skip
    assert led({"verdict": "x", "reason": "y"}, known) == HARMLESS


def test_of_a_good_body_one_member_at_most_is_made_up() -> None:
    label = "POST /api/v1/handovers"
    made_up = {"shift": "made up", "notes": "made up", "incoming_id": "made up"}
    bodies = [one.body for one in led_cases(label, made_up)]
    kept = {tuple(name for name in made_up if one[name] == "made up") for one in bodies}
    assert kept == {("shift",), ("notes",), ("incoming_id",), tuple(made_up)}
    assert numbered(GOOD[label], 7)["shift"] == "Night 7"
