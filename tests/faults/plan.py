"""What happens in a seed's run: how many processes there are, and which nemeses come when. Pure: a seed is its plan."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.nemeses.all import NEMESES

SECONDS = 25.0
SEVERAL = (2, 3, 2)  # doors, indexers and apis, in every other seed
SHARE_OF_PAIRS = 0.3
GAP_SECONDS, HURT_SECONDS = (0.5, 2.5), (2.0, 6.0)


@dataclass(frozen=True)
class Planned:
    """One nemesis for some seconds; `seed` is where its own chances start from."""

    name: str
    seconds: float
    seed: int


@dataclass(frozen=True)
class Step:
    """After a pause, one nemesis, or two at the same time."""

    pause: float
    nemeses: tuple[Planned, ...]


@dataclass(frozen=True)
class Plan:
    """The run of one seed."""

    seed: int
    doors: int
    indexers: int
    apis: int
    steps: tuple[Step, ...]

    @property
    def names(self) -> list[str]:
        """Of all its nemeses, in their order."""
        return [planned.name for step in self.steps for planned in step.nemeses]

    def as_dict(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)


def make(seed: int, seconds: float = SECONDS, only: Sequence[str] = ()) -> Plan:
    """The plan of a seed: about so many seconds of nemeses, or `only` these, one after the other.

    One of them is the seed's turn in the list of all, so that as many seeds as there are nemeses meet every one.
    """
    chance = random.Random(seed)
    several = SEVERAL if seed % 2 else (1, 1, 1)
    if only:
        steps = [_step(chance, (name,)) for name in only]
        return Plan(seed, *several, tuple(steps))
    turn = _in_turn(seed)
    steps = [_step(chance, _together(chance, turn))]
    while sum(map(_length, steps)) < seconds:
        steps.append(_step(chance, _together(chance, chance.choice(tuple(NEMESES)))))
    chance.shuffle(steps)
    return Plan(seed, *several, tuple(steps))


def _in_turn(seed: int) -> str:
    """The same order for all seeds, mixed once: neighbours in the list are alike, and few seeds should differ much."""
    names = list(NEMESES)
    random.Random(len(names)).shuffle(names)
    return names[seed % len(names)]


def _together(chance: random.Random, name: str) -> tuple[str, ...]:
    """The nemesis alone, or with another that touches nothing it touches."""
    if chance.random() >= SHARE_OF_PAIRS:
        return (name,)
    others = [one.name for one in NEMESES.values() if not one.touches & NEMESES[name].touches]
    return (name, chance.choice(others))


def _step(chance: random.Random, names: Sequence[str]) -> Step:
    planned = tuple(Planned(name, round(chance.uniform(*HURT_SECONDS), 1), chance.randrange(2**32)) for name in names)
    return Step(round(chance.uniform(*GAP_SECONDS), 1), planned)


def _length(step: Step) -> float:
    return step.pause + max(planned.seconds for planned in step.nemeses)
