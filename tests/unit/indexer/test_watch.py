"""Whose turn it is when maintenance looks for drift."""

from typing import Any

import pytest

from services.indexer.stores import parts
from services.indexer.stores.compare import Part
from services.indexer.stores.parts import Surroundings
from services.indexer.stores.watch import DriftWatch
from shared.errors import Unavailable


class Watch(DriftWatch):
    """Counts nothing: what differs and what cannot be counted is told it."""

    def __init__(self, surplus: dict[str, int | None]) -> None:
        nothing: Any = None
        super().__init__(nothing)
        self.surplus = surplus
        self.looked: list[str] = []

    async def _surplus(self, part: Part) -> int:
        self.looked.append(part.index)
        found = self.surplus[part.index]
        if found is None:
            raise Unavailable
        return found


async def turns(watch: Watch, number: int) -> str:
    for _ in range(number):
        try:
            await watch.look()
        except Unavailable:
            continue
    return "".join(watch.looked)


@pytest.fixture(autouse=True)
def _three_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_around(_: object) -> Surroundings:
        return Surroundings([Part(index, index, "alert") for index in "abc"])

    monkeypatch.setattr(parts, "look_around", look_around)


async def test_what_cannot_be_looked_at_keeps_no_other_from_its_turn() -> None:
    assert await turns(Watch({"a": 0, "b": None, "c": 0}), 5) == "abcab"


async def test_what_differs_is_looked_at_again_at_once() -> None:
    assert await turns(Watch({"a": 0, "b": 1, "c": 0}), 5) == "abbca"


async def test_what_differed_and_cannot_be_looked_at_again_is_passed_by() -> None:
    watch = Watch({"a": 0, "b": 1, "c": 0})
    await turns(watch, 2)
    watch.surplus["b"] = None
    assert await turns(watch, 3) == "abbca"
