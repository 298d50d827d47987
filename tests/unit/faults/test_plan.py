"""A seed is its plan: the same each time, and sixty of them leave nothing out."""

import pytest

from shared.crash import POINTS
from tests.faults import plan
from tests.faults.nemeses.all import NEMESES


def test_a_seed_repeats_its_plan_and_another_differs() -> None:
    assert plan.make(7) == plan.make(7)
    assert plan.make(7) != plan.make(8)


@pytest.mark.parametrize("first", [0, 1000])
def test_sixty_seeds_meet_every_nemesis_and_every_crash_point(first: int) -> None:
    planned = {name for seed in range(first, first + 60) for name in plan.make(seed).names}
    assert planned == NEMESES.keys()
    assert {f"crash_{point}" for point in POINTS} <= planned


def test_a_short_plan_meets_its_turn_all_the_same() -> None:
    assert {name for seed in range(60) for name in plan.make(seed, seconds=1).names} == NEMESES.keys()


def test_two_at_once_touch_different_things_and_are_a_share_of_the_steps() -> None:
    steps = [step for seed in range(60) for step in plan.make(seed).steps]
    pairs = [step.nemeses for step in steps if len(step.nemeses) == 2]
    assert 0.15 < len(pairs) / len(steps) < 0.45
    for one, other in pairs:
        assert not NEMESES[one.name].touches & NEMESES[other.name].touches


def test_a_plan_is_about_as_long_as_it_was_asked_to_be() -> None:
    for seed in range(60):
        lengths = [step.pause + max(one.seconds for one in step.nemeses) for step in plan.make(seed).steps]
        assert plan.SECONDS <= sum(lengths) < plan.SECONDS + 9


def test_every_other_seed_has_two_doors_and_three_indexers() -> None:
    assert {(made.doors, made.indexers) for made in map(plan.make, range(0, 60, 2))} == {(1, 1)}
    assert {(made.doors, made.indexers) for made in map(plan.make, range(1, 60, 2))} == {(2, 3)}


def test_only_what_was_asked_for_in_that_order() -> None:
    names = ["rabbitmq_alarm", "indexer_killed", "rabbitmq_alarm"]
    assert plan.make(3, only=names).names == names
